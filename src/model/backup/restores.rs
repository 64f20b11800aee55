//! Restores: bodies of recover requests in files and in jobs, and jobs that rehearse them.

use super::calls::Operation;
use super::job::Read;
use super::pods::JobPods;
use crate::model::build::Scope;
use crate::model::facts::backup::Restore;
use crate::model::input::BodyKind;
use crate::model::tracked::Tracked;

/// Recover requests in files of their own.
pub(super) fn of_bodies(scope: &Scope<'_>) -> Vec<Tracked<Restore>> {
    scope
        .bodies
        .iter()
        .filter(|body| body.kind == BodyKind::Recover)
        .filter_map(|body| {
            let location = body.node.at(&["location"])?;
            let text = location.scalar_text()?;
            Some(scope.origins.track(restore(&text, "file"), &location.origin))
        })
        .collect()
}

/// Recover requests in the scripts of a pod.
pub(super) fn of_job(scope: &Scope<'_>, pods: &JobPods<'_>, reads: &[Read<'_, '_>]) -> Vec<Tracked<Restore>> {
    let calls = reads.iter().flat_map(|read| &read.scripts).flat_map(|(_, _, calls)| calls);
    calls
        .filter(|call| call.operation == Operation::Recover)
        .filter_map(|call| {
            let body = call.body.as_ref()?;
            let location = location(&body.text)?;
            Some(scope.origins.track(restore(location, &pods.name()), &body.origin))
        })
        .collect()
}

/// A job that comes back and restores: its name.
pub(super) fn drill(scope: &Scope<'_>, pods: &JobPods<'_>, reads: &[Read<'_, '_>]) -> Option<Tracked<String>> {
    if !matches!(pods.object.kind(), "CronJob" | "CronWorkflow") {
        return None;
    }
    let mut scripts = reads.iter().flat_map(|read| &read.scripts);
    let restores = scripts.any(|(script, _, calls)| {
        calls.iter().any(|call| call.operation == Operation::Recover)
            || ["/snapshots/recover", "/snapshots/upload", "recover_snapshot", "recoverSnapshot"]
                .iter()
                .any(|word| script.text.contains(word))
    });
    let name = pods.object.node.at(&["metadata", "name"]).unwrap_or(&pods.object.node);
    restores.then(|| scope.origins.track(pods.name(), &name.origin))
}

fn restore(location: &str, carrier: &str) -> Restore {
    let scheme = location.split_once("://").map_or("", |(scheme, _)| scheme);
    // a scheme that a variable makes up is not known
    let scheme = if scheme.contains('$') { "" } else { scheme };
    Restore { location: location.to_owned(), scheme: scheme.to_ascii_lowercase(), carrier: carrier.to_owned() }
}

/// The text of `"location"` in a body that may hold variables, and so need not be JSON.
fn location(body: &str) -> Option<&str> {
    let after = &body[body.find("location")? + "location".len()..];
    let after = after.trim_start_matches(['"', '\'', '\\', ' ', ':']);
    let end = after.find(['"', '\'', '\\', ',', '}'])?;
    Some(&after[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_is_found_in_bodies_with_variables() {
        for (body, expected) in [
            (r#"{"location": "s3://a/b"}"#, "s3://a/b"),
            (r#"{\"location\":\"https://x/$NAME\", "priority": "snapshot"}"#, "https://x/$NAME"),
        ] {
            assert_eq!(location(body), Some(expected), "{body}");
        }
    }
}
