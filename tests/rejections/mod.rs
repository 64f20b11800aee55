//! The API server refuses exactly what `configuration/object-rejected` says, at the same field.

mod mutations;
mod types;
pub(crate) mod verdict;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use self::mutations::{Types, mutants};
use self::verdict::{NAMESPACE, Resources, Verdict, agree, of_server, of_tool};
use crate::support::apiserver::ApiServer;
use crate::support::{Flags, judge, project};

/// An object of `testdata/apiserver/<Kind>/`: `bad-*` is refused, `good-*` is not. The fields at which the server refuses it
/// stand in its first line.
struct Fixture {
    file: PathBuf,
    object: Value,
    recorded: BTreeSet<String>,
}

impl Fixture {
    fn read(file: PathBuf) -> Self {
        let mut sources = qdrant_lint::source::Sources::default();
        let text = std::fs::read_to_string(&file).unwrap();
        let recorded = text.lines().next().and_then(|line| line.strip_prefix(MARK)).unwrap_or_default();
        let recorded = recorded.split("; ").filter(|field| !field.is_empty()).map(str::to_owned).collect();
        let id = sources.add(qdrant_lint::source::Source::new(file.to_string_lossy(), text));
        let parsed = qdrant_lint::source::parse(&sources, id, &qdrant_lint::source::Limits::default());
        assert!(parsed.errors.is_empty(), "{}: {:?}", file.display(), parsed.errors);
        let object = parsed.documents[0].root.to_json();
        Self { file, object, recorded }
    }

    fn is_good(&self) -> bool {
        self.file.file_name().unwrap().to_string_lossy().starts_with("good-")
    }

    fn shown(&self) -> String {
        self.file.strip_prefix(project("testdata/apiserver")).unwrap().display().to_string()
    }
}

const MARK: &str = "# refused: ";

fn fixtures() -> Vec<Fixture> {
    let files = walkdir::WalkDir::new(project("testdata/apiserver")).min_depth(2).sort_by_file_name();
    let files = files.into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).map(Fixture::read).collect()
}

/// The server, with a namespace for the objects.
fn server() -> Option<std::sync::Arc<ApiServer>> {
    // the tests of this module run side by side
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let server = ApiServer::shared()?;
    let _held = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if server.try_get(&format!("/api/v1/namespaces/{NAMESPACE}")).is_none() {
        server.namespace(NAMESPACE);
    }
    Some(server)
}

#[test]
fn the_fixtures_are_judged_as_the_server_judges_them() {
    let Some(server) = server() else { return };
    let resources = Resources::default();
    let mut faults = Vec::new();
    let all = fixtures();
    assert!(all.len() >= 150, "{} fixtures", all.len());
    for fixture in &all {
        let shown = fixture.shown();
        let (server_says, words) = of_server(&server, &resources, &fixture.object);
        let (tool_says, own_words) = of_tool(&fixture.object);
        if !agree(&server_says, &tool_says) {
            faults.push(format!("{shown}: server {server_says:?} {words}\n  tool {tool_says:?} {own_words:?}"));
        }
        if (server_says == Verdict::Accepted) != fixture.is_good() {
            faults.push(format!("{shown}: the name says otherwise: {words}"));
        }
        let fields = match tool_says {
            Verdict::Refused(fields) => fields,
            _ => BTreeSet::new(),
        };
        if std::env::var_os("UPDATE").is_some() {
            record(&fixture.file, &fields);
        } else if fields != fixture.recorded {
            faults.push(format!("{shown}: refused at {fields:?}, the first line says {:?}", fixture.recorded));
        }
    }
    assert!(faults.is_empty(), "{} of {} fixtures:\n{}", faults.len(), all.len(), faults.join("\n"));
}

fn record(file: &Path, fields: &BTreeSet<String>) {
    let text = std::fs::read_to_string(file).unwrap();
    let body = if text.starts_with(MARK) { text.split_once('\n').unwrap().1 } else { &text };
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let head = if fields.is_empty() { String::new() } else { format!("{MARK}{}\n", fields.join("; ")) };
    std::fs::write(file, head + body).unwrap();
}

/// Also without a server: what was recorded is what `check` finds, each fault once and at a line of the object.
#[test]
fn each_fault_of_a_fixture_is_one_finding() {
    let beside = project("testdata/apiserver/beside.yaml");
    let faults: Vec<String> = fixtures()
        .par_iter()
        .filter_map(|fixture| {
            // what lies together belongs together
            let folder = tempfile::tempdir().unwrap();
            let files = [("object.yaml", &fixture.file), ("beside.yaml", &beside)].map(|(name, from)| {
                let file = folder.path().join(name);
                std::fs::copy(from, &file).unwrap();
                file
            });
            let judged = judge(&files, &Flags::default());
            let found = |rule: &str| -> Vec<(String, String)> {
                let of_rule = judged.report.findings.iter().filter(|finding| finding.rule == rule);
                of_rule.map(|one| (one.location.file.clone().unwrap_or_default(), one.message.to_string())).collect()
            };
            let rejections = || judged.built.iter().filter_map(|built| built.facts["rejections"].as_array()).flatten();
            // more specific rules speak of some
            let covering: BTreeSet<(&str, &str)> =
                rejections().filter_map(|one| Some((one["field"].as_str()?, one["covered_by"].as_str()?))).collect();
            let own = found("configuration/object-rejected");
            let told = |field: &String| {
                covering.iter().any(|(covered, rule)| covered == field && !found(rule).is_empty())
                    || own.iter().filter(|(_, said)| said.contains(&format!("`{field}`"))).count() == 1
            };
            let elsewhere = own.iter().any(|(file, _)| !file.ends_with("object.yaml"));
            let is_right =
                fixture.recorded.iter().all(told) && own.len() + covering.len() == fixture.recorded.len() && !elsewhere;
            (!is_right).then(|| format!("{}: {:?}, found {own:#?} {covering:?}", fixture.shown(), fixture.recorded))
        })
        .collect();
    assert!(faults.is_empty(), "{}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_sound_object_with_any_one_fault_is_judged_as_the_server_judges_it() {
    let Some(server) = server() else { return };
    let types: Types =
        serde_json::from_str(&std::fs::read_to_string(project("data/kubernetes-types.json")).unwrap()).unwrap();
    let resources = Resources::default();
    let only = std::env::var("QDRANT_LINT_CASES").unwrap_or_default();
    let (mut differences, mut count, mut different) = (String::new(), 0, 0);
    for fixture in fixtures().iter().filter(|fixture| fixture.is_good() && fixture.shown().contains(&only)) {
        for mutant in mutants(&fixture.object, &types) {
            count += 1;
            let (server_says, words) = of_server(&server, &resources, &mutant.object);
            let (tool_says, own_words) = of_tool(&mutant.object);
            if !agree(&server_says, &tool_says) {
                different += 1;
                let _ = writeln!(
                    differences,
                    "{} {}\n  server {server_says:?}\n         {words}\n  tool   {tool_says:?}\n         {own_words:?}",
                    fixture.shown(),
                    mutant.change
                );
            }
        }
    }
    assert!(different == 0, "{different} of {count} objects are judged differently:\n{differences}");
}
