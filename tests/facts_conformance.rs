//! The facts of values against the facts of what Helm renders from the same values: every fixture of `testdata/chart` with
//! every chart of `QDRANT_LINT_CHARTS`. Rules that take both inputs must give both the same verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use qdrant_lint::load::{AsKind, LoadOptions};
use qdrant_lint::model::chart::SetArgument;
use qdrant_lint::model::chart::SetOrigin;
use qdrant_lint::policy::eval::{SkipKind, Verdict};
use qdrant_lint::policy::rule::InputKind;
use qdrant_lint::policy::{Rule, eval};
use qdrant_lint::source::{Source, Sources};
use rayon::prelude::*;
use serde_json::Value;

use crate::chart_conformance::{Fixture, NAMESPACE, charts, fixtures, template};
use crate::support::{Flags, judge_with, rules};

/// Facts that the two inputs cannot share, each with the reason.
const APART: &[(&str, &str)] = &[
    ("chart", "only values name a chart and its keys"),
    ("deployment.source", "says which of the two it is"),
    ("deployment.name", "a release goes by its own name, objects by that of the workload"),
    ("deployment.discovered_by", "values are known by their keys, objects by their images"),
    ("duplicate_keys", "templates print some keys twice, and files are not the same"),
    ("monitoring.monitors[].from_chart", "the help names keys of the values"),
    ("monitoring.switch", "a switch of the values"),
    ("objects", "rendered objects carry what no rule reads: checksums, comments of the script"),
    ("observed", "only values show the chart"),
    ("qdrant.api_key", "values hold the key or say where the chart looks it up, objects only the Secret it ends in"),
    ("qdrant.read_only_api_key", "likewise"),
    ("qdrant.key_delivery", "likewise"),
    ("qdrant.bootstrap.how", "the chart's script is known as such only by the chart"),
    ("qdrant.plain_text_keys", "likewise"),
    ("qdrant.unseen_layers", "a key that Helm looks up in the cluster; rendered without one it is empty"),
    ("rejections", "one value of a chart lands in many objects: compared by `refused`"),
    ("storage.data.size_is_chart_default", "rendered objects do not say who wrote a value"),
    ("storage.snapshots.size_is_chart_default", "likewise"),
    ("unknown", "templates are open in values and filled in when rendered"),
    ("unobserved", "the reasons name the input"),
    ("workload.image.chart_unprivileged", "the rendered image does not say which value chose it"),
    ("workload.images[].chart_unprivileged", "likewise"),
    ("workload.image.chart_default_tag", "the rendered image does not say who chose the tag"),
    ("workload.image.from_chart", "says which of the two it is"),
    ("workload.images[].chart_default_tag", "likewise"),
    ("workload.images[].from_chart", "likewise"),
    ("workload.dropped_probes", "a probe that the chart leaves out leaves no trace"),
    ("workload.pod_annotations.checksum/config", "a digest of the rendered files"),
    ("workload.pod_annotations.checksum/secret", "likewise"),
];

/// Rules whose verdict rests on those facts, each with the reason.
const RULES_APART: &[(&str, &str)] = &[
    ("availability/probe-cannot-succeed", "see workload.dropped_probes"),
    (
        "availability/readiness-probe-disabled",
        "a probe that the chart leaves out has one voice in values, probe-cannot-succeed",
    ),
    ("configuration/duplicate-key", "see duplicate_keys"),
    ("configuration/object-rejected", "see rejections; compared by `refused`"),
    ("security/api-key-in-plain-text", "a rendered Secret is not in the repository"),
    ("security/api-key-mangled", "the key of the values is gone once it is rendered"),
    ("security/api-key-missing", "a key that Helm looks up in the cluster is empty when rendered without one"),
    ("security/api-key-never-rotated", "the delivery of the Secret is not seen in values"),
    ("security/api-key-rendered-empty", "about values alone when nothing is rendered yet"),
    ("security/api-key-weak", "the length of a random key"),
    ("security/read-only-key-missing", "likewise"),
    ("versions/image-unpinned", "which tags the chart can handle matters only to values"),
    ("storage/volume-too-small", "the chart's own size is told apart from a written one"),
];

