//! What holds for every text.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Number, Value};

use super::super::super::{Document, Limits, Node, Origin, Parsed, Path, Segment, Source, Sources, parse_json};
use super::super::parse;
use super::same;

fn read(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("any.yaml", text));
    let parsed = parse(&sources, id, &Limits::default());
    (sources, parsed)
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(|float: f64| Number::from_f64(float).map_or(Value::Null, Value::Number)),
    ]
}

/// Trees of JSON whose strings hold nothing that YAML forbids.
fn value() -> impl Strategy<Value = Value> {
    let text = || "[ -~äß☃𝄞\t\n]{0,12}";
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool), number(), text().prop_map(Value::String),];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Block style, every string in double quotes.
fn emit(value: &Value, indent: usize, out: &mut String) -> std::fmt::Result {
    let pad = " ".repeat(indent);
    match value {
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                write!(out, "\n{pad}-")?;
                emit(item, indent + 2, out)?;
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                write!(out, "\n{pad}{}:", Value::from(key.as_str()))?;
                emit(value, indent + 1, out)?;
            }
        }
        scalar => write!(out, " {scalar}")?,
    }
    Ok(())
}

/// Every value with its path.
fn walk<'n>(node: &'n Node, path: &Path, found: &mut Vec<(Path, &'n Node)>) {
    found.push((path.clone(), node));
    for (key, value) in node.as_mapping().into_iter().flatten() {
        walk(value, &path.key(key), found);
    }
    for (index, value) in node.as_sequence().into_iter().flatten().enumerate() {
        walk(value, &path.index(index), found);
    }
}

/// Every value lies inside its parent, and is the deepest one at the place of its key or its text.
fn assert_spans_agree(sources: &Sources, document: &Document) -> Result<(), TestCaseError> {
    let mut found = Vec::new();
    walk(&document.root, &Path::new(), &mut found);
    for (path, node) in found {
        let Origin::Written(written) = node.origin else { return Err(TestCaseError::fail("not written")) };
        prop_assert!(written.key.0 <= written.key.1 && written.value.0 <= written.value.1);
        let place = written.key_span();
        if let Some(Segment::Key(key)) = path.0.last() {
            let quoted: String = serde_json::from_str(sources.slice(place)).unwrap_or_default();
            prop_assert_eq!(quoted.as_str(), &**key);
        }
        if place.start < place.end {
            prop_assert!(document.path_at(place.start).starts_with(&path), "{} at {}", path, place.start);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn block_style_reads_back(value in value()) {
        let mut text = String::new();
        emit(&value, 0, &mut text).expect("strings grow");
        let (sources, parsed) = read(&text);
        prop_assert_eq!(&parsed.errors, &[], "{}", text);
        prop_assert!(same(&parsed.documents[0].root.to_json(), &value), "{}\n{}", text, parsed.documents[0].root.to_json());
        assert_spans_agree(&sources, &parsed.documents[0])?;
    }

    #[test]
    fn json_is_yaml_and_both_readers_agree(value in value()) {
        let text = serde_json::to_string_pretty(&value).expect("it is JSON");
        let (sources, as_yaml) = read(&text);
        prop_assert_eq!(&as_yaml.errors, &[], "{}", text);
        prop_assert!(same(&as_yaml.documents[0].root.to_json(), &value), "{}", text);
        let id = sources.iter().next().map(|(id, _)| id).expect("one text");
        let as_json = parse_json(&sources, id, &Limits::default());
        prop_assert!(same(&as_json.documents[0].root.to_json(), &value), "{}", text);
        assert_spans_agree(&sources, &as_json.documents[0])?;
        assert_spans_agree(&sources, &as_yaml.documents[0])?;
    }

    #[test]
    fn json_strings_may_hold_anything(text in any::<String>()) {
        let json = Value::from(text).to_string();
        let mut sources = Sources::default();
        let id = sources.add(Source::new("any.json", json.as_str()));
        let parsed = parse_json(&sources, id, &Limits::default());
        prop_assert_eq!(parsed.documents[0].root.to_json().to_string(), json);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in r#"([ \n\t\r:,\[\]{}&*!|>'"%@`#?<~.-]|---|<<|&a|\*a|[a-c0-9é]|\\u){0,40}"#) {
        let (sources, parsed) = read(&text);
        for document in &parsed.documents {
            let mut found = Vec::new();
            walk(&document.root, &Path::new(), &mut found);
            for (_, node) in found {
                let Some(place) = node.origin.place() else { continue };
                for span in [place.key_span(), place.value_span(), document.span] {
                    prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{:?} in {:?}", span, text);
                }
            }
        }
        for error in &parsed.errors {
            prop_assert!(text.get(error.span.start as usize..error.span.end as usize).is_some());
        }
        let id = sources.iter().next().map(|(id, _)| id).expect("one text");
        let _ = parse_json(&sources, id, &Limits::default());
    }
}
