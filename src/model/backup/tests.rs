use std::collections::BTreeMap;

use super::calls::{Call, Operation, Output, calls};
use super::environment::Environment;
use super::lines::{Lines, lines};
use super::script::scripts;
use crate::source::{Node, Origin, Sources};
use serde_json::json;

fn read(script: &str, variables: &[(&str, &str)]) -> (Lines, Vec<Call>) {
    let variables: Vec<_> = variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let container = json!({"command": ["bash", "-c", script], "env": variables});
    let container = Node::from_json(&container, &Origin::Derived);
    let spec = Node::from_json(&json!({}), &Origin::Derived);
    let (found, unseen) = scripts(&container, &spec, &BTreeMap::new(), &Sources::default());
    assert!(unseen.is_none(), "the script is inline");
    let lines = lines(&found[0], &Environment::of(&container, &BTreeMap::new()));
    let calls = calls(&lines.lines);
    (lines, calls)
}

fn operations(script: &str) -> Vec<Operation> {
    read(script, &[]).1.into_iter().map(|call| call.operation).collect()
}

#[test]
fn requests_are_told_apart_by_method_and_path() {
    let script = r#"
        curl -X POST "$U/collections/a/snapshots"
        curl --request POST --url https://q:6333/snapshots?wait=true
        curl -XDELETE "$U/collections/a/snapshots/$S"
        curl "$U/collections/a/snapshots/$S" -o x
        curl "$U/collections/a/snapshots"
        wget --method=POST "$U/collections/b/snapshots" -O -
        curl "$U/collections" | jq .
        curl -X PUT "$U/collections/a/snapshots/recover" -d '{}'
        curl -X POST "$U/collections/a/shards/0/snapshots"
        curl -X POST "$U/collections/a/points/scroll"
        curl https://example.com/health
    "#;
    let name = |name: &str| Operation::Create(name.to_owned());
    assert_eq!(
        operations(script),
        [
            name("a"),
            Operation::CreateFull,
            Operation::Delete,
            Operation::Download,
            Operation::ListSnapshots,
            name("b"),
            Operation::ListCollections,
            Operation::Recover,
            name("a"),
            Operation::Other,
        ]
    );
}

#[test]
fn options_of_curl_are_read_in_every_spelling() {
    let (_, calls) = read(
        r#"curl -sSfL -H "api-key: $K" -o /tmp/x "$U/collections/a/snapshots/s"
        curl -sSLo/tmp/x "$U/collections/a/snapshots/s"
        curl --fail-with-body "$U/collections/a/snapshots/s" > /tmp/y
        X=$(curl -i "$U/collections/a/snapshots/s")
        curl -w '%{http_code}' -o /dev/null "$U/collections/a/snapshots/s""#,
        &[("U", "http://q:6333")],
    );
    let shown: Vec<(bool, bool, bool, Output)> =
        calls.into_iter().map(|call| (call.sends_key, call.fails, call.mixes_headers, call.output)).collect();
    let file = |path: &str| Output::File(path.to_owned());
    assert_eq!(
        shown,
        [
            (true, true, false, file("/tmp/x")),
            (false, false, false, file("/tmp/x")),
            (false, true, false, file("/tmp/y")),
            (false, false, true, Output::Captured),
            (false, true, false, Output::Null),
        ]
    );
}

#[test]
fn variables_are_filled_in_as_far_as_they_are_known() {
    let (lines, calls) = read(
        r#"HOST="${HOST:-qdrant}"
        URL="http://$HOST:${PORT:-6333}"
        ALL=$(curl "$URL/collections" | jq -r .result)
        for c in $ALL; do curl -X POST "$URL/collections/$c/snapshots"; done"#,
        &[("PORT", "7000")],
    );
    assert_eq!(calls[0].url.text, "http://qdrant:7000/collections");
    assert_eq!(calls[1].url.text, "http://qdrant:7000/collections/$c/snapshots");
    assert_eq!(calls[1].operation, Operation::Create("$c".to_owned()));
    assert_eq!(lines.loops[0].0.as_deref(), Some("c"));
}

#[test]
fn scripts_inside_scripts_and_pods_are_read() {
    let (_, calls) = read(
        r#"kubectl exec -n db "qdrant-$i" -c qdrant -- sh -c 'curl -X POST http://localhost:6333/snapshots'"#,
        &[],
    );
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].operation, Operation::CreateFull);
    assert!(calls[0].inside_pod.as_ref().is_some_and(|words| words.contains(&"qdrant-$i".to_owned())));
}

proptest::proptest! {
    #[test]
    fn any_script_is_read_without_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "curl", "-sSf", "-o", "-X", "POST", "é", "\"$U/collections/$c/snapshots\"", "$(", ")", "`", "|", "&&", "\n",
                "for c in a b; do", "done", "aws s3 cp", "s3://é/x", "--sse", "set -e", "'", "\"", "<<E", "E", "kubectl exec -it p --",
                "sh -c", "X=", "${U:-http://q}", "wget -O", "rclone copy x: y:/é", "jq -e", "[ -z \"$X\" ]", ">",
            ]),
            0..40,
        )
    ) {
        let (lines, calls) = read(&words.join(" "), &[("U", "http://qdrant:6333")]);
        proptest::prop_assert!(calls.len() <= lines.lines.len());
    }
}
