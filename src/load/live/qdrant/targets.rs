//! The pods of Qdrant's workloads as targets.

use std::collections::BTreeSet;

use kube::Client;
use serde_json::Value;

use super::Target;
use super::address::{Address, REST};
use crate::load::live::recording::{Endpoint, Via};

/// Every pod of the workloads (`namespace/Kind/name`): those that run as targets, the others with the reason why they
/// cannot be asked.
pub fn pods(
    namespace: &str,
    workloads: &BTreeSet<String>,
    objects: &[Value],
    via: Via,
    client: &Client,
) -> (Vec<Target>, Vec<Endpoint>) {
    let (mut targets, mut idle) = (Vec::new(), Vec::new());
    for pod in objects.iter().filter(|object| text(object, "/kind") == "Pod") {
        let Some(workload) = maker(pod) else { continue };
        if text(pod, "/metadata/namespace") != namespace || !workloads.contains(&format!("{namespace}/{workload}")) {
            continue;
        }
        let name = text(pod, "/metadata/name").to_owned();
        let address =
            Address { tls: false, host: host(pod, &workload, via, objects), port: port(pod), prefix: String::new() };
        let phase = text(pod, "/status/phase");
        if phase == "Running" && !address.host.is_empty() {
            targets.push(Target {
                namespace: namespace.to_owned(),
                workload: Some(workload),
                pod: Some(name),
                address,
                scheme_is_known: false,
                via,
                client: (via == Via::PortForward).then(|| client.clone()),
            });
            continue;
        }
        let error =
            if phase == "Running" { "the pod has no address".to_owned() } else { format!("the pod is {phase}") };
        idle.push(Endpoint {
            namespace: namespace.to_owned(),
            workload: Some(workload),
            pod: Some(name),
            url: address.to_string(),
            via,
            error: Some(error),
            answers: Vec::new(),
        });
    }
    (targets, idle)
}

/// `Kind/name` of what made a pod. A Deployment makes its pods by a ReplicaSet, whose name adds a hash.
fn maker(pod: &Value) -> Option<String> {
    let owners = pod.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let Some(owner) = owners.and_then(|owners| owners.first()) else {
        return Some(format!("Pod/{}", text(pod, "/metadata/name")));
    };
    let (kind, name) = (text(owner, "/kind"), text(owner, "/name"));
    if kind == "ReplicaSet" {
        return name.rsplit_once('-').map(|(deployment, _)| format!("Deployment/{deployment}"));
    }
    Some(format!("{kind}/{name}"))
}

/// Through the API server the loopback of the pod; inside the cluster the name that its governing Service gives it.
fn host(pod: &Value, workload: &str, via: Via, objects: &[Value]) -> String {
    if via == Via::PortForward {
        return "127.0.0.1".to_owned();
    }
    let (namespace, name) = (text(pod, "/metadata/namespace"), text(pod, "/metadata/name"));
    let is_own = |object: &&Value| {
        text(object, "/metadata/namespace") == namespace
            && format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name")) == workload
    };
    let service = objects.iter().find(is_own).map_or("", |object| text(object, "/spec/serviceName"));
    if service.is_empty() {
        return text(pod, "/status/podIP").to_owned();
    }
    format!("{name}.{service}.{namespace}.svc")
}

/// The port that the pod calls `http` or `rest`, else Qdrant's own.
fn port(pod: &Value) -> u16 {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten();
    let mut ports = containers.filter_map(|container| container.get("ports")?.as_array()).flatten();
    let named = ports.find(|port| matches!(text(port, "/name"), "http" | "rest"));
    named.and_then(|port| u16::try_from(port.get("containerPort")?.as_u64()?).ok()).unwrap_or(REST)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pods_are_found_by_what_made_them_and_named_as_their_service_names_them() {
        let set = json!({"kind": "StatefulSet", "metadata": {"name": "q", "namespace": "v"}, "spec": {"serviceName": "q-headless"}});
        let pod = json!({"kind": "Pod", "metadata": {"name": "q-0", "namespace": "v", "ownerReferences": [{"kind": "StatefulSet", "name": "q"}]},
            "spec": {"containers": [{"ports": [{"name": "p2p", "containerPort": 6335}, {"name": "http", "containerPort": 7333}]}]},
            "status": {"phase": "Running", "podIP": "10.0.0.1"}});
        assert_eq!(host(&pod, "StatefulSet/q", Via::Dns, &[set, pod.clone()]), "q-0.q-headless.v.svc");
        assert_eq!(host(&pod, "StatefulSet/q", Via::Dns, &[]), "10.0.0.1");
        assert_eq!(host(&pod, "StatefulSet/q", Via::PortForward, &[]), "127.0.0.1");
        assert_eq!((maker(&pod).unwrap().as_str(), port(&pod)), ("StatefulSet/q", 7333));
        let made = json!({"metadata": {"name": "d-5c-x", "ownerReferences": [{"kind": "ReplicaSet", "name": "d-5c"}]}});
        assert_eq!((maker(&made).unwrap().as_str(), port(&made)), ("Deployment/d", 6333));
    }
}
