//! HTTP requests that a script sends with curl or wget.

use std::collections::BTreeMap;

use super::{Command, Word};

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `PUT`, …
    pub method: String,
    /// Address; variables as written.
    pub url: Word,
    /// What is sent.
    pub data: Option<Data>,
}

/// What a request sends.
#[derive(Clone, Debug)]
pub enum Data {
    /// The text itself: an argument, a here-document, a variable's value.
    Text(Word),
    /// A file by its path.
    File(String),
}

/// Words before the command proper.
const BEFORE: [&str; 14] =
    ["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "exec", "sudo", "command", "&&"];
/// Long options of curl that take a value, besides those that are read here.
const WITH_VALUE: [&str; 30] = [
    "header",
    "output",
    "user",
    "cookie",
    "cookie-jar",
    "referer",
    "user-agent",
    "max-time",
    "connect-timeout",
    "retry",
    "retry-delay",
    "retry-max-time",
    "write-out",
    "cacert",
    "capath",
    "cert",
    "key",
    "proxy",
    "dump-header",
    "form",
    "config",
    "resolve",
    "range",
    "interface",
    "limit-rate",
    "oauth2-bearer",
    "variable",
    "stderr",
    "cert-type",
    "pass",
];
/// Short options of curl that take a value.
const SHORT_WITH_VALUE: &str = "HoubceAmwxDFKrEtyYPQzCUX";

/// The requests of commands, in order. `known` gives the values of variables that the script does not assign itself.
pub fn requests(commands: &[Command], known: &dyn Fn(&str) -> Option<Word>) -> Vec<Request> {
    let mut assigned: BTreeMap<String, Word> = BTreeMap::new();
    let mut files: BTreeMap<String, Word> = BTreeMap::new();
    let mut found = Vec::new();
    let mut piped: Option<Word> = None;
    for command in commands {
        assigned.extend(command.assignments.iter().cloned());
        let skip = command.words.iter().take_while(|word| BEFORE.contains(&word.text().as_str())).count();
        let words = &command.words[skip..];
        let name = words.first().map(Word::text).unwrap_or_default();
        let request = match name.rsplit('/').next() {
            Some("curl") => curl(&words[1..]),
            Some("wget") => wget(&words[1..]),
            _ => {
                let is_print = matches!(name.as_str(), "cat" | "tee" | "echo" | "printf");
                let text = command.input.clone().or_else(|| words.get(1).cloned().filter(|_| is_print));
                let target = command.output.clone().or_else(|| words.get(1).cloned().filter(|_| name == "tee"));
                if let (Some(target), Some(text)) = (target, &text) {
                    files.insert(target.text(), text.clone());
                }
                piped = text.filter(|_| is_print);
                continue;
            }
        };
        let Some(mut request) = request else { continue };
        request.data = request.data.map(|data| match data {
            Data::File(path) if matches!(path.as_str(), "-" | "/dev/stdin") => {
                command.input.clone().or_else(|| piped.clone()).map_or_else(|| Data::File(path), Data::Text)
            }
            Data::File(path) => files.get(&path).cloned().map_or(Data::File(path), Data::Text),
            Data::Text(word) => {
                let value = word.variable().and_then(|name| assigned.get(name).cloned().or_else(|| known(name)));
                Data::Text(value.unwrap_or(word))
            }
        });
        found.push(request);
        piped = None;
    }
    found
}

fn curl(words: &[Word]) -> Option<Request> {
    let mut seen = Seen::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text();
        if let Some(long) = text.strip_prefix("--") {
            match long {
                "" => {}
                "request" => seen.method = rest.next().map(Word::text),
                "url" => seen.url = rest.next().cloned(),
                "data" | "data-raw" | "data-binary" | "data-ascii" | "json" => {
                    seen.data = rest.next().map(|value| data(value, long != "data-raw"));
                }
                "upload-file" => seen.upload(rest.next()),
                "get" | "head" => seen.method = Some("GET".to_owned()),
                _ if WITH_VALUE.contains(&long) => {
                    rest.next();
                }
                _ => {}
            }
        } else if let Some(short) = text.strip_prefix('-').filter(|short| !short.is_empty()) {
            let Some((at, letter)) = short
                .char_indices()
                .find(|(_, letter)| matches!(letter, 'd' | 'T') || SHORT_WITH_VALUE.contains(*letter))
            else {
                continue;
            };
            let attached = &short[at + letter.len_utf8()..];
            let value =
                if attached.is_empty() { rest.next().cloned() } else { Some(tail(word, text.len() - attached.len())) };
            match letter {
                'X' => seen.method = value.map(|value| value.text()),
                'd' => seen.data = value.map(|value| data(&value, true)),
                'T' => seen.upload(value.as_ref()),
                _ => {}
            }
        } else {
            seen.url.get_or_insert_with(|| word.clone());
        }
    }
    let method = seen.method.or_else(|| seen.uploads.then(|| "PUT".to_owned()));
    let method = method.unwrap_or_else(|| if seen.data.is_some() { "POST" } else { "GET" }.to_owned());
    Some(Request { method: method.to_ascii_uppercase(), url: seen.url?, data: seen.data })
}

