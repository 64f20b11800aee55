//! The least that an audit needs, as roles to apply: for the cluster, and for single namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::kinds::{self, Kind, Reach};

/// What an audit is to do, as far as rights go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rights<'a> {
    /// Where; empty = in all namespaces.
    pub namespaces: &'a [String],
    /// Ask whether Secrets exist.
    pub secrets: bool,
    /// Write reports.
    pub reports: bool,
    /// Watch what is read.
    pub watch: bool,
}

/// Name of the roles.
const NAME: &str = "qdrant-lint-audit";

/// Groups and resources of reports.
const REPORTS: [(&str, &str); 2] = [("openreports.io", "reports"), ("wgpolicyk8s.io", "policyreports")];

/// The manifests. Without namespaces: one role for all of them; else a Role in each, and what has no namespace apart.
pub fn print(rights: Rights<'_>) -> String {
    let Rights { namespaces, .. } = rights;
    let mut out = String::from(
        "# The rights of `qdrant-lint audit`: reading only, no Secrets. Bind them to the user or group that audits, here\n\
         # the group qdrant-auditors; what is left out is reported as not judged.\n",
    );
    let of_cluster = |kind: &&Kind| matches!(kind.reach, Reach::Cluster | Reach::ClusterNamed);
    if namespaces.is_empty() {
        role(&mut out, "ClusterRole", NAME, None, kinds::all().filter(|kind| !of_cluster(kind)), rights);
        binding(&mut out, "ClusterRole", NAME, None);
    }
    for namespace in namespaces {
        role(&mut out, "Role", NAME, Some(namespace), kinds::all().filter(|kind| !of_cluster(kind)), rights);
        binding(&mut out, "Role", NAME, Some(namespace));
    }
    let cluster = format!("{NAME}-cluster");
    out.push_str("---\n# What belongs to no namespace: nodes, volumes, classes, cluster-wide roles and policies.\n");
    role_body(
        &mut out,
        "ClusterRole",
        &cluster,
        None,
        kinds::all().filter(of_cluster),
        Rights { secrets: false, ..rights },
    );
    binding(&mut out, "ClusterRole", &cluster, None);
    if rights.reports {
        reports(&mut out, namespaces);
    }
    out.push_str(
        "---\n# Only to ask the Qdrant API of each pod through the API server. Who holds it reaches port 6333 past every\n\
         # NetworkPolicy; bind it for the time of an audit, or audit from inside the cluster.\n",
    );
    let forward = format!("{NAME}-port-forward");
    let kind = if namespaces.is_empty() { "ClusterRole" } else { "Role" };
    let places: Vec<Option<&str>> =
        if namespaces.is_empty() { vec![None] } else { namespaces.iter().map(|one| Some(one.as_str())).collect() };
    for (index, namespace) in places.into_iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        head(&mut out, kind, &forward, namespace);
        out.push_str("rules:\n- apiGroups: [\"\"]\n  resources: [pods/portforward]\n  verbs: [get, create]\n");
    }
    out
}

/// `--write-reports`: reports are applied, listed and removed.
fn reports(out: &mut String, namespaces: &[String]) {
    let name = format!("{NAME}-reports");
    let kind = if namespaces.is_empty() { "ClusterRole" } else { "Role" };
    let places: Vec<Option<&str>> =
        if namespaces.is_empty() { vec![None] } else { namespaces.iter().map(|one| Some(one.as_str())).collect() };
    for namespace in places {
        out.push_str("---\n# --write-reports: one a workload, where the cluster has the kind.\n");
        head(out, kind, &name, namespace);
        out.push_str("rules:\n");
        for (group, resource) in REPORTS {
            let _ = writeln!(
                out,
                "- apiGroups: [{group}]\n  resources: [{resource}]\n  verbs: [get, list, create, patch, delete]"
            );
        }
        binding(out, kind, &name, namespace);
    }
}

fn role<'k>(
    out: &mut String,
    kind: &str,
    name: &str,
    namespace: Option<&str>,
    kinds: impl Iterator<Item = &'k Kind>,
    rights: Rights<'_>,
) {
    out.push_str("---\n");
    role_body(out, kind, name, namespace, kinds, rights);
}

fn role_body<'k>(
    out: &mut String,
    kind: &str,
    name: &str,
    namespace: Option<&str>,
    kinds: impl Iterator<Item = &'k Kind>,
    rights: Rights<'_>,
) {
    head(out, kind, name, namespace);
    out.push_str("rules:\n");
    let mut by_verbs: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for kind in kinds {
        let verbs = match kind.reach {
            _ if rights.watch => "get, list, watch",
            Reach::Named | Reach::ClusterNamed => "get",
            Reach::Home | Reach::Selected | Reach::Everywhere | Reach::Cluster => "get, list",
        };
        by_verbs.entry(verbs).or_default().entry(kind.group).or_default().insert(kind.resource);
    }
    for (verbs, groups) in &by_verbs {
        for (group, resources) in groups {
            let group = if group.is_empty() { "\"\"" } else { group };
            let resources: Vec<&str> = resources.iter().copied().collect();
            let _ =
                writeln!(out, "- apiGroups: [{group}]\n  resources: [{}]\n  verbs: [{verbs}]", resources.join(", "));
        }
    }
    if kind.ends_with("Role") && !name.ends_with("-cluster") {
        out.push_str("# How Qdrant started: its own check of the file system.\n- apiGroups: [\"\"]\n  resources: [pods/log]\n  verbs: [get]\n");
    }
    if rights.secrets {
        out.push_str(
            "# --check-secrets: whether keys exist. `get` hands out their values too; name the Secrets where you can.\n\
             - apiGroups: [\"\"]\n  resources: [secrets]\n  verbs: [get]\n",
        );
    }
}

fn head(out: &mut String, kind: &str, name: &str, namespace: Option<&str>) {
    let _ = write!(out, "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n");
    if let Some(namespace) = namespace {
        let _ = writeln!(out, "  namespace: {namespace}");
    }
}

fn binding(out: &mut String, role: &str, name: &str, namespace: Option<&str>) {
    out.push_str("---\n");
    head(out, &format!("{role}Binding"), name, namespace);
    let _ = write!(
        out,
        "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {role}\n  name: {name}\nsubjects:\n\
         - apiGroup: rbac.authorization.k8s.io\n  kind: Group\n  name: qdrant-auditors\n"
    );
}
