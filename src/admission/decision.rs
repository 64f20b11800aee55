//! Findings and a mode → what the API server is told.
//!
//! An object is judged twice: alone, with no more beside it than the peers and their configuration, so that nothing can
//! be missing; and beside everything that is known of its namespace. Only what is wrong alone may deny: a budget or a
//! policy that is not there yet may come with the next object of the same release.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::context::Context;
use super::judging::{Case, Rules};
use super::lately::Written;
use super::message;
use super::mode::Mode;
use super::review::{Answer, Request};
use super::subject::Subject;
use super::view::{Known, View, runs_qdrant};
use crate::finding::Finding;
use crate::model::network::labels::labels_of;
use crate::model::recorded::{List, ListStatus};
use crate::policy::Severity;

/// The rule that speaks of who may reach into pods; when the configuration turns it off, nobody is held back.
const INTERACTIVE: &str = "security/port-forward-allowed";

/// The answer and what metrics want to know of it.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// What the API server is told.
    pub answer: Answer,
    /// `allowed`, `warned`, `denied`, `unjudged`.
    pub verdict: &'static str,
    /// Open findings by rule.
    pub rules: Vec<(String, Severity)>,
}

/// Everything a decision rests on.
pub struct Bench<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// What is known of the cluster.
    pub context: &'a Context,
    /// The mode here.
    pub mode: Mode,
    /// Groups that may reach into pods anyway.
    pub break_glass: &'a [String],
}

