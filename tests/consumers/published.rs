//! The published schemas, from a folder of outside data, and a real API server that has the definitions of the reports.

use std::fs;
use std::path::Path;

use qdrant_lint::source::{Limits, Source, Sources, parse};
use serde_json::Value;

use super::{faults, hostile, rich, write};

#[test]
fn the_published_schemas_agree() {
    let Ok(folder) = std::env::var("QDRANT_LINT_SCHEMAS") else {
        eprintln!("skipped: QDRANT_LINT_SCHEMAS names no folder of published schemas");
        return;
    };
    let folder = Path::new(&folder);
    let sarif: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("sarif-schema-2.1.0.json")).unwrap()).unwrap();
    for report in [rich(), hostile()] {
        let written = write(&report, true);
        assert_eq!(faults(&written.sarif, &sarif), [""; 0], "sarif");
        for (text, file) in
            written.policyreports.iter().zip(["openreports.io_reports.yaml", "wgpolicyk8s.io_policyreports.yaml"])
        {
            let version =
                text.split("\"apiVersion\": \"").nth(2).and_then(|rest| rest.split(['/', '"']).nth(1)).unwrap();
            let schema = of_crd(&folder.join(file), version);
            let list: Value = serde_json::from_str(text).unwrap();
            for item in list["items"].as_array().unwrap() {
                assert_eq!(faults(&item.to_string(), &schema), [""; 0], "{file}");
            }
        }
    }
}

#[cfg(feature = "live")]
#[test]
fn an_api_server_takes_the_policy_reports_and_knows_every_field() {
    use crate::support::apiserver::ApiServer;
    let Ok(folder) = std::env::var("QDRANT_LINT_SCHEMAS") else {
        eprintln!("skipped: QDRANT_LINT_SCHEMAS names no folder of published schemas");
        return;
    };
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("reports");
    let written = write(&rich(), true);
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let kinds = [("openreports.io_reports.yaml", "reports"), ("wgpolicyk8s.io_policyreports.yaml", "policyreports")];
    for (text, (file, plural)) in written.policyreports.iter().zip(kinds) {
        let definition = definition(&Path::new(&folder).join(file));
        server.send("POST", definitions, Some(&definition));
        let name = definition["metadata"]["name"].as_str().unwrap();
        // a kind is served some time after it is defined
        let served = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(200));
            let conditions = server.send("GET", &format!("{definitions}/{name}"), None);
            let conditions = conditions["status"]["conditions"].as_array().cloned().unwrap_or_default();
            conditions.iter().any(|one| one["type"] == "Established" && one["status"] == "True")
        });
        assert!(served, "{file}");
        std::thread::sleep(std::time::Duration::from_secs(2));
        let list: Value = serde_json::from_str(text).unwrap();
        let items = list["items"].as_array().unwrap();
        assert!(!items.is_empty());
        for item in items {
            let mut item = item.clone();
            item["metadata"]["namespace"] = "reports".into();
            let version = item["apiVersion"].as_str().unwrap().to_owned();
            let path = format!("/apis/{version}/namespaces/reports/{plural}?fieldValidation=Strict");
            let kept = server.send("POST", &path, Some(&item));
            assert_eq!(kept["results"], item["results"], "{file}: what the schema does not know is pruned");
        }
    }
}

/// The definition in a published file.
fn definition(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    let mut sources = Sources::default();
    let id = sources.add(Source::new("crd", text.as_str()));
    let limits = Limits::default();
    let parsed = parse(&sources, id, &limits);
    let mut documents = parsed.documents.iter().map(|document| document.root.to_json());
    documents.find(|crd| crd["kind"] == "CustomResourceDefinition").unwrap()
}

/// The schema of a version, with every object closed as the API server prunes it.
fn of_crd(file: &Path, version: &str) -> Value {
    let crd = definition(file);
    let versions = crd["spec"]["versions"].as_array().unwrap();
    let mut schema = versions.iter().find(|one| one["name"] == version).unwrap()["schema"]["openAPIV3Schema"].clone();
    close(&mut schema);
    schema["properties"]["metadata"] = serde_json::json!({"type": "object"});
    schema
}

fn close(schema: &mut Value) {
    let is_open = schema["type"] == "object"
        && schema.get("properties").is_some()
        && schema.get("additionalProperties").is_none();
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if is_open {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
