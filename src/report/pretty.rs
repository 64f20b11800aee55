//! `--format pretty`: the first screen. Worst first, the user's own line, one next step, and what was not judged.
//! A few findings in full, the rest a line each; everything in full with `-v`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{self, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::excerpt::Excerpt;
use super::{DeploymentSummary, ErrorLine, InputLine, Report, VerdictKind, count_of};
use crate::finding::{Finding, Location, Status};
use crate::policy::eval::Applicability;
use crate::policy::{Consequence, Severity, SkipKind};
use crate::source::{SourceId, Sources, Span};

/// Findings shown in full without `-v`.
const IN_FULL: usize = 5;
/// Findings of one rule whose places are underlined in one block.
const PLACES_OF_A_BLOCK: usize = 6;
/// Next steps of a block without `-v`.
const HELPS_OF_A_BLOCK: usize = 3;
/// Other places of a finding without `-v`.
const RELATED: usize = 3;
/// Characters of a message without `-v`: three lines.
const MESSAGE: usize = 280;
/// Accepted findings that are listed without `-v`.
const ACCEPTED: usize = 5;
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

/// Findings of one rule in one file: one block with several underlines.
#[derive(Clone)]
struct Block<'a> {
    findings: Vec<&'a Finding>,
}

impl Screen<'_> {
    fn handler(&self) -> GraphicalReportHandler {
        let theme = match (self.look.unicode, self.look.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, _) => GraphicalTheme::none(),
        };
        GraphicalReportHandler::new_themed(theme).with_width(self.look.width).with_links(false).with_context_lines(1)
    }

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

    fn block(&mut self, block: &Block<'_>) {
        let first = block.findings[0];
        let places = if self.look.verbose { usize::MAX } else { PLACES_OF_A_BLOCK };
        let source = first.location.span.map(|span| span.source);
        if let Some(id) = source {
            let (sources, secrets) = (self.sources, self.secrets);
            self.excerpts.entry(id).or_insert_with(|| {
                let hidden: Vec<_> =
                    secrets.iter().filter(|span| span.source == id).map(|span| (span.start, span.end)).collect();
                Excerpt::new(sources.get(id), &hidden)
            });
        }
        let several = block.findings.len() > 1;
        let labels = block
            .findings
            .iter()
            .take(places)
            .filter_map(|finding| {
                let span = finding.location.span?;
                let label =
                    if several || finding.label != finding.message { Some(short(&finding.label)) } else { None };
                let label = label.filter(|label| several || *label != short(&finding.message));
                Some(LabeledSpan::new(label, span.start as usize, (span.end - span.start) as usize))
            })
            .collect();
        let drawn = Drawn {
            title: self.title(first, block.findings.len()),
            finding: first,
            message: if several { first.title.clone() } else { self.bounded(&first.message, MESSAGE) },
            help: self.helps(block),
            labels,
            excerpt: source.and_then(|id| self.excerpts.get(&id)),
        };
        let mut text = String::new();
        if self.handler().render_report(&mut text, &drawn).is_err() {
            let _ = writeln!(text, "{}: {}", first.rule, first.message);
        }
        self.out.push_str(text.trim_start_matches('\n'));
        self.related(first);
        if self.look.verbose {
            let _ = writeln!(self.out, "    docs {}", first.docs);
        }
        if block.findings.len() > places {
            let _ = writeln!(self.out, "    and {} more of this rule", block.findings.len() - places);
        }
        self.out.push('\n');
    }

    fn title(&self, finding: &Finding, count: usize) -> String {
        let times = match (count, self.look.unicode) {
            (1, _) => String::new(),
            (count, true) => format!(" ×{count}"),
            (count, false) => format!(" x{count}"),
        };
        let status = match (finding.status, &finding.exemption) {
            (Status::Open, _) => String::new(),
            (status, Some(exemption)) => format!(" {} {}", self.dot(), exemption.in_words(status)),
            (status, None) => format!(" {} {}", self.dot(), status.in_words()),
        };
        let severity = self.severity(finding.severity, finding.severity.as_str());
        format!("{}{times}  {severity} {} {}{status}", finding.rule, self.dot(), finding.consequence.in_words())
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

    /// The next steps of a block, each once.
    fn helps(&self, block: &Block<'_>) -> String {
        let mut helps: Vec<String> = Vec::new();
        for finding in &block.findings {
            let help = self.help(finding);
            if !helps.contains(&help) {
                helps.push(help);
            }
        }
        let shown = if self.look.verbose { helps.len() } else { HELPS_OF_A_BLOCK };
        helps.truncate(shown);
        helps.join("\n")
    }

    fn help(&self, finding: &Finding) -> String {
        let mut help = finding.help.clone();
        if let Some(fix) = &finding.fix {
            let word = match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "needs a look",
                Applicability::Display => "by hand",
            };
            let _ = write!(help, " {} {word}", self.dot());
        }
        help
    }

    /// Other places that explain the finding; without `-v` few, and not the place that is drawn already.
    fn related(&mut self, finding: &Finding) {
        let place = |location: &Location| (location.file.clone(), location.line);
        let own = place(&finding.location);
        let others = finding.related.iter().filter(|related| related.location.file.is_some());
        let others: Vec<_> = others.filter(|related| self.look.verbose || place(&related.location) != own).collect();
        let shown = if self.look.verbose { others.len() } else { RELATED };
        for related in others.iter().take(shown) {
            let file = related.location.file.as_deref().unwrap_or_default();
            let line = format!("    see {file}:{}: {}", related.location.line, related.message);
            let _ = writeln!(self.out, "{}", self.bounded(&line, self.look.width));
        }
    }

    /// A text in full with `-v`, else its beginning.
    fn bounded(&self, text: &str, length: usize) -> String {
        if self.look.verbose { text.to_owned() } else { cut(text, length) }
    }

    /// The rest, a line each.
    fn list(&mut self, rest: &[Block<'_>], room: &mut usize) {
        const PLACE: usize = 26;
        let (shown, left_out) = rest.split_at(rest.len().min(*room));
        let rule = |block: &Block<'_>| {
            let first = block.findings[0];
            let times = if block.findings.len() > 1 { format!(" ×{}", block.findings.len()) } else { String::new() };
            format!("{}{}", first.rule, if self.look.unicode { times } else { times.replace('×', "x") })
        };
        let place = |block: &Block<'_>| {
            let location = &block.findings[0].location;
            location
                .file
                .as_ref()
                .map_or_else(String::new, |file| cut_left(&format!("{file}:{}", location.line), PLACE))
        };
        let width_of = |text: &dyn Fn(&Block<'_>) -> String| {
            shown.iter().map(|block| text(block).chars().count()).max().unwrap_or_default()
        };
        let (rules, places) = (width_of(&rule), width_of(&place));
        let mut lines = String::new();
        for block in shown {
            let first = block.findings[0];
            let severity = self.severity(first.severity, &format!("{:<8}", first.severity));
            let text = if block.findings.len() > 1 { &first.title } else { &first.label };
            let left = self.look.width.saturating_sub(2 + 8 + 2 + rules + 2 + places + 2);
            let text = if left < 16 { String::new() } else { cut(text, left) };
            let line = format!("  {severity}  {:<rules$}  {:<places$}  {text}", rule(block), place(block));
            let _ = writeln!(lines, "{}", line.trim_end());
        }
        self.out.push_str(&lines);
        *room -= shown.len();
        if !left_out.is_empty() {
            let worst = left_out[0].findings[0].severity;
            let _ = writeln!(
                self.out,
                "  … and {}, none above {worst}; all of them with `-v`",
                count_of(count(left_out), "more finding")
            );
        }
        if !rest.is_empty() {
            self.out.push('\n');
        }
    }

    fn summary(&mut self, report: &Report) {
        let counts = report.counts();
        let open: usize = counts.by_severity.iter().sum();
        let dot = format!(" {} ", self.dot());
        if open == 0 && !report.deployments.is_empty() {
            let _ = writeln!(self.out, "  nothing found in {}", count_of(report.deployments.len(), "deployment"));
        } else if open > 0 {
            let by_severity: Vec<String> = Severity::WORST_FIRST
                .iter()
                .zip(counts.by_severity)
                .filter(|(_, count)| *count > 0)
                .map(|(severity, count)| self.severity(*severity, &format!("{count} {severity}")))
                .collect();
            let by_consequence: Vec<String> = Consequence::ALL
                .iter()
                .map(|consequence| {
                    (consequence, report.open().filter(|finding| finding.consequence == *consequence).count())
                })
                .filter(|(_, count)| *count > 0)
                .map(|(consequence, count)| format!("{} {count}", consequence.in_words()))
                .collect();
            let _ = writeln!(self.out, "  {}   {}", by_severity.join(&dot), by_consequence.join(&dot));
        }
        self.accepted(report);
        if !report.deployments.is_empty() {
            self.judged(report);
        }
        if let Some(worst) = report.open().next().filter(|_| !self.look.verbose) {
            let _ = writeln!(self.out, "  why and how: `qdrant-lint explain {}`", worst.rule);
        }
        for hint in &report.hints {
            let _ = writeln!(self.out, "  hint: {hint}");
        }
        let failing = report.failing(self.look.threshold);
        let threshold = self.look.threshold.map_or("never", Severity::as_str);
        let _ = match (report.errors.is_empty() && counts.errored == 0 && !report.deployments.is_empty(), failing) {
            (false, 0) => writeln!(self.out, "  exit 2: {}", could_not_judge(report)),
            (false, failing) => writeln!(
                self.out,
                "  exit 2: {}; {} at or above {threshold}",
                could_not_judge(report),
                count_of(failing, "finding")
            ),
            (true, 0) if report.unproven() > 0 => {
                let count = count_of(report.unproven(), "verdict");
                writeln!(self.out, "  exit 1: {count} without the evidence that `--strict-evidence` asks for")
            }
            (true, 0) => writeln!(self.out, "  exit 0: no finding at or above {threshold}"),
            (true, failing) => writeln!(self.out, "  exit 1: {} at or above {threshold}", count_of(failing, "finding")),
        };
    }

    /// What does not count, and of what people accepted a line each.
    fn accepted(&mut self, report: &Report) {
        let Some(counts) = report.not_counted() else { return };
        let _ = writeln!(self.out, "  not counted: {counts}");
        if self.look.verbose {
            return;
        }
        let accepted: Vec<_> = report.accepted().collect();
        for (finding, exemption) in accepted.iter().take(ACCEPTED) {
            let place = finding
                .location
                .file
                .as_ref()
                .map_or_else(|| finding.deployment.clone(), |file| format!("{file}:{}", finding.location.line));
            let why = exemption.in_words(finding.status);
            let line = format!("    {place} {} ({}), {why}", finding.rule, finding.severity);
            let _ = writeln!(self.out, "{}", cut(&line, self.look.width));
        }
        if accepted.len() > ACCEPTED {
            let _ = writeln!(self.out, "    and {} more; all of them with `-v`", accepted.len() - ACCEPTED);
        }
    }

    fn judged(&mut self, report: &Report) {
        let counts = report.counts();
        let fixable = report
            .open()
            .filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Safe))
            .count();
        let dot = format!(" {} ", self.dot());
        let mut line =
            vec![format!("{} passed", count_of(counts.pass, "rule")), format!("{} not judged", counts.skipped)];
        if counts.attested > 0 {
            line.insert(1, format!("{} attested", counts.attested));
        }
        if fixable > 0 {
            line.insert(0, format!("{} with a safe fix", count_of(fixable, "finding")));
        }
        let _ = writeln!(self.out, "  {}", line.join(&dot));
        let shown = if self.look.verbose { usize::MAX } else { 3 };
        let wanted = |kind: SkipKind| {
            self.look.verbose || matches!(kind, SkipKind::NotObserved | SkipKind::Unknown | SkipKind::NeedsEvidence)
        };
        let skips: Vec<_> = report.skips().into_iter().filter(|(kind, ..)| wanted(*kind)).take(shown).collect();
        for (_, reason, count) in skips {
            let _ =
                writeln!(self.out, "    {count:>3} {dash} {reason}", dash = if self.look.unicode { "—" } else { "-" });
        }
        for verdict in report.verdicts.iter().filter(|verdict| verdict.verdict == VerdictKind::Errored) {
            let _ = writeln!(
                self.out,
                "    {} failed to run: {}",
                verdict.rule,
                verdict.reason.as_deref().unwrap_or_default()
            );
        }
    }
}

