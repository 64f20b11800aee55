//! The effective configuration: for every key the value that wins, and the layer it comes from.

use std::collections::BTreeMap;

use crate::source::Node;

/// One key of the effective configuration.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The value as the server understands it (texts are converted), with the origin of the winning layer.
    pub node: Node,
    /// `default`, `production.yaml`, `local.yaml`, `environment`, …
    pub layer: String,
}

/// The effective configuration by dotted key (`cluster.p2p.port`).
#[derive(Clone, Debug, Default)]
pub struct Effective {
    /// Version of the server, `major.minor.patch`, when it is known.
    pub version: Option<semver::Version>,
    /// Leaves by dotted key; defaults included. Explicit nulls are there as nulls.
    pub settings: BTreeMap<String, Setting>,
    /// Keys whose value is in a layer that cannot be seen, and why. They are not in [`Self::settings`].
    pub hidden: BTreeMap<String, String>,
}

impl Effective {
    /// The setting of a dotted key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    /// A boolean.
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.node.as_bool()
    }

    /// A whole number.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.get(key)?.node.as_i64()
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.node.as_str()
    }

    /// A port.
    pub fn port(&self, key: &str) -> Option<u16> {
        u16::try_from(self.number(key)?).ok()
    }

    /// Why the value of a key cannot be known; none when it is known, or when the server has no such key.
    pub fn hidden(&self, key: &str) -> Option<&str> {
        self.hidden.get(key).map(String::as_str)
    }
}
