//! Templates inside values (`tpl`). The few that everybody copies from the chart's comments are evaluated; a value with
//! any other one keeps its text and counts as unknown.

use std::sync::Arc;

use super::context::{Context, Value};
use crate::source::{Data, Node, Path};

impl Context<'_> {
    /// The value as YAML, with its templates evaluated.
    pub(super) fn evaluated(&self, value: &Value<'_>) -> Node {
        self.evaluated_node(&value.yaml(), &value.path)
    }

    fn evaluated_node(&self, node: &Node, path: &Path) -> Node {
        let data = match &node.data {
            Data::String(text) if text.contains("{{") => Data::String(self.evaluated_text(text, node, path)),
            Data::Sequence(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| self.evaluated_node(item, &path.index(index)));
                Data::Sequence(Arc::new(items.collect()))
            }
            Data::Mapping(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(key, value)| (Arc::clone(key), self.evaluated_node(value, &path.key(key))));
                Data::Mapping(Arc::new(fields.collect()))
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => return node.clone(),
        };
        Node { data, origin: node.origin.clone(), style: node.style }
    }

    fn evaluated_text(&self, text: &Arc<str>, node: &Node, path: &Path) -> Arc<str> {
        let mut out = String::new();
        let mut rest = &**text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((action, behind)) = after.split_once("}}") else {
                self.refuse(format!("the template in {text:?} has no end"), &node.origin, path);
                return Arc::clone(text);
            };
            let (trims_before, action) = action.strip_prefix("- ").map_or((false, action), |action| (true, action));
            let (trims_behind, action) = action.strip_suffix(" -").map_or((false, action), |action| (true, action));
            let Some(value) = self.action(action.trim()) else {
                self.keep_templated(&node.origin, path, text);
                return Arc::clone(text);
            };
            out.push_str(if trims_before { before.trim_end() } else { before });
            out.push_str(&value);
            rest = if trims_behind { behind.trim_start() } else { behind };
        }
        out.push_str(rest);
        out.into()
    }

    fn action(&self, action: &str) -> Option<String> {
        let words: Vec<_> = action.split_whitespace().collect();
        let field = |word: &str| word.strip_prefix('$').unwrap_or(word).to_owned();
        Some(match words[..] {
            ["include" | "template", "\"qdrant.name\"", "." | "$"] => self.short_name().0,
            ["include" | "template", "\"qdrant.fullname\"", "." | "$"] => self.full_name().0,
            [word] => match &*field(word) {
                ".Release.Name" => self.release.name.to_string(),
                ".Release.Namespace" => self.release.namespace.as_ref()?.to_string(),
                ".Release.Service" => self.release.service.to_string(),
                ".Chart.Name" => self.release.chart_name.to_string(),
                ".Chart.Version" => self.chart.version.to_string(),
                ".Chart.AppVersion" => self.chart.app_version.to_string(),
                value => {
                    let path = value.strip_prefix(".Values.")?;
                    // Helm finds nothing below a key that is not there: another tool is to fill it in
                    if path.rsplit_once('.').is_some_and(|(above, _)| self.value(above).node.is_none()) {
                        return None;
                    }
                    let value = self.value(path);
                    value.node.is_none_or(|node| node.scalar_text().is_some()).then(|| value.text())?
                }
            },
            _ => return None,
        })
    }
}
