//! One loading from the paths to the inputs.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::carriers::{CARRIERS, Unwrapped, keys_of, layered};
use super::context::{Context, Seen};
use super::kustomize::Kustomized;
use super::sniff::{self, Beside, Kind, Place, Sniffed, kubernetes};
use super::store::{FileId, Store};
use super::{InputEntry, LoadError, LoadOptions, Loaded, discover, live};
use crate::model::collections::bodies;
use crate::model::input::{Body, DuplicateKey, Inputs, Object, ServerConfigFile};
use crate::model::platform::Words;
use crate::source::{Document, Schema, SourceId, Sources, parse_as};

/// Reads everything the options name. Deterministic: the order of the paths, then of the names below them.
pub fn load(options: &LoadOptions, sources: &mut Sources) -> Loaded {
    let (found, mut errors) = discover::discover(options);
    let mut store = Store::new(options);
    errors.extend(store.read(found, options, sources));
    let mut context = Context::new(options, store, sources);
    recognise(&mut context);
    context.kustomized = Kustomized::read(&mut context);
    name_patches(&mut context);
    let mut loaded = Loaded { errors, ..Loaded::default() };
    let mut outcomes: Vec<Option<Outcome>> = (0..context.seen.len()).map(|_| None).collect();
    releases(&mut context, &mut loaded.inputs, &mut outcomes);
    list(&context, &mut loaded, &outcomes);
    recordings(&mut context, &mut loaded);
    refused(&context, &mut loaded, &outcomes);
    problems(&context, &mut loaded);
    loaded.errors.append(&mut context.errors);
    loaded.inputs.duplicates.append(&mut context.duplicates);
    loaded.inputs.namespace.clone_from(&context.options.namespace);
    gather(&context, &mut loaded);
    loaded
}

/// What a carrier made of a document.
struct Outcome {
    reason: String,
    releases: Vec<usize>,
}

/// Says of every document what it is.
fn recognise(context: &mut Context<'_>) {
    let listed: Vec<FileId> = context.store.ids().filter(|id| context.file(*id).listed).collect();
    for id in listed {
        let chart = beside(context, id);
        // what parses of a template by chance is not what will be rendered
        if is_unrendered(context, id) && !context.file(id).errors.is_empty() {
            continue;
        }
        let documents = context.file(id).documents.clone();
        for document in documents {
            let file = context.file(id);
            let sniffed = if file.layer {
                Sniffed { kind: Kind::HelmValues, reason: "-f".to_owned() }
            } else if is_unrendered(context, id) {
                Sniffed { kind: Kind::Template, reason: format!("a template; {}", sniff::RENDER) }
            } else {
                let as_kind = context.options.as_kind;
                let place = Place { file: &file.name, explicit: file.explicit, as_kind, chart: chart.clone() };
                sniff::sniff(&document.root, &place)
            };
            context.seen.push(Seen { file: id, document, sniffed });
        }
    }
}

/// Objects in files that a kustomization lays over others are parts of those.
fn name_patches(context: &mut Context<'_>) {
    let mut seen = std::mem::take(&mut context.seen);
    for one in &mut seen {
        let file = context.store.get(one.file);
        if one.sniffed.kind == Kind::Manifest && !file.explicit && context.kustomized.is_patch(&file.path) {
            let reason = format!("{}: a patch of Kustomize; {}", one.sniffed.reason, sniff::PATCHED);
            one.sniffed = Sniffed { kind: Kind::KustomizePatch, reason };
        }
    }
    context.seen = seen;
}

