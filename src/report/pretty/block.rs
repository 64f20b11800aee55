//! Findings in full: a block of one rule and file, with the lines that it is about.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::super::excerpt::Excerpt;
use super::{Screen, cut};
use crate::finding::{Finding, Location, Status};
use crate::policy::Severity;
use crate::policy::eval::Applicability;

/// Findings of one rule whose places are underlined in one block.
const PLACES_OF_A_BLOCK: usize = 6;
/// Next steps of a block without `-v`.
const HELPS_OF_A_BLOCK: usize = 3;
/// Other places of a finding without `-v`.
const RELATED: usize = 3;
/// Characters of a message without `-v`: three lines.
const MESSAGE: usize = 280;

/// Findings of one rule in one file: one block with several underlines.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) findings: Vec<&'a Finding>,
}

/// Groups findings of one rule, severity and file; a block stands where its first finding stands.
pub(super) fn blocks<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Block<'a>> {
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
            // what stands on one line is read together, worst first
            (first.severity == finding.severity || first.location.line == finding.location.line)
                && first.status == finding.status
                && first.exemption == finding.exemption
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

pub(super) fn by_deployment<'a>(blocks: &[Block<'a>]) -> HashMap<&'a str, Vec<Block<'a>>> {
    let mut by_deployment: HashMap<&'a str, Vec<Block<'a>>> = HashMap::new();
    for block in blocks {
        by_deployment.entry(&block.findings[0].deployment).or_default().push(block.clone());
    }
    by_deployment
}

pub(super) fn count(blocks: &[Block<'_>]) -> usize {
    blocks.iter().map(|block| block.findings.len()).sum()
}

impl Screen<'_> {
    pub(super) fn block(&mut self, block: &Block<'_>) {
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
            message: if several { first.title.to_string() } else { self.bounded(&first.message, MESSAGE) },
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

    fn handler(&self) -> GraphicalReportHandler {
        let theme = match (self.look.unicode, self.look.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, _) => GraphicalTheme::none(),
        };
        GraphicalReportHandler::new_themed(theme).with_width(self.look.width).with_links(false).with_context_lines(1)
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
        let mut help = finding.help.to_string();
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
}

/// The first clause: what fits beside an underline.
fn short(text: &str) -> String {
    let end = text.find(';').unwrap_or(text.len());
    cut(&text[..end], 90)
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
