//! Values laid over a chart of the repository: which parts of them are Qdrant's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Draft, Unwrapped, below};
use crate::load::chart::{Chart, Dependency};
use crate::load::context::Context;
use crate::load::identity::Identity;
use crate::load::names::absolute;
use crate::load::sniff::values;
use crate::load::store::FileId;
use crate::model::input::{Layer, Unseen};
use crate::source::{Node, Origin, Path as Keys, SourceId, Span};

/// Charts inside charts are followed so deep.
const DEEPEST: usize = 6;

/// Values of one installation of a chart, lowest first, and what is known of it.
#[derive(Debug, Clone)]
pub(in crate::load) struct Stack {
    /// Name, namespace and the like; its layers are filled in.
    pub draft: Draft,
    /// Values of the installed chart, above its own `values.yaml`.
    pub layers: Vec<Layer>,
    /// The files they stand in.
    pub files: Vec<SourceId>,
}

impl Stack {
    /// The release that these values make of the official chart itself, and why it is taken for that.
    pub(super) fn into_official(self, why: &str, version: Option<(String, Origin)>) -> Draft {
        let Self { mut draft, layers, files } = self;
        draft.release.reason = format!("{}, {why}", draft.release.reason);
        draft.release.chart_version = version;
        draft.release.files.extend(files);
        for layer in &layers {
            draft.add_layer(layer);
        }
        draft
    }

    /// Records a source of values that cannot be read, over all layers so far.
    pub(super) fn hide(&mut self, what: String) {
        let over = self.layers.iter().filter_map(|layer| span_of(&layer.values)).collect();
        self.draft.release.unseen.push(Unseen { what, only: None, over });
    }

    /// Likewise for one that sets a single value, named as in `--set`, over all layers so far.
    pub(super) fn hide_at(&mut self, name: &str, what: String) {
        let only = head_of(name);
        let over = self.layers.iter().filter_map(|layer| span_of(below(&layer.values, &only)?)).collect();
        let only = Some(Keys::keys(only.iter().map(String::as_str)));
        self.draft.release.unseen.push(Unseen { what, only, over });
    }
}

/// The keys of a name as in `--set`, up to the first item of a list.
fn head_of(name: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        match (letter, keys.last_mut()) {
            ('.', _) => keys.push(String::new()),
            ('[', _) => break,
            ('\\', Some(key)) => key.extend(letters.next()),
            (letter, Some(key)) => key.push(letter),
            (_, None) => {}
        }
    }
    keys
}

fn span_of(node: &Node) -> Option<Span> {
    node.origin.place().map(|written| written.value_span())
}

/// Values of a chart lie below whatever its installation lays over them.
fn put_below_unseen(draft: &mut Draft, values: &Node) {
    for unseen in draft.release.unseen.iter_mut().filter(|unseen| unseen.only.is_none()) {
        unseen.over.extend(span_of(values));
    }
}

/// Where Qdrant stands inside a chart.
#[derive(Debug, Clone)]
struct Place {
    keys: Vec<String>,
    dependency: Dependency,
    /// `values.yaml` of the charts on the way, outermost first, each with the keys that lead to it.
    below: Vec<(Vec<String>, FileId)>,
    /// Conditions and tags on the way, with the keys of the chart that states them.
    switches: Vec<(Vec<String>, Dependency)>,
}

/// The releases of Qdrant in an installation of the chart in a folder; why there are none.
pub(in crate::load) fn of_chart(context: &mut Context<'_>, folder: &Path, stack: &Stack) -> Unwrapped {
    let Some(chart) = context.chart_in(folder) else {
        return Unwrapped::passed("it names a folder without a Chart.yaml in this repository");
    };
    if chart.is_official {
        return Unwrapped {
            releases: vec![unpacked(context, &chart, stack)],
            reason: stack.draft.release.reason.clone(),
        };
    }
    let mut places = Vec::new();
    let own_values = own_values(context, folder).map(|file| (Vec::new(), file));
    search(context, &chart, &Vec::new(), own_values.as_slice(), &[], &mut places);
    if places.is_empty() {
        return Unwrapped::passed(format!("the chart `{}` does not depend on the official chart", chart.name));
    }
    let mut unwrapped = Unwrapped::default();
    for place in places {
        match release(context, &chart, &place, stack) {
            Ok(draft) => {
                unwrapped.reason.clone_from(&draft.release.reason);
                unwrapped.releases.push(draft);
            }
            Err(why) if unwrapped.releases.is_empty() => unwrapped.reason = why,
            Err(_) => {}
        }
    }
    unwrapped
}

