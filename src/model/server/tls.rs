//! Certificates: which files the server opens, whether anything is mounted there, and TLS settings that do nothing.

use super::Effective;
use super::keys::File;
use crate::model::build::Scope;
use crate::model::facts::server::{MisplacedTls, TlsFile};
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Folder that the image works in.
const HOME: &str = "/qdrant";
/// Certificate files and where Qdrant looks for them when nothing is written.
const FILES: [(&str, &str); 3] =
    [("cert", "./tls/cert.pem"), ("key", "./tls/key.pem"), ("ca_cert", "./tls/cacert.pem")];
/// Keys that a Secret has when cert-manager or `kubectl create secret tls` wrote it.
const OF_CERTIFICATES: [&str; 4] = ["tls.crt", "tls.key", "ca.crt", "tls-combined.pem"];

/// The files of `tls.{cert,key,ca_cert}`, and what is mounted at their paths.
pub(super) fn files(scope: &Scope<'_>, effective: &Effective) -> Vec<Tracked<TlsFile>> {
    FILES
        .iter()
        .filter(|(which, _)| effective.hidden(&format!("tls.{which}")).is_none())
        .map(|(which, default_path)| {
            let setting = effective.get(&format!("tls.{which}"));
            let default = setting.is_none_or(|setting| setting.layer == "default");
            let path = match setting {
                Some(setting) if !default => setting.node.scalar_text(),
                _ => Some((*default_path).to_owned()),
            };
            let mounted = path.as_deref().and_then(|path| Mounted::at(scope, &absolute(path)));
            let fact = TlsFile {
                which: (*which).to_owned(),
                mounted: mounted.is_some(),
                volume: mounted.as_ref().map(|mounted| mounted.volume.clone()),
                missing_in_volume: mounted.as_ref().and_then(|mounted| mounted.misses(scope)),
                path,
                default,
            };
            let origin = match setting {
                Some(setting) if !default => setting.node.origin.clone(),
                _ => scope.absent_config("Qdrant", &["tls", which], scope.pods.as_ref().map(|pods| &pods.container)),
            };
            scope.origins.track(fact, &origin)
        })
        .collect()
}

fn absolute(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.starts_with('/') { path.to_owned() } else { format!("{HOME}/{path}") }
}

/// What lies at a path of the Qdrant container.
struct Mounted<'a> {
    volume: String,
    /// The volume, where the pod declares it.
    declared: Option<&'a Node>,
    /// Path inside the volume.
    inner: String,
}

impl<'a> Mounted<'a> {
    /// The longest mount at or above a path.
    fn at(scope: &'a Scope<'_>, path: &str) -> Option<Self> {
        let pods = scope.pods.as_ref()?;
        let (rest, mount) = pods
            .container
            .items(&["volumeMounts"])
            .iter()
            .filter_map(|mount| {
                let folder = mount.text(&["mountPath"])?.trim_end_matches('/');
                let rest = path.strip_prefix(folder)?;
                (rest.is_empty() || rest.starts_with('/')).then(|| (rest.trim_start_matches('/'), mount))
            })
            .min_by_key(|(rest, _)| rest.len())?;
        let volume = mount.text(&["name"])?.to_owned();
        let sub_path = mount.text(&["subPath"]).unwrap_or_default();
        let inner = [sub_path, rest].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
        let declared = pods.spec.items(&["volumes"]).iter().find(|declared| declared.text(&["name"]) == Some(&volume));
        // the data volume lies above the folder of the certificates only by accident
        let holds_data = pods
            .workload
            .node
            .items(&["spec", "volumeClaimTemplates"])
            .iter()
            .any(|claim| claim.text(&["metadata", "name"]) == Some(&volume));
        (!holds_data || declared.is_some()).then_some(Self { volume, declared, inner })
    }

    /// In words, what the volume has instead of the file; none when it has the file or nobody can tell.
    fn misses(&self, scope: &Scope<'_>) -> Option<String> {
        let declared = self.declared?;
        let source = declared.at(&["secret"]).or_else(|| declared.at(&["configMap"]))?;
        let items = source.items(&["items"]);
        let has: Vec<String> = if items.is_empty() {
            let name = source.text(&["secretName"]).or_else(|| source.text(&["name"]))?;
            let kind = if declared.at(&["secret"]).is_some() { "Secret" } else { "ConfigMap" };
            if kind == "Secret" && written_by_a_certificate(scope, name) {
                OF_CERTIFICATES.iter().map(|key| (*key).to_owned()).collect()
            } else {
                let object = scope.object(kind, name)?;
                let fields = ["data", "stringData", "binaryData"].iter();
                let keys = fields.filter_map(|field| object.node.at(&[field])?.as_mapping()).flatten();
                keys.map(|(key, _)| key.to_string()).collect()
            }
        } else {
            items.iter().filter_map(|item| item.text(&["path"]).map(str::to_owned)).collect()
        };
        let shown =
            has.iter().filter(|key| *key != "tls-combined.pem").map(String::as_str).collect::<Vec<_>>().join(", ");
        (!has.contains(&self.inner)).then(|| if shown.is_empty() { "nothing".to_owned() } else { shown })
    }
}

