//! `.qdrant-lint.yaml`: typed, checked against its schema and beyond it, errors at the line with a suggestion.

mod deployments;
mod error;
mod governance;
mod platform;
mod rules;
mod schema;
mod validate;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use deployments::DeploymentSetting;
pub use error::ConfigError;
pub use governance::{EvidenceSetting, WaiverSetting, WaiversSetting};
pub use platform::{AdvisoryCondition, AdvisorySetting, AdvisorySeverity, RegistriesSetting, ResidencySetting};
pub use rules::{FailOn, FullSetting, Level, RuleSetting};

use crate::policy::{Profile, Registry};
use crate::source::{Limits, Node, Origin, Path, Source, Sources, yaml};
use validate::Problem;

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
    /// The deployments of this project by name: `check` without paths judges them.
    pub deployments: IndexMap<String, DeploymentSetting>,
    /// Paths left out, as globs relative to this file.
    pub ignore_paths: Vec<String>,
    /// Findings that are accepted for a while: a list, or the file that holds it.
    pub waivers: Option<WaiversSetting>,
    /// What no file can prove and a person vouches for.
    pub evidence: Vec<EvidenceSetting>,
    /// Where data may live.
    pub residency: ResidencySetting,
    /// Image registries that are allowed.
    pub registries: RegistriesSetting,
    /// What the collections will hold: `vectors`, `dimension`, …
    #[schemars(with = "platform::ExpectedSetting")]
    pub expected: BTreeMap<String, Value>,
    /// Folders with rules of your own, relative to this file.
    pub policies: Vec<String>,
    /// What your storage classes are: `{fast: ssd, archive: hdd}`.
    pub storage_classes: BTreeMap<String, String>,
    /// Vulnerabilities to judge besides the built-in table, or in place of entries with the same id.
    pub advisories: Vec<AdvisorySetting>,
}

/// A configuration and the text it was read from, so that errors found later point at their line too.
#[derive(Debug)]
pub struct ConfigFile {
    /// What it says.
    pub config: Config,
    text: Text,
}

/// A list of waivers in a file of its own.
#[derive(Debug)]
pub struct WaiversFile {
    /// The waivers.
    pub waivers: Vec<WaiverSetting>,
}

/// A parsed text.
#[derive(Debug)]
struct Text {
    sources: Sources,
    root: Node,
}

impl Config {
    /// Reads a configuration text.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        ConfigFile::parse(file, text).map(|file| file.config)
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

impl ConfigFile {
    /// Reads a configuration text.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let text = Text::read(file, text)?;
        if text.root.is_null() {
            return Ok(Self { config: Config::default(), text });
        }
        let config = text.typed(&schema(), validate::of_values)?;
        Ok(Self { config, text })
    }

    /// Refuses what no rule has: ids, parameters, keys of evidence. `evidence` are the known keys.
    pub fn check(&self, registry: &Registry, evidence: &[String]) -> Result<(), ConfigError> {
        validate::of_names(&self.text.root, registry, evidence).map_or(Ok(()), |problem| Err(self.text.error(problem)))
    }
}

impl WaiversFile {
    /// Reads a list of waivers.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let text = Text::read(file, text)?;
        if text.root.is_null() {
            return Ok(Self { waivers: Vec::new() });
        }
        let schema = schemars::schema_for!(Vec<WaiverSetting>).to_value();
        let waivers = text.typed(&schema, |root| validate::waivers(&Path::new(), Some(root)))?;
        Ok(Self { waivers })
    }
}

impl Text {
    fn read(file: &str, text: &str) -> Result<Self, ConfigError> {
        let mut sources = Sources::default();
        let id = sources.add(Source::new(file, text));
        let parsed = yaml::parse(&sources, id, &Limits::default());
        if let Some(syntax) = parsed.errors.first() {
            let position = sources.get(id).position(syntax.span.start);
            let (message, help) = (syntax.message.clone(), syntax.help.clone());
            return Err(ConfigError {
                file: file.to_owned(),
                line: position.line,
                column: position.column,
                message,
                help,
            });
        }
        let root = parsed.documents.into_iter().next().map_or_else(|| Node::null(Origin::Derived), |first| first.root);
        Ok(Self { sources, root })
    }

    /// The value, when it follows its schema and what lies beyond it.
    fn typed<T: DeserializeOwned>(
        &self,
        schema: &Value,
        beyond: impl Fn(&Node) -> Option<Problem>,
    ) -> Result<T, ConfigError> {
        let value = self.root.to_json();
        let beyond = || beyond(&self.root);
        // where a pattern of the schema fails, the check beyond it knows the better words
        let problem = match schema::problem(&value, schema) {
            Some(problem) => Some(beyond().filter(|better| better.path == problem.path).unwrap_or(problem)),
            None => beyond(),
        };
        match problem {
            Some(problem) => Err(self.error(problem)),
            None => {
                serde_json::from_value(value).map_err(|error| self.error(Problem::new(Path::new(), error.to_string())))
            }
        }
    }

    fn error(&self, problem: Problem) -> ConfigError {
        let source = self.sources.get(crate::source::SourceId(0));
        // a key that is missing is missing in the mapping around it
        let depths = (0..=problem.path.0.len()).rev();
        let place = depths
            .map(|depth| Path(problem.path.0[..depth].to_vec()))
            .find_map(|path| self.root.find(&path)?.origin.place());
        let position = source.position(place.map_or(0, |place| place.key_span().start));
        ConfigError {
            file: source.name.clone(),
            line: position.line,
            column: position.column,
            message: problem.message,
            help: problem.help,
        }
    }
}

