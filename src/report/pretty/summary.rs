//! The last lines: how much was found, accepted and judged, and the exit code with its reason.

use std::fmt::Write as _;

use super::super::{Report, VerdictKind, count_of};
use super::{Screen, cut};
use crate::policy::eval::Applicability;
use crate::policy::{Consequence, Severity, SkipKind};

/// Accepted findings that are listed without `-v`.
const ACCEPTED: usize = 5;

impl Screen<'_> {
    pub(super) fn summary(&mut self, report: &Report) {
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
                .map_or_else(|| finding.deployment.to_string(), |file| format!("{file}:{}", finding.location.line));
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
