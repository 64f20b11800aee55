//! Times of a CronJob.

use std::sync::LazyLock;

/// The reason why a text is no schedule; what this reading does not know counts as one.
pub(super) fn not_a_schedule(text: &str) -> Option<String> {
    if text.contains("TZ=") {
        return Some("cannot use TZ or CRON_TZ in schedule, use timeZone field instead".to_owned());
    }
    if let Some(word) = text.strip_prefix('@') {
        let known = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        return (!known.contains(&word) && !word.starts_with("every "))
            .then(|| format!("unrecognized descriptor: {text}"));
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Some(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    fields.iter().zip(bounds).find_map(|(field, bound)| field.split(',').find_map(|part| not_a_range(part, bound)))
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The number that a text stands for, in the field with these bounds.
fn number(text: &str, bound: (u32, u32)) -> Option<u32> {
    let word = text.to_ascii_lowercase();
    let names: (&[&str], u32) = match bound {
        (1, 12) => (&MONTHS, 1),
        (0, 6) => (&DAYS, 0),
        _ => (&[], 0),
    };
    let named = names.0.iter().zip(names.1..).find(|(name, _)| **name == word).map(|(_, number)| number);
    named.or_else(|| text.parse().ok())
}

/// The reason why a text is no name of a time zone.
pub(super) fn not_a_time_zone(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("timeZone must be nil or non-empty string".to_owned());
    }
    if text.eq_ignore_ascii_case("local") {
        let reason = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        return Some(reason.to_owned());
    }
    TIME_ZONES.binary_search(&text).is_err().then(|| format!("unknown time zone {text}"))
}

/// Names of the IANA time zone database, sorted.
static TIME_ZONES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../../data/time-zones.txt").lines();
    lines.filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
});

fn not_a_range(part: &str, bound: (u32, u32)) -> Option<String> {
    let (least, most) = bound;
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    if let Some(step) = step {
        match step.parse::<u32>() {
            Err(_) => return Some(format!("failed to parse int from {step}")),
            Ok(0) => return Some(format!("step of range should be a positive number: {part}")),
            Ok(_) => {}
        }
    }
    if matches!(range, "*" | "?") {
        return None;
    }
    let (first, last) = range.split_once('-').map_or((range, None), |(first, last)| (first, Some(last)));
    let Some(start) = number(first, bound) else { return Some(format!("failed to parse int from {first}")) };
    let end = match last {
        Some(text) => match number(text, bound) {
            Some(end) => end,
            None => return Some(format!("failed to parse int from {text}")),
        },
        // a step without an end goes as far as it can
        None if step.is_some() => most,
        None => start,
    };
    if start < least {
        return Some(format!("beginning of range ({start}) below minimum ({least}): {part}"));
    }
    if end > most {
        return Some(format!("end of range ({end}) above maximum ({most}): {part}"));
    }
    (start > end).then(|| format!("beginning of range ({start}) beyond end of range ({end}): {part}"))
}

#[cfg(test)]
mod tests {
    use super::{TIME_ZONES, not_a_schedule, not_a_time_zone};

    #[test]
    fn time_zones_are_those_of_the_database() {
        assert!(TIME_ZONES.is_sorted());
        for good in ["Asia/Dubai", "Asia/Riyadh", "UTC", "Etc/GMT-4"] {
            assert_eq!(not_a_time_zone(good), None, "{good}");
        }
        for bad in ["", "Local", "GST", "asia/dubai", "Asia/Dubay", "../UTC"] {
            assert!(not_a_time_zone(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn five_fields_within_their_bounds_or_a_descriptor() {
        for good in ["0 3 * * *", "*/15 0-6,22 1 1-12 SUN", "@daily", "@every 6h", "0 0 ? * 6", "0 0 1 jan-MAR mon"] {
            assert_eq!(not_a_schedule(good), None, "{good}");
        }
        for bad in [
            "0 3 * *",
            "60 * * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * * 7",
            "0 0 1 janvier *",
            "@nightly",
            "0 5-3 * * *",
            "*/0 * * * *",
        ] {
            assert!(not_a_schedule(bad).is_some(), "{bad}");
        }
    }
}