/// JSON Schema of the configuration.
pub fn schema() -> Value {
    schemars::schema_for!(Config).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Severity;

    fn error(text: &str) -> ConfigError {
        Config::parse(FILE_NAME, text).unwrap_err()
    }

    fn help(error: &ConfigError) -> &str {
        error.help.as_deref().unwrap_or_default()
    }

    #[test]
    fn an_unknown_key_is_an_error_at_its_line_with_a_suggestion() {
        let error = error("profile: production\nfail-on: high\n");
        assert_eq!((error.line, error.column), (2, 1));
        assert_eq!(error.message, "unknown key `fail-on`");
        assert!(help(&error).starts_with("did you mean `fail_on`?"));
    }

    #[test]
    fn off_may_be_written_without_quotes() {
        let config = Config::parse("c", "rules:\n  network/p2p-exposed: off\n  storage/*: {severity: low}\n").unwrap();
        assert_eq!(config.setting("network/p2p-exposed").unwrap().severity(), Some(None));
        assert_eq!(config.setting("storage/slow-media").unwrap().severity(), Some(Some(Severity::Low)));
    }

    #[test]
    fn a_wrong_word_names_the_right_ones() {
        let error = error("residency:\n  countries: [AE]\nprofile: prod\n");
        assert_eq!(error.line, 3);
        assert!(error.message.contains("gcc-sovereign"), "{}", error.message);
    }

    #[test]
    fn an_error_inside_a_list_stands_at_its_own_line() {
        let waiver = "waivers:\n  - rule: network/p2p-exposed\n    until: 2027-01-01\n    resaon: x\n";
        let unknown = error(waiver);
        assert_eq!((unknown.line, unknown.message.as_str()), (4, "unknown key `waivers[0].resaon`"));
        assert!(help(&unknown).starts_with("did you mean `reason`?"), "{unknown:?}");
        let endless = error("waivers:\n  - rule: network/p2p-exposed\n    reason: x\n");
        assert_eq!((endless.line, endless.message.as_str()), (2, "`waivers[0]` has no `until`"));
    }

    #[test]
    fn a_date_must_be_one() {
        let error = error("waivers:\n  - rule: network/*\n    reason: x\n    until: 2027-02-30\n");
        assert_eq!((error.line, error.message.as_str()), (4, "`2027-02-30` is no date"));
    }

    #[test]
    fn countries_are_two_letters_of_iso_3166() {
        let error = error("residency:\n  countries:\n    - SA\n    - UAE\n");
        assert_eq!((error.line, error.message.as_str()), (4, "no country has the code `UAE`"));
        assert!(help(&error).starts_with("did you mean `AE`?"), "{error:?}");
    }

    #[test]
    fn a_region_names_its_cloud() {
        let error = error("residency: {regions: [me-central-1]}\n");
        assert!(error.message.contains("does not name its cloud"), "{error}");
        Config::parse("c", "residency: {regions: [\"own:dubai-2\"]}\n").unwrap();
    }

    #[test]
    fn what_collections_will_hold_is_checked() {
        Config::parse("c", "expected: {vectors: 20e6, dimension: 768, collections: {a: {vectors: 7}, b: 9}}\n")
            .unwrap();
        assert_eq!(error("expected:\n  vectors: 0\n").message, "`expected.vectors` must be at least 1, found 0");
        assert!(help(&error("expected:\n  dimensions: 768\n")).starts_with("did you mean `dimension`?"));
        assert!(error("expected: {quantization: int8}\n").message.contains("scalar"));
    }

    #[test]
    fn a_deployment_of_the_matrix_names_what_to_judge() {
        let error = error("deployments:\n  prod: {values: [a.yaml]}\n  dev: {release: qdrant}\n");
        assert_eq!((error.line, error.message.as_str()), (3, "deployment `dev` names nothing to judge"));
    }

    #[test]
    fn rules_parameters_and_keys_of_evidence_must_exist() {
        let registry = Registry::built_in().unwrap();
        let keys = ["restore-drill".to_owned(), "G6".to_owned()];
        let check = |text: &str| ConfigFile::parse("c", text).unwrap().check(&registry, &keys).unwrap_err();
        let rule = check("rules:\n  network/p2p-exposd: low\n");
        assert_eq!((rule.line, rule.message.as_str()), (2, "no rule is called `network/p2p-exposd`"));
        assert!(help(&rule).starts_with("did you mean `network/p2p-exposed`?"));
        let glob = check("rules:\n  netwrok/*: low\n");
        assert_eq!(glob.message, "no rule matches `netwrok/*`");
        let name = check("rules:\n  collections/unquantized-at-scale:\n    params:\n      vector: 1\n");
        assert_eq!(name.line, 4);
        assert!(help(&name).starts_with("did you mean `vectors`?"), "{name:?}");
        let kind = check("rules:\n  collections/unquantized-at-scale: {params: {vectors: many}}\n");
        assert!(kind.message.ends_with("must be a number, found \"many\""), "{kind}");
        let entry = "evidence:\n  - {key: restore-dril, statement: s, by: b, until: 2027-01-01}\n";
        assert!(help(&check(entry)).starts_with("did you mean `restore-drill`?"), "{:?}", check(entry));
    }
}
