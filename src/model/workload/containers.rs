//! How every container of the pod may run: its own security context over that of the pod.

use crate::model::build::{Pods, Scope};
use crate::model::facts::workload::Container;
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Name of the chart's container that gives Qdrant its folders.
const CHART_INIT: &str = "ensure-dir-ownership";

/// Lists of containers with the word for their members.
const LISTS: [(&str, &str); 3] =
    [("initContainers", "init"), ("containers", "container"), ("ephemeralContainers", "ephemeral")];

/// Every container of the pod with its kind.
pub(super) fn each(spec: &Node) -> impl Iterator<Item = (&'static str, &Node)> {
    LISTS.iter().flat_map(|(list, kind)| spec.items(&[*list]).iter().map(|container| (*kind, container)))
}

/// The containers of the peers.
pub(super) fn of_pods(pods: &Pods, scope: &Scope<'_>) -> Vec<Tracked<Container>> {
    let is_chart = scope.release.is_some() || pods.workload.rendered_by_helm;
    each(&pods.spec)
        .map(|(kind, container)| {
            let fact = of_container(pods, kind, container, is_chart);
            let origin = match container.at(&["securityContext"]) {
                Some(context) => context.origin.clone(),
                None if fact.is_qdrant => scope.absent(&["containerSecurityContext"], container, &["securityContext"]),
                None => container.at(&["name"]).filter(|_| scope.release.is_none()).unwrap_or(container).origin.clone(),
            };
            scope.origins.track(fact, &origin)
        })
        .collect()
}

fn of_container(pods: &Pods, kind: &str, container: &Node, is_chart: bool) -> Container {
    let name = container.text(&["name"]).unwrap_or_default();
    let own = |field: &str| container.at(&["securityContext", field]);
    let effective = |field: &str| own(field).or_else(|| pods.spec.at(&["securityContext", field]));
    let flag = |field: &str| own(field).and_then(Node::as_bool);
    let restarts = kind == "init" && container.text(&["restartPolicy"]) == Some("Always");
    let privileged = flag("privileged").unwrap_or(false);
    let image = container.text(&["image"]).unwrap_or_default();
    Container {
        name: name.to_owned(),
        kind: if restarts { "sidecar" } else { kind }.to_owned(),
        is_qdrant: kind == "container" && Some(name) == pods.container.text(&["name"]),
        is_chart_init: is_chart && kind == "init" && name == CHART_INIT,
        run_as_non_root: effective("runAsNonRoot").and_then(Node::as_bool),
        run_as_user: effective("runAsUser").and_then(Node::as_i64),
        user_unset: effective("runAsUser").is_none(),
        image_unprivileged: image.split('@').next().is_some_and(|name| name.contains("-unprivileged")),
        read_only_root: flag("readOnlyRootFilesystem").unwrap_or(false),
        privileged,
        // a privileged container always may
        allow_privilege_escalation: privileged || flag("allowPrivilegeEscalation").unwrap_or(true),
        memory_limited: container.at(&["resources", "limits", "memory"]).is_some(),
    }
}
