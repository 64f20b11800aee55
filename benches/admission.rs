//! What one review costs at the hook, from a small StatefulSet to one of 100 KiB. `cargo bench --bench admission`.

use divan::{Bencher, black_box};
use qdrant_lint::admission::context::Context;
use qdrant_lint::admission::decision::Bench;
use qdrant_lint::admission::judging::Rules;
use qdrant_lint::admission::mode::Mode;
use qdrant_lint::admission::review;
use qdrant_lint::policy::Severity;
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A review of a StatefulSet with so many variables; 1,580 make 100 KiB. `number` makes it another one.
fn review_of(variables: usize, operation: &str, number: u64) -> Vec<u8> {
    let env: Vec<Value> = (0..variables)
        .map(|number| json!({"name": format!("VARIABLE_{number:05}"), "value": "some value of a variable"}))
        .collect();
    let object = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": format!("vectors-{number}"), "namespace": "search"},
        "spec": {"replicas": 3, "serviceName": "vectors", "selector": {"matchLabels": {"app": "vectors"}},
            "template": {"metadata": {"labels": {"app": "vectors"}}, "spec": {"containers": [
                {"name": "qdrant", "image": "qdrant/qdrant:v1.16.3", "env": env}]}}}});
    let old = if operation == "UPDATE" { object.clone() } else { Value::Null };
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": operation,
        "resource": {"group": "apps", "version": "v1", "resource": "statefulsets"}, "namespace": "search",
        "object": object, "oldObject": old}})
    .to_string()
    .into_bytes()
}

/// Decides on reviews; `distinct` = no object is like one before, or what is remembered of it would be measured.
fn decide(bencher: Bencher<'_, '_>, variables: usize, operation: &str, distinct: bool) {
    let (rules, context) =
        (Rules::built_in(Some(Severity::Medium)).expect("built-in rules compile"), Context::default());
    let bench = Bench { rules: &rules, context: &context, mode: Mode::Enforce, break_glass: &[] };
    let mut number = 0;
    let body = || {
        number += u64::from(distinct);
        review_of(variables, operation, number)
    };
    bencher.with_inputs(body).input_counter(|body| divan::counter::BytesCount::new(body.len())).bench_local_values(
        |body| {
            let mut request = review::read(&body).expect("a review");
            let decision = bench.decide(&mut request);
            black_box(review::write(&request.uid, &decision.answer).to_string())
        },
    );
}

#[divan::bench(args = [10, 100, 1580])]
fn create(bencher: Bencher<'_, '_>, variables: usize) {
    decide(bencher, variables, "CREATE", true);
}

#[divan::bench(args = [10, 100, 1580])]
fn update(bencher: Bencher<'_, '_>, variables: usize) {
    decide(bencher, variables, "UPDATE", true);
}

#[divan::bench(args = [10, 100, 1580])]
fn again(bencher: Bencher<'_, '_>, variables: usize) {
    decide(bencher, variables, "CREATE", false);
}
