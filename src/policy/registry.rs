//! All rules of a run: the built-in ones and those of `--policy` folders.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::metadata::{self, Parsed};
use super::{PolicyError, Rule};

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// One file of Rego.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    /// Path below its policy folder.
    pub(crate) file: String,
    /// The path as people see it.
    pub(crate) shown: String,
    /// The text.
    pub(crate) text: String,
}

/// Rules by id, and the Rego behind them.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    rules: BTreeMap<String, Rule>,
    pub(crate) built_in: Vec<Module>,
    pub(crate) custom: Vec<Module>,
    pub(crate) tests: Vec<Module>,
}

/// A `test_` rule of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRule {
    /// File as people see it.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// `test_five_peers_are_enough`
    pub name: String,
    /// `data.qdrant.acme.too_few_peers_test.test_five_peers_are_enough`
    pub path: String,
}

impl Registry {
    /// The built-in rules.
    pub fn built_in() -> Result<Self, PolicyError> {
        let mut registry = Self::default();
        for (file, text) in POLICIES {
            registry
                .add(Module { file: (*file).to_owned(), shown: (*file).to_owned(), text: (*text).to_owned() }, true)?;
        }
        Ok(registry)
    }

    /// The built-in rules as they stand in a folder, for working on them without building the program anew.
    pub fn built_in_from(folder: &Path) -> Result<Self, PolicyError> {
        let mut registry = Self::default();
        registry.read(folder, true)?;
        Ok(registry)
    }

    /// Adds the user's own rules from a folder: every `.rego` file but tests, under the same contract.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), PolicyError> {
        self.read(folder, false)
    }

    /// Adds the `_test.rego` files of a folder.
    pub fn add_tests(&mut self, folder: &Path) -> Result<(), PolicyError> {
        for module in modules(folder, true)? {
            self.tests.push(module);
        }
        Ok(())
    }

    /// Whether a file, as people see it, holds a rule or a library of the user.
    pub fn is_own(&self, shown: &str) -> bool {
        self.custom.iter().any(|module| module.shown == shown)
    }

    /// Every `test_` rule, in the order of the files.
    pub fn test_rules(&self) -> Vec<TestRule> {
        self.tests.iter().flat_map(test_rules).collect()
    }

    fn read(&mut self, folder: &Path, built_in: bool) -> Result<(), PolicyError> {
        let modules = modules(folder, false)?;
        if modules.is_empty() {
            let message = "holds no `.rego` file".to_owned();
            return Err(PolicyError::Folder { folder: folder.display().to_string(), message });
        }
        for module in modules {
            self.add(module, built_in)?;
        }
        Ok(())
    }

    fn add(&mut self, module: Module, built_in: bool) -> Result<(), PolicyError> {
        let parsed = metadata::parse(&module.file, &module.text, built_in);
        match parsed.map_err(|error| error.in_file(&module.shown))? {
            Parsed::Rule(rule) => {
                if self.rules.contains_key(&rule.id) {
                    return Err(PolicyError::Duplicate { file: module.shown, id: rule.id });
                }
                self.rules.insert(rule.id.clone(), *rule);
            }
            Parsed::Library => {}
        }
        if built_in {
            self.built_in.push(module);
        } else {
            self.custom.push(module);
        }
        Ok(())
    }

    /// All rules in order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule of an id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// The id nearest to a misspelt one.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        self.rules
            .keys()
            .map(|known| (strsim::jaro_winkler(known, id), known.as_str()))
            .filter(|(score, _)| *score > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known)
    }

    /// Text of the built-in policy of a rule.
    pub fn text(&self, rule: &Rule) -> Option<&str> {
        let modules = if rule.built_in { &self.built_in } else { &self.custom };
        modules.iter().find(|module| module.file == rule.file).map(|module| module.text.as_str())
    }

    /// Parameters by rule id: defaults, then what the configuration says.
    pub fn params(&self, configured: &BTreeMap<String, Map<String, Value>>) -> BTreeMap<String, Value> {
        self.rules
            .values()
            .filter(|rule| !rule.params.is_empty())
            .map(|rule| {
                let mut params: Map<String, Value> =
                    rule.params.iter().map(|(name, param)| (name.clone(), param.default.clone())).collect();
                if let Some(own) = configured.get(&rule.id) {
                    params.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
                }
                (rule.id.clone(), Value::Object(params))
            })
            .collect()
    }
}

/// Files of Rego below a folder, in order: the tests, or all but the tests.
fn modules(folder: &Path, tests: bool) -> Result<Vec<Module>, PolicyError> {
    let unreadable = |message: String| PolicyError::Folder { folder: folder.display().to_string(), message };
    let mut modules = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().max_depth(16) {
        let entry = entry.map_err(|error| unreadable(error.to_string()))?;
        let name = entry.file_name().to_string_lossy();
        if !entry.file_type().is_file() || !name.ends_with(".rego") || name.ends_with("_test.rego") != tests {
            continue;
        }
        let path = entry.path();
        let size = entry.metadata().map_or(0, |metadata| metadata.len());
        if size > LARGEST {
            return Err(unreadable(format!("{}: larger than {} KiB", path.display(), LARGEST >> 10)));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(format!("{}: {error}", path.display())))?;
        let file = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        modules.push(Module { file, shown: path.to_string_lossy().replace('\\', "/"), text });
    }
    Ok(modules)
}

/// Bytes of the largest policy file that is read.
const LARGEST: u64 = 1 << 20;

fn test_rules(module: &Module) -> Vec<TestRule> {
    let package = module.text.lines().find_map(|line| line.strip_prefix("package ")).unwrap_or_default().trim();
    let mut found: Vec<TestRule> = Vec::new();
    for (index, line) in module.text.lines().enumerate() {
        let name: String = line.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
        if name.starts_with("test_") && !found.iter().any(|other| other.name == name) {
            let path = format!("data.{package}.{name}");
            found.push(TestRule { file: module.shown.clone(), line: index + 1, name, path });
        }
    }
    found
}
