//! Which chart versions exist, which Qdrant each one ships, and which of them a requested version means.

use std::sync::{Arc, LazyLock};

use semver::Version;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::range::Range;

/// First version whose templates are modelled exactly.
const FIRST_EXACT: Version = Version::new(1, 12, 4);

/// One version of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartVersion {
    /// Version of the chart; of a newer one than is known, the version that was asked for.
    pub version: Version,
    /// Qdrant version that the chart ships, as in `appVersion`: `v1.12.4`.
    pub app_version: Arc<str>,
    /// How true the model is to this version.
    pub fidelity: Fidelity,
}

/// How true the model is to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// Compared with Helm, object by object.
    Exact,
    /// Before 1.12.4: defaults and keys are exact, the objects are those of 1.12.4.
    Approximate,
    /// Newer than any known version: judged as the newest known one.
    Newer,
}

/// What a requested version turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// This one version, and it was released.
    Exact,
    /// A range; the newest known version in it was taken.
    Range,
    /// Never released; the nearest older version stands in.
    Missing,
    /// A range in which no known version lies; the newest known version stands in.
    EmptyRange,
    /// Newer than any known version; the newest known one stands in.
    Newer,
    /// Neither a version nor a range (a branch, a template); the newest known version stands in.
    Unreadable,
}

/// A requested version and the one that is judged with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What to judge with.
    pub chart: ChartVersion,
    /// How it was found.
    pub resolution: Resolution,
}

impl Resolved {
    /// The request names one version, not a range.
    pub fn is_pinned(&self) -> bool {
        matches!(self.resolution, Resolution::Exact | Resolution::Missing | Resolution::Newer)
    }

    /// Whether the request can be installed: it, or something in its range, was released. `None` when that is beyond
    /// what is known.
    pub fn exists(&self) -> Option<bool> {
        match self.resolution {
            Resolution::Exact | Resolution::Range => Some(true),
            Resolution::Missing | Resolution::EmptyRange => Some(false),
            Resolution::Newer | Resolution::Unreadable => None,
        }
    }
}

impl ChartVersion {
    /// Finds the version that is meant: exact (`1.12.4`, `v1.12.4`, the git tag `qdrant-1.12.4`) or a range
    /// (`>=0.8.0`, `~1.12`, `*`).
    pub fn resolve(requested: &str) -> Resolved {
        let text = requested.trim();
        let text = text.strip_prefix("qdrant-").unwrap_or(text);
        let bare = text.strip_prefix('v').unwrap_or(text);
        let (chart, resolution) = if let Ok(version) = Version::parse(bare) {
            Self::resolve_exact(version)
        } else if let Some(range) = Range::parse(text) {
            let found = TABLE.releases.iter().rev().find(|release| range.matches(&release.chart));
            found.map_or_else(
                || (Self::newest(), Resolution::EmptyRange),
                |release| (Self::released(release), Resolution::Range),
            )
        } else {
            (Self::newest(), Resolution::Unreadable)
        };
        Resolved { chart, resolution }
    }

    fn resolve_exact(version: Version) -> (Self, Resolution) {
        let newest = Self::newest();
        if let Some(release) = TABLE.releases.iter().find(|release| release.chart == version) {
            (Self::released(release), Resolution::Exact)
        } else if version > newest.version {
            // charts carry the version of the Qdrant they ship since 1.12.4
            let app_version = format!("v{version}").into();
            (Self { version, app_version, fidelity: Fidelity::Newer }, Resolution::Newer)
        } else {
            let older = TABLE.releases.iter().rev().find(|release| release.chart < version);
            let stand_in = older.unwrap_or(&TABLE.releases[0]);
            (Self::released(stand_in), Resolution::Missing)
        }
    }

    /// The newest version that ships the Qdrant of an image tag (`v1.12.1`, `v1.12.1-unprivileged`).
    pub fn of_image_tag(tag: &str) -> Option<Self> {
        let tag = tag.split('@').next().unwrap_or(tag);
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let tag = tag.split('-').next().unwrap_or(tag);
        TABLE.releases.iter().rev().find(|release| release.app.strip_prefix('v') == Some(tag)).map(Self::released)
    }

    /// The newest known version.
    pub fn newest() -> Self {
        Self::released(&TABLE.releases[TABLE.releases.len() - 1])
    }

    /// Every released version that is known, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.releases.iter().map(Self::released)
    }

    fn released(release: &Release) -> Self {
        let fidelity = if release.chart >= FIRST_EXACT { Fidelity::Exact } else { Fidelity::Approximate };
        Self { version: release.chart.clone(), app_version: Arc::clone(&release.app), fidelity }
    }

    /// Owner of this version's defaults in words: `chart 1.12.4`.
    pub fn owner(&self) -> Arc<str> {
        format!("chart {}", self.version).into()
    }

    /// The default values of this version as plain JSON.
    pub fn default_values(&self) -> Value {
        let mut values = Map::new();
        for step in TABLE.defaults.iter().take_while(|step| step.since <= self.version) {
            for path in &step.remove {
                values.remove(path);
            }
            lay_over(&mut values, &step.set);
        }
        Value::Object(values)
    }
}

