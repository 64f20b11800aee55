//! The document that the rules about exemptions judge: what is written, what it covers, how long it lasts.

use jiff::civil::Date;

use super::judge::{Judging, Ran};
use super::{Exemption, is_about_exemptions};
use crate::finding::{ExemptedBy, Finding, ObjectRef};
use crate::model::facts::governance::{Evidence, Exemption as Fact, Governance};
use crate::model::facts::{Facts, SCHEMA};
use crate::model::tracked::{Origins, Provenance, split};
use crate::policy::{Rule, SkipKind};

/// Days from one date to another.
pub(super) fn days(from: Date, to: Date) -> i64 {
    to.since(from).map_or(0, |span| i64::from(span.get_days()))
}

/// The facts, and where each is written. `covered` holds the findings of each exemption.
pub(super) fn facts(judging: &Judging<'_>, covered: &[Vec<usize>]) -> Option<(serde_json::Value, Provenance)> {
    let origins = Origins::default();
    let exemptions = judging
        .exemptions
        .iter()
        .zip(covered)
        .map(|(exemption, covered)| origins.track(fact(judging, exemption, covered, &origins), &exemption.origin))
        .collect();
    let evidence = judging
        .evidence
        .iter()
        .map(|evidence| {
            let fact = Evidence {
                key: evidence.setting.key.clone(),
                by: evidence.setting.by.clone(),
                until: evidence.until.map(|until| origins.track(until.to_string(), &evidence.until_origin)),
                days_left: evidence.until.map_or(0, |until| days(judging.now, until)),
                altered: evidence.altered.clone().map(|how| origins.track(how, &evidence.link_origin)),
            };
            origins.track(fact, &evidence.origin)
        })
        .collect();
    let facts = Facts {
        schema: SCHEMA,
        profile: judging.profile.to_string(),
        now: judging.now.to_string(),
        params: judging.params.clone(),
        governance: Some(Governance { exemptions, evidence }),
        ..Facts::default()
    };
    split(&facts, origins).ok()
}

fn fact(judging: &Judging<'_>, exemption: &Exemption, covered: &[usize], origins: &Origins) -> Fact {
    let matcher = exemption.matcher();
    let matches = |rule: &&Rule| matcher.as_ref().is_some_and(|matcher| matcher.is_match(&rule.id));
    let named: Vec<&Rule> = judging.registry.rules().filter(matches).collect();
    let about_exemptions = !named.is_empty() && named.iter().all(|rule| is_about_exemptions(&rule.id));
    let everything = judging.registry.rules().all(|rule| matches(&rule));
    let rules: Vec<&Rule> = named.into_iter().filter(|rule| !is_about_exemptions(&rule.id)).collect();
    let findings: Vec<&Finding> = covered.iter().filter_map(|index| judging.findings.get(*index)).collect();
    let of_findings = findings.iter().map(|finding| finding.severity).max();
    let worst = of_findings.or_else(|| rules.iter().filter_map(|rule| rule.severity_in(judging.profile)).max());
    let missing = [("reason", &exemption.reason), ("owner", &exemption.owner), ("ticket", &exemption.ticket)];
    // an inline exemption has no place for an owner
    let asked = if exemption.by == ExemptedBy::Waiver { 3 } else { 1 };
    let near = (rules.is_empty() && !about_exemptions).then(|| judging.registry.nearest(&exemption.rule)).flatten();
    Fact {
        kind: exemption.by.as_str().to_owned(),
        rule: exemption.rule.clone(),
        rules: rules.len(),
        everything,
        about_exemptions,
        nearest: near.map(str::to_owned),
        scoped: exemption.scope.is_narrow(),
        missing: missing
            .iter()
            .take(asked)
            .filter(|(_, text)| text.is_none())
            .map(|(key, _)| (*key).to_owned())
            .collect(),
        until: exemption.until.map(|until| origins.track(until.to_string(), &exemption.until_origin)),
        days_left: exemption.until.map(|until| days(judging.now, until)),
        findings: findings.len(),
        worst: worst.map(|severity| severity.as_str().to_owned()),
        conclusive: conclusive(judging, exemption, &rules),
    }
}

/// Whether the rules judged all that an exemption may be about: only then may it be called unused. A run over some of the
/// files, or over values without manifests, cannot tell.
fn conclusive(judging: &Judging<'_>, exemption: &Exemption, rules: &[&Rule]) -> bool {
    let reached: Vec<&str> = judging
        .deployments
        .iter()
        .filter(|deployment| {
            let objects: Vec<&ObjectRef> = judging
                .objects
                .iter()
                .filter(|(_, file)| deployment.files.contains(file))
                .map(|(object, _)| object)
                .chain(
                    judging
                        .findings
                        .iter()
                        .filter(|finding| finding.deployment == deployment.id)
                        .filter_map(|finding| finding.object.as_deref()),
                )
                .collect();
            exemption.scope.reaches(&deployment.id, &deployment.files, &objects)
        })
        .map(|deployment| deployment.id.as_str())
        .collect();
    let verdicts = |rule: &Rule| -> Vec<&Ran<'_>> {
        judging.ran.iter().filter(|ran| ran.rule == rule.id && reached.contains(&ran.deployment)).collect()
    };
    let decided = |ran: &&Ran<'_>| matches!(ran.skipped, None | Some(SkipKind::NotApplicable)) && !ran.errored;
    let off = |ran: &&Ran<'_>| ran.skipped == Some(SkipKind::Profile);
    let whole = rules.iter().all(|rule| {
        let verdicts = verdicts(rule);
        verdicts.len() == reached.len() && verdicts.iter().all(|ran| decided(ran) || off(ran))
    });
    let some = rules.iter().any(|rule| verdicts(rule).iter().any(decided));
    judging.complete && !reached.is_empty() && whole && some
}
