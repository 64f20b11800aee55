//! Which of the kinds that are read a cluster serves, and in which version: two requests of aggregated discovery, or one
//! a group from servers that do not know it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::{ApiError, Asker};
use super::kinds::{self, Kind};

/// Aggregated discovery where the server has it, else the old lists.
const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                      application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// Whether a kind can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Serving {
    /// In this version.
    Served(String),
    /// Nobody has installed it.
    NotServed,
    /// It is installed and does not answer: why.
    Down(String),
}

/// What a cluster serves of the kinds that are read.
#[derive(Debug, Default)]
pub(super) struct Served(BTreeMap<(&'static str, &'static str), Serving>);

impl Served {
    /// Whether a kind can be asked for.
    pub(super) fn serving(&self, kind: &Kind) -> Serving {
        self.0.get(&(kind.group, kind.resource)).cloned().unwrap_or(Serving::NotServed)
    }
}

/// Asks the cluster once.
pub(super) async fn discover(asker: &Asker) -> Result<Served, ApiError> {
    let mut served = Served::default();
    for path in ["/api", "/apis"] {
        let answer = asker.get_as(path, ACCEPT).await?;
        match answer.get("kind").and_then(Value::as_str) {
            Some("APIGroupDiscoveryList") => aggregated(&answer, &mut served),
            Some("APIVersions") => one_by_one(asker, "", &["v1".to_owned()], &mut served).await?,
            Some("APIGroupList") => {
                for group in items(&answer, "groups") {
                    let name = text(group, "name");
                    if kinds::all().any(|kind| kind.group == name) {
                        let versions = items(group, "versions").iter().map(|one| text(one, "version").to_owned());
                        let versions: Vec<String> = versions.collect();
                        one_by_one(asker, name, &versions, &mut served).await?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(served)
}

/// Versions come in the order of preference; the first that has a resource is taken.
fn aggregated(answer: &Value, served: &mut Served) {
    for group in items(answer, "items") {
        let name = group.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        for version in items(group, "versions") {
            let is_stale = text(version, "freshness") == "Stale";
            for kind in kinds::all().filter(|kind| kind.group == name) {
                let has = items(version, "resources").iter().any(|one| text(one, "resource") == kind.resource);
                let key = (kind.group, kind.resource);
                if is_stale {
                    let why = format!("the API of {name} is installed and does not answer");
                    served.0.entry(key).or_insert(Serving::Down(why));
                } else if has && !matches!(served.0.get(&key), Some(Serving::Served(_))) {
                    served.0.insert(key, Serving::Served(text(version, "version").to_owned()));
                }
            }
        }
    }
}

async fn one_by_one(asker: &Asker, group: &str, versions: &[String], served: &mut Served) -> Result<(), ApiError> {
    for version in versions {
        let path = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let answer = match asker.get(&path).await {
            Ok(answer) => answer,
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                for kind in kinds::all().filter(|kind| kind.group == group) {
                    served.0.entry((kind.group, kind.resource)).or_insert(Serving::Down(error.to_string()));
                }
                continue;
            }
        };
        for kind in kinds::all().filter(|kind| kind.group == group) {
            let key = (kind.group, kind.resource);
            let has = items(&answer, "resources").iter().any(|one| text(one, "name") == kind.resource);
            if has && !matches!(served.0.get(&key), Some(Serving::Served(_))) {
                served.0.insert(key, Serving::Served(version.clone()));
            }
        }
    }
    Ok(())
}

fn items<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_preferred_version_that_has_the_resource_is_taken_and_a_stale_group_is_down() {
        let resource = |name: &str| json!({"resource": name});
        let answer = json!({"items": [
            {"metadata": {"name": "policy"}, "versions": [
                {"version": "v2", "freshness": "Current", "resources": [resource("other")]},
                {"version": "v1", "freshness": "Current", "resources": [resource("poddisruptionbudgets")]},
                {"version": "v1beta1", "freshness": "Current", "resources": [resource("poddisruptionbudgets")]}]},
            {"metadata": {"name": "keda.sh"}, "versions": [{"version": "v1alpha1", "freshness": "Stale", "resources": []}]},
        ]});
        let mut served = Served::default();
        aggregated(&answer, &mut served);
        let of = |group: &str, resource: &str| served.serving(kinds::of_resource(group, resource).unwrap());
        assert_eq!(of("policy", "poddisruptionbudgets"), Serving::Served("v1".to_owned()));
        assert!(matches!(of("keda.sh", "scaledobjects"), Serving::Down(_)));
        assert_eq!(of("cilium.io", "ciliumnetworkpolicies"), Serving::NotServed);
    }
}
