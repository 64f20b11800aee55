//! Edits as algebra: whatever is written, and however, the text read again holds the intended value, and every byte but
//! those of the edit is as it was.

use proptest::prelude::*;
use qdrant_lint::finding::EditAction;
use qdrant_lint::fix::{Address, Level, Step, Text, apply};
use qdrant_lint::source::{Node, Path, Schema, Segment, Style};
use serde_json::{Value, json};

/// A document before it is written down.
#[derive(Clone, Debug)]
enum Tree {
    Scalar(String),
    Block(String),
    Map(Vec<(String, Tree)>, bool),
    List(Vec<Tree>, bool),
}

/// How the lines of a text look.
#[derive(Clone, Copy, Debug)]
struct Look {
    step: usize,
    comments: bool,
    crlf: bool,
    ends: bool,
}

fn tree() -> impl Strategy<Value = Tree> {
    let scalar = prop_oneof![
        "[a-z]{1,6}",
        "'[a-z #:,]{0,6}'",
        "\"[a-z #:,]{0,6}\"",
        "[1-9][0-9]{0,3}",
        Just("true".to_owned()),
        Just("~".to_owned()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
    ];
    let leaf = prop_oneof![8 => scalar.prop_map(Tree::Scalar), 1 => "[a-z]{1,5}".prop_map(Tree::Block)];
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            (proptest::collection::vec(inner.clone(), 1..4), any::<bool>())
                .prop_map(|(items, flow)| named(items, flow)),
            (proptest::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(items, flow)| Tree::List(items, flow)),
        ]
    });
    proptest::collection::vec(inner, 1..5).prop_map(|items| named(items, false))
}

fn named(items: Vec<Tree>, flow: bool) -> Tree {
    let keys = ["alpha", "b-c", "'d e'", "\"f.g\"", "h/i"];
    Tree::Map(items.into_iter().enumerate().map(|(index, item)| (keys[index].to_owned(), item)).collect(), flow)
}

fn look() -> impl Strategy<Value = Look> {
    (prop_oneof![Just(2_usize), Just(4)], any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(step, comments, crlf, ends)| Look { step, comments, crlf, ends })
}

impl Tree {
    fn inline(&self) -> String {
        match self {
            Self::Scalar(text) | Self::Block(text) => text.clone(),
            Self::Map(fields, _) => {
                let fields: Vec<String> =
                    fields.iter().map(|(key, value)| format!("{key}: {}", value.inline())).collect();
                format!("{{{}}}", fields.join(", "))
            }
            Self::List(items, _) => format!("[{}]", items.iter().map(Self::inline).collect::<Vec<_>>().join(", ")),
        }
    }

    /// The lines behind a key or a dash: what stands on its line, and what below.
    fn lines(&self, look: Look) -> (String, Vec<String>) {
        let inset =
            |lines: Vec<String>| lines.into_iter().map(|line| format!("{}{line}", " ".repeat(look.step))).collect();
        match self {
            Self::Block(text) => (" |".to_owned(), inset(vec![text.clone(), "# no comment".to_owned()])),
            Self::Map(fields, false) => {
                let mut lines = Vec::new();
                for (index, (key, value)) in fields.iter().enumerate() {
                    let (here, below) = value.lines(look);
                    let comment = if look.comments && !here.ends_with('|') { " #\twhy" } else { "" };
                    lines.push(format!("{key}:{here}{comment}"));
                    lines.extend(below);
                    if look.comments && index == 0 {
                        lines.push("# between".to_owned());
                    }
                }
                (String::new(), inset(lines))
            }
            Self::List(items, false) => {
                let lines = items.iter().flat_map(|item| {
                    let (here, below) = item.lines(look);
                    match item {
                        // a collection begins behind its dash
                        Self::Map(_, false) | Self::List(_, false) => {
                            let first = below.first().map_or("", |line| line.trim_start()).to_owned();
                            let rest =
                                below.iter().skip(1).map(|line| format!("  {}", &line[look.step.min(line.len())..]));
                            std::iter::once(format!("- {first}")).chain(rest).collect::<Vec<_>>()
                        }
                        _ => std::iter::once(format!("-{here}")).chain(below).collect(),
                    }
                });
                (String::new(), inset(lines.collect()))
            }
            flow => (format!(" {}", flow.inline()), Vec::new()),
        }
    }

