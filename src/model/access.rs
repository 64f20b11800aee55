//! Who may reach into the pods and read their Secrets through the API server.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Scope;
use super::facts::cluster::{Access, Grant};
use super::input::Object;
use super::network::labels::{Labels, Selector, labels_of};
use crate::source::{Node, Origin};

/// Verbs by resource that open a way into a running pod, past every Service and NetworkPolicy. A WebSocket client asks
/// for `get`, an older one for `create`.
const INTO_PODS: [(&str, &[&str]); 7] = [
    ("pods/portforward", &["create", "get"]),
    ("pods/exec", &["create", "get"]),
    ("pods/attach", &["create", "get"]),
    ("pods/proxy", &["create", "get"]),
    ("services/proxy", &["create", "get"]),
    ("nodes/proxy", &["create", "get"]),
    ("pods/ephemeralcontainers", &["patch", "update"]),
];
/// Verbs by resource that show the text of Secrets; a pod can mount every Secret of its namespace.
const READ_SECRETS: [(&str, &[&str]); 2] = [("secrets", &["get", "list", "watch"]), ("pods", &["create"])];
/// Built-in ClusterRoles that hold all of these. `view` holds none.
const BUILT_IN: [&str; 3] = ["cluster-admin", "admin", "edit"];
/// Kinds that live in no namespace.
const CLUSTER_ONLY: &str = "nodes/proxy";

/// Grants of the input's roles and bindings.
pub fn access(scope: &Scope<'_>) -> Access {
    let secrets = secrets_of_the_peers(scope);
    let roles = Roles::of(scope);
    let mut access = Grants::default();
    for binding in scope.objects.iter().filter(|object| is_binding(scope, object)) {
        let Some(bound) = Bound::of(&roles, binding) else { continue };
        add(&mut access.port_forward, bound.grant(&INTO_PODS, &|rule, _| reaches_the_peers(scope, rule)));
        let reads = bound.grant(&READ_SECRETS, &|rule, resource| {
            resource != "secrets" || names(rule).is_none_or(|named| named.iter().any(|name| secrets.contains(*name)))
        });
        add(&mut access.secrets, reads);
    }
    let found = |grants: Vec<(Grant, Origin)>| {
        grants.into_iter().map(|(grant, origin)| scope.origins.track(grant, &origin)).collect()
    };
    Access { port_forward: found(access.port_forward), secrets: found(access.secrets) }
}

/// Grants with their places, while they are collected.
#[derive(Default)]
struct Grants {
    port_forward: Vec<(Grant, Origin)>,
    secrets: Vec<(Grant, Origin)>,
}

/// Bindings of the same words of one role are one grant: it is mended in one place.
fn add(grants: &mut Vec<(Grant, Origin)>, one: Option<(Grant, Origin)>) {
    let Some((grant, origin)) = one else { return };
    let known = grants.iter_mut().find(|(other, at)| {
        *at == origin
            && other.role == grant.role
            && other.permission == grant.permission
            && other.system == grant.system
    });
    match known {
        Some((known, _)) => {
            known.other_bindings += 1;
            known.subjects.extend(grant.subjects);
            known.subjects.sort_unstable();
            known.subjects.dedup();
        }
        None => grants.push((grant, origin)),
    }
}

/// Whether an object binds a role in the namespace of the peers.
fn is_binding(scope: &Scope<'_>, object: &Object) -> bool {
    match object.kind() {
        "ClusterRoleBinding" => true,
        "RoleBinding" => same_namespace(scope, object),
        _ => false,
    }
}

fn same_namespace(scope: &Scope<'_>, object: &Object) -> bool {
    object.namespace().is_none() || scope.namespace.is_none() || object.namespace() == scope.namespace.as_deref()
}

/// A binding and the rules of its role about the core group, which holds all that is looked for.
struct Bound<'s> {
    binding: &'s Object,
    kind: &'s str,
    name: &'s str,
    /// None when the input does not hold the role.
    rules: Option<Vec<&'s Node>>,
}

impl<'s> Bound<'s> {
    fn of(roles: &Roles<'s>, binding: &'s Object) -> Option<Self> {
        let (kind, name) = (binding.node.text(&["roleRef", "kind"])?, binding.node.text(&["roleRef", "name"])?);
        let of_core = |rules: Vec<&'s Node>| rules.into_iter().filter(|rule| has(rule, "apiGroups", "")).collect();
        Some(Self { binding, kind, name, rules: roles.rules_of(kind, name).map(of_core) })
    }

