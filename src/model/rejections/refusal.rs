//! What the API server says of a place, in its words.

use std::cell::RefCell;

use super::place::Place;
use crate::source::{Data, Node, Origin};

/// A reason to refuse an object.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// Path as the API server writes it.
    pub(super) field: String,
    /// In its words.
    pub(super) message: String,
    /// What is wrong, or what lacks it.
    pub(super) at: Origin,
    /// Nothing stands there.
    pub(super) lacks: bool,
    /// What to write instead.
    pub(super) instead: Option<String>,
    /// A more specific rule.
    pub(super) covered_by: Option<&'static str>,
    /// The other of two fields that exclude each other: its path and place.
    pub(super) collides_with: Option<(String, Origin)>,
}

/// Collects what is wrong with one object. A hostile object cannot make more than a screen of it.
#[derive(Default)]
pub(super) struct Findings(pub(super) RefCell<Vec<Refusal>>);

const MOST: usize = 50;

impl Findings {
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(super) fn into_inner(self) -> Vec<Refusal> {
        self.0.into_inner()
    }

    /// What is wrong with one place for several reasons is told once, with the first.
    pub(super) fn add(&self, refusal: Refusal) {
        let mut all = self.0.borrow_mut();
        let same = |other: &Refusal| {
            other.field == refusal.field
                && (other.message == refusal.message || other.at == refusal.at && refusal.at.is_written())
        };
        if all.len() < MOST && !all.iter().any(same) {
            all.push(refusal);
        }
    }
}

impl Place<'_> {
    fn refusal(&self, message: String) -> Refusal {
        Refusal {
            field: self.path(),
            message,
            at: self.at.clone(),
            lacks: self.node.is_none(),
            instead: None,
            covered_by: None,
            collides_with: None,
        }
    }

    /// `Required value`, where nothing stands.
    pub(super) fn required(&self, detail: &str) {
        self.found.add(self.missing(detail));
    }

    /// `Required value`, to be completed.
    pub(super) fn missing(&self, detail: &str) -> Refusal {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.refusal(format!("Required value{colon}{detail}"))
    }

    /// `Required value`, unless something stands there. Tells whether something does.
    pub(super) fn require(&self) -> bool {
        if !self.is_filled() {
            self.required("");
        }
        self.is_filled()
    }

    /// `Invalid value`.
    pub(super) fn invalid(&self, detail: &str) {
        let shown = self.node.and_then(shown).map_or_else(String::new, |value| format!(" {value}:"));
        self.found.add(self.refusal(format!("Invalid value:{shown} {detail}")));
    }

    /// `Invalid value` of the whole, without showing it.
    pub(super) fn wrong(&self, detail: &str) -> Refusal {
        self.refusal(format!("Invalid value: {detail}"))
    }

    /// `Forbidden`.
    pub(super) fn forbidden(&self, detail: &str) {
        self.found.add(self.refusal(format!("Forbidden: {detail}")));
    }

    /// `Duplicate value`.
    pub(super) fn duplicate(&self) {
        let shown = self.node.and_then(shown).unwrap_or_default();
        self.found.add(self.refusal(format!("Duplicate value: {shown}")));
    }

    /// `Not found`.
    pub(super) fn not_found(&self) {
        let shown = self.node.and_then(shown).unwrap_or_default();
        self.found.add(self.refusal(format!("Not found: {shown}")));
    }

    /// How many faults the object has so far.
    pub(super) fn faults(&self) -> usize {
        self.found.0.borrow().len()
    }

    /// `Unsupported value`, unless it is one of those. The empty text stands for the default.
    pub(super) fn one_of(&self, supported: &[&str]) {
        if self.is_filled() {
            self.exactly_one_of(supported);
        }
    }

    /// Likewise, where the empty text stands for nothing.
    pub(super) fn set_to_one_of(&self, supported: &[&str]) {
        if self.is_set() {
            self.exactly_one_of(supported);
        }
    }

    /// Likewise, where it must be set.
    pub(super) fn exactly_one_of(&self, supported: &[&str]) {
        if let Some(text) = self.word()
            && !supported.contains(&text)
        {
            let list: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
            self.found.add(self.refusal(format!("Unsupported value: {text:?}: supported values: {}", list.join(", "))));
        }
    }

    /// Refuses in words that say the value themselves.
    pub(super) fn refuse_as(&self, message: String) {
        self.found.add(self.refusal(message));
    }

    /// Adds a refusal that was made by hand.
    pub(super) fn refuse(&self, refusal: Refusal) {
        self.found.add(refusal);
    }

    /// Not negative.
    pub(super) fn not_negative(&self) {
        if self.number().is_some_and(|number| number < 0) {
            self.invalid("must be greater than or equal to 0");
        }
    }

    /// Between two numbers, when it is set.
    pub(super) fn within(&self, least: i64, most: i64) {
        if self.number().is_some_and(|number| !(least..=most).contains(&number)) {
            self.invalid(&format!("must be between {least} and {most}, inclusive"));
        }
    }

    /// Above zero, when it is set.
    pub(super) fn positive(&self) {
        if self.number().is_some_and(|number| number <= 0) {
            self.invalid("must be greater than 0");
        }
    }

    /// A count or a percentage.
    pub(super) fn count_or_percentage(&self) {
        self.not_negative();
        if self.text().is_some_and(|text| percentage(text).is_none()) {
            self.invalid("a valid percent string must be a numeric string followed by an ending '%'");
        }
    }

    /// A port number.
    pub(super) fn port_number(&self) {
        if self.number().is_some_and(|number| !(1..=65535).contains(&number)) {
            self.invalid("must be between 1 and 65535, inclusive");
        }
    }

    /// A port number or the name of one.
    pub(super) fn port(&self) {
        self.port_number();
        if let Some(reason) = self.text().and_then(super::names::not_a_port_name) {
            self.invalid(&reason);
        }
    }

    /// Refuses the text with the reason that a check gives.
    pub(super) fn check(&self, check: fn(&str) -> Option<String>) {
        if let Some(reason) = self.text().and_then(check) {
            self.invalid(&reason);
        }
    }

    /// Likewise, where the empty text stands for nothing.
    pub(super) fn check_filled(&self, check: fn(&str) -> Option<String>) {
        if self.is_filled() {
            self.check(check);
        }
    }

    /// Likewise, where nothing stands for the empty text.
    pub(super) fn check_word(&self, check: fn(&str) -> Option<String>) {
        if let Some(reason) = self.word().and_then(check) {
            if self.is_set() {
                self.invalid(&reason);
            } else {
                self.found.add(self.refusal(format!("Invalid value: \"\": {reason}")));
            }
        }
    }
}

/// The number before a `%`.
pub(super) fn percentage(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('%')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // more than that is too much anyway
    Some(digits.parse().unwrap_or(u64::MAX))
}

/// A scalar as the API server shows it.
fn shown(node: &Node) -> Option<String> {
    match &node.data {
        Data::String(text) => Some(format!("{text:?}")),
        _ => node.scalar_text(),
    }
}
