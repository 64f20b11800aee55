//! Families of controls that rules name in their METADATA, and the controls of standards and laws behind each, from
//! `data/controls.json`. A rule is *relevant to* a control; passing it is evidence towards one, never compliance with it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/controls.json"))
        .expect("the catalogue of controls is part of the program and tested")
});

/// All that is known of controls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// How to read it.
    pub about: String,
    /// The day on which the sources were read.
    pub as_of: String,
    /// Standards and laws by key.
    pub frameworks: BTreeMap<String, Framework>,
    /// Controls by family.
    pub families: BTreeMap<String, Family>,
}

/// A standard or a law, in one edition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// What it is called before an id: `UAE IA v1.1`.
    pub short: String,
    /// Its name.
    pub title: String,
    /// Edition.
    pub edition: String,
    /// Who issues it.
    pub issuer: String,
    /// Where it binds, as an ISO code; none = anywhere.
    pub jurisdiction: Option<String>,
    /// In force, or what took its place.
    pub state: String,
    /// Another edition took its place.
    pub legacy: bool,
    /// What was read.
    pub basis: Basis,
    /// What its parts are called.
    pub ids: Ids,
    /// Where that was read.
    pub source: String,
}

/// What the entries of a framework rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The text itself.
    Read,
    /// A transcription of the text.
    Transcription,
    /// Texts about it.
    Secondary,
    /// Its list of domains.
    Domains,
    /// Nothing.
    Unchecked,
}

/// What the parts of a framework are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// By an id.
    Ids,
    /// By an article.
    Articles,
    /// By a section.
    Sections,
    /// The law as a whole.
    Laws,
    /// By nothing that could be printed.
    None,
}

/// What rules of one kind are relevant to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// What it asks for, in plain words.
    pub title: String,
    /// The controls.
    pub controls: Vec<Control>,
}

/// A control.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Key of its framework.
    pub framework: String,
    /// Its id there; none when the framework has none that could be printed.
    pub id: Option<String>,
    /// What it is about.
    pub title: String,
    /// How closely.
    pub strength: Strength,
    /// How sure that is.
    pub confidence: Confidence,
    /// Page of the printed text.
    pub page: Option<u16>,
    /// What else to know.
    pub note: Option<String>,
}

/// How closely a family and a control belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// The control asks for it.
    Direct,
    /// It helps the control.
    Supporting,
    /// The control is about something narrower or next to it.
    Partial,
}

/// How sure a mapping is. What is of low confidence is told without an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The text or its transcription was compared.
    High,
    /// Texts about it, or a mapping that may be argued with.
    Medium,
    /// A guess.
    Low,
}

impl Strength {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Supporting => "supporting",
            Self::Partial => "partial",
        }
    }
}

impl Confidence {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The catalogue.
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// The family of a name; none for a name that only a user's policy knows.
pub fn family(name: &str) -> Option<&'static Family> {
    CATALOGUE.families.get(name)
}

/// The controls of some families, each once, as strong as its strongest mention: direct ones first, then by framework.
pub fn of_families<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'static Control> {
    let mut controls: Vec<&Control> = names.into_iter().filter_map(family).flat_map(|one| &one.controls).collect();
    controls.sort_by(|one, other| one.rank().cmp(&other.rank()));
    let mut seen = std::collections::BTreeSet::new();
    controls.retain(|control| seen.insert((&control.framework, control.printed_id().unwrap_or(&control.title))));
    controls
}

impl Control {
    /// Its standard or law.
    pub fn framework(&self) -> &'static Framework {
        &CATALOGUE.frameworks[&self.framework]
    }

    /// Its id, where it is sure enough to be printed.
    pub fn printed_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|_| self.confidence != Confidence::Low)
    }

    /// What makes its id less than certain: nothing, its confidence, or that another edition took its place.
    pub fn caveats(&self) -> Vec<String> {
        let mut caveats = Vec::new();
        if self.confidence != Confidence::High {
            caveats.push(format!("{} confidence", self.confidence.as_str()));
        }
        if self.framework().legacy {
            caveats.push("legacy edition".to_owned());
        }
        caveats
    }

    fn rank(&self) -> (Strength, Confidence, &str, Option<&str>) {
        (self.strength, self.confidence, &self.framework, self.id.as_deref())
    }
}

/// `UAE IA v1.1 T4.5.3 (legacy edition)`, `Qatar NIA v2.1, network security (low confidence)`.
impl fmt::Display for Control {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.framework().short)?;
        match self.printed_id() {
            Some(id) => write!(out, " {id}")?,
            None => write!(out, ", {}", self.title)?,
        }
        let caveats = self.caveats();
        if caveats.is_empty() { Ok(()) } else { write!(out, " ({})", caveats.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_belongs_to_a_framework_that_names_its_source() {
        for (name, family) in &catalogue().families {
            assert!(!family.controls.is_empty(), "{name} holds no control");
            for control in &family.controls {
                let Some(framework) = catalogue().frameworks.get(&control.framework) else {
                    panic!("{name}: no framework is called {}", control.framework)
                };
                assert!(!framework.source.is_empty() && !framework.edition.is_empty(), "{}", control.framework);
                assert!(!control.title.is_empty(), "{name}: {control}");
            }
        }
    }

    #[test]
    fn nothing_is_surer_than_what_was_read() {
        for control in catalogue().families.values().flat_map(|family| &family.controls) {
            let framework = control.framework();
            match framework.basis {
                Basis::Read | Basis::Transcription | Basis::Secondary => {}
                Basis::Domains | Basis::Unchecked => assert_eq!(control.confidence, Confidence::Low, "{control}"),
            }
            if framework.ids == Ids::None {
                assert_eq!(control.id, None, "{control}: no id of this framework could be checked");
            }
        }
    }

    #[test]
    fn what_is_of_low_confidence_is_told_without_its_id() {
        let lows: Vec<&Control> = catalogue()
            .families
            .values()
            .flat_map(|family| &family.controls)
            .filter(|control| control.confidence == Confidence::Low)
            .collect();
        assert!(lows.iter().any(|control| control.id.is_some()), "a low id must exist for this to mean anything");
        for control in lows {
            assert!(control.to_string().contains("low confidence"), "{control}");
            assert!(control.id.as_ref().is_none_or(|id| !control.to_string().contains(id)), "{control}");
        }
    }

    #[test]
    fn a_control_of_two_families_is_told_once_at_its_strongest() {
        let both = of_families(["backup-exists", "restore-drill"]);
        let same: Vec<_> = both.iter().filter(|control| control.id.as_deref() == Some("T3.5.1")).collect();
        assert_eq!((same.len(), same[0].strength), (1, Strength::Direct));
        assert_eq!(same[0].to_string(), "UAE IA v1.1 T3.5.1 (legacy edition)");
    }
}
