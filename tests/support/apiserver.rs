//! A real kube-apiserver with etcd on loopback, in a folder of its own; both end with the value.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

/// Users: the first may everything, the others what a test grants them.
const USERS: [(&str, &str); 3] = [("admin", "system:masters"), ("auditor", "qdrant-auditors"), ("nobody", "")];
/// A busy machine takes its time.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running API server.
pub(crate) struct ApiServer {
    folder: tempfile::TempDir,
    port: u16,
    etcd: Child,
    apiserver: Child,
    runtime: tokio::runtime::Runtime,
    client: OnceLock<kube::Client>,
}

impl ApiServer {
    /// One server for all tests that run at the same time; namespaces keep them apart. None, said aloud, without binaries.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        static RUNNING: Mutex<Weak<ApiServer>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(server) = running.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start()?);
        *running = Arc::downgrade(&server);
        Some(server)
    }

    /// A server of one's own, to be killed.
    pub(crate) fn start() -> Option<Self> {
        let Some(binaries) = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from) else {
            eprintln!("SKIPPED: KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(path("sa.key"), key.serialize_pem()).unwrap();
        std::fs::write(path("sa.pub"), key.public_key_pem()).unwrap();
        let tokens = USERS.iter().fold(String::new(), |mut tokens, (user, group)| {
            let _ = writeln!(tokens, "{user}-token,{user},{user},\"{group}\"");
            tokens
        });
        std::fs::write(path("tokens.csv"), tokens).unwrap();
        let (clients, peers, port) = (free_port(), free_port(), free_port());
        let log = |name: &str| Stdio::from(std::fs::File::create(path(name)).unwrap());
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let etcd = Command::new(binaries.join("etcd"))
            .arg("--data-dir")
            .arg(path("etcd"))
            .args(["--listen-client-urls", &url(clients), "--advertise-client-urls", &url(clients)])
            .args(["--listen-peer-urls", &url(peers), "--initial-advertise-peer-urls", &url(peers)])
            .args([
                "--initial-cluster",
                &format!("default={}", url(peers)),
                "--unsafe-no-fsync",
                "--log-level",
                "error",
            ])
            .stdout(Stdio::null())
            .stderr(log("etcd.log"))
            .spawn()
            .unwrap();
        let flag = |name: &str, value: &Path| format!("--{name}={}", value.display());
        let apiserver = Command::new(binaries.join("kube-apiserver"))
            .arg(format!("--etcd-servers={}", url(clients)))
            .arg(flag("cert-dir", &path("certs")))
            .arg(flag("token-auth-file", &path("tokens.csv")))
            .arg(flag("service-account-key-file", &path("sa.pub")))
            .arg(flag("service-account-signing-key-file", &path("sa.key")))
            .arg(format!("--service-account-issuer=https://127.0.0.1:{port}/"))
            .arg(format!("--secure-port={port}"))
            .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"])
            .args(["--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged", "--authorization-mode=RBAC"])
            .args(["--disable-admission-plugins=ServiceAccount", "--profiling=false"])
            .stdout(Stdio::null())
            .stderr(log("apiserver.log"))
            .spawn()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut server = Self { folder, port, etcd, apiserver, runtime, client: OnceLock::new() };
        for (user, _) in USERS {
            server.write_kubeconfig(user, &format!("{user}-token"));
        }
        server.wait();
        Some(server)
    }

    fn write_kubeconfig(&self, user: &str, token: &str) {
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user, "namespace": "default"}}],
            "clusters": [{"name": "test", "cluster": {
                "server": format!("https://127.0.0.1:{}", self.port),
                "certificate-authority": self.folder.path().join("certs/apiserver.crt"),
            }}],
            "users": [{"name": user, "user": {"token": token}}],
        });
        std::fs::write(self.kubeconfig(user), kubeconfig.to_string()).unwrap();
    }

    /// The certificate is made while the server starts, so nothing can be asked before it is there.
    fn wait(&mut self) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.folder.path().join("certs/apiserver.crt").exists() && self.try_send("GET", "/readyz", None).is_ok()
            {
                return;
            }
            let ended = self.apiserver.try_wait().unwrap();
            assert!(ended.is_none(), "kube-apiserver ended: {}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("kube-apiserver is not ready: {}", self.log());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("apiserver.log")).unwrap_or_default()
    }

    /// Kubeconfig of a user: `admin`, `auditor`, `nobody`.
    pub(crate) fn kubeconfig(&self, user: &str) -> PathBuf {
        self.folder.path().join(format!("{user}.kubeconfig"))
    }

    /// A kubeconfig whose token nobody knows.
    pub(crate) fn expired(&self) -> PathBuf {
        self.write_kubeconfig("expired", "no-longer");
        self.kubeconfig("expired")
    }

    /// Kubeconfig of a service account, with a token that the server issued.
    pub(crate) fn account(&self, namespace: &str, name: &str) -> PathBuf {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
        let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let answer = self.send("POST", &path, Some(&request));
        let user = format!("{namespace}-{name}");
        self.write_kubeconfig(&user, answer["status"]["token"].as_str().unwrap());
        self.kubeconfig(&user)
    }

    /// Creates an object as the administrator, and sets its status where it has one.
    pub(crate) fn create(&self, object: &Value) -> Value {
        let path = path_of(object);
        let mut created = self.send("POST", &path, Some(object));
        if let Some(status) = object.get("status") {
            created["status"] = status.clone();
            let name = object["metadata"]["name"].as_str().unwrap();
            created = self.send("PUT", &format!("{path}/{name}/status"), Some(&created));
        }
        created
    }

    /// Whether the server would create an object: it answers as if, and keeps nothing.
    pub(crate) fn dry_run(&self, object: &Value) -> Result<(), String> {
        let path = format!("{}?dryRun=All&fieldValidation=Strict", path_of(object));
        self.try_send("POST", &path, Some(object)).map(drop).map_err(|error| error.to_string())
    }

    /// Creates objects in order.
    pub(crate) fn create_all(&self, objects: &[Value]) {
        for object in objects {
            self.create(object);
        }
    }

    /// A namespace that no other test has; deletion never ends without controllers.
    pub(crate) fn namespace(&self, name: &str) {
        self.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    }

    /// Sends a request as the administrator.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.try_send(method, path, body);
        let text = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text))
    }

    /// Status, warnings and body of an answer to the administrator, whatever it is.
    pub(crate) fn exchange(&self, method: &str, path: &str, body: &Value) -> (u16, Vec<String>, Value) {
        self.runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(self.kubeconfig("admin")).unwrap();
            let mut config =
                kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
            config.default_retry = false;
            let client = kube::Client::try_from(config).unwrap();
            let content = match method {
                "PATCH" => "application/merge-patch+json",
                "APPLY" => "application/apply-patch+yaml",
                _ => "application/json",
            };
            let method = if method == "APPLY" { "PATCH" } else { method };
            let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
            let request = hyper::Request::builder()
                .method(method)
                .uri(path)
                .header("Content-Type", content)
                .body(kube::client::Body::from(bytes))
                .unwrap();
            let response = client.send(request).await.unwrap();
            let status = response.status().as_u16();
            let warnings = response.headers().get_all("warning").iter();
            let warnings = warnings.map(|warning| warning.to_str().unwrap_or_default().to_owned()).collect();
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (status, warnings, serde_json::from_str(&text).unwrap_or(Value::String(text)))
        })
    }

    /// What the server answers when it is asked whether it would accept an object; nothing is stored.
    pub(crate) fn try_create(&self, path: &str, object: &Value) -> (u16, Value) {
        let client = self.client.get_or_init(|| self.connect().unwrap());
        self.runtime.block_on(async {
            let path = format!("{path}?dryRun=All&fieldValidation=Strict&fieldManager=test");
            let request = request("POST", &path, Some(object)).map(kube::client::Body::from);
            let (head, body) = client.send(request).await.unwrap().into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            let answer = serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
            (head.status.as_u16(), answer)
        })
    }

    /// What is at a path, when something is.
    pub(crate) fn try_get(&self, path: &str) -> Option<Value> {
        serde_json::from_str(&self.try_send("GET", path, None).ok()?).ok()
    }

    fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<String, kube::Error> {
        let client = self.connect()?;
        self.runtime.block_on(client.request_text(request(method, path, body)))
    }

    fn connect(&self) -> Result<kube::Client, kube::Error> {
        self.runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(self.kubeconfig("admin")).unwrap();
            let mut config =
                kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
            config.default_retry = false;
            kube::Client::try_from(config)
        })
    }

    /// Kills the server as a node that fails does.
    pub(crate) fn kill(&mut self) {
        for child in [&mut self.apiserver, &mut self.etcd] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn request(method: &str, path: &str, body: Option<&Value>) -> hyper::Request<Vec<u8>> {
    let bytes = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
    hyper::Request::builder().method(method).uri(path).header("Content-Type", "application/json").body(bytes).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where objects of this kind are created.
pub(crate) fn path_of(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let (version, kind) = (text("/apiVersion").unwrap(), text("/kind").unwrap());
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let resource = qdrant_lint::load::live::kinds::of(group, kind)
        .map_or_else(|| format!("{}s", kind.to_lowercase()), |known| known.resource.to_owned());
    let root = if group.is_empty() { "/api" } else { "/apis" };
    let namespace =
        text("/metadata/namespace").map_or_else(String::new, |namespace| format!("/namespaces/{namespace}"));
    format!("{root}/{version}{namespace}/{resource}")
}
