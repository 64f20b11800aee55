//! From paths of facts back to places: file, line and column of the user, or whose default it is.

use std::sync::Arc;

use serde_json::Value;

use crate::finding::{
    DefaultOf, Edit, EditAction, Finding, Fix, Location, ObjectRef, OriginKind, Related, Scope, Status, Target,
};
use crate::model::build::is_cluster_scoped;
use crate::model::tracked::Provenance;
use crate::policy::eval::{RawEdit, RawFinding, RawFix};
use crate::policy::{Profile, Rule, Severity};
use crate::source::{DefaultOrigin, Document, LiveObject, Node, Origin, Path, Segment, Shared, Sources, Span, Written};

/// Kinds that carry the values of a release.
const CARRIERS: [&str; 7] =
    ["Application", "ApplicationSet", "ConfigMap", "HelmChart", "HelmChartConfig", "HelmRelease", "Secret"];

/// What a deployment's findings are resolved against.
pub struct Resolver<'a> {
    /// Texts.
    pub sources: &'a Sources,
    /// Facts.
    pub facts: &'a Value,
    /// Origins of the facts.
    pub provenance: &'a Provenance,
    /// The merged values of a release that has any.
    pub values: Option<&'a Node>,
    /// Profile, for severities.
    pub profile: Profile,
    /// Finds the document that holds a place.
    pub document_at: &'a dyn Fn(Span) -> Option<Arc<Document>>,
}