#[derive(Default)]
struct Seen {
    method: Option<String>,
    url: Option<Word>,
    data: Option<Data>,
    uploads: bool,
}

impl Seen {
    fn upload(&mut self, file: Option<&Word>) {
        self.uploads = true;
        self.data = file.map(|file| Data::File(file.text()));
    }
}

/// `@path` names a file, but not for `--data-raw`.
fn data(value: &Word, reads_files: bool) -> Data {
    match value.text().strip_prefix('@').filter(|_| reads_files) {
        Some(path) => Data::File(path.to_owned()),
        None => Data::Text(value.clone()),
    }
}

/// The word without its first `skip` bytes.
fn tail(word: &Word, skip: usize) -> Word {
    let mut left = skip;
    let mut parts = Vec::new();
    for part in &word.parts {
        let range = part.range();
        let drop = left.min(range.len());
        left -= drop;
        if drop == 0 {
            parts.push(part.clone());
        } else if drop < range.len() {
            parts.push(super::Part::Text(range.start + drop..range.end));
        }
    }
    Word { node: word.node.clone(), parts }
}

fn wget(words: &[Word]) -> Option<Request> {
    let mut seen = Seen::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text();
        let Some(option) = text.strip_prefix("--") else {
            if text.starts_with('-') {
                if matches!(text.as_str(), "-O" | "-o" | "-T" | "-t" | "-U" | "-P") {
                    rest.next();
                }
            } else {
                seen.url.get_or_insert_with(|| word.clone());
            }
            continue;
        };
        let (name, attached) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        if !matches!(
            name,
            "method" | "body-data" | "post-data" | "body-file" | "post-file" | "header" | "output-document"
        ) {
            continue;
        }
        let value = match attached {
            Some(value) => Some(tail(word, text.len() - value.len())),
            None => rest.next().cloned(),
        };
        match name {
            "method" => seen.method = value.map(|value| value.text()),
            "body-data" | "post-data" => seen.data = value.map(Data::Text),
            "body-file" | "post-file" => seen.data = value.map(|value| Data::File(value.text())),
            _ => {}
        }
    }
    let method = seen.method.unwrap_or_else(|| if seen.data.is_some() { "POST" } else { "GET" }.to_owned());
    Some(Request { method: method.to_ascii_uppercase(), url: seen.url?, data: seen.data })
}

#[cfg(test)]
mod tests {
    use super::super::commands;
    use super::*;
    use crate::source::{Node, Origin};

    fn sent(script: &str) -> Vec<(String, String, String)> {
        let node = Node::string(script, Origin::Derived);
        requests(&commands(&node), &|_| None)
            .into_iter()
            .map(|request| {
                let data = match request.data {
                    Some(Data::Text(word)) => word.text(),
                    Some(Data::File(path)) => format!("@{path}"),
                    None => String::new(),
                };
                (request.method, request.url.text(), data)
            })
            .collect()
    }

    #[test]
    fn the_ways_to_send_a_body() {
        for (script, data) in [
            ("curl -sSf -X PUT u -H 'a: b' -d '{}'", "{}"),
            ("curl -sXPUT -d'{}' u", "{}"),
            ("curl --request PUT --url u --data-raw '@x'", "@x"),
            ("curl -X PUT u --data-binary @/c/x.json", "@/c/x.json"),
            ("curl -T x.json u", "@x.json"),
            ("until curl -X PUT u -d @- <<E\n{}\nE\ndo sleep 1; done", "{}\n"),
            ("cat > /tmp/b <<E\n{}\nE\ncurl -XPUT u -d @/tmp/b", "{}\n"),
            ("BODY='{}'; curl -X PUT u -d \"$BODY\"", "{}"),
            ("echo '{}' | curl -X PUT u -d @-", "{}"),
            ("wget -qO- --method=PUT --body-data='{}' u", "{}"),
        ] {
            assert_eq!(sent(script), [("PUT".to_owned(), "u".to_owned(), data.to_owned())], "{script}");
        }
    }

    #[test]
    fn the_method_follows_from_the_data() {
        assert_eq!(sent("curl u")[0].0, "GET");
        assert_eq!(sent("curl u -d x")[0].0, "POST");
    }
}
