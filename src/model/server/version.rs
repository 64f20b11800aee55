//! Which Qdrant runs: what the peers say, else the tag of the image.

use semver::Version;

use crate::model::build::Scope;
use crate::model::live;
use crate::source::Origin;

/// The version, where it is written, and whether it is only that of a chart nobody named.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) version: Version,
    pub(super) origin: Origin,
    pub(super) assumed: bool,
}

/// The version of the Qdrant container; none for `latest`, digests and tags of someone's own.
pub(super) fn running(scope: &Scope<'_>) -> Option<Running> {
    if let Some((version, origin)) = live::version(scope) {
        // what a peer says of itself goes before what its image is called
        return Some(Running { version, origin, assumed: false });
    }
    let image = scope.pods.as_ref()?.container.at(&["image"])?;
    let version = of_image(image.as_str()?)?;
    let tag_is_written = scope.release.as_ref().is_none_or(|release| {
        let tag = release.value(&["image", "tag"]).and_then(crate::source::Node::scalar_text);
        tag.is_some_and(|tag| !tag.is_empty())
    });
    let assumed = !tag_is_written && scope.release.as_ref().is_some_and(|release| release.assumed);
    Some(Running { version, origin: image.origin.clone(), assumed })
}

/// `qdrant/qdrant:v1.12.4-unprivileged@sha256:…` → 1.12.4.
fn of_image(image: &str) -> Option<Version> {
    let name = image.split('@').next().unwrap_or(image);
    let tag = name.rsplit('/').next()?.split_once(':')?.1;
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let tag = tag.strip_prefix("gpu-nvidia-").or_else(|| tag.strip_prefix("gpu-amd-")).unwrap_or(tag);
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let mut version = Version::parse(tag.split(['-', '+']).next()?).ok()?;
    version.pre = semver::Prerelease::EMPTY;
    (version.major == 1 || version.major == 0).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_names_the_version_whatever_the_flavour() {
        let version = |image| of_image(image).map(|version| version.to_string());
        for image in [
            "qdrant/qdrant:v1.12.4",
            "docker.io/qdrant/qdrant:v1.12.4-unprivileged",
            "localhost:5000/qdrant:1.12.4@sha256:00",
            "qdrant/qdrant:v1.12.4-gpu-nvidia",
        ] {
            assert_eq!(version(image).as_deref(), Some("1.12.4"), "{image}");
        }
        for image in
            ["qdrant/qdrant", "qdrant/qdrant:latest", "qdrant/qdrant@sha256:00", "a/qdrant:v1.12", "a:2024.1.1"]
        {
            assert_eq!(version(image), None, "{image}");
        }
    }
}
