//! Probes of the Qdrant container. They follow the ports: only one named `http` or `grpc` with `checksEnabled` gets a
//! handler, so that a renamed port leaves a probe without one.

use super::block::Block;
use super::context::{Context, Value};
use crate::source::{Node, Origin};

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// Adds the probes to the container.
pub(super) fn add(context: &Context<'_>, container: &mut Block<'_>) {
    for port in context.value("service.ports").items() {
        for name in PROBES {
            let probe = context.value(name);
            if probe.get("enabled").truth() && port.get("checksEnabled").truth() {
                container.put(name, render(context, &probe, name, &port));
            }
        }
    }
}

fn render(context: &Context<'_>, probe: &Value<'_>, name: &str, port: &Value<'_>) -> Node {
    let mut block = Block::new(context);
    let number = port.get("targetPort");
    if port.get("name").equals("grpc") {
        block.put("grpc", Block::new(context).with("port", number.unquoted()).node_at(port.origin()));
    }
    if port.get("name").equals("http") {
        let path = if name == "readinessProbe" { readiness_path(context) } else { context.fixed("/") };
        let mut http = Block::new(context).with("path", path).with("port", number.unquoted());
        if let Some(at) = served_by_tls(context) {
            http.put("scheme", Node::string("HTTPS", at));
        }
        block.put("httpGet", http.node_at(port.origin()));
    }
    for key in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        block.put(key, probe.get(key).unquoted());
    }
    block.node_at(probe.origin())
}

/// Whether the template takes the REST API for served by TLS: a string "false" is true to it.
fn served_by_tls(context: &Context<'_>) -> Option<Origin> {
    let service = context.value("config.service");
    let tls = service.when_true()?.get("enable_tls");
    tls.truth().then(|| tls.origin())
}

/// `/readyz` since Qdrant 1.7.3. The tag must be a version; a pre-release (`v1.12.4-unprivileged`) is older than all.
fn readiness_path(context: &Context<'_>) -> Node {
    let tag = context.value("image").get("tag");
    let version = if tag.truth() {
        tag.string().map(|text| lenient_version(text).ok_or(text))
    } else {
        Some(lenient_version(&context.chart.app_version).ok_or(&*context.chart.app_version))
    };
    let path = match version {
        Some(Ok((version, is_release))) if !is_release || version < [1, 7, 3] => "/",
        Some(Err(text)) => {
            tag.refuse(format!("image tag {text:?} is not a version, and the chart compares it with one"));
            "/readyz"
        }
        Some(Ok(_)) | None => "/readyz",
    };
    Node::string(path, tag.origin())
}

/// A version as Helm's `semverCompare` accepts it: one to three numbers, an optional `v`, pre-release and build parts;
/// with whether it is a release.
fn lenient_version(text: &str) -> Option<([u64; 3], bool)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
    let identifier = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let identifiers = |parts: &str| parts.split('.').all(identifier);
    let leading_zero = |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
    if build.is_some_and(|build| !identifiers(build))
        || pre.is_some_and(|pre| !identifiers(pre) || pre.split('.').any(leading_zero))
    {
        return None;
    }
    let mut numbers = [0; 3];
    for (position, part) in core.split('.').enumerate() {
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *numbers.get_mut(position)? = part.parse().ok()?;
    }
    Some((numbers, pre.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_versions_or_not() {
        assert_eq!(lenient_version("v1.12.4"), Some(([1, 12, 4], true)));
        assert_eq!(lenient_version("1.12"), Some(([1, 12, 0], true)));
        assert_eq!(lenient_version("v1.12.4-unprivileged"), Some(([1, 12, 4], false)));
        for tag in ["latest", "", "v1.12.4@sha256:abc", "1.2.3.4", "1..2", "v1.2.3-"] {
            assert_eq!(lenient_version(tag), None, "{tag}");
        }
    }
}
