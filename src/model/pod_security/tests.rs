//! Pods as they are written around Qdrant, and the words of the API server.

use serde_json::{Value, json};

use super::*;
use crate::source::Origin;

fn judge(template: &Value) -> Vec<PodSecurityViolation> {
    let node = Node::from_json(template, &Origin::Derived);
    violations(&node, "StatefulSet/qdrant", "peers", &Origins::default()).into_iter().map(|fact| fact.value).collect()
}

fn messages(template: &Value) -> Vec<String> {
    judge(template).into_iter().map(|violation| violation.message).collect()
}

fn restricted(name: &str) -> Value {
    json!({"name": name, "securityContext": {
        "allowPrivilegeEscalation": false, "runAsNonRoot": true,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    }})
}

#[test]
fn a_restricted_pod_breaks_nothing() {
    let pod = json!({"spec": {
        "initContainers": [restricted("init")], "containers": [restricted("qdrant")],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "tmp"}],
    }});
    assert!(messages(&pod).is_empty());
}

#[test]
fn the_defaults_of_the_chart_break_four_controls() {
    let pod = json!({"spec": {
        "securityContext": {"fsGroup": 3000},
        "initContainers": [{"name": "ensure-dir-ownership", "command": ["chown"]}],
        "containers": [{"name": "qdrant", "securityContext": {
            "allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true,
            "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 2000,
        }}],
    }});
    assert_eq!(
        messages(&pod),
        [
            r#"allowPrivilegeEscalation != false (container "ensure-dir-ownership" must set securityContext.allowPrivilegeEscalation=false)"#,
            r#"unrestricted capabilities (containers "ensure-dir-ownership", "qdrant" must set securityContext.capabilities.drop=["ALL"])"#,
            r#"runAsNonRoot != true (pod or container "ensure-dir-ownership" must set securityContext.runAsNonRoot=true)"#,
            r#"seccompProfile (pod or containers "ensure-dir-ownership", "qdrant" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")"#,
        ]
    );
}

#[test]
fn every_control_of_baseline_is_worded_as_the_api_server_does() {
    let cases = [
        (json!({"hostNetwork": true, "hostPID": true}), "host namespaces (hostNetwork=true, hostPID=true)"),
        (
            json!({"containers": [{"name": "a", "securityContext": {"privileged": true}}]}),
            r#"privileged (container "a" must not set securityContext.privileged=true)"#,
        ),
        (
            json!({"containers": [{"name": "a", "securityContext": {"capabilities": {"add": ["SYS_ADMIN", "CHOWN", "NET_RAW"]}}}]}),
            r#"non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)"#,
        ),
        (json!({"volumes": [{"name": "disk", "hostPath": {"path": "/mnt"}}]}), r#"hostPath volumes (volume "disk")"#),
        (
            json!({"containers": [{"name": "a", "ports": [{"containerPort": 1, "hostPort": 6333}]}, {"name": "b", "ports": [{"containerPort": 1, "hostPort": 6335}]}]}),
            r#"hostPort (containers "a", "b" use hostPorts 6333, 6335)"#,
        ),
        (
            json!({"containers": [{"name": "a", "livenessProbe": {"httpGet": {"host": "127.0.0.1", "port": 1}}}]}),
            r#"probe or lifecycle host (container "a" uses probe or lifecycle host "127.0.0.1")"#,
        ),
        (
            json!({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}),
            r#"forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")"#,
        ),
        (
            json!({"securityContext": {"seLinuxOptions": {"type": "spc_t", "user": "u"}}}),
            r#"seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)"#,
        ),
        (
            json!({"containers": [{"name": "a", "securityContext": {"procMount": "Unmasked"}}]}),
            r#"procMount (container "a" must not set securityContext.procMount to "Unmasked")"#,
        ),
        (
            json!({"securityContext": {"seccompProfile": {"type": "Unconfined"}}, "containers": [{"name": "a", "securityContext": {"seccompProfile": {"type": "Unconfined"}}}]}),
            r#"seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")"#,
        ),
        (
            json!({"securityContext": {"sysctls": [{"name": "vm.max_map_count", "value": "1"}, {"name": "net.ipv4.tcp_rmem", "value": "1"}]}}),
            "forbidden sysctls (vm.max_map_count)",
        ),
        (
            json!({"containers": [{"name": "a", "securityContext": {"windowsOptions": {"hostProcess": true}}}]}),
            r#"hostProcess (container "a" must not set securityContext.windowsOptions.hostProcess=true)"#,
        ),
    ];
    for (spec, message) in cases {
        let found = judge(&json!({"spec": spec}));
        let baseline: Vec<&str> =
            found.iter().filter(|one| one.level == "baseline").map(|one| one.message.as_str()).collect();
        assert_eq!(baseline, [message]);
    }
}

#[test]
fn explicit_settings_are_named_before_missing_ones() {
    let pod =
        json!({"spec": {"securityContext": {"runAsNonRoot": false, "runAsUser": 0}, "containers": [restricted("a")]}});
    assert_eq!(
        messages(&pod),
        [
            "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
            "runAsUser=0 (pod must not set runAsUser=0)"
        ]
    );
}

#[test]
fn a_host_path_is_named_once_under_restricted() {
    let found = judge(&json!({"spec": {"volumes": [{"name": "disk", "hostPath": {"path": "/mnt"}}]}}));
    let named: Vec<(&str, bool)> = found.iter().map(|one| (one.control.as_str(), one.superseded)).collect();
    assert_eq!(named, [("hostPath volumes", true), ("restricted volume types", false)]);
    assert_eq!(found[1].message, r#"restricted volume types (volume "disk" uses restricted volume type "hostPath")"#);
}

#[test]
fn the_seccomp_profile_of_the_pod_covers_its_containers() {
    let mut container = restricted("qdrant");
    container["securityContext"]["seccompProfile"] = Value::Null;
    let pod =
        json!({"spec": {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [container]}});
    assert!(messages(&pod).is_empty());
}

#[test]
fn nonsense_does_not_break_the_judge() {
    for pod in [json!(null), json!([]), json!({"spec": {"containers": [1, null, "x"], "volumes": [[]]}})] {
        let _ = messages(&pod);
    }
}

#[test]
fn the_label_of_the_namespace_is_the_level_it_enforces() {
    let object = Object::derived(
        &json!({"kind": "Namespace", "metadata": {"name": "vectordb", "labels": {ENFORCE: "restricted"}}}),
    );
    let facts = pod_security(Some(&object), &[], &Origins::default());
    assert_eq!(facts.enforces.map(|fact| fact.value), Some("restricted".to_owned()));
    assert!(facts.namespace_seen);
}
