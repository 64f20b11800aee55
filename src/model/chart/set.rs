//! Values from arguments: Helm's `--set` and its relatives. Each value points into the text of its argument.

use std::sync::Arc;

use serde_json::{Number, Value};

use super::merge::over;
use super::set_reader::Reader;
use crate::source::{Data, Mapping, Node, Origin, SourceId, Written};

/// Highest index of a list that Helm sets.
const MAX_INDEX: usize = 65_536;
/// Deepest nesting of names that Helm reads.
const MAX_DEPTH: usize = 30;

/// Which of the flags; in the order in which Helm applies them, whatever the order on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetKind {
    /// `--set-json name=JSON,…`, or one object.
    Json,
    /// `--set name=value,…`; true, false, null and whole numbers are typed.
    Typed,
    /// `--set-string name=value,…`; every value is a string.
    String,
    /// `--set-file name=path,…`; the value is the content of a file.
    File,
    /// `--set-literal name=value`; nothing is escaped, the value is all the rest.
    Literal,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct SetArgument {
    /// Which flag.
    pub kind: SetKind,
    /// The argument as given.
    pub text: Arc<str>,
    /// Where its values come from.
    pub origin: SetOrigin,
}

/// Where the values of an argument come from.
#[derive(Clone, Debug)]
pub enum SetOrigin {
    /// A source that holds the text of the argument, at this offset.
    Text(SourceId, u32),
    /// One place for all of them: a parameter of a carrier (Argo CD's `helm.parameters`).
    Place(Origin),
}

/// An argument that Helm refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{argument:?} sets no value: {reason}")]
pub struct SetError {
    /// The argument.
    pub argument: String,
    /// Why, in words.
    pub reason: String,
}

/// Applies arguments to the values of all files, in Helm's order. Only what `base` holds is consulted, never a chart's
/// default: setting one item of a default list makes a new list. `read_file` answers `--set-file`.
pub fn apply(
    base: Node,
    arguments: &[SetArgument],
    read_file: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Node, SetError> {
    let mut values = base;
    let mut arguments: Vec<_> = arguments.iter().collect();
    arguments.sort_by_key(|argument| argument.kind);
    for argument in arguments {
        let refused = |reason: String| SetError { argument: argument.text.to_string(), reason };
        if argument.kind == SetKind::Json && argument.text.trim_start().starts_with('{') {
            let object: Value = serde_json::from_str(&argument.text).map_err(|error| refused(error.to_string()))?;
            let at = argument.origin.at((0, 0), (0, argument.text.len()));
            values = over(&values, &from_json(&object, &at));
            continue;
        }
        let mut parser = Parser { reader: Reader::new(&argument.text), argument, read_file };
        let mut fields = values.as_mapping().cloned().unwrap_or_default();
        while parser.key(&mut fields, 0).map_err(refused)? == Flow::More {}
        values = Node { data: Data::Mapping(Arc::new(fields)), ..values };
    }
    Ok(values)
}

impl SetOrigin {
    /// Where the argument stands.
    pub fn place(&self) -> Option<Written> {
        match self {
            Self::Place(origin) => origin.place(),
            Self::Text(source, offset) => {
                Some(Written { source: *source, key: (*offset, *offset), value: (*offset, *offset) })
            }
        }
    }

    fn at(&self, key: (usize, usize), value: (usize, usize)) -> Origin {
        match self {
            Self::Place(origin) => origin.clone(),
            Self::Text(source, offset) => {
                let span = |(start, end): (usize, usize)| (offset + start as u32, offset + end as u32);
                Origin::Set(Written { source: *source, key: span(key), value: span(value) })
            }
        }
    }
}

/// Whether the argument goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    More,
    End,
}

/// A value, and the range of its text.
type Leaf = (Data, (usize, usize));

struct Parser<'a> {
    reader: Reader<'a>,
    argument: &'a SetArgument,
    read_file: &'a dyn Fn(&str) -> Result<String, String>,
}

