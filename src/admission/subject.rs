//! What a request asks, whatever its shape.

use serde_json::Value;

use super::review::Request;

/// What is to be judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// An object is created or changed.
    Write {
        /// As it will be.
        new: Value,
        /// As it is.
        old: Option<Value>,
    },
    /// `kubectl scale`: only the number of replicas is known.
    Scale {
        /// Kind of the workload.
        kind: &'static str,
        /// As it will be.
        replicas: i64,
        /// As it is.
        old: Option<i64>,
    },
    /// An object is deleted.
    Delete(Value),
    /// Someone wants into a pod or through a Service.
    Connect {
        /// `exec`, `portforward`, …
        how: String,
        /// It is a Service.
        service: bool,
        /// Name without scheme and port.
        name: String,
    },
    /// Nothing that could be judged.
    Nothing,
}

impl Subject {
    /// The subject of a request.
    pub fn of(request: &mut Request) -> Self {
        let sub_resource = request.sub_resource.as_deref().unwrap_or_default();
        match (request.operation.as_str(), sub_resource) {
            ("CONNECT", how) => Self::Connect {
                how: how.to_owned(),
                service: request.resource.resource == "services",
                name: bare(&request.name).to_owned(),
            },
            ("CREATE" | "UPDATE", "scale") => {
                let kind = match request.resource.resource.as_str() {
                    "statefulsets" => "StatefulSet",
                    "deployments" => "Deployment",
                    _ => return Self::Nothing,
                };
                let replicas =
                    |scale: &Value| scale.pointer("/spec").map(|spec| spec["replicas"].as_i64().unwrap_or(0));
                match replicas(&request.object) {
                    Some(now) => Self::Scale { kind, replicas: now, old: replicas(&request.old_object) },
                    None => Self::Nothing,
                }
            }
            ("CREATE" | "UPDATE", "") if is_object(&request.object) => {
                // what is being deleted only loses its finalizers: refusing that would keep it for ever
                if !request.object["metadata"]["deletionTimestamp"].is_null() {
                    return Self::Nothing;
                }
                let mut new = request.object.take();
                named(&mut new, request);
                let mut old = request.old_object.take();
                named(&mut old, request);
                Self::Write { new, old: Some(old).filter(is_object) }
            }
            ("DELETE", "") if is_object(&request.old_object) => {
                let mut old = request.old_object.take();
                named(&mut old, request);
                Self::Delete(old)
            }
            _ => Self::Nothing,
        }
    }
}

fn is_object(value: &Value) -> bool {
    value["kind"].is_string() && value["metadata"].is_object()
}

/// What no rule looks at and is often most of an object: the object once more as it was applied.
const BALLAST: [&str; 2] = ["kubectl.kubernetes.io/last-applied-configuration", "kapp.k14s.io/original"];

/// On CREATE the API server may still have to make the name, and the namespace stands beside the object only.
fn named(object: &mut Value, request: &Request) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|name, _| !BALLAST.contains(&name.as_str()));
    }
    if !metadata.get("name").is_some_and(Value::is_string) {
        let made = metadata.get("generateName").and_then(Value::as_str).map(|start| format!("{start}new"));
        metadata.insert("name".to_owned(), made.unwrap_or_else(|| request.name.clone()).into());
    }
    if !request.namespace.is_empty() {
        metadata.insert("namespace".to_owned(), request.namespace.clone().into());
    }
}

/// `https:qdrant:6333` → `qdrant`: proxies take a scheme and a port in the name.
fn bare(name: &str) -> &str {
    let name = name.strip_prefix("https:").or_else(|| name.strip_prefix("http:")).unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_proxy_names_scheme_and_port_and_means_the_pod() {
        for name in ["qdrant-0", "qdrant-0:6333", "https:qdrant-0:6333", "http:qdrant-0:"] {
            assert_eq!(bare(name), "qdrant-0");
        }
    }

    #[test]
    fn what_is_being_deleted_is_let_go() {
        let mut request = Request {
            operation: "UPDATE".to_owned(),
            object: json!({"kind": "StatefulSet", "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
            ..Request::default()
        };
        assert_eq!(Subject::of(&mut request), Subject::Nothing);
    }

    #[test]
    fn a_scale_knows_only_replicas() {
        let mut request = Request {
            operation: "UPDATE".to_owned(),
            sub_resource: Some("scale".to_owned()),
            object: json!({"kind": "Scale", "metadata": {}, "spec": {}}),
            old_object: json!({"spec": {"replicas": 3}}),
            ..Request::default()
        };
        request.resource.resource = "statefulsets".to_owned();
        let wanted = Subject::Scale { kind: "StatefulSet", replicas: 0, old: Some(3) };
        assert_eq!(Subject::of(&mut request), wanted, "a Scale to zero leaves the field out");
    }
}
