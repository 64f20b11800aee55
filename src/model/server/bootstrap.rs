//! How peers find each other: the chart's script, arguments, variables, or a script of one's own.

use super::command::Command;
use super::environment::Environment;
use crate::model::build::Scope;
use crate::model::facts::server::Bootstrap;
use crate::source::Origin;

/// Words of a shell that choose between the first peer and the others.
const BRANCHES: [&str; 7] = ["if ", "if[", "case ", "[[", "&&", "||", "elif "];

/// How the peers of the workload are told of each other; none without a workload.
pub(super) fn bootstrap(
    scope: &Scope<'_>,
    command: &Command,
    environment: &Environment,
) -> Option<(Bootstrap, Origin)> {
    let pods = scope.pods.as_ref()?;
    if let Some(release) = &scope.release
        && command.is_chart_script
    {
        let chart = &release.rendered.bootstrap;
        let fact = Bootstrap {
            how: "chart-script".to_owned(),
            first_peer_has_uri: Some(true),
            others_bootstrap: Some(!chart.restores),
            first_peer_bootstraps: false,
            scheme: Some(chart.scheme.to_owned()),
            port: chart.port.parse().ok(),
        };
        return Some((fact, chart.at.clone()));
    }
    let name = pods.workload.name();
    let words_at = command.words.last().map(|word| word.origin.clone());
    let variable = |name: &str| environment.get(name);
    let (uri_variable, bootstrap_variable) = (variable("QDRANT_URI"), variable("QDRANT_BOOTSTRAP"));
    let uris = command.values_of("--uri");
    let bootstraps = command.values_of("--bootstrap");
    let has_uri = !uris.is_empty() || uri_variable.is_some();
    let has_bootstrap = !bootstraps.is_empty() || bootstrap_variable.is_some();
    let anchor = pods
        .container
        .at(&["args"])
        .or_else(|| pods.container.at(&["command"]))
        .or_else(|| pods.container.at(&["image"]));
    let anchor = anchor.map_or_else(|| pods.container.origin.clone(), |node| node.origin.clone());
    if !has_uri && !has_bootstrap {
        let how = if command.unseen_script { "unknown" } else { "none" };
        let known = (!command.unseen_script).then_some(false);
        let fact = Bootstrap {
            how: how.to_owned(),
            first_peer_has_uri: known,
            others_bootstrap: known,
            first_peer_bootstraps: false,
            scheme: None,
            port: None,
        };
        return Some((fact, anchor));
    }
    let text = command.text();
    // a shell may also leave the option to the others only
    let chooses = BRANCHES.iter().any(|word| text.contains(word));
    let itself = |address: &str| address.contains(&format!("{name}-0"));
    let by_variable = bootstrap_variable.and_then(|variable| variable.text.as_deref().ok());
    let to_first = bootstraps.iter().map(String::as_str).chain(by_variable).any(itself);
    let shown = address(&uris, &bootstraps, uri_variable.and_then(|variable| variable.text.as_deref().ok()));
    let fact = Bootstrap {
        how: if uris.is_empty() && bootstraps.is_empty() { "environment" } else { "arguments" }.to_owned(),
        first_peer_has_uri: Some(has_uri),
        others_bootstrap: Some(has_bootstrap),
        // the same words start every peer, and the one they name is among them
        first_peer_bootstraps: has_bootstrap && !chooses && to_first,
        scheme: shown.as_ref().map(|(scheme, _)| scheme.clone()),
        port: shown.and_then(|(_, port)| port),
    };
    let origin = match (&command.script, words_at) {
        (Some(script), _) => script.origin.clone(),
        (None, Some(_)) if !uris.is_empty() || !bootstraps.is_empty() => anchor,
        _ => bootstrap_variable.or(uri_variable).map_or(anchor, |variable| variable.origin.clone()),
    };
    Some((fact, origin))
}

/// Scheme and port of the first address that shows them.
fn address(uris: &[String], bootstraps: &[String], variable: Option<&str>) -> Option<(String, Option<u16>)> {
    uris.iter().chain(bootstraps).map(String::as_str).chain(variable).find_map(|address| {
        let (scheme, rest) = address.split_once("://")?;
        matches!(scheme, "http" | "https").then(|| {
            let port = rest.trim_end_matches('/').rsplit_once(':').and_then(|(_, port)| port.parse().ok());
            (scheme.to_owned(), port)
        })
    })
}
