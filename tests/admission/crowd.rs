//! More clients than the webhook takes in, each with a connection of its own, as an API server opens them.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::admission::hook::Hook;

/// More than there are seats.
const CLIENTS: usize = 560;
/// Between two pieces of a body.
const PAUSE: Duration = Duration::from_millis(1500);
const PIECES: usize = 5;

/// Sends a review over a connection of its own, slowly, and reads what comes until the other side ends it.
async fn ask(tls: TlsConnector, address: String, body: Arc<Vec<u8>>) -> std::io::Result<String> {
    let stream = TcpStream::connect(&address).await?;
    let mut stream = tls.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    let head = format!(
        "POST /validate?timeout=30s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    for piece in body.chunks(body.len().div_ceil(PIECES)) {
        stream.write_all(piece).await?;
        stream.flush().await?;
        tokio::time::sleep(PAUSE).await;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn slow_clients_beyond_all_seats_each_get_a_whole_answer() {
    let hook = Hook::alone(&["--mode", "warn"]);
    let object = super::peers("postgres:16", 1);
    let mut review = super::review("CREATE", &object, &serde_json::Value::Null);
    review["request"]["object"]["metadata"]["annotations"] = serde_json::json!({"notes": "x".repeat(100 << 10)});
    let body = Arc::new(review.to_string().into_bytes());
    let answers = hook.runtime.block_on(async {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                tokio::spawn(ask(TlsConnector::from(Arc::clone(&hook.tls)), hook.address.clone(), Arc::clone(&body)))
            })
            .collect();
        let mut answers = Vec::new();
        for client in clients {
            answers.push(client.await.unwrap());
        }
        answers
    });
    let with = |status: &str, end: &str| {
        let is = |answer: &&std::io::Result<String>| {
            answer.as_ref().is_ok_and(|answer| answer.starts_with(status) && answer.ends_with(end))
        };
        answers.iter().filter(is).count()
    };
    let (judged, refused) = (with("HTTP/1.1 200 ", "}}"), with("HTTP/1.1 429 ", "too many reviews at once"));
    let others = answers.iter().find(|answer| {
        !answer.as_ref().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.1 429 "))
    });
    assert_eq!(judged + refused, CLIENTS, "{judged} judged, {refused} refused: {others:?}");
    assert!(judged > 0, "{refused} refused");
    let after = hook.review(&super::review("CREATE", &object, &serde_json::Value::Null));
    assert_eq!(after["allowed"], true, "it goes on");
}
