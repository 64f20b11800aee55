//! The release's chart as facts: version, keys that it does not read, why it does not render.

mod ignored;
mod lookalikes;
mod start_arguments;
mod suggestion;

use super::build::{RenderedRelease, Scope};
use super::chart::{ApiKey, Fidelity};
use super::facts::{Chart, RenderError, Tracked0};
use super::tracked::Tracked;
use crate::source::{Origin, Path, Segment};

pub use start_arguments::{dropped_args, start_script_takes_nothing};

/// The chart; none for manifests.
pub fn chart(scope: &Scope<'_>) -> Option<Chart> {
    let release = scope.release.as_ref()?;
    let origins = &scope.origins;
    hide_templates(scope, release);
    let requested = release.release.chart_version.as_ref();
    let version_at = requested.map_or_else(|| assumed_by(release), |(_, at)| at.clone());
    let value = |keys: &[&str]| release.value(keys).map(|node| origins.track(node.to_json(), &node.origin));
    let form = |key: &ApiKey, name: &str| api_key_form(scope, release, key, name);
    let errors = release.rendered.errors.iter().map(|error| {
        let fact = RenderError { key: error.values_path.to_string(), message: error.message.clone() };
        origins.track(fact, &error.at)
    });
    Some(Chart {
        version: Some(origins.track(release.chart.version.to_string(), &version_at)),
        requested: requested.map(|(text, at)| origins.track(text.clone(), at)),
        assumed: release.assumed,
        exists: release.resolved.as_ref().is_none_or(|resolved| resolved.exists().unwrap_or(true)),
        newer_than_modelled: release.chart.fidelity == Fidelity::Newer,
        pinned: release.resolved.as_ref().is_some_and(super::chart::Resolved::is_pinned),
        approximate: release.chart.fidelity == Fidelity::Approximate,
        app_version: release.chart.app_version.trim_start_matches('v').to_owned(),
        ignored_values: ignored::ignored_values(release, origins),
        render_errors: errors.collect(),
        api_key_form: form(&release.rendered.api_key, "apiKey"),
        read_only_api_key_form: form(&release.rendered.read_only_api_key, "readOnlyApiKey"),
        rendered_offline: release.release.rendered_offline,
        unseen_values: release.release.unseen.iter().map(|unseen| unseen.what.clone()).collect(),
        p2p_tls: value(&["config", "cluster", "p2p", "enable_tls"]),
        service_tls: value(&["config", "service", "enable_tls"]),
    })
}

/// What the assumed version rests on: the image's tag, else the values as a whole.
fn assumed_by(release: &RenderedRelease<'_>) -> Origin {
    let tag = release.value(&["image", "tag"]).filter(|tag| tag.origin.is_written());
    tag.map_or_else(|| release.release.anchor.clone(), |tag| tag.origin.clone())
}

fn api_key_form(scope: &Scope<'_>, release: &RenderedRelease<'_>, key: &ApiKey, name: &str) -> Tracked0<String> {
    let track = |form: &str, at: &Origin| -> Option<Tracked<String>> { Some(scope.origins.track(form.to_owned(), at)) };
    match key {
        ApiKey::None => {
            let at = release.value(&[name]).map_or_else(|| release.absent(&[name]), |node| node.origin.clone());
            track("none", &at)
        }
        ApiKey::Text { at, .. } => track("text", at),
        ApiKey::Generated { at } => track("generated", at),
        ApiKey::Lookup { at, .. } => track("value-from", at),
        ApiKey::Lost { at } => track("lost", at),
    }
}

/// Templates that only Helm (`{{ … }}` in values that the chart evaluates) can fill in.
fn hide_templates(scope: &Scope<'_>, release: &RenderedRelease<'_>) {
    for templated in &release.rendered.templated {
        let reason = format!("`{}` holds a template that only Helm evaluates", templated.values_path);
        for fact in hidden_by(&templated.values_path) {
            scope.hide(fact, reason.clone());
        }
    }
}

/// The facts that a value of the chart decides, of those that the chart evaluates as templates.
fn hidden_by(values: &Path) -> Vec<Path> {
    let Some(Segment::Key(first)) = values.0.first() else { return Vec::new() };
    match &**first {
        "config" => {
            let mut path = Path::keys(["qdrant", "config"]);
            path.0.extend_from_slice(&values.0[1..]);
            vec![path]
        }
        "affinity" | "topologySpreadConstraints" => {
            ["host", "zone", "selecting_nothing"].map(|part| Path::keys(["spread", part])).to_vec()
        }
        _ => Vec::new(),
    }
}
