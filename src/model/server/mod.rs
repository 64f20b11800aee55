//! The Qdrant server as it will start: effective configuration over its layers, keys, certificates, bootstrap.

mod delivery;
mod effective;
mod key_text;
mod keys;
mod tls;

pub use effective::{Effective, Setting};

use super::build::Scope;
use super::facts::server::Server;

/// The facts about the server, and the effective configuration that other facts are made with.
pub fn server(scope: &Scope<'_>) -> (Option<Server>, Effective) {
    let effective = Effective::default();
    let mut files = Vec::new();
    if let Some(release) = &scope.release {
        for (name, place) in [("local.yaml", "secret"), ("production.yaml", "values")] {
            let config = release.rendered.objects.iter().find_map(|object| object.configs.get(name));
            if config.is_some() {
                files.push(keys::File { name: name.to_owned(), config, place, object: "the values".to_owned() });
            }
        }
    }
    let keys = keys::keys(scope, &files, &|_| true);
    let server = Server {
        api_key: keys.api_key,
        read_only_api_key: keys.read_only_api_key,
        alt_api_key: keys.alt_api_key,
        plain_text_keys: keys.plain_text,
        key_delivery: keys.delivery,
        tls_files: tls::files(scope, &effective),
        misplaced_tls: tls::misplaced(scope, &files, &effective),
        ..Server::default()
    };
    (Some(server), effective)
}