    fn text(&self, look: Look) -> String {
        let lines: Vec<String> =
            self.lines(look).1.into_iter().map(|line| line[look.step.min(line.len())..].to_owned()).collect();
        let text = format!("{}{}", lines.join("\n"), if look.ends { "\n" } else { "" });
        if look.crlf { text.replace('\n', "\r\n") } else { text }
    }
}

/// A place of a document and what is done there.
#[derive(Clone, Debug)]
enum Task {
    Set,
    Insert,
    InsertDeep,
    Append,
    Remove,
}

fn task() -> impl Strategy<Value = Task> {
    prop_oneof![Just(Task::Set), Just(Task::Insert), Just(Task::InsertDeep), Just(Task::Append), Just(Task::Remove)]
}

/// The path and the action of a task at some place that has room for it.
fn chosen(task: &Task, root: &Node, at: prop::sample::Index) -> Option<(Path, EditAction)> {
    let mut places = Vec::new();
    walk(root, &Path::new(), &mut places);
    let is_empty = |node: &Node| {
        node.is_null()
            || node.as_mapping().is_some_and(indexmap::IndexMap::is_empty)
            || node.as_sequence().is_some_and(<[Node]>::is_empty)
    };
    places.retain(|(path, node)| match task {
        Task::Set => !path.0.is_empty() && node.as_mapping().is_none() && node.as_sequence().is_none(),
        Task::Insert | Task::InsertDeep => node.as_mapping().is_some() || node.is_null(),
        Task::Append => node.as_sequence().is_some() || node.is_null(),
        Task::Remove => !path.0.is_empty() && !is_empty(node),
    });
    if places.is_empty() {
        return None;
    }
    let (path, node) = places.swap_remove(at.index(places.len()));
    Some(match task {
        Task::Set => (path, EditAction::Set("it's: new #1".into())),
        Task::Insert => (path.key("new"), EditAction::Set(json!({"deep": [1, {"x": "on"}]}))),
        Task::InsertDeep => (path.key("new").key("deeper"), EditAction::Set(true.into())),
        Task::Append => {
            let length = node.as_sequence().map_or(0, <[Node]>::len);
            (path.index(length), EditAction::Set(json!({"name": "new", "on": 1})))
        }
        Task::Remove => (path, EditAction::Remove),
    })
}

fn walk<'n>(node: &'n Node, path: &Path, found: &mut Vec<(Path, &'n Node)>) {
    found.push((path.clone(), node));
    if let Some(fields) = node.as_mapping() {
        fields.iter().for_each(|(key, child)| walk(child, &path.key(key), found));
    } else if let Some(items) = node.as_sequence() {
        items.iter().enumerate().for_each(|(index, child)| walk(child, &path.index(index), found));
    }
}

/// The same on plain values, written independently.
fn intended(value: &Value, path: &[Segment], action: &EditAction) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return if let EditAction::Set(new) = action { new.clone() } else { Value::Null };
    };
    let removes = rest.is_empty() && matches!(action, EditAction::Remove);
    match first {
        Segment::Key(key) => {
            let mut fields = value.as_object().cloned().unwrap_or_default();
            if removes {
                fields.shift_remove(&**key);
            } else {
                let inner = intended(fields.get(&**key).unwrap_or(&Value::Null), rest, action);
                fields.insert(key.to_string(), inner);
            }
            fields.into()
        }
        Segment::Index(index) => {
            let mut items = value.as_array().cloned().unwrap_or_default();
            if removes {
                items.remove(*index);
            } else if *index < items.len() {
                items[*index] = intended(&items[*index], rest, action);
            } else {
                items.push(intended(&Value::Null, rest, action));
            }
            items.into()
        }
    }
}

