//! A Qdrant of the tests: answers that a test lays down, over HTTP or HTTPS, and a fault when anything but GET is sent.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// A configuration of TLS that is its own authority, and its certificate in PEM.
pub(crate) fn self_signed(name: &str) -> (Arc<rustls::ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), made.cert.pem())
}

/// What the stub heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

/// What the stub does.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Nothing for so long, then an empty answer.
    Slow(Duration),
    /// A body without an end.
    Endless,
    /// The connection ends in the middle of the body.
    Broken,
    /// The connection ends and nothing listens any more.
    Killed,
}

impl Reply {
    pub(crate) fn json(body: &Value) -> Self {
        Self::Answer(200, vec![("content-type", "application/json".to_owned())], body.to_string().into_bytes())
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::Answer(status, Vec::new(), text.as_bytes().to_vec())
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

type Answers = dyn Fn(&Heard) -> Reply + Send + Sync;

/// A server that ends with the test, and fails it when it heard anything but GET.
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    stopped: Arc<AtomicBool>,
}

impl Stub {
    pub(crate) fn start(answers: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, answers)
    }

    /// With TLS; the certificate is its own authority, in PEM.
    pub(crate) fn start_tls(name: &str, answers: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> (Self, String) {
        let (config, certificate) = self_signed(name);
        (Self::serve(Some(config), answers), certificate)
    }

    fn serve(
        tls: Option<Arc<rustls::ServerConfig>>,
        answers: impl Fn(&Heard) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let stopped: Arc<AtomicBool> = Arc::default();
        let answers: Arc<Answers> = Arc::new(answers);
        let (all, end) = (Arc::clone(&heard), Arc::clone(&stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (answers, all, end, tls) = (Arc::clone(&answers), Arc::clone(&all), Arc::clone(&end), tls.clone());
                std::thread::spawn(move || {
                    let peer = stream.try_clone().unwrap();
                    match tls {
                        Some(config) => {
                            let connection = rustls::ServerConnection::new(config).unwrap();
                            talk(&mut rustls::StreamOwned::new(connection, stream), &answers, &all, &end, address);
                        }
                        None => talk(&mut { stream }, &answers, &all, &end, address),
                    }
                    let _ = peer.shutdown(std::net::Shutdown::Both);
                });
            }
        });
        Self { address, heard, stopped }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.heard().into_iter().map(|one| one.path).collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if !std::thread::panicking() {
            for one in self.heard() {
                assert_eq!(one.method, "GET", "{} {}", one.method, one.path);
            }
        }
    }
}