#[test]
fn values_and_what_helm_renders_of_them_are_the_same_deployment() {
    let Some(charts) = charts() else { return };
    let fixtures = fixtures();
    let pairs: Vec<_> = charts.iter().flat_map(|chart| fixtures.iter().map(move |fixture| (chart, fixture))).collect();
    let compared: Vec<Vec<String>> = pairs
        .par_iter()
        .filter_map(|((version, folder), fixture)| {
            let told = compare(version, folder, fixture)?;
            Some(told.into_iter().map(|line| format!("{version} {}: {line}", fixture.name)).collect())
        })
        .collect();
    let told: Vec<String> = compared.iter().flatten().cloned().collect();
    eprintln!("{} pairs of {} render and were compared: {} differences", compared.len(), pairs.len(), told.len());
    assert!(compared.len() > pairs.len() / 2, "only {} of {} fixtures render", compared.len(), pairs.len());
    assert!(told.is_empty(), "{}", by_fact(&told));
}

/// One example of each fact that differs, with how often.
fn by_fact(told: &[String]) -> String {
    let mut facts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for line in told {
        let fact = line.split(": ").nth(1).unwrap_or_default();
        facts.entry(fact).or_insert((0, line)).0 += 1;
    }
    let lines: Vec<String> = facts.values().map(|(count, line)| format!("{count} like {line}")).collect();
    lines.join("\n")
}

/// Every difference in words; none when Helm does not render.
fn compare(version: &str, folder: &Path, fixture: &Fixture) -> Option<Vec<String>> {
    let output = template(folder, fixture);
    if !output.status.success() {
        return None;
    }
    let flags = Flags {
        chart: Some(version.to_owned()),
        release: Some(fixture.release().to_owned()),
        namespace: Some(NAMESPACE.to_owned()),
        ..Flags::default()
    };
    let mut sources = Sources::default();
    let set = fixture.arguments().into_iter().map(|(_, kind, text)| {
        let origin = SetOrigin::Text(sources.add(Source::new("--set", text)), 0);
        SetArgument { kind, text: text.into(), origin }
    });
    let options = LoadOptions {
        set: set.collect(),
        values_files: vec![fixture.file.clone()],
        as_kind: Some(AsKind::Values),
        ..LoadOptions::new(env!("CARGO_MANIFEST_DIR"))
    };
    let values = judge_with(options, &flags, &mut sources);
    let options = LoadOptions {
        paths: vec!["-".into()],
        stdin: Some(in_order_of_the_model(&output.stdout)),
        ..LoadOptions::new(env!("CARGO_MANIFEST_DIR"))
    };
    let flags = Flags { chart: None, release: None, ..flags };
    let rendered = judge_with(options, &flags, &mut Sources::default());
    let [of_values] = values.built.as_slice() else {
        return Some(vec![format!("{} deployments of the values: {:?}", values.built.len(), values.errors)]);
    };
    let [of_rendered] = rendered.built.as_slice() else {
        let ids: Vec<&str> = rendered.built.iter().map(|built| built.deployment.id.as_str()).collect();
        return Some(vec![format!("deployments of the rendered text: {ids:?} {:?}", rendered.errors)]);
    };
    let mut told = Vec::new();
    differences("", &of_rendered.facts, &of_values.facts, &mut told);
    told.extend(refused(&of_rendered.facts, &of_values.facts));
    told.extend(verdicts(&of_rendered.facts, &of_values.facts));
    // rendered without a cluster such a key is empty, and with it go the advisories that ask for one
    let looked_up = ["api_key_form", "read_only_api_key_form"]
        .iter()
        .any(|form| matches!(of_values.facts["chart"][form].as_str(), Some("value-from" | "lost")));
    told.retain(|line| {
        !looked_up || !(line.starts_with("advisories.") || line.starts_with("versions/known-vulnerability"))
    });
    Some(told)
}

