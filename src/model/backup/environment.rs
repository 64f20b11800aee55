//! Variables of a container: literals, and those that a ConfigMap of the input holds.

use std::collections::BTreeMap;

use crate::model::input::Object;
use crate::source::{Node, Origin};

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, Variable>);

/// A variable.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    /// Its text; none when a Secret or an unseen ConfigMap holds it.
    pub(crate) text: Option<String>,
    /// `secret`, `config-map`, …; none for literals.
    pub(crate) from: Option<&'static str>,
    /// Where it is written.
    pub(crate) origin: Origin,
}

impl Environment {
    /// The variables of a container.
    pub(crate) fn of(container: &Node, config_maps: &BTreeMap<&str, &Object>) -> Self {
        Self::among(container, config_maps, &|_| true)
    }

    /// Those of its variables whose names are wanted.
    pub(crate) fn among(
        container: &Node,
        config_maps: &BTreeMap<&str, &Object>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Self {
        let mut variables = BTreeMap::new();
        for source in container.items(&["envFrom"]) {
            let prefix = source.text(&["prefix"]).unwrap_or_default();
            let Some(object) = source.text(&["configMapRef", "name"]).and_then(|name| config_maps.get(name)) else {
                continue;
            };
            for (key, value) in object.node.fields(&["data"]) {
                let name = format!("{prefix}{key}");
                if wanted(&name) {
                    let variable =
                        Variable { text: value.scalar_text(), from: Some("config-map"), origin: value.origin.clone() };
                    variables.insert(name, variable);
                }
            }
        }
        for entry in container.items(&["env"]) {
            if let Some(name) = entry.text(&["name"]).filter(|name| wanted(name)) {
                variables.insert(name.to_owned(), variable(entry, config_maps));
            }
        }
        Self(variables)
    }

    /// A variable.
    pub(crate) fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    /// The text of a variable that is not hidden.
    pub(crate) fn text(&self, name: &str) -> Option<(&str, &Origin)> {
        let variable = self.0.get(name)?;
        Some((variable.text.as_deref()?, &variable.origin))
    }

    /// Every variable.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.0.iter().map(|(name, variable)| (name.as_str(), variable))
    }
}

fn variable(entry: &Node, config_maps: &BTreeMap<&str, &Object>) -> Variable {
    if let Some(value) = entry.at(&["value"]) {
        return Variable { text: value.scalar_text(), from: None, origin: value.origin.clone() };
    }
    let reference = |field: &str| entry.at(&["valueFrom", field]);
    if let Some(of_map) = reference("configMapKeyRef") {
        let held = of_map
            .text(&["name"])
            .and_then(|name| config_maps.get(name))
            .and_then(|object| object.node.at(&["data", of_map.text(&["key"])?]));
        return match held {
            Some(value) => {
                Variable { text: value.scalar_text(), from: Some("config-map"), origin: value.origin.clone() }
            }
            None => Variable { text: None, from: Some("config-map"), origin: of_map.origin.clone() },
        };
    }
    if let Some(secret) = reference("secretKeyRef") {
        return Variable { text: None, from: Some("secret"), origin: secret.origin.clone() };
    }
    Variable { text: None, from: Some("field"), origin: entry.origin.clone() }
}
