//! The webhook as a process: started on free ports, asked over TLS, stopped by SIGTERM.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

type Https = Client<hyper_rustls::HttpsConnector<HttpConnector>, Full<Bytes>>;

pub(crate) struct Hook {
    child: Child,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) address: String,
    pub(crate) health: String,
    pub(crate) authority: String,
    log: Arc<Mutex<Vec<String>>>,
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) tls: Arc<rustls::ClientConfig>,
    client: Https,
}

/// A certificate for 127.0.0.1 of an authority of its own: authority, chain, key.
pub(crate) fn certificate() -> (String, String, String) {
    let mut of_authority = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    of_authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    of_authority.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
    let authority = rcgen::CertifiedIssuer::self_signed(of_authority, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let leaf = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    (authority.pem(), leaf.pem(), key.serialize_pem())
}

impl Hook {
    /// Starts it without a cluster.
    pub(crate) fn alone(arguments: &[&str]) -> Self {
        Self::start(&[&["--no-cluster"], arguments].concat(), &[])
    }

    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, chain, key) = certificate();
        std::fs::write(folder.path().join("tls.crt"), &chain).unwrap();
        std::fs::write(folder.path().join("tls.key"), &key).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_qdrant-lint"));
        command.args(["serve", "--health-listen", "127.0.0.1:0"]);
        for (flag, value) in [("--listen", "127.0.0.1:0"), ("--shutdown-delay", "0")] {
            if !arguments.contains(&flag) {
                command.args([flag, value]);
            }
        }
        if !arguments.contains(&"--tls-secret") {
            command.args(["--tls-cert", "tls.crt", "--tls-key", "tls.key"]);
        }
        let mut child = command
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line)));
        let started = Instant::now();
        let (address, health) = loop {
            let serving = log.lock().unwrap().iter().find_map(|line: &String| {
                let entry: Value = serde_json::from_str(line).ok()?;
                (entry["message"] == "serving").then_some(entry)
            });
            if let Some(entry) = serving {
                let text = |key: &str| entry[key].as_str().unwrap().to_owned();
                break (text("listen"), text("health"));
            }
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < Duration::from_mins(1), "{:?}", log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut roots = rustls::RootCertStore::empty();
        roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { child, folder, address, health, authority, log, runtime, tls: Arc::new(tls), client }
    }

    /// Status and body of an answer.
    pub(crate) fn ask(&self, method: &str, url: &str, body: Vec<u8>) -> (u16, String) {
        let request = hyper::Request::builder().method(method).uri(url).header("content-type", "application/json");
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        self.runtime.block_on(async {
            match self.client.request(request).await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let body = response
                        .into_body()
                        .collect()
                        .await
                        .map(http_body_util::Collected::to_bytes)
                        .unwrap_or_default();
                    (status, String::from_utf8_lossy(&body).into_owned())
                }
                Err(error) => (0, format!("{error:?}")),
            }
        })
    }

    pub(crate) fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> (u16, String) {
        self.ask("POST", &format!("https://{}{path}", self.address), body.into())
    }

    /// The response of a review.
    pub(crate) fn review(&self, review: &Value) -> Value {
        let (status, body) = self.post("/validate?timeout=10s", review.to_string());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()["response"].clone()
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", &format!("http://{}{path}", self.health), Vec::new())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// SIGTERM.
    pub(crate) fn tell_to_stop(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// SIGKILL, as when a node is lost.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and whether it ended by itself with success.
    pub(crate) fn stop(&mut self) -> bool {
        self.tell_to_stop();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(40) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.kill();
    }
}