    /// What it grants of some permissions; none when it grants nothing of them.
    fn grant(&self, wanted: &[(&str, &[&str])], counts: &dyn Fn(&Node, &str) -> bool) -> Option<(Grant, Origin)> {
        let Self { binding, kind, name, rules } = self;
        let everywhere = binding.kind() == "ClusterRoleBinding";
        let mut permissions = BTreeSet::new();
        let mut first: Option<Origin> = None;
        for rule in rules.iter().flatten() {
            let resources = rule.items(&["resources"]);
            for (resource, verbs) in wanted.iter().filter(|(resource, _)| everywhere || *resource != CLUSTER_ONLY) {
                let Some(at) = names_resource(resources, resource).filter(|_| counts(rule, resource)) else { continue };
                let granted: Vec<&str> = verbs.iter().copied().filter(|verb| has(rule, "verbs", verb)).collect();
                if !granted.is_empty() {
                    permissions.insert(format!("{} {resource}", granted.join("/")));
                    first.get_or_insert_with(|| at.origin.clone());
                }
            }
        }
        let built_in = rules.is_none() && *kind == "ClusterRole" && BUILT_IN.contains(name);
        if built_in {
            let all = wanted.iter().take(2);
            permissions.extend(all.map(|(resource, verbs)| format!("{} {resource}", verbs.join("/"))));
            first = binding.node.at(&["roleRef", "name"]).map(|node| node.origin.clone());
        }
        let first = first?;
        let subjects = subjects(binding);
        let fact = Grant {
            role: format!("{kind}/{name}"),
            binding: format!("{}/{}", binding.kind(), binding.name()),
            system: !subjects.is_empty() && subjects.iter().all(|subject| is_system(subject)),
            subjects,
            permission: permissions.into_iter().collect::<Vec<_>>().join(", "),
            built_in,
            other_bindings: 0,
        };
        Some((fact, first)).filter(|(grant, _)| !grant.subjects.is_empty())
    }
}

/// The roles that bindings of the peers' namespace may name. A cluster has as many of them as bindings, so each is looked up.
struct Roles<'s> {
    by_name: BTreeMap<(&'s str, &'s str), &'s Object>,
    of_cluster: Vec<(Labels, &'s Object)>,
}

impl<'s> Roles<'s> {
    fn of(scope: &'s Scope<'_>) -> Self {
        let mut roles = Self { by_name: BTreeMap::new(), of_cluster: Vec::new() };
        for object in &scope.objects {
            let kind = object.kind();
            let is_of_cluster = kind == "ClusterRole";
            if is_of_cluster || (kind == "Role" && same_namespace(scope, object)) {
                roles.by_name.entry((kind, object.name())).or_insert(object);
            }
            if is_of_cluster {
                roles.of_cluster.push((labels_of(object.node.at(&["metadata", "labels"])), object));
            }
        }
        roles
    }

    /// The rules of a role, those that it aggregates included; none when the input does not hold it.
    fn rules_of(&self, kind: &str, name: &str) -> Option<Vec<&'s Node>> {
        let role = *self.by_name.get(&(kind, name))?;
        let selectors: Vec<Selector> = role
            .node
            .items(&["aggregationRule", "clusterRoleSelectors"])
            .iter()
            .map(|one| Selector::of(Some(one)))
            .collect();
        let is_selected = |labels: &Labels| selectors.iter().any(|selector| selector.matches(labels));
        let aggregated = self.of_cluster.iter().filter(|(labels, _)| is_selected(labels)).map(|(_, object)| *object);
        Some(std::iter::once(role).chain(aggregated).flat_map(|object| object.node.items(&["rules"])).collect())
    }
}

/// The item by which a rule of the core group names a resource: itself, `pods/*`, `*/portforward` or `*`.
fn names_resource<'n>(resources: &'n [Node], resource: &str) -> Option<&'n Node> {
    let sub = resource.split_once('/').map(|(_, sub)| sub);
    resources.iter().find(|item| {
        item.as_str().is_some_and(|text| {
            text == resource || text == "*" || sub.is_some_and(|sub| text.strip_prefix("*/") == Some(sub))
        })
    })
}

fn has(rule: &Node, field: &str, value: &str) -> bool {
    rule.items(&[field]).iter().any(|item| matches!(item.as_str(), Some(text) if text == value || text == "*"))
}

/// `resourceNames` of a rule; none = all.
fn names(rule: &Node) -> Option<Vec<&str>> {
    let names: Vec<&str> = rule.items(&["resourceNames"]).iter().filter_map(Node::as_str).collect();
    (!names.is_empty()).then_some(names)
}

/// Names in a rule that are none of the peers' pods, Services or nodes open no way to them.
fn reaches_the_peers(scope: &Scope<'_>, rule: &Node) -> bool {
    let Some(named) = names(rule) else { return true };
    let Some(pods) = &scope.pods else { return true };
    named.iter().any(|name| name.starts_with(pods.workload.name()))
}

