//! Argo CD: an Application, or the template of an `ApplicationSet`, that installs the chart.

use std::collections::BTreeSet;

use super::installation::{Wanted, add_file, add_inline, file_in_repository, install, is_template, joined, written};
use super::set::with_arguments;
use super::{Carrier, Draft, Stack, Unwrapped};
use crate::load::context::{Context, Seen};
use crate::load::sniff::Kind;
use crate::model::chart::{SetArgument, SetKind, SetOrigin};
use crate::model::input;
use crate::source::Node;

/// `argoproj.io` Application and `ApplicationSet`.
#[derive(Debug)]
pub(super) struct Argo;

impl Carrier for Argo {
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped> {
        let root = &seen.document.root;
        let application = match seen.sniffed.kind {
            Kind::ArgoApplication => root,
            Kind::ArgoApplicationSet => root.at(&["spec", "template"])?,
            _ => return None,
        };
        let several = application.items(&["spec", "sources"]);
        // Argo CD looks at `source` only where there are no `sources`
        let sources: Vec<&Node> = if several.is_empty() {
            application.at(&["spec", "source"]).into_iter().collect()
        } else {
            several.iter().collect()
        };
        let references: BTreeSet<&str> = sources.iter().filter_map(|source| source.text(&["ref"])).collect();
        let mut all = Unwrapped::passed("no source of it is a chart");
        for source in &sources {
            let unwrapped = install_source(context, seen, application, source, &references);
            if !unwrapped.releases.is_empty() || all.releases.is_empty() && !unwrapped.reason.is_empty() {
                all.reason = unwrapped.reason;
            }
            all.releases.extend(unwrapped.releases);
        }
        Some(all)
    }
}

fn install_source(
    context: &mut Context<'_>,
    seen: &Seen,
    application: &Node,
    source: &Node,
    references: &BTreeSet<&str>,
) -> Unwrapped {
    let text = |keys: &[&str]| source.text(keys).unwrap_or_default();
    let repository = text(&["repoURL"]).to_owned();
    let path = text(&["path"]).trim_start_matches("./").to_owned();
    let wanted = if let Some(chart) = source.text(&["chart"]) {
        Wanted::Chart { chart: chart.to_owned(), repository }
    } else if repository.starts_with("oci://") {
        Wanted::Chart { chart: repository, repository: String::new() }
    } else if source.get("path").is_some() {
        Wanted::Folder { path, repository }
    } else {
        return Unwrapped::default();
    };
    let mut stack = Stack { draft: draft(context, seen, application, source), layers: Vec::new(), files: Vec::new() };
    values(context, seen, source, &wanted, references, &mut stack);
    install(context, seen, &wanted, written(source, &["targetRevision"]), stack)
}

fn draft(context: &Context<'_>, seen: &Seen, application: &Node, source: &Node) -> Draft {
    let known = |text: &&str| !is_template(text);
    let own = seen.document.root.text(&["metadata", "name"]).unwrap_or_default();
    let kind = seen.document.root.text(&["kind"]).unwrap_or_default();
    let reason = format!("Argo CD {kind} {own}");
    let mut draft = Draft::new(input::Carrier::Argo, context.folder(seen.file), source.origin.clone(), reason);
    let name = source
        .text(&["helm", "releaseName"])
        .filter(known)
        .or_else(|| application.text(&["metadata", "name"]).filter(known))
        .or(Some(own));
    name.unwrap_or_default().clone_into(&mut draft.release.name);
    let namespace = source
        .text(&["helm", "namespace"])
        .or_else(|| application.text(&["spec", "destination", "namespace"]))
        .filter(known);
    draft.release.namespace = namespace.map(str::to_owned);
    draft.release.rendered_offline = true;
    draft.release.files.push(seen.document.source);
    draft
}

