//! A kubelet of the tests, as far as logs and a port-forward through the API server go: TLS, a WebSocket with a channel for
//! data and one for errors, and a Qdrant behind it.

use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use tungstenite::handshake::server::{Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::{Bytes, Message, WebSocket};

use super::qdrant::{Heard, Reply, parse, self_signed};

/// Channels of the one port that is asked for.
const DATA: u8 = 0;
const ERROR: u8 = 1;

type Answers = dyn Fn(&str, &Heard) -> Reply + Send + Sync;

/// Answers for every pod of its node.
pub(crate) struct Kubelet {
    pub(crate) address: SocketAddr,
    forwarded: Arc<Mutex<Vec<String>>>,
}

impl Kubelet {
    /// `answers` gets the name of the pod.
    pub(crate) fn start(answers: impl Fn(&str, &Heard) -> Reply + Send + Sync + 'static) -> Self {
        let (config, _) = self_signed("kubelet");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Arc<Answers> = Arc::new(answers);
        let forwarded: Arc<Mutex<Vec<String>>> = Arc::default();
        let all = Arc::clone(&forwarded);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, answers, all) = (Arc::clone(&config), Arc::clone(&answers), Arc::clone(&all));
                std::thread::spawn(move || forward(stream, config, &*answers, &all));
            }
        });
        Self { address, forwarded }
    }

    /// Paths that were forwarded, with their query.
    pub(crate) fn forwarded(&self) -> Vec<String> {
        self.forwarded.lock().unwrap().clone()
    }
}

fn forward(
    stream: TcpStream,
    config: Arc<rustls::ServerConfig>,
    answers: &Answers,
    all: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config).unwrap(), stream);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if tls.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let heard = parse(&head)?;
    if heard.path.starts_with("/containerLogs/") {
        let pod = heard.path.split('/').nth(3)?.to_owned();
        let Reply::Answer(status, _, body) = answers(&pod, &heard) else { return None };
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
        tls.write_all(answer.as_bytes()).and_then(|()| tls.write_all(&body)).and_then(|()| tls.flush()).ok()?;
        return None;
    }
    let tls = Replayed { head: Cursor::new(head), rest: tls };
    let mut path = String::new();
    #[expect(clippy::result_large_err, reason = "the signature is the library's")]
    let chosen = |request: &Request, mut response: Response| {
        path = request.uri().to_string();
        let spoken = request.headers().get("sec-websocket-protocol").and_then(|value| value.to_str().ok());
        assert!(spoken.is_some_and(|spoken| spoken.contains("v4.channel.k8s.io")), "{spoken:?}");
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("v4.channel.k8s.io"));
        Ok(response)
    };
    let mut socket = tungstenite::accept_hdr(tls, chosen).ok()?;
    all.lock().unwrap().push(path.clone());
    let pod = path.split('?').next()?.rsplit('/').next()?.to_owned();
    let port: u16 = path.split("port=").nth(1)?.split('&').next()?.parse().ok()?;
    for channel in [DATA, ERROR] {
        send(&mut socket, channel, &port.to_le_bytes())?;
    }
    let mut pending = Vec::new();
    loop {
        match socket.read().ok()? {
            Message::Binary(bytes) if bytes.first() == Some(&DATA) => pending.extend_from_slice(&bytes[1..]),
            Message::Close(_) => return None,
            _ => continue,
        }
        while let Some(end) = pending.windows(4).position(|window| window == b"\r\n\r\n") {
            let head: Vec<u8> = pending.drain(..end + 4).collect();
            let heard = parse(&head)?;
            assert_eq!(heard.method, "GET", "{}", heard.path);
            let Reply::Answer(status, _, body) = answers(&pod, &heard) else { return None };
            let mut answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
            answer.extend(body);
            send(&mut socket, DATA, &answer)?;
        }
    }
}

/// A stream whose beginning was read already.
struct Replayed<S> {
    head: Cursor<Vec<u8>>,
    rest: S,
}

impl<S: Read> Read for Replayed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.head.read(buffer)? {
            0 => self.rest.read(buffer),
            count => Ok(count),
        }
    }
}

impl<S: Write> Write for Replayed<S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.rest.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.rest.flush()
    }
}

fn send<S: Read + Write>(socket: &mut WebSocket<S>, channel: u8, bytes: &[u8]) -> Option<()> {
    let mut message = vec![channel];
    message.extend_from_slice(bytes);
    socket.send(Message::Binary(Bytes::from(message))).ok()
}
