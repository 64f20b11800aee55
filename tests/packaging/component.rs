//! The component for GitLab CI, run as GitLab does.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::{documents, example, path_with_binary, read, text_of};

/// One pipeline that includes the component: the script is run as GitLab's runner does, by `sh -e`.
struct Pipeline {
    folder: tempfile::TempDir,
    inputs: BTreeMap<&'static str, String>,
}

impl Pipeline {
    fn new(inputs: &[(&'static str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        example(&folder.path().join("project"));
        Self { folder, inputs: inputs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("project").join(name)
    }

    /// Fills in the inputs as GitLab does: into the texts of the parsed file.
    fn filled(&self, value: &Value, declared: &Value) -> Value {
        match value {
            Value::String(text) => {
                let mut text = text.clone();
                for (name, input) in declared.as_object().unwrap() {
                    let given = self.inputs.get(name.as_str()).cloned();
                    let default =
                        || input["default"].as_str().map_or_else(|| input["default"].to_string(), str::to_owned);
                    text = text.replace(&format!("$[[ inputs.{name} ]]"), &given.unwrap_or_else(default));
                }
                assert!(!text.contains("$[["), "{text} names an input that is not declared");
                Value::String(text)
            }
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (key.clone(), self.filled(value, declared))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item, declared)).collect(),
            other => other.clone(),
        }
    }

    fn run(&self) -> (Option<i32>, String) {
        let component = documents(&read("templates/qdrant-lint.yml"));
        let [header, jobs] = &component[..] else { panic!("a header and the jobs") };
        let declared = &header["spec"]["inputs"];
        let job = self.filled(jobs.as_object().unwrap().values().next().unwrap(), declared);
        let script: Vec<&str> = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let variables = job["variables"].as_object().unwrap();
        let ran = Command::new("sh")
            .args(["-e", "-c", &script.join("\n")])
            .current_dir(self.folder.path().join("project"))
            .env_clear()
            .env("PATH", path_with_binary(self.folder.path()))
            .envs(variables.iter().map(|(name, value)| (name, value.as_str().unwrap())))
            .output()
            .unwrap();
        (ran.status.code(), text_of(&ran))
    }
}

#[test]
fn the_gitlab_component_reports_what_merge_requests_show() {
    let pipeline = Pipeline::new(&[("chart-version", "1.15.4"), ("namespace", "search")]);
    let (code, text) = pipeline.run();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("values.prod.yaml:"), "{text}");
    let quality: Value =
        serde_json::from_str(&fs::read_to_string(pipeline.file("gl-code-quality-report.json")).unwrap()).unwrap();
    assert!(quality.as_array().is_some_and(|issues| !issues.is_empty()));
    let junit = fs::read_to_string(pipeline.file("qdrant-lint.junit.xml")).unwrap();
    assert!(quick_junit::Report::deserialize_from_str(&junit).is_ok());
    let (code, text) = Pipeline::new(&[("fail-on", "never"), ("paths", "values.prod.yaml networkpolicy.yaml")]).run();
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn inputs_of_the_gitlab_component_are_text() {
    let evil = "$(touch pwned) `touch pwned`; touch pwned\n'\"; touch pwned #";
    let component = documents(&read("templates/qdrant-lint.yml"));
    for name in component[0]["spec"]["inputs"].as_object().unwrap().keys() {
        let pipeline = Pipeline::new(&[]);
        let name: &'static str = String::leak(name.clone());
        let pipeline = Pipeline { inputs: BTreeMap::from([(name, evil.to_owned())]), ..pipeline };
        let (code, text) = pipeline.run();
        assert!(!pipeline.file("pwned").exists(), "{name}: {text}");
        assert!(code.is_some_and(|code| code != 0), "{name}: {text}");
    }
}
