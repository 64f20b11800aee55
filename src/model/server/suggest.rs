//! What was probably meant by a key that Qdrant does not read.

use semver::Version;

use super::known::{Key, Known, Meaning};

/// Why a key is not read, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meant {
    /// `misplaced`, `case`, `unknown`.
    pub(super) reason: &'static str,
    /// The key that was meant, dotted.
    pub(super) instead: String,
}

/// Slips that no likeness of names would find.
const SLIPS: [(&str, &str); 35] = [
    // names of the collection API, written where the server's own defaults are meant
    ("hnsw_config", "storage.hnsw_index"),
    ("storage.hnsw_config", "storage.hnsw_index"),
    ("optimizers_config", "storage.optimizers"),
    ("storage.optimizers_config", "storage.optimizers"),
    ("telemetry.disable", "telemetry_disabled"),
    ("telemetry.disabled", "telemetry_disabled"),
    ("telemetry.enabled", "telemetry_disabled"),
    ("telemetry_enabled", "telemetry_disabled"),
    ("disable_telemetry", "telemetry_disabled"),
    ("service.disable_telemetry", "telemetry_disabled"),
    ("service.port", "service.http_port"),
    ("service.rest_port", "service.http_port"),
    ("service.apikey", "service.api_key"),
    ("service.auth.api_key", "service.api_key"),
    ("service.cors", "service.enable_cors"),
    ("service.tls", "tls"),
    ("service.tls.enabled", "service.enable_tls"),
    ("service.tls.enable", "service.enable_tls"),
    ("enable_tls", "service.enable_tls"),
    ("tls.enabled", "service.enable_tls"),
    ("tls.enable", "service.enable_tls"),
    ("tls.enable_tls", "service.enable_tls"),
    ("tls.ca", "tls.ca_cert"),
    ("cluster.enable_tls", "cluster.p2p.enable_tls"),
    ("cluster.tls", "cluster.p2p.enable_tls"),
    ("cluster.p2p.tls", "cluster.p2p.enable_tls"),
    ("cluster.port", "cluster.p2p.port"),
    ("cluster.p2p_port", "cluster.p2p.port"),
    ("storage.path", "storage.storage_path"),
    ("storage.data_path", "storage.storage_path"),
    ("storage.snapshots", "storage.snapshots_path"),
    ("storage.snapshot_path", "storage.snapshots_path"),
    ("storage.hnsw", "storage.hnsw_index"),
    ("logger.level", "logger.log_level"),
    ("log.level", "log_level"),
];

/// Names that several tables have, or that mean something else elsewhere: alike is not meant.
const COMMON: [&str; 20] = [
    "enabled",
    "port",
    "on_disk",
    "memory",
    "format",
    "key",
    "cert",
    "timeout",
    "dir",
    "url",
    "user",
    "token",
    "m",
    "address",
    "identifier",
    "password",
    "indexing",
    "devices",
    "host",
    "all",
];

/// What was probably meant by a path that means nothing to a release.
pub(super) fn meant(path: &str, version: Option<&Version>) -> Option<Meant> {
    let known = Known::table();
    let judge = version.unwrap_or(&known.newest);
    let lower = path.to_lowercase();
    let by_slip = SLIPS.iter().find(|(slip, _)| *slip == lower).map(|(_, instead)| (*instead).to_owned());
    if let Some(instead) = by_slip.filter(|instead| is_read(known, instead, version)) {
        return Some(Meant { reason: "misplaced", instead });
    }
    // the table is misnamed, the rest is right: `storage.hnsw.m`
    let by_table = SLIPS.iter().find_map(|(slip, instead)| {
        let moved = format!("{instead}{}", lower.strip_prefix(slip).filter(|rest| rest.starts_with('.'))?);
        is_read(known, &moved, version).then_some(moved)
    });
    if let Some(instead) = by_table {
        return Some(Meant { reason: "misplaced", instead });
    }
    let keys: Vec<&Key> = known.read_by(judge).collect();
    let (above, leaf) = path.rsplit_once('.').unwrap_or(("", path));
    same_but_for_case(&keys, path)
        .map(|instead| Meant { reason: "case", instead })
        .or_else(|| elsewhere(known, &keys, above, leaf).map(|instead| Meant { reason: "misplaced", instead }))
        .or_else(|| alike(&keys, above, leaf).map(|instead| Meant { reason: "unknown", instead }))
}

fn is_read(known: &Known, path: &str, version: Option<&Version>) -> bool {
    matches!(known.meaning(path, version), Meaning::Key(_) | Meaning::Alias(_) | Meaning::Table)
}

