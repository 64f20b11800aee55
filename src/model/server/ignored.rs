//! Keys and variables that Qdrant does not read: it starts without a word about them.

use semver::Version;

use super::environment::{Environment, key_of, name_of};
use super::known::{Key, Known, Meaning};
use super::layers::Layer;
use super::suggest::{Meant, meant, plain};
use super::tls;
use crate::model::facts::server::{IgnoredConfig, IgnoredEnv};
use crate::source::{Data, Mapping, Node, Origin};

/// Variables that the binary or the entry point of the image read by themselves.
const READ_DIRECTLY: [&str; 4] =
    ["QDRANT_BOOTSTRAP", "QDRANT_URI", "QDRANT_INIT_FILE_PATH", "QDRANT_ALLOW_RECOVERY_MODE"];
/// Words in a key that make it one of security, of the cluster or of what leaves the country.
const SEVERE: [&str; 9] = ["api_key", "apikey", "tls", "jwt", "auth", "cluster", "telemetry", "audit", "password"];
/// What does nearly the same in older releases.
const OLDER: [(&str, &str); 2] = [
    ("storage.performance.max_optimization_runtime_threads", "storage.performance.optimizer_cpu_budget"),
    ("storage.payload.memory", "storage.on_disk_payload"),
];

struct Walk<'a> {
    known: &'static Known,
    version: Option<&'a Version>,
    layer: &'a str,
    found: Vec<(IgnoredConfig, Origin)>,
}

/// Keys of the files that are not read. Defaults of the chart are nobody's mistake.
pub(super) fn in_files(files: &[Layer], version: Option<&Version>) -> Vec<(IgnoredConfig, Origin)> {
    let mut found = Vec::new();
    for layer in files {
        let Some(Data::Mapping(fields)) = layer.config().map(|node| &node.data) else { continue };
        let mut walk = Walk { known: Known::table(), version, layer: &layer.name, found: Vec::new() };
        walk.table("", fields);
        found.extend(walk.found);
    }
    found
}

impl Walk<'_> {
    fn table(&mut self, above: &str, fields: &Mapping) {
        for (name, node) in fields {
            if node.is_null() || (above.is_empty() && name.starts_with("x-")) {
                continue;
            }
            let path = if above.is_empty() { name.to_string() } else { format!("{above}.{name}") };
            if !above.is_empty() && name.contains('.') {
                // only at the top does the reader take such a key apart
                let instead = Some(path.clone());
                self.add(
                    &path,
                    node,
                    "misplaced",
                    "a dotted key works only at the top of the file".to_owned(),
                    instead,
                );
                continue;
            }
            match self.known.meaning(&path, self.version) {
                Meaning::Key(_) | Meaning::Alias(_) | Meaning::Inside => {}
                Meaning::Table => {
                    if let Data::Mapping(fields) = &node.data {
                        self.table(&path, fields);
                    }
                }
                Meaning::Newer(key) => {
                    let (detail, instead) = newer(self.known, key, self.version);
                    self.add(&path, node, "newer", detail, instead);
                }
                Meaning::Removed(key) => self.add(&path, node, "removed", removed(key), key.instead.clone()),
                Meaning::Unknown => self.unknown(&path, node),
            }
        }
    }

    fn unknown(&mut self, path: &str, node: &Node) {
        if let Some(meant) = meant(path, self.version) {
            self.add(path, node, meant.reason, detail(&meant), Some(meant.instead));
            return;
        }
        let mut known_below = Vec::new();
        if let Data::Mapping(fields) = &node.data {
            known_below.extend(fields.iter().filter(|(_, node)| !node.is_null()).filter_map(|(name, node)| {
                let below = format!("{path}.{name}");
                Some((meant(&below, self.version).filter(|meant| meant.reason == "misplaced")?, below, node))
            }));
        }
        if known_below.is_empty() && !self.known.may_lack(self.version) {
            self.add(path, node, "unknown", "no release reads such a key".to_owned(), None);
        }
        for (meant, below, node) in known_below {
            self.add(&below, node, meant.reason, detail(&meant), Some(meant.instead));
        }
    }

    fn add(&mut self, path: &str, node: &Node, reason: &str, detail: String, instead: Option<String>) {
        if !node.origin.is_written() {
            return;
        }
        let covered = tls::is_spoken_of(path);
        let fact = IgnoredConfig {
            severe: is_severe(path) || instead.as_deref().is_some_and(is_severe),
            key: path.to_owned(),
            reason: reason.to_owned(),
            detail,
            instead,
            layer: self.layer.to_owned(),
            covered_by: covered.then(|| "security/tls-misplaced".to_owned()),
        };
        self.found.push((fact, node.origin.clone()));
    }
}

fn is_severe(path: &str) -> bool {
    let path = path.to_lowercase();
    SEVERE.iter().any(|word| path.contains(word))
}

fn detail(meant: &Meant) -> String {
    match meant.reason {
        "misplaced" => format!("it is read only as `{}`", meant.instead),
        "case" => "keys are case-sensitive".to_owned(),
        _ => "no release reads such a key".to_owned(),
    }
}

fn removed(key: &Key) -> String {
    key.removed.as_ref().map_or_else(String::new, |version| format!("not read since {version}"))
}