/// The chart whose values a file may be.
fn beside(context: &mut Context<'_>, id: FileId) -> Beside {
    const NEAR: [&str; 6] = ["values", "env", "envs", "environments", "ci", "overlays"];
    let Some(chart) = context.chart_of(id, 3) else { return Beside::Nothing };
    if chart.is_official {
        return Beside::Official;
    }
    let keys = keys_of(context, &chart);
    if !keys.is_empty() {
        return Beside::Umbrella(keys.iter().map(|path| path[0].clone()).collect());
    }
    let folder = context.folder_path(id);
    let between = folder.strip_prefix(&chart.folder).map(|path| path.to_string_lossy().into_owned());
    let first = between.unwrap_or_default();
    let first = first.split('/').next().unwrap_or_default();
    if first.is_empty() || NEAR.contains(&first) { Beside::Other(chart.name.clone()) } else { Beside::Nothing }
}

/// Templates by their place or name, and broken files that have braces where a value should be.
fn is_unrendered(context: &Context<'_>, id: FileId) -> bool {
    let file = context.file(id);
    let is_named_so = [".gotmpl", ".tpl"].iter().any(|extension| file.name.ends_with(extension));
    let has_braces = || sniff::is_template(&context.sources.get(file.source).text);
    is_helm_template(context, id) || is_named_so || (!file.errors.is_empty() && has_braces())
}

/// Files below `templates` of a chart are templates, also those that happen to be YAML.
fn is_helm_template(context: &Context<'_>, id: FileId) -> bool {
    let file = context.file(id);
    let folders = file.path.ancestors().skip(1);
    let in_chart = folders
        .filter(|folder| folder.file_name().is_some_and(|name| name == "templates"))
        .any(|folder| folder.with_file_name("Chart.yaml").exists());
    in_chart || (file.name.contains("templates/") && sniff::is_template(&context.sources.get(file.source).text))
}

/// Runs each carrier over all documents; a document belongs to the first that knows it.
fn releases(context: &mut Context<'_>, inputs: &mut Inputs, outcomes: &mut [Option<Outcome>]) {
    let seen = context.seen.clone();
    let layers: Vec<FileId> = context.store.ids().filter(|id| context.file(*id).layer).collect();
    if !layers.is_empty() {
        let Unwrapped { releases, reason } = layered(context, &layers);
        inputs.releases.extend(releases.into_iter().map(|draft| draft.finish(context.options)));
        let all: Vec<usize> = (0..inputs.releases.len()).collect();
        for (_, outcome) in seen.iter().zip(outcomes.iter_mut()).filter(|(seen, _)| context.file(seen.file).layer) {
            *outcome = Some(Outcome { reason: reason.clone(), releases: all.clone() });
        }
    }
    for carrier in CARRIERS {
        for (seen, outcome) in seen.iter().zip(outcomes.iter_mut()) {
            if outcome.is_some() {
                continue;
            }
            let Some(Unwrapped { releases, reason }) = carrier.unwrap(seen, context) else { continue };
            let first = inputs.releases.len();
            inputs.releases.extend(releases.into_iter().map(|draft| draft.finish(context.options)));
            *outcome = Some(Outcome { reason, releases: (first..inputs.releases.len()).collect() });
        }
    }
}

/// Hands over what is judged and writes the line of every document.
fn list(context: &Context<'_>, loaded: &mut Loaded, outcomes: &[Option<Outcome>]) {
    let mut index = 0;
    let mut last = None;
    let mut release_of: HashMap<SourceId, usize> = HashMap::new();
    for (index, release) in loaded.inputs.releases.iter().enumerate() {
        for source in &release.files {
            release_of.entry(*source).or_insert(index);
        }
    }
    for (seen, outcome) in context.seen.iter().zip(outcomes) {
        index = if last == Some(seen.file) { index + 1 } else { 0 };
        last = Some(seen.file);
        let file = context.file(seen.file);
        let mut entry = InputEntry {
            file: file.name.clone(),
            document: index,
            line: first_line(context.sources, &seen.document),
            kind: seen.sniffed.kind,
            reason: seen.sniffed.reason.clone(),
            judged: false,
            release: None,
            objects: Vec::new(),
        };
        if let Some(outcome) = outcome {
            if !outcome.reason.is_empty() {
                entry.reason.clone_from(&outcome.reason);
            }
            entry.release = outcome.releases.first().copied();
            entry.judged = entry.release.is_some();
        } else {
            hand_over(context, seen, &mut entry, &mut loaded.inputs);
        }
        if outcome.is_none()
            && is_part_of_release(entry.kind)
            && let Some(claim) = context.claims.get(&seen.file)
        {
            entry.reason.clone_from(claim);
        }
        if entry.release.is_none() {
            entry.release = release_of.get(&file.source).copied();
            entry.judged |= entry.release.is_some() && is_part_of_release(entry.kind);
        }
        loaded.listing.push(entry);
    }
}

