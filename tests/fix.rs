//! `fix` as a user meets it: what changes in the file, what stays, and what is refused.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use proptest::prelude::*;
use qdrant_lint::finding::EditAction;
use qdrant_lint::fix::{Step, Text, apply};
use qdrant_lint::source::{Node, Schema, Style};

use crate::support::project;

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("qdrant-lint").unwrap().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const VALUES: &str = "# ours\r\nimage:\r\n  tag: 'v1.15.4' # pinned\r\nsnapshotPersistence: {enabled: true}\r\nconfig: {}  # nothing yet\r\n";

#[test]
fn the_file_keeps_its_mark_line_breaks_and_comments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    fs::write(&file, format!("\u{feff}{VALUES}")).unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["fix", "values.yaml"]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    let wanted =
        VALUES.replace("config: {}  # nothing yet\r\n", "config:  # nothing yet\r\n  telemetry_disabled: true\r\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("\u{feff}{wanted}"));
    assert!(stdout.contains("turn telemetry off [sovereignty/telemetry-enabled]"), "{stdout}");
    let (_, again, _) = run(folder.path(), &["fix", "values.yaml"]);
    assert!(again.contains("0 fixes in 0 files made"), "{again}");
}

#[test]
fn a_diff_changes_nothing_and_is_all_of_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    fs::write(&file, VALUES).unwrap();
    let (_, stdout, _) = run(folder.path(), &["fix", "--diff", "values.yaml"]);
    assert!(stdout.starts_with("--- a/values.yaml\n+++ b/values.yaml\n@@"), "{stdout}");
    assert_eq!(fs::read_to_string(&file).unwrap(), VALUES);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = outside.path().join("values.yaml");
    fs::write(&file, VALUES).unwrap();
    std::os::unix::fs::symlink(&file, folder.path().join("values.yaml")).unwrap();
    let (_, stdout, _) = run(folder.path(), &["fix", "values.yaml"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), VALUES);
    assert!(stdout.contains("lies outside the working folder"), "{stdout}");
}

#[test]
fn standard_input_is_refused() {
    assert_eq!(run(&project(""), &["fix", "-"]).0, Some(2));
}

#[test]
fn init_writes_what_parses_and_overwrites_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("values.yaml"), VALUES).unwrap();
    assert_eq!(run(folder.path(), &["init", "values.yaml"]).0, Some(0));
    let (code, _, stderr) = run(folder.path(), &["init", "values.yaml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("is there already"), "{stderr}");
    assert_eq!(run(folder.path(), &["init", "--force", "values.yaml"]).0, Some(0));
    // what it proposes in comments is valid too
    let text = fs::read_to_string(folder.path().join(".qdrant-lint.yaml")).unwrap();
    let proposed: Vec<&str> = text
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .filter(|line| !line.contains("(helm-values"))
        .filter(|line| line.starts_with([' ', '-']) || line.split_once(':').is_some_and(|(key, _)| KEYS.contains(&key)))
        .collect();
    let config = qdrant_lint::config::Config::parse("c", &proposed.join("\n"));
    assert!(config.is_ok(), "{config:?}\n{}", proposed.join("\n"));
}

const KEYS: [&str; 8] =
    ["profile", "fail_on", "registries", "storage_classes", "residency", "rules", "ignore_paths", "waivers"];

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["man", "--dir", "man"]).0, Some(0));
    for page in ["qdrant-lint.1", "qdrant-lint-check.1", "qdrant-lint-fix.1"] {
        assert!(fs::read_to_string(folder.path().join("man").join(page)).unwrap().contains(".TH qdrant-lint"));
    }
}

/// The guide's values, when a copy is at hand: Helm renders what `fix` leaves.
#[test]
fn helm_renders_the_guide_after_its_fixes() {
    let (Ok(guide), Ok(charts)) = (std::env::var("QDRANT_LINT_GUIDE"), std::env::var("QDRANT_LINT_CHARTS")) else {
        eprintln!("skipped: QDRANT_LINT_GUIDE and QDRANT_LINT_CHARTS name the guide and the charts");
        return;
    };
    for version in ["1.19.0", "1.12.4"] {
        let folder = tempfile::tempdir().unwrap();
        let before = fs::read_to_string(Path::new(&guide).join("values.prod.yaml")).unwrap();
        fs::write(folder.path().join("values.yaml"), &before).unwrap();
        run(folder.path(), &["fix", "--chart-version", version, "values.yaml"]);
        let after = fs::read_to_string(folder.path().join("values.yaml")).unwrap();
        assert_ne!(before, after);
        let comments = |text: &str| text.matches('#').count();
        assert_eq!(comments(&before), comments(&after));
        let chart = Path::new(&charts).join(version);
        let chart = if chart.join("qdrant").is_dir() { chart.join("qdrant") } else { chart };
        let helm = std::process::Command::new("helm")
            .args(["template", "qdrant"])
            .arg(chart)
            .args(["-f", "values.yaml"])
            .current_dir(folder.path())
            .output();
        match helm {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => eprintln!("skipped: helm is not in PATH"),
        }
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

fn leaves<'n>(
    node: &'n Node,
    path: &qdrant_lint::source::Path,
    found: &mut Vec<(qdrant_lint::source::Path, &'n Node)>,
) {
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
        leaves(root, &qdrant_lint::source::Path::new(), &mut found);
        let (path, node) = found[at.index(found.len())].clone();
        let place = node.origin.place().unwrap();
        let address = read.address(place).unwrap();
        let step = Step { address, action: EditAction::Set(new.into()) };
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
