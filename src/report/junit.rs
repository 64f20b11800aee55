//! `--format junit`: one suite a deployment, one test a rule, whatever was found: names stay the same from run to run,
//! so that the history of a rule can be followed. A rule fails when an open finding of it is at or above `--fail-on`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{DeploymentSummary, ErrorLine, Report, RuleVerdict, VerdictKind, count_of};
use crate::finding::{Finding, Status};
use crate::policy::Severity;

/// Findings of one rule that are told; the rest is counted.
const TOLD: usize = 100;

/// Findings by deployment and rule.
type Groups<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Finding>>;

/// The report as XML. Without a threshold every open finding fails its test: whoever reads this decides then.
pub fn render(report: &Report, threshold: Option<Severity>) -> String {
    let threshold = threshold.unwrap_or(Severity::Info);
    let mut groups = Groups::new();
    for finding in &report.findings {
        groups.entry((&finding.deployment, &finding.rule)).or_default().push(finding);
    }
    let mut document = quick_junit::Report::new("qdrant-lint");
    if !report.errors.is_empty() {
        document.add_test_suite(unjudged(&report.errors));
    }
    let mut verdicts: BTreeMap<&str, Vec<&RuleVerdict>> = BTreeMap::new();
    for verdict in &report.verdicts {
        verdicts.entry(&verdict.deployment).or_default().push(verdict);
    }
    for deployment in &report.deployments {
        let mut suite = suite(report, deployment);
        for verdict in verdicts.get(deployment.id.as_str()).into_iter().flatten() {
            let findings = groups.remove(&(deployment.id.as_str(), verdict.rule.as_str())).unwrap_or_default();
            suite.add_test_case(case(&verdict.rule, outcome(verdict, &findings, threshold)));
        }
        document.add_test_suite(suite);
    }
    // what no rule of a deployment found: waivers, the configuration
    if !groups.is_empty() {
        let mut suite = TestSuite::new("configuration");
        for ((_, rule), findings) in &groups {
            suite.add_test_case(case(rule, of_findings(findings, threshold)));
        }
        document.add_test_suite(suite);
    }
    let skipped = format!(" skipped=\"{}\"", document.skipped);
    let text = document.to_string().expect("quick-junit writes to memory");
    // the schema of Jenkins knows this attribute on suites only
    text.replacen(&skipped, "", 1)
}

fn suite(report: &Report, deployment: &DeploymentSummary) -> TestSuite {
    let mut suite = TestSuite::new(deployment.id.as_str());
    suite.add_property(("profile", report.profile.as_str()));
    suite.add_property(("files", deployment.files.join(", ").as_str()));
    if let Some((version, _)) = &deployment.chart {
        suite.add_property(("chart", version.as_str()));
    }
    if let Some(version) = &deployment.qdrant {
        suite.add_property(("qdrant", version.as_str()));
    }
    suite
}

/// Concern as the class, rule as the name.
fn case(rule: &str, status: TestCaseStatus) -> TestCase {
    let (concern, name) = rule.rsplit_once('/').unwrap_or(("qdrant-lint", rule));
    let mut case = TestCase::new(name, status);
    case.set_classname(concern);
    case
}

fn outcome(verdict: &RuleVerdict, findings: &[&Finding], threshold: Severity) -> TestCaseStatus {
    let reason = verdict.reason.as_deref().unwrap_or_default();
    match verdict.verdict {
        VerdictKind::Pass => TestCaseStatus::success(),
        VerdictKind::Fail => of_findings(findings, threshold),
        VerdictKind::Skipped(_) => skipped(reason),
        VerdictKind::Errored => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(reason).set_type("errored");
            status
        }
    }
}

fn of_findings(findings: &[&Finding], threshold: Severity) -> TestCaseStatus {
    let open: Vec<&&Finding> = findings.iter().filter(|finding| finding.status == Status::Open).collect();
    let failing = open.iter().filter(|finding| finding.severity >= threshold).count();
    let Some(worst) = open.first() else {
        let reasons: BTreeSet<String> = findings
            .iter()
            .map(|finding| match &finding.exemption {
                Some(exemption) => exemption.in_words(finding.status),
                None => finding.status.in_words().to_owned(),
            })
            .collect();
        return skipped(&reasons.into_iter().collect::<Vec<_>>().join("; "));
    };
    if failing == 0 {
        return skipped(&format!("{} below --fail-on: {}", count_of(open.len(), "finding"), worst.message));
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let more = if open.len() > 1 { format!(" (and {} more)", open.len() - 1) } else { String::new() };
    status.set_message(format!("{}{more}", worst.message)).set_type(worst.severity.as_str());
    status.set_description(told(&open));
    status
}

/// Every finding with its place and the next step.
fn told(findings: &[&&Finding]) -> String {
    let mut text = String::new();
    for finding in findings.iter().take(TOLD) {
        let place =
            finding.location.file.as_ref().map_or_else(String::new, |file| {
                format!("{file}:{}:{}: ", finding.location.line, finding.location.column)
            });
        let _ = writeln!(text, "{place}{} {}\n  fix: {}", finding.severity, finding.message, finding.help);
    }
    if let Some(more) = findings.len().checked_sub(TOLD).filter(|more| *more > 0) {
        let _ = writeln!(text, "and {more} more");
    }
    if let Some(first) = findings.first() {
        let _ = writeln!(text, "{}", first.docs);
    }
    text
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(reason);
    status
}

/// Inputs that could not be judged are errors, not failures.
fn unjudged(errors: &[ErrorLine]) -> TestSuite {
    let mut suite = TestSuite::new("inputs");
    for error in errors {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(error.message.as_str()).set_type("could-not-judge");
        if let Some(help) = &error.help {
            status.set_description(help.as_str());
        }
        let name = match (error.file.is_empty(), error.line) {
            (true, _) => "the run".to_owned(),
            (false, 0) => error.file.clone(),
            (false, line) => format!("{}:{line}", error.file),
        };
        let mut case = TestCase::new(name, status);
        case.set_classname("inputs");
        suite.add_test_case(case);
    }
    suite
}
