//! `security/pod-security-rejected` names the controls and containers that Pod Security admission of a real server names.

use serde_json::{Value, json};

use crate::support::apiserver::ApiServer;
use crate::support::{Flags, judge};

/// What a pod that passes `restricted` is changed by: where in its spec, and into what.
fn changes() -> Vec<(&'static str, Value)> {
    let context = "/containers/0/securityContext";
    let mut changes = vec![
        ("", json!({})),
        ("/hostNetwork", json!(true)),
        ("/hostPID", json!(true)),
        ("/hostIPC", json!(true)),
        ("/securityContext/runAsNonRoot", json!(false)),
        ("/securityContext/runAsNonRoot", Value::Null),
        ("/securityContext/runAsUser", json!(0)),
        ("/securityContext/seccompProfile", json!({"type": "Unconfined"})),
        ("/securityContext/seccompProfile", Value::Null),
        ("/securityContext/sysctls", json!([{"name": "kernel.msgmax", "value": "1"}])),
        ("/securityContext/sysctls", json!([{"name": "net.ipv4.tcp_keepalive_time", "value": "600"}])),
        ("/securityContext/seLinuxOptions", json!({"type": "spc_t"})),
        ("/securityContext/seLinuxOptions", json!({"user": "system_u", "role": "system_r"})),
        ("/securityContext/appArmorProfile", json!({"type": "Unconfined"})),
        ("/containers/0/ports", json!([{"containerPort": 6333, "hostPort": 6333}])),
        ("/volumes", json!([{"name": "data", "hostPath": {"path": "/mnt"}}])),
        ("/volumes", json!([{"name": "data", "nfs": {"server": "a", "path": "/b"}}])),
        (
            "/volumes",
            json!([{"name": "a", "nfs": {"server": "a", "path": "/b"}}, {"name": "b", "hostPath": {"path": "/mnt"}}]),
        ),
        ("/volumes", json!([{"name": "data", "emptyDir": {}}, {"name": "key", "secret": {"secretName": "k"}}])),
        ("/containers/0/livenessProbe", json!({"httpGet": {"path": "/", "port": 6333, "host": "10.0.0.1"}})),
        ("/containers/0/lifecycle", json!({"preStop": {"httpGet": {"path": "/", "port": 6333, "host": "10.0.0.1"}}})),
        ("/initContainers", json!([{"name": "chown", "image": "busybox"}])),
        ("/initContainers", json!([{"name": "chown", "image": "busybox", "securityContext": {"runAsUser": 0}}])),
        (
            "/initContainers",
            json!([{"name": "a", "image": "busybox"}, {"name": "b", "image": "busybox", "restartPolicy": "Always"}]),
        ),
    ];
    let of_container = [
        json!({}),
        json!({"privileged": true}),
        json!({"allowPrivilegeEscalation": true, "capabilities": {"drop": ["ALL"]}}),
        json!({"allowPrivilegeEscalation": false}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["NET_RAW"]}}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN", "NET_ADMIN"]}}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsUser": 0}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": false}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "Unconfined"}}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "seLinuxOptions": {"type": "spc_t"}}),
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "appArmorProfile": {"type": "Unconfined"}}),
    ];
    changes.extend(of_container.map(|of_container| (context, of_container)));
    changes
}

fn sound() -> Value {
    json!({
        "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "qdrant", "image": "qdrant/qdrant:v1.19.2-unprivileged",
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
    })
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut spec = sound();
    if let Some((parent, key)) = pointer.rsplit_once('/') {
        spec.pointer_mut(parent).unwrap()[key] = value;
    }
    spec
}

/// What the server says that a pod violates.
fn of_server(server: &ApiServer, namespace: &str, spec: &Value) -> Option<String> {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "qdrant-0"}, "spec": spec});
    let (code, answer) = server.try_create(&format!("/api/v1/namespaces/{namespace}/pods"), &pod);
    if code < 300 {
        return None;
    }
    let message = answer["message"].as_str().unwrap();
    let violated =
        message.split_once("violates PodSecurity ").unwrap_or_else(|| panic!("{code}: {message} of {spec}")).1;
    Some(violated.split_once(": ").unwrap().1.to_owned())
}

/// What the rule says of a StatefulSet of such pods.
fn of_tool(namespace: &str, level: &str, spec: &Value) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let labels = json!({"pod-security.kubernetes.io/enforce": level});
    let objects = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "qdrant", "namespace": namespace},
            "spec": {"serviceName": "qdrant", "selector": {"matchLabels": {"app": "qdrant"}},
                "template": {"metadata": {"labels": {"app": "qdrant"}}, "spec": spec}}}),
    ];
    let files: Vec<_> = objects
        .iter()
        .enumerate()
        .map(|(index, object)| {
            let file = folder.path().join(format!("{index}.json"));
            std::fs::write(&file, object.to_string()).unwrap();
            file
        })
        .collect();
    let report = judge(&files, &Flags::default()).report;
    let mut found = report.findings.iter().filter(|finding| finding.rule == "security/pod-security-rejected");
    let finding = found.next()?;
    assert!(found.next().is_none(), "two findings of one pod");
    Some(finding.related.iter().map(|related| related.message.clone()).collect::<Vec<_>>().join(", "))
}

#[test]
fn the_rule_names_what_admission_names() {
    let Some(server) = ApiServer::shared() else { return };
    let mut faults = Vec::new();
    let mut count = 0;
    for level in ["baseline", "restricted"] {
        let namespace = format!("pod-security-{level}");
        server.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace,
            "labels": {"pod-security.kubernetes.io/enforce": level}}}));
        for (pointer, value) in changes() {
            count += 1;
            let spec = changed(pointer, value.clone());
            let (said, found) = (of_server(&server, &namespace, &spec), of_tool(&namespace, level, &spec));
            if said != found {
                faults.push(format!("{level} {pointer} = {value}\n  server {said:?}\n  tool   {found:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {count} pods:\n{}", faults.len(), faults.join("\n"));
}
