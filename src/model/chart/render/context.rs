//! Values as the templates see them: field access, truth and iteration with the rules of Go templates. What Helm would
//! refuse is collected, and the model goes on with the best guess.

use std::cell::RefCell;
use std::sync::Arc;

use super::changes::Change;
use super::scalar::{print, reread};
use super::{ReleaseInfo, RenderError, Templated};
use crate::model::chart::{ChartVersion, Fidelity};
use crate::source::{Data, Node, Origin, Path, Schema, Written};

/// Everything a template can refer to.
pub(super) struct Context<'v> {
    values: &'v Node,
    pub(super) release: &'v ReleaseInfo,
    pub(super) chart: &'v ChartVersion,
    owner: Arc<str>,
    fixed: Origin,
    errors: RefCell<Vec<RenderError>>,
    templated: RefCell<Vec<Templated>>,
}

/// A place in the values, whether or not something stands there.
#[derive(Clone)]
pub(super) struct Value<'v> {
    context: &'v Context<'v>,
    pub(super) node: Option<&'v Node>,
    pub(super) path: Path,
    anchor: Option<Written>,
}

impl<'v> Context<'v> {
    pub(super) fn new(values: &'v Node, release: &'v ReleaseInfo, chart: &'v ChartVersion) -> Self {
        let owner = chart.owner();
        let fixed = Origin::default_of(&owner, Path::new(), values.origin.place());
        let (errors, templated) = (RefCell::default(), RefCell::default());
        Self { values, release, chart, owner, fixed, errors, templated }
    }

    /// Whether the chart version has a change.
    pub(super) fn has(&self, change: Change) -> bool {
        self.chart.version >= change.since()
    }

    /// The value at a dotted path.
    pub(super) fn value(&self, path: &str) -> Value<'_> {
        let root =
            Value { context: self, node: Some(self.values), path: Path::new(), anchor: self.values.origin.place() };
        path.split('.').fold(root, |value, key| value.get(key))
    }

    /// The origin of what the templates fix.
    pub(super) fn fixed_origin(&self) -> Origin {
        self.fixed.clone()
    }

    /// Text that the templates fix.
    pub(super) fn fixed(&self, text: &str) -> Node {
        Node::string(text, self.fixed_origin())
    }

    /// A number that the templates fix.
    pub(super) fn fixed_number(&self, number: i64) -> Node {
        Node::integer(number, self.fixed_origin())
    }

    /// A boolean that the templates fix.
    pub(super) fn fixed_bool(&self, value: bool) -> Node {
        Node::bool(value, self.fixed_origin())
    }

    /// Text that lands unquoted in the YAML and is read again.
    pub(super) fn unquoted(&self, text: &str, at: &Origin, path: &Path) -> Node {
        reread(text, Schema::Yaml11, at).unwrap_or_else(|| {
            self.refuse(format!("{text:?} stands unquoted in the template and breaks its YAML"), at, path);
            Node::string(text, at.clone())
        })
    }

    /// Remembers why Helm refuses the values; each reason once.
    pub(super) fn refuse(&self, message: String, at: &Origin, values_path: &Path) {
        let mut errors = self.errors.borrow_mut();
        if !errors.iter().any(|known| known.message == message && known.values_path == *values_path) {
            errors.push(RenderError { message, at: at.clone(), values_path: values_path.clone() });
        }
    }

    /// Remembers a value that holds a template the model does not evaluate.
    pub(super) fn keep_templated(&self, at: &Origin, values_path: &Path, text: &str) {
        let values_path = values_path.clone();
        self.templated.borrow_mut().push(Templated { at: at.clone(), values_path, text: text.into() });
    }

    /// What was refused, and what stayed templated.
    pub(super) fn into_remarks(self) -> (Vec<RenderError>, Vec<Templated>) {
        (self.errors.into_inner(), self.templated.into_inner())
    }
}

impl<'v> Value<'v> {
    /// The field of a mapping. Below null or nothing Go gives up; so it does below a scalar.
    pub(super) fn get(&self, key: &str) -> Self {
        let path = self.path.key(key);
        let anchor = self.node.and_then(|node| node.origin.place()).or(self.anchor);
        let node = match self.node.map(|node| &node.data) {
            Some(Data::Mapping(fields)) => fields.get(key),
            None | Some(Data::Null) => {
                self.refuse_below(format!("nothing stands at {}, but the chart reads {path}", self.path));
                None
            }
            Some(_) => {
                let kind = self.node.map_or("nothing", Node::kind_in_words);
                self.refuse_below(format!("{} is {kind}, but the chart reads {path}", self.path));
                None
            }
        };
        Self { context: self.context, node, path, anchor }
    }

