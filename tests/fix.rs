//! `fix` as a user meets it: what changes in the file, what stays, and what is refused.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

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
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["man", "--dir", "man"]).0, Some(0));
    for page in ["qdrant-lint.1", "qdrant-lint-check.1", "qdrant-lint-fix.1"] {
        assert!(fs::read_to_string(folder.path().join("man").join(page)).unwrap().contains(".TH qdrant-lint"));
    }
}
