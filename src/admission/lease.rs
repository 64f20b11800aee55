//! One replica of several does what must be done once: who holds a Lease of coordination.k8s.io.
//!
//! Nobody compares clocks with another machine: a holder is gone when its Lease has not changed for the Lease's time as
//! seen from here, as in client-go.

use std::time::{Duration, Instant};

use hyper::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::load::live::client::{ApiError, Asker};

/// So long a Lease that is not renewed belongs to its holder.
const DURATION: Duration = Duration::from_secs(15);
/// A holder that could not renew for so long steps back before another one takes over.
const DEADLINE: Duration = Duration::from_secs(10);
/// Between two looks.
const RETRY: Duration = Duration::from_secs(2);
/// One look takes no longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A claim on a Lease.
pub struct Lease {
    asker: Asker,
    namespace: String,
    name: &'static str,
    holder: String,
    /// The version that was seen last, and when it was first seen.
    seen: Option<(String, Instant)>,
    renewed: Option<Instant>,
}

impl Lease {
    /// A claim in a namespace; `holder` must be the replica's own.
    pub fn new(asker: Asker, namespace: String, name: &'static str, holder: String) -> Self {
        Self { asker, namespace, name, holder, seen: None, renewed: None }
    }

    /// Takes and renews the Lease for as long as it is polled, and tells whether it is held.
    pub async fn keep(&mut self, held: &watch::Sender<bool>) {
        loop {
            // counted from before the request: the other replicas count from after it
            let asked = Instant::now();
            match tokio::time::timeout(PATIENCE, self.claim()).await {
                Ok(Ok(true)) => self.renewed = Some(asked),
                Ok(Ok(false)) => self.renewed = None,
                Ok(Err(error)) => tracing::warn!(%error, lease = self.name, "the lease could not be renewed"),
                Err(_) => tracing::warn!(lease = self.name, "the lease was not renewed in time"),
            }
            held.send_replace(self.is_held());
            tokio::time::sleep(RETRY).await;
        }
    }

    fn is_held(&self) -> bool {
        self.renewed.is_some_and(|renewed| renewed.elapsed() < DEADLINE)
    }

    async fn claim(&mut self) -> Result<bool, ApiError> {
        let path = self.path();
        let lease = match self.asker.get(&format!("{path}/{}", self.name)).await {
            Ok(lease) => lease,
            Err(ApiError::NotFound) => {
                let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                    "metadata": {"name": self.name, "namespace": self.namespace}, "spec": self.spec(None)});
                return won(self.asker.send(Method::POST, &path, &lease).await);
            }
            Err(error) => return Err(error),
        };
        let version = lease["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
        let first_seen = match &self.seen {
            Some((known, at)) if *known == version => *at,
            _ => Instant::now(),
        };
        self.seen = Some((version, first_seen));
        let holder = lease["spec"]["holderIdentity"].as_str().unwrap_or_default();
        if !holder.is_empty() && holder != self.holder && first_seen.elapsed() < DURATION {
            return Ok(false);
        }
        self.put(&lease, self.spec(Some(&lease["spec"]))).await
    }

    /// Gives it back, so that another replica need not wait.
    pub async fn release(&mut self) {
        if !self.is_held() {
            return;
        }
        self.renewed = None;
        let path = format!("{}/{}", self.path(), self.name);
        let Ok(lease) = self.asker.get(&path).await else { return };
        if lease["spec"]["holderIdentity"] == self.holder.as_str() {
            let mut spec = lease["spec"].clone();
            spec["holderIdentity"] = "".into();
            // who does not get it waits a few seconds longer
            let _ = self.put(&lease, spec).await;
        }
    }

    /// Only the version that was read is replaced: of two who claim, one wins.
    async fn put(&self, lease: &Value, spec: Value) -> Result<bool, ApiError> {
        let mut claimed = lease.clone();
        claimed["spec"] = spec;
        won(self.asker.send(Method::PUT, &format!("{}/{}", self.path(), self.name), &claimed).await)
    }

    fn spec(&self, before: Option<&Value>) -> Value {
        let now = format!("{:.6}", Timestamp::now());
        let before = before.filter(|before| before["holderIdentity"] == self.holder.as_str());
        let acquired = before.and_then(|before| before["acquireTime"].as_str()).unwrap_or(&now);
        json!({"holderIdentity": self.holder, "leaseDurationSeconds": DURATION.as_secs(), "acquireTime": acquired,
            "renewTime": now})
    }

    fn path(&self) -> String {
        format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", self.namespace)
    }
}

/// 409: another one was faster.
fn won(answer: Result<Value, ApiError>) -> Result<bool, ApiError> {
    match answer {
        Ok(_) => Ok(true),
        Err(ApiError::Refused { code: 409, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
