//! Requests of a script to the API of Qdrant: `curl`, `wget`, `http`.

use super::lines::{Filled, Line};
use crate::source::Origin;

/// Short options of curl that take a value.
const CURL_SHORT: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
/// Long options of curl that take a value.
const CURL_LONG: [&str; 33] = [
    "request",
    "header",
    "data",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "data-ascii",
    "json",
    "output",
    "output-dir",
    "write-out",
    "user",
    "max-time",
    "connect-timeout",
    "retry",
    "retry-delay",
    "retry-max-time",
    "cacert",
    "cert",
    "key",
    "form",
    "form-string",
    "upload-file",
    "url",
    "proxy",
    "user-agent",
    "resolve",
    "config",
    "oauth2-bearer",
    "cookie",
    "speed-limit",
    "speed-time",
    "limit-rate",
];

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// Makes a snapshot of a collection.
    Create(String),
    /// Makes a snapshot of the whole storage.
    CreateFull,
    /// Fetches a snapshot.
    Download,
    /// Deletes a snapshot.
    Delete,
    /// Lists snapshots.
    ListSnapshots,
    /// Lists collections.
    ListCollections,
    /// Lists aliases.
    ListAliases,
    /// Restores.
    Recover,
    /// Anything else.
    Other,
}

/// Where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Output {
    /// A file.
    File(String),
    /// The next command of the pipeline.
    Pipe,
    /// A word of another command.
    Captured,
    /// Nowhere.
    Null,
    /// The log.
    Log,
}

/// A request.
#[derive(Debug)]
pub(super) struct Call {
    /// What it asks for.
    pub(super) operation: Operation,
    /// The address.
    pub(super) url: Filled,
    /// It sends an API key.
    pub(super) sends_key: bool,
    /// An answer of 4xx or 5xx is a failure.
    pub(super) fails: bool,
    /// Headers of the answer are mixed into its body.
    pub(super) mixes_headers: bool,
    /// Where the answer goes.
    pub(super) output: Output,
    /// The body.
    pub(super) body: Option<Filled>,
    /// Index of the line.
    pub(super) line: usize,
    /// Where the command begins.
    pub(super) origin: Origin,
    /// `kubectl exec …`.
    pub(super) inside_pod: Option<Vec<String>>,
}

/// Requests to Qdrant's API.
pub(super) fn calls(lines: &[Line]) -> Vec<Call> {
    lines.iter().enumerate().filter_map(|(index, line)| call(line, index)).collect()
}

#[derive(Default)]
struct Request<'l> {
    method: Option<String>,
    url: Option<&'l Filled>,
    sends_key: bool,
    fails: bool,
    mixes_headers: bool,
    file: Option<String>,
    writes_body: bool,
    body: Option<&'l Filled>,
}

fn call(line: &Line, index: usize) -> Option<Call> {
    let request = match line.program() {
        "curl" => curl(line),
        "wget" => wget(line),
        "http" | "https" | "xh" => httpie(line),
        _ => return None,
    };
    let url = request.url?;
    let path = path(&url.text)?;
    let method = request.method.clone().unwrap_or_else(|| {
        if request.body.is_some() || request.writes_body { "POST".to_owned() } else { "GET".to_owned() }
    });
    let operation = operation(&method, path);
    let output = match request.file {
        Some(file) if file == "/dev/null" => Output::Null,
        Some(file) if file != "-" => Output::File(file),
        _ => match line.redirects.iter().find(|(operator, _)| matches!(operator.as_str(), ">" | ">>" | "&>" | "1>")) {
            Some((_, file)) if file == "/dev/null" => Output::Null,
            Some((_, file)) => Output::File(file.clone()),
            None if line.command.writes_pipe => Output::Pipe,
            None if line.command.captured => Output::Captured,
            None => Output::Log,
        },
    };
    Some(Call {
        operation,
        url: url.clone(),
        sends_key: request.sends_key,
        fails: request.fails,
        mixes_headers: request.mixes_headers,
        output,
        body: request.body.cloned(),
        line: index,
        origin: line.origin.clone(),
        inside_pod: line.inside_pod.clone(),
    })
}

fn curl(line: &Line) -> Request<'_> {
    let mut request = Request::default();
    let mut words = line.words.iter().skip(1);
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if let Some(long) = text.strip_prefix("--") {
            let value = if CURL_LONG.contains(&long) { words.next() } else { None };
            option(&mut request, long, value);
        } else if text.len() > 1 && text.starts_with('-') {
            let rest = text[1..].char_indices();
            for (at, letter) in rest {
                let after = &text[1 + at + letter.len_utf8()..];
                if CURL_SHORT.contains(letter) {
                    let attached =
                        Filled { text: after.to_owned(), head: word.head.clone(), origin: word.origin.clone() };
                    match (letter, after.is_empty()) {
                        ('X', false) => request.method = Some(after.to_ascii_uppercase()),
                        ('o', false) => request.file = Some(after.to_owned()),
                        ('H', false) => request.sends_key |= is_key(&attached.text),
                        ('d' | 'F', false) => request.writes_body = true,
                        (_, false) => {}
                        (_, true) => option(&mut request, short(letter), words.next()),
                    }
                    break;
                }
                option(&mut request, short(letter), None);
            }
        } else if request.url.is_none() {
            request.url = Some(word);
        }
    }
    request
}

