//! `.qdrant-lint.yaml`: typed, checked against its schema, errors at the line with a suggestion.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::policy::{Profile, Registry, Severity};
use crate::source::{Limits, yaml};
use crate::source::{Path, Segment, Source, Sources};

/// Name of the file.
pub const FILE_NAME: &str = ".qdrant-lint.yaml";

/// The configuration of a project.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "qdrant-lint configuration")]
pub struct Config {
    /// What deployments are judged for.
    pub profile: Option<Profile>,
    /// Least severity that fails the run; `never` never does.
    pub fail_on: Option<FailOn>,
    /// Severity and parameters by rule id (or a glob such as `network/*`).
    pub rules: BTreeMap<String, RuleSetting>,
    /// Paths left out, as globs relative to this file.
    pub ignore_paths: Vec<String>,
    /// Where data may live.
    pub residency: ResidencySetting,
    /// Image registries that are allowed.
    pub registries: RegistriesSetting,
    /// What the collections will hold: `vectors`, `dimension`, …
    pub expected: BTreeMap<String, Value>,
    /// Folders with rules of your own, relative to this file.
    pub policies: Vec<String>,
    /// What your storage classes are: `{fast: ssd, archive: hdd}`.
    pub storage_classes: BTreeMap<String, String>,
    /// Vulnerabilities to judge besides the built-in table, or in place of entries with the same id.
    pub advisories: Vec<AdvisorySetting>,
}

/// When a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// At critical findings.
    Critical,
    /// From high up.
    High,
    /// From medium up.
    Medium,
    /// From low up.
    Low,
    /// At any finding.
    Info,
    /// Never.
    Never,
}

impl FailOn {
    /// Least severity that fails; none for `never`.
    pub fn threshold(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

/// What the configuration says of a rule.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RuleSetting {
    /// `off` (a boolean to YAML 1.1).
    Off(bool),
    /// A severity, or `off`.
    Level(Level),
    /// Severity and parameters.
    Full(FullSetting),
}

/// A severity, or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Leave the rule out.
    Off,
    /// Note.
    Info,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// Severity and parameters of a rule.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FullSetting {
    /// Severity; `off` leaves the rule out.
    pub severity: Option<Level>,
    /// Parameters by name.
    pub params: Map<String, Value>,
}

/// Where data may live.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResidencySetting {
    /// ISO 3166 codes: `[AE]`.
    pub countries: Option<Vec<String>>,
    /// Regions keyed by cloud: `["aws:me-central-1"]`.
    pub regions: Option<Vec<String>>,
}

/// A vulnerability that the built-in table does not know, or knows otherwise.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvisorySetting {
    /// `CVE-…`, `GHSA-…`, or a name of your own.
    pub id: String,
    /// Versions that have it: `">=1.9.3, <1.16.0"`.
    pub affected: String,
    /// First version without it.
    pub fixed: String,
    /// How bad it is.
    pub severity: AdvisorySeverity,
    /// What must hold besides the version; always when absent.
    pub condition: Option<AdvisoryCondition>,
    /// What an attacker gains, in words.
    pub effect: String,
    /// Address of the advisory.
    pub source: String,
}

/// Severity of an advisory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdvisorySeverity {
    /// Anyone who reaches the server, or code execution.
    Critical,
    /// Everything else.
    High,
}

/// What an advisory needs besides the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdvisoryCondition {
    /// Someone calls with a read-only key, a token, or no key where none is needed.
    ReadOnlyCaller,
    /// `storage.snapshots_config.snapshots_storage: s3`.
    #[serde(rename = "snapshots-in-s3")]
    SnapshotsInS3,
    /// `service.enforce_internal_auth: true`.
    InternalAuth,
    /// A key that is empty.
    EmptyKey,
}

/// Image registries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegistriesSetting {
    /// Host names, optionally with a path.
    pub allowed: Option<Vec<String>>,
}

/// What is wrong with a configuration; the user's to mend.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// File as shown.
    pub file: String,
    /// 1-based; 0 when the file could not be read.
    pub line: usize,
    /// 1-based.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