/// What one text has and the other has not, when all that surrounds it is the same.
fn middle<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let room = one.len().min(other.len()) - same;
    let tail = one.bytes().rev().zip(other.bytes().rev()).take(room).take_while(|(a, b)| a == b).count();
    one.get(same..one.len() - tail).unwrap_or_default()
}

/// Does a task on a text and checks value and bytes; `levels` leads to the document, in the text or in one that it carries.
fn check(name: &str, text: &str, levels: &[Level], task: &Task, at: prop::sample::Index) -> Result<(), TestCaseError> {
    let read = Text::read(name, text, Schema::Yaml11).expect("the generator writes YAML");
    let root = document(&read, levels);
    let Some((path, action)) = chosen(task, &root, at) else { return Ok(()) };
    let wanted = intended(&root.to_json(), &path.0, &action);
    let address = Address(levels.iter().cloned().chain([Level { document: 0, path: path.clone() }]).collect());
    let edited = match apply(name, text, &Step { address, action: action.clone(), appends: false }) {
        Ok(edited) => edited,
        Err(why) => {
            // a comment inside of what is replaced; a block that gets the line break which the file does not end with
            let is_last_block = why.starts_with("it would change more") && !text.ends_with('\n') && text.contains('|');
            prop_assert!(is_last_block || why == "a comment would be lost", "{path} {action:?}: {why} in\n{text}");
            return Ok(());
        }
    };
    let again = Text::read(name, &edited, Schema::Yaml11).expect("the result is YAML");
    prop_assert_eq!(document(&again, levels).to_json(), wanted, "{} in\n{}\nbecame\n{}", path, text, edited);
    let gone = middle(text, &edited).trim();
    let added = middle(&edited, text);
    match task {
        Task::Remove => prop_assert!(
            matches!(added.trim(), "" | "{}" | "[]" | "{" | "[" | "}" | "]"),
            "removing {path} adds `{added}` in\n{text}\nbecame\n{edited}"
        ),
        Task::Set => {}
        Task::Insert | Task::InsertDeep | Task::Append => {
            // what held nothing makes room; a comment behind it stays on its line
            let (empty, comment) = gone.split_once([' ', '\t']).unwrap_or((gone, ""));
            let is_empty = matches!(empty, "" | "{}" | "[]" | "~" | "null" | "{" | "[" | "}" | "]");
            prop_assert!(
                is_empty && added.contains(comment.trim()),
                "adding {path} takes `{gone}` away from\n{text}\nbecame\n{edited}"
            );
        }
    }
    Ok(())
}

