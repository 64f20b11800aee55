//! A runner: the steps of `action.yml` in a folder of their own, and what a workflow sees of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use qdrant_lint::source::{self, Limits, Source, Sources};
use serde_json::Value;

use crate::support::project;

/// The action as its file says.
pub(super) fn action() -> Value {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("action.yml", fs::read_to_string(project("action.yml")).unwrap()));
    let parsed = source::parse(&sources, id, &Limits::default());
    assert!(parsed.errors.is_empty());
    parsed.documents[0].root.to_json()
}

pub(super) fn steps(action: &Value) -> &Vec<Value> {
    action["runs"]["steps"].as_array().unwrap()
}

/// One run of the action in a folder of its own.
pub(super) struct Run {
    pub(super) folder: tempfile::TempDir,
    inputs: BTreeMap<String, String>,
    /// Folder that the action comes with.
    pub(super) path: PathBuf,
    /// Where programs are looked for.
    pub(super) programs: String,
}

/// What a workflow sees of it.
pub(super) struct Seen {
    pub(super) code: i32,
    pub(super) log: String,
    pub(super) summary: String,
    pub(super) outputs: BTreeMap<String, String>,
}

impl Run {
    /// With the binary under test and the files named, copied from `testdata`.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let run = Self {
            folder: tempfile::tempdir().unwrap(),
            inputs: BTreeMap::new(),
            path: project(""),
            programs: std::env::var("PATH").unwrap(),
        };
        for folder in ["work", "temp"] {
            fs::create_dir(run.folder.path().join(folder)).unwrap();
        }
        for (from, to) in files {
            let to = run.work().join(to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(project("testdata").join(from), to).unwrap();
        }
        run.with("binary", env!("CARGO_BIN_EXE_qdrant-lint"))
    }

    pub(super) fn example() -> Self {
        let file = |name: &'static str| (format!("example/{name}"), name);
        let files = ["articles.collection.json", "networkpolicy.yaml", "values.prod.yaml"].map(file);
        let files: Vec<(&str, &str)> = files.iter().map(|(from, to)| (from.as_str(), *to)).collect();
        Self::new(&files).with("chart-version", "1.15.4").with("namespace", "search")
    }

    pub(super) fn with(mut self, input: &str, value: &str) -> Self {
        self.inputs.insert(input.to_owned(), value.to_owned());
        self
    }

    pub(super) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Runs the steps; like a runner, none after one that failed.
    pub(super) fn go(&self) -> Seen {
        let action = action();
        for input in self.inputs.keys() {
            assert!(!action["inputs"][input].is_null(), "the action has no input {input}");
        }
        let mut outputs: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut seen = Seen { code: 0, log: String::new(), summary: String::new(), outputs: BTreeMap::new() };
        for step in steps(&action).iter().filter(|step| step["run"].is_string()) {
            let value = |text: &str| self.value(text, &action, &outputs);
            let environment = step["env"].as_object().unwrap();
            let environment: Vec<(&String, String)> =
                environment.iter().map(|(name, text)| (name, value(text.as_str().unwrap()))).collect();
            let output = self.folder.path().join("output");
            fs::write(&output, "").unwrap();
            let script = self.folder.path().join("step.sh");
            fs::write(&script, step["run"].as_str().unwrap()).unwrap();
            let ran = Command::new("/bin/bash")
                .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
                .arg(&script)
                .current_dir(self.work())
                .env_clear()
                .env("PATH", &self.programs)
                .env("RUNNER_OS", "Linux")
                .env("RUNNER_ARCH", "X64")
                .env("RUNNER_TEMP", self.folder.path().join("temp"))
                .env("RUNNER_TOOL_CACHE", self.folder.path().join("tools"))
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary"))
                .envs(environment)
                .output()
                .unwrap();
            seen.log.push_str(&String::from_utf8_lossy(&ran.stdout));
            seen.log.push_str(&String::from_utf8_lossy(&ran.stderr));
            if let Some(id) = step["id"].as_str() {
                let lines = fs::read_to_string(&output).unwrap();
                let pairs = lines.lines().map(|line| line.split_once('=').expect("NAME=VALUE"));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                outputs.insert(id.to_owned(), pairs.collect());
            }
            if !ran.status.success() {
                seen.code = ran.status.code().unwrap();
                break;
            }
        }
        for (name, output) in action["outputs"].as_object().unwrap() {
            seen.outputs.insert(name.clone(), self.value(output["value"].as_str().unwrap(), &action, &outputs));
        }
        seen.summary = self.file("summary");
        seen
    }

    /// A text that is one expression: an input, an output of a step, the path of the action.
    fn value(&self, text: &str, action: &Value, outputs: &BTreeMap<String, BTreeMap<String, String>>) -> String {
        let expression = text.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")).expect("one expression");
        let (expression, otherwise) = expression.split_once(" || ").unwrap_or((expression, "''"));
        let found = match expression.split('.').collect::<Vec<_>>()[..] {
            ["inputs", name] => {
                let default = || action["inputs"][name]["default"].as_str().expect("a default").to_owned();
                self.inputs.get(name).cloned().unwrap_or_else(default)
            }
            ["steps", id, "outputs", name] => {
                assert!(steps(action).iter().any(|step| step["id"] == id), "no step is called {id}");
                outputs.get(id).and_then(|of| of.get(name)).cloned().unwrap_or_default()
            }
            ["github", "action_path"] => self.path.display().to_string(),
            _ => panic!("{expression} is not known"),
        };
        if found.is_empty() { otherwise.trim_matches('\'').to_owned() } else { found }
    }
}
