//! What a namespace sees of the cluster, parsed: made when something of it has changed, not for each review.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::judging::Named;
use crate::load::sniff::kubernetes;
use crate::model::build::Pods;
use crate::model::input::Object;
use crate::model::platform::Words;
use crate::model::recorded::List;
use crate::source::{Document, Limits, LiveObject, Source, SourceId, Sources, parse_json};
use crate::suppress::{Exemption, annotations};

/// A parsed object.
#[derive(Debug)]
pub struct Known {
    /// As the model takes it.
    pub object: Object,
    /// Which one it is.
    pub named: Named,
    /// Its pods run Qdrant.
    pub runs_qdrant: bool,
    /// What it asks to be accepted.
    pub exemptions: Vec<Exemption>,
    /// For the paths of findings.
    pub document: Arc<Document>,
    /// Its text.
    pub source: Arc<Source>,
}

/// The objects of a namespace, those of the cluster, and those of other namespaces that are read from everywhere.
#[derive(Debug, Default)]
pub struct View {
    /// No other view has it.
    pub number: u64,
    /// Objects in the order of their texts. The first text is left to the object under review.
    pub known: Vec<Known>,
    /// All texts.
    pub sources: Sources,
    /// How far each kind is known.
    pub lists: Vec<List>,
}

impl View {
    /// Parses objects.
    pub fn of<'a>(objects: impl Iterator<Item = &'a Value>, lists: Vec<List>) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(1);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let mut sources = Sources::default();
        sources.add(Source::new("", ""));
        let mut known = Vec::new();
        for object in objects {
            known.extend(Known::read(object, &mut sources));
        }
        Self { number, known, sources, lists }
    }

    /// The object that a text belongs to.
    pub fn by_source(&self, source: SourceId) -> Option<&Known> {
        let at = self.known.binary_search_by_key(&source, |known| known.object.source).ok()?;
        Some(&self.known[at])
    }

    /// Whether Qdrant runs here.
    pub fn has_qdrant(&self) -> bool {
        self.known.iter().any(|known| known.runs_qdrant)
    }
}

impl Known {
    /// An object under review; none when it is a test of a chart.
    pub fn reviewed(value: &Value) -> Option<Self> {
        Self::read(value, &mut Sources::default())
    }

    /// Whether it could be about Qdrant where no Qdrant runs: whatever is, names it or one of its ports.
    pub fn may_concern_qdrant(&self) -> bool {
        const MARKS: [&[u8]; 4] = [b"qdrant", b"6333", b"6334", b"6335"];
        let text = self.source.text.as_bytes();
        let at = |place: usize, mark: &[u8]| {
            text[place..].get(..mark.len()).is_some_and(|part| part.eq_ignore_ascii_case(mark))
        };
        (0..text.len())
            .any(|place| matches!(text[place], b'q' | b'Q' | b'6') && MARKS.iter().any(|mark| at(place, mark)))
    }

    fn read(value: &Value, sources: &mut Sources) -> Option<Self> {
        let about = LiveObject::of(value);
        let named = Named {
            kind: about.kind.clone(),
            namespace: about.namespace.clone().unwrap_or_default(),
            name: about.name.clone(),
        };
        let shown = about.to_string();
        let id = sources.add(Source::live(about, shown, value.to_string()));
        let document = parse_json(sources, id, &Limits::default()).documents.into_iter().next()?;
        let node = document.root.clone();
        if kubernetes::is_test_hook(&node) {
            return None;
        }
        let rendered_by_helm = kubernetes::is_rendered_by_helm(&node);
        let exemptions = annotations::read(&node, sources);
        let (folder, words) = (String::new(), Words::default());
        let object = Object { node, source: id, folder, rendered_by_helm, live: true, words };
        let runs_qdrant = Pods::of(&object).is_some();
        Some(Self { object, named, runs_qdrant, exemptions, document: Arc::new(document), source: sources.shared(id) })
    }
}

/// The number of the text of an object under review.
pub const REVIEWED: SourceId = SourceId(0);

/// Whether an object's pods run Qdrant.
pub fn runs_qdrant(value: &Value) -> bool {
    Pods::of(&Object::derived(value)).is_some()
}
