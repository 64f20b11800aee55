//! From a region or zone, as labels, arguments and host names write it, to cloud, id and country.

use super::table;

/// A region as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    /// Cloud; `None` = several have such a region, or no table knows it.
    pub(crate) cloud: Option<&'static str>,
    /// Id, without the zone.
    pub(crate) id: String,
    /// Country; `None` = unknown.
    pub(crate) country: Option<&'static str>,
}

/// What decides where an id is used by several clouds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// Clouds that other parts of the input speak of.
    pub(crate) clouds: Vec<&'static str>,
    /// `cloud:region` as the configuration declares them.
    pub(crate) declared: Vec<String>,
}

impl Region {
    /// The region of an id or of a zone.
    pub(crate) fn of(text: &str, hints: &Hints) -> Self {
        let text = text.trim().to_ascii_lowercase();
        for id in ids(&text) {
            let known = table::clouds_of(&id);
            let declared = |cloud: &str| hints.declared.iter().any(|one| *one == format!("{cloud}:{id}"));
            let chosen = match known.as_slice() {
                [] => continue,
                [only] => Some(*only),
                several => several
                    .iter()
                    .find(|(cloud, _)| hints.clouds.contains(cloud))
                    .or_else(|| several.iter().find(|(cloud, _)| declared(cloud)))
                    .copied(),
            };
            return Self { cloud: chosen.map(|(cloud, _)| cloud), country: chosen.map(|(_, country)| country), id };
        }
        Self { cloud: None, id: text, country: None }
    }

    /// The region of a cloud; the cloud is certain, the id may be one that no table knows.
    pub(crate) fn in_cloud(cloud: &'static str, text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        for id in ids(&text) {
            if let Some(country) = table::country(cloud, &id) {
                return Self { cloud: Some(cloud), id, country: Some(country) };
            }
        }
        Self { cloud: Some(cloud), id: text, country: None }
    }

    /// The region that a host name of a cloud carries in one of its labels.
    pub(crate) fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let cloud = table::cloud_of_host(&host)?;
        host.split('.').find_map(|label| {
            in_label(label).find_map(|id| {
                let id = if cloud == "oci" { table::oci_region(id).unwrap_or(id) } else { id };
                let country = table::country(cloud, id)?;
                Some(Self { cloud: Some(cloud), id: id.to_owned(), country: Some(country) })
            })
        })
    }

    /// The region of a key: `arn:aws:kms:REGION:…`, `projects/…/locations/REGION/…`, `ocid1.key.REALM.REGION.…`.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        if key.starts_with("arn:aws") {
            let region = key.split(':').nth(3).filter(|region| !region.is_empty())?;
            return Some(Self::in_cloud("aws", region));
        }
        if let Some((_, rest)) = key.split_once("/locations/") {
            return Some(Self::in_cloud("gcp", rest.split('/').next().unwrap_or_default()));
        }
        let region = key.strip_prefix("ocid1.key.")?.split('.').nth(1)?;
        Some(Self::in_cloud("oci", table::oci_region(region).unwrap_or(region)))
    }

    /// `aws:me-central-1`
    pub(crate) fn key(&self) -> Option<String> {
        Some(format!("{}:{}", self.cloud?, self.id))
    }
}

/// `me-central-1a` → `me-central-1a`, `me-central-1`; `uaenorth-1` → `uaenorth`; `abcd:me-dubai-1-ad-1` → `me-dubai-1`.
fn ids(text: &str) -> Vec<String> {
    let mut found = vec![text.to_owned()];
    let domain = text.rsplit(':').next().unwrap_or(text);
    if let Some((region, _)) = domain.rsplit_once("-ad-") {
        found.push(region.to_owned());
    }
    if let Some((region, zone)) = text.rsplit_once('-')
        && zone.len() == 1
    {
        found.push(region.to_owned());
    }
    if text.ends_with(|last: char| last.is_ascii_lowercase()) {
        let mut shorter = text.to_owned();
        shorter.pop();
        if shorter.ends_with(|last: char| last.is_ascii_digit()) {
            found.push(shorter);
        }
    }
    if let Some(full) = table::oci_region(text) {
        found.push(full.to_owned());
    }
    found
}

/// A label of a host name and the parts of it that may be a region: `s3-eu-west-1`, `us-docker`, `oss-me-east-1-internal`.
fn in_label(label: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(label.match_indices('-').map(|(at, _)| at + 1));
    starts.flat_map(move |start| {
        let ends = label.match_indices('-').map(|(at, _)| at).chain(std::iter::once(label.len()));
        ends.filter(move |end| *end > start).map(move |end| &label[start..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(region: &Region) -> (Option<String>, Option<&'static str>) {
        (region.key(), region.country)
    }

    #[test]
    fn zones_lead_to_their_region() {
        let hints = Hints { clouds: vec!["aws"], ..Hints::default() };
        for (zone, expected) in [
            ("me-central-1a", "aws:me-central-1"),
            ("me-central2-b", "gcp:me-central2"),
            ("uaenorth-1", "azure:uaenorth"),
            ("XyZa:ME-DUBAI-1-AD-1", "oci:me-dubai-1"),
            ("dxb", "oci:me-dubai-1"),
        ] {
            assert_eq!(Region::of(zone, &hints).key().as_deref(), Some(expected), "{zone}");
        }
    }

    #[test]
    fn an_id_of_two_clouds_stays_open_until_something_decides() {
        let open = Region::of("me-central-1", &Hints::default());
        assert_eq!((open.cloud, open.country), (None, None));
        let declared = Hints { declared: vec!["aws:me-central-1".to_owned()], ..Hints::default() };
        assert_eq!(key(&Region::of("me-central-1", &declared)), (Some("aws:me-central-1".to_owned()), Some("AE")));
    }

    #[test]
    fn hosts_and_keys_carry_regions() {
        for (host, expected) in [
            ("s3.me-central-1.amazonaws.com", Some("aws:me-central-1")),
            ("snapshots.s3-eu-west-1.amazonaws.com", Some("aws:eu-west-1")),
            ("123456789012.dkr.ecr.me-south-1.amazonaws.com", Some("aws:me-south-1")),
            ("me-central2-docker.pkg.dev", Some("gcp:me-central2")),
            ("dxb.ocir.io", Some("oci:me-dubai-1")),
            ("oss-me-east-1-internal.aliyuncs.com", Some("alibaba:me-east-1")),
            ("s3.amazonaws.com", None),
            ("me-central-1.example.com", None),
        ] {
            assert_eq!(Region::of_host(host).and_then(|region| region.key()).as_deref(), expected, "{host}");
        }
        let arn = "arn:aws:kms:me-central-1:123456789012:key/abc";
        assert_eq!(Region::of_key(arn).and_then(|region| region.key()).as_deref(), Some("aws:me-central-1"));
    }
}
