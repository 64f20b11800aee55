//! A chart as a carrier names it, and the release that it becomes.

use std::path::Path;

use super::{Stack, Unwrapped, of_chart};
use crate::load::context::{Context, Seen};
use crate::load::identity::{Identity, identify, is_official_repository};
use crate::load::names::{self, absolute};
use crate::load::sniff::{RENDER, values};
use crate::load::store::FileId;
use crate::model::input::Layer;
use crate::source::{Node, Origin};

/// What a carrier installs.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// A chart of a registry.
    Chart {
        /// As written: `qdrant`, or a whole address.
        chart: String,
        /// Its repository; empty when the input does not hold it.
        repository: String,
    },
    /// A folder of a git repository.
    Folder {
        /// Below the root of the repository.
        path: String,
        /// Address of the repository; empty when the input does not hold it.
        repository: String,
    },
}

impl Wanted {
    /// The chart itself, wherever it comes from.
    fn identity(&self) -> Identity {
        match self {
            Self::Chart { chart, repository } => identify(chart, repository),
            Self::Folder { path, repository } => {
                let is_chart = names::file_name(path.trim_end_matches('/')) == "qdrant";
                if is_chart && is_official_repository(repository) {
                    Identity::Official
                } else {
                    Identity::Local(path.clone())
                }
            }
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Chart { chart, repository } if repository.is_empty() => format!("chart {chart}"),
            Self::Chart { chart, repository } => format!("chart {chart} of {repository}"),
            Self::Folder { path, repository } => format!("chart in {path} of {repository}"),
        }
    }
}

/// The releases of Qdrant in an installation; `version` is the one that the carrier asks for.
pub(super) fn install(
    context: &mut Context<'_>,
    seen: &Seen,
    wanted: &Wanted,
    version: Option<(String, Origin)>,
    mut stack: Stack,
) -> Unwrapped {
    match wanted.identity() {
        Identity::Official => Unwrapped::one(stack.into_official(&wanted.in_words(), version)),
        Identity::Mirror => {
            if let Some(why) = values_of_another(wanted, &stack.layers) {
                return Unwrapped::passed(why);
            }
            Unwrapped::one(stack.into_official(&wanted.in_words(), version))
        }
        Identity::Other(why) => Unwrapped::passed(why),
        Identity::Local(path) => {
            if is_template(&path) {
                return Unwrapped::passed(format!("the path `{path}` is known only when it is rendered"));
            }
            let Some(folder) = context.in_repository(seen.file, &path) else {
                return Unwrapped::passed(format!("`{path}` is not in this repository"));
            };
            if context.chart_in(&folder).is_none() {
                return Unwrapped::passed(format!("`{path}` holds no Chart.yaml; what lies there is judged by itself"));
            }
            context.charts_judged.insert(folder.clone());
            if let Wanted::Folder { .. } = wanted {
                stack.draft.release.reason = format!("{}, {}", stack.draft.release.reason, wanted.in_words());
            }
            of_chart(context, &folder, &stack)
        }
    }
}

/// A chart called `qdrant` of a registry that is not known: its values tell whether it is a mirror of the official one.
fn values_of_another(wanted: &Wanted, layers: &[Layer]) -> Option<String> {
    let mappings = layers.iter().filter(|layer| layer.values.as_mapping().is_some_and(|fields| !fields.is_empty()));
    let foreign =
        mappings.map(|layer| values::score(&layer.values)).find(|score| !score.is_enough() && !score.fits())?;
    // the address of the registry settles it, when only that is missing
    let next = match wanted {
        Wanted::Chart { repository, .. } if repository.is_empty() => "give the source that holds its address too",
        _ => RENDER,
    };
    Some(format!("the {} may be another chart: {}; {next}", wanted.in_words(), foreign.why_not()))
}

/// Lays a values file that a carrier names over the stack; the path is looked up in the repository of the carrier.
pub(super) fn add_file(context: &mut Context<'_>, seen: &Seen, path: &str, stack: &mut Stack, whose: &str) -> bool {
    let Some(file) = file_in_repository(context, seen.file, path) else { return false };
    let (name, source) = (context.file(file).name.clone(), context.file(file).source);
    for values in context.values_of(file) {
        stack.layers.push(Layer { values, null_keeps_default: false, name: name.clone() });
    }
    stack.files.push(source);
    context.claim(file, format!("values of {whose}"));
    true
}

/// A file by its path from the root of the repository.
pub(super) fn file_in_repository(context: &mut Context<'_>, from: FileId, path: &str) -> Option<FileId> {
    let target = context.in_repository(from, path)?;
    let (root, _) = context.root_of(from);
    context.open(&target, &root)
}

/// A path below a folder of the repository, as a path from its root; one that leaves the repository stays inside.
pub(super) fn joined(folder: &str, path: &str) -> String {
    if let Some(rooted) = path.strip_prefix('/') {
        return rooted.to_owned();
    }
    let below = absolute(&Path::new("/").join(folder.trim_start_matches('/')), Path::new(path));
    below.to_string_lossy().trim_start_matches('/').to_owned()
}

/// Adds values that stand inside the carrier.
pub(super) fn add_inline(stack: &mut Stack, values: Node, name: &str) {
    if values.as_mapping().is_some() {
        stack.layers.push(Layer { values, null_keeps_default: false, name: name.to_owned() });
    }
}

/// Whether a text waits for a template engine.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// A scalar with its place.
pub(super) fn written(node: &Node, path: &[&str]) -> Option<(String, Origin)> {
    let found = node.at(path)?;
    Some((found.scalar_text()?, found.origin.clone()))
}
