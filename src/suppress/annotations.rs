//! `qdrant-lint.dev/ignore: "rule=reason; rule=reason"` on an object.

use super::Exemption;
use super::scope::{Object, Scope};
use crate::finding::{ExemptedBy, ObjectRef};
use crate::source::{Node, Sources, TextPlace};

/// Key of the annotation.
pub const KEY: &str = "qdrant-lint.dev/ignore";

/// The exemptions that an object asks for; the items of a list each for itself.
pub fn read(object: &Node, sources: &Sources) -> Vec<Exemption> {
    let is_list = object.text(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
    let items = if is_list { object.items(&["items"]) } else { &[] };
    std::iter::once(object).chain(items).flat_map(|object| of_object(object, sources)).collect()
}

fn of_object(object: &Node, sources: &Sources) -> Vec<Exemption> {
    let Some(identity) = ObjectRef::of(object) else { return Vec::new() };
    let Some(annotation) = object.at(&["metadata", "annotations", KEY]) else { return Vec::new() };
    let Some(text) = annotation.as_str() else { return Vec::new() };
    let places = TextPlace::of(sources, annotation);
    let span = object.origin.place().map(|place| place.value_span());
    let source = span.map(|span| sources.get(span.source)).filter(|source| source.live.is_none());
    let file = source.map(|source| source.name.clone());
    let mut found = Vec::new();
    let mut from = 0;
    for part in text.split(';') {
        let start = from + (part.len() - part.trim_start().len());
        from += part.len() + 1;
        if part.trim().is_empty() {
            continue;
        }
        let (rule, reason) = part.split_once('=').unwrap_or((part, ""));
        let scope = Scope::Object(Object { file: file.clone(), span, identity: identity.clone() });
        let origin = places.origin(start as u32, (start + rule.trim().len()) as u32);
        found.push(Exemption::new(ExemptedBy::Annotation, rule, reason, scope, origin));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Limits, Source, parse};

    #[test]
    fn an_annotation_names_rules_with_their_reasons() {
        let text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: q\n  annotations:\n    qdrant-lint.dev/ignore: \"a/b=why not; c/*\"\n";
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.yaml", text));
        let root = parse(&sources, id, &Limits::default()).documents.remove(0).root;
        let found = read(&root, &sources);
        let told: Vec<_> = found.iter().map(|one| (one.rule.as_str(), one.reason.as_deref())).collect();
        assert_eq!(told, [("a/b", Some("why not")), ("c/*", None)]);
        assert_eq!(sources.slice(found[1].origin.place().unwrap().value_span()), "c/*");
    }

    #[test]
    fn items_of_a_list_ask_each_for_itself() {
        let text = "kind: List\nitems:\n- kind: Service\n  metadata: {name: q, annotations: {qdrant-lint.dev/ignore: a/b=c}}\n";
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.yaml", text));
        let root = parse(&sources, id, &Limits::default()).documents.remove(0).root;
        assert_eq!(read(&root, &sources).len(), 1);
    }
}
