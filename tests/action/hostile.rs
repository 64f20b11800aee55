//! Inputs, addresses and files that want to be commands.

use std::fs;

use super::program::name_in_action;
use super::runner::{Run, action};

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
