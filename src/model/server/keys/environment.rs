//! Keys that the environment of the Qdrant container brings: literal, from a Secret or ConfigMap, or all of one.

use super::super::key_text::{KeyText, is_template};
use super::secrets::{delivered, secret_text};
use super::{Held, literal, unknown};
use crate::model::build::{Pods, Scope};
use crate::model::facts::server::{ApiKey, PlainTextKey};
use crate::source::{Node, Origin};

/// The variable of the Qdrant container; the last of equal names wins, `env` wins over `envFrom`.
pub(super) fn of_environment(
    scope: &Scope<'_>,
    pods: &Pods,
    which: &str,
    plain: &mut Vec<(PlainTextKey, Origin)>,
) -> Vec<Held> {
    let wanted = format!("QDRANT__SERVICE__{}", which.to_ascii_uppercase());
    let is_it = |name: &str| name.eq_ignore_ascii_case(&wanted);
    let variable = pods.container.items(&["env"]).iter().rfind(|variable| variable.text(&["name"]).is_some_and(is_it));
    if let Some(variable) = variable {
        return of_variable(scope, pods, variable, which, plain).into_iter().collect();
    }
    let mut found = Vec::new();
    for source in pods.container.items(&["envFrom"]).iter().rev() {
        let prefix = source.text(&["prefix"]).unwrap_or_default();
        let (kind, reference) = match (source.at(&["secretRef"]), source.at(&["configMapRef"])) {
            (Some(reference), _) => ("Secret", reference),
            (_, Some(reference)) => ("ConfigMap", reference),
            _ => continue,
        };
        let name = reference.text(&["name"]).unwrap_or_default();
        let (optional, origin) = optional_of(reference);
        let Some(object) = scope.object(kind, name) else {
            if let Some(key) =
                delivered(scope, kind, name).into_iter().flatten().find(|key| is_it(&format!("{prefix}{key}")))
            {
                found.push(secret(&format!("{name}/{key}"), optional, origin));
                break;
            }
            // it may hold the key; whatever stands below is then uncertain
            found.push(unknown(
                "environment",
                format!("{kind} {name}, which `envFrom` reads, was not given"),
                &reference.origin,
            ));
            continue;
        };
        let key = ["data", "stringData"]
            .iter()
            .filter_map(|field| object.node.at(&[field])?.as_mapping())
            .flatten()
            .map(|(key, _)| key.to_string())
            .find(|key| is_it(&format!("{prefix}{key}")));
        if let Some(key) = key {
            found.extend(referenced(scope, kind, name, &key, optional, origin, which, plain));
            break;
        }
    }
    found
}

fn of_variable(
    scope: &Scope<'_>,
    pods: &Pods,
    variable: &Node,
    which: &str,
    plain: &mut Vec<(PlainTextKey, Origin)>,
) -> Option<Held> {
    if let Some(from) = variable.at(&["valueFrom"]) {
        for (field, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
            let Some(reference) = from.at(&[field]) else { continue };
            let (name, key) =
                (reference.text(&["name"]).unwrap_or_default(), reference.text(&["key"]).unwrap_or_default());
            let (optional, origin) = optional_of(reference);
            return referenced(scope, kind, name, key, optional, origin, which, plain);
        }
        return Some(unknown("environment", "it is taken from a field of the pod".to_owned(), &from.origin));
    }
    let value = variable.get("value").unwrap_or(variable);
    let text = value.scalar_text().unwrap_or_default();
    if let Some(name) = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
        let other = pods.container.items(&["env"]).iter().rfind(|other| other.text(&["name"]) == Some(name));
        // one step only: a longer chain is as good as unknown
        let from_secret = other.and_then(|other| other.at(&["valueFrom", "secretKeyRef"]));
        if let Some(reference) = from_secret {
            let named = |field: &str| reference.text(&[field]).unwrap_or_default().to_owned();
            return Some(secret(&format!("{}/{}", named("name"), named("key")), false, &value.origin));
        }
    }
    if text.is_empty() {
        let key = ApiKey { from: "empty".to_owned(), ..ApiKey::default() };
        return Some(Held { layer: "environment".to_owned(), key, origin: value.origin.clone(), hidden: None });
    }
    literal(scope, value, "environment", which, "env", "stands in the pod's own specification", plain)
}

/// Whether the pod starts without what a reference names, and the place that says so.
fn optional_of(reference: &Node) -> (bool, &Origin) {
    match reference.at(&["optional"]) {
        Some(node) if node.as_bool() == Some(true) => (true, &node.origin),
        _ => (false, &reference.origin),
    }
}

/// A key in a Secret or a ConfigMap, resolved where the input holds it.
#[expect(clippy::too_many_arguments, reason = "one reference with everything that decides about it")]
fn referenced(
    scope: &Scope<'_>,
    kind: &str,
    name: &str,
    key: &str,
    optional: bool,
    origin: &Origin,
    which: &str,
    plain: &mut Vec<(PlainTextKey, Origin)>,
) -> Option<Held> {
    let object = scope.object(kind, name);
    if kind == "ConfigMap" {
        return match object.map(|object| object.node.at(&["data", key])) {
            Some(Some(node)) => {
                literal(scope, node, "environment", which, "config-map", &format!("stands in ConfigMap {name}"), plain)
            }
            Some(None) if optional => None,
            _ => Some(unknown("environment", format!("ConfigMap {name} was not given"), origin)),
        };
    }
    let mut held = secret(&format!("{name}/{key}"), optional, origin);
    if let Some(text) = object.and_then(|object| secret_text(object, key)).map(|(text, _)| text)
        && !is_template(&text)
    {
        let kept = KeyText::of(&text);
        if text.is_empty() {
            "empty".clone_into(&mut held.key.from);
        } else {
            held.key.length = Some(kept.length);
            held.key.placeholder = kept.placeholder;
            held.key.mangled = kept.mangled;
        }
    }
    Some(held)
}

fn secret(reference: &str, optional: bool, origin: &Origin) -> Held {
    let key =
        ApiKey { from: "secret".to_owned(), reference: Some(reference.to_owned()), optional, ..ApiKey::default() };
    Held { layer: "environment".to_owned(), key, origin: origin.clone(), hidden: None }
}
