//! API keys: which layer wins, where it gets its text from, and every place that holds one in plain text. The text of a
//! key never becomes a fact.

use super::delivery;
use super::key_text::{KeyText, is_template};
use crate::model::build::{Pods, Scope};
use crate::model::facts::server::{ApiKey, KeyDelivery, PlainTextKey};
use crate::model::input::Object;
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin, Path, base64};

/// The file that the chart makes of `apiKey` and `readOnlyApiKey`.
const LOCAL: &str = "local.yaml";

/// A file of the server's configuration, by what it holds.
pub(super) struct File<'a> {
    /// `production.yaml`, `local.yaml`, …
    pub(super) name: String,
    /// Its content; none when it exists but was not given.
    pub(super) config: Option<&'a Node>,
    /// What holds it: `values`, `config-map`, `secret-manifest`, `secret` (made by the chart), `file`.
    pub(super) place: &'static str,
    /// Object that holds it, `ConfigMap qdrant`.
    pub(super) object: String,
}

/// The three keys and the places with plain text.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) api_key: Option<Tracked<ApiKey>>,
    pub(super) read_only_api_key: Option<Tracked<ApiKey>>,
    pub(super) alt_api_key: Option<Tracked<ApiKey>>,
    pub(super) plain_text: Vec<Tracked<PlainTextKey>>,
    pub(super) delivery: Option<Tracked<KeyDelivery>>,
}

/// What one layer says of a key.
struct Held {
    layer: String,
    key: ApiKey,
    origin: Origin,
    /// Why the text is not known, for `unknown`.
    hidden: Option<String>,
}

/// Reads the keys. `files` are the layers below the environment, the highest first; `reads` says whether this version of
/// the server knows a key.
pub(super) fn keys(scope: &Scope<'_>, files: &[File<'_>], reads: &dyn Fn(&str) -> bool) -> Keys {
    let mut plain_text = Vec::new();
    let mut one = |which: &str| {
        let layers = layers(scope, files, which, &mut plain_text);
        reads(which).then(|| effective(scope, layers, which))
    };
    let (api_key, read_only_api_key, alt_api_key) = (one("api_key"), one("read_only_api_key"), one("alt_api_key"));
    let delivery = api_key.as_ref().and_then(|(key, origin)| {
        let secret = key.value.reference.as_deref()?.split('/').next()?;
        delivery::of(scope, secret, origin)
    });
    let [api_key, read_only_api_key, alt_api_key] =
        [api_key, read_only_api_key, alt_api_key].map(|key| key.map(|(key, _)| key));
    plain_text.extend(secret_manifests(scope));
    // one Secret may hold what several layers read
    let mut seen: Vec<Origin> = Vec::new();
    let plain_text = plain_text
        .into_iter()
        .filter(|(_, origin)| {
            let new = !seen.contains(origin);
            seen.push(origin.clone());
            new
        })
        .map(|(fact, origin)| scope.origins.track(fact, &origin))
        .collect();
    Keys { api_key, read_only_api_key, alt_api_key, plain_text, delivery }
}

/// The highest layer that says something, and whether it hides a key below it.
fn effective(scope: &Scope<'_>, layers: Vec<Held>, which: &str) -> (Tracked<ApiKey>, Origin) {
    let mut layers = layers.into_iter();
    let Some(first) = layers.next() else {
        let origin = absent(scope, which);
        return (scope.origins.track(ApiKey { from: "none".to_owned(), ..ApiKey::default() }, &origin), origin);
    };
    let Held { mut key, origin, hidden, .. } = first;
    let may_be_empty = key.from == "empty" || key.optional;
    key.hides = layers
        .find(|below| may_be_empty && !matches!(below.key.from.as_str(), "empty" | "none"))
        .map(|below| below.layer);
    if let Some(reason) = hidden {
        scope.hide(Path::keys(["qdrant", which]), reason);
    }
    (scope.origins.track(key, &origin), origin)
}

