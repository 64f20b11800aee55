//! The environment of the Qdrant container: literals, references into ConfigMaps and Secrets, `$(NAME)`.

use std::collections::HashMap;

use crate::model::build::Scope;
use crate::source::{Node, Origin};

/// Variables inside variables grow no longer than this.
const MOST_TEXT: usize = 64 * 1024;
/// All texts that stand in place of `$(NAME)` together, in bytes: each of many variables may repeat a long one.
const MOST_EXPANDED: usize = 4 << 20;
/// Names that stand in `$(NAME)`, in bytes; longer ones are not looked for.
const LONGEST_NAME: usize = 256;
/// What the names of the variables that set keys begin with.
const PREFIX: &str = "QDRANT__";

/// A variable.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    /// Name as written.
    pub(super) name: String,
    /// Its text, or why that cannot be known.
    pub(super) text: Result<String, String>,
    /// Where the name stands.
    pub(super) named: Origin,
    /// Where the text stands.
    pub(super) origin: Origin,
}

/// The environment.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    /// In the order in which later names win.
    variables: Vec<Variable>,
    /// The last of each name, as far as `$(NAME)` has asked.
    last: HashMap<String, usize>,
    /// So many variables are in `last`.
    indexed: usize,
    /// Bytes that stand in place of `$(NAME)`.
    expanded: usize,
    /// Those that count, by name.
    counting: Vec<usize>,
    /// What `envFrom` reads that was not given, in words.
    pub(super) unseen: Vec<String>,
}

impl Environment {
    /// The environment of the Qdrant container.
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        let mut found = Self::default();
        let Some(pods) = &scope.pods else { return found };
        for source in pods.container.items(&["envFrom"]) {
            found.add_source(scope, source);
        }
        for entry in pods.container.items(&["env"]) {
            let Some(name) = entry.get("name").filter(|name| name.as_str().is_some()) else { continue };
            let (text, origin) = found.text_of(scope, entry);
            let variable = Variable {
                name: name.as_str().unwrap_or_default().to_owned(),
                text,
                named: name.origin.clone(),
                origin,
            };
            found.variables.push(variable);
        }
        found.count();
        found
    }

    /// The last variable of each name is the one that counts.
    fn count(&mut self) {
        let variables = &self.variables;
        self.counting = (0..variables.len()).collect();
        self.counting.sort_by(|left, right| (&variables[*left].name, right).cmp(&(&variables[*right].name, left)));
        self.counting.dedup_by(|left, right| variables[*left].name == variables[*right].name);
    }

    fn add_source(&mut self, scope: &Scope<'_>, source: &Node) {
        let prefix = source.text(&["prefix"]).unwrap_or_default();
        let (kind, reference) = match (source.at(&["configMapRef"]), source.at(&["secretRef"])) {
            (Some(reference), _) => ("ConfigMap", reference),
            (None, Some(reference)) => ("Secret", reference),
            (None, None) => return,
        };
        let name = reference.text(&["name"]).unwrap_or_default();
        let Some(object) = scope.object(kind, name) else {
            self.unseen.push(format!("{kind} {name} (envFrom)"));
            return;
        };
        for field in ["data", "stringData"] {
            for (key, value) in object.node.fields(&[field]) {
                let text = match (kind, field) {
                    ("Secret", _) => Err(format!("Secret {name} holds it")),
                    _ => value.scalar_text().ok_or_else(|| format!("ConfigMap {name} holds no text for it")),
                };
                self.variables.push(Variable {
                    name: format!("{prefix}{key}"),
                    text,
                    named: value.origin.clone(),
                    origin: value.origin.clone(),
                });
            }
        }
    }

    fn text_of(&mut self, scope: &Scope<'_>, entry: &Node) -> (Result<String, String>, Origin) {
        if let Some(value) = entry.get("value").filter(|_| entry.at(&["valueFrom"]).is_none()) {
            let text = value.scalar_text().unwrap_or_default();
            return (self.expanded(&text), value.origin.clone());
        }
        let Some(from) = entry.at(&["valueFrom"]) else { return (Ok(String::new()), entry.origin.clone()) };
        if let Some(reference) = from.at(&["configMapKeyRef"]) {
            let name = reference.text(&["name"]).unwrap_or_default();
            let held = scope
                .object("ConfigMap", name)
                .and_then(|object| object.node.at(&["data"])?.get(reference.text(&["key"])?));
            return match held {
                Some(value) => (Ok(value.scalar_text().unwrap_or_default()), value.origin.clone()),
                None => (Err(format!("ConfigMap {name} holds it and was not given")), from.origin.clone()),
            };
        }
        let reason = match from.text(&["secretKeyRef", "name"]) {
            Some(name) => format!("Secret {name} holds it"),
            None => "it is taken from a field of the pod".to_owned(),
        };
        (Err(reason), from.origin.clone())
    }

    /// Kubernetes puts variables that were defined before in place of `$(NAME)`, and leaves others as they are.
    fn expanded(&mut self, text: &str) -> Result<String, String> {
        if !text.contains('$') {
            return Ok(text.to_owned());
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(after) = rest.strip_prefix("$$") {
                out.push('$');
                rest = after;
                continue;
            }
            if let Some((index, after)) = named(rest).and_then(|(name, after)| Some((self.find(name)?, after))) {
                let text = self.variables[index].text.as_ref().map_err(Clone::clone)?;
                self.expanded += text.len();
                if out.len() + text.len() > MOST_TEXT || self.expanded > MOST_EXPANDED {
                    return Err("it is longer than any setting".to_owned());
                }
                out.push_str(text);
                rest = after;
            } else {
                out.push('$');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The last variable so far of a name.
    fn find(&mut self, name: &str) -> Option<usize> {
        for index in self.indexed..self.variables.len() {
            self.last.insert(self.variables[index].name.clone(), index);
        }
        self.indexed = self.variables.len();
        self.last.get(name).copied()
    }

    /// A variable by its exact name.
    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        let at = self.counting.binary_search_by(|index| self.variables[*index].name.as_str().cmp(name)).ok()?;
        Some(&self.variables[self.counting[at]])
    }

    /// Every variable that counts, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Variable> {
        self.counting.iter().map(|index| &self.variables[*index])
    }
}

