//! A release as its carrier knows it, before the command line has its say.

use crate::load::LoadOptions;
use crate::model::input::{Carrier, Layer, Release};
use crate::source::{Node, Origin, Path};

/// A release and the place of its values in those of the chart above it.
#[derive(Debug, Clone)]
pub(in crate::load) struct Draft {
    pub release: Release,
    /// Keys from the values of the installed chart down to those of Qdrant; empty for the official chart itself.
    pub keys: Vec<String>,
}

impl Draft {
    /// A release of which nothing is known yet.
    pub(super) fn new(carrier: Carrier, folder: String, anchor: Origin, reason: impl Into<String>) -> Self {
        let release = Release {
            name: String::new(),
            namespace: None,
            chart_name: "qdrant".to_owned(),
            chart_version: None,
            chart_version_forced: false,
            layers: Vec::new(),
            carrier,
            anchor,
            reason: reason.into(),
            folder,
            files: Vec::new(),
            rendered_offline: false,
            unseen: Vec::new(),
            substitutes: false,
        };
        Self { release, keys: Vec::new() }
    }

    /// Adds the part of a layer that is Qdrant's; the anchor follows the highest one.
    pub(super) fn add_layer(&mut self, layer: &Layer) {
        if let Some(values) = below(&layer.values, &self.keys) {
            if matches!(values.origin, Origin::Written(_)) {
                self.release.anchor = values.origin.clone();
            }
            self.release.layers.push(Layer { values: values.clone(), ..layer.clone() });
        }
    }

    /// Applies what the command line says; it has the last word on all but the name.
    pub(in crate::load) fn finish(self, options: &LoadOptions) -> Release {
        let mut release = self.release;
        if release.name.is_empty() {
            release.name = options.release.clone().unwrap_or_else(|| "qdrant".to_owned());
        }
        if options.namespace.is_some() {
            release.namespace.clone_from(&options.namespace);
        }
        if let Some(version) = &options.chart_version {
            release.chart_version = Some((version.clone(), Origin::Derived));
            release.chart_version_forced = true;
        }
        // what sets a value of another part of the chart above hides nothing here
        release.unseen.retain_mut(|unseen| {
            let Some(only) = &mut unseen.only else { return true };
            let outer = Path::keys(self.keys.iter().map(String::as_str));
            let shared = only.0.len().min(outer.0.len());
            let concerns = only.0[..shared] == outer.0[..shared];
            only.0.drain(..shared);
            concerns
        });
        release.files.sort_unstable();
        release.files.dedup();
        release
    }
}

/// The node at a path of keys, be it null; the root for no keys.
pub(in crate::load) fn below<'n>(node: &'n Node, keys: &[String]) -> Option<&'n Node> {
    keys.iter().try_fold(node, |node, key| node.get(key))
}
