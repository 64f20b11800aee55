//! The peers' workload as facts: what is written, and what Kubernetes or the chart fills in.

mod containers;
mod environment;
mod governing;
mod hidden;
mod image;
mod mounts;
mod probes;
mod resources;

use super::autoscalers;
use super::build::{Pods, Scope};
use super::facts::workload::{ContainerPort, Image, Workload};
use super::network::labels::labels_of;
use super::tracked::Tracked;
use crate::source::{Node, Origin, Path};

/// Kinds that replace their pods by themselves when the template changes.
const ROLLING: [&str; 4] = ["StatefulSet", "Deployment", "DaemonSet", "Rollout"];

/// The workload of the peers; none when the input holds none.
pub fn workload(scope: &Scope<'_>) -> Option<Tracked<Workload>> {
    let pods = scope.pods.as_ref()?;
    let (node, spec, container) = (&pods.workload.node, &pods.spec, &pods.container);
    let origins = &scope.origins;
    let is_set = pods.workload.kind() == "StatefulSet";
    let strategy = if pods.workload.kind() == "Deployment" { "strategy" } else { "updateStrategy" };
    let fact = Workload {
        kind: pods.workload.kind().to_owned(),
        api_version: pods.workload.api_version().to_owned(),
        name: pods.workload.name().to_owned(),
        replicas: replicas(pods, scope),
        pod_management_policy: is_set.then(|| {
            or_default(scope, node, &["spec", "podManagementPolicy"], &["podManagementPolicy"], "OrderedReady")
        }),
        termination_grace_seconds: grace(pods, scope),
        pre_stop: Some(pre_stop(pods, scope)),
        update_strategy: ROLLING.contains(&pods.workload.kind()).then(|| {
            let values: &[&str] = &[];
            or_default(scope, node, &["spec", strategy, "type"], values, "RollingUpdate")
        }),
        update_max_unavailable: node
            .at(&["spec", strategy, "rollingUpdate", "maxUnavailable"])
            .map(|value| origins.track(value.to_json(), &value.origin)),
        update_takes: takes(node, strategy, pods.peers, scope),
        service_name: is_set.then(|| {
            let name = node.at(&["spec", "serviceName"]);
            let origin =
                name.map_or_else(|| scope.absent(&[], node, &["spec", "serviceName"]), |name| name.origin.clone());
            let text = name.and_then(Node::scalar_text).filter(|name| !name.is_empty());
            origins.track(text, &origin)
        }),
        governing_service: governing::service(pods, scope).map(str::to_owned),
        image: own_image(container, scope),
        images: containers::each(spec).filter_map(|(_, container)| visible_image(container, scope)).collect(),
        container: container.text(&["name"]).unwrap_or_default().to_owned(),
        resources: Some(resources_of(container, scope)),
        env: environment::of_container(container, scope),
        command: words(container, "command", scope),
        args: words(container, "args", scope),
        mounts: mounts::of_pods(pods, scope),
        readiness_probe: Some(probes::of_pods(pods, "readinessProbe", scope)),
        liveness_probe: Some(probes::of_pods(pods, "livenessProbe", scope)),
        startup_probe: Some(probes::of_pods(pods, "startupProbe", scope)),
        dropped_probes: probes::dropped(pods, scope),
        pod_labels: pods.labels.clone(),
        pod_annotations: labels_of(pods.template.at(&["metadata", "annotations"])),
        node_selector: spec.at(&["nodeSelector"]).map(|selector| origins.tree(selector)),
        host_network: spec.at(&["hostNetwork"]).and_then(|flag| Some(origins.track(flag.as_bool()?, &flag.origin))),
        host_ports: host_ports(spec, scope),
        container_ports: container_ports(container, scope),
        service_account: Some(service_account(pods, scope)),
        token_mounted: Some(token(pods, scope)),
        containers: containers::of_pods(pods, scope),
    };
    let place = node.at(&["kind"]).filter(|_| scope.release.is_none()).unwrap_or(node);
    Some(origins.track(fact, &place.origin))
}

