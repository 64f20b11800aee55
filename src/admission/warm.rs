//! The first review is no slower than the others: an everyday deployment is judged before the webhook says that it is
//! ready. Machines for the rules are made, tables are read, and what rules say of the common parts is remembered.

use serde_json::{Value, json};

use super::context::Context;
use super::decision::{Bench, Decision};
use super::judging::Rules;
use super::mode::Mode;
use super::review::{GroupVersionResource, Request};
use super::workers::Workers;

/// Has each worker judge; the evaluators that they make stay.
pub fn up(rules: &Rules, workers: &Workers) {
    workers.each(|number| {
        for object in [as_the_chart_makes_it(number), bare(number)] {
            judge(rules, object);
        }
    });
}

fn judge(rules: &Rules, object: Value) -> Decision {
    let context = Context::default();
    let bench = Bench { rules, context: &context, mode: Mode::Enforce, break_glass: &[] };
    let mut request = Request {
        operation: "CREATE".to_owned(),
        namespace: "qdrant".to_owned(),
        resource: GroupVersionResource { group: "apps".to_owned(), resource: "statefulsets".to_owned() },
        object,
        ..Request::default()
    };
    bench.decide(&mut request)
}

/// The same deployment under another name is another object: no thread finds what the other has just remembered.
fn named(number: usize, metadata: &Value) -> Value {
    let mut metadata = metadata.clone();
    metadata["name"] = format!("qdrant-{number}").into();
    metadata["namespace"] = "qdrant".into();
    metadata
}

fn bare(number: usize) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": named(number, &json!({})), "spec": {
        "replicas": 1, "serviceName": "qdrant", "selector": {"matchLabels": {"app": "qdrant"}},
        "template": {"metadata": {"labels": {"app": "qdrant"}}, "spec": {
            "containers": [{"name": "qdrant", "image": "qdrant/qdrant"}]}}}})
}

fn as_the_chart_makes_it(number: usize) -> Value {
    let labels = json!({"app": "qdrant", "app.kubernetes.io/name": "qdrant", "app.kubernetes.io/instance": "qdrant"});
    let probe = json!({"httpGet": {"path": "/readyz", "port": 6333}, "periodSeconds": 5, "failureThreshold": 6});
    let volume = |name: &str| {
        json!({"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"],
        "storageClassName": "premium", "resources": {"requests": {"storage": "10Gi"}}}})
    };
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": named(number, &json!({"labels": labels})), "spec": {
        "replicas": 3, "serviceName": "qdrant-headless", "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {
            "securityContext": {"fsGroup": 3000, "runAsUser": 1000, "runAsNonRoot": true},
            "containers": [{"name": "qdrant", "image": "docker.io/qdrant/qdrant:v1.16.3",
                "command": ["/bin/bash", "-c"], "args": ["./config/initialize.sh"],
                "env": [{"name": "QDRANT_INIT_FILE_PATH", "value": "/qdrant/init/.qdrant-initialized"}],
                "ports": [{"name": "http", "containerPort": 6333}, {"name": "grpc", "containerPort": 6334},
                    {"name": "p2p", "containerPort": 6335}],
                "readinessProbe": probe,
                "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
                "securityContext": {"runAsNonRoot": true, "readOnlyRootFilesystem": true,
                    "allowPrivilegeEscalation": false, "privileged": false},
                "volumeMounts": [{"name": "storage", "mountPath": "/qdrant/storage"},
                    {"name": "config", "mountPath": "/qdrant/config/production.yaml", "subPath": "production.yaml"},
                    {"name": "snapshots", "mountPath": "/qdrant/snapshots"}]}],
            "volumes": [{"name": "config", "configMap": {"name": "qdrant", "defaultMode": 493}}]}},
        "volumeClaimTemplates": [volume("storage"), volume("snapshots")]}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Severity;

    #[test]
    fn every_worker_judges_deployments_of_its_own_and_leaves_an_evaluator_behind() {
        let rules = Rules::built_in(Some(Severity::High)).unwrap();
        let workers = Workers::new().unwrap();
        up(&rules, &workers);
        assert_eq!(rules.kept.decisions.count(), 2 * workers.count());
        assert!((1..=workers.count()).contains(&rules.kept.idle()));
        for (object, verdict) in
            [(bare(workers.count()), "denied"), (json!({"kind": "Pod", "metadata": {"name": "other"}}), "allowed")]
        {
            assert_eq!(judge(&rules, object).verdict, verdict, "what was judged before decides nothing else");
        }
    }
}
