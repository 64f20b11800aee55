//! The keys that Qdrant reads, release by release (`data/server-keys.json`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use semver::Version;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One key of the server's configuration.
#[derive(Debug, Deserialize)]
pub(super) struct Key {
    /// Dotted.
    pub(super) key: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// Embedded default, or what leaving it out means.
    #[serde(default)]
    default: Option<Value>,
    /// An older default.
    #[serde(default)]
    before: Option<Before>,
    /// Null is refused.
    #[serde(default)]
    pub(super) required: bool,
    /// First release that reads it.
    #[serde(deserialize_with = "release")]
    pub(super) since: Version,
    /// First release that no longer reads it.
    #[serde(default, deserialize_with = "optional_version")]
    pub(super) removed: Option<Version>,
    /// What took its place.
    #[serde(default)]
    pub(super) instead: Option<String>,
    /// Second name of the same field.
    #[serde(default)]
    alias: Option<String>,
    /// The configuration inside the binary holds it under its first name.
    #[serde(default)]
    embedded: bool,
    /// …only before this release.
    #[serde(default, deserialize_with = "optional_version")]
    embedded_before: Option<Version>,
    /// Its value is never shown.
    #[serde(default)]
    pub(super) secret: bool,
}

/// What a key takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A boolean.
    Bool,
    /// A whole number from 0.
    Count,
    /// A whole number.
    Integer,
    /// A port.
    Port,
    /// A number.
    Float,
    /// A text.
    Text,
    /// One of these words.
    OneOf(Vec<String>),
    /// A list.
    List,
    /// A table that is not looked into.
    Table,
    /// Anything.
    Any,
}

#[derive(Debug, Deserialize)]
struct Before {
    #[serde(deserialize_with = "release")]
    version: Version,
    default: Value,
}

#[derive(Deserialize)]
struct File {
    #[serde(deserialize_with = "release")]
    newest: Version,
    tables_refuse_null: BTreeSet<String>,
    keys: Vec<Key>,
}

fn release<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    let text = String::deserialize(deserializer)?;
    Version::parse(&text).map_err(serde::de::Error::custom)
}

fn optional_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    release(deserializer).map(Some)
}

/// All keys, with those of other releases.
pub(super) struct Known {
    /// Newest release that the table knows.
    pub(super) newest: Version,
    keys: BTreeMap<String, Key>,
    /// Second names, by dotted path.
    aliases: BTreeMap<String, String>,
    tables: BTreeSet<String>,
    refuse_null: BTreeSet<String>,
}

