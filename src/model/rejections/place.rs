//! A place in an object, whether or not something stands there, and what the API server says of it.

use std::cell::RefCell;

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
pub(super) struct Findings(RefCell<Vec<Refusal>>);

const MOST: usize = 50;

impl Findings {
    pub(super) fn into_inner(self) -> Vec<Refusal> {
        self.0.into_inner()
    }

    pub(super) fn add(&self, refusal: Refusal) {
        let mut all = self.0.borrow_mut();
        if all.len() < MOST {
            all.push(refusal);
        }
    }
}

/// A place in the object.
#[derive(Clone)]
pub(super) struct Place<'n> {
    /// What stands there; none for null and nothing.
    pub(super) node: Option<&'n Node>,
    /// Path as the API server writes it.
    pub(super) path: String,
    at: Origin,
    found: &'n Findings,
}

impl<'n> Place<'n> {
    /// The object itself.
    pub(super) fn root(node: &'n Node, found: &'n Findings) -> Self {
        Self { node: Some(node), path: String::new(), at: node.origin.clone(), found }
    }

    /// The field of that name.
    pub(super) fn get(&self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.child(self.node.and_then(|node| node.get(key)), path)
    }

    /// The field at a path of names.
    pub(super) fn at(&self, keys: &[&str]) -> Self {
        keys.iter().fold(self.clone(), |place, key| place.get(key))
    }

    /// An entry of a mapping whose keys are no fields: `resources.requests[memory]`.
    pub(super) fn entry(&self, key: &str) -> Self {
        self.child(self.node.and_then(|node| node.get(key)), format!("{}[{key}]", self.path))
    }

    /// The keys of a mapping.
    pub(super) fn keys(&self) -> Vec<&'n str> {
        self.node.and_then(Node::as_mapping).into_iter().flatten().map(|(key, _)| &**key).collect()
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.node.and_then(Node::as_sequence).unwrap_or_default();
        items
            .iter()
            .enumerate()
            .map(|(index, item)| self.child(Some(item), format!("{}[{index}]", self.path)))
            .collect()
    }

    fn child(&self, node: Option<&'n Node>, path: String) -> Self {
        let at = node.map_or_else(|| self.at.clone(), |node| node.origin.clone());
        Self { node: node.filter(|node| !node.is_null()), path, at, found: self.found }
    }

    /// Something stands there.
    pub(super) fn is_set(&self) -> bool {
        self.node.is_some()
    }

    /// A non-empty text, mapping or list, or any other value stands there.
    pub(super) fn is_filled(&self) -> bool {
        self.node.is_some_and(|node| match &node.data {
            Data::Null => false,
            Data::String(text) => !text.is_empty(),
            Data::Sequence(items) => !items.is_empty(),
            Data::Mapping(fields) => !fields.is_empty(),
            Data::Bool(_) | Data::Number(_) => true,
        })
    }

    /// The text, unless a placeholder hides it.
    pub(super) fn text(&self) -> Option<&'n str> {
        self.node.and_then(Node::as_str).filter(|text| !is_open(text))
    }

    /// The whole number.
    pub(super) fn number(&self) -> Option<i64> {
        self.node.and_then(Node::as_i64)
    }

    /// The boolean.
    pub(super) fn flag(&self) -> Option<bool> {
        self.node.and_then(Node::as_bool)
    }

    /// Where it stands, or what lacks it.
    pub(super) fn origin(&self) -> &Origin {
        &self.at
    }

    fn refusal(&self, message: String) -> Refusal {
        Refusal {
            field: self.path.clone(),
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

    /// `Unsupported value`, unless it is one of those.
    pub(super) fn one_of(&self, supported: &[&str]) {
        if let Some(text) = self.text()
            && !supported.contains(&text)
        {
            let list: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
            self.found.add(self.refusal(format!("Unsupported value: {text:?}: supported values: {}", list.join(", "))));
        }
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

    /// Refuses the text with each reason a check gives.
    pub(super) fn check(&self, check: fn(&str) -> Option<String>) {
        if let Some(reason) = self.text().and_then(check) {
            self.invalid(&reason);
        }
    }
}

pub(super) use crate::source::is_filled_in_later as is_open;

/// A scalar as the API server shows it.
fn shown(node: &Node) -> Option<String> {
    match &node.data {
        Data::String(text) => Some(format!("{text:?}")),
        _ => node.scalar_text(),
    }
}