impl Parser<'_> {
    fn is_literal(&self) -> bool {
        self.argument.kind == SetKind::Literal
    }

    fn until(&mut self, stops: &str) -> (String, Option<char>) {
        self.reader.until(stops, !self.is_literal())
    }

    /// One `name=value`, from the next name on.
    fn key(&mut self, fields: &mut Mapping, depth: usize) -> Result<Flow, String> {
        let start = self.reader.position();
        let (name, last) = self.until(if self.is_literal() { "=[." } else { "=[,." });
        let key = (start, self.reader.before_stop());
        match last {
            None if name.is_empty() => Ok(Flow::End),
            None => Err(format!("key {name:?} has no value")),
            Some('[') => {
                let index = self.index()?;
                let existing = fields.get(&*name).cloned();
                let mut items = match existing.as_ref().map(|node| &node.data) {
                    None => Vec::new(),
                    Some(Data::Sequence(items)) => Vec::clone(items),
                    Some(_) => return Err(format!("{name} is no list")),
                };
                let flow = self.item(&mut items, index, depth);
                if flow.is_ok() {
                    self.store(fields, &name, key, existing, Data::Sequence(Arc::new(items)));
                }
                flow
            }
            Some('=') => {
                let (leaf, flow) = self.value()?;
                if !name.is_empty() {
                    fields.insert(name.into(), self.leaf(key, leaf));
                }
                Ok(flow)
            }
            Some('.') => {
                if depth >= MAX_DEPTH {
                    return Err(format!("names nest deeper than {MAX_DEPTH}"));
                }
                let existing = fields.get(&*name).cloned();
                let mut inner = match existing.as_ref().map(|node| &node.data) {
                    None => Mapping::new(),
                    Some(Data::Mapping(inner)) => Mapping::clone(inner),
                    Some(_) => return Err(format!("{name} is no mapping")),
                };
                let flow = self.key(&mut inner, depth + 1)?;
                if inner.is_empty() && flow == Flow::More {
                    return Err(format!("key {name:?} has no value"));
                }
                if !inner.is_empty() {
                    self.store(fields, &name, key, existing, Data::Mapping(Arc::new(inner)));
                }
                Ok(flow)
            }
            Some(_) => Err(format!("key {name:?} has no value (it ends with a comma)")),
        }
    }

    /// What stands behind `name[index]`.
    fn item(&mut self, items: &mut Vec<Node>, index: usize, depth: usize) -> Result<Flow, String> {
        let start = self.reader.position();
        let (name, last) = self.until("[.=");
        if !name.is_empty() {
            return Err(format!("{name:?} stands behind an index"));
        }
        match last {
            None => Ok(Flow::End),
            Some('=') => {
                let (leaf, _) = self.value()?;
                let node = self.leaf((start, start), leaf);
                place(items, index, node)
            }
            Some('[') => {
                let inner_index = self.index()?;
                let existing = items.get(index).filter(|item| !item.is_null());
                let mut inner = match existing.map(|node| &node.data) {
                    None => Vec::new(),
                    Some(Data::Sequence(inner)) => Vec::clone(inner),
                    Some(_) => return Err(format!("item {index} is no list")),
                };
                if self.item(&mut inner, inner_index, depth)? == Flow::End {
                    return Ok(Flow::End);
                }
                let at = self.argument.origin.at((start, start), (start, self.reader.position()));
                place(items, index, Node::sequence(inner, at))
            }
            _ => {
                let existing = items.get(index).cloned();
                let mut inner = existing.as_ref().and_then(Node::as_mapping).cloned().unwrap_or_default();
                let flow = self.key(&mut inner, depth)?;
                let at = existing.filter(|node| node.as_mapping().is_some()).map_or_else(
                    || self.argument.origin.at((start, start), (start, self.reader.position())),
                    |node| node.origin,
                );
                // an argument that ends within a new item loses it
                if flow == Flow::More || index < items.len() {
                    place(items, index, Node::mapping(inner, at))?;
                }
                Ok(flow)
            }
        }
    }

    fn index(&mut self) -> Result<usize, String> {
        let (text, last) = self.until("]");
        let index = text.parse::<usize>().ok().filter(|index| last.is_some() && *index <= MAX_INDEX);
        index.ok_or_else(|| format!("[{text}] is no index between 0 and {MAX_INDEX}"))
    }

    fn value(&mut self) -> Result<(Leaf, Flow), String> {
        let start = self.reader.position();
        match self.argument.kind {
            SetKind::Json => self.json_value(start),
            SetKind::Literal => {
                let (text, _) = self.reader.until("", false);
                Ok(((Data::String(text.into()), (start, self.reader.position())), Flow::More))
            }
            SetKind::Typed | SetKind::String | SetKind::File if self.reader.rest().is_empty() => {
                Ok(((Data::String("".into()), (start, start)), Flow::End))
            }
            SetKind::Typed | SetKind::String | SetKind::File if self.reader.skip('{') => self.list(start),
            SetKind::Typed | SetKind::String | SetKind::File => {
                let (text, _) = self.until(",");
                let span = (start, self.reader.before_stop());
                Ok(((self.typed(&text)?, span), Flow::More))
            }
        }
    }

    fn list(&mut self, start: usize) -> Result<(Leaf, Flow), String> {
        let mut items = Vec::new();
        loop {
            let item_start = self.reader.position();
            let (text, last) = self.until(",}");
            let span = (item_start, self.reader.before_stop());
            let Some(last) = last else { return Err("a list must end with '}'".to_owned()) };
            let at = self.argument.origin.at((item_start, item_start), span);
            items.push(Node::new(self.typed(&text)?, at));
            if last == '}' {
                let end = self.reader.position();
                self.reader.skip(',');
                return Ok(((Data::Sequence(Arc::new(items)), (start, end)), Flow::More));
            }
        }
    }

    fn json_value(&mut self, start: usize) -> Result<(Leaf, Flow), String> {
        if self.reader.skip_blank_value() {
            return Ok(((Data::Null, (start, start)), Flow::More));
        }
        let start = self.reader.position();
        let mut stream = serde_json::Deserializer::from_str(self.reader.rest()).into_iter::<Value>();
        let value = stream.next().transpose().map_err(|error| error.to_string())?.unwrap_or_default();
        let end = start + stream.byte_offset();
        self.reader.jump(end);
        self.reader.skip_blank_value();
        let at = self.argument.origin.at((start, start), (start, end));
        Ok(((from_json(&value, &at).data, (start, end)), Flow::More))
    }

    fn typed(&self, text: &str) -> Result<Data, String> {
        let string = || Data::String(text.into());
        Ok(match self.argument.kind {
            SetKind::File => Data::String((self.read_file)(text)?.into()),
            SetKind::Typed if text.eq_ignore_ascii_case("true") => Data::Bool(true),
            SetKind::Typed if text.eq_ignore_ascii_case("false") => Data::Bool(false),
            SetKind::Typed if text.eq_ignore_ascii_case("null") => Data::Null,
            SetKind::Typed if text == "0" || !text.starts_with('0') => {
                text.parse::<i64>().map_or_else(|_| string(), |number| Data::Number(number.into()))
            }
            _ => string(),
        })
    }

    fn leaf(&self, key: (usize, usize), (data, value): Leaf) -> Node {
        Node::new(data, self.argument.origin.at(key, value))
    }

    /// Stores a collection; one that was there before keeps its origin.
    fn store(&self, fields: &mut Mapping, name: &str, key: (usize, usize), existing: Option<Node>, data: Data) {
        if name.is_empty() {
            return;
        }
        let node = match existing {
            Some(node) => Node { data, ..node },
            None => self.leaf(key, (data, (key.1, self.reader.before_stop().max(key.1)))),
        };
        fields.insert(name.into(), node);
    }
}

