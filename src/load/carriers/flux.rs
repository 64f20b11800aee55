//! Flux: a `HelmRelease`, joined with the sources and `ConfigMap`s of the input.

use super::flux_values::values;
use super::installation::{Wanted, add_inline, install, written};
use super::{Carrier, Draft, Stack, Unwrapped, post_renderers};
use crate::load::context::{Context, Seen};
use crate::load::sniff::Kind;
use crate::load::sniff::values::{Score, score};
use crate::model::input;
use crate::source::{Node, Origin};

/// `helm.toolkit.fluxcd.io` `HelmRelease`.
#[derive(Debug)]
pub(super) struct Flux;

/// The chart that a release asks for.
struct Asked {
    wanted: Wanted,
    version: Option<(String, Origin)>,
    /// `valuesFiles` of the chart, lowest first.
    files: Vec<String>,
    /// The source that the chart comes from is in the input.
    source_is_seen: bool,
}

impl Carrier for Flux {
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped> {
        if seen.sniffed.kind != Kind::FluxHelmRelease {
            return None;
        }
        let root = &seen.document.root;
        let Some(asked) = asked(context, seen) else {
            return Some(Unwrapped::passed(
                "it names no chart: a patch that Kustomize lays over the HelmRelease of this name",
            ));
        };
        let mut stack = Stack { draft: draft(context, seen), layers: Vec::new(), files: Vec::new() };
        values(context, seen, &asked.wanted, &asked.files, &mut stack);
        patched(context, seen, &mut stack);
        if !root.items(&["spec", "postRenderers"]).is_empty() {
            // they replace no values, but may write what the chart leaves out
            let what = "postRenderers change what the chart renders".to_owned();
            match post_renderers::overruled(context, root) {
                Some(keys) => keys.into_iter().for_each(|key| stack.hide_at(key, what.clone())),
                None => stack.draft.release.unseen.push(input::Unseen { what, only: None, over: Vec::new() }),
            }
        }
        if !asked.source_is_seen && matches!(&asked.wanted, Wanted::Chart { chart, .. } if chart.is_empty()) {
            return Some(unknown_source(root, asked.version, stack));
        }
        Some(install(context, seen, &asked.wanted, asked.version, stack))
    }
}

/// Values that Kustomize lays over those of the release: a HelmRelease of the same name that names no chart. Of several,
/// each an overlay of its own, none is known to be meant.
fn patched(context: &Context<'_>, seen: &Seen, stack: &mut Stack) {
    let name = seen.document.root.text(&["metadata", "name"]);
    let patches: Vec<&Seen> = context
        .seen
        .iter()
        .filter(|other| {
            let root = &other.document.root;
            other.sniffed.kind == Kind::FluxHelmRelease
                && root.text(&["metadata", "name"]) == name
                && root.at(&["spec", "chart"]).or_else(|| root.at(&["spec", "chartRef"])).is_none()
        })
        .collect();
    match patches.as_slice() {
        [] => {}
        [only] => {
            if let Some(values) = only.document.root.at(&["spec", "values"]) {
                add_inline(stack, values.clone(), &context.file(only.file).name);
                stack.files.push(only.document.source);
            }
        }
        several => stack.hide(format!("which of {} patches of Kustomize is meant cannot be told", several.len())),
    }
}

/// A source that is not in the input: only what the values hold by themselves tells the chart.
fn unknown_source(root: &Node, version: Option<(String, Origin)>, stack: Stack) -> Unwrapped {
    let name = root.text(&["spec", "chartRef", "name"]).unwrap_or_default();
    let kind = root.text(&["spec", "chartRef", "kind"]).unwrap_or_default();
    let proof = stack.layers.iter().map(|layer| score(&layer.values)).find(Score::is_enough);
    let Some(proof) = proof else {
        return Unwrapped::passed(format!("the {kind} {name} that names its chart is not in the input; give it too"));
    };
    let why = proof.why();
    Unwrapped::one(stack.into_official(&why, version))
}

fn draft(context: &Context<'_>, seen: &Seen) -> Draft {
    let root = &seen.document.root;
    let text = |keys: &[&str]| root.text(keys);
    let name = text(&["metadata", "name"]).unwrap_or_default();
    let spec = root.at(&["spec"]).unwrap_or(root);
    let reason = format!("Flux HelmRelease {name}");
    let mut draft = Draft::new(input::Carrier::Flux, context.folder(seen.file), spec.origin.clone(), reason);
    let target = text(&["spec", "targetNamespace"]);
    draft.release.name = match (text(&["spec", "releaseName"]), target) {
        (Some(own), _) => own.to_owned(),
        (None, Some(target)) => format!("{target}-{name}"),
        (None, None) => name.to_owned(),
    };
    let namespace = target.or_else(|| text(&["metadata", "namespace"])).filter(|namespace| !namespace.contains("${"));
    let given = || context.kustomized.namespace(&context.file(seen.file).path).and_then(Node::as_str);
    let namespace = namespace.or_else(given).filter(|namespace| !namespace.contains("${"));
    draft.release.namespace = namespace.map(str::to_owned);
    draft.release.substitutes = true;
    draft.release.files.push(seen.document.source);
    draft
}

/// Follows `chart.spec` or `chartRef` to the chart.
fn asked(context: &Context<'_>, seen: &Seen) -> Option<Asked> {
    let root = &seen.document.root;
    if let Some(spec) = root.at(&["spec", "chart", "spec"]) {
        return Some(of_spec(context, seen, spec));
    }
    let reference = root.at(&["spec", "chartRef"])?;
    let kind = reference.text(&["kind"])?;
    let source = context.object(seen.file, kind, reference.text(&["name"])?).map(|seen| seen.document.root.clone());
    let Some(source) = source else {
        let wanted = Wanted::Chart { chart: String::new(), repository: String::new() };
        return Some(Asked { wanted, version: None, files: Vec::new(), source_is_seen: false });
    };
    if kind == "HelmChart" {
        return Some(of_spec(context, seen, source.at(&["spec"])?));
    }
    let chart = source.text(&["spec", "url"]).unwrap_or_default().to_owned();
    let wanted = Wanted::Chart { chart, repository: String::new() };
    Some(Asked { wanted, version: reference_of(&source), files: Vec::new(), source_is_seen: true })
}

fn of_spec(context: &Context<'_>, seen: &Seen, spec: &Node) -> Asked {
    let chart = spec.text(&["chart"]).unwrap_or_default().to_owned();
    let kind = spec.text(&["sourceRef", "kind"]).unwrap_or_default();
    let name = spec.text(&["sourceRef", "name"]).unwrap_or_default();
    let source = context.object(seen.file, kind, name).map(|seen| seen.document.root.clone());
    let repository = source.as_ref().and_then(|source| source.text(&["spec", "url"])).unwrap_or_default().to_owned();
    let files = spec.items(&["valuesFiles"]).iter().filter_map(Node::as_str).map(str::to_owned).collect();
    let source_is_seen = source.is_some();
    if matches!(kind, "GitRepository" | "Bucket") {
        let path = chart.trim_start_matches("./").to_owned();
        let version = source.as_ref().and_then(reference_of);
        return Asked { wanted: Wanted::Folder { path, repository }, version, files, source_is_seen };
    }
    let version = written(spec, &["version"]);
    Asked { wanted: Wanted::Chart { chart, repository }, version, files, source_is_seen }
}

/// The tag or the range that a source is fetched at.
fn reference_of(source: &Node) -> Option<(String, Origin)> {
    written(source, &["spec", "ref", "semver"]).or_else(|| written(source, &["spec", "ref", "tag"]))
}
