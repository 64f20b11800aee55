//! helmfile: the releases of a `helmfile.yaml` that install the official chart.

use super::installation::{Wanted, add_file, add_inline, install, is_template, joined, written};
use super::set::with_arguments;
use super::{Carrier, Draft, Stack, Unwrapped};
use crate::load::context::{Context, Seen};
use crate::load::sniff::Kind;
use crate::model::chart::{SetArgument, SetKind, SetOrigin};
use crate::model::input;
use crate::source::Node;

/// A `helmfile.yaml` with `releases`.
#[derive(Debug)]
pub(super) struct Helmfile;

impl Carrier for Helmfile {
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped> {
        if seen.sniffed.kind != Kind::Helmfile {
            return None;
        }
        let root = seen.document.root.clone();
        let mut unwrapped = Unwrapped::default();
        let mut passed = "none of its releases installs Qdrant".to_owned();
        for release in root.items(&["releases"]) {
            // other charts of the same file are nobody's business here
            if !release.text(&["chart"]).is_some_and(|chart| chart.trim_end_matches('/').ends_with("qdrant")) {
                continue;
            }
            let found = of_release(context, seen, &root, release);
            if found.releases.is_empty() {
                passed = found.reason;
            } else {
                unwrapped.reason.clone_from(&found.reason);
                unwrapped.releases.extend(found.releases);
            }
        }
        if unwrapped.releases.is_empty() {
            unwrapped.reason = passed;
        }
        Some(unwrapped)
    }
}

fn of_release(context: &mut Context<'_>, seen: &Seen, root: &Node, release: &Node) -> Unwrapped {
    let name = release.text(&["name"]).unwrap_or("qdrant");
    if release.at(&["installed"]).and_then(Node::as_bool) == Some(false) {
        return Unwrapped::passed(format!("the release {name} is not installed"));
    }
    let chart = release.text(&["chart"]).unwrap_or_default();
    let folder = below_root(context, seen);
    let wanted = if chart.starts_with('.') {
        Wanted::Folder { path: joined(&folder, chart), repository: String::new() }
    } else {
        let (alias, chart) = chart.split_once('/').unwrap_or(("", chart));
        let repository = root
            .items(&["repositories"])
            .iter()
            .find(|repository| repository.text(&["name"]) == Some(alias))
            .and_then(|repository| repository.text(&["url"]))
            .unwrap_or_default();
        Wanted::Chart { chart: chart.to_owned(), repository: repository.to_owned() }
    };
    let reason = format!("release {name} of a helmfile");
    let mut draft = Draft::new(input::Carrier::Other, context.folder(seen.file), release.origin.clone(), reason);
    let templated = |text: &&str| !is_template(text);
    release.text(&["name"]).filter(templated).unwrap_or_default().clone_into(&mut draft.release.name);
    draft.release.namespace = release.text(&["namespace"]).filter(templated).map(str::to_owned);
    draft.release.files.push(seen.document.source);
    let mut stack = Stack { draft, layers: Vec::new(), files: Vec::new() };
    let whose = stack.draft.release.reason.clone();
    for values in release.items(&["values"]) {
        match values.as_str() {
            None => add_inline(&mut stack, values.clone(), "values"),
            Some(path) => {
                let is_read = !is_template(path)
                    && !path.ends_with(".gotmpl")
                    && add_file(context, seen, &joined(&folder, path), &mut stack, &whose);
                if !is_read {
                    stack.hide(format!("{path} is rendered by helmfile or not in this repository"));
                }
            }
        }
    }
    for secrets in release.items(&["secrets"]).iter().filter_map(Node::as_str) {
        stack.hide(format!("{secrets} is encrypted"));
    }
    let arguments: Vec<SetArgument> = release.items(&["set"]).iter().filter_map(argument).collect();
    stack.layers = with_arguments(context, std::mem::take(&mut stack.layers), &arguments);
    install(context, seen, &wanted, written(release, &["version"]), stack)
}

/// The folder of the helmfile below the root of its repository: paths in it begin there.
fn below_root(context: &Context<'_>, seen: &Seen) -> String {
    let (root, _) = context.root_of(seen.file);
    let folder = context.folder_path(seen.file);
    folder.strip_prefix(&root).map(|below| below.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `{name: a.b, value: x}`; values that come from elsewhere are left out by the caller's file layers.
fn argument(set: &Node) -> Option<SetArgument> {
    let value = set.at(&["value"])?;
    let text = format!("{}={}", set.text(&["name"])?, value.scalar_text()?.replace(',', "\\,"));
    Some(SetArgument { kind: SetKind::Typed, text: text.into(), origin: SetOrigin::Place(value.origin.clone()) })
}