impl Bench<'_> {
    /// Decides on a request.
    pub fn decide(&self, request: &mut Request) -> Decision {
        if self.mode == Mode::Off {
            return Decision { verdict: "unjudged", ..Decision::default() };
        }
        let namespace = request.namespace.clone();
        let mut decision = match Subject::of(request) {
            Subject::Write { new, old } => self.write(&new, old.as_ref(), &namespace),
            Subject::Scale { kind, replicas, old } => self.scale(kind, replicas, old, request),
            Subject::Delete(old) => self.delete(&old, &namespace),
            Subject::Connect { how, service, name } => self.connect(&how, service, &name, request),
            Subject::Nothing => Decision { verdict: "unjudged", ..Decision::default() },
        };
        decision.annotate(self.mode);
        decision
    }

    fn write(&self, new: &Value, old: Option<&Value>, namespace: &str) -> Decision {
        let view = self.context.view(namespace);
        let written = Written::new(new, old, namespace, self.mode, &view, self.rules.today());
        let decided = self.rules.kept.decisions.of(written, || self.on_written(new, old, &view, namespace));
        Decision::clone(&decided)
    }

    fn on_written(&self, new: &Value, old: Option<&Value>, view: &View, namespace: &str) -> Decision {
        let allowed = Decision { verdict: "allowed", ..Decision::default() };
        let Some(new) = Known::reviewed(new) else { return allowed };
        if !view.has_qdrant() && !new.may_concern_qdrant() {
            return allowed;
        }
        let mut denying = Vec::new();
        let mut warning = Vec::new();
        // beside the others all of this is found again, unless a kind cannot be read
        let is_known = self.context.is_connected() && view.lists.iter().all(List::is_known);
        if self.mode == Mode::Enforce || !is_known {
            let alone = self.alone(&new, view, namespace);
            let before = match old.and_then(Known::reviewed) {
                Some(old) if alone.iter().any(|finding| self.may_deny(finding)) => {
                    places(&self.alone(&old, view, namespace))
                }
                _ => BTreeMap::new(),
            };
            (denying, warning) =
                alone.into_iter().partition(|finding| self.may_deny(finding) && is_new(finding, &before));
        }
        if self.context.is_connected() {
            let case =
                Case { view, company: &|_| true, reviewed: Some(&new), alone: false, lists: &view.lists, namespace };
            let beside = case.open(self.rules);
            let relevant = beside.iter().filter(|finding| new.named.holds(finding) || new.runs_qdrant);
            let told: Vec<Finding> = relevant
                .filter(|finding| !denying.iter().chain(&warning).any(|known| known.rule == finding.rule))
                .cloned()
                .collect();
            warning.extend(told);
        }
        self.decision(&denying, warning, &new.named.to_string(), namespace)
    }

    /// Findings of the object itself, with no more beside it than the peers and their configuration.
    fn alone(&self, object: &Known, view: &View, namespace: &str) -> Vec<Finding> {
        let company = |known: &Known| known.named.kind == "ConfigMap" || (!object.runs_qdrant && known.runs_qdrant);
        let lists = if object.runs_qdrant { Vec::new() } else { seen(object) };
        let case = Case { view, company: &company, reviewed: Some(object), alone: true, lists: &lists, namespace };
        case.open(self.rules).iter().filter(|finding| object.named.holds(finding)).cloned().collect()
    }

    fn may_deny(&self, finding: &Finding) -> bool {
        self.mode == Mode::Enforce && self.rules.threshold.is_some_and(|threshold| finding.severity >= threshold)
    }

    fn scale(&self, kind: &'static str, replicas: i64, old: Option<i64>, request: &Request) -> Decision {
        let resource = request.resource.resource.as_str();
        let known = self.context.object("apps", resource, &request.namespace, &request.name);
        // who cannot see the workload does not know whether it is Qdrant
        let Some(known) = known.filter(|known| known["kind"] == kind && runs_qdrant(known)) else {
            return Decision { verdict: "unjudged", ..Decision::default() };
        };
        let scaled = |replicas: i64| {
            let mut workload = (*known).clone();
            if let Some(spec) = workload.get_mut("spec").and_then(Value::as_object_mut) {
                spec.insert("replicas".to_owned(), replicas.into());
            }
            workload
        };
        self.write(&scaled(replicas), old.map(scaled).as_ref(), &request.namespace)
    }

    /// A deletion is never denied, or `helm uninstall` would not work; what it leaves behind is told.
    fn delete(&self, old: &Value, namespace: &str) -> Decision {
        if !self.context.is_connected() {
            return Decision { verdict: "unjudged", ..Decision::default() };
        }
        let view = self.context.view(namespace);
        let allowed = Decision { verdict: "allowed", ..Decision::default() };
        let Some(old) = Known::reviewed(old) else { return allowed };
        let stays = |known: &Known| known.named != old.named;
        if !view.known.iter().any(|known| known.runs_qdrant && stays(known)) {
            return allowed;
        }
        let whole =
            Case { view: &view, company: &stays, reviewed: Some(&old), alone: false, lists: &view.lists, namespace };
        let before = places(&whole.open(self.rules));
        let left = Case { reviewed: None, ..whole };
        let caused = left.open(self.rules).iter().filter(|finding| is_new(finding, &before)).cloned().collect();
        self.decision(&[], caused, &old.named.to_string(), namespace)
    }

    /// Who reaches into a pod of Qdrant goes past keys, policies and the audit log of Qdrant.
    fn connect(&self, how: &str, service: bool, name: &str, request: &Request) -> Decision {
        let namespace = &request.namespace;
        let setting = self.rules.config.setting(INTERACTIVE).and_then(crate::config::RuleSetting::severity);
        let is_off = setting == Some(None) || self.rules.skip.is_match(INTERACTIVE);
        let view = self.context.view(namespace);
        if is_off || !view.known.iter().any(|known| reaches(known, service, name, &view)) {
            return Decision { verdict: "unjudged", ..Decision::default() };
        }
        let what = if service { "Service" } else { "Pod" };
        let text = message::clean(&format!(
            "{how} on {what} {namespace}/{name} goes past the API key, the network policies and the audit log of Qdrant"
        ));
        let exempt = self.break_glass.iter().any(|group| request.user.groups.contains(group));
        let rules = vec![(INTERACTIVE.to_owned(), Severity::High)];
        let mut decision = Decision { rules, verdict: "warned", ..Decision::default() };
        if self.mode == Mode::Enforce && !exempt {
            let message = format!(
                "{text}\n  fix: use the REST or gRPC API with a key of your own, or ask for a group that `--break-glass-group` names\nwhy: `qdrant-lint explain {INTERACTIVE}`"
            );
            decision.answer.denied = Some(super::review::Denial { message, causes: Vec::new() });
            decision.verdict = "denied";
        } else if self.mode >= Mode::Warn {
            decision.answer.warnings = vec![format!("high {INTERACTIVE}: {text}")];
        }
        decision
    }

    fn decision(&self, denying: &[Finding], mut warning: Vec<Finding>, subject: &str, namespace: &str) -> Decision {
        crate::finding::sort(&mut warning);
        let all = denying.iter().chain(&warning);
        let mut decision = Decision {
            rules: all.map(|finding| (finding.rule.to_string(), finding.severity)).collect(),
            verdict: if denying.is_empty() { "allowed" } else { "denied" },
            ..Decision::default()
        };
        if !denying.is_empty() {
            let denying: Vec<&Finding> = denying.iter().collect();
            decision.answer.denied = Some(message::denial(&denying, subject, namespace));
        }
        if self.mode >= Mode::Warn && !warning.is_empty() {
            let warning: Vec<&Finding> = warning.iter().collect();
            decision.answer.warnings = message::warnings(&warning, namespace);
            if decision.verdict == "allowed" {
                decision.verdict = "warned";
            }
        }
        decision
    }
}

