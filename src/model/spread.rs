//! How peers spread over hosts and zones: anti-affinity and topology spread, judged against the pods' own labels.

use super::facts::cluster::{SelectsNothing, Spread, Spreading};
use super::network::labels::{Labels, Selector, labels_in_words};
use super::tracked::Origins;
use crate::source::{Node, Origin};

const HOST: &str = "kubernetes.io/hostname";
const ZONES: [&str; 3] =
    ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone", "oraclecloud.com/fault-domain"];
const REGIONS: [&str; 2] = ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"];

/// Zones also have names of their storage drivers: `topology.ebs.csi.aws.com/zone`.
fn is_zone(key: &str) -> bool {
    ZONES.contains(&key) || REGIONS.contains(&key) || key.ends_with("/zone")
}

/// The pods whose spread is asked for.
pub struct Pods<'a> {
    /// Pod spec.
    pub spec: &'a Node,
    /// Their own labels.
    pub labels: &'a Labels,
    /// Their namespace, when known.
    pub namespace: Option<&'a str>,
    /// How many.
    pub peers: u64,
    /// Where a field of the pod spec would be set: `affinity`, `topologySpreadConstraints`.
    pub absent: &'a dyn Fn(&str) -> Origin,
}

/// Levels from the best: the first one found wins.
const LEVELS: [&str; 5] = ["required", "hard-spread", "hard-spread-open", "preferred", "none"];

struct Found {
    level: usize,
    by: &'static str,
    origin: Origin,
}

/// How the pods spread.
pub fn spread(pods: &Pods<'_>, origins: &Origins) -> Spread {
    let mut host: Vec<Found> = Vec::new();
    let mut zone: Vec<Found> = Vec::new();
    let mut selecting_nothing = Vec::new();
    for (term, level) in anti_affinity(pods.spec) {
        let key = term.text(&["topologyKey"]).unwrap_or_default();
        let selector = Selector::of(term.get("labelSelector"));
        if !affects_own_pods(term, pods) {
            // most other terms keep Qdrant away from someone else on purpose
            if is_meant_for_own(&selector, pods) {
                selecting_nothing.push(nothing("podAntiAffinity", key, &selector, term, pods, origins));
            }
            continue;
        }
        let found = || Found { level, by: "podAntiAffinity", origin: term.origin.clone() };
        if !key.is_empty() {
            // no domain is narrower than a host
            host.push(found());
        }
        if is_zone(key) {
            zone.push(found());
        }
    }
    for constraint in pods.spec.items(&["topologySpreadConstraints"]) {
        let key = constraint.text(&["topologyKey"]).unwrap_or_default();
        let selector = Selector::of(constraint.get("labelSelector"));
        let matches = constraint.at(&["labelSelector"]).is_some() && selector.matches(pods.labels);
        if !matches {
            selecting_nothing.push(nothing("topologySpreadConstraints", key, &selector, constraint, pods, origins));
            continue;
        }
        let is_host = key == HOST;
        let found = |is_host| Found {
            level: constraint_level(constraint, is_host, pods.peers),
            by: "topologySpreadConstraints",
            origin: constraint.origin.clone(),
        };
        if is_host {
            host.push(found(true));
        } else if is_zone(key) {
            // peers of different zones are on different hosts; that there are zones enough only `minDomains` makes sure
            host.extend(Some(found(true)).filter(|found| LEVELS[found.level] == "hard-spread"));
            zone.push(found(false));
        }
    }
    if let Some(origin) = port_conflict(pods.spec) {
        host.push(Found { level: 0, by: "hostNetwork", origin });
    }
    let best = |found: Vec<Found>, field: &str| {
        let best = found.into_iter().min_by_key(|found| found.level).unwrap_or_else(|| Found {
            level: LEVELS.len() - 1,
            by: "nothing",
            origin: (pods.absent)(field),
        });
        let spreading = Spreading { level: LEVELS[best.level].to_owned(), by: best.by.to_owned() };
        Some(origins.track(spreading, &best.origin))
    };
    Spread {
        host: best(host, "affinity"),
        zone: best(zone, "topologySpreadConstraints"),
        only_zone: only_zone(pods.spec),
        selecting_nothing,
    }
}

