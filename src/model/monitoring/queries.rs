//! Metric names in Prometheus rules and dashboards, against the names that the server exports in its version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use semver::Version;
use serde::Deserialize;

use super::{Watched, expressions::Expression};
use crate::model::facts::monitoring::UnknownMetric;
use crate::model::tracked::Tracked;

#[derive(Deserialize)]
struct Table {
    metrics: Vec<Group>,
    instead: BTreeMap<String, String>,
    stems: Vec<String>,
}

#[derive(Deserialize)]
struct Group {
    names: Vec<String>,
    since: Option<String>,
    #[serde(default)]
    histogram: bool,
    /// Other exporters use these names too.
    #[serde(default)]
    shared: bool,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/metrics.json"))
        .expect("the embedded table is valid; a test reads it")
});

/// Prefix that people expect the names to have.
const EXPECTED_PREFIX: &str = "qdrant_";
/// Different names that are looked at; real rules and dashboards have a few hundred.
const MOST: usize = 20_000;
/// How alike two names must be to be taken for one another.
const ALIKE: f64 = 0.75;

/// Names that the server does not export.
pub(super) fn unknown_metrics(watched: &Watched<'_>, expressions: &[Expression]) -> Vec<Tracked<UnknownMetric>> {
    let prefix = watched.effective.text("service.metrics_prefix").unwrap_or_default().to_owned();
    let recorded: BTreeSet<&str> = expressions.iter().filter_map(|one| one.records.as_deref()).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for expression in expressions {
        for (name, range) in names(&expression.text) {
            if seen.len() >= MOST {
                return found;
            }
            if recorded.contains(name) || !seen.insert((expression.object.as_str(), name)) {
                continue;
            }
            let Some((reason, instead)) = judge(name, &prefix, watched.effective.version.as_ref(), expression.about)
            else {
                continue;
            };
            let fact = UnknownMetric {
                name: name.to_owned(),
                object: expression.object.clone(),
                instead,
                reason: reason.to_owned(),
                since: since(name.strip_prefix(EXPECTED_PREFIX).unwrap_or(name)).map(str::to_owned),
            };
            found.push(watched.scope.origins.track(fact, &expression.origin(range)));
        }
    }
    found
}

/// Why a name is none of the server's, and the right one; `None` when it is, or is no business of Qdrant's.
fn judge(name: &str, prefix: &str, version: Option<&Version>, about: bool) -> Option<(&'static str, Option<String>)> {
    let prefixed = |name: &str| format!("{prefix}{name}");
    let with_prefix = name.strip_prefix(EXPECTED_PREFIX);
    let own = if prefix.is_empty() { Some(name) } else { name.strip_prefix(prefix) };
    let base = own.or(with_prefix).unwrap_or(name);
    let looks = with_prefix.is_some() || (about && TABLE.stems.iter().any(|stem| base.starts_with(stem.as_str())));
    match (known(base, version), known(with_prefix.unwrap_or(base), version)) {
        (Known::Yes, _) if own.is_some() => None,
        // a name without the configured prefix may be that of another server
        (Known::Yes, _) => about.then(|| ("no-prefix", Some(prefixed(base)))),
        (Known::Newer, _) if about || with_prefix.is_some() => Some(("newer", None)),
        (_, Known::Yes) if with_prefix.is_some() => Some(("prefix", Some(prefixed(with_prefix?)))),
        (_, Known::Newer) if with_prefix.is_some() => Some(("newer", None)),
        (Known::Histogram, _) | (_, Known::Histogram) if about || with_prefix.is_some() => {
            Some(("histogram", Some(prefixed(&format!("{}_bucket", with_prefix.unwrap_or(base))))))
        }
        _ if looks => Some(("unknown", nearest(with_prefix.unwrap_or(base), version).map(|name| prefixed(&name)))),
        _ => None,
    }
}

#[derive(PartialEq, Eq)]
enum Known {
    Yes,
    Newer,
    /// A histogram without `_bucket`, `_sum` or `_count`: no such series.
    Histogram,
    No,
}

fn known(name: &str, version: Option<&Version>) -> Known {
    for group in &TABLE.metrics {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
        let is_series = if group.histogram {
            base.is_some_and(|base| group.names.iter().any(|own| own == base))
        } else {
            group.names.iter().any(|own| own == name)
        };
        let since = group.since.as_deref().and_then(|since| Version::parse(since).ok());
        let newer = since.as_ref().zip(version).is_some_and(|(since, own)| own < since);
        if is_series {
            return if newer && !group.shared { Known::Newer } else { Known::Yes };
        }
        if group.histogram && group.names.iter().any(|own| own == name) {
            return Known::Histogram;
        }
    }
    Known::No
}