/// One connection, kept alive as Qdrant keeps it.
fn talk(
    stream: &mut (impl Read + Write),
    answers: &Arc<Answers>,
    all: &Mutex<Vec<Heard>>,
    end: &AtomicBool,
    address: SocketAddr,
) {
    while let Some(one) = request(stream) {
        if end.load(Ordering::SeqCst) {
            return;
        }
        all.lock().unwrap().push(one.clone());
        let reply = answers(&one);
        let written = match reply {
            Reply::Answer(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    let _ = std::fmt::Write::write_fmt(&mut head, format_args!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).and_then(|()| stream.flush())
            }
            Reply::Slow(time) => {
                std::thread::sleep(time);
                stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n")
            }
            Reply::Endless => endless(stream),
            Reply::Broken => {
                let _ = stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{\"result\"");
                let _ = stream.flush();
                return;
            }
            Reply::Killed => {
                end.store(true, Ordering::SeqCst);
                let _ = TcpStream::connect(address);
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

fn endless(stream: &mut impl Write) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n")?;
    let chunk = vec![b'['; 65536];
    loop {
        stream.write_all(b"10000\r\n")?;
        stream.write_all(&chunk)?;
        stream.write_all(b"\r\n")?;
    }
}

/// The head of a request; a body is a fault of its own, and no GET of ours has one.
fn request(stream: &mut impl Read) -> Option<Heard> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 65536 || stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    parse(&head)
}

/// The head of a request.
pub(crate) fn parse(head: &[u8]) -> Option<Heard> {
    let text = String::from_utf8_lossy(head).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    assert!(!headers.contains_key("content-length"), "{method} {path} has a body");
    Some(Heard { method, path, headers })
}

/// A healthy peer of a cluster of three with one collection, as a Qdrant 1.19 answers.
pub(crate) fn healthy(path: &str, peer: u64) -> Reply {
    let ok = |result: Value| Reply::json(&json!({"result": result, "status": "ok", "time": 0.00001}));
    match path {
        "/" => Reply::json(&json!({"title": "qdrant - vector search engine", "version": "1.19.2"})),
        "/collections" => ok(json!({"collections": [{"name": "docs"}]})),
        "/cluster" => ok(json!({
            "status": "enabled", "peer_id": peer,
            "peers": {"1": {"uri": "http://q-0:6335/"}, "2": {"uri": "http://q-1:6335/"}, "3": {"uri": "http://q-2:6335/"}},
            "raft_info": {"term": 1, "commit": 9, "pending_operations": 0, "leader": 1, "role": "Follower", "is_voter": true},
            "consensus_thread_status": {"consensus_thread_status": "working", "last_update": "2026-11-22T23:50:43.09Z"},
            "message_send_failures": {},
        })),
        "/telemetry?details_level=1" => ok(json!({
            "app": {"name": "qdrant", "version": "1.19.2", "features": {"recovery_mode": false}},
            "memory": {"resident_bytes": 30_191_616},
            "requests": {"rest": {"responses": {}}},
        })),
        "/metrics" => Reply::text(200, "# HELP x\ncollections_total 1\nprocess_max_fds 1048576\nprocess_open_fds 40\n"),
        "/collections/docs" => ok(json!({
            "status": "green", "optimizer_status": "ok", "indexed_vectors_count": 1000, "points_count": 1000, "segments_count": 4,
            "config": {
                "params": {"vectors": {"size": 64, "distance": "Cosine"}, "shard_number": 3, "replication_factor": 2,
                    "write_consistency_factor": 1, "on_disk_payload": true},
                "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000, "on_disk": false},
                "optimizer_config": {"deleted_threshold": 0.2, "indexing_threshold": 10000, "max_optimization_threads": null},
                "wal_config": {"wal_capacity_mb": 32}, "quantization_config": null,
            },
            "payload_schema": {},
        })),
        "/collections/docs/cluster" => ok(json!({
            "peer_id": peer, "shard_count": 3,
            "local_shards": [{"shard_id": 0, "points_count": 300, "state": "Active"}, {"shard_id": 1, "points_count": 300, "state": "Active"}],
            "remote_shards": [
                {"shard_id": 0, "peer_id": peer % 3 + 1, "state": "Active"}, {"shard_id": 1, "peer_id": (peer + 1) % 3 + 1, "state": "Active"},
                {"shard_id": 2, "peer_id": peer % 3 + 1, "state": "Active"}, {"shard_id": 2, "peer_id": (peer + 1) % 3 + 1, "state": "Active"},
            ],
            "shard_transfers": [],
        })),
        "/collections/docs/snapshots" => ok(json!([])),
        _ => Reply::Answer(
            404,
            Vec::new(),
            json!({"status": {"error": "Not found"}, "time": 0.0}).to_string().into_bytes(),
        ),
    }
}

/// Likewise, for those who show the key.
pub(crate) fn guarded(heard: &Heard, key: &str, peer: u64) -> Reply {
    let is_open = heard.path == "/";
    match heard.headers.get("api-key") {
        _ if is_open => healthy(&heard.path, peer),
        None => Reply::text(401, "Must provide an API key or an Authorization bearer token"),
        Some(shown) if shown == key => healthy(&heard.path, peer),
        Some(_) => Reply::text(401, "Invalid API key or JWT"),
    }
}
