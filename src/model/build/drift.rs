//! What differs between a deployment as it is declared and as it runs, in the facts that rules read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::facts::Difference;
use crate::source::{Path, Segment};

/// Facts that are compared, and everything below them.
const COMPARED: [&[&str]; 14] = [
    &["workload", "replicas"],
    &["workload", "image", "registry"],
    &["workload", "image", "repository"],
    &["workload", "image", "tag"],
    &["workload", "pod_management_policy"],
    &["workload", "termination_grace_seconds"],
    &["workload", "host_network"],
    &["workload", "service_account"],
    &["workload", "token_mounted"],
    &["workload", "resources"],
    &["storage", "data", "size_bytes"],
    &["storage", "data", "access_modes"],
    &["storage", "data", "class", "name"],
    &["qdrant", "config"],
];

/// Lists whose items have a name: the aspect that shows them, and what is compared of each.
const NAMED: [(&str, &[&str]); 3] = [
    ("services", &["type", "ports"]),
    ("budgets", &["min_available", "max_unavailable"]),
    (COLLECTIONS, &["shard_number", "replication_factor", "write_consistency_factor"]),
];

/// What a body leaves out is the server's to choose, so only what it says is compared.
const COLLECTIONS: &str = "collections";

/// Keys whose text is no business of a report.
const SECRET: [&str; 4] = ["api_key", "alt_api_key", "read_only_api_key", "secret_key"];

/// Every difference, in the order of the facts.
pub(super) fn differences(declared: &Value, running: &Value) -> Vec<Difference> {
    let sides = Sides { declared, running };
    let mut found = Vec::new();
    for keys in COMPARED {
        let at = Path::keys(keys.iter().copied());
        sides.compare(At { declared: at.clone(), running: at }, find(declared, keys), find(running, keys), &mut found);
    }
    for (list, fields) in NAMED {
        if sides.both_observe(list) {
            sides.compare_named(list, fields, &mut found);
        }
    }
    found
}

/// Where a fact stands on either side: lists need not have one order.
#[derive(Clone)]
struct At {
    declared: Path,
    running: Path,
}

impl At {
    fn key(&self, key: &str) -> Self {
        Self { declared: self.declared.key(key), running: self.running.key(key) }
    }
}

struct Sides<'a> {
    declared: &'a Value,
    running: &'a Value,
}

impl Sides<'_> {
    fn compare(&self, at: At, declared: Option<&Value>, running: Option<&Value>, found: &mut Vec<Difference>) {
        if declared == running || self.is_hidden(&at) {
            return;
        }
        let empty = Map::new();
        let fields = |side: Option<&Value>| matches!(side, Some(Value::Object(_)));
        if fields(declared) || fields(running) {
            let of = |side: Option<&Value>| side.and_then(Value::as_object).unwrap_or(&empty).clone();
            let (declared, running) = (of(declared), of(running));
            let keys: BTreeSet<&String> = declared.keys().chain(running.keys()).collect();
            for key in keys {
                self.compare(at.key(key), declared.get(key), running.get(key), found);
            }
            return;
        }
        if self.is_default(&at.running) || is_secret(&at.running) {
            return;
        }
        found.push(Difference {
            fact: at.running.to_string(),
            declared: shown(declared),
            running: shown(running),
            at: at.running,
            declared_at: at.declared,
        });
    }

    /// Items are paired by name; what stands on one side only is for the rules about missing objects.
    fn compare_named(&self, list: &str, fields: &[&str], found: &mut Vec<Difference>) {
        let items = |side: &Value| side.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        let declared = items(self.declared);
        for (index, running) in items(self.running).iter().enumerate() {
            let same = |one: &&(usize, &Value)| one.1.get("name").is_some() && one.1.get("name") == running.get("name");
            let own: Vec<(usize, &Value)> = declared.iter().enumerate().filter(|one| same(&one)).collect();
            // of two that ask for one name nothing tells which was the last
            let [(place, own)] = own.as_slice() else { continue };
            let is_said =
                |field: &str| list != COLLECTIONS || own.get("body").is_some_and(|body| body.get(field).is_some());
            let at = At { declared: Path::keys([list]).index(*place), running: Path::keys([list]).index(index) };
            for field in fields.iter().filter(|field| is_said(field)) {
                self.compare(at.key(field), own.get(*field), running.get(*field), found);
            }
        }
    }

    fn both_observe(&self, aspect: &str) -> bool {
        [self.declared, self.running].iter().all(|side| {
            let observed = side.get("observed").and_then(Value::as_array);
            observed.is_some_and(|observed| observed.iter().any(|one| one == aspect))
        })
    }

    /// A value that is filled in later, on either side, differs from nothing.
    fn is_hidden(&self, at: &At) -> bool {
        [(self.declared, &at.declared), (self.running, &at.running)].iter().any(|(side, at)| {
            let unknown = side.get("unknown").and_then(Value::as_array).into_iter().flatten();
            let paths = unknown.filter_map(|one| serde_json::from_value::<Path>(one.get("path")?.clone()).ok());
            paths.into_iter().any(|hidden| at.starts_with(&hidden))
        })
    }

    /// Nobody set the key of the configuration on either side: defaults differ from version to version.
    fn is_default(&self, at: &Path) -> bool {
        let [Segment::Key(first), Segment::Key(second), rest @ ..] = at.0.as_slice() else { return false };
        if (first.as_ref(), second.as_ref()) != ("qdrant", "config") {
            return false;
        }
        let key = Path(rest.to_vec()).to_string();
        [self.declared, self.running].iter().all(|side| {
            let layer = side.get("qdrant").and_then(|server| server.get("layers")?.get(&key)).and_then(Value::as_str);
            layer.is_none_or(|layer| layer == "default")
        })
    }
}