/// Where a key would be set that nobody set.
fn absent(scope: &Scope<'_>, which: &str) -> Origin {
    let of_chart = match which {
        "api_key" => Some("apiKey"),
        "read_only_api_key" => Some("readOnlyApiKey"),
        _ => None,
    };
    // `apiKey: false` is the user's own line; without one the variable is the way to set a key
    let refused = of_chart.zip(scope.release.as_ref()).map(|(key, release)| release.absent(&[key]));
    if let Some(refused) = refused.filter(Origin::is_written) {
        return refused;
    }
    match &scope.pods {
        Some(pods) => scope.absent(&["env"], &pods.container, &["env"]),
        None => scope.absent_config("Qdrant", &["service", which], scope.server_configs.first().map(|file| &file.node)),
    }
}

fn layers(scope: &Scope<'_>, files: &[File<'_>], which: &str, plain: &mut Vec<(PlainTextKey, Origin)>) -> Vec<Held> {
    let mut layers = Vec::new();
    if let Some(pods) = &scope.pods {
        layers.extend(of_environment(scope, pods, which, plain));
    }
    // the chart's own Secret lies between the environment and the ConfigMap, even when nothing is in it
    layers.extend(of_chart(scope, which, plain));
    for file in files {
        if file.place == "secret" && file.name == LOCAL && is_made_by_chart(scope) {
            continue;
        }
        let Some(config) = file.config else {
            let reason = format!("{} ({}) may hold it", file.name, file.object);
            layers.push(unknown(&file.name, reason, &Origin::Derived));
            continue;
        };
        // null says nothing: a lower layer stays
        let Some(node) = config.at(&["service", which]) else { continue };
        if file.place == "secret-manifest" {
            layers.extend(of_secret_file(scope, file, node, which, plain));
            continue;
        }
        let effect = format!("stands in {}", file.object);
        layers.extend(literal(scope, node, &file.name, which, file.place, &effect, plain));
    }
    layers
}

/// The chart makes a Secret with a `local.yaml` of the values.
fn is_made_by_chart(scope: &Scope<'_>) -> bool {
    use crate::model::chart::ApiKey as Form;
    let keys = scope.release.as_ref().map(|release| [&release.rendered.api_key, &release.rendered.read_only_api_key]);
    keys.is_some_and(|keys| keys.iter().any(|key| !matches!(key, Form::None)))
}

/// A configuration file in a Secret of the input.
fn of_secret_file(
    scope: &Scope<'_>,
    file: &File<'_>,
    node: &Node,
    which: &str,
    plain: &mut Vec<(PlainTextKey, Origin)>,
) -> Option<Held> {
    let effect = "stays readable in the file and its history; Base64 hides nothing";
    let mut unread = Vec::new();
    let name = file.object.strip_prefix("Secret ").unwrap_or(&file.object);
    let in_a_repository = scope.object("Secret", name).is_none_or(|object| is_source(scope, object));
    let plain = if in_a_repository { plain } else { &mut unread };
    let mut held = literal(scope, node, &file.name, which, file.place, effect, plain)?;
    if held.key.from == "plain-text" {
        "secret".clone_into(&mut held.key.from);
        held.key.reference = Some(format!("{name}/{}", file.name));
    }
    Some(held)
}

/// Whether an object is a file of a repository: not what Helm rendered, a cluster answered or SOPS encrypted.
fn is_source(scope: &Scope<'_>, object: &Object) -> bool {
    !(scope.is_made_by_chart(object) || object.rendered_by_helm || object.live || object.node.at(&["sops"]).is_some())
}

