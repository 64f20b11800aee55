//! What a scalar means. Helm, kubectl and the API server read YAML 1.1 as go-yaml v2 does, with
//! `yes`, `0755` and `1_000`; Qdrant and most editors read the core schema of YAML 1.2.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Number;

use super::Data;
use super::base64;
use super::plain::{may_be_more_than_text, plain};

/// The rules by which plain scalars become values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// YAML 1.1 as sigs.k8s.io/yaml reads it: Helm values, manifests.
    Yaml11,
    /// The core schema of YAML 1.2: configuration that Qdrant itself reads.
    Core12,
}

/// A scalar that has been resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Integer(i64),
    /// Above `i64::MAX`.
    Natural(u64),
    Float(f64),
    /// `.inf` and `.nan`, which JSON does not know.
    Infinite,
    Text,
}

/// Why a scalar has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScalarError {
    #[error("`{0}` has no JSON value, so Helm and kubectl refuse it")]
    Infinite(String),
    #[error("`{text}` is not a value of the tag `!!{tag}`")]
    Tag { text: String, tag: &'static str },
    #[error("the tag `!!binary` stands on text that is not Base64")]
    Base64,
}

/// A tag that changes how a scalar is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `!!str`, any tag of the user's own, and the quotes that make a scalar a string.
    Text,
    Bool,
    Integer,
    Float,
    Null,
    Timestamp,
    Binary,
}

impl Tag {
    /// The tag in the YAML namespace, or text for all others, as go-yaml does.
    pub(super) fn named(yaml_name: Option<&str>) -> Self {
        match yaml_name {
            Some("bool") => Self::Bool,
            Some("int") => Self::Integer,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            _ => Self::Text,
        }
    }
}

/// Resolves the text of a scalar; `tag` is `None` for plain scalars without one.
pub(super) fn resolve(schema: Schema, tag: Option<Tag>, text: &str) -> Result<(Scalar, Cow<'_, str>), ScalarError> {
    let as_is = Cow::Borrowed(text);
    let Some(tag) = tag else {
        return match plain(schema, text) {
            Scalar::Infinite => Err(ScalarError::Infinite(text.to_owned())),
            scalar => Ok((scalar, as_is)),
        };
    };
    let mismatch = |tag| Err(ScalarError::Tag { text: text.chars().take(40).collect(), tag });
    let scalar = match (tag, plain(schema, text)) {
        (Tag::Text | Tag::Timestamp, _) => Scalar::Text,
        (Tag::Binary, _) => {
            let bytes = base64::decode(text).ok_or(ScalarError::Base64)?;
            return Ok((Scalar::Text, Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())));
        }
        (Tag::Bool, scalar @ Scalar::Bool(_))
        | (Tag::Integer, scalar @ (Scalar::Integer(_) | Scalar::Natural(_)))
        | (Tag::Float, scalar @ Scalar::Float(_))
        | (Tag::Null, scalar @ Scalar::Null) => scalar,
        (Tag::Float, Scalar::Integer(value)) => Scalar::Float(value as f64),
        (Tag::Float, Scalar::Infinite) => return Err(ScalarError::Infinite(text.to_owned())),
        (Tag::Bool, _) => return mismatch("bool"),
        (Tag::Integer, _) => return mismatch("int"),
        (Tag::Float, _) => return mismatch("float"),
        (Tag::Null, _) => return mismatch("null"),
    };
    Ok((scalar, as_is))
}

/// What a plain scalar means, for text that lands unquoted in YAML; `.inf` and `.nan` stay text.
pub fn plain_data(schema: Schema, text: &str) -> Data {
    plain(schema, text).into_data(schema, || text.into())
}

/// Whether the two schemas give a plain scalar different values.
pub(super) fn is_ambiguous(text: &str) -> bool {
    may_be_more_than_text(text) && {
        match (plain(Schema::Yaml11, text), plain(Schema::Core12, text)) {
            (Scalar::Infinite, Scalar::Infinite) => false,
            (old, new) => match number_of(old).zip(number_of(new)) {
                Some((old, new)) => old.total_cmp(&new).is_ne(),
                None => old != new,
            },
        }
    }
}

fn number_of(scalar: Scalar) -> Option<f64> {
    match scalar {
        Scalar::Integer(value) => Some(value as f64),
        Scalar::Natural(value) => Some(value as f64),
        Scalar::Float(value) => Some(value),
        _ => None,
    }
}

impl Scalar {
    /// The value; floats without a fraction become whole numbers under YAML 1.1, because Helm and
    /// kubectl pass every value through JSON (`tag: 1.0` renders as `1`).
    pub(super) fn into_data(self, schema: Schema, text: impl FnOnce() -> Arc<str>) -> Data {
        match self {
            Self::Null => Data::Null,
            Self::Bool(value) => Data::Bool(value),
            Self::Integer(value) => Data::Number(value.into()),
            Self::Natural(value) => Data::Number(value.into()),
            Self::Float(value) if schema == Schema::Yaml11 && is_whole(value) => Data::Number((value as i64).into()),
            Self::Float(value) => Number::from_f64(value).map_or(Data::Null, Data::Number),
            Self::Infinite | Self::Text => Data::String(text()),
        }
    }

    /// The scalar as the key of a JSON object; `None` when it cannot be one.
    pub(super) fn into_key(self, text: Cow<'_, str>) -> Option<Cow<'_, str>> {
        match self {
            Self::Text => Some(text),
            Self::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Self::Integer(value) => Some(Cow::Owned(value.to_string())),
            Self::Float(value) => Some(Cow::Owned(float_key(value))),
            Self::Null | Self::Natural(_) | Self::Infinite => None,
        }
    }
}

/// Whether JSON printed by Go shows no fraction; minus zero keeps its sign.
fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() < 9e18 && value.to_bits() != (-0.0_f64).to_bits()
}

/// A float as go prints it with `FormatFloat(f, 'g', -1, 32)`: shortest digits of the 32-bit value,
/// with an exponent from 1e6 and below 1e-4.
fn float_key(value: f64) -> String {
    let narrow = value as f32;
    let scientific = format!("{narrow:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => narrow.to_string(),
    }
}
