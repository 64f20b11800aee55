//! The table of regions and hosts: which country a region lies in, which cloud or service a host name belongs to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/regions.json"))
        .expect("the embedded table is valid; a test reads it")
});

/// Everything that is known of regions.
#[derive(Debug, Deserialize)]
struct Table {
    /// Cloud → country → region ids.
    regions: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Three letters that Oracle uses for a region.
    oci_keys: BTreeMap<String, String>,
    /// Domain → cloud.
    domains: BTreeMap<String, String>,
    /// Services without a region of their own.
    services: Vec<Service>,
}

#[derive(Debug, Deserialize)]
struct Service {
    kind: String,
    domains: Vec<String>,
}

/// Clouds that have a region of this id, with the country. Ids collide across clouds.
pub(super) fn clouds_of(id: &str) -> Vec<(&'static str, &'static str)> {
    let table: &'static Table = &TABLE;
    let own = |countries: &'static BTreeMap<String, Vec<String>>| {
        countries.iter().find(|(_, ids)| ids.iter().any(|known| known == id)).map(|(country, _)| country.as_str())
    };
    table.regions.iter().filter_map(|(cloud, countries)| Some((cloud.as_str(), own(countries)?))).collect()
}

/// The country of a region.
pub(super) fn country(cloud: &str, id: &str) -> Option<&'static str> {
    clouds_of(id).into_iter().find(|(known, _)| *known == cloud).map(|(_, country)| country)
}

/// The full id of a region that Oracle names by three letters.
pub(super) fn oci_region(key: &str) -> Option<&'static str> {
    let table: &'static Table = &TABLE;
    table.oci_keys.get(key).map(String::as_str)
}

/// The cloud that a host name belongs to.
pub(super) fn cloud_of_host(host: &str) -> Option<&'static str> {
    let table: &'static Table = &TABLE;
    table.domains.iter().find(|(domain, _)| is_below(host, domain)).map(|(_, cloud)| cloud.as_str())
}

/// What a well-known service does: `telemetry`, `embedding`, `observability`, `cdn`.
pub(super) fn service_of_host(host: &str) -> Option<&'static str> {
    let table: &'static Table = &TABLE;
    let known = table.services.iter().find(|service| service.domains.iter().any(|domain| is_below(host, domain)));
    known.map(|service| service.kind.as_str())
}

/// Whether a host is the domain or lies below it.
pub(super) fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_is_another_country_with_another_cloud() {
        assert_eq!(country("aws", "me-central-1"), Some("AE"));
        assert_eq!(country("alibaba", "me-central-1"), Some("SA"));
        assert_eq!(country("gcp", "me-central1"), Some("QA"));
        assert_eq!(clouds_of("uaenorth"), [("azure", "AE")]);
        assert!(clouds_of("dc-1").is_empty());
    }

    #[test]
    fn what_only_looks_like_the_gulf_is_not() {
        assert_eq!(country("gcp", "me-west1"), Some("IL"));
        assert_eq!(country("aws", "il-central-1"), Some("IL"));
    }

    #[test]
    fn a_domain_is_no_suffix_of_a_word() {
        assert_eq!(cloud_of_host("s3.me-central-1.amazonaws.com"), Some("aws"));
        assert_eq!(cloud_of_host("notamazonaws.com"), None);
        assert_eq!(service_of_host("api.openai.com"), Some("embedding"));
    }
}
