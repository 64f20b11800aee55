//! The configuration against its schema: which part is wrong, in words, and what was meant.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::validate::Problem;
use crate::source::{Path, Segment};

/// The first problem of a value, where it stands.
pub(super) fn problem(value: &Value, schema: &Value) -> Option<Problem> {
    let validator = match jsonschema::validator_for(schema) {
        Ok(validator) => validator,
        Err(problem) => return Some(Problem::new(Path::new(), problem.to_string())),
    };
    validator.iter_errors(value).next().map(|error| explain(deepest(&error), value, schema))
}

/// Of alternatives that all fail, the error of the one that went furthest: a list of waivers with one wrong key is a list,
/// not the name of a file.
fn deepest<'a, 'b>(error: &'a ValidationError<'b>) -> &'a ValidationError<'b> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return error;
    };
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let own = depth(error);
    let furthest = context
        .iter()
        .filter_map(|errors| errors.iter().map(deepest).max_by_key(|error| depth(error)))
        // a key that is unknown or missing lies in the value itself
        .filter(|inner| {
            depth(inner) > own
                || matches!(
                    inner.kind(),
                    ValidationErrorKind::AdditionalProperties { .. } | ValidationErrorKind::Required { .. }
                )
        })
        .max_by_key(|error| depth(error));
    furthest.unwrap_or(error)
}

/// Where to point, what to say, and the suggestion.
fn explain(error: &ValidationError<'_>, value: &Value, schema: &Value) -> Problem {
    let path = pointer(error.instance_path().as_str(), value);
    let shown = |path: &Path| if path.0.is_empty() { "the configuration".to_owned() } else { format!("`{path}`") };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let key = unexpected.first().cloned().unwrap_or_default();
            let known = known_keys(&path, schema);
            let help = nearest(&key, known.iter().map(String::as_str)).map_or_else(
                || format!("known here: {}", known.join(", ")),
                |near| format!("did you mean `{near}`? known here: {}", known.join(", ")),
            );
            let path = path.key(&key);
            let message = format!("unknown key `{path}`");
            return Problem::new(path, message).help(help);
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let message = format!("{} has no `{key}`", shown(&path));
            return Problem::new(path, message).help(format!("write `{key}:`; docs/configuration.md shows every key"));
        }
        ValidationErrorKind::Minimum { limit } => {
            let message = format!("{} must be at least {limit}, found {}", shown(&path), error.instance());
            return Problem::new(path, message);
        }
        _ => {}
    }
    let found = at(value, &path).map_or_else(String::new, |found| format!(", found {}", short(found)));
    let words = words(&parts_at(&path, schema));
    let message = if words.is_empty() {
        format!("{} is not as it should be{found}: {error}", shown(&path))
    } else {
        format!("{} must be one of {}{found}", shown(&path), words.join(", "))
    };
    Problem::new(path, message).help("docs/configuration.md shows every key")
}

/// The known word that was probably meant.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::jaro_winkler(known, word), known))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}

/// A value as it fits in one line.
fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

fn at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key.as_ref()),
        Segment::Index(index) => value.get(*index),
    })
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

fn known_keys(path: &Path, schema: &Value) -> Vec<String> {
    let parts = parts_at(path, schema);
    parts.iter().filter_map(|part| part["properties"].as_object()).flat_map(|known| known.keys().cloned()).collect()
}

/// The parts of the schema that speak of a path: references followed, alternatives side by side.
fn parts_at<'a>(path: &Path, schema: &'a Value) -> Vec<&'a Value> {
    path.0.iter().fold(alternatives(schema, schema), |here, segment| {
        let next = here.into_iter().map(|part| match segment {
            Segment::Key(key) if part["properties"][key.as_ref()].is_null() => &part["additionalProperties"],
            Segment::Key(key) => &part["properties"][key.as_ref()],
            Segment::Index(_) => &part["items"],
        });
        next.filter(|part| part.is_object()).flat_map(|part| alternatives(part, schema)).collect()
    })
}

fn alternatives<'a>(part: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    if let Some(name) = part["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return alternatives(&schema["$defs"][name], schema);
    }
    let branches = ["anyOf", "oneOf"].iter().find_map(|key| part[*key].as_array());
    branches.map_or_else(
        || vec![part],
        |branches| branches.iter().flat_map(|branch| alternatives(branch, schema)).collect(),
    )
}

/// The words that enumerations allow.
fn words(parts: &[&Value]) -> Vec<String> {
    let own = |part: &&Value| -> Vec<String> {
        let words = part["enum"].as_array().into_iter().flatten().chain(part.get("const"));
        words.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    parts.iter().flat_map(own).collect()
}
