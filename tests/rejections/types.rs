//! `data/kubernetes-types.json` is what the server's own OpenAPI document says of the kinds that deployments are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::apiserver::ApiServer;
use crate::support::project;

/// Kinds by version: the first version of a kind is the one to write, a later one is served too.
const KINDS: [(&str, &str); 29] = [
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "ServiceAccount"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "PersistentVolume"),
    ("v1", "ResourceQuota"),
    ("v1", "LimitRange"),
    ("policy/v1", "PodDisruptionBudget"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "IngressClass"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("autoscaling/v1", "HorizontalPodAutoscaler"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("storage.k8s.io/v1", "VolumeAttributesClass"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
];

#[test]
fn the_types_of_kubernetes_are_those_that_the_server_publishes() {
    let Some(server) = ApiServer::shared() else { return };
    let document = server.send("GET", "/openapi/v2", None);
    let version = server.send("GET", "/version", None);
    let text = table(&document, version["gitVersion"].as_str().unwrap().trim_start_matches('v'));
    let file = project("data/kubernetes-types.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "run `UPDATE=1 cargo test types_of_kubernetes`");
}

fn table(document: &Value, version: &str) -> String {
    let definitions = document["definitions"].as_object().unwrap();
    let named: BTreeMap<(String, String), &str> = definitions
        .iter()
        .flat_map(|(name, definition)| {
            let kinds = definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten();
            kinds.map(move |kind| {
                let text = |key: &str| kind[key].as_str().unwrap_or_default();
                let group = text("group");
                let slash = if group.is_empty() { "" } else { "/" };
                ((format!("{group}{slash}{}", text("version")), text("kind").to_owned()), name.as_str())
            })
        })
        .collect();
    let mut short = Short::default();
    let mut kinds: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for (version, kind) in KINDS {
        let name = short.of(named[&(version.to_owned(), kind.to_owned())]);
        kinds.entry(kind.to_owned()).or_default().push((version, name));
    }
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(long) = short.pending.pop_first() {
        let properties = definitions[&long]["properties"].as_object().cloned().unwrap_or_default();
        let name = short.of(&long);
        let is_kind = kinds.values().flatten().any(|(_, of_kind)| *of_kind == name);
        let fields = properties.iter().map(|(field, property)| {
            // what the server fills in is not described
            let of = match field.as_str() {
                "status" if is_kind => "object".to_owned(),
                "managedFields" => "[object".to_owned(),
                _ => short.type_of(property),
            };
            format!("{}: {}", Value::from(field.as_str()), Value::from(of))
        });
        let fields = fields.collect();
        types.insert(name, fields);
    }
    let mut text = format!(
        "{{\n \"source\": \"Kubernetes {version}, /openapi/v2\",\n \"_doc\": \"Field types of the kinds that Qdrant deployments are \
         made of: `[T` a list, `{{T` a mapping to T, other names are types of this table. `kinds`: by version, the one to \
         write first. Written by `UPDATE=1 cargo test types_of_kubernetes`.\",\n \"kinds\": {{\n"
    );
    let lines: Vec<String> = kinds
        .iter()
        .map(|(kind, versions)| {
            let versions: Vec<String> =
                versions.iter().map(|(version, name)| format!("[\"{version}\", \"{name}\"]")).collect();
            format!("  \"{kind}\": [{}]", versions.join(", "))
        })
        .collect();
    let _ = write!(text, "{}\n }},\n \"types\": {{\n", lines.join(",\n"));
    let lines: Vec<String> =
        types.iter().map(|(name, fields)| format!("  \"{name}\": {{{}}}", fields.join(", "))).collect();
    let _ = write!(text, "{}\n }}\n}}\n", lines.join(",\n"));
    text
}

/// Short names for types, and those that are still to be described.
#[derive(Default)]
struct Short {
    long: BTreeMap<String, String>,
    pending: BTreeSet<String>,
}

impl Short {
    fn of(&mut self, long: &str) -> String {
        if let Some((short, _)) = self.long.iter().find(|(_, known)| *known == long) {
            return short.clone();
        }
        let last = long.rsplit('.').next().unwrap();
        let short = if self.long.contains_key(last) {
            // another version or group has the same name
            let mut parts = long.rsplit('.').skip(1);
            let (version, group) = (parts.next().unwrap(), parts.next().unwrap());
            format!("{last}.{group}.{version}")
        } else {
            last.to_owned()
        };
        self.long.insert(short.clone(), long.to_owned());
        self.pending.insert(long.to_owned());
        short
    }

    fn type_of(&mut self, property: &Value) -> String {
        if let Some(reference) = property["$ref"].as_str() {
            let long = reference.rsplit('/').next().unwrap();
            return match long.rsplit('.').next().unwrap() {
                "IntOrString" => "int-or-string".to_owned(),
                "Quantity" => "quantity".to_owned(),
                "Time" | "MicroTime" => "time".to_owned(),
                _ => self.of(long),
            };
        }
        match property["type"].as_str() {
            Some("array") => format!("[{}", self.type_of(&property["items"])),
            Some("object") if property["additionalProperties"].is_object() => {
                format!("{{{}", self.type_of(&property["additionalProperties"]))
            }
            Some("object") => "object".to_owned(),
            Some("integer") => property["format"].as_str().unwrap_or("int64").to_owned(),
            Some("boolean") => "bool".to_owned(),
            Some("number") => "number".to_owned(),
            Some("string") if property["format"] == "byte" => "bytes".to_owned(),
            Some("string") => "string".to_owned(),
            other => panic!("{other:?} of {property}"),
        }
    }
}
