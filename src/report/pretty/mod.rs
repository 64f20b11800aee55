//! `--format pretty`: the first screen. Worst first, the user's own line, one next step, and what was not judged.
//! A few findings in full, the rest a line each; everything in full with `-v`.

mod block;
mod list;
mod summary;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use self::block::{Block, blocks, by_deployment, count};
use super::excerpt::Excerpt;
use super::{DeploymentSummary, ErrorLine, InputLine, Report, count_of};
use crate::finding::{Finding, Status};
use crate::policy::Severity;
use crate::source::{SourceId, Sources, Span};

/// Findings shown in full without `-v`.
const IN_FULL: usize = 3;
/// Lines of the list of the rest without `-v`.
const LISTED: usize = 15;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// ANSI colours.
    pub color: bool,
    /// Box-drawing characters.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// `-v`: everything in full, files and reasons.
    pub verbose: bool,
    /// Least severity that fails the run, for the last line.
    pub threshold: Option<Severity>,
}

/// The screen.
pub fn render(report: &Report, sources: &Sources, look: Look) -> String {
    let mut screen = Screen { out: String::new(), look, excerpts: BTreeMap::new(), sources, secrets: &report.secrets };
    screen.errors(&report.errors);
    if look.verbose {
        screen.inputs(&report.inputs);
    }
    screen.findings(report);
    screen.summary(report);
    screen.out
}

struct Screen<'a> {
    out: String,
    look: Look,
    excerpts: BTreeMap<SourceId, Excerpt>,
    sources: &'a Sources,
    secrets: &'a [Span],
}

impl Screen<'_> {
    fn paint(&self, code: &str, text: &str) -> String {
        if self.look.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn dot(&self) -> &'static str {
        if self.look.unicode { "·" } else { "-" }
    }

    fn errors(&mut self, errors: &[ErrorLine]) {
        for error in errors {
            let place = match (error.file.is_empty(), error.line) {
                (true, _) => String::new(),
                (false, 0) => format!("{}: ", error.file),
                (false, line) => format!("{}:{line}:{}: ", error.file, error.column),
            };
            let word = self.paint("1;31", "error");
            let _ = writeln!(self.out, "{word}: {place}{}", error.message);
            if let Some(help) = &error.help {
                let _ = writeln!(self.out, "  help: {help}");
            }
        }
        if !errors.is_empty() {
            self.out.push('\n');
        }
    }

    fn inputs(&mut self, inputs: &[InputLine]) {
        for input in inputs {
            let verb = if input.judged { "judged as" } else { "passed over:" };
            let _ =
                writeln!(self.out, "{}:{}: {verb} {} ({})", input.file, input.line.max(1), input.kind, input.reason);
        }
        if !inputs.is_empty() {
            self.out.push('\n');
        }
    }

    fn findings(&mut self, report: &Report) {
        let shown = |finding: &&Finding| finding.status == Status::Open || self.look.verbose;
        let all = blocks(report.findings.iter().filter(shown));
        // findings are sorted worst first, whatever deployment they belong to
        let (in_full, mut room) = if self.look.verbose { (usize::MAX, usize::MAX) } else { (IN_FULL, LISTED) };
        let mut left_out = (0, 0);
        let (full, rest) = all.split_at(all.len().min(in_full));
        let (mut full, mut rest) = (by_deployment(full), by_deployment(rest));
        for deployment in &report.deployments {
            let id = deployment.id.as_str();
            let (full, rest) = (full.remove(id).unwrap_or_default(), rest.remove(id).unwrap_or_default());
            if full.is_empty() && room == 0 && !rest.is_empty() {
                left_out = (left_out.0 + 1, left_out.1 + count(&rest));
                continue;
            }
            if full.is_empty() && rest.is_empty() && report.deployments.len() > 5 && !self.look.verbose {
                continue;
            }
            let header = self.header(deployment, report);
            let _ = writeln!(self.out, "{header}\n");
            for block in &full {
                self.block(block);
            }
            self.list(&rest, &mut room);
        }
        self.about_the_run(&all, report);
        if left_out.0 > 0 {
            let (deployments, findings) = left_out;
            let _ = writeln!(
                self.out,
                "… and {} in {}; all of them with `-v`\n",
                count_of(findings, "finding"),
                count_of(deployments, "more deployment")
            );
        }
    }

    /// Findings about exemptions and attestations that belong to no deployment alone.
    fn about_the_run(&mut self, blocks: &[Block<'_>], report: &Report) {
        let deployments: HashSet<&str> = report.deployments.iter().map(|deployment| deployment.id.as_str()).collect();
        let is_own = |block: &&Block<'_>| !deployments.contains(block.findings[0].deployment.as_str());
        let own: Vec<_> = blocks.iter().filter(is_own).cloned().collect();
        if own.is_empty() {
            return;
        }
        let title = self.paint("1", "exemptions and evidence");
        let _ = writeln!(self.out, "{title}\n");
        for block in &own {
            self.block(block);
        }
    }

    fn header(&self, deployment: &DeploymentSummary, report: &Report) -> String {
        let dot = format!(" {} ", self.dot());
        let mut parts = vec![self.paint("1", &deployment.id)];
        parts.push(
            match deployment.source.as_str() {
                "helm-values" => "Helm values",
                "manifests" => "manifests",
                "collections" => "collection bodies",
                "backup" => "backup",
                other => other,
            }
            .to_owned(),
        );
        if let Some((version, assumed)) = &deployment.chart {
            parts.push(format!("chart {version}{}", if *assumed { " (assumed)" } else { "" }));
        }
        parts.extend(deployment.qdrant.as_ref().map(|version| format!("Qdrant {version}")));
        parts.push(format!("profile {}", report.profile));
        parts.join(&dot)
    }

    fn severity(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "2",
        };
        self.paint(code, text)
    }

    /// A text in full with `-v`, else its beginning.
    fn bounded(&self, text: &str, length: usize) -> String {
        if self.look.verbose { text.to_owned() } else { cut(text, length) }
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width { text.to_owned() } else { text.chars().take(width - 1).chain(['…']).collect() }
}
