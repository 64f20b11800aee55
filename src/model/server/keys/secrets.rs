//! Secrets of the input: what they hold in plain text, which of their keys the server reads, and who writes them.

use super::super::key_text::{KeyText, is_template};
use super::plain_text;
use crate::model::build::{Pods, Scope};
use crate::model::facts::server::PlainTextKey;
use crate::model::input::Object;
use crate::source::{Node, Origin, base64};

/// Secrets of the input that hold a key for all who can read the file. What Helm rendered or a cluster answered is no
/// file of a repository; what SOPS or a template holds is no text.
pub(super) fn secret_manifests(scope: &Scope<'_>) -> Vec<(PlainTextKey, Origin)> {
    let referenced = scope.pods.as_ref().map(key_references).unwrap_or_default();
    let mut found = Vec::new();
    for object in scope.of_kind("Secret") {
        if !is_source(scope, object) {
            continue;
        }
        let about = object.name().to_ascii_lowercase().contains("qdrant");
        for field in ["stringData", "data"] {
            for (key, value) in object.node.fields(&[field]) {
                let read_by =
                    referenced.iter().find(|(name, wanted, _)| name == object.name() && wanted == key.as_ref());
                let Some(which) =
                    read_by.map(|(_, _, which)| *which).or_else(|| about.then(|| key_named(key)).flatten())
                else {
                    continue;
                };
                let Some((text, _)) =
                    secret_text(object, key).filter(|(text, _)| !text.is_empty() && !is_template(text))
                else {
                    continue;
                };
                let effect = "stays readable in the file and its history; Base64 hides nothing";
                found.push((plain_text(which, "secret-manifest", &KeyText::of(&text), effect), value.origin.clone()));
            }
        }
    }
    found
}

/// Secret, key in it, and which of Qdrant's keys the pods read from there.
fn key_references(pods: &Pods) -> Vec<(String, String, &'static str)> {
    pods.container
        .items(&["env"])
        .iter()
        .filter_map(|variable| {
            let which = key_named(variable.text(&["name"])?)?;
            let reference = variable.at(&["valueFrom", "secretKeyRef"])?;
            Some((reference.text(&["name"])?.to_owned(), reference.text(&["key"])?.to_owned(), which))
        })
        .collect()
}

/// Which key a name is for: `QDRANT__SERVICE__API_KEY`, `api-key`, `readOnlyApiKey`.
fn key_named(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let own = plain.trim_start_matches("qdrant").trim_start_matches("service");
    match own {
        "apikey" | "adminapikey" | "key" => Some("api_key"),
        "readonlyapikey" | "readonlykey" | "roapikey" => Some("read_only_api_key"),
        "altapikey" => Some("alt_api_key"),
        _ => None,
    }
}

/// The text of a key of a Secret, decoded; `stringData` wins over `data`.
pub(super) fn secret_text<'n>(object: &'n Object, key: &str) -> Option<(String, &'n Node)> {
    if let Some(node) = object.node.at(&["stringData"]).and_then(|data| data.get(key)) {
        return Some((node.scalar_text().unwrap_or_default(), node));
    }
    let node = object.node.at(&["data"])?.get(key)?;
    let text = node.scalar_text().unwrap_or_default();
    if is_template(&text) {
        return Some((text, node));
    }
    let bytes = base64::decode(&text)?;
    Some((String::from_utf8_lossy(&bytes).into_owned(), node))
}

/// Keys of a Secret that an ExternalSecret or a SealedSecret of this name writes.
pub(super) fn delivered(scope: &Scope<'_>, kind: &str, name: &str) -> Option<Vec<String>> {
    if kind != "Secret" {
        return None;
    }
    scope.objects.iter().find_map(|object| {
        let spec = object.node.at(&["spec"])?;
        let (target, lists) = match object.kind() {
            "ExternalSecret" => (
                spec.text(&["target", "name"]).unwrap_or(object.name()),
                (spec.items(&["data"]), spec.at(&["target", "template", "data"])),
            ),
            "SealedSecret" => (
                spec.text(&["template", "metadata", "name"]).unwrap_or(object.name()),
                (Default::default(), spec.at(&["encryptedData"])),
            ),
            _ => return None,
        };
        let (data, map) = lists;
        (target == name).then(|| {
            let listed = data.iter().filter_map(|one| one.text(&["secretKey"]).map(str::to_owned));
            let mapped = map.and_then(Node::as_mapping).into_iter().flatten().map(|(key, _)| key.to_string());
            listed.chain(mapped).collect()
        })
    })
}

/// Whether an object is a file of a repository: not what Helm rendered, a cluster answered or SOPS encrypted.
pub(super) fn is_source(scope: &Scope<'_>, object: &Object) -> bool {
    !(scope.is_made_by_chart(object) || object.rendered_by_helm || object.live || object.node.at(&["sops"]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_key_is_meant() {
        for (name, which) in [
            ("QDRANT__SERVICE__API_KEY", Some("api_key")),
            ("api-key", Some("api_key")),
            ("QDRANT_API_KEY", Some("api_key")),
            ("readOnlyApiKey", Some("read_only_api_key")),
            ("QDRANT__SERVICE__READ_ONLY_API_KEY", Some("read_only_api_key")),
            ("alt_api_key", Some("alt_api_key")),
            ("OPENAI_API_KEY", None),
            ("password", None),
        ] {
            assert_eq!(key_named(name), which, "{name}");
        }
    }
}