/// What recordings hold; each is judged by itself, whatever lies beside it.
fn recordings(context: &mut Context<'_>, loaded: &mut Loaded) {
    let mut documents = Vec::new();
    let limits = context.options.limits;
    for index in 0..context.seen.len() {
        let seen = &context.seen[index];
        if seen.sniffed.kind != Kind::Recording {
            continue;
        }
        let file = context.file(seen.file).name.clone();
        match live::read(&seen.document.root, &file) {
            Ok(recording) => {
                // the tree of a fleet is as large as all that is made of it
                context.forget(index);
                let mut judged = false;
                for views in live::replay(recording, &limits, context.sources) {
                    judged |= !views.views.is_empty();
                    loaded.live.extend(views.views.into_iter().map(|view| view.inputs));
                    documents.extend(views.documents);
                    loaded.errors.extend(views.errors);
                }
                for entry in
                    loaded.listing.iter_mut().filter(|entry| entry.file == file && entry.kind == Kind::Recording)
                {
                    entry.judged = judged;
                }
            }
            Err(error) => loaded.errors.push(error),
        }
    }
    loaded.documents.extend(documents);
}

fn is_part_of_release(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::HelmValues | Kind::UmbrellaValues | Kind::OtherValues | Kind::Chart | Kind::Other | Kind::Empty
    )
}

fn hand_over(context: &Context<'_>, seen: &Seen, entry: &mut InputEntry, inputs: &mut Inputs) {
    let source = seen.document.source;
    let folder = context.folder(seen.file);
    match seen.sniffed.kind {
        Kind::Manifest | Kind::OperatorResource => {
            for object in kubernetes::objects(&seen.document.root) {
                if matches!(object.role, kubernetes::Role::TestHook | kubernetes::Role::Patch) {
                    continue;
                }
                entry.objects.push(inputs.objects.len());
                entry.judged |= object.role == kubernetes::Role::Object;
                let rendered_by_helm = kubernetes::is_rendered_by_helm(&object.node);
                let folder = folder.clone();
                let node = context.kustomized.applied(&context.file(seen.file).path, object.node);
                let words = Words::default();
                inputs.objects.push(Object { node, source, folder, rendered_by_helm, live: false, words });
            }
        }
        Kind::Collection | Kind::Recover => {
            for body in bodies(&seen.document.root, &entry.file) {
                entry.judged = true;
                let folder = folder.clone();
                inputs.bodies.push(Body { node: body.node, kind: body.kind, name: body.name, source, folder });
            }
        }
        Kind::ServerConfig => {
            entry.judged = true;
            // Qdrant reads YAML 1.2, unlike Helm: the text is read once more by those rules
            let parsed = parse_as(context.sources, source, Schema::Core12, &context.options.limits);
            let node = parsed.documents.into_iter().nth(entry.document).map(|document| document.root);
            let node = node.unwrap_or_else(|| seen.document.root.clone());
            inputs.server_configs.push(ServerConfigFile { node, source, folder });
        }
        _ => {}
    }
}

fn first_line(sources: &Sources, document: &Document) -> usize {
    let start = document.root.origin.place().map_or(document.span.start, |written| written.value.0);
    sources.get(document.source).position(start).line
}

