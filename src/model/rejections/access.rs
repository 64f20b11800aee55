//! Roles and who has them.

use super::names;
use super::place::Place;

const GROUP: &str = "rbac.authorization.k8s.io";

/// A Role or, with the whole cluster to rule, a ClusterRole.
pub(super) fn role(object: &Place<'_>) {
    let namespaced = object.get("kind").text() == Some("Role");
    for rule in object.get("rules").items() {
        let verbs = rule.get("verbs");
        if !verbs.is_filled() {
            verbs.required("verbs must contain at least one value");
        }
        let (urls, groups, resources) = (rule.get("nonResourceURLs"), rule.get("apiGroups"), rule.get("resources"));
        if urls.is_filled() {
            if namespaced {
                urls.refuse(urls.wrong("namespaced rules cannot apply to non-resource URLs"));
            } else if groups.is_filled() || resources.is_filled() || rule.get("resourceNames").is_filled() {
                urls.refuse(urls.wrong("rules cannot apply to both regular resources and non-resource URLs"));
            }
            continue;
        }
        if !groups.is_filled() {
            groups.required("resource rules must supply at least one api group");
        }
        if !resources.is_filled() {
            resources.required("resource rules must supply at least one resource");
        }
    }
    let aggregation = object.get("aggregationRule");
    if aggregation.is_set() && !namespaced {
        let selectors = aggregation.get("clusterRoleSelectors");
        if !selectors.is_filled() {
            selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
        }
        for selector in selectors.items() {
            super::meta::selector(&selector);
        }
    }
}

/// A RoleBinding or ClusterRoleBinding.
pub(super) fn binding(object: &Place<'_>) {
    let namespaced = object.get("kind").text() == Some("RoleBinding");
    let role = object.get("roleRef");
    role.get("apiGroup").one_of(&[GROUP]);
    let kinds: &[&str] = if namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    role.get("kind").exactly_one_of(kinds);
    let name = role.get("name");
    if name.require() {
        name.check(names::not_a_path_segment);
    }
    for subject in object.get("subjects").items() {
        let (kind, name, group) = (subject.get("kind"), subject.get("name"), subject.get("apiGroup"));
        name.require();
        match kind.word() {
            Some("ServiceAccount") => {
                name.check_filled(names::not_a_subdomain);
                if group.is_filled() {
                    group.exactly_one_of(&[""]);
                }
                if !namespaced {
                    subject.get("namespace").require();
                }
            }
            // without a group it is that of RBAC
            Some("User" | "Group") => group.one_of(&[GROUP]),
            None => {}
            Some(_) => kind.exactly_one_of(&["ServiceAccount", "User", "Group"]),
        }
    }
}
