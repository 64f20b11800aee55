//! One cluster, asked politely: few requests at a time, each bounded in time and size, and no sooner again than it wants.

use std::path::PathBuf;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::header::RETRY_AFTER;
use hyper::http::{Method, Request, StatusCode};
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;

/// One answer may be so large; a page of 500 objects of 1.5 MiB each is no answer of a healthy cluster.
const LARGEST_ANSWER: usize = 256 << 20;
/// Times that a request is sent again when the server asks for it.
const RETRIES: u32 = 5;
/// Times that a request is sent again when no answer came.
const RECONNECTS: u32 = 2;
/// No wait is longer, whatever the server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// First wait where the server names none; doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A request that takes longer has failed, unless the user says otherwise.
const PATIENCE: Duration = Duration::from_mins(1);

/// How to reach a cluster, as kubectl's flags say it.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// `--kubeconfig`; else `$KUBECONFIG`, `~/.kube/config`, the service account of the pod.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`
    pub context: Option<String>,
    /// `--cluster`
    pub cluster: Option<String>,
    /// `--user`
    pub user: Option<String>,
    /// `--as`
    pub impersonate: Option<String>,
    /// `--as-group`
    pub impersonate_groups: Vec<String>,
    /// `--request-timeout`
    pub request_timeout: Option<Duration>,
    /// `--insecure-skip-tls-verify`
    pub insecure: bool,
}

/// Why a cluster cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig is missing, broken, or names no such context.
    #[error("{0}")]
    Kubeconfig(String),
    /// The credentials or certificates in it cannot be used.
    #[error("the credentials of context `{context}` cannot be used: {reason}")]
    Credentials {
        /// Name of the context.
        context: String,
        /// In words.
        reason: String,
    },
}

/// Why a request gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 403: the user may not.
    #[error("{0}")]
    Forbidden(String),
    /// 401: the user is not known, or no longer.
    #[error("the API server does not accept the credentials (401): {0}")]
    Unauthorized(String),
    /// 404: no such object, or no such resource.
    #[error("not found")]
    NotFound,
    /// 410: the list has moved on since its first page.
    #[error("the list changed faster than it could be read (410)")]
    Gone,
    /// Any other refusal.
    #[error("the API server answered {code}: {message}")]
    Refused {
        /// HTTP status.
        code: u16,
        /// Its words.
        message: String,
    },
    /// No answer, or none that is one.
    #[error("{0}")]
    Unreachable(String),
}

impl ApiError {
    /// Whether nothing more will come of this cluster.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unauthorized(_))
    }
}

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    /// Name of the context, or `in-cluster`.
    pub context: String,
    /// The namespace of the context.
    pub namespace: String,
    patience: Duration,
}

impl Asker {
    /// Reads the kubeconfig and makes a client; nothing is sent yet.
    pub async fn connect(connection: &Connection) -> Result<Self, ConnectError> {
        let (mut config, context) = config(connection).await?;
        // this client counts and bounds its own retries
        config.default_retry = false;
        config.accept_invalid_certs |= connection.insecure;
        if connection.impersonate.is_some() {
            config.auth_info.impersonate.clone_from(&connection.impersonate);
        }
        if !connection.impersonate_groups.is_empty() {
            config.auth_info.impersonate_groups = Some(connection.impersonate_groups.clone());
        }
        let patience = connection.request_timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(PATIENCE);
        config.connect_timeout = Some(patience.min(Duration::from_secs(15)));
        let namespace = config.default_namespace.clone();
        let client = Client::try_from(config)
            .map_err(|error| ConnectError::Credentials { context: context.clone(), reason: in_words(&error) })?;
        Ok(Self { client, context, namespace, patience })
    }

