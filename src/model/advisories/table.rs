//! The table of known vulnerabilities: what is built in, and what the configuration adds or replaces.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;

use semver::VersionReq;
use serde::{Deserialize, Deserializer};

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/advisories.json"))
        .expect("the embedded table is valid; a test reads it")
});

#[derive(Debug, Deserialize)]
struct Table {
    advisories: Vec<Entry>,
}

/// A known vulnerability.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// `CVE-…`, `GHSA-…`, or a name of one's own.
    pub id: String,
    /// Versions that have it: `>=1.9.3, <1.16.0`.
    #[serde(deserialize_with = "parsed")]
    pub affected: VersionReq,
    /// First version without it.
    #[serde(deserialize_with = "parsed")]
    pub fixed: semver::Version,
    /// `critical` or `high`: what a caller from the network can do by it.
    pub severity: String,
    /// What must hold besides the version.
    #[serde(default)]
    pub condition: Option<Condition>,
    /// What an attacker gains, in words.
    pub effect: String,
    /// Address of the advisory.
    pub source: String,
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| serde::de::Error::custom(format!("`{text}`: {error}")))
}

/// What a vulnerability needs besides the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Someone calls with a read-only key, with a token, or without any key.
    ReadOnlyCaller,
    /// Snapshots are kept in S3 by the server itself.
    #[serde(rename = "snapshots-in-s3")]
    SnapshotsInS3,
    /// Peers ask each other for the key.
    InternalAuth,
    /// A key is set and empty.
    EmptyKey,
}

/// The entries, those of the configuration first; an id that it repeats replaces the built-in one.
pub(super) fn entries(own: &[Entry]) -> impl Iterator<Item = &Entry> {
    let built_in = TABLE.advisories.iter().filter(|entry| own.iter().all(|other| other.id != entry.id));
    own.iter().chain(built_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_fixed_by_a_version_outside_its_range() {
        assert!(TABLE.advisories.len() >= 10);
        for entry in &TABLE.advisories {
            assert!(!entry.affected.matches(&entry.fixed), "{}", entry.id);
            assert!(["critical", "high"].contains(&entry.severity.as_str()), "{}", entry.id);
            assert!(entry.source.starts_with("https://"), "{}", entry.id);
        }
    }

    #[test]
    fn the_configuration_replaces_an_entry_of_the_same_id() {
        let mut own = TABLE.advisories[0].clone();
        "ours".clone_into(&mut own.effect);
        let own = [own];
        let found: Vec<&Entry> = entries(&own).filter(|entry| entry.id == own[0].id).collect();
        assert_eq!(found.iter().map(|entry| entry.effect.as_str()).collect::<Vec<_>>(), ["ours"]);
    }
}