/// Letters and digits only: `apiKey`, `API-KEY` and `api_key` are one.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

fn same_but_for_case(keys: &[&Key], path: &str) -> Option<String> {
    let parts: Vec<String> = path.split('.').map(plain).collect();
    let found = keys.iter().find(|key| {
        let own: Vec<String> = key.key.split('.').map(plain).collect();
        own == parts
    });
    found.map(|key| key.key.clone())
}

/// A key or a table of the same name in another place; only when there is one.
fn elsewhere(known: &Known, keys: &[&Key], above: &str, leaf: &str) -> Option<String> {
    let wanted = plain(leaf);
    if COMMON.contains(&leaf) || wanted.len() < 3 {
        return None;
    }
    let mut found: Vec<&str> =
        keys.iter().filter(|key| plain(key.leaf()) == wanted).map(|key| key.key.as_str()).collect();
    if found.is_empty() {
        let last = |table: &str| table.rsplit('.').next().map(plain);
        found.extend(known.tables().filter(|table| last(table).as_deref() == Some(&wanted)));
    }
    // `optimizers_overwrite` repeats the names of `optimizers`
    found.retain(|path| !path.starts_with("storage.optimizers_overwrite.") && !path.starts_with("gpu."));
    let nearest = |path: &&str| path.split('.').filter(|part| above.split('.').any(|own| own == *part)).count();
    match found.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        several => {
            let best = several.iter().max_by_key(|path| nearest(path))?;
            let ties = several.iter().filter(|path| nearest(path) == nearest(best)).count();
            (ties == 1 && nearest(best) > 0).then(|| (*best).to_owned())
        }
    }
}

/// A key of the same table that is written nearly the same, else a long one of any table.
fn alike(keys: &[&Key], above: &str, leaf: &str) -> Option<String> {
    let likeness = |key: &&Key| strsim::normalized_damerau_levenshtein(&plain(key.leaf()), &plain(leaf));
    let in_table = |key: &&Key| key.key.rsplit_once('.').map_or("", |(table, _)| table) == above;
    let best = |candidates: &mut dyn Iterator<Item = &Key>, least: f64| {
        let rated = candidates.map(|key| (likeness(&key), key.key.clone()));
        rated.filter(|(rate, _)| *rate >= least).max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, key)| key)
    };
    let beside = best(&mut keys.iter().copied().filter(|key| in_table(key)), 0.7);
    beside.or_else(|| {
        let long = |key: &&Key| key.leaf().len() >= 8;
        best(&mut keys.iter().copied().filter(long), 0.85)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(path: &str) -> Option<(String, &'static str)> {
        meant(path, Some(&Version::new(1, 12, 4))).map(|meant| (meant.instead, meant.reason))
    }

    #[test]
    fn keys_in_the_wrong_place_are_sent_home() {
        for (path, expected) in [
            ("service.telemetry_disabled", "telemetry_disabled"),
            ("telemetry.disable", "telemetry_disabled"),
            ("performance", "storage.performance"),
            ("wal", "storage.wal"),
            ("optimizers", "storage.optimizers"),
            ("api_key", "service.api_key"),
            ("cluster.replication_factor", "storage.collection.replication_factor"),
            ("service.tls", "tls"),
            ("storage.hnsw.m", "storage.hnsw_index.m"),
            ("storage.wal_capacity_mb", "storage.wal.wal_capacity_mb"),
        ] {
            assert_eq!(instead(path), Some((expected.to_owned(), "misplaced")), "{path}");
        }
    }

    #[test]
    fn slips_of_the_pen_are_recognised() {
        assert_eq!(instead("telemetri_disabled"), Some(("telemetry_disabled".to_owned(), "unknown")));
        assert_eq!(instead("service.apiKey"), Some(("service.api_key".to_owned(), "misplaced")));
        assert_eq!(instead("service.readOnlyApiKey"), Some(("service.read_only_api_key".to_owned(), "case")));
        assert_eq!(instead("service.max_request_size"), Some(("service.max_request_size_mb".to_owned(), "unknown")));
        assert_eq!(instead("hnsw_config.m"), Some(("storage.hnsw_index.m".to_owned(), "misplaced")));
        let threshold = Some(("storage.hnsw_index.full_scan_threshold".to_owned(), "misplaced"));
        assert_eq!(instead("storage.hnsw_config.full_scan_threshold"), threshold);
        assert_eq!(instead("optimizers_config"), Some(("storage.optimizers".to_owned(), "misplaced")));
        assert_eq!(instead("metrics.enabled"), None);
        assert_eq!(instead("backups"), None);
    }
}
