//! Which exemption accepts a finding.

use globset::GlobMatcher;
use jiff::civil::Date;

use super::{Covered, Exemption};
use crate::finding::{self, Exemption as Accepted, Finding, Location};

/// Exemptions with their rules ready to be matched.
pub(super) struct Exemptions<'a>(Vec<(&'a Exemption, Option<GlobMatcher>)>);

impl<'a> Exemptions<'a> {
    pub(super) fn new(exemptions: impl IntoIterator<Item = &'a Exemption>) -> Self {
        Self(exemptions.into_iter().map(|one| (one, one.matcher())).collect())
    }

    /// Those that are about a finding, whether they count or not.
    pub(super) fn covering(&self, covered: &Covered<'_>) -> Vec<usize> {
        let by_rule = self.0.iter().enumerate().filter(|(_, (_, matcher))| {
            matcher.as_ref().is_some_and(|matcher| matcher.is_match(&*covered.finding.rule))
        });
        by_rule.filter(|(_, (exemption, _))| exemption.scope.covers(covered)).map(|(at, _)| at).collect()
    }

    /// Of these the one that accepts.
    pub(super) fn counting(&self, covering: &[usize], now: Date) -> Option<&'a Exemption> {
        let counting = covering.iter().map(|at| self.0[*at].0).filter(|one| one.counts(now));
        counting.min_by_key(|one| one.by)
    }
}

pub(super) fn accepted(exemption: &Exemption, location: Location) -> Accepted {
    finding::Exemption {
        by: exemption.by,
        reason: exemption.reason.clone().unwrap_or_default(),
        owner: exemption.owner.clone(),
        ticket: exemption.ticket.clone(),
        until: exemption.until.map(|until| until.to_string()),
        location,
    }
}

/// Marks the findings of objects that have no file. The exemptions themselves are not judged, and where they are written
/// is not told: that is the work of a run over the files.
pub fn accept<'a>(findings: &mut [Finding], exemptions: impl IntoIterator<Item = &'a Exemption>, now: Date) {
    let exemptions = Exemptions::new(exemptions);
    if exemptions.0.is_empty() {
        return;
    }
    let of = |finding: &Finding| {
        let covering = exemptions.covering(&Covered { finding, files: &[] });
        Some(accepted(exemptions.counting(&covering, now)?, Location::default()))
    };
    let accepted = findings.iter().map(of).collect();
    super::mark(findings, accepted);
}
