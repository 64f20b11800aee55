//! API keys: which layer wins, where it gets its text from, and every place that holds one in plain text. The text of a
//! key never becomes a fact.

mod environment;
mod secrets;

use super::delivery;
use super::key_text::{KeyText, is_template};
use crate::model::build::Scope;
use crate::model::facts::server::{ApiKey, KeyDelivery, PlainTextKey};
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin, Path};

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
    plain_text.extend(secrets::secret_manifests(scope));
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
        layers.extend(environment::of_environment(scope, pods, which, plain));
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
    let in_a_repository = scope.object("Secret", name).is_none_or(|object| secrets::is_source(scope, object));
    let plain = if in_a_repository { plain } else { &mut unread };
    let mut held = literal(scope, node, &file.name, which, file.place, effect, plain)?;
    if held.key.from == "plain-text" {
        "secret".clone_into(&mut held.key.from);
        held.key.reference = Some(format!("{name}/{}", file.name));
    }
    Some(held)
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
        guessable: kept.guessable,
        effect: effect.to_owned(),
    }
}
