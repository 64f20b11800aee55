//! Pods and their templates.

use std::collections::BTreeSet;

use super::container::{Around, container};
use super::place::Place;
use super::{meta, names, placement, resources, security, volumes};

/// How long a pod may take to end where nothing says so.
const DEFAULT_GRACE: i64 = 30;

/// A pod template. `claims` are the volumes that claim templates of a StatefulSet add; others have none.
pub(super) fn template(template: &Place<'_>, claims: Option<&BTreeSet<&str>>) {
    // what stands in the metadata is said to stand beside it
    let metadata = template.get("metadata");
    for (field, check) in [("labels", meta::labels as fn(&Place<'_>)), ("annotations", meta::annotations)] {
        check(&metadata.get(field).called(format!("{}.{field}", template.path())));
    }
    let spec = template.get("spec");
    self::spec(&spec, claims.unwrap_or(&BTreeSet::new()));
    // a StatefulSet gives its pods names of their own
    if claims.is_none() {
        host_names(&spec);
    }
    if spec.get("ephemeralContainers").is_filled() {
        spec.get("ephemeralContainers").forbidden("ephemeral containers not allowed in pod template");
    }
}

/// A bare Pod.
pub(super) fn pod(object: &Place<'_>) {
    let spec = object.get("spec");
    self::spec(&spec, &BTreeSet::new());
    host_names(&spec);
    spec.get("restartPolicy").one_of(&["Always", "OnFailure", "Never"]);
    if spec.get("ephemeralContainers").is_filled() {
        spec.get("ephemeralContainers").forbidden("cannot be set on create");
    }
    for volume in spec.get("volumes").items() {
        for source in volume.at(&["projected", "sources"]).items() {
            let token = source.get("serviceAccountToken");
            if token.is_set() && !has_account(&spec) {
                token.forbidden("must not be specified when serviceAccountName is not set");
            }
        }
    }
    for list in ["containers", "initContainers"] {
        for one in spec.get(list).items() {
            let image = one.get("image");
            if image.text().is_some_and(|text| !text.is_empty() && text.trim() != text) {
                image.invalid("must not have leading or trailing whitespace");
            }
        }
    }
}

fn has_account(spec: &Place<'_>) -> bool {
    ["serviceAccountName", "serviceAccount"].iter().any(|field| spec.get(field).is_filled())
}

fn spec(spec: &Place<'_>, claims: &BTreeSet<&str>) {
    let grace = spec.get("terminationGracePeriodSeconds");
    let hidden = grace.is_hidden();
    let mut around = Around {
        volumes: claims.clone(),
        open: false,
        claims: BTreeSet::new(),
        // the server makes a second of what is below zero
        grace: if hidden { None } else { Some(grace.number().unwrap_or(DEFAULT_GRACE)).map(|grace| grace.max(0)) },
        never_restarts: spec.get("restartPolicy").text() == Some("Never"),
        shares_users: spec.get("hostUsers").flag() != Some(false),
    };
    volumes_of(spec, &mut around);
    for claim in spec.get("resourceClaims").items() {
        resource_claim(&claim, &mut around.claims);
    }
    containers(spec, &around);
    host(spec);
    people(spec);
    resources::requirements(&spec.get("resources"), &around.claims, true);
    spec.get("dnsPolicy").one_of(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]);
    dns(spec);
    spec.get("activeDeadlineSeconds").within(1, i64::from(i32::MAX));
    meta::labels(&spec.get("nodeSelector"));
    security::of_pod(&spec.get("securityContext"), spec);
    placement::tolerations(&spec.get("tolerations"));
    placement::spread(&spec.get("topologySpreadConstraints"));
    placement::affinity(&spec.get("affinity"));
    for gate in spec.get("readinessGates").items() {
        gate.get("conditionType").check_word(names::not_a_qualified_name);
    }
    let mut gates = BTreeSet::new();
    for gate in spec.get("schedulingGates").items() {
        let name = gate.get("name").called(gate.path());
        name.check_word(names::not_a_qualified_name);
        if name.text().is_some_and(|text| !gates.insert(text)) {
            name.duplicate();
        }
    }
    let system = spec.get("os");
    if system.is_set() && system.get("name").require() {
        system.get("name").called(system.path()).one_of(&["linux", "windows"]);
    }
    let overhead = spec.get("overhead");
    for name in overhead.keys() {
        if !["cpu", "memory", "ephemeral-storage"].contains(&name) && !name.contains('/') {
            let entry = overhead.get("limits").entry(name);
            entry.refuse(entry.wrong(&format!("{name:?}: must be a standard resource for containers")));
        }
    }
}

fn volumes_of<'p>(spec: &Place<'p>, around: &mut Around<'p>) {
    let mut own = BTreeSet::new();
    for volume in spec.get("volumes").items() {
        let name = volume.get("name");
        // with a templated name nobody can say which volumes there are
        around.open |= name.is_hidden();
        if name.require() {
            name.check(names::not_a_dotless_label);
        }
        if let Some(text) = name.text() {
            if !own.insert(text) {
                name.duplicate();
            }
            around.volumes.insert(text);
        }
        volumes::source(&volume);
    }
}