/// Files, then the inline values, then the parameters.
fn values(
    context: &mut Context<'_>,
    seen: &Seen,
    source: &Node,
    wanted: &Wanted,
    references: &BTreeSet<&str>,
    stack: &mut Stack,
) {
    let Some(helm) = source.at(&["helm"]) else {
        stack.layers = with_arguments(context, std::mem::take(&mut stack.layers), &[]);
        return;
    };
    let missing_is_fine = helm.at(&["ignoreMissingValueFiles"]).and_then(Node::as_bool) == Some(true);
    for entry in helm.items(&["valueFiles"]).iter().filter_map(Node::as_str) {
        match located(entry, wanted, references) {
            Ok(path) if add_file(context, seen, &path, stack, &stack.draft.release.reason.clone()) => {}
            Ok(_) if missing_is_fine => {}
            Ok(_) => stack.hide(format!("{entry} is not in this repository")),
            Err(why) => stack.hide(format!("{entry} {why}")),
        }
    }
    if let Some(values) = helm.at(&["valuesObject"]) {
        add_inline(stack, values.clone(), "valuesObject");
    } else if let Some(text) = helm.at(&["values"]).filter(|text| text.as_str().is_some()) {
        for values in context.values_inside(text) {
            add_inline(stack, values, "values");
        }
    }
    let mut arguments: Vec<SetArgument> = helm.items(&["parameters"]).iter().filter_map(parameter).collect();
    for entry in helm.items(&["fileParameters"]) {
        if let Some(argument) = file_parameter(context, seen, entry, wanted, references) {
            arguments.push(argument);
        } else {
            let name = entry.text(&["name"]).unwrap_or_default();
            stack.hide_at(name, format!("the file of parameter {name} is not in this repository"));
        }
    }
    stack.layers = with_arguments(context, std::mem::take(&mut stack.layers), &arguments);
}

/// A values file as a path from the root of the repository; why it cannot be one.
fn located(entry: &str, wanted: &Wanted, references: &BTreeSet<&str>) -> Result<String, &'static str> {
    if is_template(entry) {
        return Err("is known only when it is rendered");
    }
    if entry.contains("://") {
        return Err("lies elsewhere");
    }
    if entry.contains(['*', '?']) {
        return Err("is a pattern");
    }
    if let Some((reference, path)) = entry.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
        return if references.contains(reference) {
            Ok(path.to_owned())
        } else {
            Err("names no source of the Application")
        };
    }
    match wanted {
        Wanted::Folder { path, .. } => Ok(joined(path, entry)),
        Wanted::Chart { .. } => Err("lies in the chart's archive"),
    }
}

/// `helm.parameters`: what `--set` or `--set-string` would say.
fn parameter(node: &Node) -> Option<SetArgument> {
    let name = node.text(&["name"])?;
    let value = node.get("value")?;
    let is_string = node.at(&["forceString"]).and_then(Node::as_bool) == Some(true);
    let kind = if is_string { SetKind::String } else { SetKind::Typed };
    let text = format!("{name}={}", escaped(&value.scalar_text().unwrap_or_default()));
    Some(SetArgument { kind, text: text.into(), origin: SetOrigin::Place(value.origin.clone()) })
}

/// Argo CD escapes commas that are not escaped yet, but not those of a list in braces.
fn escaped(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut before = '\0';
    for letter in value.chars() {
        if letter == ',' && before != '\\' {
            text.push('\\');
        }
        text.push(letter);
        before = letter;
    }
    text
}

/// `helm.fileParameters`: the content of a file as a string.
fn file_parameter(
    context: &mut Context<'_>,
    seen: &Seen,
    node: &Node,
    wanted: &Wanted,
    references: &BTreeSet<&str>,
) -> Option<SetArgument> {
    let path = located(node.text(&["path"])?, wanted, references).ok()?;
    let file = file_in_repository(context, seen.file, &path)?;
    let content = &context.sources.get(context.file(file).source).text;
    let text = format!("{}={content}", node.text(&["name"])?);
    Some(SetArgument { kind: SetKind::Literal, text: text.into(), origin: SetOrigin::Place(node.origin.clone()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_are_escaped_once_and_lists_keep_theirs() {
        assert_eq!(escaped("a,b"), "a\\,b");
        assert_eq!(escaped("a\\,b"), "a\\,b");
        assert_eq!(escaped("{a,b}"), "{a,b}");
    }

    #[test]
    fn a_values_file_is_found_from_the_root_of_the_repository() {
        let chart = Wanted::Chart { chart: "qdrant".into(), repository: "https://qdrant.to/helm".into() };
        let folder = Wanted::Folder { path: "apps/qdrant".into(), repository: "https://git.example/r".into() };
        let references = BTreeSet::from(["values"]);
        assert_eq!(located("$values/env/prod.yaml", &chart, &references).as_deref(), Ok("env/prod.yaml"));
        assert_eq!(located("../shared/prod.yaml", &folder, &references).as_deref(), Ok("apps/shared/prod.yaml"));
        assert_eq!(located("/prod.yaml", &folder, &references).as_deref(), Ok("prod.yaml"));
        assert!(located("prod.yaml", &chart, &references).is_err());
        assert!(located("$other/prod.yaml", &chart, &references).is_err());
        assert!(located("{{ path }}/prod.yaml", &folder, &references).is_err());
    }
}
