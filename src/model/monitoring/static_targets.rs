//! Scrape configurations that name their targets: ScrapeConfig, Probe, `prometheus.yml` in a ConfigMap.

use super::Watched;
use super::monitors::{Found, credential};
use crate::model::facts::monitoring::Monitor;
use crate::model::input::Object;
use crate::source::{Node, Origin, Schema, parse_embedded};

/// Names under which a Prometheus configuration lies in a ConfigMap or Secret.
const KEYS: [&str; 6] = [
    "prometheus.yml",
    "prometheus.yaml",
    "additional-scrape-configs.yaml",
    "prometheus-additional.yaml",
    "scrape.yml",
    "scrape_configs.yml",
];

/// The monitors of one object.
pub(super) fn of(watched: &Watched<'_>, object: &Object) -> Vec<Found> {
    let spec = object.node.at(&["spec"]);
    match (object.kind(), spec) {
        ("ScrapeConfig", Some(spec)) => {
            let groups = spec.items(&["staticConfigs"]).iter();
            let targets: Vec<&Node> = groups.flat_map(|group| group.items(&["targets"])).collect();
            let roles = spec.items(&["kubernetesSDConfigs"]).iter().filter_map(|one| one.at(&["role"])).collect();
            let names = spec.items(&["dnsSDConfigs"]).iter().flat_map(|one| one.items(&["names"])).collect();
            let job = Job { kind: "ScrapeConfig", name: object.name(), settings: spec, targets, roles, names };
            job.found(watched, object)
        }
        ("Probe", Some(spec)) => {
            let targets = spec.items(&["targets", "staticConfig", "static"]).iter().collect();
            let job = Job {
                kind: "Probe",
                name: object.name(),
                settings: spec,
                targets,
                roles: Vec::new(),
                names: Vec::new(),
            };
            job.found(watched, object)
        }
        ("ConfigMap", _) => configurations(watched, object),
        _ => Vec::new(),
    }
}

fn configurations(watched: &Watched<'_>, object: &Object) -> Vec<Found> {
    let mut found = Vec::new();
    for (key, text) in object.node.fields(&["data"]) {
        if !KEYS.contains(&key.as_ref()) {
            continue;
        }
        let scope = watched.scope;
        let parsed = parse_embedded(scope.sources, text, Schema::Yaml11, &scope.settings.limits);
        for document in &parsed.documents {
            let root = &document.root;
            let jobs = root.as_sequence().unwrap_or_else(|| root.items(&["scrape_configs"]));
            for settings in jobs {
                let groups = settings.items(&["static_configs"]).iter();
                let job = Job {
                    kind: "scrape job",
                    name: settings.text(&["job_name"]).unwrap_or_else(|| object.name()),
                    settings,
                    targets: groups.flat_map(|group| group.items(&["targets"])).collect(),
                    roles: settings
                        .items(&["kubernetes_sd_configs"])
                        .iter()
                        .filter_map(|one| one.at(&["role"]))
                        .collect(),
                    names: settings.items(&["dns_sd_configs"]).iter().flat_map(|one| one.items(&["names"])).collect(),
                };
                found.extend(job.found(watched, object));
            }
        }
    }
    found
}

/// One scrape job.
struct Job<'a> {
    kind: &'static str,
    name: &'a str,
    settings: &'a Node,
    targets: Vec<&'a Node>,
    roles: Vec<&'a Node>,
    names: Vec<&'a Node>,
}

impl Job<'_> {
    fn found(&self, watched: &Watched<'_>, object: &Object) -> Vec<Found> {
        // Prometheus itself: what scrapes over the network runs in a pod of its own
        let is_ours = |target: &Node| {
            target.as_str().is_some_and(|text| !is_loopback(text) && watched.leads_to_peers(text).is_some())
        };
        if let Some(target) = self.targets.iter().find(|target| is_ours(target)) {
            let text = target.as_str().unwrap_or_default();
            let through_service = watched.leads_to_peers(text) == Some(true);
            return vec![self.fact(watched, object, through_service, port_of(text), &target.origin)];
        }
        if let Some(name) = self.names.iter().find(|name| is_ours(name)) {
            // every address behind the name is asked
            return vec![self.fact(watched, object, false, None, &name.origin)];
        }
        let about = self.name.contains("qdrant") || self.settings.to_json().to_string().contains("qdrant");
        let Some(role) = self.roles.first().filter(|_| about) else { return Vec::new() };
        let through = role.as_str().is_some_and(|role| role.eq_ignore_ascii_case("service"));
        vec![self.fact(watched, object, through, None, &role.origin)]
    }

    fn fact(
        &self,
        watched: &Watched<'_>,
        object: &Object,
        through_service: bool,
        port: Option<u16>,
        origin: &Origin,
    ) -> Found {
        let origins = &watched.scope.origins;
        // a blackbox probe asks whether the peers answer; it is no scrape of their metrics
        let is_probe = self.kind == "Probe" || self.settings.at(&["params", "module"]).is_some();
        let scheme = self.settings.at(&["scheme"]);
        let fact = Monitor {
            kind: if is_probe { "Probe" } else { self.kind }.to_owned(),
            name: if self.name.is_empty() { object.name() } else { self.name }.to_owned(),
            selects: "yes".to_owned(),
            scheme: Some(match scheme.and_then(|node| Some((node.scalar_text()?.to_ascii_lowercase(), node))) {
                Some((text, node)) => origins.track(text, &node.origin),
                None => origins.track("http".to_owned(), origin),
            }),
            authorized: (!is_probe).then(|| match credential(self.settings) {
                Some(credential) => origins.track(true, &credential.origin),
                None => origins.track(false, origin),
            }),
            through_service: through_service && !is_probe,
            port: port.map(|port| port.to_string()),
            metrics_port: port.is_some() && port == watched.metrics_port(),
            from_chart: false,
        };
        Found { fact, origin: origin.clone(), target: port, comes_from_outside: !is_probe }
    }
}

fn is_loopback(target: &str) -> bool {
    let host = target.split_once("://").map_or(target, |(_, rest)| rest);
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| host.starts_with(own))
}

fn port_of(target: &str) -> Option<u16> {
    let host = target.split_once("://").map_or(target, |(_, rest)| rest);
    host.split('/').next()?.rsplit_once(':')?.1.parse().ok()
}
