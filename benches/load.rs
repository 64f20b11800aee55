//! The webhook as a process on one core, asked at a fixed rate however slow it answers.
//! `cargo bench --bench load -- --phases 200x3000,2000x8000,200x3000 --kib 100 --distinct 20`

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
struct Load {
    /// Requests a second and how many of them, one phase after the other.
    #[arg(long, value_delimiter = ',', value_parser = phase, default_value = "200x3000")]
    phases: Vec<(u32, u32)>,
    /// Size of one StatefulSet.
    #[arg(long, default_value_t = 100)]
    kib: usize,
    /// Different objects; 0 = no object comes again.
    #[arg(long, default_value_t = 20)]
    distinct: u32,
    /// What the objects are made of.
    #[arg(long, value_enum, default_value_t = Shape::Fields)]
    shape: Shape,
    /// One connection for all requests, as the API server has it.
    #[arg(long)]
    http2: bool,
    /// The core of the webhook.
    #[arg(long, default_value_t = 0)]
    core: usize,
    /// Another build of the program.
    #[arg(long, default_value = env!("CARGO_BIN_EXE_qdrant-lint"))]
    program: String,
    /// Further flags of `serve`.
    #[arg(last = true)]
    flags: Vec<String>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Shape {
    /// Managed fields and an annotation, half and half.
    Fields,
    /// Variables.
    Variables,
}

fn phase(text: &str) -> Result<(u32, u32), String> {
    let read = |part: &str| part.parse::<u32>().map_err(|error| format!("`{part}`: {error}"));
    let (rate, requests) = text.split_once('x').ok_or("a phase is RATExREQUESTS")?;
    Ok((read(rate)?.max(1), read(requests)?.max(1)))
}

/// Stands for the number that makes a review another one.
const NUMBER: &str = "00000000";

/// A review of a StatefulSet of about so many bytes.
fn template(shape: Shape, bytes: usize) -> String {
    let mut env = vec![json!({"name": "QDRANT__LOG_LEVEL", "value": "INFO"})];
    let mut metadata =
        json!({"name": format!("vectors-{NUMBER}"), "namespace": "search", "labels": {"app": "vectors"}});
    match shape {
        Shape::Variables => {
            let variable =
                |variable| json!({"name": format!("VARIABLE_{variable:05}"), "value": format!("value {NUMBER}")});
            env.extend((0..bytes / 52).map(variable));
        }
        Shape::Fields => {
            let field = |field| (format!("f:field-{field:05}"), json!({"f:value": {}, ".": {}}));
            let fields: Map<String, Value> = (0..bytes / 2 / 40).map(field).collect();
            metadata["managedFields"] = json!([{"manager": "helm", "operation": "Update", "apiVersion": "apps/v1",
                "fieldsType": "FieldsV1", "fieldsV1": fields}]);
            let applied = format!("{{\"number\":{NUMBER},\"text\":\"{}\"}}", "configuration ".repeat(bytes / 2 / 14));
            metadata["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": applied});
        }
    }
    let object = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata,
        "spec": {"replicas": 3, "serviceName": "vectors", "selector": {"matchLabels": {"app": "vectors"}},
            "template": {"metadata": {"labels": {"app": "vectors"}}, "spec": {"containers": [
                {"name": "qdrant", "image": "qdrant/qdrant:v1.16.3", "env": env}]}}}});
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1",
        "operation": "CREATE", "resource": {"group": "apps", "version": "v1", "resource": "statefulsets"},
        "namespace": "search", "name": format!("vectors-{NUMBER}"), "object": object, "oldObject": null}});
    review.to_string()
}

fn numbered(template: &str, number: u32) -> Bytes {
    Bytes::from(template.replace(NUMBER, &format!("{number:08}")))
}

/// The webhook, started on free ports and ended with this.
struct Hook {
    child: Child,
    address: SocketAddr,
    health: SocketAddr,
    tls: TlsConnector,
    _folder: tempfile::TempDir,
}

