//! The GitHub Action, run step by step as a runner does: inputs reach the shell only through the environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qdrant_lint::source::{self, Limits, Source, Sources};
use serde_json::Value;

use crate::support::project;

/// The action as its file says.
fn action() -> Value {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("action.yml", fs::read_to_string(project("action.yml")).unwrap()));
    let parsed = source::parse(&sources, id, &Limits::default());
    assert!(parsed.errors.is_empty());
    parsed.documents[0].root.to_json()
}

fn steps(action: &Value) -> &Vec<Value> {
    action["runs"]["steps"].as_array().unwrap()
}

/// One run of the action in a folder of its own.
struct Run {
    folder: tempfile::TempDir,
    inputs: BTreeMap<String, String>,
    /// Folder that the action comes with.
    path: PathBuf,
    /// Where programs are looked for.
    programs: String,
}

/// What a workflow sees of it.
struct Seen {
    code: i32,
    log: String,
    summary: String,
    outputs: BTreeMap<String, String>,
}

impl Run {
    /// With the binary under test and the files named, copied from `testdata`.
    fn new(files: &[(&str, &str)]) -> Self {
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

    fn example() -> Self {
        let file = |name: &'static str| (format!("example/{name}"), name);
        let files = ["articles.collection.json", "networkpolicy.yaml", "values.prod.yaml"].map(file);
        let files: Vec<(&str, &str)> = files.iter().map(|(from, to)| (from.as_str(), *to)).collect();
        Self::new(&files).with("chart-version", "1.15.4").with("namespace", "search")
    }

    fn with(mut self, input: &str, value: &str) -> Self {
        self.inputs.insert(input.to_owned(), value.to_owned());
        self
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Runs the steps; like a runner, none after one that failed.
    fn go(&self) -> Seen {
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

#[test]
fn no_expression_stands_in_a_script_and_no_action_of_others_is_named_by_a_tag() {
    let action = action();
    for step in steps(&action) {
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{}", step["name"]);
        assert_eq!(step["run"].is_string(), step["shell"] == "bash", "{}", step["name"]);
        if let Some(uses) = step["uses"].as_str() {
            let (_, commit) = uses.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit()), "{uses}");
        }
    }
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["default"].is_string() && input["description"].is_string(), "{name}");
        let used = steps(&action).iter().any(|step| step.to_string().contains(&format!("inputs.{name} ")));
        assert!(used, "nothing reads the input {name}");
    }
}