impl Resolver<'_> {
    /// The finding of a raw one, for a deployment that is not named yet: its fingerprint is still the key of the fact. `severity` is the rule's in this profile, `forced` the configuration's last word.
    pub fn finding(&self, rule: &Rule, raw: &RawFinding, severity: Severity, forced: Option<Severity>) -> Finding {
        let own = raw.severity.as_ref().and_then(|severity| severity.in_profile(self.profile));
        let found = self.provenance.find(&raw.at).map(|(origin, _)| origin);
        let location = self.location(found);
        let message = one_line(&message(&raw.message, found));
        Finding {
            rule: rule.id.as_str().into(),
            severity: forced.or(own).unwrap_or(severity),
            consequence: rule.consequence,
            status: Status::Open,
            exemption: None,
            deployment: Shared::default(),
            title: rule.title.as_str().into(),
            label: one_line(raw.label.as_ref().unwrap_or(&raw.message)).into(),
            message: message.into(),
            help: raw.help.as_ref().map_or_else(
                || rule.remediation.as_str().into(),
                |help| help.lines().map(one_line).collect::<Vec<_>>().join("\n").into(),
            ),
            origin: found.map_or(OriginKind::Derived, |origin| self.kind(origin)),
            default_of: found.and_then(default_of).map(Arc::new),
            object: self.object(found, &raw.at).map(Arc::new),
            related: raw
                .related
                .iter()
                .map(|related| Related {
                    message: one_line(&related.message),
                    location: self.location(self.provenance.find(&related.at).map(|(origin, _)| origin)),
                })
                .collect(),
            fix: raw.fix.as_ref().map(|fix| Box::new(self.fix(fix))),
            fingerprint: format!("{}\n{}", rule.id, self.place_of_fact(found, &location, &raw.at)).into(),
            location,
            fact: Arc::new(raw.at.clone()),
            guide: rule.guide.as_slice().into(),
            controls: rule.controls.as_slice().into(),
            docs: docs(&rule.id).into(),
        }
    }

    /// What a fingerprint is made of: the path in the document and the fact. A live object is named, because no file does.
    /// What nobody wrote has the path where it would stand: that of the nearest thing written changes with what is added there.
    fn place_of_fact(&self, origin: Option<&Origin>, location: &Location, at: &Path) -> String {
        let live = location.span.and_then(|span| self.sources.get(span.source).live.as_ref());
        let object = live.map_or_else(String::new, |object| format!("{}/{} ", object.kind, object.name));
        let path = match origin {
            Some(Origin::Default(default)) => &default.path,
            _ => &location.path,
        };
        format!("{object}{path} {}", stable(at))
    }

    fn location(&self, origin: Option<&Origin>) -> Location {
        origin.and_then(Origin::place).map_or_else(Location::default, |written| self.place(written))
    }

    /// Key and value when both stand on one line, else the key (or the first line of the value).
    fn place(&self, written: Written) -> Location {
        let source = self.sources.get(written.source);
        let key = written.key_span();
        let value = written.value_span();
        let start = source.position(key.start);
        let mut end = key.end.max(key.start);
        let value_end = source.position(value.end);
        if written.has_key() && value.start >= key.end && value.end > value.start && value_end.line == start.line {
            end = value.end;
        }
        let mut last = source.position(end);
        if last.line != start.line {
            end = source.text[key.start as usize..].find(['\r', '\n']).map_or(end, |length| key.start + length as u32);
            last = source.position(end);
        }
        let span = Span { source: written.source, start: key.start, end };
        if source.live.is_some() {
            // no file holds it: the object and the path are the place, the span is for those who draw it
            return Location { span: Some(span), path: Arc::new(self.path_at(span)), ..Location::default() };
        }
        Location {
            file: Some(source.name.clone()),
            span: Some(span),
            line: start.line,
            column: start.column,
            end_line: last.line,
            end_column: last.column,
            path: Arc::new(self.path_at(span)),
        }
    }

    /// Of what runs there is no file to edit: its fix is a title, which a fleet has many times.
    fn fix(&self, raw: &RawFix) -> Fix {
        let runs = raw.edits.iter().any(|edit| self.is_live(edit));
        let edits = if runs { Vec::new() } else { raw.edits.iter().filter_map(|edit| self.edit(edit)).collect() };
        Fix { title: raw.title.as_str().into(), applicability: raw.applicability, edits }
    }

    fn is_live(&self, edit: &RawEdit) -> bool {
        let place = edit.at.as_ref().and_then(|at| self.provenance.find(at)?.0.place());
        place.is_some_and(|place| self.sources.get(place.source).live.is_some())
    }

    fn edit(&self, raw: &RawEdit) -> Option<Edit> {
        let action = match (&raw.set, &raw.rename) {
            (Some(value), _) => EditAction::Set(value.clone()),
            (None, Some(key)) => EditAction::Rename(key.clone()),
            (None, None) if raw.remove => EditAction::Remove,
            (None, None) => return None,
        };
        if let Some(path) = &raw.values {
            let (at, covered) = self.in_values(path)?;
            return Some(Edit {
                location: at.map_or_else(Location::default, |at| self.place(at)),
                path: path.clone(),
                target: at.map(|at| Target::Value(at, Path(path.0[covered..].to_vec()))),
                action,
            });
        }
        let (origin, depth) = self.provenance.find(raw.at.as_ref()?)?;
        let location = self.location(Some(origin));
        let scopes = [(Scope::Object, &raw.object), (Scope::Pod, &raw.pod), (Scope::Container, &raw.container)];
        if let Some((scope, path)) = scopes.into_iter().find_map(|(scope, path)| Some((scope, path.clone()?))) {
            let at = match origin {
                Origin::Written(at) => Some(*at),
                Origin::Default(default) => default.anchor,
                Origin::Set(_) | Origin::Derived => None,
            };
            let location = at.map_or(location, |at| self.place(at));
            return Some(Edit { location, target: at.map(|at| Target::Within(at, scope, path.clone())), path, action });
        }
        let rest: Vec<Segment> = raw.at.iter().flat_map(|at| at.0.iter().skip(depth).cloned()).collect();
        let mut path = match origin {
            Origin::Default(default) => default.path.clone(),
            Origin::Written(_) | Origin::Set(_) | Origin::Derived => Path::clone(&location.path),
        };
        path.0.extend(rest.iter().cloned());
        let target = match origin {
            Origin::Written(at) => Some(Target::Value(*at, Path(rest))),
            Origin::Default(default) if !default.path.0.is_empty() => {
                match (default.anchor, setting(raw.at.as_ref())) {
                    (Some(anchor), true) if self.values.is_none() => Some(Target::Setting(anchor, path.clone())),
                    // whatever file of the values the default was looked for in, the key goes to the one that has the rest
                    (_, true) => {
                        let (at, covered) = self.in_values(&path)?;
                        at.map(|at| Target::Value(at, Path(path.0[covered..].to_vec())))
                    }
                    (anchor, false) => self.unset(anchor, &path),
                }
            }
            Origin::Default(_) | Origin::Set(_) | Origin::Derived => None,
        };
        let location = match target {
            Some(Target::Value(at, _)) => self.place(at),
            _ => location,
        };
        Some(Edit { location, path, target, action })
    }

    /// Where something unset would be written.
    fn unset(&self, anchor: Option<Written>, path: &Path) -> Option<Target> {
        let anchor = anchor?;
        match self.in_values(path) {
            Some((Some(at), covered)) if at == anchor => Some(Target::Value(at, Path(path.0[covered..].to_vec()))),
            _ => Some(Target::Unset(anchor, path.clone())),
        }
    }

    /// The deepest written value on a path of the chart's values, and how much of the path it covers; no place where
    /// `--set` has the last word.
    fn in_values(&self, path: &Path) -> Option<(Option<Written>, usize)> {
        let mut node = self.values?;
        let mut found = (node, 0);
        for (depth, segment) in path.0.iter().enumerate() {
            let next = match segment {
                Segment::Key(key) => node.get(key),
                Segment::Index(index) => node.as_sequence().and_then(|items| items.get(*index)),
            };
            let Some(next) = next else { break };
            node = next;
            if node.origin.is_written() {
                found = (node, depth + 1);
            }
        }
        let at = if let Origin::Written(at) = found.0.origin { Some(at) } else { None };
        Some((at, found.1))
    }

    fn kind(&self, origin: &Origin) -> OriginKind {
        match origin {
            Origin::Written(written) => match &self.sources.get(written.source).live {
                Some(object) if object.is_answer() => OriginKind::Api,
                Some(_) => OriginKind::Live,
                None => OriginKind::Written,
            },
            Origin::Set(_) => OriginKind::Set,
            Origin::Default(_) => OriginKind::Default,
            Origin::Derived => OriginKind::Derived,
        }
    }

    fn path_at(&self, span: Span) -> Path {
        (self.document_at)(span).map_or_else(Path::new, |document| document.path_at(span.start))
    }

    /// The object that a place lies in. What a release is told lies in no object of it, so there the fact tells which one
    /// the chart makes of it.
    fn object(&self, origin: Option<&Origin>, at: &Path) -> Option<ObjectRef> {
        let place = origin.and_then(Origin::place);
        if let Some(live) = place.and_then(|place| self.sources.get(place.source).live.clone()) {
            let LiveObject { api_version, kind, namespace, name } = live;
            return Some(ObjectRef { api_version, kind, namespace, name });
        }
        match place.and_then(|place| self.object_of_file(place)) {
            Some(object) if self.values.is_some() && CARRIERS.contains(&object.kind.as_str()) => {
                self.object_of_fact(at).or(Some(object))
            }
            Some(object) => Some(object),
            None => self.object_of_fact(at),
        }
    }

    /// The object of a file that a place lies in; of a list the item.
    fn object_of_file(&self, place: Written) -> Option<ObjectRef> {
        let span = place.key_span();
        let document = (self.document_at)(span)?;
        document.root.text(&["apiVersion"])?;
        let path = document.path_at(span.start);
        let item = match path.0.as_slice() {
            [Segment::Key(items), Segment::Index(index), ..] if &**items == "items" => {
                document.root.items(&["items"]).get(*index)
            }
            _ => None,
        };
        let object = item.and_then(ObjectRef::of).or_else(|| ObjectRef::of(&document.root))?;
        let namespace = match object.namespace {
            None if !is_cluster_scoped(&object.kind) => {
                self.facts["deployment"]["namespace"].as_str().map(str::to_owned)
            }
            own => own,
        };
        Some(ObjectRef { namespace, ..object })
    }

    /// The object that a fact is about.
    fn object_of_fact(&self, at: &Path) -> Option<ObjectRef> {
        let namespace = self.facts["deployment"]["namespace"].as_str().map(str::to_owned);
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let made = |api_version: &str, kind: &str, name: String| {
            (!name.is_empty()).then(|| ObjectRef {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                namespace: namespace.clone(),
                name,
            })
        };
        let (Segment::Key(first), index) = (at.0.first()?, at.0.get(1)) else { return None };
        let item = |list: &Value| match index {
            Some(Segment::Index(index)) => list.get(*index).cloned(),
            _ => None,
        };
        match first.as_ref() {
            "workload" | "storage" | "spread" | "qdrant" | "pod_security" => {
                let workload = &self.facts["workload"];
                made(&text(workload, "api_version"), workload["kind"].as_str()?, text(workload, "name"))
            }
            "services" => made("v1", "Service", text(&item(&self.facts["services"])?, "name")),
            "budgets" => made("policy/v1", "PodDisruptionBudget", text(&item(&self.facts["budgets"])?, "name")),
            "routes" => {
                let route = item(&self.facts["routes"])?;
                let kind = text(&route, "kind");
                let group = match kind.as_str() {
                    "Ingress" => "networking.k8s.io/v1",
                    "IngressRoute" => "traefik.io/v1alpha1",
                    "Route" => "route.openshift.io/v1",
                    _ => "gateway.networking.k8s.io/v1",
                };
                made(group, &kind, text(&route, "name"))
            }
            "namespace" => made("v1", "Namespace", text(&self.facts["namespace"], "name")),
            "backup" | "rejections" | "exposure" => {
                let (kind, name) = fact(self.facts, &at.0)?["object"].as_str()?.split_once('/')?;
                made(api_version_of(kind), kind, name.to_owned())
            }
            "network" => {
                let of_policy =
                    at.0.get(1).is_some_and(|step| matches!(step, Segment::Key(key) if &**key == "policies"));
                let name = if of_policy {
                    text(fact(self.facts, at.0.get(..3)?)?, "name")
                } else {
                    text(fact(self.facts, &at.0)?, "policy")
                };
                made(api_version_of("NetworkPolicy"), "NetworkPolicy", name)
            }
            _ => None,
        }
    }
}

