//! Flags that lead to the Qdrant API, and the key that opens it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::output::Failure;
use crate::load::live::client::Asker;
use crate::load::live::qdrant::{Address, ApiKey, Asking, Trust, Wanted};
use crate::load::live::recording::Via;
use crate::source::base64;

/// Variable of the key, unless another is named.
const VARIABLE: &str = "QDRANT_API_KEY";

#[derive(Args, Clone, Debug)]
pub(super) struct Qdrant {
    /// Address of a Qdrant, `http://HOST:6333`; repeatable, one for each peer of the same cluster. Alone: no Kubernetes is
    /// asked
    #[arg(long = "qdrant-url", value_name = "URL", help_heading = "Qdrant API")]
    urls: Vec<String>,
    /// Ask the Qdrant of every pod: through the API server (`port-forward`), or by its name from inside the cluster (`dns`)
    #[arg(long, value_name = "WAY", help_heading = "Qdrant API")]
    via: Option<Way>,
    /// Variable that holds the API key; a read-only one is enough [default: QDRANT_API_KEY]
    #[arg(long, value_name = "NAME", help_heading = "Qdrant API")]
    api_key_env: Option<String>,
    /// File that holds the API key
    #[arg(long, value_name = "FILE", help_heading = "Qdrant API", conflicts_with = "api_key_env")]
    api_key_file: Option<PathBuf>,
    /// Secret that holds the API key: NAMESPACE/NAME/KEY (needs `get` on that Secret)
    #[arg(long, value_name = "SECRET", help_heading = "Qdrant API", conflicts_with_all = ["api_key_env", "api_key_file"])]
    api_key_secret: Option<String>,
    /// Send the key also where anyone on the way may read it (http to another machine)
    #[arg(long, help_heading = "Qdrant API")]
    key_in_plain_text: bool,
    /// Authorities in PEM that Qdrant's certificate is verified with [default: those of this machine]
    #[arg(long, value_name = "FILE", help_heading = "Qdrant API")]
    qdrant_ca_file: Option<PathBuf>,
    /// Name that Qdrant's certificate holds, where the address has another
    #[arg(long, value_name = "NAME", help_heading = "Qdrant API")]
    qdrant_server_name: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Way {
    PortForward,
    Dns,
}

impl Qdrant {
    /// Whether the Qdrant API is asked at all.
    pub(super) fn is_wanted(&self) -> bool {
        self.via.is_some() || !self.urls.is_empty()
    }

    /// Whether addresses were given and no way through a cluster.
    pub(super) fn names_addresses_only(&self) -> bool {
        self.via.is_none() && !self.urls.is_empty() && self.api_key_secret.is_none()
    }

    /// What is asked, and how; none when nothing is. The Secret of a key is read from a cluster.
    pub(super) fn wanted(
        &self,
        patience: Option<Duration>,
        secret: &dyn Fn(&str) -> Result<serde_json::Value, Failure>,
    ) -> Result<Option<Wanted>, Failure> {
        if !self.is_wanted() {
            return Ok(None);
        }
        let urls: Result<Vec<Address>, Failure> =
            self.urls.iter().map(|url| Address::read(url).map_err(|error| Failure::new(error.to_string()))).collect();
        let authorities = self.qdrant_ca_file.as_deref().map(file).transpose()?;
        let trust = Trust::new(authorities.as_deref(), self.qdrant_server_name.clone())
            .map_err(|error| Failure::new(error.to_string()).help("name a PEM file with --qdrant-ca-file"))?;
        let mut asking = Asking::new(self.key(secret)?, trust);
        asking.key_in_plain_text = self.key_in_plain_text;
        if let Some(patience) = patience.filter(|patience| !patience.is_zero()) {
            asking.patience = patience;
        }
        let via = self.via.map(|way| match way {
            Way::PortForward => Via::PortForward,
            Way::Dns => Via::Dns,
        });
        Ok(Some(Wanted { via, urls: urls?, asking }))
    }

    fn key(&self, secret: &dyn Fn(&str) -> Result<serde_json::Value, Failure>) -> Result<Option<ApiKey>, Failure> {
        let (text, place) = if let Some(path) = &self.api_key_file {
            let bytes = file(path)?;
            (String::from_utf8(bytes).ok(), format!("`{}`", path.display()))
        } else if let Some(name) = &self.api_key_secret {
            (Some(in_secret(name, secret)?), format!("Secret `{name}`"))
        } else {
            let name = self.api_key_env.as_deref().unwrap_or(VARIABLE);
            let text = std::env::var(name).ok();
            if text.is_none() && self.api_key_env.is_some() {
                return Err(Failure::new(format!("the variable `{name}` of --api-key-env is not set")));
            }
            if text.is_none() {
                return Ok(None);
            }
            (text, format!("`{name}`"))
        };
        let text = text.ok_or_else(|| Failure::new(format!("the API key in {place} is no text")))?;
        ApiKey::new(&text).map(Some).map_err(|error| Failure::new(format!("the API key in {place}: {error}")))
    }
}

/// The value of `NAMESPACE/NAME/KEY`.
fn in_secret(name: &str, secret: &dyn Fn(&str) -> Result<serde_json::Value, Failure>) -> Result<String, Failure> {
    let wrong = || Failure::new(format!("`--api-key-secret {name}` is no NAMESPACE/NAME/KEY"));
    let parts: Vec<&str> = name.split('/').collect();
    let [namespace, object, key] = parts.as_slice() else { return Err(wrong()) };
    let is_name = |part: &&&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
    };
    if ![namespace, object, key].iter().all(is_name) {
        return Err(wrong());
    }
    let found = secret(&format!("/api/v1/namespaces/{namespace}/secrets/{object}"))?;
    let encoded = found.get("data").and_then(|data| data.get(*key)).and_then(serde_json::Value::as_str);
    let decoded = encoded.and_then(base64::decode).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| Failure::new(format!("Secret {namespace}/{object} has no key `{key}` that is text")))
}

/// Reads the Secret of a key from a cluster.
pub(super) fn from_cluster<'a>(
    asker: Option<&'a Asker>,
    runtime: &'a tokio::runtime::Runtime,
) -> impl Fn(&str) -> Result<serde_json::Value, Failure> + 'a {
    move |path| {
        let asker = asker.ok_or_else(|| Failure::new("no cluster to read the Secret of the API key from"))?;
        runtime.block_on(asker.get(path)).map_err(|error| {
            Failure::new(format!("the Secret of the API key cannot be read: {error}"))
                .help("grant `get` on that one Secret, or give the key in QDRANT_API_KEY")
        })
    }
}

fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::new(format!("`{}` cannot be read: {error}", path.display())))
}