/// The keys under which Qdrant's values stand in the chart of a folder.
pub(in crate::load) fn keys_of(context: &mut Context<'_>, chart: &Arc<Chart>) -> Vec<Vec<String>> {
    let mut places = Vec::new();
    search(context, chart, &Vec::new(), &[], &[], &mut places);
    places.into_iter().map(|place| place.keys).collect()
}

fn own_values(context: &mut Context<'_>, folder: &Path) -> Option<FileId> {
    context.open(&folder.join("values.yaml"), folder)
}

/// The official chart, unpacked in the repository.
fn unpacked(context: &mut Context<'_>, chart: &Arc<Chart>, stack: &Stack) -> Draft {
    let mut draft = stack.draft.clone();
    draft.release.chart_version.clone_from(&chart.version);
    if let Some(file) = own_values(context, &chart.folder) {
        for values in context.values_of(file) {
            let name = context.file(file).name.clone();
            put_below_unseen(&mut draft, &values);
            draft.add_layer(&Layer { values, null_keeps_default: false, name });
        }
        draft.release.files.push(context.file(file).source);
    }
    for layer in &stack.layers {
        draft.add_layer(layer);
    }
    draft.release.files.push(context.file(chart.file).source);
    draft.release.files.extend(&stack.files);
    draft
}

fn search(
    context: &mut Context<'_>,
    chart: &Arc<Chart>,
    keys: &[String],
    below: &[(Vec<String>, FileId)],
    switches: &[(Vec<String>, Dependency)],
    places: &mut Vec<Place>,
) {
    if keys.len() >= DEEPEST {
        return;
    }
    for dependency in all_dependencies(context, chart) {
        let inner_keys: Vec<String> = keys.iter().cloned().chain([dependency.key.clone()]).collect();
        let mut switches = switches.to_vec();
        switches.push((keys.to_vec(), dependency.clone()));
        let place = |dependency: Dependency| Place {
            keys: inner_keys.clone(),
            dependency,
            below: below.to_vec(),
            switches: switches.clone(),
        };
        match &dependency.identity {
            Identity::Official => places.push(place(dependency)),
            Identity::Mirror => {
                if is_plausible(context, below, &inner_keys) {
                    places.push(place(dependency));
                }
            }
            Identity::Local(path) => {
                let folder = local_folder(&chart.folder, path, &dependency.name);
                let Some(inner) = folder.iter().find_map(|folder| context.chart_in(folder)) else { continue };
                if inner.folder == chart.folder {
                    continue;
                }
                if inner.is_official {
                    let version = dependency.version.clone().or_else(|| inner.version.clone());
                    let vendored = Dependency { version, ..dependency };
                    places.push(place(vendored));
                    continue;
                }
                let mut below = below.to_vec();
                below.extend(own_values(context, &inner.folder).map(|file| (inner_keys.clone(), file)));
                search(context, &inner, &inner_keys, &below, &switches, places);
            }
            Identity::Other(_) => {}
        }
    }
}

/// Declared dependencies, and charts that merely lie in `charts`.
fn all_dependencies(context: &mut Context<'_>, chart: &Arc<Chart>) -> Vec<Dependency> {
    let mut dependencies = chart.dependencies.clone();
    let folders = std::fs::read_dir(chart.folder.join("charts")).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for folder in folders {
        let Some(inner) = context.chart_in(&folder) else { continue };
        if dependencies.iter().any(|dependency| dependency.name == inner.name) {
            continue;
        }
        let path = folder.file_name().map(|name| format!("charts/{}", name.to_string_lossy())).unwrap_or_default();
        let origin = context.file(inner.file).documents.first().map_or(Origin::Derived, |one| one.root.origin.clone());
        dependencies.push(Dependency {
            name: inner.name.clone(),
            key: inner.name.clone(),
            repository: String::new(),
            version: inner.version.clone(),
            conditions: Vec::new(),
            tags: Vec::new(),
            identity: Identity::Local(path),
            origin,
        });
    }
    dependencies
}

