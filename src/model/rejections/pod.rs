//! Pod templates. A StatefulSet's is checked like a pod; so is that of every other kind.

use std::collections::BTreeSet;

use super::place::Place;
use super::{container, meta, names};

/// A pod template. `claims` are the volumes that claim templates of a StatefulSet add.
pub(super) fn template(template: &Place<'_>, claims: &BTreeSet<&str>) {
    let metadata = template.get("metadata");
    meta::labels(&metadata.get("labels"));
    meta::annotations(&metadata.get("annotations"));
    spec(&template.get("spec"), claims);
}

/// The spec of a pod.
pub(super) fn spec(spec: &Place<'_>, claims: &BTreeSet<&str>) {
    let mut volumes: BTreeSet<&str> = claims.clone();
    // with a templated name nobody can say which volumes there are
    let mut open = false;
    let mut own = BTreeSet::new();
    for volume in spec.get("volumes").items() {
        let name = volume.get("name");
        open |= name.is_set() && name.text().is_none();
        if name.require() {
            name.check(names::not_a_label);
        }
        if let Some(text) = name.text() {
            if !own.insert(text) {
                name.duplicate();
            }
            volumes.insert(text);
        }
        self::volume(&volume);
    }
    let containers = spec.get("containers");
    if !containers.is_filled() {
        containers.required("");
    }
    let mut seen = BTreeSet::new();
    for (list, init) in [("containers", false), ("initContainers", true)] {
        for one in spec.get(list).items() {
            container::container(&one, &volumes, open, init);
            let name = one.get("name");
            if let Some(text) = name.text()
                && !seen.insert(text)
            {
                name.duplicate();
            }
        }
    }
    spec.get("terminationGracePeriodSeconds").not_negative();
    spec.get("serviceAccountName").check(|text| if text.is_empty() { None } else { names::not_a_subdomain(text) });
    spec.get("priorityClassName").check(|text| if text.is_empty() { None } else { names::not_a_subdomain(text) });
    spec.get("dnsPolicy").one_of(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]);
    meta::labels(&spec.get("nodeSelector"));
    let security = spec.get("securityContext");
    for field in ["runAsUser", "runAsGroup", "fsGroup"] {
        container::identity(&security.get(field));
    }
    security.get("fsGroupChangePolicy").one_of(&["Always", "OnRootMismatch"]);
    container::seccomp(&security.get("seccompProfile"));
    tolerations(&spec.get("tolerations"));
    spread(&spec.get("topologySpreadConstraints"));
    affinity(&spec.get("affinity"));
}

fn volume(volume: &Place<'_>) {
    let sources = volume.keys().into_iter().filter(|key| *key != "name" && volume.get(key).is_set()).count();
    if sources > 1 {
        volume.forbidden("may not specify more than 1 volume type");
    }
    let claim = volume.get("persistentVolumeClaim");
    if claim.is_set() && !claim.get("claimName").is_filled() {
        claim.get("claimName").required("");
    }
    let secret = volume.get("secret");
    if secret.is_set() && !secret.get("secretName").is_filled() {
        secret.get("secretName").required("");
    }
    let host = volume.get("hostPath");
    if host.is_set() && !host.get("path").is_filled() {
        host.get("path").required("");
    }
    let nfs = volume.get("nfs");
    if nfs.is_set() {
        for field in ["server", "path"] {
            nfs.get(field).require();
        }
    }
}

fn tolerations(list: &Place<'_>) {
    for one in list.items() {
        let (key, operator, value, effect) = (one.get("key"), one.get("operator"), one.get("value"), one.get("effect"));
        key.check(|text| if text.is_empty() { None } else { names::not_a_qualified_name(text) });
        operator.one_of(&["Equal", "Exists", ""]);
        if !key.is_filled() && operator.text() != Some("Exists") && !(operator.is_set() && operator.text().is_none()) {
            operator
                .invalid("operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if operator.text() == Some("Exists") && value.is_filled() {
            operator.invalid("value must be empty when `operator` is 'Exists'");
        }
        effect.one_of(&["NoExecute", "NoSchedule", "PreferNoSchedule", ""]);
        if one.get("tolerationSeconds").is_set() && effect.text() != Some("NoExecute") {
            effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
    }
}

fn spread(list: &Place<'_>) {
    let mut seen = BTreeSet::new();
    for one in list.items() {
        let skew = one.get("maxSkew");
        if !skew.is_set() {
            let mut refusal = skew.missing("");
            "Invalid value: 0: must be greater than zero".clone_into(&mut refusal.message);
            skew.refuse(refusal);
        } else if skew.number().is_some_and(|number| number <= 0) {
            skew.invalid("must be greater than zero");
        }
        let (key, then) = (one.get("topologyKey"), one.get("whenUnsatisfiable"));
        if !key.is_filled() {
            key.required("can not be empty");
        }
        key.check(names::not_a_qualified_name);
        if then.is_set() {
            then.one_of(&["DoNotSchedule", "ScheduleAnyway"]);
        } else {
            let mut refusal = then.missing("");
            "Unsupported value: \"\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\""
                .clone_into(&mut refusal.message);
            then.refuse(refusal);
        }
        if let (Some(key), Some(then)) = (key.text(), then.text())
            && !seen.insert((key, then))
        {
            let pair = one.get("{topologyKey, whenUnsatisfiable}");
            let mut refusal = pair.missing("");
            refusal.message = format!("Duplicate value: \"{{{key}, {then}}}\"");
            pair.refuse(refusal);
        }
        let domains = one.get("minDomains");
        if domains.number().is_some_and(|number| number <= 0) {
            domains.invalid("must be greater than zero");
        } else if domains.is_set() && then.text() == Some("ScheduleAnyway") {
            domains.invalid("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway");
        }
        meta::selector(&one.get("labelSelector"));
    }
}

fn affinity(affinity: &Place<'_>) {
    for kind in ["podAffinity", "podAntiAffinity"] {
        let terms = affinity.get(kind);
        for term in terms.get("requiredDuringSchedulingIgnoredDuringExecution").items() {
            affinity_term(&term);
        }
        for weighted in terms.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
            weight(&weighted.get("weight"));
            affinity_term(&weighted.get("podAffinityTerm"));
        }
    }
    let nodes = affinity.get("nodeAffinity");
    let required = nodes.get("requiredDuringSchedulingIgnoredDuringExecution");
    if required.is_set() {
        let terms = required.get("nodeSelectorTerms");
        if !terms.is_filled() {
            terms.required("must have at least one node selector term");
        }
    }
    for preferred in nodes.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
        weight(&preferred.get("weight"));
    }
}

fn weight(weight: &Place<'_>) {
    if weight.node.is_none_or(|node| node.as_i64().is_some_and(|number| !(1..=100).contains(&number))) {
        weight.invalid("must be in the range 1-100");
    }
}

fn affinity_term(term: &Place<'_>) {
    let key = term.get("topologyKey");
    if !key.is_filled() {
        key.required("can not be empty");
    }
    key.check(names::not_a_qualified_name);
    meta::selector(&term.get("labelSelector"));
}
