//! What Qdrant says when it starts, from the logs of its pods. Only the lines that rules read are kept.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use serde_json::Value;

use super::client::{Asker, in_words};
use super::recording::StartLog;

/// Bytes from the beginning of a log: the banner and the checks stand in the first few hundred.
const BEGINNING: i64 = 64 << 10;
/// Longest wait for a log.
const PATIENCE: Duration = Duration::from_secs(15);
/// The banner: the log begins with a start of the server, and was not cut since.
const BANNER: &str = "Version: ";
/// Lines that are kept, by what they hold.
const KEPT: [&str; 1] = ["Filesystem check failed"];
/// Letters of a line that are kept.
const LONGEST: usize = 300;

/// The beginning of the log of a pod's Qdrant container.
pub(super) async fn read(asker: &Asker, namespace: &str, pod: &Value, container: &str) -> StartLog {
    let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let pods: Api<Pod> = Api::namespaced(asker.client(), namespace);
    let wanted =
        LogParams { container: Some(container.to_owned()), limit_bytes: Some(BEGINNING), ..LogParams::default() };
    let mut log = StartLog { namespace: namespace.to_owned(), pod: name.to_owned(), ..StartLog::default() };
    match tokio::time::timeout(PATIENCE, pods.logs(name, &wanted)).await {
        Ok(Ok(text)) if text.contains(BANNER) => {
            let kept = text.lines().filter(|line| KEPT.iter().any(|words| line.contains(words)));
            log.lines = kept.map(|line| plain(line).chars().take(LONGEST).collect()).collect();
        }
        Ok(Ok(_)) => log.error = Some("its log no longer reaches back to the start of Qdrant".to_owned()),
        Ok(Err(kube::Error::Api(status))) => log.error = Some(status.message.clone()),
        Ok(Err(error)) => log.error = Some(in_words(&error)),
        Err(_) => log.error = Some(format!("no answer within {} s", PATIENCE.as_secs())),
    }
    log
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else if !letter.is_control() {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out() {
        let line = "\u{1b}[2m2026-11-28T10:00:00Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m Filesystem check failed for storage path ./storage";
        assert_eq!(plain(line), "2026-11-28T10:00:00Z ERROR Filesystem check failed for storage path ./storage");
    }
}