fn newer(known: &Known, key: &Key, version: Option<&Version>) -> (String, Option<String>) {
    let older = OLDER.iter().find(|(newer, _)| *newer == key.key).map(|(_, older)| *older);
    let older = older.filter(|older| matches!(known.meaning(older, version), Meaning::Key(_)));
    (format!("read since {}", key.since), older.map(str::to_owned))
}

/// Variables that look as if they were meant for Qdrant. `used` tells of a name whether a script or another variable uses it.
pub(super) fn in_environment(
    environment: &Environment,
    version: Option<&Version>,
    used: &dyn Fn(&str) -> bool,
) -> Vec<(IgnoredEnv, Origin)> {
    let known = Known::table();
    let mut found = Vec::new();
    for variable in environment.iter() {
        let name = &variable.name;
        let fact = match key_of(name) {
            Some(path) => of_path(known, name, &path, version),
            None if READ_DIRECTLY.contains(&name.as_str()) => None,
            None => of_name(known, name, version).filter(|_| !used(name)),
        };
        found.extend(fact.map(|fact| (fact, variable.named.clone())));
    }
    found
}

fn of_path(known: &Known, name: &str, path: &str, version: Option<&Version>) -> Option<IgnoredEnv> {
    let fact = |reason: &str, detail: String, instead: Option<String>| IgnoredEnv {
        name: name.to_owned(),
        reason: reason.to_owned(),
        detail,
        instead: instead.map(|key| name_of(&key)),
    };
    match known.meaning(path, version) {
        Meaning::Newer(key) => {
            let (detail, instead) = newer(known, key, version);
            Some(fact("newer", detail, instead))
        }
        Meaning::Removed(key) => Some(fact("removed", removed(key), key.instead.clone())),
        Meaning::Unknown => match meant(path, version) {
            Some(meant) => {
                let reason = if meant.reason == "misplaced" { "misplaced" } else { "unknown" };
                Some(fact(reason, format!("Qdrant takes it for `{path}`, which it does not have"), Some(meant.instead)))
            }
            None if known.may_lack(version) => None,
            None => Some(fact("unknown", format!("Qdrant takes it for `{path}`, which it does not have"), None)),
        },
        _ => None,
    }
}

/// A name without the prefix: only a likeness to a key tells that it was meant for the server.
fn of_name(known: &Known, name: &str, version: Option<&Version>) -> Option<IgnoredEnv> {
    let upper = name.to_uppercase();
    if upper.starts_with("OTEL_") {
        return Some(IgnoredEnv {
            name: name.to_owned(),
            reason: "unknown".to_owned(),
            detail: "Qdrant has no OpenTelemetry exporter".to_owned(),
            instead: None,
        });
    }
    let judge = version.unwrap_or(&known.newest);
    let rest = upper.strip_prefix("QDRANT");
    // without any prefix only a name with the right separators counts
    if rest.is_none() && !upper.contains("__") {
        return None;
    }
    let wanted = plain(rest.unwrap_or(&upper));
    let whole = |key: &&Key| plain(&key.key) == wanted;
    let leaf = |key: &&Key| rest.is_some() && plain(key.leaf()) == wanted && wanted.len() > 5;
    let key = known.read_by(judge).find(whole).or_else(|| known.read_by(judge).find(leaf))?;
    Some(IgnoredEnv {
        name: name.to_owned(),
        reason: "prefix".to_owned(),
        detail: "Qdrant reads only variables that begin with `QDRANT__`, with two underscores between all parts"
            .to_owned(),
        instead: Some(name_of(&key.key)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(name: &str) -> Option<(String, Option<String>)> {
        let version = Version::new(1, 12, 4);
        let known = Known::table();
        let fact = match key_of(name) {
            Some(path) => of_path(known, name, &path, Some(&version)),
            None => of_name(known, name, Some(&version)),
        };
        fact.map(|fact| (fact.reason, fact.instead))
    }

    #[test]
    fn variables_are_sent_to_the_right_name() {
        for (name, reason, expected) in [
            ("QDRANT_SERVICE_API_KEY", "prefix", "QDRANT__SERVICE__API_KEY"),
            ("QDRANT_API_KEY", "prefix", "QDRANT__SERVICE__API_KEY"),
            ("QDRANT__API_KEY", "misplaced", "QDRANT__SERVICE__API_KEY"),
            ("QDRANT__TELEMETRY__DISABLE", "misplaced", "QDRANT__TELEMETRY_DISABLED"),
            ("QDRANT__SERVICE__TELEMETRY_DISABLED", "misplaced", "QDRANT__TELEMETRY_DISABLED"),
            ("SERVICE__ENABLE_TLS", "prefix", "QDRANT__SERVICE__ENABLE_TLS"),
        ] {
            assert_eq!(instead(name), Some((reason.to_owned(), Some(expected.to_owned()))), "{name}");
        }
    }

    #[test]
    fn variables_that_are_read_or_not_meant_for_the_server_are_left_alone() {
        for name in ["QDRANT__SERVICE__API_KEY", "qdrant__log_level", "QDRANT_REPLICAS", "API_KEY", "RUN_MODE", "TZ"] {
            assert_eq!(instead(name), None, "{name}");
        }
    }
}