/// Whether a fact is a setting of the server.
fn setting(at: Option<&Path>) -> bool {
    at.is_some_and(|at| at.0.starts_with(&Path::keys(["qdrant", "config"]).0))
}

/// The fact at a path.
fn fact<'a>(facts: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    path.iter().try_fold(facts, |value, segment| match segment {
        Segment::Key(key) => value.get(key.as_ref()),
        Segment::Index(index) => value.get(*index),
    })
}

fn api_version_of(kind: &str) -> &'static str {
    match kind {
        "StatefulSet" | "Deployment" | "DaemonSet" => "apps/v1",
        "CronJob" | "Job" => "batch/v1",
        "Ingress" | "NetworkPolicy" => "networking.k8s.io/v1",
        "PodDisruptionBudget" => "policy/v1",
        "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" => "gateway.networking.k8s.io/v1",
        "IngressRoute" | "IngressRouteTCP" => "traefik.io/v1alpha1",
        "Route" => "route.openshift.io/v1",
        _ => "v1",
    }
}

/// The message, and whose default it is when nobody wrote the value.
fn message(text: &str, origin: Option<&Origin>) -> String {
    match origin {
        Some(Origin::Default(default)) if default.path.0.is_empty() => format!("{text} (default of {})", default.owner),
        Some(Origin::Default(default)) if has_no_default(default) => format!("{text} (`{}` not set)", default.path),
        Some(Origin::Default(default)) => format!("{text} (`{}` not set: default of {})", default.path, default.owner),
        _ => text.to_owned(),
    }
}

