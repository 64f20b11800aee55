//! The HTML report as a file: that nothing of a stranger becomes markup, no key shows, nothing is asked of a network, and
//! a thousand deployments still make a page that opens. What needs a browser is in `tests/browser.rs`.

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::support::project;

fn page(folder: &std::path::Path, arguments: &[&str]) -> String {
    let output = Command::cargo_bin("qdrant-lint")
        .unwrap()
        .current_dir(folder)
        .args(["check", ".", "--format", "html", "--effective-date", "2026-11-22"])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn example() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in ["articles.collection.json", "networkpolicy.yaml", "values.prod.yaml"] {
        fs::copy(project("testdata/example").join(file), copy.path().join(file)).unwrap();
    }
    copy
}

/// Every `id` once, every link within the page to one of them.
fn links_lead_somewhere(page: &str) {
    let values = |attribute: &str| -> Vec<String> {
        page.match_indices(attribute)
            .map(|(at, _)| page[at + attribute.len()..].split('"').next().unwrap().to_owned())
            .collect()
    };
    let mut ids = values(" id=\"");
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id stands twice");
    for link in values("href=\"#") {
        assert!(ids.contains(&link), "#{link} leads nowhere");
    }
}

#[test]
fn a_page_says_what_happens_where_and_how_to_mend_it() {
    let page = page(example().path(), &["-n", "search", "--chart-version", "1.15.4"]);
    for part in [
        "<h1",
        "search/qdrant",
        "What happens in production",
        "values.prod.yaml:",
        "class=\"line ins\"",
        "G20",
        "GCC checklist",
    ] {
        assert!(page.contains(part), "{part}");
    }
    links_lead_somewhere(&page);
}

#[test]
fn the_topology_is_drawn_without_a_script_and_said_in_tables() {
    let page = page(example().path(), &["-n", "search", "--chart-version", "1.15.4"]);
    let drawing = page.split("id=\"topology\"").nth(1).unwrap().split("</section>").next().unwrap();
    // for wide and for narrow pages
    assert_eq!(drawing.matches("role=\"group\" aria-labelledby=\"topo-0-").count(), 2);
    for part in ["6333 REST", "6335 peers", "StatefulSet/qdrant", "class=\"mark sev-", "<title>", "<desc"] {
        assert!(drawing.contains(part), "{part}");
    }
    assert!(drawing.contains("The same as tables") && drawing.contains("<th scope=\"row\">6333 REST</th>"));
    links_lead_somewhere(&page);
}

#[test]
fn the_policy_of_the_page_admits_its_own_style_and_script_and_nothing_else() {
    use sha2::{Digest as _, Sha256};
    let page = page(example().path(), &[]);
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert_eq!(policy.matches("'sha256-").count(), 2, "{policy}");
    for tag in ["style", "script"] {
        let text = page.split(&format!("<{tag}>")).nth(1).unwrap().split(&format!("</{tag}>")).next().unwrap();
        assert_eq!(page.matches(&format!("<{tag}")).count(), 1, "one {tag}");
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let named = policy.split("'sha256-").skip(1).map(|rest| decoded(rest.split('\'').next().unwrap()));
        let digest = Sha256::digest(text.as_bytes());
        assert!(named.into_iter().any(|named| hex(&named) == hex(&digest)), "{tag}");
    }
    assert!(!page.contains(" style=\"") && !page.contains(" onclick"));
    for asks in ["src=\"", "@import", "url(", "<link", "<iframe", "fetch("] {
        assert!(!page.contains(asks), "{asks}");
    }
}

fn decoded(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits =
            chunk.iter().fold(0_u32, |bits, letter| bits << 6 | u32::from(value(*letter))) << (6 * (4 - chunk.len()));
        bytes.extend(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}

#[test]
fn text_of_a_stranger_makes_no_markup_and_a_key_never_shows() {
    let folder = tempfile::tempdir().unwrap();
    let values = "image:\n  repository: 'docker.io/qdrant/qdrant'\n  tag: '</script><img src=x onerror=alert(1)>'\n\
                  fullnameOverride: '\"><svg onload=alert(2)>'\napiKey: s3cr3t-of-mine-0815\nreplicaCount: 3\n\
                  nodeSelector: {'<b>x': \"\u{202e}y\"}\n";
    fs::write(folder.path().join("values<i>.yaml"), values).unwrap();
    let page = page(folder.path(), &["-n", "<u>"]);
    assert!(page.contains("</html>"));
    for bad in ["<img", "<svg onload", "<b>x", "<i>", "<u>", "s3cr3t-of-mine", "\u{202e}"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("values&#60;i&#62;.yaml") || page.contains("values&lt;i&gt;.yaml"));
    links_lead_somewhere(&page);
}

#[test]
fn a_baseline_shows_what_is_new_known_and_gone() {
    let folder = example();
    let known = r#"{"schema": "qdrant-lint/baseline/v1", "findings": [{"fingerprint": "0"}, {"fingerprint": "1"}]}"#;
    fs::write(folder.path().join("known.json"), known).unwrap();
    let page = page(folder.path(), &["--baseline", "known.json"]);
    assert!(page.contains("Since the baseline"));
    assert!(page.contains("<li class=\"known\"><b>0</b> known</li><li class=\"gone\"><b>2</b> gone</li>"));
}

#[test]
fn nothing_to_judge_is_said_and_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.yaml"), "a: 1\n").unwrap();
    let page = page(folder.path(), &[]);
    assert!(page.contains("Nothing could be judged") && !page.contains("hero good"), "{page}");
    links_lead_somewhere(&page);
}

#[test]
fn a_thousand_deployments_make_a_page_that_opens_and_says_what_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..1_000 {
        let text = format!(
            "replicaCount: {}\nfullnameOverride: q{number}\nimage: {{repository: docker.io/qdrant/qdrant}}\n",
            1 + number % 4
        );
        let own = folder.path().join(format!("team-{number}"));
        fs::create_dir(&own).unwrap();
        fs::write(own.join("values.yaml"), text).unwrap();
    }
    // a few rules are enough to find more than the page has room for
    let page = page(folder.path(), &["--rule", "availability/*", "--rule", "network/*", "--as", "values"]);
    assert!(page.len() < 8 << 20, "{} bytes", page.len());
    assert!(page.contains("<svg class=\"topo wide\"") && page.contains("The topologies of 975 more deployments"));
    assert!(page.contains("more findings are left out") && page.contains("more deployments are left out"));
    links_lead_somewhere(&page);
}