    /// The client below, for what is no plain request (port-forward).
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Reads a path.
    pub async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.ask(Method::GET, path, "application/json", None).await
    }

    /// Reads a path in a form of its own.
    pub async fn get_as(&self, path: &str, accept: &str) -> Result<Value, ApiError> {
        self.ask(Method::GET, path, accept, None).await
    }

    /// Sends a body: reviews of one's own rights, and reports where the user wants them written.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Value, ApiError> {
        self.ask(method, path, "application/json", Some(body)).await
    }

    async fn ask(&self, method: Method, path: &str, accept: &str, body: Option<&Value>) -> Result<Value, ApiError> {
        let (mut refused, mut lost) = (0, 0);
        loop {
            let answer = tokio::time::timeout(self.patience, self.once(method.clone(), path, accept, body)).await;
            let wait = match answer {
                Ok(Ok(Answer::Body(value))) => return Ok(value),
                Ok(Ok(Answer::Later(wait, error))) => {
                    refused += 1;
                    if refused > RETRIES {
                        return Err(error);
                    }
                    wait.unwrap_or(FIRST_WAIT * 2_u32.pow(refused - 1)).min(LONGEST_WAIT)
                }
                Ok(Err(error @ ApiError::Unreachable(_))) => {
                    lost += 1;
                    if lost > RECONNECTS {
                        return Err(error);
                    }
                    FIRST_WAIT * lost
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let seconds = self.patience.as_secs_f32();
                    return Err(ApiError::Unreachable(format!("no answer from the API server within {seconds} s")));
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self, method: Method, path: &str, accept: &str, body: Option<&Value>) -> Result<Answer, ApiError> {
        let mut request = Request::builder().method(method.clone()).uri(path).header("Accept", accept);
        if body.is_some() {
            let content = if method == Method::PATCH { "application/apply-patch+yaml" } else { "application/json" };
            request = request.header("Content-Type", content);
        }
        let bytes = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let request = request.body(Body::from(bytes)).map_err(|error| ApiError::Refused {
            code: 0,
            message: format!("`{path}` is no path that can be asked for: {error}"),
        })?;
        let response =
            self.client.send(request).await.map_err(|error| {
                ApiError::Unreachable(format!("no answer from the API server: {}", in_words(&error)))
            })?;
        let status = response.status();
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let collected = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
        let bytes = collected
            .map_err(|error| ApiError::Unreachable(format!("the answer of the API server broke off: {error}")))?
            .to_bytes();
        if status.is_success() {
            return serde_json::from_slice(&bytes)
                .map(Answer::Body)
                .map_err(|error| ApiError::Unreachable(format!("what answers `{path}` is no API server: {error}")));
        }
        let message = message(&bytes);
        match status {
            StatusCode::FORBIDDEN => Err(ApiError::Forbidden(message)),
            StatusCode::UNAUTHORIZED => Err(ApiError::Unauthorized(message)),
            StatusCode::NOT_FOUND => Err(ApiError::NotFound),
            StatusCode::GONE => Err(ApiError::Gone),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                let error = ApiError::Refused { code: status.as_u16(), message };
                Ok(Answer::Later(wait.map(Duration::from_secs), error))
            }
            status => Err(ApiError::Refused { code: status.as_u16(), message }),
        }
    }
}

enum Answer {
    Body(Value),
    /// Ask again after so long.
    Later(Option<Duration>, ApiError),
}

/// The `message` of a Status, else the beginning of the text; one line.
fn message(bytes: &[u8]) -> String {
    const LONGEST: usize = 300;
    let status: Option<Value> = serde_json::from_slice(bytes).ok();
    let text = status
        .as_ref()
        .and_then(|status| status.get("message")?.as_str().map(str::to_owned))
        .unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST).collect()
}

/// An error and what caused it, without what repeats.
pub(super) fn in_words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    for noise in ["ServiceError: ", "HyperError: ", "client error (Connect): ", "error trying to connect: "] {
        text = text.replace(noise, "");
    }
    text
}

async fn config(connection: &Connection) -> Result<(Config, String), ConnectError> {
    let wrong = |error: kube::config::KubeconfigError| ConnectError::Kubeconfig(in_words(&error));
    let kubeconfig = match &connection.kubeconfig {
        Some(path) => Some(Kubeconfig::read_from(path).map_err(wrong)?),
        None => match Kubeconfig::read() {
            Ok(kubeconfig) => Some(kubeconfig),
            Err(kube::config::KubeconfigError::FindPath | kube::config::KubeconfigError::ReadConfig(..)) => None,
            Err(error) => return Err(wrong(error)),
        },
    };
    let Some(kubeconfig) = kubeconfig else {
        let config = Config::incluster().map_err(|_| {
            ConnectError::Kubeconfig(
                "no cluster to audit: there is no kubeconfig ($KUBECONFIG, ~/.kube/config), and this is no pod with a service account".to_owned(),
            )
        })?;
        return Ok((config, "in-cluster".to_owned()));
    };
    let known: Vec<String> = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
    let name = connection.context.clone().or_else(|| kubeconfig.current_context.clone()).unwrap_or_default();
    if !known.contains(&name) {
        let what = if name.is_empty() { "no current context".to_owned() } else { format!("no context `{name}`") };
        return Err(ConnectError::Kubeconfig(format!("the kubeconfig has {what}; it has: {}", known.join(", "))));
    }
    let options = KubeConfigOptions {
        context: Some(name.clone()),
        cluster: connection.cluster.clone(),
        user: connection.user.clone(),
    };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(wrong)?;
    Ok((config, name))
}
