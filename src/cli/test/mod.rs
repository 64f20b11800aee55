//! `qdrant-lint test`: `test_` rules, `# expect:` cases and coverage of a folder of policies.

mod case;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::args::{Global, Input, Test};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::config::Config;
use crate::lint;
use crate::policy::engine::{Engine, Evaluator};
use crate::policy::interpreter::Coverage;
use crate::policy::{Registry, eval};
use crate::report::VerdictKind;
use crate::source::Limits;
use case::{Case, Kind};

/// What one test or case came to; no fault = passed.
struct Outcome {
    name: String,
    faults: Vec<String>,
}

/// Runs the tests and reports. Exit codes: 0 all passed, 1 a test failed or too little is covered, 2 nothing to test or
/// an invalid policy.
pub(super) fn run(arguments: &Test, global: &Global) -> Result<u8, Failure> {
    let mut registry = Registry::built_in()?;
    registry.add_folder(&arguments.folder)?;
    registry.add_tests(&arguments.folder)?;
    let (engine, registry) = (Arc::new(Engine::new(&registry)?), Arc::new(registry));
    let cases = case::cases(&arguments.folder)?;
    let tests = registry.test_rules();
    if cases.is_empty() && tests.is_empty() {
        return Err(Failure::new(format!("nothing to test in `{}`", arguments.folder.display())).help(
            "write `test_…` rules in `<rule>_test.rego`, or cases in `testdata/<concern>/<rule>/bad-….yaml`; docs/writing-rules.md shows both",
        ));
    }
    let mut evaluator = engine.watching();
    let mut outcomes = Vec::new();
    for test in &tests {
        let fault = match evaluator.test(&test.path) {
            Ok(true) => None,
            Ok(false) => Some(format!("{}:{}: is not true", test.file, test.line)),
            Err(message) => Some(message),
        };
        outcomes.push(Outcome { name: format!("{} {}", test.file, test.name), faults: fault.into_iter().collect() });
    }
    for case in &cases {
        outcomes.push(judge(case, &registry, &engine, &mut evaluator)?);
    }
    let coverage = of_rules(evaluator.coverage(), &registry);
    let (reached, all) = counts(&coverage);
    let covered = (reached * 100).checked_div(all).unwrap_or(100);
    let failed = outcomes.iter().filter(|outcome| !outcome.faults.is_empty()).count();
    let too_little = covered < usize::from(arguments.min_coverage);
    if !global.quiet || failed > 0 || too_little {
        let mut text = told(&outcomes, global.quiet);
        text.push_str(&lacking(&registry, &cases));
        text.push_str(&missed(&coverage));
        let passed = outcomes.len() - failed;
        let _ = writeln!(text, "{passed} passed, {failed} failed; {covered}% of {all} lines of rules reached");
        if too_little {
            let _ = writeln!(text, "less than --min-coverage {}", arguments.min_coverage);
        }
        output::print(&text);
    }
    Ok(u8::from(failed > 0 || too_little))
}

fn told(outcomes: &[Outcome], quiet: bool) -> String {
    let mut text = String::new();
    for Outcome { name, faults } in outcomes {
        if faults.is_empty() {
            if !quiet {
                let _ = writeln!(text, "ok      {name}");
            }
            continue;
        }
        let _ = writeln!(text, "FAILED  {name}");
        for fault in faults {
            let _ = writeln!(text, "        {fault}");
        }
    }
    text
}

