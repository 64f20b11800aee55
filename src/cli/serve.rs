//! `qdrant-lint serve`: the admission webhook.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::args::{Input, Serve};
use super::govern::Governed;
use super::output::Failure;
use super::plan::Plan;
use super::session;
use crate::admission::authority::Authority;
use crate::admission::background::Auditor;
use crate::admission::cluster;
use crate::admission::context::Context;
use crate::admission::door;
use crate::admission::judging::{Kept, Rules};
use crate::admission::lease::Lease;
use crate::admission::metrics::Metrics;
use crate::admission::server::{self, Shared};
use crate::admission::tls::{self, Certificate};
use crate::admission::warm;
use crate::admission::workers::Workers;
use crate::config::FailOn;
use crate::load::live::client::{Asker, Connection};
use crate::policy::engine;
use crate::source::Sources;
use crate::suppress::scope::Base;
use crate::suppress::waivers;

/// cert-manager and kubelet exchange files by a symbolic link, so the content is read again, not the time of the file.
const POLL: Duration = Duration::from_secs(10);

/// What the replica that audits holds.
const LEASE: &str = "qdrant-lint-audit";

/// Serves until SIGTERM.
pub(super) fn run(arguments: &Serve) -> Result<u8, Failure> {
    logs();
    let plan: &'static Plan =
        Box::leak(Box::new(Plan::new(&Input { largest: "64MiB".to_owned(), ..Input::default() }, &arguments.policy)?));
    let cwd =
        std::env::current_dir().map_err(|error| Failure::new(format!("the working folder cannot be read: {error}")))?;
    // the texts of the configuration are only needed for places, and nobody is shown any
    let governed = Governed::read(plan, &mut Sources::default());
    let base = Base { cwd: cwd.clone(), folder: plan.governing.folder.clone() };
    let rules = Arc::new(Rules {
        registry: plan.registry(),
        engine: plan.engine(),
        config: plan.config.clone(),
        settings: session::settings(plan, false)?,
        profile: plan.profile,
        only: plan.only.clone(),
        skip: plan.skip.clone(),
        threshold: arguments.fail_on.or(plan.config.fail_on).unwrap_or(FailOn::Medium).threshold(),
        waivers: waivers::read(&plan.waivers, None, &base),
        evidence: governed.attestations(plan, &cwd),
        now: arguments.policy.effective_date,
        kept: Kept::new(plan.engine()),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(64)
        .build()
        .map_err(|error| Failure::new(format!("no threads to serve with: {error}")))?;
    runtime.block_on(serve(arguments, plan, rules))?;
    Ok(0)
}

fn logs() {
    let filter = EnvFilter::try_from_env("QDRANT_LINT_LOG").unwrap_or_else(|_| EnvFilter::new("info,kube=warn"));
    // a logger that is there already is the caller's
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

async fn serve(arguments: &Serve, plan: &'static Plan, rules: Arc<Rules>) -> Result<(), Failure> {
    let digest =
        engine::digest_of(plan.registry()).iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let metrics = Arc::new(Metrics::new(&digest));
    let certificate = Arc::new(Certificate::default());
    let context = Arc::new(if arguments.no_cluster { Context::default() } else { Context::connected() });
    let asker = if arguments.no_cluster { None } else { Some(connect().await?) };
    let mut keeper = Keeper::new(arguments, asker.as_ref())?;
    keeper.load(&certificate, &metrics).await?;
    let mut watches = None;
    if let Some(connected) = &asker {
        watches = Some(cluster::watch(&connected.client(), &context).await.map_err(|error| {
            Failure::new(format!("the API server cannot be asked what it serves: {error}"))
                .help("`--no-cluster` judges each object alone")
        })?);
    }
    let auditor = asker.filter(|_| arguments.audit_interval > 0).map(|asker| {
        let lease = Lease::new(asker.clone(), asker.namespace.clone(), LEASE, holder());
        let interval = Duration::from_secs(arguments.audit_interval);
        (Auditor::new(Arc::clone(&rules), Arc::clone(&context), Arc::clone(&metrics), asker, interval), lease)
    });
    let workers = Workers::new().map_err(|error| Failure::new(format!("no threads to judge with: {error}")))?;
    warm::up(&rules, &workers);
    let shared = Arc::new(Shared::new(
        rules,
        context,
        Arc::clone(&metrics),
        Arc::clone(&certificate),
        arguments.mode,
        arguments.break_glass_group.clone(),
        workers,
    ));
    let hook = bind(&arguments.listen, "--listen").await?;
    let health = bind(&arguments.health_listen, "--health-listen").await?;
    let config = tls::config(Arc::clone(&certificate)).map_err(|error| Failure::new(error.to_string()))?;
    tracing::info!(listen = %address(&hook), health = %address(&health), mode = %arguments.mode, "serving");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let until = |mut stopped: tokio::sync::watch::Receiver<bool>| async move {
        // a sender that is gone means the same
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let drain = Duration::from_secs(30);
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let hook = tokio::spawn(door::serve(
        hook,
        Some(acceptor),
        server::hook(Arc::clone(&shared)),
        until(stopped.clone()),
        drain,
    ));
    let auditing = auditor.map(|(auditor, lease)| tokio::spawn(auditor.run(lease, until(stopped.clone()))));
    let health = tokio::spawn(door::serve(
        health,
        None,
        server::health(Arc::clone(&shared)),
        until(stopped),
        Duration::from_secs(1),
    ));
    let poll = tokio::spawn(async move {
        loop {
            tokio::time::sleep(keeper.pause()).await;
            // a file that is half written is read again
            if let Err(Failure(line)) = keeper.load(&certificate, &metrics).await {
                tracing::warn!(reason = line.message, "the certificate was not exchanged");
            }
        }
    });
    terminated().await?;
    tracing::info!("asked to stop");
    shared.leave();
    // the endpoints of the Service forget this replica first
    tokio::time::sleep(Duration::from_secs(arguments.shutdown_delay)).await;
    let _ = stop.send(true);
    let _ = hook.await;
    let _ = health.await;
    if let Some(auditing) = auditing {
        let _ = auditing.await;
    }
    poll.abort();
    drop(watches);
    tracing::info!("stopped");
    Ok(())
}

async fn connect() -> Result<Asker, Failure> {
    Asker::connect(&Connection::default()).await.map_err(|error| {
        Failure::new(format!("no cluster to read: {error}")).help(
            "run it inside a cluster, name a kubeconfig in KUBECONFIG, or `--no-cluster` to judge each object alone",
        )
    })
}

/// Of several replicas each is another one, also those that one name follows after the other.
fn holder() -> String {
    let name = ["POD_NAME", "HOSTNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    format!("{name}_{}_{}", std::process::id(), jiff::Timestamp::now().as_microsecond())
}

async fn bind(address: &str, flag: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::new(format!("`{flag} {address}` cannot be listened on: {error}")))
}

fn address(listener: &TcpListener) -> String {
    listener.local_addr().map_or_else(|_| String::new(), |address| address.to_string())
}

/// Where the serving certificate comes from.
enum Keeper {
    Files(PathBuf, PathBuf),
    Own(Box<Authority>),
}

impl Keeper {
    fn new(arguments: &Serve, asker: Option<&Asker>) -> Result<Self, Failure> {
        match (&arguments.tls_cert, &arguments.tls_key, &arguments.tls_secret, asker) {
            (Some(chain), Some(key), ..) => Ok(Self::Files(chain.clone(), key.clone())),
            (_, _, Some(secret), Some(asker)) => Ok(Self::Own(Box::new(Authority {
                asker: asker.clone(),
                namespace: asker.namespace.clone(),
                secret: secret.clone(),
                configuration: arguments.webhook_configuration.clone(),
                names: arguments.tls_name.clone(),
                lifetime: Duration::from_secs(arguments.tls_lifetime),
                settled: None,
            }))),
            _ => Err(Failure::new("no certificate to serve with".to_owned())
                .help("`--tls-cert` and `--tls-key` name files, `--tls-secret` a Secret to keep one in")),
        }
    }

    /// Until the certificate is looked at again.
    fn pause(&self) -> Duration {
        match self {
            Self::Files(..) => POLL,
            Self::Own(authority) => POLL.min(authority.lifetime / 6),
        }
    }

    async fn load(&mut self, certificate: &Certificate, metrics: &Metrics) -> Result<(), Failure> {
        let read = |path: &Path, flag: &str| {
            std::fs::read(path)
                .map_err(|error| Failure::new(format!("`{flag} {}` cannot be read: {error}", path.display())))
        };
        let (chain, key) = match self {
            Self::Files(chain, key) => (read(chain, "--tls-cert")?, read(key, "--tls-key")?),
            Self::Own(authority) => {
                let (chain, key) = authority.tend().await.map_err(|error| Failure::new(error.to_string()))?;
                (chain.into_bytes(), key.into_bytes())
            }
        };
        let exchanged = certificate.exchange(&chain, &key).map_err(|error| Failure::new(error.to_string()))?;
        if exchanged {
            metrics.certificate_expiry.set(certificate.expires().unwrap_or_default());
            metrics.certificate_reloads.inc();
            tracing::info!(expires = certificate.expires(), "the certificate is in use");
        }
        Ok(())
    }
}

async fn terminated() -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::new(format!("signals cannot be received: {error}"));
    let mut term = signal(SignalKind::terminate()).map_err(wrong)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(wrong)?;
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
