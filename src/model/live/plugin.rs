//! Who makes pods talk to each other, and whether it heeds network policies.

use crate::model::build::Scope;
use crate::model::facts::live::NetworkPlugin;
use crate::model::recorded::Live;
use crate::source::Node;

/// Where network plugins run.
const PLACES: [&str; 4] = ["kube-system", "calico-system", "kube-flannel", "cilium"];

/// DaemonSets by the beginning of their name: what they are, and whether they heed policies.
const KNOWN: [(&str, &str, Heeds); 14] = [
    ("cilium", "Cilium", Heeds::Yes),
    ("calico-node", "Calico", Heeds::Yes),
    ("canal", "Canal", Heeds::Yes),
    ("antrea-agent", "Antrea", Heeds::Yes),
    ("weave-net", "Weave Net", Heeds::Yes),
    ("kube-router", "kube-router", Heeds::Yes),
    ("ovnkube-node", "OVN-Kubernetes", Heeds::Yes),
    ("anetd", "GKE Dataplane V2", Heeds::Yes),
    ("azure-npm", "Azure NPM", Heeds::Yes),
    ("kindnet", "kindnet", Heeds::Unknown),
    ("aws-node", "Amazon VPC CNI", Heeds::WithAgent),
    ("azure-cns", "Azure CNI", Heeds::No),
    ("kube-flannel", "flannel", Heeds::No),
    ("kube-proxy", "", Heeds::Unknown),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heeds {
    Yes,
    No,
    /// When its policy agent runs in the same pods.
    WithAgent,
    /// It depends on the version.
    Unknown,
}

/// The network plugin; none when the namespaces of the system were not read.
pub(super) fn plugin(scope: &Scope<'_>, live: &Live) -> Option<NetworkPlugin> {
    let is_read = PLACES
        .iter()
        .all(|place| live.list("apps", "daemonsets", Some(place)).is_some_and(crate::model::recorded::List::is_known));
    if !is_read {
        return None;
    }
    let mut found = NetworkPlugin::default();
    let mut is_unknown = false;
    for object in scope.of_kind("DaemonSet") {
        if !object.namespace().is_some_and(|namespace| PLACES.contains(&namespace)) {
            continue;
        }
        let Some((_, name, heeds)) = KNOWN.iter().find(|(begin, ..)| object.name().starts_with(begin)) else {
            continue;
        };
        if name.is_empty() {
            continue;
        }
        let heeds = match heeds {
            Heeds::WithAgent if has_policy_agent(&object.node) => Heeds::Yes,
            Heeds::WithAgent => Heeds::No,
            other => *other,
        };
        found.names.push((*name).to_owned());
        is_unknown |= heeds == Heeds::Unknown;
        if heeds == Heeds::Yes {
            found.enforces = Some(true);
        }
    }
    found.names.sort_unstable();
    found.names.dedup();
    if found.enforces.is_none() && !is_unknown && !found.names.is_empty() {
        found.enforces = Some(false);
    }
    Some(found)
}

/// The agent of Amazon's plugin is a container of its own, switched on by an argument.
fn has_policy_agent(set: &Node) -> bool {
    let containers = set.items(&["spec", "template", "spec", "containers"]);
    containers.iter().filter(|one| one.text(&["name"]) == Some("aws-eks-nodeagent")).any(|one| {
        let mut arguments = one.items(&["args"]).iter().filter_map(Node::as_str);
        arguments.any(|argument| argument == "--enable-network-policy=true")
    })
}