/// A default of Kubernetes, and where another value would be set: in the chart's values or in the object.
fn kubernetes_default(scope: &Scope<'_>, values: &[&str], object: &Node, field: &[&str]) -> Origin {
    match &scope.release {
        Some(release) => release.absent_of("Kubernetes", values),
        None => scope.absent(values, object, field),
    }
}

/// How many peers: `replicas`, or the least that an autoscaler leaves.
fn replicas(pods: &Pods, scope: &Scope<'_>) -> Option<Tracked<u64>> {
    let (node, path) = (&pods.workload.node, Path::keys(["workload", "replicas"]));
    let least = autoscalers::least(scope.objects.iter(), &pods.workload);
    let written = least.as_ref().map(|(node, _)| node).or_else(|| node.at(&["spec", "replicas"]));
    let origin = match written {
        Some(written) => written.origin.clone(),
        None => scope.absent(&["replicaCount"], node, &["spec", "replicas"]),
    };
    if pods.workload.kind() == "DaemonSet" {
        scope.hide(path, "a DaemonSet runs one peer on every node");
        return None;
    }
    if let (None, Some(written)) = (pods.peers, written) {
        let text = written.scalar_text().unwrap_or_else(|| written.kind_in_words().to_owned());
        let reason =
            if hidden::is_templated(&text) { hidden::reason(&text) } else { format!("`{text}` is no number of peers") };
        scope.hide(path, reason);
        return None;
    }
    Some(scope.origins.track(pods.peers?, &origin))
}

/// Pods a rolling update may take at once; of a percentage the part, rounded up and at least one.
fn takes(node: &Node, strategy: &str, peers: Option<u64>, scope: &Scope<'_>) -> Option<Tracked<u64>> {
    let written = node.at(&["spec", strategy, "rollingUpdate", "maxUnavailable"])?;
    let pods = if let Some(number) = written.as_i64() {
        u64::try_from(number).ok()?
    } else {
        let percent: u64 = written.as_str()?.strip_suffix('%')?.parse().ok()?;
        percent.checked_mul(peers?)?.div_ceil(100).max(1)
    };
    Some(scope.origins.track(pods, &written.origin))
}

/// A word of an object, else the default of Kubernetes.
fn or_default(scope: &Scope<'_>, node: &Node, field: &[&str], values: &[&str], default: &str) -> Tracked<String> {
    match node.at(field).and_then(|word| Some((word.scalar_text()?, word))) {
        Some((text, word)) => scope.origins.track(text, &word.origin),
        None => scope.origins.track(default.to_owned(), &kubernetes_default(scope, values, node, field)),
    }
}

fn grace(pods: &Pods, scope: &Scope<'_>) -> Option<Tracked<u64>> {
    let field = "terminationGracePeriodSeconds";
    let Some(node) = pods.spec.at(&[field]) else {
        return Some(scope.origins.track(30, &kubernetes_default(scope, &[field], &pods.spec, &[field])));
    };
    let seconds = node.as_i64().and_then(|seconds| u64::try_from(seconds).ok());
    if seconds.is_none() {
        let text = node.scalar_text().unwrap_or_default();
        scope.hide(Path::keys(["workload", "termination_grace_seconds"]), hidden::reason(&text));
    }
    Some(scope.origins.track(seconds?, &node.origin))
}

fn pre_stop(pods: &Pods, scope: &Scope<'_>) -> Tracked<bool> {
    let path = ["lifecycle", "preStop"];
    match pods.container.at(&path) {
        Some(hook) => scope.origins.track(true, &hook.origin),
        None => scope.origins.track(false, &scope.absent(&path, &pods.container, &path)),
    }
}