fn since(name: &str) -> Option<&'static str> {
    TABLE.metrics.iter().find(|group| group.names.iter().any(|own| own == name))?.since.as_deref()
}

fn nearest(name: &str, version: Option<&Version>) -> Option<String> {
    let is_there = |name: &str| matches!(known(name, version), Known::Yes | Known::Histogram);
    if let Some(instead) = TABLE.instead.get(name).filter(|name| is_there(name)) {
        return Some(instead.clone());
    }
    TABLE
        .metrics
        .iter()
        .flat_map(|group| &group.names)
        .filter(|known| is_there(known))
        .map(|known| (strsim::normalized_levenshtein(known, name), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, known)| known.clone())
}

/// Whether a name is one that only Qdrant exports, with or without the prefix people expect.
pub(super) fn is_of_qdrant(name: &str) -> bool {
    if name.starts_with(EXPECTED_PREFIX) {
        return true;
    }
    let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    TABLE
        .metrics
        .iter()
        .filter(|group| !group.shared)
        .flat_map(|group| &group.names)
        .any(|own| own == base && !own.starts_with("memory_") && own != "app_info")
}

/// Metric names of a PromQL expression with their bytes: identifiers that are no function, label, keyword or text.
pub(super) fn names(text: &str) -> Vec<(&str, (usize, usize))> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut braces, mut labels) = (0, 0_usize, false);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' => braces += 1,
            b'}' => braces = braces.saturating_sub(1),
            b')' => labels = false,
            b'[' => {
                while at < bytes.len() && bytes[at] != b']' {
                    at += 1;
                }
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' => {
                let start = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b':')) {
                    at += 1;
                }
                let name = &text[start..at];
                let next = text[at..].trim_start();
                if matches!(name, "by" | "without" | "on" | "ignoring" | "group_left" | "group_right") {
                    labels = next.starts_with('(');
                } else if braces == 0 && !labels && !is_syntax(name, next) {
                    found.push((name, (start, at)));
                }
                continue;
            }
            byte if byte.is_ascii_digit() => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.') {
                    at += 1;
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Operators, modifiers, aggregations and functions.
fn is_syntax(name: &str, next: &str) -> bool {
    matches!(name, "and" | "or" | "unless" | "bool" | "offset" | "atan2")
        || name.starts_with("__")
        || next.starts_with('(')
        || ["by", "without"]
            .iter()
            .any(|word| next.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('(')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_functions_labels_and_texts() {
        let text = r#"sum by (le, qdrant_x) (rate(rest_responses_duration_seconds_bucket{job="qdrant_y", le!~"a"}[5m])) > 0.5 and on(pod) up == 1"#;
        let found: Vec<&str> = names(text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, ["rest_responses_duration_seconds_bucket", "up"]);
    }

    #[test]
    fn a_name_is_judged_by_prefix_and_version() {
        let old = Version::new(1, 12, 4);
        let new = Version::new(1, 19, 0);
        let of = |name, prefix, version| judge(name, prefix, Some(version), true);
        let instead = |name: &str| Some(name.to_owned());
        assert_eq!(of("collections_total", "", &old), None);
        assert_eq!(of("qdrant_collections_total", "", &old), Some(("prefix", instead("collections_total"))));
        assert_eq!(of("qdrant_collections_total", "qdrant_", &new), None);
        assert_eq!(of("collections_total", "qdrant_", &new), Some(("no-prefix", instead("qdrant_collections_total"))));
        assert_eq!(of("collection_dead_replicas", "", &old), Some(("newer", None)));
        assert_eq!(of("qdrant_collection_segments_total", "", &new).map(|found| found.0), Some("unknown"));
        assert_eq!(of("qdrant_cluster_peers", "", &old), Some(("unknown", instead("cluster_peers_total"))));
        assert_eq!(
            of("qdrant_rest_responses_duration_seconds", "", &new),
            Some(("histogram", instead("rest_responses_duration_seconds_bucket")))
        );
        assert_eq!(of("rest_responses_duration_seconds_bucket", "", &old), None);
        assert_eq!(of("container_memory_working_set_bytes", "", &old), None);
    }
}