/// Puts an item at an index; the list grows by nulls.
fn place(items: &mut Vec<Node>, index: usize, node: Node) -> Result<Flow, String> {
    if index > MAX_INDEX {
        return Err(format!("[{index}] is greater than {MAX_INDEX}"));
    }
    while items.len() <= index {
        items.push(Node::null(node.origin.clone()));
    }
    items[index] = node;
    Ok(Flow::More)
}

/// JSON as Helm reads it: every number is a float. Whole numbers that a template would print with an exponent are kept
/// as floats, as the origin alone does not tell them from those of `--set`.
fn from_json(value: &Value, at: &Origin) -> Node {
    let mut node = Node::from_json(value, at);
    floats(&mut node);
    node
}

fn floats(node: &mut Node) {
    match &mut node.data {
        Data::Number(number) => {
            let large = number.as_f64().filter(|value| number.as_i64().is_some() && value.abs() >= 1e6);
            if let Some(float) = large.and_then(Number::from_f64) {
                *number = float;
            }
        }
        Data::Sequence(items) => Arc::make_mut(items).iter_mut().for_each(floats),
        Data::Mapping(fields) => Arc::make_mut(fields).values_mut().for_each(floats),
        Data::Null | Data::Bool(_) | Data::String(_) => {}
    }
}