#[test]
fn findings_are_annotated_summed_up_and_counted_before_the_step_fails() {
    let run = Run::example();
    let seen = run.go();
    assert_eq!(seen.code, 1, "{}", seen.log);
    assert_eq!(seen.outputs["exit-code"], "1");
    assert_eq!(seen.outputs["version"], env!("CARGO_PKG_VERSION"));
    assert!(seen.log.contains("::error title=") && seen.log.contains("file=values.prod.yaml,line="), "{}", seen.log);
    assert!(seen.summary.starts_with("### qdrant-lint: ") && seen.summary.contains("values.prod.yaml"));
    assert_eq!(fs::read_to_string(&seen.outputs["summary-file"]).unwrap(), seen.summary);
    let report: Value = serde_json::from_str(&fs::read_to_string(&seen.outputs["json-file"]).unwrap()).unwrap();
    let mut all = 0;
    for severity in ["critical", "high", "medium", "low", "info"] {
        assert_eq!(report["summary"][severity].to_string(), seen.outputs[severity], "{severity}");
        all += report["summary"][severity].as_u64().unwrap();
    }
    assert_eq!(seen.outputs["findings"], all.to_string());
    assert!(all > 0);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(&seen.outputs["sarif-file"]).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn a_threshold_that_nothing_reaches_passes() {
    let seen = Run::example().with("fail-on", "never").go();
    assert_eq!((seen.code, seen.outputs["exit-code"].as_str()), (0, "0"), "{}", seen.log);
    assert_ne!(seen.outputs["findings"], "0");
}

#[test]
fn annotations_and_summary_can_be_left_to_others() {
    let seen = Run::example().with("annotations", "false").with("summary", "false").go();
    assert!(!seen.log.contains("::error") && seen.summary.is_empty());
    assert!(seen.log.contains("values.prod.yaml"), "the log still says what is wrong");
}

#[test]
fn lists_are_lines_and_names_may_hold_blanks() {
    let run = Run::new(&[
        ("example/values.prod.yaml", "my values/base values.yaml"),
        ("example/networkpolicy.yaml", "policies of the network.yaml"),
    ]);
    fs::write(run.work().join("my values/over.yaml"), "replicaCount: 5\n").unwrap();
    let run = run
        .with("values", "  my values/base values.yaml\r\n\nmy values/over.yaml")
        .with("paths", "policies of the network.yaml\n")
        .with("chart-version", "1.15.4")
        .with("args", "--release=my release\n-n\nsearch");
    let seen = run.go();
    assert_eq!(seen.code, 1, "{}", seen.log);
    let report: Value = serde_json::from_str(&fs::read_to_string(&seen.outputs["json-file"]).unwrap()).unwrap();
    assert_eq!(report["deployments"][0]["name"], "my release");
    let files = report["deployments"][0]["files"].to_string();
    for file in ["my values/base values.yaml", "my values/over.yaml", "policies of the network.yaml"] {
        assert!(files.contains(file), "{files}");
    }
}

/// Commands to a shell in every quoting, a command to the runner, a flag, and an output of another step.
const EVIL: &str = "-$(touch pwned) `touch pwned`; touch pwned #\"; touch pwned; \"' touch pwned '\n::error::pwned\nfindings=pwned\nEOF";

/// Lines that the runner reads as commands: those that no `stop-commands` covers.
fn commands(log: &str) -> Vec<&str> {
    let mut stopped: Option<String> = None;
    let mut read = Vec::new();
    for line in log.lines() {
        if let Some(token) = &stopped {
            if line == format!("::{token}::") {
                stopped = None;
            }
        } else if let Some(token) = line.strip_prefix("::stop-commands::") {
            stopped = Some(token.to_owned());
        } else if line.starts_with("::") {
            read.push(line);
        }
    }
    assert!(stopped.is_none(), "commands stay stopped: {log}");
    read
}

#[test]
fn inputs_are_text_and_never_commands() {
    let action = action();
    for input in action["inputs"].as_object().unwrap().keys() {
        let run = Run::example().with(input, EVIL);
        let seen = run.go();
        assert!(!run.work().join("pwned").exists(), "{input}: {}", seen.log);
        assert!(!commands(&seen.log).contains(&"::error::pwned"), "{input}: {}", seen.log);
        assert!(seen.outputs.values().all(|value| value != "pwned"), "{input}: an input wrote an output");
        // what is no value of the input stops the step; any text is a name, and a version that is not known is told
        let harmless = [
            "annotations",
            "summary",
            "sarif-category",
            "upload-sarif",
            "mirror",
            "release",
            "namespace",
            "chart-version",
        ];
        let expected = if harmless.contains(&input.as_str()) { 1 } else { 2 };
        assert_eq!(seen.code, expected, "{input}: {}", seen.log);
    }
}

#[test]
fn an_address_is_text_too() {
    let mut run = Run::example().with("binary", "").with("mirror", EVIL);
    name_in_action(&mut run, &format!("{}  qdrant-lint-x86_64-unknown-linux-musl-v1.0.0.tgz", "0".repeat(64)));
    let seen = run.go();
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(!run.work().join("pwned").exists());
    let read = commands(&seen.log);
    assert!(read.len() == 1 && read[0].contains("cannot be downloaded"), "{}", seen.log);
}

#[test]
fn what_stands_in_files_does_not_command_the_runner() {
    let run = Run::new(&[]);
    fs::write(run.work().join("values.yaml"), "replicaCount: 3\nsnapshotPersistence: \"\\n::error::pwned\\n\"\n")
        .unwrap();
    let seen = run.with("chart-version", "1.15.4").go();
    let token = seen.log.lines().find_map(|line| line.strip_prefix("::stop-commands::")).expect("commands are stopped");
    assert!(token.len() == 32, "{token}");
    assert!(!commands(&seen.log).contains(&"::error::pwned"), "{}", seen.log);
}

#[test]
fn nothing_judged_is_told_where_people_look() {
    for (input, value) in [("config", "none.yaml"), ("profile", "staging"), ("working-directory", "nowhere")] {
        let seen = Run::example().with(input, value).go();
        assert_eq!((seen.code, seen.outputs["exit-code"].as_str()), (2, "2"), "{input}: {}", seen.log);
        assert!(seen.log.lines().any(|line| line.starts_with("::error title=qdrant-lint::")), "{input}: {}", seen.log);
        assert!(seen.summary.contains("nothing could be judged") && seen.summary.contains(value), "{}", seen.summary);
    }
}

#[test]
fn a_broken_file_does_not_hide_what_is_found_in_the_others() {
    let run = Run::example();
    fs::write(run.work().join("broken.yaml"), "image: {repository: qdrant/qdrant\n").unwrap();
    let seen = run.with("paths", "values.prod.yaml\nbroken.yaml").go();
    assert_eq!((seen.code, seen.outputs["exit-code"].as_str()), (2, "2"), "{}", seen.log);
    assert!(seen.log.contains("file=broken.yaml,line=") && seen.log.contains("file=values.prod.yaml"), "{}", seen.log);
    assert_ne!(seen.outputs["findings"], "0");
}

/// A release with the binary under test, and the action that names it.
fn released(run: &Run) -> (String, PathBuf) {
    let name = format!("qdrant-lint-x86_64-unknown-linux-musl-v{}", env!("CARGO_PKG_VERSION"));
    let mirror = run.folder.path().join("mirror");
    fs::create_dir_all(mirror.join(&name)).unwrap();
    // a script that starts the binary stands for it: what is tested is the way of the archive
    let start = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_qdrant-lint"));
    let program = mirror.join(&name).join("qdrant-lint");
    fs::write(&program, start).unwrap();
    make_executable(&program);
    let archive = format!("{name}.tgz");
    let packed = Command::new("tar").args(["-czf", &archive, &name]).current_dir(&mirror).status().unwrap();
    assert!(packed.success());
    (archive, mirror)
}

fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn name_in_action(run: &mut Run, line: &str) {
    run.path = run.folder.path().join("action-path");
    fs::create_dir_all(run.path.join("action")).unwrap();
    fs::write(run.path.join("action/checksums.txt"), format!("# one release\n{line}\n")).unwrap();
}

fn checksum(file: &Path) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    sha2::Sha256::digest(fs::read(file).unwrap()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn the_release_that_the_action_names_is_fetched_and_kept() {
    let mut run = Run::example().with("binary", "");
    let (archive, mirror) = released(&run);
    name_in_action(&mut run, &format!("{}  {archive}", checksum(&mirror.join(&archive))));
    let run = run.with("mirror", &format!("file://{}/", mirror.display()));
    let seen = run.go();
    assert_eq!(seen.code, 1, "{}", seen.log);
    // the second run finds the archive and needs no mirror
    fs::remove_file(mirror.join(&archive)).unwrap();
    assert_eq!(run.go().code, 1);
    // one that was exchanged meanwhile is not run
    let kept = run.folder.path().join("tools/qdrant-lint").join(env!("CARGO_PKG_VERSION"));
    fs::write(kept.join("x86_64-unknown-linux-musl").join(&archive), "other bytes").unwrap();
    let seen = run.go();
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(seen.log.contains("cannot be downloaded"), "{}", seen.log);
}

#[test]
fn bytes_that_the_action_does_not_name_are_not_run() {
    let mut run = Run::example().with("binary", "");
    let (archive, mirror) = released(&run);
    name_in_action(&mut run, &format!("{}  {archive}", "0".repeat(64)));
    let seen = run.with("mirror", &format!("file://{}", mirror.display())).go();
    assert_eq!((seen.code, seen.outputs["exit-code"].as_str()), (2, "2"), "{}", seen.log);
    assert!(seen.log.contains("is not the release: its SHA-256 is"), "{}", seen.log);
}

#[test]
fn without_release_and_compiler_the_step_says_what_to_give() {
    let mut run = Run::example().with("binary", "");
    name_in_action(&mut run, "");
    "/usr/bin:/bin".clone_into(&mut run.programs);
    let seen = run.go();
    if seen.log.contains("could not be built") {
        eprintln!("skipped: this system has a cargo of its own");
        return;
    }
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(seen.log.contains("give the input binary"), "{}", seen.log);
}

#[test]
fn the_checksums_name_each_archive_once() {
    let text = fs::read_to_string(project("action/checksums.txt")).unwrap();
    let mut archives: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (sum, archive) = line.split_once("  ").expect("as sha256sum prints");
        let named = archive.strip_prefix("qdrant-lint-").and_then(|name| name.strip_suffix(".tgz"));
        assert!(sum.len() == 64 && named.is_some(), "{line}");
        assert!(!archives.contains(&archive), "{archive} twice");
        archives.push(archive);
    }
}
