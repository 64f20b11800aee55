use serde_json::json;

use super::super::{Origin, Path, Source};
use super::*;

fn read(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("body.json", text));
    let parsed = parse_json(&sources, id, &Limits::default());
    (sources, parsed)
}

#[test]
fn values_have_spans_in_bytes() {
    let (sources, parsed) = read("{\n\t\"ü\": [1, {\"k\": \"v\\n\"}]\n}\n");
    let document = &parsed.documents[0];
    assert_eq!(document.root.to_json(), json!({"ü": [1, {"k": "v\n"}]}));
    let node = document.root.find(&Path::keys(["ü"]).index(1).key("k")).expect("it is there");
    let Origin::Written(written) = node.origin else { panic!("not written") };
    assert_eq!(sources.slice(written.key_span()), "\"k\"");
    assert_eq!(sources.slice(written.value_span()), "\"v\\n\"");
}

#[test]
fn whatever_serde_json_reads_is_read_the_same() {
    for text in [
        "null",
        " true ",
        "-0",
        "18446744073709551615",
        "1.5e-3",
        "1E5",
        "\"\\ud834\\udd1e\\/\\u00e9\"",
        "[]",
        "{}",
        "[[],{},\"\"]",
        "123456789012345678901234567890",
        "{\"a\":{\"a\":[0,1.25]}}",
    ] {
        let expected: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let (_, parsed) = read(text);
        assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
        let read = parsed.documents[0].root.to_json();
        match (read.as_f64(), expected.as_f64()) {
            (Some(read), Some(expected)) => assert!((read - expected).abs() <= f64::EPSILON * expected.abs()),
            _ => assert_eq!(read, expected, "{text}"),
        }
    }
}

#[test]
fn whatever_serde_json_refuses_is_refused() {
    for text in [
        "",
        "[1,]",
        "{\"a\":1,}",
        "{a: 1}",
        "'a'",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e999",
        "nul",
        "[1 2]",
        "{\"a\" 1}",
        "\"\\x\"",
        "\"\\ud834\"",
        "\"\\udd1e\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "\"a",
        "[",
        "{\"a\":",
        "// c\n1",
        "1 2",
        "[1}",
        "\"\\",
        "\"\\u+123\"",
        "\"\\é\"",
        "NaN",
        "-",
        "]",
    ] {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        let (_, parsed) = read(text);
        assert_eq!(parsed.errors.len(), 1, "{text}");
        assert!(parsed.documents.is_empty(), "{text}");
    }
}

#[test]
fn repeated_keys_are_recorded() {
    let (_, parsed) = read("{\"a\": 1, \"a\": 2}");
    assert_eq!(parsed.documents[0].root.to_json(), json!({"a": 2}));
    assert_eq!(parsed.documents[0].duplicates[0].path, Path::keys(["a"]));
}

#[test]
fn depth_is_bounded() {
    let (_, parsed) = read(&"[".repeat(100_000));
    assert!(parsed.errors[0].message.contains("1000 collections"), "{:?}", parsed.errors);
}
