//! The Qdrant server as it will start: effective configuration over its layers, keys, certificates, bootstrap.

mod bootstrap;
mod command;
mod convert;
mod delivery;
mod effective;
mod environment;
mod ignored;
mod key_text;
mod keys;
mod known;
mod layers;
mod merge;
mod mounts;
mod suggest;
mod tls;
mod tree;
mod version;

use std::cell::LazyCell;
use std::collections::BTreeSet;

pub(super) use convert::boolean;
pub use effective::{Effective, Setting};

use self::command::Command;
use self::environment::Environment;
use self::known::{Known, Meaning};
use self::layers::{Layer, Layers, UnreadFile};
use self::mounts::Mounts;
use super::build::Scope;
use super::facts::server::{self, Server};
use super::tracked::Tracked;
use crate::source::Origin;

/// `RUN_MODE` of the image.
const IMAGE_RUN_MODE: &str = "production";

/// Whether the text of a key asks to be replaced (`changeme`, `<your key>`).
pub fn is_placeholder_key(text: &str) -> bool {
    key_text::is_placeholder(text)
}

/// The facts about the server, and the effective configuration that other facts are made with.
pub fn server(scope: &Scope<'_>) -> (Option<Server>, Effective) {
    let mounts = Mounts::of(scope);
    let environment = Environment::of(scope);
    let command = Command::of(scope, &mounts);
    let mode = environment.get("RUN_MODE");
    let run_mode = match mode.map(|variable| variable.text.as_deref()) {
        Some(Ok(mode)) => Some(mode.to_owned()),
        Some(Err(_)) => None,
        None => Some(IMAGE_RUN_MODE.to_owned()),
    };
    let config_path = command.value_of("--config-path");
    let Layers { files, unread } = Layers::of(scope, &mounts, run_mode.as_deref(), config_path.as_deref());
    let running = version::running(scope);
    if scope.pods.is_none() && files.is_empty() {
        return of_the_api(scope, running);
    }
    let version = running.as_ref().map(|running| running.version.clone());
    let merged = merge::merge(scope, version.as_ref(), &files, &environment);
    let key_files = key_files(&files);
    let keys = keys::keys(scope, &key_files, &|which| {
        let path = format!("service.{which}");
        matches!(Known::table().meaning(&path, version.as_ref()), Meaning::Key(_))
    });
    let words = LazyCell::new(|| words_of(scope, &command));
    let used = |name: &str| words.contains(name);
    let track = |text: String, origin: &Origin| scope.origins.track(text, origin);
    let server = Server {
        version: running.as_ref().map(|running| track(running.version.to_string(), &running.origin)),
        version_assumed: running.as_ref().is_some_and(|running| running.assumed),
        config: Some(tree::config(scope, &merged, anchor(scope, &files))),
        layers: merged.effective.settings.iter().map(|(key, setting)| (key.clone(), setting.layer.clone())).collect(),
        unseen_layers: merged.unseen.clone(),
        ignored_config: tracked(scope, ignored::in_files(&files, version.as_ref())),
        unread_files: tracked(scope, unread.iter().map(unread_file).collect()),
        ignored_env: tracked(scope, ignored::in_environment(&environment, version.as_ref(), &used)),
        bootstrap: bootstrap::bootstrap(scope, &command, &environment)
            .map(|(fact, origin)| scope.origins.track(fact, &origin)),
        overridden: tracked(scope, merged.overridden),
        startup_errors: tracked(scope, merged.errors),
        telemetry_disabled_by_argument: command.has("--disable-telemetry"),
        api_key: keys.api_key,
        read_only_api_key: keys.read_only_api_key,
        alt_api_key: keys.alt_api_key,
        plain_text_keys: keys.plain_text,
        key_delivery: keys.delivery,
        tls_files: tls::files(scope, &merged.effective),
        misplaced_tls: tls::misplaced(scope, &key_files, &merged.effective),
        run_mode: mode.and_then(|variable| Some(track(variable.text.clone().ok()?, &variable.origin))),
    };
    (Some(server), merged.effective)
}

/// Where nothing but the Qdrant API was asked: the version.
fn of_the_api(scope: &Scope<'_>, running: Option<version::Running>) -> (Option<Server>, Effective) {
    let Some(running) = running else { return (None, Effective::default()) };
    let version = scope.origins.track(running.version.to_string(), &running.origin);
    let server = Server { version: Some(version), ..Server::default() };
    (Some(server), Effective { version: Some(running.version), ..Effective::default() })
}

/// What defaults are anchored at: the highest file, else the container.
fn anchor<'n>(scope: &'n Scope<'_>, files: &'n [Layer]) -> Option<&'n crate::source::Node> {
    files.iter().rev().find_map(Layer::config).or(scope.pods.as_ref().map(|pods| &pods.container))
}

fn tracked<T>(scope: &Scope<'_>, facts: Vec<(T, Origin)>) -> Vec<Tracked<T>> {
    facts.into_iter().map(|(fact, origin)| scope.origins.track(fact, &origin)).collect()
}

/// The files for those who look for keys and certificates, the highest first.
fn key_files(files: &[Layer]) -> Vec<keys::File<'_>> {
    files
        .iter()
        .rev()
        .map(|layer| keys::File {
            name: layer.name.clone(),
            config: layer.config(),
            place: layer.place,
            object: layer.held_by.clone(),
        })
        .collect()
}

fn unread_file(file: &UnreadFile) -> (server::UnreadFile, Origin) {
    let holds = |key: &str| file.config.as_ref().is_some_and(|config| config.at(&["service", key]).is_some());
    let fact = server::UnreadFile {
        path: file.path.clone(),
        held_by: file.held_by.clone(),
        holds_key: ["api_key", "read_only_api_key", "alt_api_key"].into_iter().any(holds),
    };
    (fact, file.origin.clone())
}

/// Every word that a script, a probe, a hook or the value of a variable of the container mentions. Collected once: there
/// may be thousands of variables.
fn words_of(scope: &Scope<'_>, command: &Command) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let Some(pods) = &scope.pods else { return words };
    let mut read = |text: &str| {
        let parts = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        words.extend(parts.filter(|word| !word.is_empty()).map(str::to_owned));
    };
    read(&command.text());
    pods.container.items(&["env"]).iter().filter_map(|variable| variable.text(&["value"])).for_each(&mut read);
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(node) = pods.container.at(&[field]) {
            read(&node.to_json().to_string());
        }
    }
    words
}
