//! Images of jobs: pinned or not, and programs that well-known ones do not hold.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    images: Vec<Image>,
}

#[derive(Deserialize)]
struct Image {
    repositories: Vec<String>,
    lacks: Vec<String>,
}

static TABLE: LazyLock<Vec<Image>> = LazyLock::new(|| {
    let table: Table = serde_json::from_str(include_str!("../../../data/job-images.json"))
        .expect("the embedded table is valid; a test reads it");
    table.images
});

/// Whether an image is known not to hold a program. An unknown image says nothing.
pub(super) fn lacks(image: &str, program: &str) -> bool {
    let repository = repository(image);
    // variants of a tag (`-full`, `-debug`, …) hold more than the default
    let variant = tag(image).is_some_and(|tag| tag.contains("full") || tag.contains("debug") || tag.contains("extra"));
    !variant
        && TABLE
            .iter()
            .filter(|one| one.repositories.iter().any(|known| known == repository))
            .any(|one| one.lacks.iter().any(|known| known == program))
}

/// The program that well-known images start with the arguments they are given.
pub(super) fn entry_point(image: &str) -> Option<&'static str> {
    match repository(image) {
        "curlimages/curl" | "curl/curl" => Some("curl"),
        "amazon/aws-cli" | "aws-cli/aws-cli" => Some("aws"),
        "rclone/rclone" => Some("rclone"),
        "restic/restic" => Some("restic"),
        "minio/mc" => Some("mc"),
        "bitnami/kubectl" => Some("kubectl"),
        _ => None,
    }
}

/// Repository without the registry and `library/`: `curlimages/curl`, `alpine`.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    let name = match name.split_once('/') {
        Some((registry, rest)) if registry.contains(['.', ':']) || registry == "localhost" => rest,
        _ => name,
    };
    name.strip_prefix("library/").unwrap_or(name)
}

fn tag(image: &str) -> Option<&str> {
    let (_, tag) = image.split('@').next()?.rsplit_once(':')?;
    (!tag.contains('/')).then_some(tag)
}

/// Whether the same name may be another image tomorrow.
pub(super) fn is_unpinned(image: &str) -> bool {
    !image.contains("@sha256:") && tag(image).is_none_or(|tag| tag == "latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_image_lacks_what_the_table_says_and_an_unknown_one_nothing() {
        for (image, program, expected) in [
            ("curlimages/curl:8.10.1", "jq", true),
            ("docker.io/curlimages/curl", "curl", false),
            ("alpine:3.20", "curl", true),
            ("docker.io/library/alpine:3.20", "bash", true),
            ("registry.example:5000/alpine", "jq", true),
            ("amazon/aws-cli:2.17.0", "jq", false),
            ("acme/backup", "jq", false),
            ("acme/alpine-tools", "jq", false),
        ] {
            assert_eq!(lacks(image, program), expected, "{image} {program}");
        }
    }

    #[test]
    fn latest_and_no_tag_are_unpinned() {
        for (image, expected) in [
            ("amazon/aws-cli", true),
            ("amazon/aws-cli:latest", true),
            ("localhost:5000/aws-cli", true),
            ("amazon/aws-cli:2.17.0", false),
            ("amazon/aws-cli@sha256:00", false),
        ] {
            assert_eq!(is_unpinned(image), expected, "{image}");
        }
    }
}
