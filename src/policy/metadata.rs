//! The `# METADATA` block of a policy file: everything about a rule that is not its judgement.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::rule::{Param, RelatedResource};
use super::{Consequence, PolicyError, Profile, Rule, Severity};
use crate::model::facts::Aspect;
use crate::source::{Limits, yaml};
use crate::source::{Source, Sources};

/// The contract of the block; also published for authors of policies.
pub const SCHEMA: &str = include_str!("../../policies/metadata.schema.json");

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the embedded schema is JSON; a test reads it");
    jsonschema::validator_for(&schema).expect("the embedded schema is a valid schema; a test compiles it")
});

/// What a policy file holds.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// A rule.
    Rule(Box<Rule>),
    /// Shared Rego below `lib/`.
    Library,
}

#[derive(Deserialize)]
struct Block {
    title: String,
    description: String,
    #[serde(default)]
    related_resources: Vec<Resource>,
    custom: Custom,
}

#[derive(Deserialize)]
struct Resource {
    description: String,
    r#ref: String,
}

#[derive(Deserialize)]
struct Custom {
    severity: BTreeMap<Profile, Value>,
    consequence: Consequence,
    #[serde(default)]
    needs: Vec<String>,
    inputs: Vec<super::rule::InputKind>,
    remediation: String,
    #[serde(default)]
    guide: Vec<String>,
    #[serde(default)]
    controls: Vec<String>,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    fixes: Vec<super::eval::Applicability>,
    #[serde(default)]
    params: BTreeMap<String, ParamBlock>,
    since: String,
}

#[derive(Deserialize)]
struct ParamBlock {
    default: Value,
    #[serde(default)]
    unit: String,
    description: String,
}

/// Reads the block of a file. `file` is the path below the policy folder and gives the id.
pub(crate) fn parse(file: &str, text: &str, built_in: bool) -> Result<Parsed, PolicyError> {
    if file.starts_with("lib/") || file.contains("/lib/") {
        return Ok(Parsed::Library);
    }
    let wrong = |line: usize, message: String| PolicyError::Metadata { file: file.to_owned(), line, message };
    let (id, package) = identity(file).ok_or_else(|| {
        wrong(1, "a rule lies at `<concern>/<what_is_wrong>.rego`, in lower case with `_`".to_owned())
    })?;
    let package_line = text.lines().position(|line| line.starts_with("package ")).map_or(1, |line| line + 1);
    if !text.lines().any(|line| line.trim_end() == format!("package {package}")) {
        return Err(wrong(package_line, format!("the package of this file must be `{package}`, as its path says")));
    }
    let (first_line, block) = block(text).ok_or_else(|| {
        wrong(1, "the file must begin with a `# METADATA` block; docs/writing-rules.md shows one".to_owned())
    })?;
    let mut sources = Sources::default();
    let id_of_block = sources.add(Source::new(file, block));
    let parsed = yaml::parse(&sources, id_of_block, &Limits::default());
    if let Some(error) = parsed.errors.first() {
        let line = sources.get(id_of_block).position(error.span.start).line;
        return Err(wrong(first_line + line, error.message.clone()));
    }
    let value = parsed.documents.first().map_or(Value::Null, |document| document.root.to_json());
    // the built-in blocks are validated by a test, so that no run pays for it
    if !built_in && let Some(error) = VALIDATOR.iter_errors(&value).next() {
        let place = error.instance_path().to_string();
        let place = if place.is_empty() {
            String::new()
        } else {
            format!(" at `{}`", place.trim_start_matches('/').replace('/', "."))
        };
        return Err(wrong(first_line, format!("METADATA{place}: {error}")));
    }
    let block: Block =
        serde_json::from_value(value).map_err(|error| wrong(first_line, format!("METADATA: {error}")))?;
    rule(block, id, package, file, text, built_in)
        .map(|rule| Parsed::Rule(Box::new(rule)))
        .map_err(|message| wrong(first_line, message))
}

fn rule(block: Block, id: String, package: String, file: &str, text: &str, built_in: bool) -> Result<Rule, String> {
    let mut severity = BTreeMap::new();
    for (profile, value) in block.custom.severity {
        // `off` is a boolean to YAML 1.1
        let parsed = match &value {
            Value::Bool(false) => None,
            Value::String(word) if word == "off" => None,
            Value::String(word) => Some(word.parse::<Severity>().map_err(|()| format!("`{word}` is no severity"))?),
            other => return Err(format!("`{other}` is no severity")),
        };
        severity.insert(profile, parsed);
    }
    for need in &block.custom.needs {
        let word = need.split('.').next().unwrap_or_default();
        if !need.contains('.') && aspect(need).is_none() && word.is_empty() {
            return Err(format!("`needs` names aspects or fact paths, found `{need}`"));
        }
    }
    Ok(Rule {
        id,
        package,
        title: block.title,
        description: block.description.trim().to_owned(),
        related_resources: block
            .related_resources
            .into_iter()
            .map(|resource| RelatedResource { description: resource.description, address: resource.r#ref })
            .collect(),
        severity,
        consequence: block.custom.consequence,
        needs: block.custom.needs,
        inputs: block.custom.inputs,
        remediation: block.custom.remediation.trim().to_owned(),
        guide: block.custom.guide,
        controls: block.custom.controls,
        evidence: block.custom.evidence,
        fixes: block.custom.fixes,
        params: block
            .custom
            .params
            .into_iter()
            .map(|(name, param)| {
                (name, Param { default: param.default, unit: param.unit, description: param.description })
            })
            .collect(),
        since: block.custom.since,
        built_in,
        file: file.to_owned(),
        has_skips: text.lines().any(|line| line.starts_with("skipped")),
    })
}

/// `availability/budget_missing.rego` → (`availability/budget-missing`, `qdrant.availability.budget_missing`).
fn identity(file: &str) -> Option<(String, String)> {
    let stem = file.strip_suffix(".rego")?;
    let (concern, name) = stem.rsplit_once('/')?;
    let concern = concern.rsplit('/').next()?;
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    (word(concern) && word(name)).then(|| {
        (format!("{}/{}", concern.replace('_', "-"), name.replace('_', "-")), format!("qdrant.{concern}.{name}"))
    })
}

/// The YAML of the block, and the 1-based line of `# METADATA`.
fn block(text: &str) -> Option<(usize, String)> {
    let start = text.lines().position(|line| line.trim_end() == "# METADATA")?;
    let lines: Vec<&str> = text
        .lines()
        .skip(start + 1)
        .take_while(|line| line.starts_with('#'))
        .map(|line| line.strip_prefix("# ").or_else(|| line.strip_prefix('#')).unwrap_or(line))
        .collect();
    Some((start + 1, lines.join("\n")))
}

/// The aspect of a name in `needs`.
pub(crate) fn aspect(name: &str) -> Option<Aspect> {
    serde_json::from_value(Value::String(name.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_and_the_package_come_from_the_path() {
        assert_eq!(
            identity("availability/budget_missing.rego"),
            Some(("availability/budget-missing".to_owned(), "qdrant.availability.budget_missing".to_owned()))
        );
        assert_eq!(identity("Budget.rego"), None);
        assert_eq!(identity("availability/Budget.rego"), None);
    }

    #[test]
    fn a_file_without_a_block_is_refused_with_its_place() {
        let error = parse("a/b.rego", "package qdrant.a.b\n", false).unwrap_err();
        assert!(error.to_string().starts_with("a/b.rego:1: the file must begin with a `# METADATA` block"), "{error}");
    }
}
