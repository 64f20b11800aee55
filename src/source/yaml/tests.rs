mod algebra;
mod hostile;

use serde_json::json;

use super::super::{Origin, Path, Source};
use super::*;

fn read_text(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("values.yaml", text));
    let parsed = parse(&sources, id, &Limits::default());
    (sources, parsed)
}

/// The key and the value at a path as they stand in the text.
fn written<'s>(sources: &'s Sources, document: &Document, keys: &[&str]) -> (&'s str, &'s str) {
    let node = document
        .root
        .find(&Path::keys(keys.iter().copied()))
        .unwrap_or_else(|| panic!("no {keys:?} in {}", document.root.to_json()));
    let Origin::Written(written) = node.origin else { panic!("not written") };
    (sources.slice(written.key_span()), sources.slice(written.value_span()))
}

fn only_error(text: &str) -> SyntaxErrorText {
    let (sources, parsed) = read_text(text);
    assert_eq!(parsed.errors.len(), 1, "{text:?}: {:?}", parsed.errors);
    let error = &parsed.errors[0];
    let position = error.position(&sources);
    (error.message.clone(), error.help.clone().unwrap_or_default(), (position.line, position.column))
}

type SyntaxErrorText = (String, String, (usize, usize));

#[test]
fn every_document_of_a_stream_is_read() {
    let (_, parsed) = read_text("a: 1\n---\n# nothing\n---\n- b\n");
    let roots: Vec<_> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
    assert_eq!(roots, [json!({"a": 1}), json!(null), json!(["b"])]);
}

#[test]
fn a_text_without_documents_is_one_null() {
    for text in ["", "\n\n", "# only a comment\n"] {
        let (_, parsed) = read_text(text);
        assert_eq!(parsed.documents.len(), 1, "{text:?}");
        assert!(parsed.documents[0].root.is_null());
    }
}

#[test]
fn the_spans_of_documents_tile_the_text() {
    let (sources, parsed) = read_text("# top\na: 1\n---\nb: [\n---\n# c\nd: 2\n");
    let spans: Vec<_> = parsed.documents.iter().map(|document| sources.slice(document.span)).collect();
    assert_eq!(spans, ["# top\na: 1\n", "---\n# c\nd: 2\n"]);
}

#[test]
fn a_broken_document_does_not_hide_its_neighbours() {
    let (_, parsed) = read_text("a: 1\n---\nb: [1\n---\nc: 3\n---\nd: *none\n---\ne: 5\n");
    let roots: Vec<_> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
    assert_eq!(roots, [json!({"a": 1}), json!({"c": 3}), json!({"e": 5})]);
    assert_eq!(parsed.errors.len(), 2);
}

#[test]
fn keys_and_values_have_exact_spans() {
    let text = "é: ü # x\nblock:\n  k: v\n\n  m:\n  # tail\nflow: {a: [1, 'q q']}\ntext: |\n  one\n  two\n\nlast: \"\\u00e9\"\n";
    let (sources, parsed) = read_text(text);
    let document = &parsed.documents[0];
    assert_eq!(written(&sources, document, &["é"]), ("é", "ü"));
    assert_eq!(written(&sources, document, &["block"]), ("block", "k: v\n\n  m:"));
    assert_eq!(written(&sources, document, &["block", "m"]), ("m", ""));
    assert_eq!(written(&sources, document, &["flow"]), ("flow", "{a: [1, 'q q']}"));
    assert_eq!(written(&sources, document, &["flow", "a"]), ("a", "[1, 'q q']"));
    assert_eq!(written(&sources, document, &["text"]), ("text", "one\n  two"));
    assert_eq!(written(&sources, document, &["last"]), ("last", "\"\\u00e9\""));
}

#[test]
fn spans_count_from_the_start_of_the_file_in_later_documents() {
    let (sources, parsed) = read_text("ü: 1\r\n---\r\nkey: value\r\n");
    assert_eq!(written(&sources, &parsed.documents[1], &["key"]), ("key", "value"));
}

#[test]
fn of_a_repeated_key_the_last_value_stands_and_both_are_known() {
    let (sources, parsed) = read_text("a:\n  - b: 1\n    c: 2\n    b: 3\n");
    let document = &parsed.documents[0];
    assert_eq!(document.root.to_json(), json!({"a": [{"b": 3, "c": 2}]}));
    let duplicate = &document.duplicates[0];
    assert_eq!(duplicate.path, Path::keys(["a"]).index(0).key("b"));
    let line = |span: crate::source::Span| sources.get(span.source).position(span.start).line;
    assert_eq!((line(duplicate.first), line(duplicate.last)), (2, 4));
}

#[test]
fn aliases_share_data_and_stand_at_their_own_place() {
    let (sources, parsed) = read_text("a: &x {k: 1}\nb: *x\n");
    let document = &parsed.documents[0];
    assert_eq!(document.root.to_json(), json!({"a": {"k": 1}, "b": {"k": 1}}));
    assert_eq!(written(&sources, document, &["b"]), ("b", "*x"));
    assert_eq!(written(&sources, document, &["b", "k"]), ("k", "1"));
}

