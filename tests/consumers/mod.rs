//! The formats as those read them who they are for: published schemas, strict readers, hostile and enormous reports.

mod published;

use std::fs;
use std::sync::Arc;

use qdrant_lint::finding::{ExemptedBy, Exemption, Finding, Location, Status};
use qdrant_lint::load::LoadOptions;
use qdrant_lint::policy::Severity;
use qdrant_lint::report::forge::Forge;
use qdrant_lint::report::policyreport::Api;
use qdrant_lint::report::{ErrorLine, Report, concise, github, gitlab, json, junit, markdown, policyreport, sarif};
use qdrant_lint::source::{Shared, Sources};
use serde_json::Value;

use crate::support::{Flags, judge_with, project, rules};

/// Text that means something to a terminal, a workflow, XML, HTML, Markdown and SARIF.
const HOSTILE: &str = "\u{1b}[2J\u{7}\u{0}\r\n::error::x%0A::stop-commands::t ]]> </failure> <img src=x> | `` [a](https://example.com) @team #1 \u{202e}";

/// A report with findings of all kinds and statuses, and its texts.
fn rich() -> (Report, Sources) {
    let mut sources = Sources::default();
    let options = LoadOptions {
        paths: vec![project("testdata/example"), project("testdata/formats")],
        ..LoadOptions::new(project("testdata"))
    };
    let flags = Flags { namespace: Some("search".to_owned()), ..Flags::default() };
    let mut report = judge_with(options, &flags, &mut sources).report;
    assert!(report.findings.len() > 10, "the example must find something");
    let exemption = Exemption {
        by: ExemptedBy::Waiver,
        reason: "moved to the new cluster".to_owned(),
        owner: Some("search".to_owned()),
        ticket: Some("OPS-7".to_owned()),
        until: Some("2027-03-31".to_owned()),
        location: Location::default(),
    };
    report.findings[0].status = Status::Waived;
    report.findings[0].exemption = Some(Box::new(exemption.clone()));
    report.findings[1].status = Status::Ignored;
    report.findings[1].exemption = Some(Box::new(Exemption { by: ExemptedBy::Comment, ..exemption }));
    report.findings[2].status = Status::Baseline;
    report.findings[3].location = Location::default();
    report.findings[4].location.file = Some("--set".to_owned());
    report.errors.push(ErrorLine {
        file: "broken.yaml".to_owned(),
        line: 3,
        column: 1,
        message: "broken".to_owned(),
        help: None,
    });
    report.errors.push(ErrorLine {
        message: "nothing to judge".to_owned(),
        help: Some("name a file".to_owned()),
        ..ErrorLine::default()
    });
    (report, sources)
}

/// Every text of a stranger is the worst it can be.
fn hostile() -> (Report, Sources) {
    let (mut report, sources) = rich();
    let worst = |text: &mut String| text.push_str(HOSTILE);
    let worst_shared = |text: &mut Shared| *text = format!("{text}{HOSTILE}").into();
    for finding in &mut report.findings {
        for text in [&mut finding.message, &mut finding.label, &mut finding.help, &mut finding.deployment] {
            worst_shared(text);
        }
        finding.location.file.as_mut().map(worst);
        if let Some(object) = finding.object.as_mut().map(Arc::make_mut) {
            worst(&mut object.name);
            object.namespace.as_mut().map(worst);
        }
        if let Some(exemption) = &mut finding.exemption {
            worst(&mut exemption.reason);
            exemption.owner.as_mut().map(worst);
        }
        for related in &mut finding.related {
            worst(&mut related.message);
        }
    }
    for deployment in &mut report.deployments {
        worst(&mut deployment.id);
        deployment.files.iter_mut().for_each(worst);
        deployment.namespace.as_mut().map(worst);
    }
    for verdict in &mut report.verdicts {
        worst_shared(&mut verdict.deployment);
        verdict.reason.as_mut().map(worst_shared);
    }
    for error in &mut report.errors {
        worst(&mut error.message);
        error.help.as_mut().map(worst);
    }
    (report, sources)
}

struct Written {
    sarif: String,
    junit: String,
    gitlab: String,
    github: String,
    markdown: String,
    policyreports: [String; 2],
    json: String,
    concise: String,
}

