//! Findings as cards, grouped by what they lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Line, Texts};
use super::overview::{ORDER, phrase};
use super::text::{cut, prose, visible};
use crate::finding::{Finding, Location, OriginKind, Status};
use crate::policy::eval::Applicability;
use crate::report::Report;

/// Findings that are drawn.
const SHOWN: usize = 1_000;
/// Findings of one rule that are drawn.
const OF_A_RULE: usize = 60;
/// Other places of one finding.
const RELATED: usize = 6;
/// Characters of a message.
const MESSAGE: usize = 2_000;

/// Findings of one consequence.
pub(super) struct Group {
    pub(super) slug: &'static str,
    pub(super) title: String,
    pub(super) cards: Vec<Card>,
}

/// One finding.
pub(super) struct Card {
    pub(super) anchor: String,
    pub(super) severity: &'static str,
    pub(super) consequence: &'static str,
    pub(super) in_words: &'static str,
    pub(super) rule: String,
    pub(super) deployment: String,
    pub(super) status: &'static str,
    /// Empty when it is open.
    pub(super) accepted: String,
    pub(super) title: String,
    pub(super) place: String,
    /// Where the value comes from, when nobody wrote it.
    pub(super) origin: String,
    /// Markup.
    pub(super) message: String,
    /// Text at the underline.
    pub(super) label: String,
    pub(super) excerpt: Vec<Line>,
    /// Path of the value in its document.
    pub(super) path: String,
    pub(super) object: String,
    /// Place and markup.
    pub(super) related: Vec<(String, String)>,
    /// Markup.
    pub(super) help: String,
    pub(super) fix_title: String,
    /// `safe` and its kin, in words.
    pub(super) fix_kind: &'static str,
    pub(super) fix: Vec<Line>,
    pub(super) guide: Vec<String>,
    pub(super) controls: Vec<String>,
    pub(super) docs: String,
}

/// What is left out, by rule.
pub(super) struct Cut {
    pub(super) count: usize,
    pub(super) rules: Vec<(String, usize)>,
}

/// Where links find a finding.
pub(super) fn anchor(finding: &Finding) -> String {
    let safe = finding.fingerprint.chars().filter(char::is_ascii_alphanumeric);
    format!("f-{}", safe.collect::<String>())
}

/// The cards, and what has no room.
pub(super) fn groups(report: &Report, texts: &mut Texts<'_>) -> (Vec<Group>, Option<Cut>) {
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown: Vec<&Finding> = Vec::new();
    let (open, rest): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| finding.status == Status::Open);
    for finding in open.into_iter().chain(rest) {
        let count = of_rule.entry(&finding.rule).or_default();
        if *count < OF_A_RULE && shown.len() < SHOWN {
            *count += 1;
            shown.push(finding);
        } else {
            *left_out.entry(&finding.rule).or_default() += 1;
        }
    }
    let mut seen = BTreeSet::new();
    let mut groups = Vec::new();
    for consequence in ORDER {
        let of_group = shown.iter().filter(|finding| finding.consequence == consequence);
        let cards: Vec<Card> = of_group.map(|finding| card(finding, texts, &mut seen)).collect();
        if !cards.is_empty() {
            let words = if report.deployments.len() == 1 { phrase(consequence).0 } else { phrase(consequence).1 };
            groups.push(Group { slug: consequence.as_str(), title: words.to_owned(), cards });
        }
    }
    let mut rules: Vec<(String, usize)> = left_out.into_iter().map(|(rule, count)| (visible(rule), count)).collect();
    rules.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let cut = Cut { count: rules.iter().map(|(_, count)| count).sum(), rules };
    (groups, (cut.count > 0).then_some(cut))
}

fn card(finding: &Finding, texts: &mut Texts<'_>, seen: &mut BTreeSet<String>) -> Card {
    let mut name = anchor(finding);
    while !seen.insert(name.clone()) {
        name.push('x');
    }
    let label = cut(&visible(&finding.label), 160);
    let message = cut(&finding.message, MESSAGE);
    let fix = finding.fix.as_ref().and_then(|fix| texts.difference(fix)).unwrap_or_default();
    Card {
        anchor: name,
        severity: finding.severity.as_str(),
        consequence: finding.consequence.as_str(),
        in_words: finding.consequence.in_words(),
        rule: visible(&finding.rule),
        deployment: visible(&finding.deployment),
        status: match finding.status {
            Status::Open => "open",
            Status::Ignored => "ignored",
            Status::Waived => "waived",
            Status::Baseline => "baseline",
        },
        accepted: accepted(finding),
        title: visible(&finding.title),
        place: place(finding),
        origin: origin(finding),
        label: if label == message { String::new() } else { label },
        message: prose(&message),
        excerpt: texts.excerpt(finding),
        path: visible(&finding.location.path.to_string()),
        object: finding.object.as_ref().map_or_else(String::new, |object| {
            let namespace = object.namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
            visible(&format!("{} {namespace}{}", object.kind, object.name))
        }),
        related: finding
            .related
            .iter()
            .take(RELATED)
            .map(|related| (at(&related.location), prose(&cut(&related.message, 300))))
            .collect(),
        help: prose(&cut(&finding.help, MESSAGE)),
        fix_title: finding.fix.as_ref().map_or_else(String::new, |fix| visible(&fix.title)),
        fix_kind: match finding.fix.as_ref().map(|fix| fix.applicability) {
            Some(Applicability::Safe) => "`qdrant-lint fix` makes this edit",
            Some(Applicability::Unsafe) => "`qdrant-lint fix --unsafe` makes this edit: look at it first",
            Some(Applicability::Display) => "an example: a person decides what to write",
            None => "",
        },
        fix,
        guide: finding.guide.iter().map(|id| visible(id)).collect(),
        controls: finding.controls.iter().map(|id| visible(id)).collect(),
        docs: if finding.docs.starts_with("https://") { finding.docs.to_string() } else { String::new() },
    }
}

fn accepted(finding: &Finding) -> String {
    let Some(exemption) = &finding.exemption else {
        return if finding.status == Status::Open { String::new() } else { finding.status.in_words().to_owned() };
    };
    let mut words = exemption.in_words(finding.status);
    for (what, text) in [("owner", &exemption.owner), ("ticket", &exemption.ticket)] {
        words.extend(text.iter().map(|text| format!(" · {what} {text}")));
    }
    let by = exemption.by.as_str();
    visible(&format!("{words} · by {by} {}", at(&exemption.location)))
}

fn origin(finding: &Finding) -> String {
    match (&finding.default_of, finding.origin) {
        (Some(default), _) => format!("default of {}", visible(&default.owner)),
        (None, OriginKind::Set) => "set on the command line".to_owned(),
        (None, OriginKind::Live) => "live in the cluster".to_owned(),
        (None, OriginKind::Api) => "told by the Qdrant API".to_owned(),
        (None, OriginKind::Default) => "default".to_owned(),
        (None, OriginKind::Written | OriginKind::Derived) => String::new(),
    }
}

fn place(finding: &Finding) -> String {
    match (&finding.location.file, &finding.object) {
        (Some(_), _) => at(&finding.location),
        (None, Some(object)) => visible(&format!("{}/{}", object.kind, object.name)),
        (None, None) => String::new(),
    }
}

fn at(location: &Location) -> String {
    location.file.as_ref().map_or_else(String::new, |file| visible(&format!("{file}:{}", location.line)))
}
