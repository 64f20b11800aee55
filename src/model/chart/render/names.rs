//! Names, labels and annotations that every object shares.

use super::block::Block;
use super::changes::Change;
use super::context::{Context, Value};
use crate::source::{Node, Origin};

impl Context<'_> {
    /// The name label, and where it comes from.
    pub(super) fn short_name(&self) -> (String, Origin) {
        let overriding = self.value("nameOverride");
        let name = overriding.string().unwrap_or(&self.release.chart_name);
        (label_length(name), overriding.origin())
    }

    /// The name of most objects, and where it comes from.
    pub(super) fn full_name(&self) -> (String, Origin) {
        let overriding = self.value("fullnameOverride");
        if let Some(name) = overriding.string() {
            return (label_length(name), overriding.origin());
        }
        let part = self.value("nameOverride");
        let release = &self.release.name;
        let name = part.string().unwrap_or(&self.release.chart_name);
        let at = if part.truth() { part.origin() } else { overriding.origin() };
        if release.contains(name) {
            (label_length(release), at)
        } else {
            (label_length(&format!("{release}-{name}")), at)
        }
    }

    /// The full name with a suffix, as it stands in an object.
    pub(super) fn named(&self, suffix: &str) -> Node {
        let (name, at) = self.full_name();
        self.unquoted(&format!("{name}{suffix}"), &at, &self.value("fullnameOverride").path)
    }

    /// The short name as it stands in a label.
    pub(super) fn name_label(&self) -> Node {
        let (name, at) = self.short_name();
        self.unquoted(&name, &at, &self.value("nameOverride").path)
    }

    /// The labels by which Services and budgets select the pods.
    pub(super) fn selector_labels(&self) -> Block<'_> {
        let instance = self.unquoted(&self.release.name, &self.fixed_origin(), &self.value("fullnameOverride").path);
        Block::new(self)
            .with("app", self.name_label())
            .with("app.kubernetes.io/name", self.name_label())
            .with("app.kubernetes.io/instance", instance)
    }

    /// The labels of every object, without `additionalLabels`.
    pub(super) fn common_labels(&self) -> Block<'_> {
        let chart = format!("{}-{}", self.release.chart_name, self.chart.version).replace('+', "_");
        let mut labels = Block::new(self).with_fixed("helm.sh/chart", &label_length(&chart));
        for (key, value) in self.selector_labels().node().fields(&[]) {
            labels.put(key, value.clone());
        }
        labels
            .with_fixed("app.kubernetes.io/version", &self.chart.app_version)
            .with_fixed("app.kubernetes.io/managed-by", &self.release.service)
    }

    /// The labels of an object, with `additionalLabels` where the chart version puts them on all objects.
    pub(super) fn labels(&self) -> Block<'_> {
        let mut labels = self.common_labels();
        self.add_global_labels(&mut labels);
        labels
    }

    /// Adds `additionalLabels`, quoted, where the chart version puts them on all objects.
    pub(super) fn add_global_labels(&self, labels: &mut Block<'_>) {
        let additional = self.value("additionalLabels");
        if !self.has(Change::LabelsEverywhere) || !additional.truth() {
            return;
        }
        let Some(fields) = additional.node.and_then(Node::as_mapping) else {
            additional.refuse(format!("{} must be a mapping", additional.path));
            return;
        };
        for key in fields.keys() {
            labels.put(key, additional.get(key).quoted());
        }
    }

    /// The annotations of an object: `additionalAnnotations` below its own; `None` when there are none.
    pub(super) fn annotations(&self, own: Option<&Value<'_>>) -> Option<Node> {
        let mut annotations = Block::new(self);
        if self.has(Change::AdditionalAnnotations) {
            annotations.paste(&self.value("additionalAnnotations"));
        }
        if let Some(own) = own {
            annotations.paste(own);
        }
        (!annotations.is_empty()).then(|| annotations.node())
    }

    /// An object's beginning: apiVersion, kind and metadata.
    pub(super) fn object(
        &self,
        api_version: &str,
        kind: &str,
        name: Node,
        labels: Block<'_>,
        annotations: Option<Node>,
    ) -> Block<'_> {
        let metadata =
            Block::new(self).with("name", name).with("labels", labels.node()).with_some("annotations", annotations);
        Block::new(self)
            .with_fixed("apiVersion", api_version)
            .with_fixed("kind", kind)
            .with("metadata", metadata.node())
    }
}

/// Cuts to the 63 bytes a label may have, and takes one dash off the end.
fn label_length(name: &str) -> String {
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let cut = &name[..end];
    cut.strip_suffix('-').unwrap_or(cut).to_owned()
}