impl Config {
    /// Reads a configuration text.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let mut sources = Sources::default();
        let id = sources.add(Source::new(file, text));
        let error = |offset: u32, message: String, help: Option<String>| {
            let position = sources.get(id).position(offset);
            ConfigError { file: file.to_owned(), line: position.line, column: position.column, message, help }
        };
        let parsed = yaml::parse(&sources, id, &Limits::default());
        if let Some(syntax) = parsed.errors.first() {
            return Err(error(syntax.span.start, syntax.message.clone(), syntax.help.clone()));
        }
        let Some(document) = parsed.documents.first().filter(|document| !document.root.is_null()) else {
            return Ok(Self::default());
        };
        let value = document.root.to_json();
        let schema = schema();
        let validator = jsonschema::validator_for(&schema).map_err(|problem| error(0, problem.to_string(), None))?;
        if let Some(problem) = validator.iter_errors(&value).next() {
            let path = pointer(problem.instance_path().as_str(), &value);
            let (at, message, help) = explain(&problem, &path, &value, &schema);
            let offset = document
                .root
                .find(&at)
                .and_then(|node| node.origin.place())
                .map_or(0, |written| written.key_span().start);
            return Err(error(offset, message, help));
        }
        serde_json::from_value(value).map_err(|problem| error(0, problem.to_string(), None))
    }

    /// Refuses ids that no rule has. `file` names the configuration.
    pub fn check_rules(&self, file: &str, text: &str, registry: &Registry) -> Result<(), ConfigError> {
        for id in self.rules.keys() {
            if id.contains('*') || registry.get(id).is_some() || id.starts_with("waivers/") {
                continue;
            }
            let line =
                text.lines().position(|line| line.trim_start().starts_with(id.as_str())).map_or(1, |line| line + 1);
            return Err(ConfigError {
                file: file.to_owned(),
                line,
                column: 1,
                message: format!("no rule is called `{id}`"),
                help: Some(registry.nearest(id).map_or_else(
                    || "`qdrant-lint rules` lists them all".to_owned(),
                    |near| format!("did you mean `{near}`? `qdrant-lint rules` lists them all"),
                )),
            });
        }
        Ok(())
    }

    /// What the configuration says of a rule: the exact id before globs.
    pub fn setting(&self, rule: &str) -> Option<&RuleSetting> {
        self.rules.get(rule).or_else(|| {
            self.rules.iter().find_map(|(pattern, setting)| {
                let matcher = globset::Glob::new(pattern).ok()?.compile_matcher();
                (pattern.contains('*') && matcher.is_match(rule)).then_some(setting)
            })
        })
    }

    /// Parameters by rule id.
    pub fn params(&self) -> BTreeMap<String, Map<String, Value>> {
        self.rules
            .iter()
            .filter_map(|(id, setting)| {
                if let RuleSetting::Full(full) = setting { Some((id.clone(), full.params.clone())) } else { None }
            })
            .collect()
    }
}

impl RuleSetting {
    /// `Some(None)`: off. `Some(Some(severity))`: that severity. `None`: as the rule says.
    pub fn severity(&self) -> Option<Option<Severity>> {
        let level = match self {
            Self::Off(on) => return (!on).then_some(None),
            Self::Level(level) => Some(*level),
            Self::Full(full) => full.severity,
        }?;
        Some(match level {
            Level::Off => None,
            Level::Info => Some(Severity::Info),
            Level::Low => Some(Severity::Low),
            Level::Medium => Some(Severity::Medium),
            Level::High => Some(Severity::High),
            Level::Critical => Some(Severity::Critical),
        })
    }
}

/// JSON Schema of the configuration.
pub fn schema() -> Value {
    schemars::schema_for!(Config).to_value()
}

fn pointer(pointer: &str, value: &Value) -> Path {
    let mut path = Path::new();
    let mut here = value;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if let (Value::Array(items), Ok(index)) = (here, step.parse::<usize>()) {
            path.0.push(Segment::Index(index));
            here = items.get(index).unwrap_or(&Value::Null);
        } else {
            here = here.get(&step).unwrap_or(&Value::Null);
            path.0.push(Segment::Key(step.as_str().into()));
        }
    }
    path
}

