//! References to images.

use crate::model::build::Scope;
use crate::model::facts::workload::Image;
use crate::source::Node;

const DOCKER_HUB: &str = "docker.io";

/// The image of a container; `None` when none is written.
pub(super) fn of_container(container: &Node, scope: &Scope<'_>) -> Option<Image> {
    let mut image = parse(container.text(&["image"])?);
    container.text(&["name"]).unwrap_or_default().clone_into(&mut image.container);
    Some(image).map(|image| from_values(image, scope))
}

/// What the chart adds: values name no whole reference, and an empty tag means the Qdrant that the chart ships.
fn from_values(image: Image, scope: &Scope<'_>) -> Image {
    let Some(release) = &scope.release else { return image };
    let text = |path: &[&str]| release.value(path).and_then(Node::scalar_text).unwrap_or_default();
    let (repository, tag) = (text(&["image", "repository"]), text(&["image", "tag"]));
    let from_chart = !repository.is_empty() && image.reference.starts_with(&format!("{repository}:"));
    let unprivileged = release.value(&["image", "useUnprivilegedImage"]).and_then(Node::as_bool);
    let chart_unprivileged = from_chart && unprivileged == Some(true);
    Image { from_chart, chart_default_tag: from_chart && tag.is_empty(), chart_unprivileged, ..image }
}

/// `[registry/]repository[:tag][@digest]`, as container runtimes read it.
pub(super) fn parse(reference: &str) -> Image {
    let (name, digest) =
        reference.split_once('@').map_or((reference, None), |(name, digest)| (name, Some(digest.to_owned())));
    // a colon before the last slash belongs to a port
    let after_path = name.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match name[after_path..].find(':') {
        Some(colon) => (&name[..after_path + colon], Some(&name[after_path + colon + 1..])),
        None => (name, None),
    };
    let (registry, repository) = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest.to_owned()),
        Some(_) => (DOCKER_HUB, path.to_owned()),
        None => (DOCKER_HUB, format!("library/{path}")),
    };
    Image {
        reference: reference.to_owned(),
        registry: registry.to_owned(),
        repository,
        tag: tag.filter(|tag| !tag.is_empty()).map(str::to_owned),
        digest,
        ..Image::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(reference: &str) -> (String, String, Option<String>, Option<String>) {
        let image = parse(reference);
        (image.registry, image.repository, image.tag, image.digest)
    }

    #[test]
    fn a_port_of_the_registry_is_no_tag() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(parts("qdrant/qdrant"), ("docker.io".into(), "qdrant/qdrant".into(), None, None));
        assert_eq!(parts("qdrant:v1"), ("docker.io".into(), "library/qdrant".into(), text("v1"), None));
        assert_eq!(
            parts("localhost:5000/mirror/qdrant"),
            ("localhost:5000".into(), "mirror/qdrant".into(), None, None)
        );
        assert_eq!(
            parts("registry.example:443/q/qdrant:v1.12.4@sha256:00"),
            ("registry.example:443".into(), "q/qdrant".into(), text("v1.12.4"), text("sha256:00"))
        );
        assert_eq!(parts("qdrant/qdrant:"), ("docker.io".into(), "qdrant/qdrant".into(), None, None));
        assert_eq!(parts(""), ("docker.io".into(), "library/".into(), None, None));
    }
}