fn write((report, sources): &(Report, Sources), suppressed: bool) -> Written {
    let forge = Forge::default();
    let view = sarif::View { report, registry: &rules().0, sources };
    let threshold = Some(Severity::Medium);
    Written {
        sarif: sarif::render(&view, &forge, suppressed),
        junit: junit::render(report, threshold),
        gitlab: gitlab::render(report, &forge),
        github: github::render(report, &forge),
        markdown: markdown::render(report, threshold),
        policyreports: [Api::OpenReports, Api::WorkingGroup].map(|api| policyreport::render(report, api, threshold)),
        json: json::render(report),
        concise: concise::render(report),
    }
}

fn schema(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(project("testdata/schemas").join(file)).unwrap()).unwrap()
}

fn faults(text: &str, schema: &Value) -> Vec<String> {
    let value: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect()
}

fn are_valid(written: &Written) {
    let sarif = schema("sarif-2.1.0-subset.schema.json");
    assert_eq!(faults(&written.sarif, &sarif), [""; 0], "sarif");
    assert_eq!(faults(&written.gitlab, &schema("gitlab-code-quality.schema.json")), [""; 0], "gitlab");
    for text in &written.policyreports {
        assert_eq!(faults(text, &schema("policyreport.schema.json")), [""; 0], "policyreport");
    }
    is_junit(&written.junit);
}

