//! One question at a time over one connection, always GET: bounded in time and size, redirects not followed, asked again
//! no sooner than the server wants.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, HOST, HeaderMap, HeaderName, LOCATION, RETRY_AFTER, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::address::Address;
use super::dial::{Trust, Way, open};
use super::key::ApiKey;
use crate::load::live::recording::{Answer, Probe};

/// No answer is longer.
const LARGEST: usize = 8 << 20;
/// Letters of a text that is no JSON that are kept.
const KEPT: usize = 300;
/// Times that a question is asked again when the server says later.
const RETRIES: u32 = 3;
/// No wait is longer, whatever the server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// First wait where the server names none; doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const KEY: HeaderName = HeaderName::from_static("api-key");

/// A way to one Qdrant.
pub(super) struct Channel {
    pub(super) address: Address,
    pub(super) way: Way,
    pub(super) trust: Trust,
    pub(super) key: Option<ApiKey>,
    /// Longest wait for one answer.
    pub(super) patience: Duration,
    /// Nothing is asked after it.
    pub(super) deadline: Instant,
    sender: Option<SendRequest<Empty<Bytes>>>,
}

/// What form the body has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Text,
}

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) path: &'a str,
    pub(super) probe: Option<Probe>,
    pub(super) form: Form,
    pub(super) with_key: bool,
}

/// Why there is no answer.
enum Failure {
    /// The connection is of no use any more.
    Lost(String),
    /// The question has failed, others may not.
    Failed(String),
}

impl Channel {
    pub(super) fn new(
        address: Address,
        way: Way,
        trust: Trust,
        key: Option<ApiKey>,
        patience: Duration,
        deadline: Instant,
    ) -> Self {
        Self { address, way, trust, key, patience, deadline, sender: None }
    }

    /// Asks, and says what came of it. An error is the end of this way: nothing answers there.
    pub(super) async fn ask(&mut self, question: Question<'_>) -> Result<Answer, String> {
        let mut answer = Answer { path: question.path.to_owned(), probe: question.probe, ..Answer::default() };
        let (mut refused, mut lost) = (0, 0);
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now()).min(self.patience);
            if left.is_zero() {
                return Err("the time for this audit is over".to_owned());
            }
            let asked = timeout(left, self.once(question, &mut answer)).await;
            match asked {
                Ok(Ok(None)) => return Ok(answer),
                Ok(Ok(Some(wait))) => {
                    refused += 1;
                    let wait = wait.unwrap_or(FIRST_WAIT * 2_u32.pow(refused - 1)).min(LONGEST_WAIT);
                    if refused > RETRIES || Instant::now() + wait >= self.deadline {
                        return Ok(answer);
                    }
                    tokio::time::sleep(wait).await;
                }
                Ok(Err(Failure::Failed(why))) => {
                    self.sender = None;
                    answer.error = Some(why);
                    return Ok(answer);
                }
                Ok(Err(Failure::Lost(why))) => {
                    self.sender = None;
                    lost += 1;
                    // a connection may end between two questions; a server that is gone does not come back at once
                    if lost > 1 {
                        return Err(why);
                    }
                }
                Err(_) => {
                    self.sender = None;
                    answer.error = Some(format!("no answer within {} s", left.as_secs_f32().ceil()));
                    return Ok(answer);
                }
            }
        }
    }

    /// One try. `Some` = ask again, after so long when the server says it.
    async fn once(&mut self, question: Question<'_>, answer: &mut Answer) -> Result<Option<Option<Duration>>, Failure> {
        let sender = self.connected().await?;
        let mut request = Request::get(format!("{}{}", self.address.prefix, question.path))
            .header(HOST, self.address.authority())
            .header(USER_AGENT, concat!("qdrant-lint/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, if question.form == Form::Json { "application/json" } else { "text/plain" });
        if question.with_key
            && let Some(header) = self.key.as_ref().and_then(ApiKey::header)
        {
            request = request.header(KEY, header);
        }
        let request = request
            .body(Empty::new())
            .map_err(|error| Failure::Failed(format!("no path that can be asked for: {error}")))?;
        let mut sender = sender;
        let response = sender.send_request(request).await.map_err(|error| Failure::Lost(words_of(&error)))?;
        self.sender = Some(sender);
        let status = response.status();
        answer.status = Some(status.as_u16());
        let wait = retry_after(response.headers());
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
            return Err(Failure::Failed(format!("redirected to `{}`, which is not followed", shown(&to))));
        }
        let bytes = match Limited::new(response.into_body(), LARGEST).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                answer.truncated = true;
                return Err(Failure::Failed(format!("the answer is longer than {} MiB", LARGEST >> 20)));
            }
            Err(error) => return Err(Failure::Failed(format!("the answer broke off: {error}"))),
        };
        self.take(question.form, status, &bytes, answer);
        let later = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        );
        Ok(later.then_some(wait))
    }

    /// The body into the answer: JSON, else the beginning of the text. A text that is no UTF-8 is no answer.
    fn take(&self, form: Form, status: StatusCode, bytes: &[u8], answer: &mut Answer) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            answer.error = Some("the answer is no UTF-8".to_owned());
            return;
        };
        let text = match &self.key {
            Some(key) => key.taken_out(text.to_owned()),
            None => text.to_owned(),
        };
        if form == Form::Text && status.is_success() {
            answer.body = Value::String(text);
            return;
        }
        match serde_json::from_str(&text) {
            Ok(value) => answer.body = value,
            Err(error) => {
                if status.is_success() {
                    answer.error = Some(format!("the answer is no JSON: {error}"));
                }
                answer.body = Value::String(shown(&text));
            }
        }
    }

    async fn connected(&mut self) -> Result<SendRequest<Empty<Bytes>>, Failure> {
        if let Some(sender) = self.sender.take()
            && sender.is_ready()
        {
            return Ok(sender);
        }
        let tls = self.address.tls.then_some(&self.trust);
        let stream = open(&self.way, &self.address, tls).await.map_err(|error| Failure::Lost(words_of(&error)))?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| Failure::Lost(words_of(&error)))?;
        // its end shows at the sender
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Whether a TLS port answers without TLS, on a connection of its own.
    pub(super) async fn plain(&self) -> Answer {
        let address = Address { tls: false, ..self.address.clone() };
        let (way, trust) = (self.way.clone(), self.trust.clone());
        let mut plain = Self::new(address, way, trust, None, self.patience, self.deadline);
        let question = Question { path: "/", probe: Some(Probe::Plaintext), form: Form::Json, with_key: false };
        match plain.ask(question).await {
            Ok(answer) => answer,
            Err(why) => {
                Answer { path: "/".to_owned(), probe: Some(Probe::Plaintext), error: Some(why), ..Answer::default() }
            }
        }
    }
}

/// Seconds of `Retry-After`; a date is not worth a clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The beginning of a text, on one line.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(KEPT).collect()
}

fn words_of(error: &dyn std::error::Error) -> String {
    crate::load::live::client::in_words(error)
}
