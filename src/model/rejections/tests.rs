use serde_json::{Value, json};

use super::*;

fn said(value: &Value) -> Vec<String> {
    refusals(&Object::derived(value))
        .into_iter()
        .map(|refusal| format!("{}: {}", refusal.field, refusal.message))
        .collect()
}

fn stateful_set() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "vectors"},
        "spec": {
            "serviceName": "vectors", "replicas": 3, "selector": {"matchLabels": {"app": "vectors"}},
            "template": {
                "metadata": {"labels": {"app": "vectors"}},
                "spec": {"containers": [{
                    "name": "qdrant", "image": "qdrant/qdrant:v1.15.4",
                    "ports": [{"name": "http", "containerPort": 6333}],
                    "env": [{"name": "QDRANT__LOG_LEVEL", "value": "INFO"}],
                    "volumeMounts": [{"name": "storage", "mountPath": "/qdrant/storage"}],
                    "resources": {"requests": {"memory": "4Gi", "cpu": 1}, "limits": {"memory": "4Gi"}}
                }]}
            },
            "volumeClaimTemplates": [{
                "metadata": {"name": "storage"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "50Gi"}}}
            }]
        }
    })
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut object = stateful_set();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
    object
}

#[test]
fn a_sound_workload_is_accepted() {
    assert_eq!(said(&stateful_set()), Vec::<String>::new());
}

#[test]
fn a_value_of_the_wrong_kind_cannot_be_read() {
    assert_eq!(
        said(&changed("/spec/replicas", json!("3"))),
        [
            "spec.replicas: json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32"
        ]
    );
    let container = "/spec/template/spec/containers/0";
    assert_eq!(
        said(&changed(&format!("{container}/env"), json!([{"name": "A", "value": 1}]))),
        ["spec.template.spec.containers[0].env[0].value: json: cannot unmarshal number into Go struct field \
             EnvVar.spec.template.spec.containers.env.value of type string"]
    );
    assert_eq!(said(&changed(&format!("{container}/resources"), json!({"limits": {"memory": "4 GB"}}))).len(), 1);
    assert_eq!(said(&changed("/spec/replicas", json!("{{ .Values.count }}"))), Vec::<String>::new());
}

#[test]
fn a_pod_template_is_validated_like_a_pod() {
    let container = "/spec/template/spec/containers/0";
    let path = "spec.template.spec.containers[0]";
    for (pointer, value, expected) in [
        ("volumeMounts", json!([{"name": "data", "mountPath": "/x"}]), "volumeMounts[0].name: Not found: \"data\""),
        ("image", json!(""), "image: Required value"),
        ("readinessProbe", json!({"periodSeconds": 5}), "readinessProbe: Required value: must specify a handler type"),
        (
            "resources",
            json!({"requests": {"memory": "8Gi"}, "limits": {"memory": "4Gi"}}),
            "resources.requests: Invalid value: \"8Gi\": must be less than or equal to memory limit of 4Gi",
        ),
        (
            "ports",
            json!([{"containerPort": 70000}]),
            "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
    ] {
        assert_eq!(said(&changed(&format!("{container}/{pointer}"), value)), [format!("{path}.{expected}")]);
    }
    assert_eq!(
        said(&changed("/spec/selector", json!({"matchLabels": {"app": "other"}}))),
        ["spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"]
    );
}

#[test]
fn a_budget_has_one_field_in_one_form() {
    let budget = |spec: Value| {
        said(
            &json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "q"}, "spec": spec}),
        )
    };
    assert_eq!(budget(json!({"maxUnavailable": "34%"})), Vec::<String>::new());
    assert_eq!(
        budget(json!({"maxUnavailable": 1, "minAvailable": 2})),
        ["spec: Invalid value: minAvailable and maxUnavailable cannot be both set"]
    );
    assert_eq!(budget(json!({"maxUnavailable": "150%"})).len(), 1);
    assert_eq!(budget(json!({"maxUnavailable": "1"})).len(), 1);
}

#[test]
fn a_path_of_an_ingress_needs_a_port() {
    let ingress = |port: Value| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "q"}, "spec": {"rules": [
            {"host": "q.example.com", "http": {"paths": [
                {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "q", "port": port}}}
            ]}}
        ]}})
    };
    assert_eq!(said(&ingress(json!({"number": 6333}))), Vec::<String>::new());
    let refused = refusals(&Object::derived(&ingress(json!({"number": null}))));
    assert_eq!(refused[0].field, "spec.rules[0].http.paths[0].backend");
    assert_eq!(refused[0].message, "Required value: port name or number is required");
    assert_eq!(refused[0].covered_by, Some("configuration/ingress-port-missing"));
}

#[test]
fn removed_versions_have_no_such_kind() {
    let budget = json!({"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "q"}});
    let refused = refusals(&Object::derived(&budget));
    assert_eq!(refused[0].message, "no matches for kind \"PodDisruptionBudget\" in version \"policy/v1beta1\"");
    assert_eq!(refused[0].instead.as_deref(), Some("apiVersion: policy/v1 (Kubernetes 1.25 removed policy/v1beta1)"));
    // other projects have kinds of the same names
    assert!(!refuses(&Object::derived(&json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service"}))));
}

#[test]
fn policies_jobs_claims_and_secrets_are_read_with_the_servers_eyes() {
    let policy = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "q"},
        "spec": {"podSelector": {}, "policyTypes": ["ingress"], "ingress": [{"from": [{}], "ports": [{"port": 70000}]}]}});
    assert_eq!(said(&policy).len(), 3, "{:?}", said(&policy));
    let job = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "q"}, "spec": {"schedule": "0 3 * *",
        "jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b"}]}}}}}});
    assert_eq!(said(&job).len(), 2, "{:?}", said(&job));
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "q"},
        "spec": {"resources": {"requests": {}}}});
    assert_eq!(said(&claim).len(), 2, "{:?}", said(&claim));
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "q"}, "data": {"api-key": "not base64!"}});
    assert_eq!(said(&secret), ["data[api-key]: illegal base64 data"]);
}