/// The image of the Qdrant container, unless a template hides part of it.
fn own_image(container: &Node, scope: &Scope<'_>) -> Option<Tracked<Image>> {
    if let Some(text) = container.text(&["image"]).filter(|text| hidden::is_templated(text)) {
        scope.hide(Path::keys(["workload", "image"]), hidden::reason(text));
    }
    visible_image(container, scope)
}

fn visible_image(container: &Node, scope: &Scope<'_>) -> Option<Tracked<Image>> {
    let node = container.at(&["image"])?;
    if node.as_str().is_some_and(hidden::is_templated) {
        return None;
    }
    Some(scope.origins.track(image::of_container(container, scope)?, &node.origin))
}

fn resources_of(container: &Node, scope: &Scope<'_>) -> Tracked<super::facts::workload::Resources> {
    let fact = resources::of_container(container, scope);
    let place = container.at(&["resources"]).filter(|node| node.origin.is_written()).map(|node| node.origin.clone());
    let origin = place.unwrap_or_else(|| scope.absent(&["resources"], container, &["resources"]));
    scope.origins.track(fact, &origin)
}

fn words(container: &Node, field: &str, scope: &Scope<'_>) -> Option<Tracked<Vec<String>>> {
    let node = container.at(&[field])?;
    let words = node.as_sequence()?.iter().filter_map(Node::scalar_text).collect();
    Some(scope.origins.track(words, &node.origin))
}

fn number(node: Option<&Node>) -> Option<u16> {
    node.and_then(Node::as_i64).and_then(|number| u16::try_from(number).ok())
}

fn host_ports(spec: &Node, scope: &Scope<'_>) -> Vec<Tracked<u16>> {
    containers::each(spec)
        .flat_map(|(_, container)| container.items(&["ports"]))
        .filter_map(|port| port.at(&["hostPort"]))
        .filter_map(|node| Some(scope.origins.track(number(Some(node)).filter(|port| *port > 0)?, &node.origin)))
        .collect()
}

fn container_ports(container: &Node, scope: &Scope<'_>) -> Vec<Tracked<ContainerPort>> {
    let ports = container.items(&["ports"]).iter();
    ports
        .filter_map(|port| {
            let fact = ContainerPort {
                name: port.text(&["name"]).map(str::to_owned),
                port: number(port.at(&["containerPort"]))?,
                protocol: port.text(&["protocol"]).unwrap_or("TCP").to_owned(),
            };
            Some(scope.origins.track(fact, &port.at(&["containerPort"]).unwrap_or(port).origin))
        })
        .collect()
}

fn service_account(pods: &Pods, scope: &Scope<'_>) -> Tracked<String> {
    // `serviceAccount` is the old name of the field; the new one wins
    let named = ["serviceAccountName", "serviceAccount"].iter().find_map(|field| pods.spec.at(&[*field]));
    if let Some((name, node)) = named.and_then(|node| Some((node.scalar_text().filter(|name| !name.is_empty())?, node)))
    {
        return scope.origins.track(name, &node.origin);
    }
    scope.origins.track("default".to_owned(), &kubernetes_default(scope, &[], &pods.spec, &["serviceAccountName"]))
}

/// Whether the token of the account is mounted: the pod says, else the account, else it is.
fn token(pods: &Pods, scope: &Scope<'_>) -> Tracked<bool> {
    let field = "automountServiceAccountToken";
    let name = service_account(pods, scope).value;
    let same = |own: Option<&str>| own.is_none_or(|own| scope.namespace.as_deref().is_none_or(|seen| seen == own));
    let account = scope.of_kind("ServiceAccount").find(|account| account.name() == name && same(account.namespace()));
    let written = pods.spec.at(&[field]).or_else(|| account.and_then(|account| account.node.at(&[field])));
    match written.and_then(|node| Some((node.as_bool()?, node))) {
        Some((mounted, node)) => scope.origins.track(mounted, &node.origin),
        None => scope.origins.track(true, &kubernetes_default(scope, &["serviceAccount"], &pods.spec, &[field])),
    }
}
