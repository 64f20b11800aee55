//! How the Secret with the API key gets into the cluster, and whether a new key would reach Qdrant.

use crate::model::build::{Pods, Scope};
use crate::model::facts::server::KeyDelivery;
use crate::model::input::Object;
use crate::model::restarts;
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin};

/// The delivery of a Secret that the peers take a key from.
pub(super) fn of(scope: &Scope<'_>, secret: &str, reference: &Origin) -> Option<Tracked<KeyDelivery>> {
    let pods = scope.pods.as_ref()?;
    let restarts = restarts::on_change(pods, secret);
    let fact =
        |by: &str| KeyDelivery { secret: secret.to_owned(), by: by.to_owned(), restarts, ..KeyDelivery::default() };
    let found = scope.objects.iter().filter(|object| !scope.is_made_by_chart(object)).find_map(|object| {
        Some(match object.kind() {
            "ExternalSecret" if target(object) == secret => external(scope, object, fact("external-secret")),
            "SecretProviderClass" if is_synced(pods, object, secret) => {
                // the driver rotates only when it was installed so; no object shows that
                scope.origins.track(fact("secret-provider-class"), &object.node.origin)
            }
            "SealedSecret" if target(object) == secret => {
                scope.origins.track(fact("sealed-secret"), &object.node.origin)
            }
            "Secret" if object.name() == secret && !object.live => {
                scope.origins.track(fact("manifest"), &object.node.origin)
            }
            _ => return None,
        })
    });
    Some(found.unwrap_or_else(|| scope.origins.track(fact("unseen"), reference)))
}

/// Name of the Secret that an object writes.
fn target(object: &Object) -> &str {
    let own = match object.kind() {
        "ExternalSecret" => object.node.text(&["spec", "target", "name"]),
        _ => object.node.text(&["spec", "template", "metadata", "name"]),
    };
    own.unwrap_or(object.name())
}

fn external(scope: &Scope<'_>, object: &Object, mut fact: KeyDelivery) -> Tracked<KeyDelivery> {
    let interval = object.node.at(&["spec", "refreshInterval"]);
    let policy = object.node.at(&["spec", "refreshPolicy"]);
    let never = policy.and_then(Node::as_str).is_some_and(|policy| matches!(policy, "CreatedOnce" | "OnChange"));
    let text = interval.and_then(Node::scalar_text);
    fact.refreshes = !never && !text.as_deref().is_some_and(is_zero);
    fact.interval = text;
    let sources = object.node.items(&["spec", "dataFrom"]).iter().chain(object.node.items(&["spec", "data"]));
    fact.generates = sources.into_iter().any(|source| source.at(&["sourceRef", "generatorRef"]).is_some());
    let at = if never { policy } else { interval };
    scope.origins.track(fact, &at.unwrap_or(&object.node).origin)
}

/// `0`, `0s`, `0h0m`.
fn is_zero(interval: &str) -> bool {
    let digits: String = interval.chars().filter(char::is_ascii_digit).collect();
    !digits.is_empty() && digits.bytes().all(|digit| digit == b'0')
}

/// The class writes the Secret, and the pods mount the class.
fn is_synced(pods: &Pods, class: &Object, secret: &str) -> bool {
    let writes =
        class.node.items(&["spec", "secretObjects"]).iter().any(|one| one.text(&["secretName"]) == Some(secret));
    let mounted = pods
        .spec
        .items(&["volumes"])
        .iter()
        .any(|volume| volume.text(&["csi", "volumeAttributes", "secretProviderClass"]) == Some(class.name()));
    writes && mounted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_zero_are_told_in_every_unit() {
        for zero in ["0", "0s", "0h", "0h0m0s"] {
            assert!(is_zero(zero), "{zero}");
        }
        for other in ["1h", "10m", "", "30s"] {
            assert!(!is_zero(other), "{other}");
        }
    }
}
