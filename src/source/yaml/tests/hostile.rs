//! Texts made to exhaust a reader. Each must end soon, with the right error.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::super::super::{Limits, Parsed, Source, Sources};
use super::super::parse;

fn read(text: &str, limits: &Limits) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("hostile.yaml", text));
    let start = Instant::now();
    let parsed = parse(&sources, id, limits);
    // Generous, for loaded machines without optimisation; what these texts aim at takes hours.
    assert!(start.elapsed() < Duration::from_mins(1), "took {:?}", start.elapsed());
    parsed
}

fn numbered(lines: usize, line: impl Fn(usize) -> String) -> String {
    (0..lines).map(line).collect()
}

fn first_error(text: &str) -> String {
    let parsed = read(text, &Limits::default());
    let error = parsed.errors.first().expect("it is refused");
    format!("{}; {}", error.message, error.help.as_deref().unwrap_or_default())
}

fn assert_bound(text: &str, bound: &str) {
    let error = first_error(text);
    assert!(error.contains(bound) && error.contains("--max-input"), "{error}");
}

#[test]
fn a_billion_laughs_are_counted_and_not_written_out() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").expect("strings grow");
    }
    assert_bound(&text, "5000000 values");
}

#[test]
fn one_large_anchor_repeated_often_is_counted() {
    let large = "  - x\n".repeat(20_000);
    assert_bound(&format!("a: &a\n{large}b:\n{}", "  - *a\n".repeat(20_000)), "5000000 values");
}

#[test]
fn merges_repeated_often_are_counted() {
    let large = numbered(5_000, |key| format!("  k{key}: x\n"));
    assert_bound(&format!("a: &a\n{large}b:\n{}", "  - <<: *a\n".repeat(5_000)), "5000000 values");
}

#[test]
fn nesting_is_bounded_in_every_notation() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000) + "x\n"] {
        assert_bound(&text, "1000 collections");
    }
    let indented = numbered(2_000, |level| format!("{}a:\n", " ".repeat(level)));
    assert_bound(&indented, "1000 collections");
}

#[test]
fn aliases_cannot_nest_deeper_than_text() {
    let nest = |inside: &str| "[".repeat(600) + inside + &"]".repeat(600);
    assert_bound(&format!("a: &a {}\nb: {}\n", nest("x"), nest("*a")), "1000 collections");
}

#[test]
fn the_deepest_tree_is_built_printed_and_dropped_on_a_thread_of_8_mib() {
    let limits = Limits::for_input(u64::MAX);
    let work = move || {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let parsed = read(&(open.repeat(limits.depth) + &close.repeat(limits.depth)), &limits);
            assert_eq!(parsed.errors, []);
            drop(parsed.documents[0].root.to_json());
        }
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).expect("threads start").join().expect("no overflow");
}

#[test]
fn documents_are_bounded() {
    assert_bound(&"---\n".repeat(100_001), "100000 documents");
    assert_bound(&"--- *x\n".repeat(100_001).replacen("--- *x", "---", 1).replace("*x", "x"), "100000 documents");
}

#[test]
fn comments_in_a_row_are_bounded() {
    assert_bound(&format!("a:\n{}- x\n", "#\n".repeat(100_001)), "100000 comment lines");
}

#[test]
fn the_length_is_bounded() {
    let parsed = read("a: 12345\n", &Limits::for_input(8));
    assert!(parsed.errors[0].message.contains("longer than 8 bytes"), "{:?}", parsed.errors);
}

#[test]
fn paths_of_repeated_keys_cannot_fill_memory() {
    let text = "[".repeat(900) + "{" + &"a: 1, ".repeat(50_000) + "}" + &"]".repeat(900);
    let parsed = read(&text, &Limits::default());
    assert_eq!(parsed.documents[0].duplicates.len(), super::super::super::document::MOST_DUPLICATES);
}

#[test]
fn what_is_only_large_is_read() {
    let keys = numbered(200_000, |key| format!("k{key}: v\n"));
    for (text, fields) in [
        (keys, 200_000),
        (format!("a: \"{}\"\n", "\\u0041".repeat(170_000)), 1),
        (format!("a: |\n{}", "  x\n".repeat(200_000)), 1),
        (numbered(50_000, |anchor| format!("a{anchor}: &a{anchor} x\n")), 50_000),
        ("# c\n".repeat(100_000) + "a: 1\n", 1),
    ] {
        let parsed = read(&text, &Limits::default());
        assert_eq!(parsed.errors, []);
        assert_eq!(parsed.documents[0].root.as_mapping().map(indexmap::IndexMap::len), Some(fields));
    }
}

#[test]
fn unterminated_text_is_said_to_be_cut_off() {
    for text in ["a: \"".to_owned() + &"x\n ".repeat(100_000), "a: [".to_owned() + &"x, ".repeat(100_000)] {
        assert!(first_error(&text).contains("cut off"));
    }
}