/// The zone that the node selector, or the only term of a required node affinity, pins the pods to.
fn only_zone(spec: &Node) -> Option<String> {
    let selected = spec.fields(&["nodeSelector"]).find(|(key, _)| ZONES[..2].contains(&key.as_ref()));
    if let Some((_, zone)) = selected {
        return zone.scalar_text();
    }
    let terms = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
    let [term] = spec.items(&terms) else { return None };
    let pinned = term.items(&["matchExpressions"]).iter().find(|expression| {
        expression.text(&["key"]).is_some_and(|key| ZONES[..2].contains(&key))
            && expression.text(&["operator"]) == Some("In")
    })?;
    let [zone] = pinned.items(&["values"]) else { return None };
    zone.scalar_text()
}

/// Terms with the level they give: required 0, preferred 3.
fn anti_affinity(spec: &Node) -> Vec<(&Node, usize)> {
    let terms = |kind: &str| spec.items(&["affinity", "podAntiAffinity", kind]);
    let required = terms("requiredDuringSchedulingIgnoredDuringExecution").iter().map(|term| (term, 0));
    let preferred = terms("preferredDuringSchedulingIgnoredDuringExecution")
        .iter()
        .filter_map(|weighted| Some((weighted.at(&["podAffinityTerm"])?, 3)));
    required.chain(preferred).collect()
}

/// Whether a term that misses the pods' own labels was probably written for them.
fn is_meant_for_own(selector: &Selector, pods: &Pods<'_>) -> bool {
    selector.is_empty() || selector.matches(pods.labels) || selector.words().any(|word| word.contains("qdrant"))
}

/// Topologies (`host`, `zone`) whose spread a template fills in, with its text; one that is kept anyhow is not hidden.
pub fn hidden(spec: &Node, spread: &Spread) -> Vec<(&'static str, String)> {
    let fields = ["affinity", "topologySpreadConstraints"];
    let Some(text) = fields.iter().filter_map(|field| spec.at(&[*field])).find_map(template_in) else {
        return Vec::new();
    };
    let is_open = |spreading: &Option<super::tracked::Tracked<Spreading>>| {
        spreading.as_ref().is_none_or(|spreading| !matches!(spreading.value.level.as_str(), "required" | "hard-spread"))
    };
    [("host", is_open(&spread.host)), ("zone", is_open(&spread.zone))]
        .into_iter()
        .filter(|(_, open)| *open)
        .map(|(topology, _)| (topology, text.clone()))
        .collect()
}

/// The first text below a node that is filled in later.
fn template_in(node: &Node) -> Option<String> {
    if let Some(text) = node.as_str() {
        return (text.contains("{{") || text.contains("${")).then(|| text.chars().take(60).collect());
    }
    let items = node.as_sequence().into_iter().flatten();
    items.chain(node.as_mapping().into_iter().flat_map(|fields| fields.values())).find_map(template_in)
}

fn affects_own_pods(term: &Node, pods: &Pods<'_>) -> bool {
    // an absent selector matches no pod, an empty one every pod
    let by_labels =
        term.at(&["labelSelector"]).is_some() && Selector::of(term.get("labelSelector")).matches(pods.labels);
    let listed: Vec<&str> = term.items(&["namespaces"]).iter().filter_map(Node::as_str).collect();
    let own_namespace = listed.is_empty()
        || term.at(&["namespaceSelector"]).is_some()
        || pods.namespace.is_none_or(|namespace| listed.contains(&namespace));
    by_labels && own_namespace
}

fn constraint_level(constraint: &Node, is_host: bool, peers: u64) -> usize {
    let hard = constraint.text(&["whenUnsatisfiable"]).unwrap_or("DoNotSchedule") == "DoNotSchedule";
    let skew = constraint.at(&["maxSkew"]).and_then(Node::as_i64).unwrap_or(1);
    let domains = constraint.at(&["minDomains"]).and_then(Node::as_i64).unwrap_or(1);
    match (hard && skew == 1, is_host) {
        (false, _) => 3,
        (true, true) if domains < i64::try_from(peers).unwrap_or(i64::MAX) => 2,
        (true, _) => 1,
    }
}

/// Two pods with one host port cannot share a host.
fn port_conflict(spec: &Node) -> Option<Origin> {
    if let Some(node) = spec.at(&["hostNetwork"]).filter(|node| node.as_bool() == Some(true)) {
        return Some(node.origin.clone());
    }
    let ports = spec.items(&["containers"]).iter().flat_map(|container| container.items(&["ports"]));
    let taken = ports.filter_map(|port| port.at(&["hostPort"])).find(|port| port.as_i64() != Some(0));
    taken.map(|node| node.origin.clone())
}

