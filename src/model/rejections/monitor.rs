//! ServiceMonitor: its CustomResourceDefinition checks types and the form of durations.

use super::place::Place;
use crate::source::Data;

const DURATION: &str = "^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$";

/// A ServiceMonitor.
pub(super) fn service_monitor(object: &Place<'_>) {
    let spec = object.get("spec");
    if !spec.get("selector").is_set() {
        spec.get("selector").required("");
    }
    for endpoint in spec.get("endpoints").items() {
        for field in ["interval", "scrapeTimeout"] {
            duration(&endpoint.get(field));
        }
        for field in ["path", "port", "scheme"] {
            text(&endpoint.get(field));
        }
    }
}

fn duration(place: &Place<'_>) {
    text(place);
    if let Some(value) = place.text()
        && !is_duration(value)
    {
        place.invalid(&format!("{} in body should match '{DURATION}'", place.path()));
    }
}

fn text(place: &Place<'_>) {
    let Some(node) = place.node else { return };
    let kind = match &node.data {
        Data::String(_) | Data::Null => return,
        Data::Bool(_) => "boolean",
        Data::Number(_) if node.as_i64().is_some() => "integer",
        Data::Number(_) => "number",
        Data::Sequence(_) => "array",
        Data::Mapping(_) => "object",
    };
    let mut refusal = place.wrong(&format!("{kind:?}: {} in body must be of type string: {kind:?}", place.path()));
    refusal.instead = node.scalar_text().map(|text| format!("quote it: \"{text}\""));
    place.refuse(refusal);
}

fn is_duration(text: &str) -> bool {
    if text == "0" {
        return true;
    }
    let mut rest = text;
    for unit in ["y", "w", "d", "h", "m", "s", "ms"] {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0
            && let Some(after) = rest[digits..].strip_prefix(unit)
            // `5ms` are no five minutes and an `s`
            && !(unit == "m" && after.starts_with('s'))
        {
            rest = after;
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn durations_are_of_whole_numbers_with_falling_units() {
        for good in ["30s", "1m", "1h30m", "500ms", "0", ""] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["30", "1.5m", "30sec", "s", "5s1m"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
