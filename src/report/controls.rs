//! Controls in reports: what findings and statements are relevant to, by standard, each with what makes it uncertain.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::policy::controls::{self, Confidence, Control, Family, Strength};

/// A family in JSON.
#[derive(Serialize, JsonSchema)]
pub(super) struct JsonFamily {
    title: &'static str,
    controls: Vec<JsonControl>,
}

/// A control in JSON; without an id where none is sure enough to be printed.
#[derive(Serialize, JsonSchema)]
struct JsonControl {
    framework: &'static str,
    edition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'static str>,
    title: &'static str,
    strength: Strength,
    confidence: Confidence,
    legacy: bool,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// The families that findings of a report name.
pub(super) fn of_report(report: &Report) -> BTreeMap<&str, JsonFamily> {
    // findings of a fleet name the same few again and again
    let named: BTreeSet<&str> =
        report.findings.iter().flat_map(|finding| finding.controls.iter()).map(String::as_str).collect();
    named.into_iter().filter_map(|name| Some((name, json(controls::family(name)?)))).collect()
}

fn json(family: &'static Family) -> JsonFamily {
    let controls = family.controls.iter().map(|control| {
        let framework = control.framework();
        JsonControl {
            framework: &framework.short,
            edition: &framework.edition,
            id: control.printed_id(),
            title: &control.title,
            strength: control.strength,
            confidence: control.confidence,
            legacy: framework.legacy,
            source: &framework.source,
            page: control.page,
            note: control.note.as_deref(),
        }
    });
    JsonFamily { title: &family.title, controls: controls.collect() }
}

/// What asks for it directly, one text for each standard: `UAE IA v1.1 T4.5.3, T4.5.1 (legacy edition)`.
pub(super) fn direct(families: &[String]) -> Vec<String> {
    let all = controls::of_families(families.iter().map(String::as_str));
    let mut by_standard: BTreeMap<&str, Vec<&Control>> = BTreeMap::new();
    for control in all.into_iter().filter(|control| control.strength == Strength::Direct) {
        by_standard.entry(&control.framework).or_default().push(control);
    }
    by_standard.into_values().map(|controls| in_words(&controls)).collect()
}

/// Controls of one standard.
fn in_words(controls: &[&Control]) -> String {
    let framework = controls[0].framework();
    let named = controls.iter().map(|control| {
        let id = control.printed_id().unwrap_or(&control.title);
        if control.confidence == Confidence::High {
            id.to_owned()
        } else {
            format!("{id} ({} confidence)", control.confidence.as_str())
        }
    });
    let legacy = if framework.legacy { " (legacy edition)" } else { "" };
    format!("{} {}{legacy}", framework.short, named.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_is_named_once_and_what_is_unsure_says_so() {
        let told = direct(&["network-segmentation".to_owned()]);
        assert!(told.contains(&"UAE IA v1.1 T4.5.1, T4.5.3 (legacy edition)".to_owned()), "{told:?}");
        assert!(told.iter().any(|text| text.ends_with("(medium confidence)")), "{told:?}");
    }

    #[test]
    fn a_family_of_the_user_is_no_error() {
        assert!(direct(&["our-own".to_owned()]).is_empty());
    }
}
