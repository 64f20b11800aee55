//! HTTP: the review endpoint over TLS, and health and metrics on a port of their own.
//!
//! Whoever is refused hears it at once: 429 with `Retry-After`, which makes the API server ask again within its own
//! timeout. Memory and processor time are bounded before a body is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use super::context::Context;
use super::decision::{Bench, Decision};
use super::judging::Rules;
use super::metrics::{FindingLabels, Metrics, ReviewLabels, known};
use super::mode::Mode;
use super::review;
use super::tls::Certificate;
use super::workers::Workers;

/// An object is at most 3 MiB to the API server, and an update carries two.
const LARGEST: usize = 8 << 20;
/// All bodies together, in KiB.
const BODIES: u32 = 64 << 10;
/// Reviews that wait for each one that is judged; more would be past their deadline.
const WAITING: usize = 24;
/// Without `?timeout=`: the default of the API server.
const PATIENCE: Duration = Duration::from_secs(10);
/// Left for the way back.
const WAY_BACK: Duration = Duration::from_millis(200);

const OPERATIONS: [&str; 4] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];
const RESOURCES: [&str; 14] = [
    "statefulsets",
    "deployments",
    "daemonsets",
    "pods",
    "services",
    "configmaps",
    "persistentvolumeclaims",
    "poddisruptionbudgets",
    "networkpolicies",
    "ingresses",
    "httproutes",
    "grpcroutes",
    "cronjobs",
    "qdrantclusters",
];

/// What all requests share.
pub struct Shared {
    rules: Arc<Rules>,
    context: Arc<Context>,
    metrics: Arc<Metrics>,
    certificate: Arc<Certificate>,
    cap: Mode,
    break_glass: Vec<String>,
    workers: Workers,
    work: Semaphore,
    room: Semaphore,
    bodies: Semaphore,
    leaving: AtomicBool,
}

impl Shared {
    /// A webhook that judges as many reviews at once as it has workers.
    pub fn new(
        rules: Arc<Rules>,
        context: Arc<Context>,
        metrics: Arc<Metrics>,
        certificate: Arc<Certificate>,
        cap: Mode,
        break_glass: Vec<String>,
        workers: Workers,
    ) -> Self {
        let at_once = workers.count();
        Self {
            rules,
            context,
            metrics,
            certificate,
            cap,
            break_glass,
            workers,
            work: Semaphore::new(at_once),
            room: Semaphore::new(at_once * (1 + WAITING)),
            bodies: Semaphore::new(BODIES as usize),
            leaving: AtomicBool::new(false),
        }
    }

    /// Says on `/readyz` that no more requests shall come.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// What is not ready yet, in words.
    pub fn unready(&self) -> Option<String> {
        if self.leaving.load(Ordering::Relaxed) {
            return Some("shutting down".to_owned());
        }
        if !self.certificate.is_loaded() {
            return Some("no serving certificate yet".to_owned());
        }
        let missing = self.context.missing();
        self.metrics.cache_synced.set(i64::from(missing.is_empty()));
        (!missing.is_empty()).then(|| format!("not read yet: {}", missing.join(", ")))
    }

    /// The mode in a namespace. Without a cluster there are no labels to read: the cap holds.
    fn mode(&self, path: Option<Mode>, namespace: &str) -> Mode {
        let cap = path.map_or(self.cap, |path| path.min(self.cap));
        match self.context.label(namespace) {
            Some(label) => cap.in_namespace(label.as_deref()),
            None if self.context.is_connected() => cap.min(Mode::Warn),
            None => cap,
        }
    }
}

/// The routes of the webhook.
pub fn hook(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/validate", post(validate))
        .route("/validate/{mode}", post(validate_in))
        .with_state(shared)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send + 'static>| {
            tracing::error!("a review made the webhook fail");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "this review could not be judged")
        }))
}

/// The routes of probes and metrics.
pub fn health(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    match shared.unready() {
        None => "ok\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let _ = shared.unready();
    let text = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], shared.metrics.render()).into_response()
}

async fn validate(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(shared, None, request).await
}

async fn validate_in(State(shared): State<Arc<Shared>>, Path(mode): Path<String>, request: Request) -> Response {
    match mode.parse() {
        Ok(mode) => answer(shared, Some(mode), request).await,
        Err(()) => refusal(StatusCode::NOT_FOUND, "no such mode"),
    }
}

