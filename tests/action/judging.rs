//! What the action says of what it judged: annotations, summary, outputs, and the exit code last.

use std::fs;

use serde_json::Value;

use super::runner::Run;

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