fn document(text: &Text, levels: &[Level]) -> Node {
    match levels {
        [] => text.documents().documents[0].root.clone(),
        [level, ..] => {
            let string = text.documents().documents[level.document].root.find(&level.path).unwrap().clone();
            text.carried(&string).unwrap().documents.remove(0).root
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn yaml_changes_in_one_place_only(tree in tree(), look in look(), task in task(), at in any::<prop::sample::Index>()) {
        check("a.yaml", &tree.text(look), &[], &task, at)?;
    }

    #[test]
    fn so_does_yaml_in_a_literal_block_of_a_manifest(
        tree in tree(), look in look(), task in task(), at in any::<prop::sample::Index>(), last in any::<bool>(),
    ) {
        let inner = tree.text(Look { crlf: false, ends: true, ..look });
        let lines: Vec<String> = inner.lines().map(|line| format!("    {line}")).collect();
        let tail = if last { "" } else { "  other: 1 # after\n" };
        let text = format!("kind: ConfigMap\ndata:\n  production.yaml: |\n{}\n{tail}", lines.join("\n"));
        let text = if look.crlf { text.replace('\n', "\r\n") } else { text };
        let levels = [Level { document: 0, path: Path::keys(["data", "production.yaml"]) }];
        check("a.yaml", &text, &levels, &task, at)?;
    }

    #[test]
    fn so_does_json_however_it_is_indented(tree in tree(), task in task(), at in any::<prop::sample::Index>(), indent in 0_usize..5) {
        let read = Text::read("a.yaml", &tree.text(Look { step: 2, comments: false, crlf: false, ends: true }), Schema::Yaml11);
        let value = read.unwrap().documents().documents[0].root.to_json();
        let text = if indent == 0 {
            value.to_string()
        } else {
            let mut text = Vec::new();
            let spaces = " ".repeat(indent);
            let format = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
            serde::Serialize::serialize(&value, &mut serde_json::Serializer::with_formatter(&mut text, format)).unwrap();
            String::from_utf8(text).unwrap()
        };
        check("a.json", &text, &[], &task, at)?;
    }
}

/// Text of a mapping with comments, quotes, flow collections and blocks.
fn yaml() -> impl Strategy<Value = String> {
    let scalar =
        prop_oneof!["[a-z]{1,6}", "'[a-z #:]{0,6}'", "\"[a-z #:]{0,6}\"", "[1-9][0-9]{0,3}", Just("true".to_owned())];
    let line = (0_usize..3, "[b-m]{3,6}", scalar, any::<bool>(), 0_u8..6);
    (proptest::collection::vec(line, 1..9), any::<bool>(), any::<bool>()).prop_map(|(lines, crlf, last)| {
        let mut lines_of_text = Vec::new();
        for (index, (depth, key, value, comment, form)) in lines.into_iter().enumerate() {
            let key = format!("{key}{index}");
            let comment = if comment { " # why" } else { "" };
            lines_of_text.push(match (depth, form) {
                (0, 0) => format!("{key}: {{x: {value}, z: [{value}]}}{comment}\n"),
                (0, 1) => format!("{key}:{comment}\n    x: {value}\n    # end\n\n"),
                (0, 2) => format!("{key}: |\n  text # no comment\n\n  {index}\n"),
                (0, 3) => format!("{key}:\n- x: {value}{comment}\n- {value}\n"),
                (0, 4) => format!("{key}: &a{index} {{x: {value}}}\nq{key}: *a{index}\n"),
                _ => format!("{key}: {value}{comment}\n"),
            });
        }
        let mut text = lines_of_text.concat();
        if !last {
            text.truncate(text.trim_end().len());
        }
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

fn leaves<'n>(node: &'n Node, path: &Path, found: &mut Vec<(Path, &'n Node)>) {
    if let Some(fields) = node.as_mapping() {
        fields.iter().for_each(|(key, child)| leaves(child, &path.key(key), found));
    } else if let Some(items) = node.as_sequence() {
        items.iter().enumerate().for_each(|(index, child)| leaves(child, &path.index(index), found));
    } else {
        found.push((path.clone(), node));
    }
}

proptest! {
    #[test]
    fn an_edit_changes_the_one_value_and_no_other_byte(
        text in yaml(),
        at in any::<prop::sample::Index>(),
        new in prop_oneof![Just("on"), Just("0755"), Just("plain"), Just("a: b #c"), Just(""), Just("it's")],
    ) {
        let read = Text::read("a.yaml", &text, Schema::Yaml11).unwrap();
        let root = &read.documents().documents[0].root;
        let mut found = Vec::new();
        leaves(root, &Path::new(), &mut found);
        let (path, node) = found[at.index(found.len())].clone();
        let place = node.origin.place().unwrap();
        let address = read.address(place).unwrap();
        let step = Step { address, action: EditAction::Set(new.into()), appends: false };
        if let Ok(edited) = apply("a.yaml", &text, &step) {
            let again = Text::read("a.yaml", &edited, Schema::Yaml11).unwrap();
            let value = again.documents().documents[0].root.find(&path).unwrap();
            prop_assert_eq!(value.as_str(), Some(new));
            let (start, end) = (place.value.0 as usize, place.value.1 as usize);
            if !matches!(node.style, Style::Literal | Style::Folded) {
                prop_assert_eq!(&edited[..start], &text[..start]);
                prop_assert!(edited.ends_with(&text[end..]));
            }
        } else {
            // only what is shared, or stands there already, may be refused
            let shared = text.contains('*');
            prop_assert!(shared || node.as_str() == Some(new), "{} refused in {text}", path);
        }
    }
}