fn could_not_judge(report: &Report) -> String {
    if report.deployments.is_empty() && report.errors.is_empty() {
        "nothing to judge".to_owned()
    } else {
        format!("{} could not be judged", count_of(report.errors.len().max(1), "input"))
    }
}

/// Groups findings of one rule, severity and file; a block stands where its first finding stands.
fn blocks<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut by_place: HashMap<(&str, &str, &str), Vec<usize>> = HashMap::new();
    for finding in findings {
        let Some(file) = finding.location.file.as_deref() else {
            blocks.push(Block { findings: vec![finding] });
            continue;
        };
        let alike = by_place.entry((&finding.rule, &finding.deployment, file)).or_default();
        let same = alike.iter().copied().find(|index| {
            let first = blocks[*index].findings[0];
            first.severity == finding.severity && first.status == finding.status && first.exemption == finding.exemption
        });
        if let Some(index) = same {
            blocks[index].findings.push(finding);
        } else {
            alike.push(blocks.len());
            blocks.push(Block { findings: vec![finding] });
        }
    }
    blocks
}

fn by_deployment<'a>(blocks: &[Block<'a>]) -> HashMap<&'a str, Vec<Block<'a>>> {
    let mut by_deployment: HashMap<&'a str, Vec<Block<'a>>> = HashMap::new();
    for block in blocks {
        by_deployment.entry(&block.findings[0].deployment).or_default().push(block.clone());
    }
    by_deployment
}

fn count(blocks: &[Block<'_>]) -> usize {
    blocks.iter().map(|block| block.findings.len()).sum()
}

/// The first clause: what fits beside an underline.
fn short(text: &str) -> String {
    let end = text.find(';').unwrap_or(text.len());
    cut(&text[..end], 90)
}

/// Of a path that is too long the file is what tells.
fn cut_left(path: &str, width: usize) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let length = file.chars().count();
    if path.chars().count() <= width {
        path.to_owned()
    } else if length + 2 <= width {
        format!("…/{file}")
    } else {
        std::iter::once('…').chain(file.chars().skip((length + 1).saturating_sub(width))).collect()
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width { text.to_owned() } else { text.chars().take(width - 1).chain(['…']).collect() }
}

struct Drawn<'a> {
    title: String,
    message: String,
    finding: &'a Finding,
    help: String,
    labels: Vec<LabeledSpan>,
    excerpt: Option<&'a Excerpt>,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{}", self.title, self.message)
    }
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Critical | Severity::High => miette::Severity::Error,
            Severity::Medium => miette::Severity::Warning,
            Severity::Low | Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