impl Hook {
    fn start(load: &Load) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
        std::fs::write(folder.path().join("tls.crt"), made.cert.pem())?;
        std::fs::write(folder.path().join("tls.key"), made.signing_key.serialize_pem())?;
        let mut child = Command::new("taskset")
            .args(["-c", &load.core.to_string(), &load.program, "serve", "--no-cluster"])
            .args(["--listen", "127.0.0.1:0", "--health-listen", "127.0.0.1:0", "--shutdown-delay", "0"])
            .args(["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--mode", "enforce"])
            .args(&load.flags)
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no log")?).lines();
        let serving = loop {
            let line = lines.next().ok_or("the webhook did not start")??;
            let entry: Value = serde_json::from_str(&line)?;
            if entry["message"] == "serving" {
                break entry;
            }
        };
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let mut roots = rustls::RootCertStore::empty();
        roots.add(made.cert.der().clone())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        if load.http2 {
            tls.alpn_protocols = vec![b"h2".to_vec()];
        }
        let address = |key: &str| serving[key].as_str().unwrap_or_default().parse::<SocketAddr>();
        let (address, health) = (address("listen")?, address("health")?);
        Ok(Self { child, address, health, tls: TlsConnector::from(Arc::new(tls)), _folder: folder })
    }

    async fn ready(&self) -> Result<(), Failure> {
        for _ in 0..600 {
            if self.health("/readyz").await.is_ok_and(|(status, _)| status == StatusCode::OK) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the webhook did not become ready".into())
    }

    async fn health(&self, path: &str) -> Result<(StatusCode, String), Failure> {
        let stream = TcpStream::connect(self.health).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = Request::get(path).header("host", "hook").body(Full::new(Bytes::new()))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        Ok((status, String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?))
    }

    /// Reviews within so many seconds at the hook itself, since its start.
    async fn buckets(&self) -> Result<Vec<(f64, f64)>, Failure> {
        let (_, text) = self.health("/metrics").await?;
        let buckets = text.lines().filter_map(|line| {
            let rest = line.strip_prefix("qdrant_lint_admission_duration_seconds_bucket{le=\"")?;
            let (bound, count) = rest.split_once("\"} ")?;
            Some((bound.parse().unwrap_or(f64::INFINITY), count.parse().ok()?))
        });
        Ok(buckets.collect())
    }

    /// Seconds of processor time, and resident KiB now and at most.
    fn costs(&self) -> Result<(f64, u64, u64), Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
        };
        // a tick is a hundredth of a second on every Linux that this runs on
        Ok((ticks as f64 / 100.0, kib("VmRSS"), kib("VmHWM")))
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connections to the webhook: one for all with HTTP/2, else as many as are asked at once.
struct Connections {
    hook: Arc<Hook>,
    shared: Option<http2::SendRequest<Full<Bytes>>>,
    idle: Mutex<Vec<http1::SendRequest<Full<Bytes>>>>,
}

impl Connections {
    async fn open(hook: Arc<Hook>, http2: bool) -> Result<Self, Failure> {
        let mut connections = Self { hook, shared: None, idle: Mutex::default() };
        if http2 {
            let stream = connections.stream().await?;
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
            tokio::spawn(connection);
            connections.shared = Some(sender);
        }
        Ok(connections)
    }

    async fn stream(&self) -> Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>, Failure> {
        let stream = TcpStream::connect(self.hook.address).await?;
        stream.set_nodelay(true)?;
        Ok(TokioIo::new(self.hook.tls.connect("127.0.0.1".try_into()?, stream).await?))
    }

