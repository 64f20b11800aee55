//! Istio: whether the pods are in the mesh, and what PeerAuthentication asks of a port.

use super::{Judged, Level, Meshed, lists_port};
use crate::model::input::Object;
use crate::model::network::labels::Selector;
use crate::source::Node;

/// Namespace whose PeerAuthentication without a selector holds for the whole mesh.
const ROOT_NAMESPACE: &str = "istio-system";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Membership {
    Sidecar,
    Ambient,
    Out,
    Unseen,
}

/// What Istio makes of a port; none when nothing speaks of Istio.
pub(super) fn judge(meshed: &Meshed<'_>, port: u16) -> Option<Judged> {
    let policies: Vec<&Object> =
        meshed.scope.of_kind("PeerAuthentication").filter(|object| object.group() == "security.istio.io").collect();
    let membership = membership(meshed);
    match membership {
        Membership::Unseen if policies.is_empty() => return None,
        Membership::Out => return Some(Judged::new(Level::None, "the pods are kept out of the Istio mesh")),
        _ => {}
    }
    if membership == Membership::Sidecar
        && let Some(annotation) = passes_by(meshed, port)
    {
        return Some(Judged::new(
            Level::Permissive,
            format!("`{annotation}` lets port {port} pass by the Istio sidecar"),
        ));
    }
    let (mode, by) = mode(meshed, &policies, port);
    Some(match (mode, membership) {
        (Some("STRICT"), Membership::Unseen) => Judged::new(
            Level::Unknown,
            format!("{by} is STRICT, but nothing shows that the pods are in the mesh; give the Namespace too"),
        ),
        (Some("STRICT"), _) => Judged::new(Level::Strict, format!("{by} is STRICT")),
        (Some(mode), _) => Judged::new(Level::Permissive, format!("{by} is {mode}: plain text gets through")),
        (None, _) => Judged::new(
            Level::Unknown,
            "the pods are in an Istio mesh, but no PeerAuthentication for them was given; Istio's default is PERMISSIVE",
        ),
    })
}

fn membership(meshed: &Meshed<'_>) -> Membership {
    let label = |key: &str| meshed.namespace_labels.get(key).map(String::as_str);
    match meshed.of_pod("sidecar.istio.io/inject") {
        Some("true") => return Membership::Sidecar,
        Some("false") => return Membership::Out,
        _ => {}
    }
    if meshed.has_container("istio-proxy") {
        return Membership::Sidecar;
    }
    match meshed.of_pod("istio.io/dataplane-mode").or_else(|| label("istio.io/dataplane-mode")) {
        Some("ambient") => return Membership::Ambient,
        Some("none") => return Membership::Out,
        _ => {}
    }
    match label("istio-injection") {
        Some("enabled") => Membership::Sidecar,
        Some("disabled") => Membership::Out,
        _ if label("istio.io/rev").is_some() || meshed.of_pod("istio.io/rev").is_some() => Membership::Sidecar,
        _ => Membership::Unseen,
    }
}

/// The annotation that keeps a port away from the sidecar.
fn passes_by(meshed: &Meshed<'_>, port: u16) -> Option<&'static str> {
    let (exclude, include) =
        ("traffic.sidecar.istio.io/excludeInboundPorts", "traffic.sidecar.istio.io/includeInboundPorts");
    if meshed.annotations.get(exclude).is_some_and(|list| lists_port(list, port)) {
        return Some(exclude);
    }
    meshed.annotations.get(include).is_some_and(|list| !lists_port(list, port)).then_some(include)
}

/// The mode of a port, from the narrowest policy that sets one, and whose it is.
fn mode<'s>(meshed: &'s Meshed<'_>, policies: &[&'s Object], port: u16) -> (Option<&'s str>, String) {
    let own = meshed.scope.namespace.as_deref();
    let here = |policy: &&&Object| policy.namespace().is_none() || own.is_none() || policy.namespace() == own;
    let for_all = |policy: &&&Object| Selector::of(policy.node.at(&["spec", "selector"])).is_empty();
    let name = |policy: &Object| format!("PeerAuthentication/{}", policy.name());
    let set = |node: Option<&'s Node>| node.and_then(Node::as_str).filter(|mode| *mode != "UNSET");
    let mut of_pods = policies.iter().filter(here).filter(|policy| {
        !for_all(policy) && Selector::of(policy.node.at(&["spec", "selector"])).matches(&meshed.pods.labels)
    });
    if let Some(policy) = of_pods.next() {
        let at_port = policy.node.at(&["spec", "portLevelMtls", &port.to_string(), "mode"]);
        if let Some(mode) = set(at_port).or_else(|| set(policy.node.at(&["spec", "mtls", "mode"]))) {
            return (Some(mode), format!("{} for port {port}", name(policy)));
        }
    }
    let of_namespace = policies.iter().filter(here).find(|policy| for_all(policy));
    let of_mesh = policies.iter().find(|policy| policy.namespace() == Some(ROOT_NAMESPACE) && for_all(policy));
    for policy in of_namespace.into_iter().chain(of_mesh) {
        if let Some(mode) = set(policy.node.at(&["spec", "mtls", "mode"])) {
            return (Some(mode), name(policy));
        }
    }
    (None, String::new())
}