fn written_by_a_certificate(scope: &Scope<'_>, secret: &str) -> bool {
    scope.of_kind("Certificate").any(|object| object.node.text(&["spec", "secretName"]) == Some(secret))
}

/// TLS settings that do nothing: under a key that the server does not read, or while nothing turns TLS on.
pub(super) fn misplaced(scope: &Scope<'_>, files: &[File<'_>], effective: &Effective) -> Vec<Tracked<MisplacedTls>> {
    // a switch that is hidden may be on
    let on = |key: &str| {
        effective.hidden(key).is_some()
            || effective.get(key).is_some_and(|setting| setting.node.as_bool() != Some(false))
    };
    let enabled = on("service.enable_tls") || on("cluster.p2p.enable_tls");
    let mut found = Vec::new();
    for file in files {
        let Some(config) = file.config else { continue };
        for (key, reason, node) in written(config) {
            if reason == "not-enabled" && (enabled || !names_files(node)) {
                continue;
            }
            let fact = MisplacedTls { key, reason: reason.to_owned(), instead: instead(reason, node) };
            if node.origin.is_written() {
                found.push(scope.origins.track(fact, &node.origin));
            }
        }
    }
    found
}

/// Dotted key, reason and value of every TLS setting that may do nothing.
fn written(config: &Node) -> Vec<(String, &'static str, &Node)> {
    let mut found = Vec::new();
    if let Some(node) = config.at(&["tls"]) {
        found.push(("tls".to_owned(), "not-enabled", node));
        for switch in ["enabled", "enable", "enable_tls"] {
            found.extend(node.at(&[switch]).map(|node| (format!("tls.{switch}"), "switch", node)));
        }
    }
    for place in [&["service", "tls"][..], &["cluster", "tls"], &["cluster", "p2p", "tls"], &["storage", "tls"]] {
        let Some(node) = config.at(place) else { continue };
        let reason = match place[0] {
            _ if node.as_bool().is_some() => "switch",
            "service" => "under-service",
            _ => "elsewhere",
        };
        found.push((place.join("."), reason, node));
    }
    for place in [&["enable_tls"][..], &["cluster", "enable_tls"]] {
        found.extend(config.at(place).map(|node| (place.join("."), "switch", node)));
    }
    found
}

fn names_files(node: &Node) -> bool {
    FILES.iter().any(|(which, _)| node.at(&[which]).is_some())
}

fn instead(reason: &str, node: &Node) -> String {
    let files_at_the_wrong_place = !matches!(reason, "not-enabled" | "switch") && names_files(node);
    if files_at_the_wrong_place { "a top-level `tls` block" } else { "service.enable_tls: true" }.to_owned()
}

/// Whether [`misplaced`] speaks of a dotted key of the configuration, so that others need not.
pub(super) fn is_spoken_of(key: &str) -> bool {
    ["service.tls", "cluster.tls", "cluster.p2p.tls", "storage.tls"]
        .iter()
        .any(|place| key.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        || matches!(key, "enable_tls" | "cluster.enable_tls" | "tls.enabled" | "tls.enable" | "tls.enable_tls")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    #[test]
    fn relative_paths_start_in_the_folder_of_the_image() {
        assert_eq!(absolute("./tls/cert.pem"), "/qdrant/tls/cert.pem");
        assert_eq!(absolute("tls/cert.pem"), "/qdrant/tls/cert.pem");
        assert_eq!(absolute("/certs/tls.crt"), "/certs/tls.crt");
    }

    #[test]
    fn settings_of_tls_are_found_where_the_server_does_not_read_them() {
        let config = Node::from_json(
            &serde_json::json!({"service": {"tls": {"cert": "a"}}, "cluster": {"enable_tls": true, "p2p": {"tls": true}},
                "tls": {"cert": "b", "enabled": true}}),
            &Origin::Derived,
        );
        let found: Vec<(String, &str)> = written(&config).into_iter().map(|(key, reason, _)| (key, reason)).collect();
        assert_eq!(
            found,
            [
                ("tls".to_owned(), "not-enabled"),
                ("tls.enabled".to_owned(), "switch"),
                ("service.tls".to_owned(), "under-service"),
                ("cluster.p2p.tls".to_owned(), "switch"),
                ("cluster.enable_tls".to_owned(), "switch"),
            ]
        );
        for (key, ..) in found.iter().filter(|(key, _)| key != "tls") {
            assert!(is_spoken_of(key), "{key}");
        }
    }
}
