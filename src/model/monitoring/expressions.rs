//! PromQL expressions of the input: rules of the Prometheus operator, rule files, dashboards.

use super::queries;
use crate::model::build::Scope;
use crate::model::input::Object;
use crate::source::{Node, Origin, Schema, TextPlace, parse_embedded};

/// Expressions that are kept; a large dashboard has a few hundred.
const MOST: usize = 4096;

/// One expression.
pub(super) struct Expression {
    /// The text.
    pub(super) text: String,
    /// `PrometheusRule/qdrant`, `ConfigMap/dashboard`.
    pub(super) object: String,
    /// The alert that it belongs to.
    pub(super) alert: Option<String>,
    /// The name that it records under.
    pub(super) records: Option<String>,
    /// Something around it says that it is about Qdrant.
    pub(super) about: bool,
    place: TextPlace,
    /// Where the text begins in the place.
    offset: u32,
}

impl Expression {
    /// Origin of a range of bytes.
    pub(super) fn origin(&self, (start, end): (usize, usize)) -> Origin {
        self.place.origin(self.offset + start as u32, self.offset + end as u32)
    }
}

/// Every expression of the input.
pub(super) fn expressions(scope: &Scope<'_>) -> Vec<Expression> {
    let mut found = Vec::new();
    for object in &scope.objects {
        match object.kind() {
            "PrometheusRule" | "VMRule" => {
                for group in object.node.items(&["spec", "groups"]) {
                    of_group(scope, object, group, &mut found);
                }
            }
            "ConfigMap" => {
                for (_, text) in object.node.fields(&["data"]) {
                    of_file(scope, object, text, &mut found);
                }
            }
            "GrafanaDashboard" => {
                if let Some(text) = object.node.at(&["spec", "json"]) {
                    dashboard(scope, object, text, &mut found);
                }
            }
            _ => {}
        }
    }
    found.truncate(MOST);
    found
}

fn name_of(object: &Object) -> String {
    format!("{}/{}", object.kind(), object.name())
}

fn of_group(scope: &Scope<'_>, object: &Object, group: &Node, found: &mut Vec<Expression>) {
    let around = [object.name(), group.text(&["name"]).unwrap_or_default()];
    for rule in group.items(&["rules"]) {
        let Some(node) = rule.at(&["expr"]) else { continue };
        let Some(text) = node.scalar_text() else { continue };
        if is_about_the_linter(&text) {
            continue;
        }
        let alert = rule.text(&["alert"]).map(str::to_owned);
        let about = around.iter().any(|name| is_word(name))
            || alert.as_deref().is_some_and(is_word)
            || text.contains("qdrant")
            || queries::names(&text).iter().any(|(name, _)| queries::is_of_qdrant(name));
        found.push(Expression {
            object: name_of(object),
            records: rule.text(&["record"]).map(str::to_owned),
            place: TextPlace::of(scope.sources, node),
            offset: 0,
            alert,
            about,
            text,
        });
    }
}

/// The alerts that watch over this tool's webhook are none of Qdrant.
fn is_about_the_linter(query: &str) -> bool {
    query.contains("qdrant_lint_") || query.contains("qdrant-lint")
}

fn is_word(name: &str) -> bool {
    name.to_ascii_lowercase().contains("qdrant")
}

fn of_file(scope: &Scope<'_>, object: &Object, text: &Node, found: &mut Vec<Expression>) {
    let Some(content) = text.as_str() else { return };
    if content.trim_start().starts_with('{') && content.contains("\"panels\"") {
        dashboard(scope, object, text, found);
    } else if content.contains("groups:") && content.contains("expr:") {
        let parsed = parse_embedded(scope.sources, text, Schema::Yaml11, &scope.settings.limits);
        for document in &parsed.documents {
            for group in document.root.items(&["groups"]) {
                of_group(scope, object, group, found);
            }
        }
    }
}

/// `"expr": "…"` of a dashboard. The JSON is not read: its escapes do not occur in names.
fn dashboard(scope: &Scope<'_>, object: &Object, node: &Node, found: &mut Vec<Expression>) {
    let Some(content) = node.as_str() else { return };
    let about = content.to_ascii_lowercase().contains("qdrant");
    for (at, key) in content.match_indices("\"expr\"").take(MOST) {
        let after = at + key.len();
        let Some(open) = content[after..].find('"').filter(|gap| content[after..after + gap].trim() == ":") else {
            continue;
        };
        let start = after + open + 1;
        let mut end = start;
        let bytes = content.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let Some(text) = content.get(start..end) else { continue };
        // an escaped quote becomes a quote of the same width
        let text = text.replace("\\\"", " \"").replace("\\n", "  ");
        found.push(Expression {
            object: name_of(object),
            alert: None,
            records: None,
            about,
            place: TextPlace::of(scope.sources, node),
            offset: start as u32,
            text,
        });
    }
}
