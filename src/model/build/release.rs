//! A release of the official chart: the version it is judged with, merged values, rendered objects.

use std::sync::Arc;

use crate::model::chart::{ChartVersion, Merged, ReleaseInfo, Rendered, Resolved, effective_values, render};
use crate::model::input::{Object, Release};
use crate::model::platform::Words;
use crate::source::{Node, Origin, Path, SourceId};

/// A release and what the chart makes of it.
pub struct RenderedRelease<'a> {
    /// As loaded.
    pub release: &'a Release,
    /// The chart version that is judged with.
    pub chart: ChartVersion,
    /// What the requested version turned out to be; none when nothing requests one.
    pub resolved: Option<Resolved>,
    /// Nothing names a version.
    pub assumed: bool,
    /// Values as the templates see them.
    pub merged: Merged,
    /// The objects.
    pub rendered: Rendered,
}

impl<'a> RenderedRelease<'a> {
    pub(super) fn new(release: &'a Release) -> Self {
        let resolved = release.chart_version.as_ref().map(|(requested, _)| ChartVersion::resolve(requested));
        let (chart, assumed) = match &resolved {
            Some(resolved) => (resolved.chart.clone(), false),
            None => (
                image_tag(release)
                    .and_then(|tag| ChartVersion::of_image_tag(&tag))
                    .unwrap_or_else(ChartVersion::newest),
                true,
            ),
        };
        let merged = effective_values(&chart, &release.layers, &release.anchor);
        let info = ReleaseInfo {
            name: release.name.as_str().into(),
            namespace: release.namespace.as_deref().map(Arc::from),
            chart_name: release.chart_name.as_str().into(),
            service: "Helm".into(),
        };
        let rendered = render(&merged.values, &info, &chart);
        Self { release, chart, resolved, assumed, merged, rendered }
    }

    /// The rendered objects as objects of the input.
    pub(super) fn objects(&self) -> Vec<Object> {
        let source = self.release.files.first().copied().unwrap_or(SourceId(0));
        self.rendered
            .objects
            .iter()
            .map(|rendered| Object {
                node: rendered.object.clone(),
                source,
                folder: self.release.folder.clone(),
                rendered_by_helm: true,
                live: false,
                words: Words::default(),
            })
            .collect()
    }

    /// The merged value at a path; none where it is absent or null.
    pub fn value(&self, path: &[&str]) -> Option<&Node> {
        self.merged.values.at(path)
    }

    /// Where a value would be set that nobody wrote: a default of the chart. A value that switches something off is the
    /// user's own.
    pub fn absent(&self, path: &[&str]) -> Origin {
        self.absent_of(&self.chart.owner(), path)
    }

    /// Likewise, for a default of someone else (`Qdrant 1.12`) that would be set in the values.
    pub fn absent_of(&self, owner: &str, path: &[&str]) -> Origin {
        let mut anchor = self.release.anchor.place();
        let mut node = &self.merged.values;
        let mut depth = 0;
        for key in path {
            let Some(next) = node.get(key) else {
                // a null deletes a default of the chart; the line that does so is the user's
                let nulled = self.release.layers.iter().rev().find_map(|layer| {
                    let written = path[..=depth].iter().try_fold(&layer.values, |node, key| node.get(key))?;
                    written.is_null().then_some(&written.origin)
                });
                return nulled
                    .cloned()
                    .unwrap_or_else(|| Origin::default_of(&owner.into(), Path::keys(path.iter().copied()), anchor));
            };
            node = next;
            depth += 1;
            anchor = node.origin.place().or(anchor);
        }
        if depth > 0 && depth == path.len() && node.origin.is_written() {
            return node.origin.clone();
        }
        Origin::default_of(&owner.into(), Path::keys(path.iter().copied()), anchor)
    }
}

/// `image.tag` as the highest layer writes it.
fn image_tag(release: &Release) -> Option<String> {
    release.layers.iter().rev().find_map(|layer| layer.values.at(&["image", "tag"])?.scalar_text())
}