    async fn ask(&self, body: Bytes) -> Result<StatusCode, Failure> {
        let uri = format!("https://{}/validate?timeout=10s", self.hook.address);
        let request = Request::post(uri).header("content-type", "application/json").body(Full::new(body))?;
        let whole = async |response: Response<hyper::body::Incoming>| -> Result<StatusCode, Failure> {
            let status = response.status();
            response.into_body().collect().await?;
            Ok(status)
        };
        if let Some(shared) = &self.shared {
            return whole(shared.clone().send_request(request).await?).await;
        }
        let idle = self.idle.lock().await.pop().filter(|sender| !sender.is_closed());
        let mut sender = if let Some(sender) = idle {
            sender
        } else {
            let (sender, connection) = http1::handshake(self.stream().await?).await?;
            tokio::spawn(connection);
            sender
        };
        let status = whole(sender.send_request(request).await?).await?;
        self.idle.lock().await.push(sender);
        Ok(status)
    }
}

/// One phase: what became of each request, and how long it took from the moment at which it was due.
async fn run(
    connections: &Arc<Connections>,
    load: &Load,
    rate: u32,
    requests: u32,
    first: u32,
) -> Vec<(Option<StatusCode>, Duration)> {
    let template = template(load.shape, load.kib << 10);
    let bodies: Vec<Bytes> = (0..load.distinct).map(|number| numbered(&template, number)).collect();
    let started = Instant::now();
    let mut asked = Vec::new();
    for number in 0..requests {
        let body = match bodies.get((number % load.distinct.max(1)) as usize) {
            Some(body) => body.clone(),
            None => numbered(&template, first + number),
        };
        let due = started + Duration::from_secs_f64(f64::from(number) / f64::from(rate));
        tokio::time::sleep_until(due.into()).await;
        let connections = Arc::clone(connections);
        asked.push(tokio::spawn(async move {
            let status = connections.ask(body).await.ok();
            (status, due.elapsed())
        }));
    }
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.unwrap_or((None, Duration::MAX)));
    }
    answers
}

fn print(rate: u32, answers: &[(Option<StatusCode>, Duration)]) {
    let of = |status: StatusCode| answers.iter().filter(move |(got, _)| *got == Some(status));
    let mut times: Vec<f64> = of(StatusCode::OK).map(|(_, time)| time.as_secs_f64() * 1e3).collect();
    times.sort_unstable_by(f64::total_cmp);
    let quantile =
        |part: f64| times.get(((times.len() as f64 * part).ceil() as usize).max(1) - 1).copied().unwrap_or(f64::NAN);
    let refused = of(StatusCode::TOO_MANY_REQUESTS).count();
    println!(
        "{rate}/s × {}: {} answered, {refused} refused with 429, {} else; ms p50 {:.2} p90 {:.2} p99 {:.2} max {:.2}",
        answers.len(),
        times.len(),
        answers.len() - times.len() - refused,
        quantile(0.5),
        quantile(0.9),
        quantile(0.99),
        quantile(1.0),
    );
}

async fn measure(load: Load) -> Result<(), Failure> {
    let hook = Arc::new(Hook::start(&load)?);
    hook.ready().await?;
    let connections = Arc::new(Connections::open(Arc::clone(&hook), load.http2).await?);
    println!("reviews of {} KiB", template(load.shape, load.kib << 10).len() >> 10);
    let (mut first, mut before, mut used) = (0, hook.buckets().await?, hook.costs()?.0);
    for (rate, requests) in load.phases.clone() {
        print(rate, &run(&connections, &load, rate, requests, first).await);
        let after = hook.buckets().await?;
        let since: Vec<f64> = after.iter().zip(&before).map(|((_, now), (_, then))| now - then).collect();
        let all = since.last().copied().unwrap_or(0.0).max(1.0);
        let within: Vec<String> = after
            .iter()
            .zip(&since)
            .filter(|((bound, _), _)| (0.001..=0.1).contains(bound))
            .map(|((bound, _), count)| format!("{} ms {:.2} %", bound * 1e3, count / all * 100.0))
            .collect();
        let (now, resident, most) = hook.costs()?;
        println!(
            "  at the hook within {}; CPU {:.2} ms each; {} MiB, at most {}",
            within.join(", "),
            (now - used) * 1e3 / f64::from(requests),
            resident >> 10,
            most >> 10
        );
        (first, before, used) = (first + requests, after, now);
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let load = Load::parse();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(load))
}