fn short(letter: char) -> &'static str {
    match letter {
        'X' => "request",
        'H' => "header",
        'd' => "data",
        'o' => "output",
        'O' => "remote-name",
        'f' => "fail",
        'i' => "include",
        'F' => "form",
        'T' => "upload-file",
        'u' => "user",
        'w' => "write-out",
        _ => "",
    }
}

fn option<'l>(request: &mut Request<'l>, name: &str, value: Option<&'l Filled>) {
    let text = value.map(|value| value.text.as_str()).unwrap_or_default();
    match name {
        "request" => request.method = Some(text.to_ascii_uppercase()),
        "header" => request.sends_key |= is_key(text),
        "oauth2-bearer" => request.sends_key = true,
        "data" | "data-binary" | "data-raw" | "data-ascii" | "json" => request.body = value,
        "form" | "upload-file" => request.writes_body = true,
        "output" => request.file = Some(text.to_owned()),
        "remote-name" | "remote-name-all" => request.file = Some(".".to_owned()),
        // the status is printed for the script to look at
        "fail" | "fail-with-body" | "write-out" => request.fails = true,
        "include" => request.mixes_headers = true,
        "url" => request.url = value,
        _ => {}
    }
}

/// `wget` fails on an answer of 4xx or 5xx by itself and writes to a file unless told otherwise.
fn wget(line: &Line) -> Request<'_> {
    let mut request = Request { fails: true, file: Some(".".to_owned()), ..Request::default() };
    let mut words = line.words.iter().skip(1);
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let (name, attached) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        match name {
            "--method" => request.method = attached.map(str::to_ascii_uppercase),
            "--header" => {
                let value = attached.map(str::to_owned).or_else(|| words.next().map(|next| next.text.clone()));
                request.sends_key |= value.is_some_and(|value| is_key(&value));
            }
            "--post-data" | "--post-file" | "--body-data" => {
                request.writes_body = true;
                if attached.is_none() {
                    words.next();
                }
            }
            "--output-document" => request.file = attached.map(str::to_owned),
            _ if text.starts_with('-') && !text.starts_with("--") => {
                if let Some(at) = text.find('O') {
                    let after = &text[at + 1..];
                    request.file = if after.is_empty() {
                        words.next().map(|next| next.text.clone())
                    } else {
                        Some(after.to_owned())
                    };
                }
            }
            _ if text.starts_with("--") => {}
            _ => request.url = request.url.or(Some(word)),
        }
    }
    request
}

fn httpie(line: &Line) -> Request<'_> {
    let mut request = Request::default();
    for word in line.words.iter().skip(1) {
        let text = word.text.as_str();
        if matches!(text, "GET" | "POST" | "PUT" | "DELETE" | "PATCH") {
            request.method = Some(text.to_owned());
        } else if text == "--check-status" {
            request.fails = true;
        } else if path(text).is_some() && request.url.is_none() {
            request.url = Some(word);
        } else {
            request.sends_key |= is_key(text);
        }
    }
    request
}

/// `api-key: …` or `Authorization: …`.
fn is_key(header: &str) -> bool {
    header.split_once(':').is_some_and(|(name, _)| crate::model::monitoring::monitors::is_key_header(name.trim()))
}

/// The path of an address of Qdrant's API, when it is one about collections or snapshots.
pub(super) fn path(url: &str) -> Option<&str> {
    let after = url.find("://").map_or(0, |at| at + 3);
    let from = ["/collections", "/snapshots", "/aliases", "/cluster"]
        .iter()
        .filter_map(|start| url.get(after..)?.find(start))
        .min()?;
    let path = &url[after + from..];
    path.split(['?', '#']).next()
}

/// What a request with a method and a path asks for.
pub(super) fn operation(method: &str, path: &str) -> Operation {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (collection, rest) = match parts.as_slice() {
        ["collections"] if method == "GET" => return Operation::ListCollections,
        ["aliases"] | ["collections", _, "aliases"] if method == "GET" => return Operation::ListAliases,
        ["collections", name, "shards", _, rest @ ..] | ["collections", name, rest @ ..] => (Some(*name), rest),
        rest => (None, rest),
    };
    match (method, rest) {
        ("POST", ["snapshots"]) => collection.map_or(Operation::CreateFull, |name| Operation::Create(name.to_owned())),
        ("GET", ["snapshots"]) => Operation::ListSnapshots,
        (_, ["snapshots", "recover" | "upload"]) => Operation::Recover,
        ("GET", ["snapshots", _]) => Operation::Download,
        ("DELETE", ["snapshots", _]) => Operation::Delete,
        _ => Operation::Other,
    }
}