/// Kubernetes has no default for these: what is not written is not there.
fn has_no_default(default: &DefaultOrigin) -> bool {
    const FIELDS: [&str; 12] = [
        "affinity",
        "annotations",
        "args",
        "command",
        "env",
        "envFrom",
        "labels",
        "securityContext",
        "tolerations",
        "topologySpreadConstraints",
        "volumeMounts",
        "volumes",
    ];
    let last = default.path.0.last();
    &*default.owner == "Kubernetes" && matches!(last, Some(Segment::Key(key)) if FIELDS.contains(&&**key))
}

fn default_of(origin: &Origin) -> Option<DefaultOf> {
    let Origin::Default(default) = origin else { return None };
    Some(DefaultOf { owner: default.owner.to_string(), path: default.path.clone() })
}

/// Names come from strangers: what would move a cursor or start a line of its own is shown as an escape.
pub(crate) fn one_line(text: &str) -> String {
    let acts = |letter: char| letter.is_control() || is_direction(letter);
    if !text.contains(acts) {
        return text.to_owned();
    }
    text.chars().fold(String::new(), |mut shown, letter| {
        if acts(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
        shown
    })
}

/// What breaks a line or turns the direction of writing, so that a text reads otherwise than it is.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A path of facts without the indices, which move when something else is added.
fn stable(path: &Path) -> String {
    let keys: Vec<&str> = path
        .0
        .iter()
        .filter_map(|segment| if let Segment::Key(key) = segment { Some(key.as_ref()) } else { None })
        .collect();
    keys.join(".")
}

/// Page of a rule.
pub fn docs(rule: &str) -> String {
    format!("https://github.com/qdrant-lint/qdrant-lint/blob/main/docs/rules/{rule}.md")
}
