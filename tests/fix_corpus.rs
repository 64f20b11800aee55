//! `fix` on files of others, as a user runs it in a project: what is mended stays YAML, keeps its comments, line ends and
//! mark, is stable, and brings in nothing. `QDRANT_LINT_CORPUS` names the folder with a project in each of its folders;
//! without it the test skips.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use qdrant_lint::source::{Limits, Source, Sources, parse};
use rayon::prelude::*;
use serde_json::Value;
use similar::{DiffTag, TextDiff};

const MARK: &str = "\u{feff}";

/// Files by their path in the project.
type Files = BTreeMap<String, String>;

/// Rule, deployment and fingerprint, which is that of the fact at its place and not of the line.
type Place = [String; 3];

/// What a user sees of a project.
struct Seen {
    files: Files,
    /// Files that PyYAML reads; none where it is not there.
    plain: Option<BTreeSet<String>>,
    /// Severity of each open finding, 0 the worst, and what it says.
    findings: BTreeMap<Place, (usize, String)>,
}

#[test]
fn projects_of_others_are_mended_and_stay_what_they_were() {
    let Some(corpus) = std::env::var_os("QDRANT_LINT_CORPUS").map(PathBuf::from) else {
        eprintln!("SKIPPED: QDRANT_LINT_CORPUS names no folder with deployments of others");
        return;
    };
    if plain(tempfile::tempdir().unwrap().path()).is_none() {
        eprintln!("SKIPPED: python3 with PyYAML is not here, so only our own reader reads what fix makes");
    }
    let mut projects: Vec<PathBuf> =
        fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    projects.sort();
    let outcomes: Vec<Outcome> = projects.par_iter().map(|project| outcome(project)).collect();
    let changed: usize = outcomes.iter().map(|outcome| outcome.changed).sum();
    let fixes: usize = outcomes.iter().map(|outcome| outcome.fixes).sum();
    let faults: Vec<String> = outcomes.into_iter().flat_map(|outcome| outcome.faults).collect();
    eprintln!("{fixes} fixes in {changed} files of {} projects", projects.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(changed > projects.len() / 2, "only {changed} files were mended");
}

/// What became of one project.
struct Outcome {
    changed: usize,
    fixes: usize,
    faults: Vec<String>,
}

fn outcome(project: &Path) -> Outcome {
    let name = project.file_name().unwrap().to_string_lossy().into_owned();
    let folder = tempfile::tempdir().unwrap();
    let original = read(project);
    write(folder.path(), &original);
    let before = seen(folder.path());
    let mut faults = Vec::new();
    let mut fixes = 0;
    let mut last = before;
    for flags in [&[][..], &["--unsafe"]] {
        let told = fix(folder.path(), flags, &mut faults);
        let after = seen(folder.path());
        fixes += told.matches("  [").count();
        faults.extend(brought_in(&last, &after, flags.is_empty()));
        for (file, text) in &after.files {
            faults.extend(kept(&last.files[file], text).into_iter().map(|fault| format!("{file}: {fault}")));
        }
        if let (Some(old), Some(new)) = (&last.plain, &after.plain) {
            faults.extend(old.difference(new).map(|file| format!("{file}: PyYAML cannot read it any more")));
        }
        let again = fix(folder.path(), flags, &mut faults);
        if read(folder.path()) != after.files {
            faults.push(format!("a second run changes files again: {again}"));
        }
        last = after;
    }
    // the same project as an editor of Windows saves it
    let there = tempfile::tempdir().unwrap();
    write(there.path(), &original.iter().map(|(file, text)| (file.clone(), of_windows(text))).collect());
    fix(there.path(), &[], &mut faults);
    fix(there.path(), &["--unsafe"], &mut faults);
    for (file, text) in read(there.path()) {
        if text != of_windows(&last.files[&file]) {
            faults.push(format!("{file}: with a mark and other line ends it becomes something else"));
        }
    }
    let changed = last.files.iter().filter(|(file, text)| original[*file] != **text).count();
    Outcome { changed, fixes, faults: faults.into_iter().map(|fault| format!("{name}: {fault}")).collect() }
}

fn of_windows(text: &str) -> String {
    format!("{MARK}{}", text.replace('\n', "\r\n"))
}

fn read(folder: &Path) -> Files {
    fn below(root: &Path, folder: &Path, files: &mut Files) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut files = Files::new();
    below(folder, folder, &mut files);
    files
}

fn write(folder: &Path, files: &Files) {
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    command.current_dir(folder).args(arguments).args(["--effective-date", "2026-11-22", "."]).output().unwrap()
}

fn fix(folder: &Path, flags: &[&str], faults: &mut Vec<String>) -> String {
    let output = run(folder, &[&["fix"], flags].concat());
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // what cannot be judged is said, and there is no other way to end with 2
    let said = output.status.code() == Some(2) && errors.contains("error");
    if errors.contains("panicked") || !(matches!(output.status.code(), Some(0 | 1)) || said) {
        faults.push(format!("fix {flags:?} ends with {:?}: {errors}", output.status.code()));
    }
    told.into_owned()
}

fn seen(folder: &Path) -> Seen {
    let output = run(folder, &["check", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let open = report["findings"].as_array().into_iter().flatten().filter(|finding| finding["status"] == "open");
    let findings = open.map(|finding| {
        let place = ["rule", "deployment", "fingerprint"].map(|field| text(&finding[field]));
        let rank = SEVERITIES.iter().position(|severity| finding["severity"] == **severity).expect("a severity");
        (place, (rank, text(&finding["message"])))
    });
    Seen { files: read(folder), plain: plain(folder), findings: findings.collect() }
}

/// Prints the files below the working folder that are YAML to a reader that shares nothing with ours.
const READER: &str = "
import pathlib, yaml
for path in pathlib.Path('.').rglob('*'):
    if path.suffix in ('.yaml', '.yml', '.json'):
        try:
            list(yaml.compose_all(path.read_text(encoding='utf-8-sig')))
            print(path)
        except (yaml.YAMLError, UnicodeDecodeError):
            pass
";

fn plain(folder: &Path) -> Option<BTreeSet<String>> {
    let output = std::process::Command::new("python3").current_dir(folder).args(["-c", READER]).output().ok()?;
    let printed = String::from_utf8(output.stdout).unwrap();
    output.status.success().then(|| printed.lines().map(str::to_owned).collect())
}

/// Worst first.
const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// Findings that were not there before, or are worse: none after safe fixes, none as bad as the worst that was mended after
/// the others.
fn brought_in(before: &Seen, after: &Seen, safe: bool) -> Vec<String> {
    let gone = before.findings.iter().filter(|(place, _)| !after.findings.contains_key(*place));
    let mended = gone.map(|(_, (rank, _))| *rank).min();
    let news = after.findings.iter().filter(|(place, (rank, _))| {
        let is_new = before.findings.get(*place).is_none_or(|(known, _)| rank < known);
        is_new && (safe || mended.is_none_or(|mended| *rank <= mended))
    });
    news.map(|(place, (rank, message))| format!("{} {} is new: {message}", SEVERITIES[*rank], place[0])).collect()
}

/// Faults of a text that was mended.
fn kept(before: &str, after: &str) -> Vec<String> {
    if before == after {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if documents(before).is_some_and(|count| documents(after) != Some(count)) {
        faults.push("it is YAML no more".to_owned());
    }
    let diff = TextDiff::from_lines(before, after);
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let mut left: Vec<&str> = after.lines().filter_map(comment).collect();
    for (number, text) in before.lines().enumerate().filter_map(|(number, line)| Some((number, comment(line)?))) {
        if let Some(at) = left.iter().position(|other| *other == text) {
            left.swap_remove(at);
            continue;
        }
        // what stood on the lines of a removed entry was about that entry
        let is_removed =
            diff.ops().iter().any(|change| change.tag() == DiffTag::Delete && change.old_range().contains(&number));
        if !is_removed {
            faults.push(format!("line {}: the comment is lost: {}", number + 1, old[number].trim_end()));
        }
    }
    faults
}

/// The comment of a line, also of one in a text inside a text. A sign inside quotes counts on both sides.
fn comment(line: &str) -> Option<&str> {
    let at = if line.trim_start().starts_with('#') { line.find('#') } else { line.find(" #").map(|at| at + 1) };
    at.map(|at| line[at..].trim_end())
}

/// How many documents our reader sees; none when it is no YAML.
fn documents(text: &str) -> Option<usize> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("a.yaml", text));
    let parsed = parse(&sources, id, &Limits::default());
    parsed.errors.is_empty().then_some(parsed.documents.len())
}