/// What a dotted path is to a release.
#[derive(Debug)]
pub(super) enum Meaning<'k> {
    /// A key that it reads.
    Key(&'k Key),
    /// A second name of a key that it reads.
    Alias(&'k Key),
    /// It lies inside a table that is not looked into.
    Inside,
    /// A table.
    Table,
    /// A key of a later release.
    Newer(&'k Key),
    /// A key of an earlier release.
    Removed(&'k Key),
    /// Nothing.
    Unknown,
}

impl Key {
    /// The default in a release.
    pub(super) fn default(&self, version: &Version) -> Option<&Value> {
        match &self.before {
            Some(before) if *version < before.version => Some(&before.default),
            _ => self.default.as_ref(),
        }
    }

    /// Whether the binary's own configuration holds the first name, so that the second is a duplicate.
    pub(super) fn is_embedded(&self, version: &Version) -> bool {
        self.embedded && self.embedded_before.as_ref().is_none_or(|end| version < end)
    }

    /// Whether a release reads it.
    pub(super) fn is_read_by(&self, version: &Version) -> bool {
        self.since <= *version && self.removed.as_ref().is_none_or(|removed| version < removed)
    }

    /// Last part of the key.
    pub(super) fn leaf(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or(&self.key)
    }

    /// Dotted path of the second name.
    pub(super) fn alias_path(&self) -> Option<String> {
        let alias = self.alias.as_ref()?;
        Some(match self.key.rsplit_once('.') {
            Some((above, _)) => format!("{above}.{alias}"),
            None => alias.clone(),
        })
    }
}

impl Known {
    /// The table.
    pub(super) fn table() -> &'static Self {
        static TABLE: LazyLock<Known> = LazyLock::new(|| {
            let file: File = serde_json::from_str(include_str!("../../../data/server-keys.json"))
                .expect("the table is part of the program and tested");
            Known::new(file)
        });
        &TABLE
    }

    fn new(file: File) -> Self {
        let mut tables = BTreeSet::new();
        let mut aliases = BTreeMap::new();
        for key in &file.keys {
            let mut above = key.key.as_str();
            while let Some((next, _)) = above.rsplit_once('.') {
                tables.insert(next.to_owned());
                above = next;
            }
            if let Some(alias) = key.alias_path() {
                aliases.insert(alias, key.key.clone());
            }
        }
        let keys = file.keys.into_iter().map(|key| (key.key.clone(), key)).collect();
        Self { newest: file.newest, keys, aliases, tables, refuse_null: file.tables_refuse_null }
    }

    /// What a path means to a release; to the newest one when none is known.
    pub(super) fn meaning(&self, path: &str, version: Option<&Version>) -> Meaning<'_> {
        let judge = version.unwrap_or(&self.newest);
        if let Some(key) = self.keys.get(path) {
            return match (&key.removed, version) {
                _ if key.is_read_by(judge) => Meaning::Key(key),
                // an unknown version may be an old one
                (Some(_), None) => Meaning::Key(key),
                (Some(removed), _) if removed <= judge => Meaning::Removed(key),
                _ if *judge > self.newest => Meaning::Key(key),
                _ => Meaning::Newer(key),
            };
        }
        if let Some(key) = self.aliases.get(path).and_then(|key| self.keys.get(key)) {
            return Meaning::Alias(key);
        }
        if self.tables.contains(path) {
            return Meaning::Table;
        }
        let mut above = path;
        while let Some((next, _)) = above.rsplit_once('.') {
            above = next;
            if self.keys.get(above).is_some_and(|key| matches!(key.kind, Kind::Table | Kind::Any)) {
                return Meaning::Inside;
            }
        }
        Meaning::Unknown
    }

    /// The key of a path.
    pub(super) fn key(&self, path: &str) -> Option<&Key> {
        self.keys.get(path)
    }

    /// Keys that a release reads, in order.
    pub(super) fn read_by<'k>(&'k self, version: &'k Version) -> impl Iterator<Item = &'k Key> {
        let judge = if *version > self.newest { &self.newest } else { version };
        self.keys.values().filter(move |key| key.is_read_by(judge))
    }

    /// Tables, dotted.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(String::as_str)
    }

    /// Whether a null in place of this table stops the server.
    pub(super) fn refuses_null(&self, table: &str) -> bool {
        self.refuse_null.contains(table)
    }

    /// Whether the table knows less than there may be: the version is newer than it.
    pub(super) fn may_lack(&self, version: Option<&Version>) -> bool {
        version.is_some_and(|version| *version > self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(path: &str, version: &str) -> String {
        let version = Version::parse(version).ok();
        let meaning = format!("{:?}", Known::table().meaning(path, version.as_ref()));
        meaning.split(['(', ' ']).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_a_key_means_changes_with_the_release() {
        for (path, version, expected) in [
            ("telemetry_disabled", "1.12.4", "Key"),
            ("service.telemetry_disabled", "1.12.4", "Unknown"),
            ("storage.optimizers.indexing_threshold", "1.12.4", "Alias"),
            ("storage.performance.max_optimization_runtime_threads", "1.12.4", "Newer"),
            ("storage.performance.max_optimization_runtime_threads", "1.15.0", "Key"),
            ("storage.performance.max_optimization_threads", "1.15.0", "Removed"),
            ("storage.performance.max_optimization_threads", "?", "Key"),
            ("storage.collection.quantization.scalar.type", "1.12.4", "Inside"),
            ("cluster.p2p", "1.12.4", "Table"),
            ("audit.enabled", "1.16.3", "Newer"),
        ] {
            assert_eq!(meaning(path, version), expected, "{path} in {version}");
        }
    }

    #[test]
    fn defaults_follow_the_release() {
        let key = Known::table().key("storage.optimizers.indexing_threshold_kb").unwrap();
        assert_eq!(key.default(&Version::new(1, 14, 1)), Some(&serde_json::json!(20_000)));
        assert_eq!(key.default(&Version::new(1, 15, 0)), Some(&serde_json::json!(10_000)));
    }
}
