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
    /// The text.
    pub(crate) text: String,
}

/// Rules by id, and the Rego behind them.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    rules: BTreeMap<String, Rule>,
    pub(crate) built_in: Vec<Module>,
    pub(crate) custom: Vec<Module>,
}

impl Registry {
    /// The built-in rules.
    pub fn built_in() -> Result<Self, PolicyError> {
        let mut registry = Self::default();
        for (file, text) in POLICIES {
            registry.add((*file).to_owned(), (*text).to_owned(), true)?;
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

    fn read(&mut self, folder: &Path, built_in: bool) -> Result<(), PolicyError> {
        let unreadable = |message: String| PolicyError::Folder { folder: folder.display().to_string(), message };
        let mut files = Vec::new();
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name().max_depth(16) {
            let entry = entry.map_err(|error| unreadable(error.to_string()))?;
            let name = entry.file_name().to_string_lossy();
            if entry.file_type().is_file() && name.ends_with(".rego") && !name.ends_with("_test.rego") {
                files.push(entry.into_path());
            }
        }
        if files.is_empty() {
            return Err(unreadable("holds no `.rego` file".to_owned()));
        }
        for path in files {
            let text =
                std::fs::read_to_string(&path).map_err(|error| unreadable(format!("{}: {error}", path.display())))?;
            let relative = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            self.add(relative, text, built_in)?;
        }
        Ok(())
    }

    fn add(&mut self, file: String, text: String, built_in: bool) -> Result<(), PolicyError> {
        match metadata::parse(&file, &text, built_in)? {
            Parsed::Rule(rule) => {
                if self.rules.contains_key(&rule.id) {
                    return Err(PolicyError::Duplicate { file, id: rule.id });
                }
                self.rules.insert(rule.id.clone(), *rule);
            }
            Parsed::Library => {}
        }
        let modules = if built_in { &mut self.built_in } else { &mut self.custom };
        modules.push(Module { file, text });
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