/// Merges mappings, replaces everything else; an empty mapping replaces too, as a new default does.
fn lay_over(values: &mut Map<String, Value>, newer: &Map<String, Value>) {
    for (key, value) in newer {
        match (values.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(fields)) if !fields.is_empty() => lay_over(below, fields),
            _ => {
                values.insert(key.clone(), value.clone());
            }
        }
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let versions: VersionsFile = parse_table(include_str!("../../../data/chart-versions.json"));
    let defaults: DefaultsFile = parse_table(include_str!("../../../data/chart-defaults.json"));
    Table { releases: versions.versions, defaults: defaults.steps }
});

/// Reads one of the data files that are part of the program.
pub(crate) fn parse_table<T: for<'de> Deserialize<'de>>(text: &'static str) -> T {
    serde_json::from_str(text).expect("the chart tables are part of the program and tested")
}

struct Table {
    releases: Vec<Release>,
    defaults: Vec<DefaultStep>,
}

#[derive(Deserialize)]
struct VersionsFile {
    versions: Vec<Release>,
}

#[derive(Deserialize)]
struct Release {
    #[serde(deserialize_with = "version")]
    chart: Version,
    app: Arc<str>,
}

#[derive(Deserialize)]
struct DefaultsFile {
    steps: Vec<DefaultStep>,
}

/// What a version changed in the defaults of the one before it.
#[derive(Deserialize)]
struct DefaultStep {
    #[serde(deserialize_with = "version")]
    since: Version,
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    remove: Vec<String>,
}

/// A version in one of the data files.
pub(super) fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    let text = <&str>::deserialize(deserializer)?;
    Version::parse(text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(requested: &str) -> (String, Resolution) {
        let resolved = ChartVersion::resolve(requested);
        (resolved.chart.version.to_string(), resolved.resolution)
    }

    #[test]
    fn a_requested_version_is_found_or_its_absence_is_told() {
        for (requested, version, resolution) in [
            ("1.12.4", "1.12.4", Resolution::Exact),
            ("v1.12.4", "1.12.4", Resolution::Exact),
            ("qdrant-1.12.4", "1.12.4", Resolution::Exact),
            ("1.14.2", "1.14.1", Resolution::Missing),
            ("0.1.0", "0.3.0", Resolution::Missing),
            ("1.20.1", "1.20.1", Resolution::Newer),
            ("~1.12", "1.12.6", Resolution::Range),
            ("*.*.*", "1.19.0", Resolution::Range),
            (">=0.8.0", "1.19.0", Resolution::Range),
            ("~1.10", "1.19.0", Resolution::EmptyRange),
            ("HEAD", "1.19.0", Resolution::Unreadable),
        ] {
            assert_eq!(resolve(requested), (version.to_owned(), resolution), "{requested}");
        }
    }

    #[test]
    fn an_image_tag_names_the_newest_chart_that_ships_it() {
        let version_of = |tag| ChartVersion::of_image_tag(tag).map(|chart| chart.version.to_string());
        assert_eq!(version_of("v1.12.1").as_deref(), Some("1.12.2"));
        assert_eq!(version_of("1.12.4").as_deref(), Some("1.12.4"));
        assert_eq!(version_of("v1.16.3-unprivileged").as_deref(), Some("1.16.3"));
        assert_eq!(version_of("v1.12.3"), None);
        assert_eq!(version_of("latest"), None);
    }

    #[test]
    fn versions_ascend_and_those_before_1_12_4_are_approximate() {
        let all: Vec<_> = ChartVersion::all().collect();
        assert_eq!(all.len(), 67);
        assert!(all.is_sorted_by(|a, b| a.version < b.version));
        assert!(all.iter().all(|chart| (chart.fidelity == Fidelity::Exact) == (chart.version >= FIRST_EXACT)));
    }

    #[test]
    fn defaults_change_with_the_version() {
        let defaults = |version: &str| ChartVersion::resolve(version).chart.default_values();
        assert_eq!(defaults("1.12.4")["env"], serde_json::json!({}));
        assert_eq!(defaults("1.19.0")["env"], serde_json::json!([]));
        assert_eq!(defaults("1.12.4")["config"]["cluster"]["p2p"], serde_json::json!({"port": 6335}));
        assert_eq!(defaults("1.13.5")["config"]["cluster"]["p2p"]["enable_tls"], false);
        assert_eq!(defaults("0.8.0").get("updateConfigurationOnChange"), None);
        assert_eq!(defaults("1.11.4").get("apiKey"), None);
        assert_eq!(defaults("0.10.0")["apiKey"], false);
        assert_eq!(defaults("0.3.0")["livenessProbe"]["enabled"], true);
    }
}
