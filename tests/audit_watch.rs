//! `audit --watch` against a real API server: what changes is told, and nothing else.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::audit::{audit, documents, qdrant};
use crate::support::apiserver::ApiServer;

/// A run of `audit --watch`, and the lines it has printed.
pub(crate) struct Watching {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Watching {
    pub(crate) fn start(kubeconfig: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_qdrant-lint"))
            .args(["audit", "--watch", "--kubeconfig"])
            .arg(kubeconfig)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let printed = BufReader::new(child.stdout.take().unwrap()).lines();
        let kept = Arc::clone(&lines);
        std::thread::spawn(move || printed.map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line)));
        Self { child, lines }
    }

    pub(crate) fn printed(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a line that begins and goes on like this; gives the position after it.
    pub(crate) fn until(&self, from: usize, begin: &str, words: &str) -> usize {
        let started = Instant::now();
        loop {
            let lines = self.printed();
            let found = lines.iter().skip(from).position(|line| line.starts_with(begin) && line.contains(words));
            if let Some(position) = found {
                return from + position + 1;
            }
            assert!(started.elapsed() < Duration::from_mins(2), "no `{begin} … {words}` after {from} in {lines:#?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn stop(&mut self) -> Option<i32> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_change_is_told_when_it_comes_and_when_it_goes() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("watched");
    server.create_all(&qdrant("watched", "vectors"));
    let path = "/apis/apps/v1/namespaces/watched/statefulsets/vectors";
    let image = |image: &str| {
        let mut workload = server.send("GET", path, None);
        workload["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
        server.send("PUT", path, Some(&workload));
    };
    let mut watching = Watching::start(&server.kubeconfig("admin"), &["-n", "watched", "--interval", "0"]);
    watching.until(0, "+ watched/vectors: ", "security/api-key-weak");
    let first = watching.printed().len();

    image("qdrant/qdrant:latest");
    let came = watching.until(first, "+ watched/vectors: ", "versions/image-unpinned");
    let went = watching.until(first, "20", "1 deployment, ");
    assert!(went <= came, "a line for the look stands before what it found");
    image("qdrant/qdrant:v1.15.4");
    watching.until(came, "- watched/vectors: ", "versions/image-unpinned");
    let later: Vec<String> = watching.printed().into_iter().skip(first).collect();
    assert!(!later.iter().any(|line| line.contains("security/api-key-weak")), "it did not change: {later:#?}");
    assert_eq!(watching.stop(), Some(1), "the exit code of the last look");
}

#[test]
fn without_changes_it_looks_at_the_interval() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("still");
    server.create_all(&qdrant("still", "vectors"));
    let mut watching =
        Watching::start(&server.kubeconfig("admin"), &["-n", "still", "--interval", "1s", "--fail-on", "never"]);
    let second = watching.until(0, "20", "; nothing changed");
    watching.until(second, "20", "; nothing changed");
    assert_eq!(watching.stop(), Some(0));
}

#[test]
fn the_printed_role_lets_it_watch() {
    let Some(server) = ApiServer::shared() else { return };
    let roles = audit(&server.kubeconfig("admin"), &["--watch", "--print-rbac"]);
    let text = String::from_utf8(roles.stdout).unwrap();
    let verbs: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("verbs:")).collect();
    assert!(verbs.iter().filter(|line| line.contains("get, list, watch")).count() > 20, "{text}");
    let plain = audit(&server.kubeconfig("admin"), &["--print-rbac"]);
    assert!(!String::from_utf8(plain.stdout).unwrap().contains("watch"));
}

#[test]
fn what_may_not_be_watched_is_named_and_seen_at_the_interval() {
    // what is granted to the group of auditors is no other test's
    let Some(server) = ApiServer::start() else { return };
    server.namespace("unwatched");
    server.create_all(&qdrant("unwatched", "vectors"));
    for role in documents(&audit(&server.kubeconfig("admin"), &["-n", "unwatched", "--print-rbac"]).stdout) {
        server.create(&role);
    }
    let mut watching = Watching::start(&server.kubeconfig("auditor"), &["-n", "unwatched", "--interval", "1s"]);
    let first = watching.until(0, "20", "1 deployment, ");
    watching.until(first, "20", "; nothing changed");
    assert_eq!(watching.stop(), Some(1));
    let mut told = String::new();
    watching.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.contains("for want of the right to watch them") && told.contains("statefulsets.apps"), "{told}");
}
