use proptest::prelude::*;

use super::{Part, Script, parse};

fn words(script: &Script) -> Vec<Vec<String>> {
    script.commands.iter().map(|command| command.words.iter().map(super::Word::written).collect()).collect()
}

fn lists(expected: &[&[&str]]) -> Vec<Vec<String>> {
    expected.iter().map(|words| words.iter().map(|word| (*word).to_owned()).collect()).collect()
}

#[test]
fn quotes_and_continuations_make_one_word() {
    let script = parse("curl -H 'api-key: x' \\\n  \"http://a/$B\" a\\ b # note\necho 'done'");
    assert_eq!(words(&script), lists(&[&["curl", "-H", "api-key: x", "http://a/$B", "a b"], &["echo", "done"]]));
}

#[test]
fn substitutions_stand_before_the_command_that_uses_them() {
    let script = parse("SNAP=$(curl -s \"$U/x\" | jq -r '.a')\nX=`date +%F`; echo ${SNAP:-none}");
    assert_eq!(
        words(&script),
        lists(&[&["curl", "-s", "$U/x"], &["jq", "-r", ".a"], &[], &["date", "+%F"], &[], &["echo", "${SNAP:-none}"]])
    );
    assert!(script.commands[0].captured && script.commands[0].writes_pipe && script.commands[1].reads_pipe);
    let Part::Variable { name, default, .. } = &script.commands[5].words[1].parts[0] else { panic!("a variable") };
    assert_eq!((name.as_str(), default.as_deref()), ("SNAP", Some("none")));
}

#[test]
fn loops_keep_their_words_and_conditions_are_looked_at() {
    let script = parse(
        "for C in a b; do\n  if curl -f x; then echo y; fi\n  curl z || exit 1\n  curl w\ndone\nwhile read -r l; do true; done",
    );
    let by_word: Vec<(String, bool, usize)> = script
        .commands
        .iter()
        .map(|one| {
            (one.words.iter().map(super::Word::written).collect::<Vec<_>>().join(" "), one.checked, one.loops.len())
        })
        .collect();
    assert_eq!(
        by_word,
        [
            ("curl -f x".to_owned(), true, 1),
            ("echo y".to_owned(), false, 1),
            ("curl z".to_owned(), true, 1),
            ("exit 1".to_owned(), false, 1),
            ("curl w".to_owned(), false, 1),
            ("read -r l".to_owned(), true, 1),
            ("true".to_owned(), false, 1),
        ]
    );
    assert_eq!(script.loops[0].variable.as_deref(), Some("C"));
    assert_eq!(script.loops[0].words.len(), 2);
}

#[test]
fn here_documents_and_redirections_are_no_words() {
    let text = "python3 - <<'PY' > out\nimport os\nPY\ncurl a >file 2>&1";
    let script = parse(text);
    assert_eq!(words(&script), lists(&[&["python3", "-"], &["curl", "a"]]));
    let (from, to) = script.commands[0].here_document.expect("it has one");
    assert_eq!(&text[from as usize..to as usize], "import os\n");
    assert_eq!(script.commands[1].redirects[0].target.written(), "file");
}

#[test]
fn functions_cases_and_subshells_are_passed_through() {
    let script =
        parse("f() { curl a; }\ncase \"$1\" in\n  x|y) curl b ;;\n  *) curl c ;;\nesac\n(cd /tmp && curl d)\nf");
    let all = words(&script);
    for expected in [["curl", "a"], ["curl", "b"], ["curl", "c"], ["curl", "d"]] {
        assert!(all.contains(&expected.map(str::to_owned).to_vec()), "{expected:?} in {all:?}");
    }
    assert_eq!(all.last().map(Vec::as_slice), Some(["f".to_owned()].as_slice()));
}

#[test]
fn ranges_are_those_of_the_text() {
    let text = "ü=1\ncurl \"http://a\" -o /tmp/é";
    let script = parse(text);
    let command = &script.commands[1];
    let of = |(from, to): (u32, u32)| &text[from as usize..to as usize];
    assert_eq!(of(command.range), "curl \"http://a\" -o /tmp/é");
    assert_eq!(of(command.words[1].range), "\"http://a\"");
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic_and_within_its_bounds(text in "[-$(){}'\"`\\\\|&;<>#a-c \n=é0]{0,200}") {
        let script = parse(&text);
        for command in &script.commands {
            for word in &command.words {
                prop_assert!(word.range.0 <= word.range.1 && word.range.1 as usize <= text.len());
            }
        }
    }
}
