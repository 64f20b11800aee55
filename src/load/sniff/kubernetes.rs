//! Kubernetes objects: lists are opened, test hooks left out, resources of operators named.

use std::sync::Arc;

use crate::source::{Data, Node};

/// Groups of operators that make Qdrant clusters out of resources of their own.
const OPERATOR_GROUPS: [&str; 4] = ["qdrant.operator", "qdrant.keiailab.com", "qdrantoperator.io", "qdrant.io"];

/// One object of a document.
#[derive(Debug, Clone)]
pub(crate) struct FoundObject {
    pub node: Node,
    pub role: Role,
}

/// What an object is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Object,
    /// It runs only on `helm test`.
    TestHook,
    /// It asks an operator for Qdrant.
    Operator,
    /// A part of a workload that Kustomize lays over the whole one.
    Patch,
}

/// Whether the document is a Kubernetes object or a list of them.
pub(crate) fn is_object(root: &Node) -> bool {
    root.text(&["apiVersion"]).is_some() && root.text(&["kind"]).is_some()
}

/// The objects of a document, lists opened.
pub(crate) fn objects(root: &Node) -> Vec<FoundObject> {
    let mut found = Vec::new();
    open(root, 0, &mut found);
    found
}

/// Lists of lists are not a thing; two levels are more than enough.
fn open(node: &Node, depth: usize, found: &mut Vec<FoundObject>) {
    let kind = node.text(&["kind"]).unwrap_or_default();
    let items = node.get("items").and_then(Node::as_sequence);
    if let (Some(items), Some(of), true) = (items, kind.strip_suffix("List"), depth < 2) {
        for item in items.iter().filter(|item| item.as_mapping().is_some()) {
            open(&typed(item, of, node), depth + 1, found);
        }
        return;
    }
    found.push(FoundObject { node: node.clone(), role: role(node) });
}

/// The API server leaves out kind and version of the items of a typed list.
fn typed(item: &Node, kind: &str, list: &Node) -> Node {
    let (Some(fields), false) = (item.as_mapping(), kind.is_empty()) else { return item.clone() };
    if fields.contains_key("kind") {
        return item.clone();
    }
    let mut fields = fields.clone();
    let version = list.text(&["apiVersion"]).unwrap_or_default();
    fields.insert("apiVersion".into(), Node::string(version, item.origin.clone()));
    fields.insert("kind".into(), Node::string(kind, item.origin.clone()));
    Node { data: Data::Mapping(Arc::new(fields)), origin: item.origin.clone(), style: item.style }
}

/// Whether Helm makes it only for `helm test`.
pub(crate) fn is_test_hook(node: &Node) -> bool {
    let hooks = node.text(&["metadata", "annotations", "helm.sh/hook"]).unwrap_or_default();
    hooks.split(',').any(|hook| hook.trim().starts_with("test"))
}

fn role(node: &Node) -> Role {
    if is_test_hook(node) {
        return Role::TestHook;
    }
    let group = node.text(&["apiVersion"]).unwrap_or_default().split('/').next().unwrap_or_default();
    let of_kubeblocks = group == "apps.kubeblocks.io"
        && (node.text(&["spec", "clusterDef"]).or(node.text(&["spec", "clusterDefinitionRef"])) == Some("qdrant"));
    // backups are judged; what asks for a cluster is only named
    let kind = node.text(&["kind"]).unwrap_or_default();
    if ["Snapshot", "Backup", "Restore"].iter().any(|word| kind.contains(word)) {
        return Role::Object;
    }
    if OPERATOR_GROUPS.contains(&group) || of_kubeblocks {
        Role::Operator
    } else if is_part_of_workload(node, group, kind) {
        Role::Patch
    } else {
        Role::Object
    }
}

/// A workload that selects nothing and whose containers name no image is none: Kustomize lays it over another one.
fn is_part_of_workload(node: &Node, group: &str, kind: &str) -> bool {
    group == "apps"
        && matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet")
        && node.text(&["metadata", "name"]).is_some()
        && node.at(&["spec"]).is_some()
        && node.at(&["spec", "selector"]).is_none()
        && node
            .items(&["spec", "template", "spec", "containers"])
            .iter()
            .all(|container| container.at(&["image"]).is_none())
}

/// `apps/v1 StatefulSet qdrant`.
pub(crate) fn in_words(node: &Node) -> String {
    let part = |keys: &[&str]| node.text(keys).unwrap_or_default().to_owned();
    let words = [part(&["apiVersion"]), part(&["kind"]), part(&["metadata", "name"])];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A `ConfigMap` of Helm values and nothing else: who installs the chart says what they are values of.
pub(crate) fn holds_only_values(node: &Node) -> bool {
    let data = node.get("data").and_then(Node::as_mapping);
    let of_values = |name: &str| ["values.yaml", "values.yml"].iter().any(|end| name.ends_with(end));
    node.text(&["kind"]) == Some("ConfigMap")
        && data.is_some_and(|data| !data.is_empty() && data.iter().all(|(name, _)| of_values(name)))
}

/// Whether it carries the labels that charts put on what they render.
pub(crate) fn is_rendered_by_helm(node: &Node) -> bool {
    let label = |name: &str| node.text(&["metadata", "labels", name]);
    label("app.kubernetes.io/managed-by") == Some("Helm") && label("helm.sh/chart").is_some()
}