/// `User/x`, `Group/y`, `ServiceAccount/namespace/z`.
fn subjects(binding: &Object) -> Vec<String> {
    binding
        .node
        .items(&["subjects"])
        .iter()
        .filter_map(|subject| {
            let (kind, name) = (subject.text(&["kind"])?, subject.text(&["name"])?);
            Some(match (kind, subject.text(&["namespace"]).or_else(|| binding.namespace())) {
                ("ServiceAccount", Some(namespace)) => format!("{kind}/{namespace}/{name}"),
                _ => format!("{kind}/{name}"),
            })
        })
        .collect()
}

/// Parts of Kubernetes itself. Groups that anybody is in are none of them.
fn is_system(subject: &str) -> bool {
    let Some((kind, name)) = subject.split_once('/') else { return false };
    match kind {
        "ServiceAccount" => name.starts_with("kube-system/"),
        _ => {
            name.starts_with("system:")
                && !["system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccount"]
                    .iter()
                    .any(|anybody| name.starts_with(anybody))
                || name.starts_with("system:serviceaccount:kube-system:")
        }
    }
}

/// Secrets that the peers read, by name; others hold nothing of theirs.
fn secrets_of_the_peers(scope: &Scope<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Some(pods) = &scope.pods else { return found };
    let mut open = vec![&pods.spec];
    while let Some(node) = open.pop() {
        for (key, value) in node.as_mapping().into_iter().flatten() {
            match (key.as_ref(), value.as_str()) {
                ("secretName", Some(name)) => {
                    found.insert(name.to_owned());
                }
                ("secretKeyRef" | "secretRef" | "secret", None) => {
                    found.extend(value.text(&["name"]).map(str::to_owned));
                    open.push(value);
                }
                _ => open.push(value),
            }
        }
        open.extend(node.as_sequence().into_iter().flatten());
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(value: &serde_json::Value) -> Node {
        Node::from_json(value, &Origin::Derived)
    }

    #[test]
    fn stars_and_subresources_name_what_they_cover() {
        let covers = |resources: serde_json::Value, resource: &str| {
            let rule = rule(&json!({"apiGroups": [""], "resources": resources}));
            names_resource(rule.items(&["resources"]), resource).is_some()
        };
        assert!(covers(json!(["pods/portforward"]), "pods/portforward"));
        assert!(covers(json!(["*"]), "pods/exec"));
        assert!(covers(json!(["*/exec"]), "pods/exec"));
        assert!(!covers(json!(["pods"]), "pods/exec"));
        assert!(!covers(json!(["pods/exec"]), "pods"));
    }

    #[test]
    fn rules_of_other_groups_grant_nothing_of_the_core() {
        let role = |group: &str| {
            Object::derived(&json!({"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [
                {"apiGroups": [group], "resources": ["*"], "verbs": ["*"]}]}))
        };
        let binding = Object::derived(&json!({"kind": "ClusterRoleBinding", "metadata": {"name": "b"},
            "roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [{"kind": "User", "name": "anna"}]}));
        let granted = |group: &str| {
            let role = role(group);
            let by_name = BTreeMap::from([(("ClusterRole", "r"), &role)]);
            let roles = Roles { by_name, of_cluster: Vec::new() };
            Bound::of(&roles, &binding).unwrap().grant(&READ_SECRETS, &|_, _| true).is_some()
        };
        assert!(granted("") && granted("*"));
        assert!(!granted("apps"));
    }

    #[test]
    fn bindings_of_the_same_words_are_one_grant() {
        let grant = |binding: &str, subject: &str| {
            let role = "ClusterRole/reader".to_owned();
            let fact =
                Grant { role, binding: binding.to_owned(), subjects: vec![subject.to_owned()], ..Grant::default() };
            Some((fact, Origin::Derived))
        };
        let mut grants = Vec::new();
        add(&mut grants, grant("ClusterRoleBinding/a", "User/anna"));
        add(&mut grants, grant("ClusterRoleBinding/b", "User/bea"));
        add(&mut grants, None);
        let [(one, _)] = grants.as_slice() else { panic!("one grant: {grants:?}") };
        assert_eq!((one.binding.as_str(), one.other_bindings), ("ClusterRoleBinding/a", 1));
        assert_eq!(one.subjects, ["User/anna", "User/bea"]);
    }

    #[test]
    fn kubernetes_itself_is_told_from_groups_that_anybody_is_in() {
        for own in ["Group/system:masters", "User/system:kube-scheduler", "ServiceAccount/kube-system/x"] {
            assert!(is_system(own), "{own}");
        }
        for other in
            ["Group/system:authenticated", "Group/system:serviceaccounts:app", "ServiceAccount/app/x", "User/anna"]
        {
            assert!(!is_system(other), "{other}");
        }
    }
}
