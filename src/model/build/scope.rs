//! One deployment while its facts are made: everything that belongs to it, and where absent things would be set.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Pods, RenderedRelease, Settings};
use crate::model::facts::{Aspect, Unknown};
use crate::model::input::{Body, Object, ServerConfigFile};
use crate::model::live::{self, Asked};
use crate::model::recorded::Live;
use crate::model::tracked::Origins;
use crate::source::{Node, Origin, Path, Sources};

/// Everything that fact builders see of one deployment.
pub struct Scope<'a> {
    /// The release and what the chart makes of it; none for manifests.
    pub release: Option<RenderedRelease<'a>>,
    /// Objects: first those that the chart makes, then those of the input that belong here.
    pub objects: Vec<Object>,
    /// How many of [`Self::objects`] the chart made.
    pub made_by_chart: usize,
    /// The peers' workload.
    pub pods: Option<Pods>,
    /// Name of the deployment.
    pub name: String,
    /// Namespace, when known.
    pub namespace: Option<String>,
    /// Collection and recover bodies in files of their own.
    pub bodies: Vec<&'a Body>,
    /// Server configuration files by themselves.
    pub server_configs: Vec<&'a ServerConfigFile>,
    /// Other Qdrant workloads that share the namespace, by name: their pods' labels.
    pub neighbours: Vec<(String, crate::model::network::Peers)>,
    /// What workloads made and what runs: pods of sets, Jobs of CronJobs. They tell of the state, not of what was declared.
    pub running: Vec<Object>,
    /// The cluster that the objects were read from; none for files.
    pub live: Option<Arc<Live>>,
    /// What each peer of this deployment answered; none for files.
    pub api: Vec<Asked<'a>>,
    /// Texts.
    pub sources: &'a Sources,
    /// The run's settings.
    pub settings: &'a Settings,
    /// Origins of the facts.
    pub origins: Origins,
    hidden: RefCell<Vec<Unknown>>,
    unobserved: RefCell<BTreeSet<(Aspect, String)>>,
    observed: RefCell<BTreeSet<Aspect>>,
}

/// The parts of a [`Scope`] that joining finds.
pub(super) struct Parts<'a> {
    pub(super) release: Option<RenderedRelease<'a>>,
    pub(super) objects: Vec<Object>,
    pub(super) made_by_chart: usize,
    pub(super) pods: Option<Pods>,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) bodies: Vec<&'a Body>,
    pub(super) server_configs: Vec<&'a ServerConfigFile>,
    pub(super) neighbours: Vec<(String, crate::model::network::Peers)>,
    pub(super) running: Vec<Object>,
    pub(super) live: Option<Arc<Live>>,
    pub(super) api: Vec<Asked<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(parts: Parts<'a>, sources: &'a Sources, settings: &'a Settings) -> Self {
        let Parts { release, objects, made_by_chart, pods, name, namespace, bodies, server_configs, .. } = parts;
        Self {
            release,
            objects,
            made_by_chart,
            pods,
            name,
            namespace,
            bodies,
            server_configs,
            neighbours: parts.neighbours,
            running: parts.running,
            live: parts.live,
            api: parts.api,
            sources,
            settings,
            origins: Origins::default(),
            hidden: RefCell::default(),
            unobserved: RefCell::default(),
            observed: RefCell::default(),
        }
    }

    /// How many peers there are: what the cluster counts, else what is declared.
    pub fn peers(&self) -> Option<u64> {
        live::members(&self.api).or_else(|| self.pods.as_ref()?.peers)
    }

    /// The objects as references, for builders that take slices.
    pub fn refs(&self) -> Vec<&Object> {
        self.objects.iter().collect()
    }

    /// Objects of a kind.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Object> {
        self.objects.iter().filter(move |object| object.kind() == kind)
    }

    /// The object of a kind and name; the first one.
    pub fn object(&self, kind: &str, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.kind() == kind && object.name() == name)
    }

    /// Whether the chart made an object of [`Self::objects`].
    pub fn is_made_by_chart(&self, object: &Object) -> bool {
        self.objects[..self.made_by_chart].iter().any(|made| std::ptr::eq(made, object))
    }

    /// Where something would be set that nobody wrote: for a release at a path of the chart's values (a default of the
    /// chart), else at a field of the object (a default of Kubernetes).
    pub fn absent(&self, values: &[&str], object: &Node, field: &[&str]) -> Origin {
        match &self.release {
            Some(release) => release.absent(values),
            None => absent_field("Kubernetes", object, field),
        }
    }

    /// Where a key of the server's configuration would be set: `config.<key>` in the values, else the anchor.
    pub fn absent_config(&self, owner: &str, key: &[&str], anchor: Option<&Node>) -> Origin {
        if let Some(release) = &self.release {
            let path: Vec<&str> = std::iter::once("config").chain(key.iter().copied()).collect();
            return release.absent_of(owner, &path);
        }
        anchor.map_or(Origin::Derived, |node| absent_field(owner, node, key))
    }

    /// Records that the value of a fact is hidden, and by what: rules that need it are skipped as unknown.
    pub fn hide(&self, path: Path, reason: impl Into<String>) {
        self.hidden.borrow_mut().push(Unknown { path, reason: reason.into() });
    }

    /// Records that an aspect cannot be seen although the input is of the kind that shows it.
    pub fn unobserve(&self, aspect: Aspect, reason: impl Into<String>) {
        self.unobserved.borrow_mut().insert((aspect, reason.into()));
    }

    /// Records that an aspect was seen, whatever the kinds of the objects say.
    pub fn observe(&self, aspect: Aspect) {
        self.observed.borrow_mut().insert(aspect);
    }

    pub(super) fn take_observed(&self) -> BTreeSet<Aspect> {
        self.observed.take()
    }

    pub(super) fn take_hidden(&self) -> Vec<Unknown> {
        self.hidden.take()
    }

    pub(super) fn take_unobserved(&self) -> BTreeSet<(Aspect, String)> {
        self.unobserved.take()
    }
}

/// A field that is not written in an object: the deepest part of its path that is written anchors it.
pub fn absent_field(owner: &str, object: &Node, field: &[&str]) -> Origin {
    let mut anchor = object.origin.place();
    let mut node = object;
    for key in field {
        let Some(next) = node.get(key) else { break };
        node = next;
        anchor = node.origin.place().or(anchor);
    }
    Origin::default_of(&owner.into(), Path::keys(field.iter().copied()), anchor)
}
