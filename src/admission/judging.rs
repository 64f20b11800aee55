//! Objects in memory → findings, by the same engine as everywhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use globset::GlobSet;
use jiff::civil::Date;
use serde_json::Value;

use super::decision::Decision;
use super::lately::{Lately, Question, Written};
use super::view::{Known, REVIEWED, View};
use crate::config::Config;
use crate::finding::{Finding, Status};
use crate::lint::{Judge, Options};
use crate::model::build::{Seeds, Settings};
use crate::model::input::Inputs;
use crate::model::recorded::{List, Live};
use crate::policy::engine::{self, Engine, Evaluator};
use crate::policy::memo::Memo;
use crate::policy::{Evaluators, PolicyError, Profile, Registry};
use crate::report::Report;
use crate::source::Span;
use crate::suppress::{self, Evidence, Exemption, evidence};

/// The rules and what the configuration makes of them; the same for the whole life of a webhook.
pub struct Rules {
    /// All rules.
    pub registry: &'static Registry,
    /// The rules, compiled.
    pub engine: &'static Engine,
    /// The configuration, the same file as in CI.
    pub config: Config,
    /// What it says of deployments.
    pub settings: Settings,
    /// Profile.
    pub profile: Profile,
    /// `--rule`
    pub only: GlobSet,
    /// `--skip`
    pub skip: GlobSet,
    /// Severity from which a finding denies; none = never.
    pub threshold: Option<crate::policy::Severity>,
    /// Waivers of the configuration, or of the file that it names.
    pub waivers: Vec<Exemption>,
    /// Attestations of the configuration.
    pub evidence: Vec<Evidence>,
    /// The date to judge by; none = that of the review, because waivers and advisories end while the webhook runs.
    pub now: Option<Date>,
    /// What is kept from one review to the next.
    pub kept: Kept,
}

/// What is kept from one review to the next.
pub struct Kept {
    evaluators: Evaluators<'static>,
    lately: Lately<Question, Vec<Finding>>,
    /// Decisions on what was written lately.
    pub(super) decisions: Lately<Written, Decision>,
    memory: Mutex<Memory>,
}

impl Kept {
    /// Nothing yet.
    pub fn new(engine: &'static Engine) -> Self {
        Self {
            evaluators: Evaluators::new(engine, None),
            lately: Lately::default(),
            decisions: Lately::default(),
            memory: Mutex::default(),
        }
    }
}

#[cfg(test)]
impl Kept {
    /// Evaluators that wait for the next review.
    pub(super) fn idle(&self) -> usize {
        self.evaluators.idle()
    }
}

/// Most of what rules read of one review they have read of others. What does not come again fills a memory up, so after a
/// while a new one takes its place.
#[derive(Default)]
struct Memory {
    memo: Option<Arc<Memo>>,
    judged: usize,
}

/// Reviews that one memory serves.
const SERVED: usize = 4096;
/// Bytes of the longest part of the facts that the memory keeps: all of it takes some tens of MiB at worst.
const LONGEST: usize = 4 << 10;

impl Rules {
    /// The built-in rules without a configuration, under the default profile; findings from `threshold` on deny.
    pub fn built_in(threshold: Option<crate::policy::Severity>) -> Result<Self, PolicyError> {
        let (registry, engine) = engine::built_in()?;
        let profile = Profile::default();
        Ok(Self {
            registry,
            engine,
            config: Config::default(),
            settings: Settings {
                profile: profile.to_string(),
                params: registry.params(&BTreeMap::new()),
                ..Settings::default()
            },
            profile,
            only: GlobSet::empty(),
            skip: GlobSet::empty(),
            threshold,
            waivers: Vec::new(),
            evidence: Vec::new(),
            now: None,
            kept: Kept::new(engine),
        })
    }

    /// The date to judge by.
    pub fn today(&self) -> Date {
        self.now.unwrap_or_else(|| jiff::Zoned::now().date())
    }

    fn memo(&self) -> Arc<Memo> {
        let mut memory = self.kept.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.judged += 1;
        if memory.judged > SERVED {
            *memory = Memory::default();
        }
        Arc::clone(memory.memo.get_or_insert_with(|| Arc::new(Memo::of_parts_below(self.registry, LONGEST))))
    }