/// The name in `$(NAME)` at the start of a text, and what follows.
fn named(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("$(")?;
    let end = inner.bytes().take(LONGEST_NAME + 1).position(|byte| byte == b')')?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// The dotted key that a variable sets: `QDRANT__SERVICE__API_KEY` → `service.api_key`. Case does not matter.
pub(super) fn key_of(name: &str) -> Option<String> {
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    prefix.eq_ignore_ascii_case(PREFIX).then(|| rest.to_lowercase().replace("__", "."))
}

/// The variable that sets a dotted key.
pub(super) fn name_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, Result<&str, &str>)]) -> Environment {
        let variables = pairs
            .iter()
            .map(|(name, text)| Variable {
                name: (*name).to_owned(),
                text: text.map(str::to_owned).map_err(str::to_owned),
                named: Origin::Derived,
                origin: Origin::Derived,
            })
            .collect();
        let mut environment = Environment { variables, ..Environment::default() };
        environment.count();
        environment
    }

    #[test]
    fn names_and_keys_map_onto_each_other() {
        assert_eq!(key_of("QDRANT__SERVICE__API_KEY").as_deref(), Some("service.api_key"));
        assert_eq!(key_of("qdrant__telemetry_disabled").as_deref(), Some("telemetry_disabled"));
        assert_eq!(key_of("QDRANT_SERVICE_API_KEY"), None);
        assert_eq!(name_of("cluster.p2p.port"), "QDRANT__CLUSTER__P2P__PORT");
    }

    #[test]
    fn variables_stand_in_for_others_only_when_they_are_known() {
        let mut known = environment(&[("A", Ok("x")), ("S", Err("Secret s holds it"))]);
        assert_eq!(known.expanded("$(A)-$(B)-$$(A)-$"), Ok("x-$(B)-$(A)-$".to_owned()));
        assert_eq!(known.expanded("$(S)"), Err("Secret s holds it".to_owned()));
    }

    #[test]
    fn hostile_texts_grow_neither_in_time_nor_in_size() {
        let long = "x".repeat(MOST_TEXT - 1);
        let mut known = environment(&[("A", Ok(long.as_str()))]);
        let opened = "$(".repeat(64 << 10);
        assert_eq!(known.expanded(&opened), Ok(opened.clone()), "no name is ever closed");
        let closed_late = format!("{opened})");
        assert_eq!(known.expanded(&closed_late), Ok(closed_late.clone()));
        let grown = (0..20_000).filter(|_| known.expanded("$(A)").is_ok()).count();
        assert!(grown <= MOST_EXPANDED / long.len(), "{grown}");
    }

    #[test]
    fn the_last_of_equal_names_wins() {
        let known = environment(&[("A", Ok("x")), ("A", Ok("y"))]);
        assert_eq!(known.iter().count(), 1);
        assert_eq!(known.get("A").map(|variable| variable.text.clone()), Some(Ok("y".to_owned())));
    }
}
