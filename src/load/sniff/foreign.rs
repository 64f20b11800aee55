//! Files of others that often lie beside Qdrant: named, never judged.

use super::Kind;
use crate::load::names;
use crate::source::Node;

/// What the document is, when it is something well known that is not ours to judge.
pub(crate) fn recognise(root: &Node, file: &str) -> Option<(Kind, String)> {
    let name = names::file_name(file);
    let fields = root.as_mapping()?;
    let has = |key: &str| fields.contains_key(key);
    if matches!(name, ".qdrant-lint.yaml" | ".qdrant-lint.yml") {
        return Some((Kind::Configuration, "configuration of this tool".into()));
    }
    if file.split('/').any(|part| part == "workflows") && (has("jobs") || has("on") || has("true")) {
        return Some((Kind::Workflow, "a workflow of GitHub Actions".into()));
    }
    let services = || root.fields(&["services"]);
    let is_service = |node: &Node| node.get("image").is_some() || node.get("build").is_some();
    if has("services") && services().next().is_some() && services().all(|(_, service)| is_service(service)) {
        return Some((Kind::Compose, "services of Docker Compose; only Kubernetes is judged".into()));
    }
    if has("suite") && has("tests") {
        return Some((Kind::Other, "tests of helm-unittest".into()));
    }
    if has("openapi") || has("swagger") {
        return Some((Kind::Other, "an OpenAPI document".into()));
    }
    if name == "Chart.lock" || (has("digest") && has("generated") && has("dependencies")) {
        return Some((Kind::Other, "a lock file of Helm".into()));
    }
    if has("panels") && (has("schemaVersion") || has("title")) {
        return Some((Kind::Other, "a dashboard of Grafana".into()));
    }
    if has("result") && (has("status") || has("time")) {
        return Some((Kind::Other, "an answer of Qdrant's API; give the body that created the collection".into()));
    }
    None
}

/// Whether SOPS has encrypted the document.
pub(crate) fn is_encrypted_by_sops(root: &Node) -> bool {
    root.at(&["sops"]).is_some_and(|sops| ["mac", "version", "lastmodified"].iter().any(|key| sops.get(key).is_some()))
}

/// Whether a template language other than YAML is in the text: outside of comments and quotes.
pub(crate) fn is_template(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        let bare = !line.starts_with('#');
        bare && line.find("{{").is_some_and(|at| {
            let before = &line[..at];
            before.matches('"').count() % 2 == 0 && before.matches('\'').count() % 2 == 0
        })
    })
}