    /// Old templates did not read everything the model reads, so what they lack is no error there. Of one missing value
    /// it is told once, whatever is read below it.
    fn refuse_below(&self, message: String) {
        let told = self.context.errors.borrow().iter().any(|known| self.path.starts_with(&known.values_path));
        if !told && self.context.chart.fidelity != Fidelity::Approximate {
            self.context.refuse(message, &self.origin(), &self.path);
        }
    }

    /// Refuses this value.
    pub(super) fn refuse(&self, message: String) {
        self.context.refuse(message, &self.origin(), &self.path);
    }

    /// Whether `if` and `with` take it for true: not null, false, zero or empty.
    pub(super) fn truth(&self) -> bool {
        self.node.is_some_and(|node| match &node.data {
            Data::Null => false,
            Data::Bool(value) => *value,
            Data::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
            Data::String(text) => !text.is_empty(),
            Data::Sequence(items) => !items.is_empty(),
            Data::Mapping(fields) => !fields.is_empty(),
        })
    }

    /// The value, when it is true.
    pub(super) fn when_true(&self) -> Option<&Self> {
        self.truth().then_some(self)
    }

    /// Its origin; of an absent value the place where it would be set.
    pub(super) fn origin(&self) -> Origin {
        self.node.map_or_else(
            || Origin::default_of(&self.context.owner, self.path.clone(), self.anchor),
            |node| node.origin.clone(),
        )
    }

    /// As `{{ … }}` prints it.
    pub(super) fn text(&self) -> String {
        self.node.map(print).unwrap_or_default()
    }

    /// As printed unquoted and read again.
    pub(super) fn unquoted(&self) -> Node {
        self.context.unquoted(&self.text(), &self.origin(), &self.path)
    }

    /// As printed unquoted, or a fixed text when it is not true.
    pub(super) fn unquoted_or(&self, fallback: &str) -> Node {
        if self.truth() { self.unquoted() } else { Node::string(fallback, self.origin()) }
    }

    /// As printed between double quotes; null stays null.
    pub(super) fn quoted(&self) -> Node {
        let null = self.node.is_none_or(Node::is_null);
        if null { Node::null(self.origin()) } else { Node::string(self.text(), self.origin()) }
    }

    /// As `toYaml` writes it.
    pub(super) fn yaml(&self) -> Node {
        self.node.cloned().unwrap_or_else(|| Node::null(self.origin()))
    }

    /// The items that `range` visits.
    pub(super) fn items(&self) -> Vec<Self> {
        let item = |node: &'v Node, path: Path| {
            let anchor = node.origin.place().or_else(|| self.origin().place());
            Self { context: self.context, node: Some(node), path, anchor }
        };
        match self.node.map(|node| &node.data) {
            None | Some(Data::Null) => Vec::new(),
            Some(Data::Sequence(items)) => {
                items.iter().enumerate().map(|(index, node)| item(node, self.path.index(index))).collect()
            }
            Some(Data::Mapping(fields)) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(key, _)| Arc::clone(key));
                fields.into_iter().map(|(key, node)| item(node, self.path.key(key))).collect()
            }
            Some(_) => {
                self.refuse(format!("{} must be a list", self.path));
                Vec::new()
            }
        }
    }

    /// Compares with a text as `eq` does, which refuses other kinds.
    pub(super) fn equals(&self, text: &str) -> bool {
        match self.node.map(|node| &node.data) {
            None | Some(Data::Null) => false,
            Some(Data::String(own)) => **own == *text,
            Some(_) => {
                self.refuse(format!("{} must be a string to be compared with {text:?}", self.path));
                false
            }
        }
    }

    /// The string, where a function takes nothing else; `None` when it is not true or no string.
    pub(super) fn string(&self) -> Option<&'v str> {
        let node = self.node.filter(|_| self.truth())?;
        if node.as_str().is_none() {
            self.refuse(format!("{} must be a string, but is {}", self.path, node.kind_in_words()));
        }
        node.as_str()
    }
}