/// Files that could not be read, in part or at all.
fn problems(context: &Context<'_>, loaded: &mut Loaded) {
    for id in context.store.ids() {
        let file = context.file(id);
        if file.errors.is_empty() {
            continue;
        }
        let source = context.sources.get(file.source);
        if is_unrendered(context, id) {
            let reason = format!("a Go template, not YAML; {}", sniff::RENDER);
            loaded.listing.push(broken(&file.name, Kind::Template, &reason));
            if file.explicit
                && (file.layer || sniff::is_about_qdrant(&format!("{} {}", file.path.display(), source.text)))
            {
                let message = "a Go template that has not been rendered is not YAML";
                loaded.errors.push(LoadError::whole(&file.name, message, Some(sniff::RENDER)));
            }
            continue;
        }
        let text = source.text.to_ascii_lowercase();
        let is_kubernetes = text.contains("apiversion:") && text.contains("kind:");
        if file.explicit || text.contains("qdrant") || is_kubernetes || !file.listed {
            for error in &file.errors {
                loaded.errors.push(LoadError::syntax(&file.name, error.position(context.sources), error));
            }
        }
        let line = file.errors[0].position(context.sources).line;
        loaded.listing.push(InputEntry { line, ..broken(&file.name, Kind::Broken, &file.errors[0].message) });
    }
    let mut ranks: HashMap<&str, usize> = HashMap::new();
    for (rank, id) in context.store.ids().enumerate() {
        ranks.entry(&context.file(id).name).or_insert(rank);
    }
    let rank = |entry: &InputEntry| ranks.get(entry.file.as_str()).copied().unwrap_or(usize::MAX);
    loaded.listing.sort_by_cached_key(|entry| (rank(entry), entry.document));
}

fn broken(file: &str, kind: Kind, reason: &str) -> InputEntry {
    InputEntry {
        file: file.to_owned(),
        document: 0,
        line: 1,
        kind,
        reason: reason.to_owned(),
        judged: false,
        release: None,
        objects: Vec::new(),
    }
}

/// Files named by themselves that speak of Qdrant and were passed over.
fn refused(context: &Context<'_>, loaded: &mut Loaded, outcomes: &[Option<Outcome>]) {
    for (seen, outcome) in context.seen.iter().zip(outcomes) {
        let file = context.file(seen.file);
        let is_layer = file.layer && outcome.as_ref().is_none_or(|outcome| outcome.releases.is_empty());
        let is_foreign = file.explicit
            && matches!(seen.sniffed.kind, Kind::OtherValues | Kind::Sops | Kind::Template)
            && sniff::is_about_qdrant(&context.sources.get(file.source).text);
        if is_layer || is_foreign {
            let reason = outcome.as_ref().map_or(&seen.sniffed.reason, |outcome| &outcome.reason);
            let message = format!("not judged: {reason}");
            let help = "say what it is with --as, or give the manifests that it becomes";
            loaded.errors.push(LoadError::whole(&file.name, message, Some(help)));
        }
    }
}

/// Documents for ignores, and keys that stand twice in what is judged.
fn gather(context: &Context<'_>, loaded: &mut Loaded) {
    let mut seen = BTreeSet::new();
    let judged: HashSet<&str> =
        loaded.listing.iter().filter(|entry| entry.judged).map(|entry| entry.file.as_str()).collect();
    let of_releases: HashSet<SourceId> =
        loaded.inputs.releases.iter().flat_map(|release| release.files.iter().copied()).collect();
    for id in context.store.ids() {
        let file = context.file(id);
        loaded.documents.extend(file.documents.iter().map(Arc::clone));
        let is_used = judged.contains(file.name.as_str()) || of_releases.contains(&file.source);
        if !is_used || !seen.insert(file.source) {
            continue;
        }
        let duplicates = file.documents.iter().flat_map(|document| &document.duplicates);
        loaded.inputs.duplicates.extend(duplicates.map(|duplicate| DuplicateKey {
            path: duplicate.path.clone(),
            first: duplicate.first,
            last: duplicate.last,
        }));
    }
}
