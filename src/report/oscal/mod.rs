//! `--format oscal`: OSCAL assessment results 1.2.2, for tools of governance, risk and compliance. One result a
//! deployment; objectives are the statements of the checklist. A passed statement is evidence towards the controls that
//! it names, never a claim that they are met.

mod names;
mod result;

use serde_json::{Map, Value, json};

use self::names::{line, moment, property, uuid};
use super::{DeploymentSummary, Report, checklist};

/// Version of the model.
const OSCAL_VERSION: &str = "1.2.2";

/// The document with a final newline.
pub fn render(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(&document(report)).expect("only strings and numbers");
    text.push('\n');
    text
}

fn document(report: &Report) -> Value {
    // nothing was judged: the schema still asks for a result, which says so
    let none = DeploymentSummary::default();
    let deployments: Vec<&DeploymentSummary> =
        if report.deployments.is_empty() { vec![&none] } else { report.deployments.iter().collect() };
    let results: Vec<Value> = deployments.iter().map(|deployment| result::of(report, deployment)).collect();
    let mut names: Vec<&str> = deployments.iter().map(|deployment| deployment.id.as_str()).collect();
    names.push(report.profile.as_str());
    let day = moment(day(report));
    let mut metadata = json!({
        "title": format!("Qdrant on Kubernetes, profile {}", report.profile),
        "last-modified": day,
        "version": env!("CARGO_PKG_VERSION"),
        "oscal-version": OSCAL_VERSION,
        "props": [property("tool", "qdrant-lint"), property("profile", report.profile.as_str())],
    });
    if !report.errors.is_empty() {
        let errors: Vec<String> =
            report.errors.iter().take(20).map(|error| format!("{}: {}", error.file, error.message)).collect();
        metadata["remarks"] = line(&format!(
            "{} could not be judged: {}",
            super::count_of(report.errors.len(), "input"),
            errors.join("; ")
        ))
        .into();
    }
    json!({"assessment-results": {
        "uuid": uuid(&[&["document", &day], &names[..]].concat()),
        "metadata": metadata,
        "import-ap": {"href": format!("#{}", plan_uuid()), "remarks": "the statements that are judged, in the back matter"},
        "results": results,
        "back-matter": {"resources": resources(report)},
    }})
}

fn day(report: &Report) -> jiff::civil::Date {
    report.as_of.unwrap_or(jiff::civil::Date::constant(1970, 1, 1))
}

fn plan_uuid() -> String {
    uuid(&["plan", env!("CARGO_PKG_VERSION")])
}

fn file_uuid(file: &str) -> String {
    uuid(&["file", file])
}

/// The statements as the plan, and every file that was judged.
fn resources(report: &Report) -> Vec<Value> {
    let mut statements: Vec<Value> = Vec::new();
    for item in checklist::items() {
        let mut statement = property("statement", &item.statement);
        statement["class"] = item.id.as_str().into();
        statement["group"] = names::token(&item.group).into();
        statements.push(statement);
    }
    let mut resources = vec![json!({
        "uuid": plan_uuid(),
        "title": "Statements of the deployment guide and of the GCC checklist",
        "description": "Each statement is an objective; its class is the id that findings name.",
        "props": statements,
    })];
    let mut files: Vec<&String> = report.deployments.iter().flat_map(|deployment| &deployment.files).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let mut resource = Map::new();
        resource.insert("uuid".to_owned(), file_uuid(file).into());
        resource.insert("title".to_owned(), line(file).into());
        if super::forge::is_file(file) {
            resource.insert("rlinks".to_owned(), json!([{"href": super::forge::uri(file)}]));
        }
        resources.push(resource.into());
    }
    resources
}
