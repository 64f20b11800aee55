//! Plain scalars: what `yes`, `0755`, `1_000` and `1e3` are under either schema.

use std::borrow::Cow;

use super::scalar::{Scalar, Schema};

/// A cheap look at the first byte: most scalars are words.
pub(super) fn may_be_more_than_text(text: &str) -> bool {
    text.as_bytes().first().is_none_or(|first| {
        first.is_ascii_digit()
            || matches!(first, b'+' | b'-' | b'.' | b'~')
            || matches!(first.to_ascii_lowercase(), b'y' | b'n' | b't' | b'f' | b'o')
    })
}

/// The value of a plain scalar without a tag.
pub(super) fn plain(schema: Schema, text: &str) -> Scalar {
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
        [b'.', ..] if text.contains('_') => grouped(text),
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

/// `.5_0` goes to `strconv.ParseFloat` as it is, which wants a digit on both sides of an underscore.
fn grouped(text: &str) -> Scalar {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let separates = |at: usize| is_digit(bytes.get(at.wrapping_sub(1))) && is_digit(bytes.get(at + 1));
    if text.match_indices('_').all(|(at, _)| separates(at)) { float(&text.replace('_', "")) } else { Scalar::Text }
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
