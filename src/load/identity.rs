//! Which chart a name and a repository mean.

/// Hosts and paths under which the official chart is published.
const OFFICIAL: [&str; 3] = ["qdrant.github.io/qdrant-helm", "qdrant.to/helm", "github.com/qdrant/qdrant-helm"];

/// Publishers of charts of their own that are called `qdrant` too.
const THIRD_PARTIES: [&str; 6] = ["cowboysysop", "helmforge", "kymelio", "truecharts", "bjw-s", "bitnami"];

/// What a chart is, as far as its name and repository tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The official chart.
    Official,
    /// A chart called `qdrant` from a registry that is not known: most likely a mirror, if its values fit.
    Mirror,
    /// A chart in the repository, by path.
    Local(String),
    /// Some other chart; why.
    Other(String),
}

/// Tells a chart by its name (`qdrant`, `oci://…/qdrant`, `./charts/qdrant`) and its repository.
pub(crate) fn identify(chart: &str, repository: &str) -> Identity {
    let chart = chart.trim();
    let repository = repository.trim().trim_end_matches('/');
    if let Some(path) = repository.strip_prefix("file://") {
        return Identity::Local(path.to_owned());
    }
    if chart.starts_with("./") || chart.starts_with("../") || chart.starts_with('/') {
        return Identity::Local(chart.to_owned());
    }
    let name = chart.trim_end_matches('/').rsplit('/').next().unwrap_or(chart);
    let address = format!("{repository}/{chart}").to_ascii_lowercase();
    if name != "qdrant" {
        return Identity::Other(format!("the chart is `{name}`"));
    }
    if let Some(publisher) = THIRD_PARTIES.iter().find(|publisher| address.contains(**publisher)) {
        return Identity::Other(format!("the chart `qdrant` of {publisher} is not the official one"));
    }
    if OFFICIAL.iter().any(|official| address.contains(official)) {
        return Identity::Official;
    }
    Identity::Mirror
}

/// Whether a git repository is the one of the official chart.
pub(crate) fn is_official_repository(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    OFFICIAL.iter().any(|official| url.contains(official)) || url.ends_with("qdrant/qdrant-helm.git")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_chart_has_a_few_addresses() {
        for (chart, repository) in [
            ("qdrant", "https://qdrant.github.io/qdrant-helm"),
            ("qdrant", "https://qdrant.github.io/qdrant-helm/"),
            ("qdrant", "https://qdrant.to/helm"),
        ] {
            assert_eq!(identify(chart, repository), Identity::Official, "{chart} {repository}");
        }
        assert!(is_official_repository("git@github.com:qdrant/qdrant-helm.git"));
    }

    #[test]
    fn a_registry_of_ones_own_may_mirror_it() {
        assert_eq!(identify("qdrant", "oci://registry.bank.example/charts"), Identity::Mirror);
        assert_eq!(identify("oci://registry.bank.example/charts/qdrant", ""), Identity::Mirror);
    }

    #[test]
    fn namesakes_are_told_apart() {
        for (chart, repository) in [
            ("app-template", "oci://ghcr.io/bjw-s-labs/helm"),
            ("qdrant", "https://cowboysysop.github.io/charts"),
            ("qdrant-operator", "https://qdrant.github.io/qdrant-helm"),
        ] {
            assert!(matches!(identify(chart, repository), Identity::Other(_)), "{chart}");
        }
        assert_eq!(identify("qdrant", "file://../qdrant"), Identity::Local("../qdrant".into()));
        assert_eq!(identify("./helm/qdrant", ""), Identity::Local("./helm/qdrant".into()));
    }
}
