//! Did you mean: the key that a chart version reads and that is most like one that it does not.

use crate::model::chart::keys::Keys;

/// The key that was probably meant, as a pattern.
pub(super) struct Suggestion {
    /// The key.
    pub(super) key: String,
    /// Only case and separators differ, so that it certainly is the one.
    pub(super) certain: bool,
}

/// Names that many keys end with: alone they point nowhere.
const COMMON: [&str; 12] = [
    "enabled",
    "annotations",
    "additionallabels",
    "size",
    "type",
    "host",
    "hosts",
    "tls",
    "path",
    "name",
    "port",
    "args",
];

/// The best guess for a key below `parent`; none when nothing is like it.
pub(super) fn suggest(keys: &Keys, parent: &str, name: &str) -> Option<Suggestion> {
    let own = plain(name);
    let whole = |child: &str| if parent.is_empty() { child.to_owned() } else { format!("{parent}.{child}") };
    let siblings = keys.children(parent);
    if let Some(same) = siblings.iter().find(|sibling| plain(sibling) == own) {
        return Some(Suggestion { key: whole(same), certain: true });
    }
    let near = siblings
        .iter()
        .filter(|sibling| own.len().min(sibling.len()) >= 5)
        .map(|sibling| (strsim::damerau_levenshtein(&plain(sibling), &own), *sibling))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    if let Some((_, sibling)) = near {
        return Some(Suggestion { key: whole(sibling), certain: false });
    }
    if COMMON.contains(&own.as_str()) {
        return None;
    }
    let mut elsewhere = keys.all().filter(|key| key.rsplit('.').next().is_some_and(|last| plain(last) == own));
    match (elsewhere.next(), elsewhere.next()) {
        (Some(only), None) => Some(Suggestion { key: only.to_owned(), certain: false }),
        _ => None,
    }
}

/// Without case and separators.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::*;

    fn suggested(parent: &str, name: &str) -> Option<(String, bool)> {
        let keys = Keys::of(&Version::new(1, 12, 4));
        suggest(&keys, parent, name).map(|suggestion| (suggestion.key, suggestion.certain))
    }

    #[test]
    fn case_typing_and_place_are_forgiven() {
        assert_eq!(suggested("", "replica_count"), Some(("replicaCount".to_owned(), true)));
        assert_eq!(suggested("", "tolerants"), None);
        assert_eq!(suggested("", "toleration"), Some(("tolerations".to_owned(), false)));
        assert_eq!(suggested("", "maxUnavailable"), Some(("podDisruptionBudget.maxUnavailable".to_owned(), false)));
        assert_eq!(suggested("", "enabled"), None);
        assert_eq!(suggested("persistence", "sizes"), None);
    }
}