fn judge(
    case: &Case,
    registry: &Arc<Registry>,
    engine: &Arc<Engine>,
    evaluator: &mut Evaluator<'_>,
) -> Result<Outcome, Failure> {
    let name = case::shown(&case.path);
    let Some(rule) = registry.get(&case.rule).filter(|rule| !rule.built_in) else {
        let fault = format!("no rule of this folder is called `{}`", case.rule);
        return Ok(Outcome { name, faults: vec![fault] });
    };
    let config = Config::parse(&name, &case.flags.config)?;
    let input = Input {
        paths: case.files.clone(),
        chart_version: case.flags.chart.clone(),
        namespace: case.flags.namespace.clone(),
        release: case.flags.release.clone(),
        ..Input::default()
    };
    let plan = Plan::of_case(config, case.flags.profile, case.flags.date, Limits::default(), (registry, engine));
    let session = Session::new(&input, &plan, true)?;
    let mut faults: Vec<String> =
        session.errors().into_iter().map(|error| format!("{}:{}: {}", error.file, error.line, error.message)).collect();
    let built = session.built();
    if built.is_empty() {
        faults.push("nothing about Qdrant is recognised in it".to_owned());
    }
    let mut only = globset::GlobSetBuilder::new();
    only.add(globset::Glob::new(&rule.id).map_err(|error| Failure::new(error.to_string()))?);
    let options = lint::Options {
        profile: plan.profile,
        config: &plan.config,
        only: only.build().map_err(|error| Failure::new(error.to_string()))?,
        skip: globset::GlobSet::empty(),
        document_at: &|span| session.document_at(span),
        progress: &|| {},
    };
    let report = lint::judge(&built, plan.registry(), plan.engine(), &session.sources, &options);
    for built in &built {
        evaluator.set_facts(&built.facts);
        // the report above has the verdict; here its lines are counted
        let _ = eval::judge(evaluator, rule, &built.facts);
    }
    let place = |file: &Option<String>, line: usize| (file.clone().unwrap_or_default(), line);
    let found: BTreeSet<(String, usize)> =
        report.findings.iter().map(|finding| place(&finding.location.file, finding.location.line)).collect();
    let verdicts = report.verdicts.iter().filter(|verdict| verdict.rule == rule.id);
    for verdict in verdicts {
        let reason = verdict.reason.as_deref().unwrap_or_default();
        match (verdict.verdict, case.kind) {
            (VerdictKind::Errored, _) => faults.push(reason.to_owned()),
            (VerdictKind::Skipped(kind), Kind::Bad | Kind::Good) => {
                faults.push(format!("skipped as {}: {reason}", kind.as_str()));
            }
            (VerdictKind::Pass, Kind::Skip) => faults.push("passes instead of being skipped".to_owned()),
            _ => {}
        }
    }
    let listed = |(file, line): &(String, usize)| format!("{file}:{line}");
    faults.extend(case.expected.difference(&found).map(|place| format!("missing at {}", listed(place))));
    for finding in &report.findings {
        let at = place(&finding.location.file, finding.location.line);
        if !case.expected.contains(&at) {
            faults.push(format!("noisy at {}: {}", listed(&at), finding.message));
        }
    }
    if case.kind == Kind::Bad && case.expected.is_empty() {
        faults.push(format!("no line of a bad case says `# expect: {}`", rule.id));
    }
    Ok(Outcome { name, faults })
}

/// Rules that no case shows to find something, or to let something pass.
fn lacking(registry: &Registry, cases: &[Case]) -> String {
    let mut text = String::new();
    for rule in registry.rules().filter(|rule| !rule.built_in) {
        for (kind, word) in [(Kind::Bad, "bad"), (Kind::Good, "good")] {
            if !cases.iter().any(|case| case.rule == rule.id && case.kind == kind) {
                let folder = rule.id.replace('-', "_");
                let _ = writeln!(text, "note    {} has no case `{}/{folder}/{word}-….yaml`", rule.id, case::FOLDER);
            }
        }
    }
    text
}

/// Of the files that hold rules of the folder; tests and libraries of the tool are no measure.
fn of_rules(coverage: Vec<Coverage>, registry: &Registry) -> Vec<Coverage> {
    coverage.into_iter().filter(|file| registry.is_own(&file.file)).collect()
}

fn counts(coverage: &[Coverage]) -> (usize, usize) {
    let reached: usize = coverage.iter().map(|file| file.reached.len()).sum();
    (reached, reached + coverage.iter().map(|file| file.missed.len()).sum::<usize>())
}

/// Lines that no test reached, a line of output per file.
fn missed(coverage: &[Coverage]) -> String {
    let mut text = String::new();
    for file in coverage.iter().filter(|file| !file.missed.is_empty()) {
        let lines: Vec<String> = file.missed.iter().map(u32::to_string).collect();
        let _ = writeln!(text, "missed  {}:{}", file.file, lines.join(","));
    }
    text
}
