//! Scripts in other languages: only the words in them are looked at.

use crate::model::monitoring::Watched;
use crate::model::peer_address::{Lead, host_of, lead};

/// What the words of a program show.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    /// Makes snapshots.
    pub(super) makes: bool,
    /// Of the whole storage.
    pub(super) full: bool,
    /// Deletes snapshots.
    pub(super) deletes: bool,
    /// Lists collections.
    pub(super) lists: bool,
    /// Sends a key.
    pub(super) sends_key: bool,
    /// Removes old copies.
    pub(super) prunes: bool,
    /// Fetches what it makes, or hands it to something that does.
    pub(super) fetches: bool,
    /// Exports aliases.
    pub(super) aliases: bool,
    /// Address of the peers, its place in the text, and where it leads.
    pub(super) address: Option<(String, (usize, usize), Lead)>,
}

/// Reads the words of a program.
pub(super) fn foreign(text: &str, watched: &Watched<'_>) -> Foreign {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let full = has(&["create_full_snapshot", "createFullSnapshot"])
        || (has(&["\"/snapshots\"", "'/snapshots'"]) && has(&["POST", "post("]));
    Foreign {
        // other systems have `/snapshots` too
        makes: has(&["qdrant", "Qdrant", "QDRANT", "6333", "/collections"])
            && (full || has(&["create_snapshot", "createSnapshot", "/snapshots"])),
        full: full && !has(&["/collections/"]),
        deletes: has(&["delete_snapshot", "deleteSnapshot", "DELETE", ".delete("]),
        lists: has(&["get_collections", "getCollections", "/collections\"", "/collections'"]),
        sends_key: has(&["api-key", "api_key", "apiKey", "Authorization"]),
        prunes: has(&["os.remove", "unlink(", "delete_object", "deleteObject"]),
        fetches: has(&["GET", ".get(", "urlopen", "urlretrieve", "download", "upload", "shutil", "open("]),
        aliases: has(&["aliases"]),
        address: address(text, watched),
    }
}

fn address(text: &str, watched: &Watched<'_>) -> Option<(String, (usize, usize), Lead)> {
    let starts = ["http://", "https://"].into_iter().flat_map(|scheme| text.match_indices(scheme)).map(|(at, _)| at);
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    starts.into_iter().take(64).find_map(|start| {
        let rest = &text[start..];
        let end = rest.find(|end: char| end.is_whitespace() || "\"'`<>,)".contains(end)).unwrap_or(rest.len());
        let url = &rest[..end];
        let lead = lead(url, watched.scope, watched.services)?;
        (!host_of(url).is_empty()).then(|| (url.to_owned(), (start, start + end), lead))
    })
}