fn refusal(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// Reads a body and keeps nothing of it: a connection whose request was not read to its end is cut off, and whoever sends
/// the next one in it would see a failure instead of a refusal.
async fn pass_over(body: Body, deadline: Instant) {
    let mut body = Limited::new(body, LARGEST);
    let read = async { while let Some(Ok(_)) = body.frame().await {} };
    // by then nobody waits for the answer
    let _ = tokio::time::timeout_at(deadline.into(), read).await;
}

async fn answer(shared: Arc<Shared>, path: Option<Mode>, request: Request) -> Response {
    let started = Instant::now();
    let deadline = started + deadline(request.uri().query());
    let refuse = |reason: &'static str, status: StatusCode, text: &'static str| {
        shared.metrics.refuse(reason);
        refusal(status, text)
    };
    let overloaded = || refuse("overloaded", StatusCode::TOO_MANY_REQUESTS, "too many reviews at once");
    let Ok(_place) = shared.room.try_acquire() else {
        pass_over(request.into_body(), deadline).await;
        return overloaded();
    };
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST) {
        return refuse("too-large", StatusCode::PAYLOAD_TOO_LARGE, "the review is larger than 8 MiB");
    }
    let size = (length.unwrap_or(LARGEST) >> 10) as u32 + 1;
    let Ok(_size) = shared.bodies.try_acquire_many(size) else {
        pass_over(request.into_body(), deadline).await;
        return overloaded();
    };
    let body =
        match tokio::time::timeout_at(deadline.into(), Limited::new(request.into_body(), LARGEST).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => {
                return refuse("too-large", StatusCode::PAYLOAD_TOO_LARGE, "the review is larger than 8 MiB");
            }
            Ok(Err(_)) => return refuse("bad-request", StatusCode::BAD_REQUEST, "the body ended early"),
            Err(_) => return refuse("deadline", StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
        };
    let Ok(Ok(_turn)) = tokio::time::timeout_at(deadline.into(), shared.work.acquire()).await else {
        return refuse("deadline", StatusCode::GATEWAY_TIMEOUT, "no turn before the deadline");
    };
    let worker = Arc::clone(&shared);
    let judged = shared.workers.run(move || judge(&worker, path, &body));
    // the work cannot be stopped: its own bounds end it; the turn is given back so that others are not kept waiting
    let outcome = tokio::time::timeout_at(deadline.into(), judged).await;
    shared.metrics.duration.observe(started.elapsed().as_secs_f64());
    match outcome {
        Ok(Ok(Ok(text))) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
        }
        Ok(Ok(Err(error))) => {
            shared.metrics.refuse("bad-request");
            (StatusCode::BAD_REQUEST, error.to_string()).into_response()
        }
        Ok(Err(_)) => {
            tracing::error!("a review made the webhook fail");
            refuse("failed", StatusCode::INTERNAL_SERVER_ERROR, "this review could not be judged")
        }
        Err(_) => refuse("deadline", StatusCode::GATEWAY_TIMEOUT, "not judged before the deadline"),
    }
}

fn judge(shared: &Shared, path: Option<Mode>, body: &Bytes) -> Result<Body, review::ReviewError> {
    let mut request = review::read(body)?;
    let mode = shared.mode(path, &request.namespace);
    let bench = Bench { rules: &shared.rules, context: &shared.context, mode, break_glass: &shared.break_glass };
    let decision = bench.decide(&mut request);
    count(shared, &request, mode, &decision);
    Ok(Body::from(review::write(&request.uid, &decision.answer).to_string()))
}

fn count(shared: &Shared, request: &review::Request, mode: Mode, decision: &Decision) {
    let labels = ReviewLabels {
        operation: known(&request.operation, &OPERATIONS),
        resource: known(&request.resource.resource, &RESOURCES),
        verdict: decision.verdict,
        mode: mode.as_str(),
        dry_run: if request.dry_run { "true" } else { "false" },
    };
    shared.metrics.reviews.get_or_create(&labels).inc();
    for (rule, severity) in &decision.rules {
        let labels = FindingLabels { rule: rule.clone(), severity: severity.as_str() };
        shared.metrics.findings.get_or_create(&labels).inc();
    }
    tracing::info!(
        uid = %super::message::clean(&request.uid),
        operation = labels.operation,
        resource = labels.resource,
        sub_resource = request.sub_resource.as_deref().map(super::message::clean),
        namespace = %super::message::clean(&request.namespace),
        name = %super::message::clean(&request.name),
        mode = labels.mode,
        verdict = labels.verdict,
        dry_run = request.dry_run,
        findings = decision.rules.len(),
        "review"
    );
}

/// The API server says in the query how long it waits.
fn deadline(query: Option<&str>) -> Duration {
    let timeout = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("timeout="));
    let seconds = timeout.and_then(|text| match text.strip_suffix("ms") {
        Some(milliseconds) => milliseconds.parse::<u64>().ok().map(Duration::from_millis),
        None => text.trim_end_matches('s').parse::<u64>().ok().map(Duration::from_secs),
    });
    let whole = seconds.filter(|wait| !wait.is_zero()).unwrap_or(PATIENCE).min(Duration::from_secs(30));
    whole.saturating_sub(WAY_BACK).max(whole / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_is_the_api_servers_less_the_way_back() {
        assert_eq!(deadline(Some("timeout=5s")), Duration::from_millis(4800));
        assert_eq!(deadline(Some("timeout=100ms")), Duration::from_millis(50));
        assert_eq!(deadline(Some("timeout=-1s")), Duration::from_millis(9800));
        assert_eq!(deadline(Some("timeout=99999s")), Duration::from_millis(29800));
        assert_eq!(deadline(None), Duration::from_millis(9800));
    }
}