fn find<'v>(facts: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(facts, |value, key| value.get(key))
}

fn is_secret(at: &Path) -> bool {
    matches!(at.0.last(), Some(Segment::Key(key)) if SECRET.contains(&key.as_ref()))
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_someone_set_is_compared_and_defaults_and_hidden_values_are_not() {
        let side = |replicas: u64, tls: bool, tick: u64, layer: &str| {
            json!({"observed": ["services"], "unknown": [], "workload": {"replicas": replicas},
                "services": [{"name": "q", "type": "ClusterIP"}],
                "qdrant": {"config": {"service": {"enable_tls": tls, "api_key": "x"}, "cluster": {"tick": tick}},
                    "layers": {"service.enable_tls": layer, "cluster.tick": "default"}}})
        };
        let (declared, mut running) = (side(3, true, 100, "production.yaml"), side(5, false, 200, "default"));
        running["services"][0]["type"] = "LoadBalancer".into();
        running["qdrant"]["config"]["service"]["api_key"] = "y".into();
        let names = |declared: &Value, running: &Value| {
            let found = differences(declared, running);
            found.into_iter().map(|one| format!("{} {} {}", one.fact, one.declared, one.running)).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&declared, &running),
            [
                "workload.replicas 3 5",
                "qdrant.config.service.enable_tls true false",
                "services[0].type ClusterIP LoadBalancer"
            ]
        );
        running["unknown"] =
            json!([{"path": ["workload", "replicas"], "reason": "x"}, {"path": ["qdrant"], "reason": "x"}]);
        running["observed"] = json!([]);
        assert_eq!(names(&declared, &running), [] as [&str; 0]);
    }

    #[test]
    fn items_are_found_by_name_in_whatever_order_each_side_has_them() {
        let service = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let declared =
            json!({"observed": ["services"], "services": [service("a", "ClusterIP"), service("b", "NodePort")]});
        let running =
            json!({"observed": ["services"], "services": [service("b", "ClusterIP"), service("a", "ClusterIP")]});
        let found = differences(&declared, &running);
        let places: Vec<_> = found.iter().map(|one| (one.declared_at.to_string(), one.at.to_string())).collect();
        assert_eq!(places, [("services[1].type".to_owned(), "services[0].type".to_owned())]);
    }

    #[test]
    fn a_collection_is_compared_in_what_its_body_says() {
        let declared = json!({"observed": ["collections"], "collections": [
            {"name": "docs", "body": {"replication_factor": 3}, "replication_factor": 3, "write_consistency_factor": 1},
        ]});
        let running = json!({"observed": ["collections"], "collections": [
            {"name": "docs", "replication_factor": 2, "write_consistency_factor": 2, "shard_number": 6},
        ]});
        let facts: Vec<String> = differences(&declared, &running).into_iter().map(|one| one.fact).collect();
        assert_eq!(facts, ["collections[0].replication_factor"]);
        let twice = json!({"observed": ["collections"], "collections": [declared["collections"][0], declared["collections"][0]]});
        assert_eq!(differences(&twice, &running), []);
    }
}
