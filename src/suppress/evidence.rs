//! Attestations: what a person vouches for until a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::config::EvidenceSetting;
use crate::source::{Node, Origin};

/// An attestation.
#[derive(Debug)]
pub struct Evidence {
    /// What it says.
    pub setting: EvidenceSetting,
    /// Last day on which it counts.
    pub until: Option<Date>,
    /// The file of its record that is not as attested, or cannot be read: in words.
    pub altered: Option<String>,
    /// Where its key is written.
    pub origin: Origin,
    /// Where its end is written.
    pub until_origin: Origin,
    /// Where its record is named.
    pub link_origin: Origin,
}

/// The attestations of a configuration. `list` is the node that they were read from; `record` reads the file of a record.
pub fn read(
    settings: &[EvidenceSetting],
    list: Option<&Node>,
    record: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Vec<Evidence> {
    let nodes = list.and_then(Node::as_sequence).unwrap_or_default();
    let all = settings.iter().enumerate();
    all.map(|(index, setting)| {
        let origin = |key: &str| {
            let value = nodes.get(index).and_then(|node| node.get(key));
            value.map_or(Origin::Derived, |value| value.origin.clone())
        };
        Evidence {
            until: setting.until.parse().ok(),
            altered: altered(setting, record),
            origin: origin("key"),
            until_origin: origin("until"),
            link_origin: origin("link"),
            setting: setting.clone(),
        }
    })
    .collect()
}

impl Evidence {
    /// It counts on a day: it has not ended and its record is as it was.
    pub fn counts(&self, now: Date) -> bool {
        self.altered.is_none() && self.until.is_some_and(|until| until >= now)
    }

    /// `by Amal Nasser until 2027-03-31`.
    pub fn in_words(&self) -> String {
        let link = self.setting.link.as_ref().map_or_else(String::new, |link| format!(", {link}"));
        format!("attested by {} until {}{link}", self.setting.by, self.setting.until)
    }
}

/// What rules see of the attestations that count: by key.
pub fn facts(evidence: &[Evidence], now: Date) -> BTreeMap<String, Value> {
    let counting = evidence.iter().filter(|one| one.counts(now));
    counting
        .map(|one| {
            let EvidenceSetting { key, statement, by, link, sha256, until } = &one.setting;
            let value = json!({"statement": statement, "by": by, "link": link, "sha256": sha256, "until": until});
            (key.clone(), without_nulls(value))
        })
        .collect()
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

/// What is wrong with the file of a record; an address is not asked for, nothing here goes over the network.
fn altered(setting: &EvidenceSetting, record: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<String> {
    use sha2::{Digest as _, Sha256};
    let link = setting.link.as_deref().filter(|link| !link.contains("://"))?;
    let wanted = setting.sha256.as_ref()?;
    let Some(bytes) = record(link) else { return Some(format!("(`{link}`) cannot be read")) };
    let found = Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let short = wanted.get(..12).unwrap_or_default();
    (!found.eq_ignore_ascii_case(wanted)).then(|| format!("(`{link}`) has not the digest {short}… that was attested"))
}
