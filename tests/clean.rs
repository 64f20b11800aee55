//! `testdata/clean/gcc-sovereign`: a deployment that satisfies the profile, and that a real API server accepts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::project;

const FOLDER: &str = "testdata/clean/gcc-sovereign";

fn check(format: &str) -> (Option<i32>, String) {
    let output = assert_cmd::Command::cargo_bin("qdrant-lint")
        .unwrap()
        .current_dir(project(FOLDER))
        .args(["check", ".", "--chart-version", "1.19.0", "-n", "vectordb", "--effective-date", "2026-11-28"])
        .args(["--fail-on", "low", "--format", format])
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn nothing_is_found_at_or_above_low() {
    let (code, text) = check("json");
    let report: Value = serde_json::from_str(&text).unwrap();
    let found: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] != "info").collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(report["errors"], serde_json::json!([]));
    assert_eq!(report["summary"]["errored"], 0);
    assert_eq!(report["profile"], "gcc-sovereign");
    assert_eq!(report["deployments"].as_array().unwrap().len(), 1, "{}", report["deployments"]);
    assert_eq!(code, Some(0));
}

/// Statements that fail although nothing can be done: the chart has no value that keeps the token of the Kubernetes API out.
const BEYOND_THE_CHART: &str = "security/service-account-token-mounted";

#[test]
fn every_statement_of_the_guide_has_a_verdict_and_none_fails() {
    let (_, text) = check("checklist");
    let rows: BTreeMap<&str, Vec<&str>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.split(" | ").collect::<Vec<_>>())
        .map(|cells| (cells[0], cells))
        .collect();
    let mut faults = Vec::new();
    for item in qdrant_lint::report::checklist::items() {
        let Some(cells) = rows.get(item.id.as_str()) else {
            faults.push(format!("{} is not in the checklist", item.id));
            continue;
        };
        let verdict = cells[2];
        let known = ["pass", "pass (attested)", "needs evidence", "not applicable"].contains(&verdict);
        if !known && !item.rules.iter().any(|rule| rule == BEYOND_THE_CHART) {
            faults.push(format!("{}: {verdict}: {}", item.id, cells[3]));
        }
    }
    assert!(qdrant_lint::report::checklist::items().len() >= 63);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[cfg(feature = "live")]
mod accepted {
    use std::path::PathBuf;
    use std::process::Command;

    use serde_json::{Value, json};

    use super::FOLDER;
    use crate::rejections::verdict::{Resources, Verdict, of_server};
    use crate::support::apiserver::ApiServer;
    use crate::support::project;

    fn documents(name: &str, text: String) -> Vec<Value> {
        let mut sources = qdrant_lint::source::Sources::default();
        let id = sources.add(qdrant_lint::source::Source::new(name, text));
        let parsed = qdrant_lint::source::parse(&sources, id, &qdrant_lint::source::Limits::default());
        assert!(parsed.errors.is_empty(), "{name}: {:?}", parsed.errors);
        parsed.documents.iter().map(|document| document.root.to_json()).filter(Value::is_object).collect()
    }

    fn manifests() -> Vec<Value> {
        let names =
            ["namespace.yaml", "storageclass.yaml", "networkpolicies.yaml", "backup.yaml", "servicemonitor.yaml"];
        let read = |name: &str| documents(name, std::fs::read_to_string(project(FOLDER).join(name)).unwrap());
        names.iter().flat_map(|name| read(name)).collect()
    }

    /// What Helm makes of the values; none, said aloud, without it or the chart.
    fn rendered() -> Option<Vec<Value>> {
        let charts = std::env::var_os("QDRANT_LINT_CHARTS").map(PathBuf::from)?;
        let folder = [charts.join("1.19.0/qdrant"), charts.join("1.19.0")];
        let Some(folder) = folder.iter().find(|folder| folder.join("Chart.yaml").exists()) else {
            eprintln!("SKIPPED: QDRANT_LINT_CHARTS holds no chart 1.19.0, so the rendered objects are not tried");
            return None;
        };
        let mut helm = Command::new("helm");
        helm.args(["template", "qdrant"]).arg(folder).args(["-n", "vectordb", "--skip-tests", "-f"]);
        let Ok(output) = helm.arg(project(FOLDER).join("values.yaml")).output() else {
            eprintln!("SKIPPED: there is no helm on the PATH, so the rendered objects are not tried");
            return None;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(documents("helm", String::from_utf8(output.stdout).unwrap()))
    }

    /// The pod that a workload makes, so that admission sees it; its claims are folders.
    fn pod_of(object: &Value) -> Option<Value> {
        let template =
            object.pointer("/spec/template").or_else(|| object.pointer("/spec/jobTemplate/spec/template"))?;
        let mut spec = template["spec"].clone();
        let claims = object["spec"]["volumeClaimTemplates"].as_array().cloned().unwrap_or_default();
        let mut volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
        volumes.extend(claims.iter().map(|claim| json!({"name": claim["metadata"]["name"], "emptyDir": {}})));
        spec["volumes"] = Value::Array(volumes);
        let metadata = json!({"name": "made", "namespace": "vectordb", "labels": template["metadata"]["labels"]});
        Some(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
    }

    #[test]
    fn the_api_server_accepts_every_object_and_the_pods_that_they_make() {
        let Some(server) = ApiServer::shared() else { return };
        let mut objects = manifests();
        objects.extend(rendered().unwrap_or_default());
        let made: Vec<Value> = objects.iter().filter_map(pod_of).collect();
        objects.extend(made);
        // the rest lies in it, and admission reads its labels
        server.create(&objects[0]);
        let resources = Resources::default();
        let mut tried = 0;
        // kinds of operators are not known to a bare server
        let is_built_in = |object: &&Value| {
            let group = object["apiVersion"].as_str().unwrap().split_once('/').map_or("", |(group, _)| group);
            !group.contains('.') || group.ends_with(".k8s.io")
        };
        for object in objects.iter().skip(1).filter(is_built_in) {
            let mut object = object.clone();
            if object["metadata"]["namespace"].is_null() && object["kind"] != "StorageClass" {
                object["metadata"]["namespace"] = json!("vectordb");
            }
            let path = format!("{}/{}", object["kind"], object["metadata"]["name"]);
            let (verdict, words) = of_server(&server, &resources, &object);
            assert_eq!(verdict, Verdict::Accepted, "{path}: {words}");
            tried += 1;
        }
        assert!(tried >= 6, "{tried} objects");
    }
}
