//! API keys: the forms a value may have, and the Secret that the chart makes of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::block::Block;
use super::changes::Change;
use super::context::{Context, Value};
use super::scalar::reread;
use super::{ApiKey, RenderedObject};
use crate::source::{Data, Node, Origin, Schema};

/// Stands for a random key: as long as the chart makes them, and never the same as a real one.
const GENERATED: &str = "generated-by-helm-32-characters-";

/// What both values ask for.
pub(super) fn keys(context: &Context<'_>) -> (ApiKey, ApiKey) {
    let (key, read_only) = (context.value("apiKey"), context.value("readOnlyApiKey"));
    let is_mapping = |value: &Value<'_>| value.node.is_some_and(|node| node.as_mapping().is_some());
    if !key.truth() && !read_only.truth() {
        return (ApiKey::None, ApiKey::None);
    }
    let read_only_kind = if context.has(Change::ReadOnlyKeyJudgedItself) { &read_only } else { &key };
    let read_only_is_mapping = is_mapping(read_only_kind);
    (form(&key, is_mapping(&key)), form(&read_only, read_only_is_mapping))
}

/// Both keys exist as one Secret, also when nothing comes of them.
pub(super) fn is_made(context: &Context<'_>) -> bool {
    context.value("apiKey").truth() || context.value("readOnlyApiKey").truth()
}

fn form(value: &Value<'_>, as_mapping: bool) -> ApiKey {
    let at = value.origin();
    if as_mapping {
        let from = value.get("valueFrom");
        if !from.truth() {
            return if value.truth() { ApiKey::Lost { at } } else { ApiKey::None };
        }
        let reference = from.get("secretKeyRef");
        let (secret, key) = (reference.get("name"), reference.get("key"));
        for part in [&secret, &key] {
            if part.node.and_then(Node::as_str).is_none() {
                part.refuse(format!("{} must be a string", part.path));
            }
        }
        return ApiKey::Lookup { at, secret: secret.text().into(), key: key.text().into() };
    }
    match value.node.filter(|_| value.truth()).map(|node| &node.data) {
        None => ApiKey::None,
        Some(Data::Bool(_)) => ApiKey::Generated { at },
        Some(Data::String(text)) => ApiKey::Text { text: Arc::clone(text), at },
        Some(_) => {
            value.refuse(format!("{} must be a string, true or false", value.path));
            ApiKey::Lost { at }
        }
    }
}

/// The Secret with the keys, and Qdrant's `local.yaml` made of them. A key that is looked up is lost without a cluster:
/// then the Secret is empty, although the pods mount it.
pub(super) fn render(context: &Context<'_>, key: &ApiKey, read_only: &ApiKey) -> Option<RenderedObject> {
    if !is_made(context) {
        return None;
    }
    let (mut data, mut service, mut lines) = (Block::new(context), Block::new(context), String::from("service:"));
    let mut file_at = context.fixed_origin();
    for (name, setting, key) in [("api-key", "api_key", key), ("read-only-api-key", "read_only_api_key", read_only)] {
        if let Some((text, at)) = key.known() {
            data.put(name, Node::string(base64(text), at.clone()));
            let _ = write!(lines, "\n  {setting}: {text}");
            service.put(setting, as_qdrant_reads(text, at));
            file_at = at.clone();
        }
    }
    let mut configs = BTreeMap::new();
    let data = if data.is_empty() {
        Node::null(context.fixed_origin())
    } else {
        data.put("local.yaml", Node::string(base64(&lines), file_at));
        let local = Block::new(context).with("service", service.node());
        configs.insert("local.yaml".to_owned(), local.node());
        data.node()
    };
    let annotations = context.annotations(None);
    let object = context.object("v1", "Secret", context.named("-apikey"), context.labels(), annotations);
    Some(RenderedObject { object: object.with("data", data).node(), configs })
}

/// The chart writes the key without quotes, so Qdrant may read a number or a shorter text.
fn as_qdrant_reads(text: &str, at: &Origin) -> Node {
    reread(text, Schema::Core12, at).unwrap_or_else(|| Node::string(text, at.clone()))
}

impl ApiKey {
    /// The key's text (a stand-in for a generated one) and its origin, where rendering without a cluster knows it.
    fn known(&self) -> Option<(&str, &Origin)> {
        match self {
            Self::Text { text, at } => Some((text, at)),
            Self::Generated { at } => Some((GENERATED, at)),
            Self::None | Self::Lookup { .. } | Self::Lost { .. } => None,
        }
    }

    /// In the words of the facts: `none`, `text`, `generated`, `value-from`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::None | Self::Lost { .. } => "none",
            Self::Text { .. } => "text",
            Self::Generated { .. } => "generated",
            Self::Lookup { .. } => "value-from",
        }
    }

    /// The value that asks for it.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::None => None,
            Self::Text { at, .. } | Self::Generated { at } | Self::Lookup { at, .. } | Self::Lost { at } => Some(at),
        }
    }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