impl Decision {
    /// What the audit log of the API server keeps.
    fn annotate(&mut self, mode: Mode) {
        let mut ids: Vec<&str> = self.rules.iter().map(|(rule, _)| rule.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let annotations: &mut Map<String, Value> = &mut self.answer.annotations;
        annotations.insert("mode".to_owned(), mode.as_str().into());
        annotations.insert("verdict".to_owned(), self.verdict.into());
        if !ids.is_empty() {
            annotations.insert("findings".to_owned(), ids.join(",").into());
        }
    }
}

/// Rule and place: what makes two findings the same. The message may change with the value.
fn place(finding: &Finding) -> (String, String) {
    (finding.rule.to_string(), finding.location.path.to_string())
}

fn places(findings: &[Finding]) -> BTreeMap<(String, String), Severity> {
    let mut places = BTreeMap::new();
    for finding in findings {
        let worst = places.entry(place(finding)).or_insert(finding.severity);
        *worst = finding.severity.max(*worst);
    }
    places
}

/// It was not there before, or was less bad.
fn is_new(finding: &Finding, before: &BTreeMap<(String, String), Severity>) -> bool {
    before.get(&place(finding)).is_none_or(|severity| finding.severity > *severity)
}

/// The kind of the object itself is known by the object: rules about it may judge.
fn seen(object: &Known) -> Vec<List> {
    let (group, own) = (object.object.group(), object.named.kind.as_str());
    // an aspect is several resources; those beside the object's own are taken as not served
    crate::load::live::kinds::all()
        .filter(|kind| related(kind.group, kind.resource, group, own))
        .map(|kind| List {
            group: kind.group.to_owned(),
            resource: kind.resource.to_owned(),
            status: if kind.kind == own { ListStatus::Ok } else { ListStatus::NotServed },
            ..List::default()
        })
        .collect()
}

/// Kinds that show the same aspect.
fn related(group: &str, resource: &str, own: &str, kind: &str) -> bool {
    const TOGETHER: [&[&str]; 5] = [
        &["Service"],
        &["PodDisruptionBudget"],
        &[
            "NetworkPolicy",
            "CiliumNetworkPolicy",
            "CiliumClusterwideNetworkPolicy",
            "GlobalNetworkPolicy",
            "AdminNetworkPolicy",
            "BaselineAdminNetworkPolicy",
            "ClusterNetworkPolicy",
        ],
        &["Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "IngressRoute", "IngressRouteTCP", "Route"],
        &[
            "CronJob",
            "Job",
            "CronWorkflow",
            "Schedule",
            "ReplicationSource",
            "SnapshotSchedule",
            "RecurringJob",
            "BackupConfiguration",
            "BackupSchedule",
            "Policy",
            "QdrantClusterScheduledSnapshot",
        ],
    ];
    let known = crate::load::live::kinds::of_resource(group, resource);
    let Some(named) = known.map(|known| known.kind) else { return false };
    TOGETHER.iter().any(|together| together.contains(&kind) && together.contains(&named))
        || (group == own && named == kind)
}

/// Whether a known object is what a connection reaches: a workload of Qdrant by the name of its pod, a Service by its pods.
fn reaches(known: &Known, service: bool, name: &str, view: &View) -> bool {
    let own = known.named.name.as_str();
    if !service {
        let rest = name.strip_prefix(own).and_then(|rest| rest.strip_prefix('-'));
        return rest.is_some_and(|rest| !rest.is_empty() && rest.split('-').count() <= 2) && known.runs_qdrant;
    }
    if known.named.kind != "Service" || own != name {
        return false;
    }
    let selector = labels_of(known.object.node.at(&["spec", "selector"]));
    !selector.is_empty()
        && view.known.iter().filter(|workload| workload.runs_qdrant).any(|workload| {
            let labels = labels_of(workload.object.node.at(&["spec", "template", "metadata", "labels"]));
            selector.iter().all(|(key, value)| labels.get(key) == Some(value))
        })
}