/// Elements and attributes that the schema of the Jenkins consumers knows.
const JUNIT: [(&str, &[&str]); 9] = [
    ("testsuites", &["name", "time", "tests", "failures", "errors"]),
    ("testsuite", &["name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "file"]),
    ("properties", &[]),
    ("property", &["name", "value"]),
    ("testcase", &["name", "time", "classname", "group"]),
    ("failure", &["type", "message"]),
    ("error", &["type", "message"]),
    ("skipped", &["type", "message"]),
    ("system-out", &[]),
];

fn is_junit(text: &str) {
    let read = quick_junit::Report::deserialize_from_str(text).expect("well-formed");
    assert!(read.test_suites.iter().all(|suite| suite.tests == suite.test_cases.len()));
    assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'), "XML 1.0 has no such characters");
    for tag in text.match_indices('<').map(|(at, _)| &text[at + 1..]) {
        let inner = &tag[..tag.find('>').expect("every tag ends")];
        if inner.starts_with(['?', '/']) {
            continue;
        }
        let name: String = inner.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect();
        let (_, known) = JUNIT.iter().find(|(element, _)| *element == name).unwrap_or_else(|| panic!("<{name}>"));
        // a value holds no quote, so what stands between values is names
        for outside in inner[name.len()..].split('"').step_by(2) {
            let attribute = outside.trim().trim_end_matches(['=', '/']).trim();
            assert!(attribute.is_empty() || known.contains(&attribute), "<{name} {attribute}>");
        }
    }
}

#[test]
fn every_format_is_what_its_readers_expect() {
    let report = rich();
    are_valid(&write(&report, false));
    are_valid(&write(&report, true));
    are_valid(&write(&(Report::default(), Sources::default()), false));
}

#[test]
fn hostile_text_stays_text() {
    let written = write(&hostile(), true);
    are_valid(&written);
    assert!(
        written.github.lines().all(|line| line.starts_with("::error ")
            || line.starts_with("::warning ")
            || line.starts_with("::notice "))
    );
    assert!(!written.github.contains("::stop-commands::t\n"));
    // the links to the rules are ours
    let theirs: Vec<&str> = written.markdown.lines().filter(|line| !line.starts_with("[Why")).collect();
    let outside: String = theirs.join("\n").split('`').step_by(2).collect();
    for bad in ["<img", "@team", "](https", "\u{1b}", "\u{0}", "\u{202e}", " #1"] {
        assert!(!outside.contains(bad), "{bad:?} in {outside}");
    }
    for line in written.markdown.lines() {
        assert!(line.starts_with(['#', '*', '|', '<', '[', ' ', '…']) || line.is_empty(), "{line}");
    }
}

#[test]
fn a_hundred_thousand_findings_stay_within_every_bound() {
    let (mut report, sources) = hostile();
    let pattern: Vec<Finding> = report.findings.clone();
    report.findings = (0..100_000)
        .map(|index| {
            let mut finding = pattern[index % pattern.len()].clone();
            finding.location.line += index;
            finding.location.end_line += index;
            finding
        })
        .collect();
    qdrant_lint::finding::sort(&mut report.findings);
    let written = write(&(report, sources), false);
    are_valid(&written);
    let log: Value = serde_json::from_str(&written.sarif).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 25_000);
    assert!(written.markdown.len() < 60_000, "{}", written.markdown.len());
    assert!(written.github.lines().count() <= 30);
    assert!(written.policyreports.iter().all(|text| text.len() < 1_400_000 * 3), "etcd");
    assert!(!written.json.is_empty() && !written.concise.is_empty());
}

#[test]
fn accepted_findings_are_told_but_do_not_count() {
    let report = rich();
    let shown = write(&report, true);
    let log: Value = serde_json::from_str(&shown.sarif).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> = results.iter().filter_map(|result| result.get("suppressions")).collect();
    assert!(suppressed.iter().any(|one| one[0]["justification"].as_str().unwrap().contains("until 2027-03-31")));
    let hidden = write(&report, false);
    assert!(!hidden.sarif.contains("suppressions"));
    let waived = &report.0.findings[0].fingerprint;
    assert!(!hidden.gitlab.contains(waived.as_str()));
    assert!(hidden.markdown.contains("moved to the new cluster") && hidden.markdown.contains("OPS-7"));
    assert!(hidden.policyreports[0].contains("waived until 2027-03-31: moved to the new cluster"));
    assert!(hidden.github.contains("not counted: 1 ignored, 1 waived, 1 in the baseline"));
}

#[test]
fn a_fix_in_sarif_makes_the_file_that_fix_writes() {
    let (report, sources) = rich();
    let view = sarif::View { report: &report, registry: &rules().0, sources: &sources };
    let log: Value = serde_json::from_str(&sarif::render(&view, &Forge::default(), false)).unwrap();
    let with_fix = log["runs"][0]["results"].as_array().unwrap().iter().filter(|result| result.get("fixes").is_some());
    let mut made = 0;
    for result in with_fix {
        let change = &result["fixes"][0]["artifactChanges"][0];
        let file = change["artifactLocation"]["uri"].as_str().unwrap();
        let Ok(text) = fs::read_to_string(project("testdata").join(file)) else { continue };
        let region = &change["replacements"][0]["deletedRegion"];
        let offset = |line: &str, column: &str| -> usize {
            let (line, column) = (region[line].as_u64().unwrap() as usize, region[column].as_u64().unwrap() as usize);
            let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            before + text[before..].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
        };
        let (start, end) = (offset("startLine", "startColumn"), offset("endLine", "endColumn"));
        let inserted = change["replacements"][0]["insertedContent"]["text"].as_str().unwrap();
        let after = format!("{}{inserted}{}", &text[..start], &text[end..]);
        let mut sources = Sources::default();
        let id = sources.add(qdrant_lint::source::Source::new(file, after.as_str()));
        let parsed = qdrant_lint::source::parse(&sources, id, &qdrant_lint::source::Limits::default());
        assert!(parsed.errors.is_empty() && !parsed.documents.is_empty(), "{file}: {after}");
        assert_ne!(after, text);
        made += 1;
    }
    assert!(made > 0, "the example has findings with fixes");
}

#[test]
fn a_chain_leads_from_the_default_to_the_object() {
    let (report, sources) = rich();
    let view = sarif::View { report: &report, registry: &rules().0, sources: &sources };
    let log: Value = serde_json::from_str(&sarif::render(&view, &Forge::default(), false)).unwrap();
    let flows: Vec<&Value> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|result| result.get("codeFlows").map(|flows| &flows[0]["threadFlows"][0]["locations"]))
        .collect();
    let said = |steps: &&Value, step: usize, what: &str| {
        steps[step]["location"]["message"]["text"].as_str().is_some_and(|text| text.contains(what))
    };
    assert!(
        flows.iter().any(|steps| said(steps, 0, "is not set: the default of chart") && said(steps, 1, "StatefulSet/"))
    );
    assert!(flows.iter().any(|steps| said(steps, 0, "is set here") && said(steps, 1, " gets it: ")));
}
