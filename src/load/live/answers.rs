//! Answers of the Qdrant API as documents, so that a finding has a place in one: `["GET /cluster"].result.raft_info`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::view::Taken;
use crate::model::input::AnswerBody;
use crate::model::live::metrics;
use crate::model::recorded::{Answer, Endpoint};
use crate::source::{Document, LiveObject, Source, Sources, parse, print};

/// The bodies of one endpoint's answers, and the documents they stand in. What is no JSON has none.
pub(super) fn bodies(
    index: usize,
    endpoint: &Endpoint,
    taken: Taken<'_>,
    sources: &mut Sources,
) -> (Vec<AnswerBody>, Vec<Arc<Document>>) {
    let (mut bodies, mut documents) = (Vec::new(), Vec::new());
    for (position, answer) in endpoint.answers.iter().enumerate() {
        let Some(body) = body(answer) else { continue };
        let question = format!("GET {}", answer.path);
        let about = about(endpoint, &answer.path);
        let shown = about.to_string();
        let text = print(&json!({&question: body}));
        let source = sources.add(Source::live(about, shown, text));
        let parsed = parse(sources, source, taken.limits);
        let Some(document) = parsed.documents.into_iter().next().filter(|_| parsed.errors.is_empty()) else { continue };
        if let Some(node) = document.root.get(&question) {
            bodies.push(AnswerBody { endpoint: index, answer: position, node: node.clone() });
            documents.push(Arc::new(document));
        }
    }
    (bodies, documents)
}

/// What can be pointed into: JSON of a success; of metrics the single numbers.
fn body(answer: &Answer) -> Option<Value> {
    if answer.status != Some(200) || answer.error.is_some() {
        return None;
    }
    match &answer.body {
        Value::Object(_) => Some(answer.body.clone()),
        Value::String(text) if answer.path.starts_with("/metrics") => Some(metrics::samples(text)),
        _ => None,
    }
}

/// `Collection/documents`, `Peer/qdrant-0`.
fn about(endpoint: &Endpoint, path: &str) -> LiveObject {
    let name = path.strip_prefix("/collections/").and_then(|rest| rest.split('/').next());
    let (kind, name) = match name {
        Some(name) => ("Collection", unescaped(name)),
        None => ("Peer", endpoint.pod.clone().unwrap_or_else(|| endpoint.url.clone())),
    };
    LiveObject {
        api_version: LiveObject::ANSWER.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(endpoint.namespace.clone()).filter(|namespace| !namespace.is_empty()),
        name,
    }
}

/// The name that stands percent-encoded in a path.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let decoded = if *first == b'%' {
            let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
        } else {
            None
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recorded::escaped;

    #[test]
    fn names_come_back_from_their_paths() {
        for name in ["documents", "a b/c%2", "größe", "%", "%zz"] {
            assert_eq!(unescaped(&escaped(name)), name);
        }
        assert_eq!(unescaped("%4"), "%4");
    }
}
