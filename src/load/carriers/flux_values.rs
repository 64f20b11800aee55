//! The values of a `HelmRelease`: files of the chart, references in order, inline values, references into them.

use super::Stack;
use super::installation::{Wanted, add_file, add_inline, file_in_repository, joined};
use super::set::with_arguments;
use crate::load::context::{Context, Seen};
use crate::load::names;
use crate::load::sniff::Kind;
use crate::model::chart::{SetArgument, SetKind, SetOrigin};
use crate::source::Node;

/// Fills the stack; what cannot be read is listed.
pub(super) fn values(context: &mut Context<'_>, seen: &Seen, wanted: &Wanted, files: &[String], stack: &mut Stack) {
    let whose = stack.draft.release.reason.clone();
    for file in files {
        let is_added = match wanted {
            // paths of `valuesFiles` begin at the root of the source
            Wanted::Folder { .. } => add_file(context, seen, file.trim_start_matches("./"), stack, &whose),
            // the chart's own file holds its defaults
            Wanted::Chart { .. } => file == "values.yaml",
        };
        if !is_added {
            stack.hide(format!("{file} is not in this repository"));
        }
    }
    let references: Vec<Node> = seen.document.root.items(&["spec", "valuesFrom"]).to_vec();
    let mut arguments = Vec::new();
    let mut hidden_arguments = Vec::new();
    for reference in &references {
        let kind = reference.text(&["kind"]).unwrap_or_default();
        let name = reference.text(&["name"]).unwrap_or_default();
        let key = reference.text(&["valuesKey"]).unwrap_or("values.yaml");
        let content = if kind == "ConfigMap" { content(context, seen, name, key) } else { None };
        match (content, reference.text(&["targetPath"])) {
            (Some(Content::Text(text)), Some(target)) => {
                arguments.push(argument(reference, target, text.as_str().unwrap_or_default()));
            }
            (Some(Content::Text(text)), None) => {
                for values in context.values_inside(&text) {
                    add_inline(stack, values, name);
                }
            }
            (Some(Content::File(path)), None) if add_file(context, seen, &path, stack, &whose) => {}
            _ => {
                let why = if kind == "Secret" { "cannot be seen" } else { "is not in the input" };
                match reference.text(&["targetPath"]) {
                    Some(path) => hidden_arguments.push((path, format!("{kind} {name} for {path} {why}"))),
                    None => stack.hide(format!("{kind} {name} {why}")),
                }
            }
        }
    }
    if let Some(values) = seen.document.root.at(&["spec", "values"]) {
        add_inline(stack, values.clone(), "spec.values");
    }
    for (path, what) in hidden_arguments {
        stack.hide_at(path, what);
    }
    stack.layers = with_arguments(context, std::mem::take(&mut stack.layers), &arguments);
}

/// What a key of a `ConfigMap` holds.
enum Content {
    /// Its text.
    Text(Node),
    /// A file that Kustomize puts there, from the root of the repository.
    File(String),
}

/// The key of a `ConfigMap` that is in the input, or that a kustomization of the input generates.
fn content(context: &mut Context<'_>, seen: &Seen, name: &str, key: &str) -> Option<Content> {
    let map = context.object(seen.file, "ConfigMap", name).map(|seen| seen.document.root.clone());
    if let Some(text) = map.as_ref().and_then(|map| map.at(&["data", key])) {
        return Some(Content::Text(text.clone()));
    }
    let kustomizations: Vec<Seen> =
        context.seen.iter().filter(|seen| seen.sniffed.kind == Kind::Kustomization).cloned().collect();
    let folder = context.folder_path(seen.file);
    // the nearest one above the release is the one that it is applied with
    let mut above: Vec<Seen> = kustomizations
        .into_iter()
        .filter(|kustomization| folder.starts_with(context.folder_path(kustomization.file)))
        .collect();
    above.sort_by_key(|kustomization| std::cmp::Reverse(context.folder_path(kustomization.file).components().count()));
    above.iter().find_map(|kustomization| {
        let path = generated(&kustomization.document.root, name, key)?;
        let (root, _) = context.root_of(kustomization.file);
        let below = context.folder_path(kustomization.file).strip_prefix(&root).ok()?.to_string_lossy().into_owned();
        let path = joined(&below, &path);
        file_in_repository(context, kustomization.file, &path).map(|_| Content::File(path))
    })
}

/// The file that a `configMapGenerator` puts under a key: `key=path`, or a path whose last part is the key.
fn generated(kustomization: &Node, name: &str, key: &str) -> Option<String> {
    let mut generators = kustomization.items(&["configMapGenerator"]).iter();
    let generator = generators.find(|generator| generator.text(&["name"]) == Some(name))?;
    generator.items(&["files"]).iter().filter_map(Node::as_str).find_map(|entry| {
        let (under, path) = entry.split_once('=').unwrap_or_else(|| (names::file_name(entry), entry));
        (under == key).then(|| path.to_owned())
    })
}

/// `targetPath` is a name as in `--set`.
fn argument(reference: &Node, target: &str, text: &str) -> SetArgument {
    let is_literal = reference.at(&["literal"]).and_then(Node::as_bool) == Some(true);
    let kind = if is_literal { SetKind::Literal } else { SetKind::Typed };
    let text = format!("{target}={text}");
    SetArgument { kind, text: text.into(), origin: SetOrigin::Place(reference.origin.clone()) }
}