/// Helm sorts objects by kind and name; here they stand as the model makes them.
fn in_order_of_the_model(rendered: &[u8]) -> Vec<u8> {
    const ORDER: [&str; 8] = [
        "StatefulSet",
        "ConfigMap",
        "Service",
        "ServiceAccount",
        "Secret",
        "PodDisruptionBudget",
        "Ingress",
        "ServiceMonitor",
    ];
    let text = String::from_utf8(rendered.to_vec()).unwrap();
    let mut documents: Vec<&str> = text.split("\n---\n").collect();
    let kind = |document: &str| document.lines().find_map(|line| line.strip_prefix("kind: ")).map(str::to_owned);
    documents.sort_by_key(|document| {
        let place = kind(document).and_then(|kind| ORDER.iter().position(|known| *known == kind));
        (place, document.contains("\n  clusterIP: None"))
    });
    documents.join("\n---\n").into_bytes()
}

/// What the API server refuses of the values' objects it refuses of the rendered ones, and it refuses both or none.
fn refused(rendered: &Value, values: &Value) -> Vec<String> {
    let of = |facts: &Value| -> BTreeSet<String> {
        let all = facts["rejections"].as_array().into_iter().flatten();
        all.map(|one| format!("{} {} {}", one["object"], one["field"], one["message"])).collect()
    };
    let (left, right) = (of(rendered), of(values));
    let mut told: Vec<String> =
        right.difference(&left).map(|line| format!("refused: only of the values: {line}")).collect();
    if right.is_empty() && !left.is_empty() {
        told.push(format!("refused: only when rendered: {left:?}"));
    }
    told
}

fn differences(path: &str, rendered: &Value, values: &Value, told: &mut Vec<String>) {
    // without the numbers of the items
    let pattern: String = path
        .split('[')
        .enumerate()
        .map(|(at, part)| {
            if at == 0 {
                part.to_owned()
            } else {
                format!("[{}", part.trim_start_matches(|digit: char| digit.is_ascii_digit()))
            }
        })
        .collect();
    if rendered == values || APART.iter().any(|(apart, _)| *apart == pattern) {
        return;
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (rendered, values) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let (left, right) = (left.get(key).unwrap_or(&Value::Null), right.get(key).unwrap_or(&Value::Null));
                differences(&below(key), left, right, told);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&format!("{path}[{index}]"), left, right, told);
            }
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ => told.push(format!("{path}: rendered {rendered}, values {values}")),
    }
}

/// Rules that take both inputs and judge both differently.
fn verdicts(rendered: &Value, values: &Value) -> Vec<String> {
    let (registry, engine) = rules();
    let is_compared = |rule: &&Rule| {
        let both = [InputKind::Values, InputKind::Manifests].iter().all(|input| rule.inputs.contains(input));
        both && RULES_APART.iter().all(|(apart, _)| *apart != rule.id)
    };
    let mut evaluator = engine.evaluator();
    let mut of = |facts: &Value| -> BTreeMap<String, Option<&'static str>> {
        evaluator.set_facts(facts);
        let compared = registry.rules().filter(is_compared);
        compared.map(|rule| (rule.id.clone(), told(&eval::judge(&mut evaluator, rule, facts)))).collect()
    };
    let (left, right) = (of(rendered), of(values));
    left.into_iter()
        .filter_map(|(rule, left)| {
            let (left, right) = (left?, (*right.get(&rule)?)?);
            (left != right).then(|| format!("{rule}: rendered {left}, values {right}"))
        })
        .collect()
}

/// The verdict; none where the input does not show what the rule needs.
fn told(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Pass => Some("pass"),
        Verdict::Fail(_) => Some("fail"),
        Verdict::Skipped(SkipKind::NotObserved | SkipKind::Unknown, _) => None,
        Verdict::Skipped(kind, _) => Some(kind.as_str()),
        Verdict::Errored(_) => Some("errored"),
    }
}