    fn evaluate<T>(&self, work: impl FnOnce(&mut Evaluator<'static>) -> T) -> T {
        self.kept.evaluators.remembering(Some(self.memo()), work)
    }
}

/// Which object is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// `StatefulSet`
    pub kind: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Named {
    /// The one that an object is.
    pub fn of(object: &Value) -> Self {
        let part = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { kind: part("/kind"), namespace: part("/metadata/namespace"), name: part("/metadata/name") }
    }

    /// Whether a finding lies in it.
    pub fn holds(&self, finding: &Finding) -> bool {
        finding.object.as_ref().is_some_and(|object| {
            object.kind == self.kind
                && object.name == self.name
                && object.namespace.as_deref().is_none_or(|namespace| namespace == self.namespace)
        })
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// What is judged together.
pub struct Case<'a> {
    /// What is known of the namespace.
    pub view: &'a View,
    /// Which of it takes part.
    pub company: &'a dyn Fn(&Known) -> bool,
    /// The object that joins, or takes the place of what is known of it.
    pub reviewed: Option<&'a Known>,
    /// The object is judged for what it alone proves.
    pub alone: bool,
    /// Whose absence is a fact.
    pub lists: &'a [List],
    /// Namespace.
    pub namespace: &'a str,
}

impl Case<'_> {
    /// The findings that nobody accepts.
    pub fn open(&self, rules: &Rules) -> Arc<Vec<Finding>> {
        let find = || {
            let mut findings = self.report(rules).findings;
            findings.retain(|finding| finding.status == Status::Open);
            findings
        };
        let Some(reviewed) = self.reviewed else { return Arc::new(find()) };
        let question = Question::new(reviewed, self.view, self.alone, rules.today());
        rules.kept.lately.of(question, find)
    }

    /// Findings, those that are accepted marked, and what each rule said.
    pub fn report(&self, rules: &Rules) -> Report {
        let joining = self.reviewed.iter().copied();
        let company = self.view.known.iter().filter(|known| {
            (self.company)(known) && self.reviewed.is_none_or(|reviewed| reviewed.named != known.named)
        });
        let known: Vec<&Known> = joining.chain(company).collect();
        let mut sources = self.view.sources.clone();
        if let Some(reviewed) = self.reviewed {
            sources.replace(REVIEWED, Arc::clone(&reviewed.source));
        }
        let live = Live { context: "in-cluster".to_owned(), lists: self.lists.to_vec(), ..Live::default() };
        let inputs = Inputs {
            namespace: Some(self.namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
            objects: known.iter().map(|known| known.object.clone()).collect(),
            // an object without peers beside it is judged for what it alone proves, like a lone manifest
            live: known.iter().any(|known| known.runs_qdrant).then(|| Arc::new(live)),
            // of several workloads only the one under review is judged
            only: self.reviewed.filter(|known| known.runs_qdrant).map(|known| known.object.id()).into_iter().collect(),
            ..Inputs::default()
        };
        let now = rules.today();
        let settings = Settings {
            now: now.to_string(),
            evidence: evidence::facts(&rules.evidence, now),
            ..rules.settings.clone()
        };
        let (view, reviewed) = (self.view, self.reviewed);
        let document_at = |span: Span| {
            let known = if span.source == REVIEWED { reviewed } else { view.by_source(span.source) };
            known.map(|known| Arc::clone(&known.document))
        };
        let options = Options {
            profile: rules.profile,
            config: &rules.config,
            only: rules.only.clone(),
            skip: rules.skip.clone(),
            document_at: &document_at,
            progress: &|| {},
        };
        let judge = Judge::new(rules.registry, &sources, &options);
        let seeds = Seeds::of(&inputs, &sources, &settings);
        let mut report = rules.evaluate(|evaluator| judge.seeds_here(seeds, evaluator));
        let exemptions = known.iter().flat_map(|known| &known.exemptions).chain(&rules.waivers);
        suppress::accept(&mut report.findings, exemptions, now);
        report
    }
}
