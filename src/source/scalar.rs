//! What a scalar means. Helm, kubectl and the API server read YAML 1.1 as go-yaml v2 does, with
//! `yes`, `0755` and `1_000`; Qdrant and most editors read the core schema of YAML 1.2.

use std::borrow::Cow;

use serde_json::Number;

use super::Data;

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
pub(super) fn resolve<'t>(
    schema: Schema,
    tag: Option<Tag>,
    text: &'t str,
) -> Result<(Scalar, Cow<'t, str>), ScalarError> {
    let as_is = Cow::Borrowed(text);
    let Some(tag) = tag else {
        return match plain(schema, text) {
            Scalar::Infinite => Err(ScalarError::Infinite(text.to_owned())),
            scalar => Ok((scalar, as_is)),
        };
    };
    let mismatch = |tag| Err(ScalarError::Tag { text: text.chars().take(40).collect(), tag });
    let scalar = match (tag, plain(schema, text)) {
        (Tag::Text, _) => Scalar::Text,
        (Tag::Binary, _) => {
            let bytes = base64(text).ok_or(ScalarError::Base64)?;
            return Ok((Scalar::Text, Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())));
        }
        (Tag::Timestamp, _) => Scalar::Text,
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

/// Whether the two schemas give a plain scalar different values.
pub(super) fn is_ambiguous(text: &str) -> bool {
    may_be_more_than_text(text) && {
        match (plain(Schema::Yaml11, text), plain(Schema::Core12, text)) {
            (Scalar::Infinite, Scalar::Infinite) => false,
            (old, new) => number_of(old).zip(number_of(new)).map_or(old != new, |(old, new)| old != new),
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
    pub(super) fn into_data(self, schema: Schema, text: &str) -> Data {
        match self {
            Self::Null => Data::Null,
            Self::Bool(value) => Data::Bool(value),
            Self::Integer(value) => Data::Number(value.into()),
            Self::Natural(value) => Data::Number(value.into()),
            Self::Float(value) if schema == Schema::Yaml11 && value.fract() == 0.0 && value.abs() < 9e18 => {
                Data::Number((value as i64).into())
            }
            Self::Float(value) => Number::from_f64(value).map_or(Data::Null, Data::Number),
            Self::Infinite | Self::Text => Data::String(text.into()),
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

/// A cheap look at the first byte: most scalars are words.
fn may_be_more_than_text(text: &str) -> bool {
    text.as_bytes().first().is_none_or(|first| {
        first.is_ascii_digit()
            || matches!(first, b'+' | b'-' | b'.' | b'~')
            || matches!(first.to_ascii_lowercase(), b'y' | b'n' | b't' | b'f' | b'o')
    })
}

fn plain(schema: Schema, text: &str) -> Scalar {
    if !may_be_more_than_text(text) {
        return Scalar::Text;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Infinite,
        _ => {}
    }
    if matches!(text.strip_prefix(['+', '-']).unwrap_or(text), ".inf" | ".Inf" | ".INF") {
        return Scalar::Infinite;
    }
    match schema {
        Schema::Yaml11 => plain_1_1(text),
        Schema::Core12 => plain_1_2(text),
    }
}

fn plain_1_1(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Scalar::Bool(false),
        _ => {}
    }
    match text.as_bytes() {
        [b'.', ..] => float(text),
        [b'0'..=b'9' | b'+' | b'-', ..] => {
            let digits: Cow<'_, str> =
                if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
            if let Some(number) = go_integer(&digits) {
                return number;
            }
            match float(&digits) {
                Scalar::Text => lone_sign_after_0b(&digits),
                number => number,
            }
        }
        _ => Scalar::Text,
    }
}

/// go-yaml v2 strips `0b` once more when nothing else matched, which lets `0b-101` be -5.
fn lone_sign_after_0b(digits: &str) -> Scalar {
    match digits.strip_prefix("0b").map(|rest| (rest, rest.strip_prefix(['-', '+']))) {
        Some((rest, Some(magnitude))) => signed(rest.starts_with('-'), rest.starts_with('+'), magnitude, 2),
        _ => None,
    }
    .unwrap_or(Scalar::Text)
}

/// `strconv.ParseInt(text, 0, 64)`, then `ParseUint`.
fn go_integer(text: &str) -> Option<Scalar> {
    let (minus, plus) = (text.starts_with('-'), text.starts_with('+'));
    let magnitude = if minus || plus { &text[1..] } else { text };
    match magnitude.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => signed(minus, plus, &magnitude[2..], 16),
        [b'0', b'o' | b'O', _, ..] => signed(minus, plus, &magnitude[2..], 8),
        [b'0', b'b' | b'B', _, ..] => signed(minus, plus, &magnitude[2..], 2),
        [b'0', _, ..] => signed(minus, plus, &magnitude[1..], 8),
        _ => signed(minus, plus, magnitude, 10),
    }
}

fn signed(minus: bool, plus: bool, digits: &str, radix: u32) -> Option<Scalar> {
    if !digits.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match i64::try_from(magnitude) {
        Ok(value) => Some(Scalar::Integer(if minus { -value } else { value })),
        Err(_) if minus && magnitude == i64::MIN.unsigned_abs() => Some(Scalar::Integer(i64::MIN)),
        Err(_) if minus || plus => None,
        Err(_) => Some(Scalar::Natural(magnitude)),
    }
}

fn plain_1_2(text: &str) -> Scalar {
    let integer = match text.as_bytes() {
        [b'0', b'x', ..] => signed(false, false, &text[2..], 16),
        [b'0', b'o', ..] => signed(false, false, &text[2..], 8),
        [b'+' | b'-', ..] => signed(text.starts_with('-'), text.starts_with('+'), &text[1..], 10),
        _ => signed(false, false, text, 10),
    };
    integer.unwrap_or_else(|| float(text))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; text when it does not match or overflows.
fn float(text: &str) -> Scalar {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = &after[fraction..];
    }
    if whole + fraction == 0 {
        return Scalar::Text;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let after = after.strip_prefix(['+', '-']).unwrap_or(after);
        if after.is_empty() || digits(after) != after.len() {
            return Scalar::Text;
        }
    } else if !rest.is_empty() {
        return Scalar::Text;
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Scalar::Float(value),
        _ => Scalar::Text,
    }
}

/// Standard alphabet with padding; line breaks do not count.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if symbols.len() % 4 != 0 {
        return None;
    }
    let last = symbols.len().saturating_sub(4);
    for (index, four) in symbols.chunks_exact(4).enumerate() {
        let padding = four.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && index * 4 != last) {
            return None;
        }
        let mut bits = 0u32;
        for symbol in &four[..4 - padding] {
            let value = match symbol {
                b'A'..=b'Z' => symbol - b'A',
                b'a'..=b'z' => symbol - b'a' + 26,
                b'0'..=b'9' => symbol - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}
