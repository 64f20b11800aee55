//! What the webhook knows of the cluster, and what it does not.

use qdrant_lint::admission::context::Context;
use qdrant_lint::admission::decision::{Bench, Decision};
use qdrant_lint::admission::judging::Rules;
use qdrant_lint::admission::mode::Mode;
use qdrant_lint::admission::review;
use qdrant_lint::load::live::kinds;
use qdrant_lint::model::recorded::ListStatus;
use qdrant_lint::policy::Severity;
use serde_json::{Value, json};

use super::{GOOD_TAG, peers};

/// A cluster whose every kind is known to be empty, but for what a test puts into it.
fn cluster() -> Context {
    let context = Context::connected();
    for kind in kinds::all() {
        context.begin(kind);
        context.complete(kind);
    }
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "search",
        "labels": {"qdrant-lint.dev/admission": "enforce"}}});
    context.apply(kinds::of("", "Namespace").unwrap(), namespace);
    context
}

fn decide(context: &Context, object: &Value) -> Decision {
    let rules = Rules::built_in(Some(Severity::Info)).unwrap();
    let bench = Bench { rules: &rules, context, mode: Mode::Enforce, break_glass: &[] };
    let mut request = review::read(super::review("CREATE", object, &Value::Null).to_string().as_bytes()).unwrap();
    bench.decide(&mut request)
}

fn says(decision: &Decision, rule: &str) -> (bool, bool) {
    let denied = decision.answer.denied.as_ref();
    let denies = denied.is_some_and(|denial| denial.causes.iter().any(|cause| cause.reason == rule));
    (denies, decision.rules.iter().any(|(found, _)| found == rule))
}

#[test]
fn a_config_map_that_is_not_there_is_unknown_and_one_that_is_there_is_read() {
    let mut object = peers(GOOD_TAG, 3);
    object["spec"]["template"]["spec"]["volumes"] = json!([{"name": "config", "configMap": {"name": "settings"}}]);
    object["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] =
        json!([{"name": "config", "mountPath": "/qdrant/config/production.yaml", "subPath": "production.yaml"}]);
    let rule = "security/api-key-missing";
    let context = cluster();
    assert_eq!(says(&decide(&context, &object), rule), (false, false), "it may hold the key");
    let settings = |text: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "search"},
            "data": {"production.yaml": text}})
    };
    let maps = kinds::of("", "ConfigMap").unwrap();
    context.apply(maps, settings("cluster:\n  enabled: true\n"));
    assert_eq!(says(&decide(&context, &object), rule), (true, true), "it holds none");
    context.apply(maps, settings("service:\n  api_key: a-key-of-32-letters-and-not-less-1\n"));
    assert_eq!(says(&decide(&context, &object), rule), (false, false));
}

#[test]
fn another_object_that_is_missing_warns_and_never_denies() {
    let decision = decide(&cluster(), &peers(GOOD_TAG, 3));
    assert_eq!(says(&decision, "availability/budget-missing"), (false, true), "{:?}", decision.rules);
}

#[test]
fn a_kind_that_may_not_be_read_makes_its_rules_skip() {
    let context = cluster();
    context.status(kinds::of("policy", "PodDisruptionBudget").unwrap(), ListStatus::Forbidden, "");
    let decision = decide(&context, &peers(GOOD_TAG, 3));
    assert_eq!(says(&decision, "availability/budget-missing"), (false, false), "{:?}", decision.rules);
}

#[test]
fn a_monitor_of_another_namespace_is_seen() {
    let scraped =
        |context: &Context| says(&decide(context, &peers(GOOD_TAG, 3)), "observability/metrics-not-scraped").1;
    let context = cluster();
    assert!(scraped(&context));
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "vectors", "namespace": "search", "labels": {"app": "vectors"}},
        "spec": {"selector": {"app": "vectors"}, "ports": [{"name": "http", "port": 6333}]}});
    context.apply(kinds::of("", "Service").unwrap(), service);
    let monitor = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
        "metadata": {"name": "vectors", "namespace": "monitoring"},
        "spec": {"namespaceSelector": {"matchNames": ["search"]}, "selector": {"matchLabels": {"app": "vectors"}},
            "endpoints": [{"port": "http", "path": "/metrics"}]}});
    context.apply(kinds::of("monitoring.coreos.com", "ServiceMonitor").unwrap(), monitor);
    assert!(!scraped(&context));
}
