//! The table of storage classes: what provisioners and parameters give, and what well-known names hint at.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/storage-classes.json"))
        .expect("the embedded table is valid; a test reads it")
});

/// Everything that is known of storage classes.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    rules: Vec<Rule>,
    names: Vec<Name>,
}

/// What a provisioner gives under some parameters.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    pub(super) id: String,
    #[serde(default)]
    pub(super) cloud: Option<String>,
    provisioners: Vec<String>,
    #[serde(default, rename = "match")]
    matches: BTreeMap<String, Option<String>>,
    pub(super) media: String,
    #[serde(default)]
    pub(super) network_filesystem: bool,
    pub(super) verdict: String,
    #[serde(default)]
    pub(super) encryption: Encryption,
}

/// How a provisioner encrypts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Encryption {
    pub(super) model: Option<String>,
    pub(super) parameter: Option<String>,
    pub(super) customer_key: Option<String>,
    pub(super) reject: Vec<String>,
}

/// A name that platforms or people give to classes.
#[derive(Debug, Deserialize)]
pub(super) struct Name {
    name: String,
    pub(super) ambiguous: bool,
    #[serde(default)]
    pub(super) candidates: Vec<Candidate>,
}

/// What a name may stand for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Candidate {
    pub(super) platform: Option<String>,
    pub(super) provisioner: Option<String>,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) media: Option<String>,
}

/// The first rule whose provisioner and parameters hold. `parameters` have lower-case keys.
pub(super) fn rule(provisioner: &str, parameters: &BTreeMap<String, String>) -> Option<&'static Rule> {
    TABLE.rules.iter().find(|rule| {
        rule.provisioners.iter().any(|known| {
            known == provisioner || (known.ends_with('*') && provisioner.starts_with(known.trim_end_matches('*')))
        }) && rule.matches.iter().all(|(keys, wanted)| holds(parameter(parameters, keys), wanted.as_deref()))
    })
}

/// The parameter of one of several names, `a|b`.
fn parameter<'p>(parameters: &'p BTreeMap<String, String>, names: &str) -> Option<&'p String> {
    names.split('|').find_map(|name| parameters.get(&name.to_lowercase()))
}

/// The entry of a well-known name.
pub(super) fn name(name: &str) -> Option<&'static Name> {
    TABLE.names.iter().find(|known| known.name == name)
}

/// `null` = absent, `!x` = anything but it, `a|b` = one of, `a*` = begins with it.
fn holds(found: Option<&String>, wanted: Option<&str>) -> bool {
    match (found, wanted) {
        (found, None) => found.is_none(),
        (found, Some(wanted)) if wanted.starts_with('!') => {
            found.is_none_or(|found| !found.eq_ignore_ascii_case(&wanted[1..]))
        }
        (None, Some(_)) => false,
        (Some(found), Some(wanted)) => wanted.split('|').any(|one| match one.strip_suffix('*') {
            Some(start) => found.to_lowercase().starts_with(&start.to_lowercase()),
            None => one.eq_ignore_ascii_case(found),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_valid_and_not_empty() {
        assert!(TABLE.rules.len() > 50 && TABLE.names.len() > 30);
    }

    #[test]
    fn persistent_disks_of_google_without_a_type_are_spinning() {
        let found = rule("pd.csi.storage.gke.io", &BTreeMap::new()).unwrap();
        assert_eq!(found.media, "hdd");
    }

    #[test]
    fn a_parameter_may_have_several_names_and_a_value_may_be_a_beginning() {
        let with = |provisioner: &str, key: &str, value: &str| {
            let parameters = [(key.to_owned(), value.to_owned())].into_iter().collect();
            rule(provisioner, &parameters).map(|rule| rule.id.as_str())
        };
        for key in ["skuname", "storageaccounttype"] {
            assert_eq!(with("disk.csi.azure.com", key, "Standard_LRS"), Some("azure-disk-Standard_LRS"), "{key}");
        }
        assert_eq!(with("csi.trident.netapp.io", "backendtype", "ontap-san-economy"), Some("trident-san"));
    }

    #[test]
    fn parameters_are_compared_without_case() {
        let parameters = [("type".to_owned(), "GP3".to_owned())].into_iter().collect();
        assert_eq!(rule("ebs.csi.aws.com", &parameters).unwrap().id, "aws-ebs-gp3");
    }
}
