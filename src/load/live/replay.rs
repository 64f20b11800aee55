//! `check FILE` of a recording: what was seen once is judged again, without a cluster.

use super::recording::{Recording, SCHEMA};
use super::redact::redact;
use super::view::{Common, Taken, Views, views};
use crate::load::LoadError;
use crate::source::{Limits, Node, Sources};

/// Beginning of the schema of recordings of any version.
const FAMILY: &str = "qdrant-lint/recording/";

/// Whether a document is a recording, of whatever version.
pub fn is_recording(root: &Node) -> bool {
    root.text(&["schema"]).is_some_and(|schema| schema.starts_with(FAMILY))
}

/// Reads the document of a recording.
pub fn read(root: &Node, file: &str) -> Result<Recording, LoadError> {
    let schema = root.text(&["schema"]).unwrap_or_default();
    if schema != SCHEMA {
        let message = format!("a recording of schema `{schema}`; this version reads `{SCHEMA}`");
        return Err(LoadError::whole(file, message, Some("record again with `qdrant-lint audit --record`, or update")));
    }
    serde_json::from_value(root.to_json())
        .map_err(|error| LoadError::whole(file, format!("not a recording that can be used: {error}"), None))
}

/// Makes inputs of every cluster of a recording. What a stranger put in is redacted like what a cluster says.
pub fn replay(recording: Recording, limits: &Limits, sources: &mut Sources) -> Vec<Views> {
    let among_others = recording.clusters.len() > 1;
    let taken = Taken { recorded_at: &recording.recorded_at, among_others, limits };
    recording
        .clusters
        .into_iter()
        .map(|mut cluster| {
            cluster.objects.iter_mut().for_each(redact);
            views(&cluster, &Common::default(), taken, sources)
        })
        .collect()
}