/// Where to point, what to say, and the suggestion.
fn explain(
    problem: &jsonschema::ValidationError<'_>,
    path: &Path,
    value: &Value,
    schema: &Value,
) -> (Path, String, Option<String>) {
    use jsonschema::error::ValidationErrorKind;
    if let ValidationErrorKind::AdditionalProperties { unexpected } = problem.kind() {
        let key = unexpected.first().cloned().unwrap_or_default();
        let known = known_keys(path, schema);
        let nearest = known
            .iter()
            .map(|known| (strsim::jaro_winkler(known, &key), known))
            .filter(|(score, _)| *score > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let help = nearest.map_or_else(
            || format!("known here: {}", known.join(", ")),
            |(_, near)| format!("did you mean `{near}`? known here: {}", known.join(", ")),
        );
        return (path.key(&key), format!("unknown key `{}`", path.key(&key)), Some(help));
    }
    let found = path.0.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key.as_ref()),
        Segment::Index(index) => value.get(*index),
    });
    let found = found.map_or_else(String::new, |found| format!(", found {found}"));
    let words = words(schema_at(path, schema), schema);
    let message = if words.is_empty() {
        format!("`{path}` is not as it should be{found}: {problem}")
    } else {
        format!("`{path}` must be one of {}{found}", words.join(", "))
    };
    (path.clone(), message, Some("docs/configuration.md shows every key".to_owned()))
}

fn known_keys(path: &Path, schema: &Value) -> Vec<String> {
    let here = schema_at(path, schema);
    here["properties"].as_object().map(|known| known.keys().cloned().collect()).unwrap_or_default()
}

/// The part of the schema that speaks of a path, references followed.
fn schema_at<'a>(path: &Path, schema: &'a Value) -> &'a Value {
    path.0.iter().fold(schema, |here, segment| {
        let next = match segment {
            Segment::Key(key) if here["properties"][key.as_ref()].is_null() => &here["additionalProperties"],
            Segment::Key(key) => &here["properties"][key.as_ref()],
            Segment::Index(_) => &here["items"],
        };
        resolved(next, schema)
    })
}

fn resolved<'a>(part: &'a Value, schema: &'a Value) -> &'a Value {
    let name = part["$ref"].as_str().or_else(|| part["anyOf"][0]["$ref"].as_str());
    name.and_then(|name| name.rsplit('/').next()).map_or(part, |name| &schema["$defs"][name])
}

/// The words that an enumeration allows.
fn words(part: &Value, schema: &Value) -> Vec<String> {
    let part = resolved(part, schema);
    let own = part["enum"].as_array().into_iter().flatten().chain(part.get("const"));
    let mut found: Vec<String> = own.filter_map(Value::as_str).map(str::to_owned).collect();
    for alternatives in ["oneOf", "anyOf"] {
        found.extend(part[alternatives].as_array().into_iter().flatten().flat_map(|part| words(part, schema)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_at_its_line_with_a_suggestion() {
        let error = Config::parse(".qdrant-lint.yaml", "profile: production\nfail-on: high\n").unwrap_err();
        assert_eq!((error.line, error.column), (2, 1));
        assert_eq!(error.message, "unknown key `fail-on`");
        assert!(error.help.unwrap().starts_with("did you mean `fail_on`?"));
    }

    #[test]
    fn off_may_be_written_without_quotes() {
        let config = Config::parse("c", "rules:\n  network/p2p-exposed: off\n  storage/*: {severity: low}\n").unwrap();
        assert_eq!(config.setting("network/p2p-exposed").unwrap().severity(), Some(None));
        assert_eq!(config.setting("storage/slow-media").unwrap().severity(), Some(Some(Severity::Low)));
    }

    #[test]
    fn a_wrong_word_names_the_right_ones() {
        let error = Config::parse("c", "residency:\n  countries: [AE]\nprofile: prod\n").unwrap_err();
        assert_eq!(error.line, 3);
        assert!(error.message.contains("gcc-sovereign"), "{}", error.message);
    }
}
