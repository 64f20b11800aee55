//! Known vulnerabilities of the version that runs, and whether what each one needs holds here.

mod table;

use std::collections::BTreeMap;

pub use table::{Condition, Entry};

use super::build::Scope;
use super::facts::Advisory;
use super::facts::server::Server;
use super::live;
use super::server::Effective;
use super::tracked::Tracked;
use crate::source::Origin;

/// The entries whose range holds the version, by id, at the place where the version is written.
pub fn advisories(
    scope: &Scope<'_>,
    server: Option<&Server>,
    effective: &Effective,
) -> BTreeMap<String, Tracked<Advisory>> {
    let (Some(server), Some(version)) = (server, &effective.version) else { return BTreeMap::new() };
    let affected: Vec<&Entry> =
        table::entries(&scope.settings.advisories).filter(|entry| entry.affected.matches(version)).collect();
    let newest = affected.iter().map(|entry| &entry.fixed).max();
    let image = scope.pods.as_ref().and_then(|pods| pods.container.at(&["image"]));
    let said = || server.version.as_ref().and_then(|_| live::version(scope)).map(|(_, origin)| origin);
    let origin = image.map(|image| image.origin.clone()).or_else(said).unwrap_or(Origin::Derived);
    // of a Qdrant that was only asked, nothing but what it answers is known
    let only_asked = scope.pods.is_none() && !scope.api.is_empty();
    let answers_anyone = || scope.api.iter().any(live::Asked::answers_anyone);
    let applies = |entry: &Entry| match entry.condition {
        Some(_) if only_asked => "unknown",
        condition => applies(condition, server, effective),
    };
    let fact = |entry: &Entry| Advisory {
        fixed: entry.fixed.to_string(),
        fixes_all: newest.unwrap_or(&entry.fixed).to_string(),
        severity: entry.severity.clone(),
        effect: entry.effect.clone(),
        applies: applies(entry).to_owned(),
        needs_rare_setting: matches!(
            entry.condition,
            Some(Condition::SnapshotsInS3 | Condition::InternalAuth | Condition::EmptyKey)
        ),
        without_key: entry.condition == Some(Condition::ReadOnlyCaller)
            && if only_asked { answers_anyone() } else { is_open(server) },
        source: entry.source.clone(),
    };
    affected.iter().map(|entry| (entry.id.clone(), scope.origins.track(fact(entry), &origin))).collect()
}

/// `yes`, `no`, or `unknown` where a Secret or an unseen layer decides.
fn applies(condition: Option<Condition>, server: &Server, effective: &Effective) -> &'static str {
    let setting = |holds: Option<bool>| match holds {
        Some(true) => "yes",
        _ if !server.unseen_layers.is_empty() => "unknown",
        _ => "no",
    };
    match condition {
        None => "yes",
        Some(Condition::ReadOnlyCaller) => {
            let has_tokens = effective.bool("service.jwt_rbac") == Some(true);
            let key = from(server.read_only_api_key.as_ref());
            if is_open(server) || has_tokens || !matches!(key, "none" | "empty" | "unknown") {
                "yes"
            } else {
                setting((key != "unknown").then_some(false))
            }
        }
        Some(Condition::SnapshotsInS3) => {
            setting(effective.text("storage.snapshots_config.snapshots_storage").map(|place| place == "s3"))
        }
        Some(Condition::InternalAuth) => setting(effective.bool("service.enforce_internal_auth")),
        Some(Condition::EmptyKey) => {
            let keys = [&server.api_key, &server.alt_api_key, &server.read_only_api_key];
            setting(Some(keys.iter().any(|key| from(key.as_ref()) == "empty")))
        }
    }
}

/// Nobody needs a key.
fn is_open(server: &Server) -> bool {
    [&server.api_key, &server.alt_api_key, &server.read_only_api_key]
        .iter()
        .all(|key| matches!(from(key.as_ref()), "none" | "empty"))
}

fn from(key: Option<&Tracked<super::facts::server::ApiKey>>) -> &str {
    key.map_or("none", |key| key.value.from.as_str())
}
