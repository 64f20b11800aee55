//! Edits as replacements of a few bytes: everything around them stays as it is, byte by byte. Where more than one way to
//! write an edit exists, all are proposed; [`super::verify`] decides.

use std::ops::Range;

use serde_json::Value;

use super::locate::{holds, written};
use super::scalar::{self, Form};
use crate::finding::EditAction;
use crate::source::{Data, Node, Path, Segment, Style, Written};

/// Bytes of the text and what takes their place; ascending, without overlap.
pub(super) type Splices = Vec<(Range<usize>, String)>;

/// A text and the document that is edited; spans of the document lie in the text.
pub(super) struct Splicer<'t> {
    /// The file.
    pub(super) text: &'t str,
    /// The document, of the file or of a text that it carries.
    pub(super) root: &'t Node,
    /// The file is JSON.
    pub(super) json: bool,
}

impl Splicer<'_> {
    /// The ways to do an action at a path, best first.
    pub(super) fn ways(&self, path: &Path, action: &EditAction) -> Vec<Splices> {
        let mut chain = vec![self.root];
        for segment in &path.0 {
            let here = chain[chain.len() - 1];
            let next = match segment {
                Segment::Key(key) => here.get(key),
                Segment::Index(index) => here.as_sequence().and_then(|items| items.get(*index)),
            };
            match next {
                Some(next) => chain.push(next),
                None => break,
            }
        }
        let depth = chain.len() - 1;
        let node = chain[depth];
        let is_whole = depth == path.0.len();
        match action {
            EditAction::Set(value) if is_whole => {
                let mut ways = Vec::new();
                // what a merge brought in stands elsewhere: a key of its own goes before it
                if depth > 0 && written(node).is_some_and(|at| !holds(chain[depth - 1], at)) {
                    ways.extend(self.insert(&chain[..depth], &path.0[depth - 1..], value));
                }
                ways.extend(self.replace(node, &chain, value));
                ways
            }
            EditAction::Set(value) => self.insert(&chain, &path.0[depth..], value),
            EditAction::Rename(to) if is_whole => self.rename(node, to),
            EditAction::Remove if is_whole && depth > 0 => self.remove(node, chain[depth - 1]),
            EditAction::Rename(_) | EditAction::Remove => Vec::new(),
        }
    }

    fn form(&self, holder: &Node) -> Form {
        if self.json || self.has_quoted_keys(holder) {
            Form::Json
        } else if holder.style == Style::Flow {
            Form::Flow
        } else {
            Form::Block
        }
    }

    /// Flow mappings whose keys are in double quotes are JSON to whoever wrote them.
    fn has_quoted_keys(&self, node: &Node) -> bool {
        node.style == Style::Flow
            && node
                .as_mapping()
                .and_then(|fields| fields.values().next())
                .and_then(written)
                .is_some_and(|first| self.text.get(first.key.0 as usize..).is_some_and(|rest| rest.starts_with('"')))
    }

    fn replace(&self, node: &Node, chain: &[&Node], value: &Value) -> Vec<Splices> {
        let Some(at) = written(node) else { return Vec::new() };
        let (mut start, end) = (at.value.0 as usize, at.value.1 as usize);
        let form = chain.len().checked_sub(2).map_or(Form::Block, |above| self.form(chain[above]));
        if start == end {
            return vec![vec![(start..end, format!(" {}", scalar::inline(value, form, Style::Plain)))]];
        }
        if matches!(node.style, Style::Literal | Style::Folded) {
            // the header stands behind the key, or behind the dash of an item
            let before = self.text.get(..start).unwrap_or_default().trim_end();
            let line = before.rfind('\n').map_or(0, |found| found + 1);
            let from = if at.has_key() { at.key.1 as usize } else { line };
            let Some(header) = self.text.get(from..start).and_then(|head| head.find(['|', '>'])) else {
                return Vec::new();
            };
            start = from + header;
        }
        if node.style == Style::Block {
            let step = self.step();
            let (Some(indent), true) = (self.indent(start), value.is_object() || value.is_array()) else {
                return Vec::new();
            };
            let lines = scalar::lines(value, step);
            return vec![vec![(start..end, lines.join(&format!("{}{indent}", self.line_break(start))))]];
        }
        vec![vec![(start..end, scalar::inline(value, form, node.style))]]
    }

    fn rename(&self, node: &Node, to: &str) -> Vec<Splices> {
        let Some(at) = written(node).filter(Written::has_key) else { return Vec::new() };
        let range = at.key.0 as usize..at.key.1 as usize;
        let before = self.text.get(range.clone()).unwrap_or_default();
        let style = match before.as_bytes().first() {
            Some(b'"') => Style::DoubleQuoted,
            Some(b'\'') => Style::SingleQuoted,
            _ => Style::Plain,
        };
        vec![vec![(range, scalar::inline(&Value::from(to), Form::Flow, style))]]
    }

    fn insert(&self, chain: &[&Node], missing: &[Segment], value: &Value) -> Vec<Splices> {
        let Some(((first, rest), holder)) = missing.split_first().zip(chain.last()) else { return Vec::new() };
        let Some(value) = nested(rest, value) else { return Vec::new() };
        match (&holder.data, first) {
            (Data::Mapping(fields), Segment::Key(key)) if !fields.is_empty() => {
                let own: Vec<Written> =
                    fields.values().filter_map(written).filter(|at| holds(holder, *at) && at.has_key()).collect();
                let (Some(first), Some(last)) = (own.first(), own.iter().max_by_key(|at| at.value.1.max(at.key.1)))
                else {
                    return Vec::new();
                };
                let form = self.form(holder);
                if holder.style == Style::Flow {
                    let new = format!("{}: {}", scalar::key(key, form), scalar::inline(&value, form, Style::Plain));
                    return self.last_in_flow(holder, *first, *last, &new);
                }
                let Some(indent) = self.indent(first.key.0 as usize) else { return Vec::new() };
                let lines = scalar::field(key, &value, self.step());
                self.after(last.value.1.max(last.key.1) as usize, &indent, &lines)
            }
            (Data::Sequence(items), Segment::Index(index)) if !items.is_empty() && *index == items.len() => {
                let own: Vec<Written> = items.iter().filter_map(written).filter(|at| holds(holder, *at)).collect();
                let (Some(first), Some(last)) = (own.first(), own.last()) else { return Vec::new() };
                if holder.style == Style::Flow {
                    return self.last_in_flow(
                        holder,
                        *first,
                        *last,
                        &scalar::inline(&value, self.form(holder), Style::Plain),
                    );
                }
                let Some(indent) = self.indent(self.dash(holder, *first)) else { return Vec::new() };
                self.after(last.value.1 as usize, &indent, &scalar::item(&value, self.step()))
            }
            (Data::Mapping(_) | Data::Null | Data::Sequence(_), _) => self.fill(chain, first, &value),
            _ => Vec::new(),
        }
    }

    /// Puts the first entry into something empty: `key:`, `key: {}`, a document without content.
    fn fill(&self, chain: &[&Node], first: &Segment, value: &Value) -> Vec<Splices> {
        let holder = chain[chain.len() - 1];
        let is_empty = holder.as_mapping().is_none_or(indexmap::IndexMap::is_empty)
            && holder.as_sequence().is_none_or(<[Node]>::is_empty);
        let Some(at) = written(holder).filter(|_| is_empty) else { return Vec::new() };
        let (start, end) = (at.value.0 as usize, at.value.1 as usize);
        let step = self.step();
        let lines = match first {
            Segment::Key(key) => scalar::field(key, value, step),
            Segment::Index(0) => scalar::item(value, step),
            Segment::Index(_) => return Vec::new(),
        };
        let whole = match first {
            Segment::Key(key) => Value::Object(std::iter::once((key.to_string(), value.clone())).collect()),
            Segment::Index(_) => Value::Array(vec![value.clone()]),
        };
        let above = chain.len().checked_sub(2).map(|above| chain[above]);
        let form = above.map_or(Form::Block, |above| self.form(above));
        let space = if start == end { " " } else { "" };
        let form = if self.json { Form::Json } else { form };
        let inline = vec![(start..end, format!("{space}{}", scalar::inline(&whole, form, Style::Plain)))];
        let Some(above) = above else {
            if self.json || holder.as_mapping().is_some() {
                return vec![inline];
            }
            return self.after(end.max(self.last_comment_end(end)), "", &lines).into_iter().chain([inline]).collect();
        };
        if form != Form::Block || !at.has_key() || above.style == Style::Flow {
            return vec![inline];
        }
        let Some(indent) = self.indent(at.key.0 as usize) else { return vec![inline] };
        let indent = format!("{indent}{}", " ".repeat(step));
        // the braces or the word `null` go, with the space before them
        let gone = self.text[at.key.1 as usize..start]
            .rfind(|letter| letter != ' ')
            .map_or(start, |last| at.key.1 as usize + last + 1);
        let mut ways = self.after(end, &indent, &lines);
        if gone < end {
            for way in &mut ways {
                way.insert(0, (gone..end, String::new()));
            }
        }
        ways.push(inline);
        ways
    }

    /// A document of nothing but comments ends behind them.
    fn last_comment_end(&self, from: usize) -> usize {
        self.text.get(from..).map_or(from, |rest| from + rest.trim_end().len())
    }

    /// Whole lines behind the line of an offset, or behind the blank lines after it, which belong to a block that keeps them.
    fn after(&self, offset: usize, indent: &str, lines: &[String]) -> Vec<Splices> {
        let line_break = self.line_break(offset);
        let joined = |prefix: &str, suffix: &str| {
            let lines: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
            format!("{prefix}{}{suffix}", lines.join(line_break))
        };
        let Some(end) = self.text.get(offset..).and_then(|rest| rest.find('\n')).map(|end| offset + end + 1) else {
            let end = self.text.len();
            let prefix = if self.text.is_empty() { "" } else { line_break };
            let suffix = if self.text.is_empty() { line_break } else { "" };
            return vec![vec![(end..end, joined(prefix, suffix))]];
        };
        let mut blank = end;
        while let Some(line) = self.text.get(blank..).and_then(|rest| rest.find('\n').map(|length| &rest[..=length])) {
            if !line.trim().is_empty() {
                break;
            }
            blank += line.len();
        }
        let mut ways = vec![vec![(end..end, joined("", line_break))]];
        if blank > end {
            ways.push(vec![(blank..blank, joined("", line_break))]);
        }
        ways
    }

    /// Behind the last entry of a flow collection, on a line of its own where the others have one.
    fn last_in_flow(&self, holder: &Node, first: Written, last: Written, new: &str) -> Vec<Splices> {
        let end = last.value.1.max(last.key.1) as usize;
        let at = if first.has_key() { first.key.0 } else { first.value.0 } as usize;
        let open = written(holder).map_or(at, |holder| holder.value.0 as usize);
        let separator = match self.text.get(open + 1..at) {
            Some(between) if between.contains('\n') => {
                format!("{}{}", self.line_break(open), self.indent(at).unwrap_or_default())
            }
            _ => " ".to_owned(),
        };
        vec![vec![(end..end, format!(",{separator}{new}"))]]
    }

    fn remove(&self, node: &Node, holder: &Node) -> Vec<Splices> {
        let (Some(at), Some(around)) = (written(node), written(holder)) else { return Vec::new() };
        let mut spans: Vec<(&Node, Written)> = match &holder.data {
            Data::Mapping(fields) => fields.values().filter_map(|child| Some((child, written(child)?))).collect(),
            Data::Sequence(items) => items.iter().filter_map(|child| Some((child, written(child)?))).collect(),
            _ => return Vec::new(),
        };
        spans.retain(|(_, other)| holds(holder, *other));
        let start_of = |at: &Written| if at.has_key() { at.key.0 } else { at.value.0 } as usize;
        let end = at.value.1.max(at.key.1) as usize;
        let start = start_of(&at);
        let behind = spans.iter().filter(|(_, other)| start_of(other) > start).min_by_key(|(_, other)| start_of(other));
        let next = behind.map(|(child, other)| self.head_of(child, *other));
        let before = spans
            .iter()
            .filter(|(_, other)| start_of(other) < start)
            .map(|(_, other)| other.value.1.max(other.key.1))
            .max();
        let empty = if matches!(holder.data, Data::Mapping(_)) { "{}" } else { "[]" };
        let (open, close) = (around.value.0 as usize, around.value.1 as usize);
        if next.is_none() && before.is_none() {
            let space = if around.has_key() && holder.style == Style::Block { " " } else { "" };
            let from = if around.has_key() && holder.style == Style::Block {
                // from behind the colon
                match self.text.get(around.key.1 as usize..open).and_then(|between| between.find(':')) {
                    Some(colon) => around.key.1 as usize + colon + 1,
                    None => return Vec::new(),
                }
            } else {
                open
            };
            return vec![vec![(from..close, format!("{space}{empty}"))]];
        }
        if holder.style == Style::Flow {
            return match (next, before) {
                (Some(next), _) => vec![vec![(start..next, String::new())]],
                (None, Some(before)) => vec![vec![(before as usize..end, String::new())]],
                (None, None) => Vec::new(),
            };
        }
        let head = self.head_of(node, at);
        let line = self.text[..head].rfind('\n').map_or(0, |found| found + 1);
        let lead = self.text[line..head].trim();
        let is_own_line = lead.is_empty() || (!at.has_key() && lead == "-");
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |found| end + found + 1);
        match next {
            _ if is_own_line => {
                let mut ways = vec![vec![(line..line_end, String::new())]];
                // comments deeper than the entry are its own: left alone they would set the indentation of a literal block
                let deep_end = self.below(line_end, head - line);
                if deep_end > line_end {
                    ways.push(vec![(line..deep_end, String::new())]);
                }
                ways
            }
            Some(next) => vec![vec![(head..next, String::new())]],
            None => Vec::new(),
        }
    }

    /// Where an entry begins behind its dash: the text of a block stands below its sign.
    fn head_of(&self, node: &Node, at: Written) -> usize {
        if at.has_key() {
            return at.key.0 as usize;
        }
        let start = at.value.0 as usize;
        if !matches!(node.style, Style::Literal | Style::Folded) {
            return start;
        }
        let sign = self.text[..start].trim_end().len();
        let line = self.text[..sign].rfind('\n').map_or(0, |found| found + 1);
        self.text[line..sign].rfind("- ").map_or(start, |dash| line + dash + 2)
    }

    /// The first dash of a list. One that stands no deeper than its key begins, for the parser, behind the dash.
    fn dash(&self, holder: &Node, first: Written) -> usize {
        let start = written(holder).map_or(first.value.0, |at| at.value.0) as usize;
        if self.text.as_bytes().get(start) == Some(&b'-') {
            return start;
        }
        let line = self.text[..start].rfind('\n').map_or(0, |found| found + 1);
        self.text[line..start].find('-').map_or(start, |found| line + found)
    }

    /// The end of the comments from a line on that stand deeper than a column.
    fn below(&self, from: usize, column: usize) -> usize {
        let mut end = from;
        for line in self.text.get(from..).unwrap_or_default().split_inclusive('\n') {
            let text = line.trim_start_matches(' ');
            if !text.starts_with('#') || line.len() - text.len() <= column {
                break;
            }
            end += line.len();
        }
        end
    }

    /// The whitespace under which an entry at an offset stands; what precedes it on its line counts as blank.
    fn indent(&self, offset: usize) -> Option<String> {
        let line = self.text.get(..offset)?.rfind('\n').map_or(0, |found| found + 1);
        let lead = self.text.get(line..offset)?;
        // a dash, an opening brace: as wide as a blank
        Some(lead.chars().map(|letter| if letter == '\t' { '\t' } else { ' ' }).collect())
    }

    /// How far the file indents; two blanks where it does not show.
    fn step(&self) -> usize {
        const USUAL: usize = 2;
        let column = |at: Written| self.indent(at.key.0 as usize).map(|indent| indent.len());
        let Data::Mapping(fields) = &self.root.data else { return USUAL };
        let found = fields.values().find_map(|child| {
            let outer = column(written(child).filter(Written::has_key)?)?;
            let inner = child.as_mapping().filter(|_| child.style == Style::Block)?.values().find_map(written)?;
            column(inner)?.checked_sub(outer)
        });
        found.filter(|step| (1..=8).contains(step)).unwrap_or(USUAL)
    }

    fn line_break(&self, near: usize) -> &'static str {
        let after = self.text.get(near..).and_then(|rest| rest.find('\n')).map(|found| near + found);
        let found = after.or_else(|| self.text.get(..near).and_then(|before| before.rfind('\n')));
        if found.is_some_and(|at| at > 0 && self.text.as_bytes()[at - 1] == b'\r') { "\r\n" } else { "\n" }
    }
}

/// A value below the steps that are missing too.
fn nested(steps: &[Segment], value: &Value) -> Option<Value> {
    steps.iter().rev().try_fold(value.clone(), |value, step| match step {
        Segment::Key(key) => Some(Value::Object(std::iter::once((key.to_string(), value)).collect())),
        Segment::Index(0) => Some(Value::Array(vec![value])),
        Segment::Index(_) => None,
    })
}
