//! `--format html`: one file for a person who would rather look than read. It asks no network for anything, works without
//! its script, and its content security policy lets nothing run or load that is not part of this program.

mod code;
mod findings;
mod lists;
mod overview;
mod text;
mod topology;

use askama::Template;

use super::{Report, count_of};
use crate::policy::{Registry, Severity};
use crate::source::Sources;
use code::Texts;
use text::{cut, visible};

const STYLE: &str = include_str!("../../../templates/report/style.css");
const SCRIPT: &str = include_str!("../../../templates/report/script.js");

/// What the page is made of.
pub struct View<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The rules of the run.
    pub registry: &'a Registry,
    /// Texts of the inputs.
    pub sources: &'a Sources,
    /// Least severity that fails the run; none = nothing does.
    pub threshold: Option<Severity>,
}

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page {
    policy: String,
    style: &'static str,
    script: &'static str,
    version: &'static str,
    profile: String,
    title: String,
    verdict: overview::Verdict,
    headline: String,
    score: Option<overview::Score>,
    trend: Option<Trend>,
    /// Severity and open findings.
    tally: Vec<(&'static str, usize)>,
    open: usize,
    accepted: String,
    checks: String,
    troubles: Vec<overview::Trouble>,
    clears: Vec<overview::Clear>,
    deployments: Vec<lists::DeploymentRow>,
    more_deployments: usize,
    drawings: Vec<topology::Drawing>,
    more_drawings: usize,
    groups: Vec<findings::Group>,
    cards: usize,
    cut: Option<findings::Cut>,
    statuses: Vec<&'static str>,
    rules: Vec<String>,
    checklists: Vec<lists::Checklist>,
    more_checklists: usize,
    errors: Vec<(String, String, String)>,
    errored: Vec<(String, String)>,
    skips: Vec<lists::Skips>,
    inputs: Vec<(String, String, String, bool)>,
    more_inputs: usize,
}

/// Against the baseline.
struct Trend {
    new: usize,
    known: usize,
    gone: usize,
    /// Where the parts of the drawn bar start and how wide they are, of 100.
    parts: [(usize, usize); 3],
}

impl Trend {
    fn new(report: &Report) -> Option<Self> {
        let gone = report.baseline?.gone;
        let known = report.findings.iter().filter(|finding| finding.status == crate::finding::Status::Baseline).count();
        let new = report.open().count();
        let all = (new + known + gone).max(1);
        let (first, second) = (100 * new / all, 100 * (new + known) / all);
        let end = if new + known + gone == 0 { 0 } else { 100 };
        Some(Self { new, known, gone, parts: [(0, first), (first, second - first), (second, end - second)] })
    }
}

/// The page.
pub fn render(view: &View<'_>) -> String {
    let report = view.report;
    let scores = overview::scores(report, view.registry);
    let verdict = overview::verdict(report, view.threshold);
    let mut deployments = lists::deployments(report, &scores);
    let checklists = lists::checklists(report, &deployments);
    let (more_deployments, more_inputs) =
        (deployments.len().saturating_sub(lists::ROWS), report.inputs.len().saturating_sub(lists::ROWS));
    deployments.truncate(lists::ROWS);
    let mut texts = Texts::new(view.sources, &report.secrets);
    let (groups, cut_off) = findings::groups(report, &mut texts);
    let cards = || groups.iter().flat_map(|group| &group.cards);
    let rules: std::collections::BTreeSet<&str> = cards().map(|card| card.rule.as_str()).collect();
    let on_page: std::collections::BTreeSet<&str> = cards().map(|card| card.anchor.as_str()).collect();
    let order = deployments.iter().map(|row| row.id.as_str());
    let (drawings, more_drawings) = topology::drawings(report, order, &on_page);
    let statuses = ["open", "baseline", "waived", "ignored"];
    let counts = report.counts();
    let (troubles, clears) = overview::troubles(report, view.registry);
    let mut checks = vec![format!("{} passed", count_of(counts.pass, "check"))];
    if counts.attested > 0 {
        checks.push(format!("{} attested", counts.attested));
    }
    checks.push(format!("{} failed", counts.fail));
    checks.push(format!("{} not judged", counts.skipped));
    let page = Page {
        policy: format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            text::digest(STYLE),
            text::digest(SCRIPT)
        ),
        style: STYLE,
        script: SCRIPT,
        version: env!("CARGO_PKG_VERSION"),
        profile: report.profile.to_string(),
        title: verdict.headline.replace('`', ""),
        headline: text::prose(&verdict.headline),
        verdict,
        score: scores.get("").copied(),
        trend: Trend::new(report),
        tally: Severity::WORST_FIRST.iter().map(|severity| severity.as_str()).zip(counts.by_severity).collect(),
        open: report.open().count(),
        accepted: report.not_counted().unwrap_or_default(),
        checks: checks.join(" · "),
        troubles,
        clears,
        drawings,
        more_drawings,
        more_deployments,
        more_checklists: report.deployments.len().saturating_sub(checklists.len()),
        deployments,
        cards: cards().count(),
        statuses: statuses.into_iter().filter(|status| cards().any(|card| card.status == *status)).collect(),
        rules: rules.into_iter().map(str::to_owned).collect(),
        cut: cut_off,
        groups,
        checklists,
        errors: report
            .errors
            .iter()
            .take(lists::ROWS)
            .map(|error| {
                let place = match (error.file.is_empty(), error.line) {
                    (true, _) => String::new(),
                    (false, 0) => visible(&error.file),
                    (false, line) => visible(&format!("{}:{line}", error.file)),
                };
                let help = error.help.as_deref().map_or_else(String::new, |help| text::prose(&cut(help, 600)));
                (place, text::prose(&cut(&error.message, 600)), help)
            })
            .collect(),
        errored: lists::errored(report),
        skips: lists::skips(report),
        inputs: report
            .inputs
            .iter()
            .take(lists::ROWS)
            .map(|input| {
                let place = if input.line > 1 { format!("{}:{}", input.file, input.line) } else { input.file.clone() };
                (visible(&place), visible(&input.kind), cut(&visible(&input.reason), 200), input.judged)
            })
            .collect(),
        more_inputs,
    };
    page.render().expect("a String takes all text")
}