/// The chart's Secret: made from `apiKey` and `readOnlyApiKey` of the values.
fn of_chart(scope: &Scope<'_>, which: &str, plain: &mut Vec<(PlainTextKey, Origin)>) -> Option<Held> {
    use crate::model::chart::ApiKey as Form;
    let release = scope.release.as_ref()?;
    let form = match which {
        "api_key" => &release.rendered.api_key,
        "read_only_api_key" => &release.rendered.read_only_api_key,
        _ => return None,
    };
    let held = |from: &str, at: &Origin, text: Option<KeyText>, reference: Option<String>| {
        let text = text.unwrap_or_default();
        let key = ApiKey {
            from: from.to_owned(),
            reference,
            length: (text.length > 0).then_some(text.length),
            placeholder: text.placeholder,
            mangled: text.mangled,
            ..ApiKey::default()
        };
        Some(Held { layer: LOCAL.to_owned(), key, origin: at.clone(), hidden: None })
    };
    match form {
        Form::None => None,
        Form::Text { text, at } if is_template(text) => Some(unknown(LOCAL, template_reason(), at)),
        Form::Text { text, at } => {
            let kept = KeyText::unquoted(text);
            plain.push((
                plain_text(which, "values", &kept, "stays readable in the values file and its history"),
                at.clone(),
            ));
            held("plain-text", at, Some(kept), None)
        }
        Form::Generated { at } => held("generated", at, None, None),
        Form::Lookup { at, secret, key } => {
            let from = if release.release.rendered_offline { "lost" } else { "looked-up" };
            held(from, at, None, Some(format!("{secret}/{key}")))
        }
        Form::Lost { at } => held("empty", at, None, None),
    }
}

/// The variable of the Qdrant container; the last of equal names wins, `env` wins over `envFrom`.
fn of_environment(scope: &Scope<'_>, pods: &Pods, which: &str, plain: &mut Vec<(PlainTextKey, Origin)>) -> Vec<Held> {
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

fn literal(
    scope: &Scope<'_>,
    node: &Node,
    layer: &str,
    which: &str,
    place: &str,
    effect: &str,
    plain: &mut Vec<(PlainTextKey, Origin)>,
) -> Option<Held> {
    let text = node.scalar_text()?;
    if is_template(&text) {
        return Some(unknown(layer, template_reason(), &node.origin));
    }
    let mut key = ApiKey { from: "empty".to_owned(), ..ApiKey::default() };
    if !text.is_empty() {
        let kept = KeyText::of_node(node, scope.sources)?;
        plain.push((plain_text(which, place, &kept, effect), node.origin.clone()));
        "plain-text".clone_into(&mut key.from);
        key.length = Some(kept.length);
        key.placeholder = kept.placeholder;
        key.mangled = kept.mangled;
    }
    Some(Held { layer: layer.to_owned(), key, origin: node.origin.clone(), hidden: None })
}

fn secret(reference: &str, optional: bool, origin: &Origin) -> Held {
    let key =
        ApiKey { from: "secret".to_owned(), reference: Some(reference.to_owned()), optional, ..ApiKey::default() };
    Held { layer: "environment".to_owned(), key, origin: origin.clone(), hidden: None }
}

fn unknown(layer: &str, reason: String, origin: &Origin) -> Held {
    let key = ApiKey { from: "unknown".to_owned(), ..ApiKey::default() };
    Held { layer: layer.to_owned(), key, origin: origin.clone(), hidden: Some(reason) }
}

fn template_reason() -> String {
    "a template or a tool puts it in later".to_owned()
}

fn plain_text(which: &str, place: &str, kept: &KeyText, effect: &str) -> PlainTextKey {
    PlainTextKey {
        which: which.to_owned(),
        place: place.to_owned(),
        length: kept.length,
        placeholder: kept.placeholder,
        effect: effect.to_owned(),
    }
}

/// Secrets of the input that hold a key for all who can read the file. What Helm rendered or a cluster answered is no
/// file of a repository; what SOPS or a template holds is no text.
fn secret_manifests(scope: &Scope<'_>) -> Vec<(PlainTextKey, Origin)> {
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
fn secret_text<'n>(object: &'n Object, key: &str) -> Option<(String, &'n Node)> {
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
fn delivered(scope: &Scope<'_>, kind: &str, name: &str) -> Option<Vec<String>> {
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