fn nothing(
    term: &str,
    key: &str,
    selector: &Selector,
    node: &Node,
    pods: &Pods<'_>,
    origins: &Origins,
) -> super::tracked::Tracked<SelectsNothing> {
    let words = selector.words().collect::<Vec<_>>().join(", ");
    let fact = SelectsNothing {
        term: term.to_owned(),
        topology_key: key.to_owned(),
        selector: if words.is_empty() { "no label".to_owned() } else { words },
        pod_labels: labels_in_words(pods.labels),
    };
    origins.track(fact, &node.at(&["labelSelector"]).unwrap_or(node).origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn levels(spec: &serde_json::Value) -> (String, String, usize) {
        let spec = Node::from_json(spec, &Origin::Derived);
        let labels: Labels = [("app".to_owned(), "qdrant".to_owned())].into_iter().collect();
        let origins = Origins::default();
        let pods = Pods { spec: &spec, labels: &labels, namespace: Some("db"), peers: 3, absent: &|_| Origin::Derived };
        let spread = spread(&pods, &origins);
        (spread.host.unwrap().value.level, spread.zone.unwrap().value.level, spread.selecting_nothing.len())
    }

    #[test]
    fn anti_affinity_over_zones_keeps_peers_off_one_host_too() {
        let spec = json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": {"app": "qdrant"}}}]}}});
        assert_eq!(levels(&spec), ("required".into(), "required".into(), 0));
    }

    #[test]
    fn a_term_that_misses_its_own_pods_counts_as_absent() {
        let spec = json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "qdrant-ap"}}}]}}});
        assert_eq!(levels(&spec), ("none".into(), "none".into(), 1));
    }

    #[test]
    fn a_term_about_somebody_else_is_no_mistake() {
        let term = |app: &str| {
            json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": app}}}]}}})
        };
        assert_eq!(levels(&term("postgres")), ("none".into(), "none".into(), 0));
        assert_eq!(levels(&term("qdrant-old")).2, 1);
    }

    #[test]
    fn a_spread_over_zones_keeps_hosts_apart_only_with_zones_enough() {
        let mut constraint = json!({"topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1,
            "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "qdrant"}}});
        let of = |constraint: &serde_json::Value| levels(&json!({"topologySpreadConstraints": [constraint]}));
        assert_eq!(of(&constraint), ("none".into(), "hard-spread".into(), 0));
        constraint["minDomains"] = json!(3);
        assert_eq!(of(&constraint), ("hard-spread".into(), "hard-spread".into(), 0));
    }

    #[test]
    fn node_selection_may_leave_one_zone() {
        let zone = |spec: serde_json::Value| only_zone(&Node::from_json(&spec, &Origin::Derived));
        let key = "topology.kubernetes.io/zone";
        let affinity = |values: &[&str]| {
            json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": key, "operator": "In", "values": values}]}]}}}})
        };
        assert_eq!(zone(json!({"nodeSelector": {key: "me-central-1a"}})).as_deref(), Some("me-central-1a"));
        assert_eq!(zone(affinity(&["a"])).as_deref(), Some("a"));
        assert_eq!(zone(affinity(&["a", "b"])), None);
        assert_eq!(zone(json!({})), None);
    }

    #[test]
    fn a_template_hides_the_spread() {
        let spec = json!({"affinity": {"podAntiAffinity": {"x": "${AFFINITY}"}}});
        let spec = Node::from_json(&spec, &Origin::Derived);
        let none = Spread::default();
        assert_eq!(hidden(&spec, &none).iter().map(|(topology, _)| *topology).collect::<Vec<_>>(), ["host", "zone"]);
    }

    #[test]
    fn a_hard_host_spread_without_min_domains_may_still_stack_peers() {
        let constraint = |extra: serde_json::Value| {
            let mut base = json!({"topologyKey": "kubernetes.io/hostname", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {"app": "qdrant"}}});
            base.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            json!({"topologySpreadConstraints": [base]})
        };
        assert_eq!(levels(&constraint(json!({}))).0, "hard-spread-open");
        assert_eq!(levels(&constraint(json!({"minDomains": 3}))).0, "hard-spread");
        assert_eq!(levels(&constraint(json!({"maxSkew": 2}))).0, "preferred");
        assert_eq!(levels(&constraint(json!({"whenUnsatisfiable": "ScheduleAnyway"}))).0, "preferred");
    }
}
