//! The Secret that the official chart makes of `apiKey` and `readOnlyApiKey`. It is never read; but the chart writes
//! nothing else into it, so the rest of the configuration is not hidden by it.

use serde_json::{Value, json};

/// What stands for `local.yaml`: the chart makes it only where there is a key.
const LOCAL: &str = "service:\n  api_key: redacted-redacted-redacted-redac\n";

/// The Secret of a workload that the official chart made, with a stand-in for its text.
pub(super) fn of_workload(object: &Value) -> Option<Value> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let is_chart = text("/metadata/labels/helm.sh~1chart").is_some_and(|chart| chart.starts_with("qdrant-"));
    let name = text("/metadata/name")?;
    let volumes = object.pointer("/spec/template/spec/volumes").and_then(Value::as_array)?;
    let made = format!("{name}-apikey");
    let is_mounted =
        volumes.iter().any(|volume| volume.pointer("/secret/secretName").and_then(Value::as_str) == Some(&made));
    (is_chart && is_mounted).then(|| {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": made, "namespace": text("/metadata/namespace")},
            "stringData": {"local.yaml": LOCAL},
        })
    })
}
