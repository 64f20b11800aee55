//! Which keys of the values a chart version reads. A key is named by its pattern: dotted, with `[]` for the items of a
//! list (`ingress.hosts[].paths[].servicePort`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::LazyLock;

use semver::Version;
use serde::Deserialize;

use super::versions::{parse_table, version};

/// What a chart version does with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It reads the value as a whole, or passes everything below on.
    Whole,
    /// It reads some of the keys below.
    Parts,
    /// A template mentions it, but it changes nothing.
    WithoutEffect,
    /// It does not read it.
    Never {
        /// First later version that does.
        since: Option<Version>,
        /// An earlier version did.
        once: bool,
    },
}

/// The keys that one chart version reads.
pub struct Keys {
    version: Version,
    read: BTreeSet<&'static str>,
}

impl Keys {
    /// Those of a version; of one newer than any known, those of the newest.
    pub fn of(version: &Version) -> Self {
        let mut read = BTreeSet::new();
        for step in TABLE.steps.iter().take_while(|step| step.since <= *version) {
            read.extend(step.add.iter().map(String::as_str));
            for key in &step.remove {
                read.remove(key.as_str());
            }
        }
        Self { version: version.clone(), read }
    }

    /// What the version does with a key.
    pub fn reading(&self, pattern: &str) -> Reading {
        if TABLE.without_effect.contains(pattern) {
            return Reading::WithoutEffect;
        }
        // a list of which the chart reads the items' keys stands in the table by those keys
        if below(&self.read, pattern).next().is_some() {
            return Reading::Parts;
        }
        if self.read.contains(pattern) {
            return Reading::Whole;
        }
        let reads = |step: &Step| {
            step.add.iter().any(|key| key == pattern || key.strip_prefix(pattern).is_some_and(starts_below))
        };
        let since = TABLE.steps.iter().find(|step| step.since > self.version && reads(step));
        let once = TABLE.steps.iter().any(|step| step.since <= self.version && reads(step));
        Reading::Never { since: since.map(|step| step.since.clone()), once }
    }

    /// The names of the keys right below one that is read, each once.
    pub fn children(&self, parent: &str) -> BTreeSet<&'static str> {
        let names = |key: &'static str| {
            let rest = if parent.is_empty() { key } else { key.strip_prefix(parent)?.strip_prefix('.')? };
            rest.split(['.', '[']).next()
        };
        self.read.iter().filter_map(|key| names(key)).collect()
    }

    /// Every pattern that is read.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.read.iter().copied()
    }
}

/// The first version that reads a key, of all that are known.
pub fn first_reader(pattern: &str) -> Option<Version> {
    TABLE.first.get(pattern).cloned()
}

/// The keys below one.
fn below<'s>(read: &'s BTreeSet<&'static str>, pattern: &'s str) -> impl Iterator<Item = &'s &'static str> {
    read.range::<str, _>((Bound::Excluded(pattern), Bound::Unbounded))
        .take_while(move |key| key.starts_with(pattern))
        .filter(move |key| key.strip_prefix(pattern).is_some_and(starts_below))
}

fn starts_below(rest: &str) -> bool {
    rest.starts_with(['.', '['])
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file: File = parse_table(include_str!("../../../data/chart-keys.json"));
    let mut first = BTreeMap::new();
    for step in &file.steps {
        for key in &step.add {
            first.entry(key.clone()).or_insert_with(|| step.since.clone());
        }
    }
    Table { steps: file.steps, without_effect: file.without_effect, first }
});

struct Table {
    steps: Vec<Step>,
    without_effect: BTreeSet<String>,
    first: BTreeMap<String, Version>,
}

#[derive(Deserialize)]
struct File {
    steps: Vec<Step>,
    without_effect: BTreeSet<String>,
}

/// What a version reads that the one before it did not.
#[derive(Deserialize)]
struct Step {
    #[serde(deserialize_with = "version")]
    since: Version,
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(version: &str, key: &str) -> Reading {
        Keys::of(&Version::parse(version).unwrap()).reading(key)
    }

    #[test]
    fn a_key_is_read_as_a_whole_in_parts_or_never() {
        assert_eq!(reading("1.12.4", "replicaCount"), Reading::Whole);
        assert_eq!(reading("1.12.4", "config"), Reading::Whole);
        assert_eq!(reading("1.12.4", "persistence"), Reading::Parts);
        assert_eq!(reading("1.12.4", "ingress.hosts"), Reading::Parts);
        assert_eq!(reading("1.12.4", "ingress.hosts[].paths"), Reading::Parts);
        assert_eq!(reading("1.12.4", "serviceAccount.create"), Reading::WithoutEffect);
        assert_eq!(reading("1.12.4", "persistence.storageClass"), Reading::Never { since: None, once: false });
    }

    #[test]
    fn what_later_and_earlier_versions_read_is_told() {
        let later = Reading::Never { since: Some(Version::new(1, 18, 0)), once: false };
        assert_eq!(reading("1.12.4", "terminationGracePeriodSeconds"), later);
        assert_eq!(reading("1.18.0", "terminationGracePeriodSeconds"), Reading::Whole);
        let once = Reading::Never { since: None, once: true };
        assert_eq!(reading("1.12.4", "updateConfigurationOnChange"), once);
        assert_eq!(first_reader("readOnlyApiKey"), Some(Version::new(0, 8, 0)));
    }

    #[test]
    fn children_are_named_once() {
        let keys = Keys::of(&Version::new(1, 12, 4));
        assert!(keys.children("").contains("persistence"));
        assert!(keys.children("ingress.hosts[].paths[]").contains("servicePort"));
        assert!(keys.children("ingress").contains("hosts"));
    }
}