#[test]
fn merges_are_written_in_place_as_go_yaml_does() {
    for (text, merged) in [
        ("<<: {a: 1, b: 2}\na: 3\n", json!({"a": 3, "b": 2})),
        ("a: 3\n<<: {a: 1}\n", json!({"a": 1})),
        ("<<: [{a: 1}, {a: 2, b: 2}]\n", json!({"a": 1, "b": 2})),
        ("<<: {a: 1}\n<<: {b: 2}\n", json!({"a": 1, "b": 2})),
        ("\"<<\": {a: 1}\n", json!({"<<": {"a": 1}})),
    ] {
        let (_, parsed) = read_text(text);
        assert_eq!(parsed.documents[0].root.to_json(), merged, "{text}");
        assert!(parsed.documents[0].duplicates.is_empty(), "{text}");
    }
}

#[test]
fn comments_stay_with_their_document() {
    let (sources, parsed) = read_text("# top\na: 1 # right\n---\n# second\nb: 2\n# end\n");
    let comments = |index: usize| -> Vec<&str> {
        parsed.documents[index].comments.iter().map(|comment| sources.slice(comment.span)).collect()
    };
    assert_eq!(comments(0), ["# top", "# right"]);
    assert_eq!(comments(1), ["# second", "# end"]);
    assert_eq!(&*parsed.documents[0].comments[0].text, " top");
}

#[test]
fn a_style_is_ambiguous_where_yaml_1_1_and_1_2_part() {
    let (_, parsed) = read_text("[yes, 0777, 1_000, true, 12, 1.0, text, 'yes', 08, !!str yes]");
    let styles: Vec<_> =
        parsed.documents[0].root.items(&[]).iter().map(|node| node.style == Style::Ambiguous).collect();
    assert_eq!(styles, [true, true, true, false, false, false, false, false, false, false]);
}

#[test]
fn errors_say_where_and_what_to_do() {
    for (text, message, help, position) in [
        ("a:\n\tb: 1\n", "tab", "spaces", (2, 1)),
        ("a: 'x\n", "never closed", "cut off", (1, 4)),
        ("a: [1\n", "never closed", "cut off", (1, 4)),
        ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2", "remove", (2, 1)),
        ("a: *x\n", "&x", "anchor", (1, 4)),
        ("a: &x [*x]\n", "contain itself", "move", (1, 8)),
        ("a: \"\u{1}\"\n", "U+0001", "escape", (1, 5)),
        ("a: .inf\n", "JSON", "number", (1, 4)),
        ("~: 1\n", "cannot be a key", "quote", (1, 1)),
        ("a: {{ .Values.x }}\n", "cannot be a key", "render", (1, 5)),
        ("{{- if .Values.x }}\na: 1\n{{- end }}\n", "", "render", (1, 3)),
        ("<<: 1\n", "merge", "alias", (1, 5)),
    ] {
        let (said, advice, at) = only_error(text);
        assert!(said.contains(message), "{text:?}: {said}");
        assert!(advice.contains(help), "{text:?}: {said}: {advice}");
        assert_eq!(at, position, "{text:?}: {said}");
    }
}

#[test]
fn the_deepest_value_at_an_offset_has_a_path() {
    let text = "a:\n  b: [x, {c: d}]\ne: f\n";
    let (_, parsed) = read_text(text);
    let at = |needle: &str| parsed.documents[0].path_at(u32_from(text.find(needle).expect("is there"))).to_string();
    assert_eq!(at("b:"), "a.b");
    assert_eq!(at("x"), "a.b[0]");
    assert_eq!(at("c:"), "a.b[1].c");
    assert_eq!(at("f"), "e");
    assert_eq!(at("\ne"), "");
}

/// Numbers are equal by value: Go prints 1.0 as 1.
fn same(ours: &serde_json::Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => {
            ours == theirs || ours.as_f64().map(f64::to_bits) == theirs.as_f64().map(f64::to_bits)
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, ours)| theirs.get(key).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => ours == theirs,
    }
}

#[test]
fn every_text_of_the_oracle_is_read_as_helm_reads_it() {
    let mut differing = Vec::new();
    for line in include_str!("../../../testdata/yaml11.tsv").lines().skip(1) {
        let (text, expected) = line.split_once('\t').expect("two columns");
        let text: String = serde_json::from_str(text).expect("a JSON string");
        let text = text.trim_start_matches('\u{feff}');
        let (_, parsed) = read_text(text);
        let ours =
            parsed.documents.first().filter(|_| parsed.errors.is_empty()).map(|document| document.root.to_json());
        let agrees = match (&ours, expected) {
            (None, "error") => true,
            (Some(ours), json) if json != "error" => same(ours, &serde_json::from_str(json).expect("JSON")),
            _ => false,
        };
        if !agrees {
            differing.push(format!("{text:?}: {ours:?}, not {expected}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
