//! Times of a CronJob.

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

fn not_a_range(part: &str, (least, most): (u32, u32)) -> Option<String> {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    if step.is_some_and(|step| step.parse::<u32>() == Ok(0)) {
        return Some(format!("step of range should be a positive number: {part}"));
    }
    let (first, last) = range.split_once('-').map_or((range, None), |(first, last)| (first, Some(last)));
    // names of days and months are left to the API server
    let number = |text: &str| text.parse::<u32>().ok();
    let start = number(first)?;
    if start < least {
        return Some(format!("beginning of range ({start}) below minimum ({least}): {part}"));
    }
    let end = last.map_or(Some(start), number)?;
    if end > most {
        return Some(format!("end of range ({end}) above maximum ({most}): {part}"));
    }
    (start > end).then(|| format!("beginning of range ({start}) beyond end of range ({end}): {part}"))
}

#[cfg(test)]
mod tests {
    use super::not_a_schedule;

    #[test]
    fn five_fields_within_their_bounds_or_a_descriptor() {
        for good in ["0 3 * * *", "*/15 0-6,22 1 1-12 SUN", "@daily", "@every 6h", "0 0 * * 6"] {
            assert_eq!(not_a_schedule(good), None, "{good}");
        }
        for bad in
            ["0 3 * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * * 7", "@nightly", "0 5-3 * * *", "*/0 * * * *"]
        {
            assert!(not_a_schedule(bad).is_some(), "{bad}");
        }
    }
}