fn containers(spec: &Place<'_>, around: &Around<'_>) {
    spec.get("containers").require();
    let mut seen = BTreeSet::new();
    let mut ports = BTreeSet::new();
    for (list, init) in [("containers", false), ("initContainers", true)] {
        for one in spec.get(list).items() {
            container(&one, around, init);
            let name = one.get("name");
            if let Some(text) = name.text()
                && !seen.insert(text)
            {
                name.duplicate();
            }
            if init {
                // they run one after the other
                ports.clear();
            }
            for port in one.get("ports").items() {
                let host = port.get("hostPort");
                let protocol = port.get("protocol").text().filter(|text| !text.is_empty()).unwrap_or("TCP");
                let key = (host.number(), port.get("hostIP").text().unwrap_or_default(), protocol);
                if host.number().is_some_and(|number| number != 0) && !ports.insert(key) {
                    host.duplicate();
                }
            }
        }
    }
    for one in spec.get("ephemeralContainers").items() {
        for field in ["name", "image"] {
            one.get(field).require();
        }
    }
}

fn resource_claim<'p>(claim: &Place<'p>, seen: &mut BTreeSet<&'p str>) {
    let name = claim.get("name");
    if name.require() {
        name.check(names::not_a_label);
        if let Some(text) = name.text()
            && !seen.insert(text)
        {
            name.duplicate();
        }
    }
    match ["resourceClaimName", "resourceClaimTemplateName"].iter().filter(|field| claim.get(field).is_set()).count() {
        0 => claim.refuse(claim.wrong("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")),
        1 => {}
        _ => claim
            .refuse(claim.wrong("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")),
    }
}

/// What a pod shares with its host.
fn host(spec: &Place<'_>) {
    let shares = |field: &str| spec.get(field).flag() == Some(true);
    if spec.get("hostUsers").flag() == Some(false) {
        for (field, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
            if shares(field) {
                spec.get_as(field, shown).forbidden("when `hostUsers` is false");
            }
        }
    }
    if shares("hostNetwork") {
        for one in spec.get("containers").items() {
            for port in one.get("ports").items() {
                let (host, own) = (port.get("hostPort"), port.get("containerPort"));
                if host.number().is_some_and(|number| number != 0) && host.number() != own.number() {
                    host.invalid("must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }
    for alias in spec.get("hostAliases").items() {
        let address = alias.get("ip");
        address.check_word(names::not_an_address);
        for name in alias.get("hostnames").items() {
            name.check_word(names::not_a_subdomain);
        }
    }
}

/// Names of what the pod belongs to.
fn people(spec: &Place<'_>) {
    // the old name of the field fills the new one
    let account = spec.get("serviceAccountName");
    let account = if account.is_filled() { account } else { spec.get_as("serviceAccount", "serviceAccountName") };
    account.check_filled(names::not_a_subdomain);
    for field in ["priorityClassName", "nodeName"] {
        spec.get(field).check_filled(names::not_a_subdomain);
    }
    spec.get("runtimeClassName").check(names::not_a_subdomain);
    let preemption = spec.get("preemptionPolicy");
    if preemption.is_set() && preemption.require() {
        preemption.one_of(&["PreemptLowerPriority", "Never"]);
    }
}

fn host_names(spec: &Place<'_>) {
    for field in ["hostname", "subdomain"] {
        spec.get(field).check_filled(names::not_a_label);
    }
}

fn dns(spec: &Place<'_>) {
    let config = spec.get("dnsConfig");
    let servers = config.get("nameservers");
    if spec.get("dnsPolicy").text() == Some("None") {
        if !config.is_set() {
            config.required("must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if !servers.is_filled() {
            servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
            return;
        }
    }
    if servers.items().len() > 3 {
        servers.refuse(servers.wrong("must not have more than 3 nameservers"));
    }
    for server in servers.items() {
        server.check_word(names::not_an_address);
    }
    let searches = config.get("searches");
    if searches.items().len() > 32 {
        searches.refuse(searches.wrong("must not have more than 32 search paths"));
    }
    for search in searches.items() {
        search.check_word(|text| {
            let text = text.strip_suffix('.').unwrap_or(text);
            // a lone dot is the root, and labels may have underscores here
            if text.is_empty() { None } else { names::not_a_subdomain(&text.replace('_', "a")) }
        });
    }
    for option in config.get("options").items() {
        if option.get("name").word() == Some("") {
            option.required("must not be empty");
        }
    }
}