/// `file://` is relative to the chart; a fetched copy lies in `charts`.
fn local_folder(chart: &Path, path: &str, name: &str) -> [PathBuf; 2] {
    [absolute(chart, Path::new(path)), chart.join("charts").join(name)]
}

/// A chart called `qdrant` from a registry that is not known counts unless its values are those of another chart.
fn is_plausible(context: &Context<'_>, below_files: &[(Vec<String>, FileId)], keys: &[String]) -> bool {
    let mut blocks = below_files.iter().flat_map(|(prefix, file)| {
        let inner = keys.get(prefix.len()..).unwrap_or_default().to_vec();
        context.values_of(*file).into_iter().filter_map(move |root| below(&root, &inner).cloned())
    });
    blocks.all(|block| {
        let score = values::score(&block);
        score.is_enough() || score.against.is_empty()
    })
}

fn release(context: &mut Context<'_>, chart: &Arc<Chart>, place: &Place, stack: &Stack) -> Result<Draft, String> {
    let mut layers: Vec<(Vec<String>, Layer)> = Vec::new();
    // the innermost chart's own values are the lowest
    for (prefix, file) in place.below.iter().rev() {
        for values in context.values_of(*file) {
            let name = context.file(*file).name.clone();
            layers.push((prefix.clone(), Layer { values, null_keeps_default: true, name }));
        }
    }
    layers.extend(stack.layers.iter().map(|layer| (Vec::new(), layer.clone())));
    for (keys, dependency) in &place.switches {
        if let Some(why) = switched_off(&layers, keys, dependency) {
            return Err(format!("{} of the chart `{}` is switched off: {why}", dependency.key, chart.name));
        }
    }
    let mut draft = stack.draft.clone();
    draft.release.anchor = place.dependency.origin.clone();
    draft.release.chart_version.clone_from(&place.dependency.version);
    if let Some(key) = place.keys.last() {
        draft.release.chart_name.clone_from(key);
    }
    draft.keys.clone_from(&place.keys);
    for (_, layer) in &layers[..layers.len() - stack.layers.len()] {
        put_below_unseen(&mut draft, &layer.values);
    }
    for (prefix, layer) in &layers {
        let Some(inner) = place.keys.strip_prefix(prefix.as_slice()) else { continue };
        let mut part = Draft { keys: inner.to_vec(), ..draft };
        part.add_layer(layer);
        draft = Draft { keys: place.keys.clone(), ..part };
    }
    let repository = match &place.dependency.repository {
        repository if repository.is_empty() => "charts".to_owned(),
        repository => repository.clone(),
    };
    let from = format!("dependency {} of the chart `{}`, from {repository}", place.keys.join("."), chart.name);
    draft.release.reason =
        if draft.release.reason.is_empty() { from } else { format!("{}; {from}", draft.release.reason) };
    draft.release.files.push(context.file(chart.file).source);
    draft.release.files.extend(place.below.iter().map(|(_, file)| context.file(*file).source));
    draft.release.files.extend(&stack.files);
    Ok(draft)
}

/// What switches a dependency off: the first condition that is a boolean decides, else the tags.
fn switched_off(layers: &[(Vec<String>, Layer)], keys: &[String], dependency: &Dependency) -> Option<String> {
    let lookup = |path: &[String]| -> Option<bool> {
        layers.iter().rev().find_map(|(prefix, layer)| {
            let inner = path.strip_prefix(prefix.as_slice())?;
            below(&layer.values, inner).and_then(Node::as_bool)
        })
    };
    for condition in &dependency.conditions {
        let path: Vec<String> = keys.iter().chain(condition).cloned().collect();
        match lookup(&path) {
            Some(true) => return None,
            Some(false) => return Some(format!("{} is false", path.join("."))),
            None => {}
        }
    }
    let tags: Vec<(String, bool)> = dependency
        .tags
        .iter()
        .filter_map(|tag| Some((tag.clone(), lookup(&["tags".to_owned(), tag.clone()])?)))
        .collect();
    let all_off = !tags.is_empty() && tags.iter().all(|(_, is_on)| !is_on);
    all_off.then(|| format!("tag {} is false", tags[0].0))
}
