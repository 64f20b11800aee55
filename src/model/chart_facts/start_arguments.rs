//! Arguments of the container that never reach Qdrant. The chart starts its own script by `bash -c`, and the script
//! passes nothing on.

use crate::model::build::Scope;
use crate::model::facts::DroppedArgument;
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin};

const SCRIPT: &str = "initialize.sh";

/// Every argument that the start script or the shell before it drops.
pub fn dropped_args(scope: &Scope<'_>) -> Vec<Tracked<DroppedArgument>> {
    let Some(pods) = &scope.pods else { return Vec::new() };
    let words: Vec<&Node> = ["command", "args"].iter().flat_map(|field| pods.container.items(&[field])).collect();
    let track = |(argument, how, at): (String, &str, Origin)| {
        scope.origins.track(DroppedArgument { argument, how: how.to_owned() }, &at)
    };
    let drops = || start_script_takes_nothing(scope);
    dropped(&words, drops).into_iter().map(track).collect()
}

fn dropped<'n>(words: &[&'n Node], script_drops: impl Fn() -> bool) -> Vec<(String, &'static str, Origin)> {
    let text = |word: &&'n Node| word.scalar_text().unwrap_or_default();
    let option = words.iter().position(|word| word.as_str() == Some("-c"));
    let is_shell =
        words.first().and_then(|word| word.as_str()).is_some_and(|word| matches!(file_name(word), "bash" | "sh"));
    let told =
        |words: &[&'n Node]| words.iter().map(|word| (text(word), "ignored", word.origin.clone())).collect::<Vec<_>>();
    if !is_shell {
        let starts = words.first().is_some_and(|word| file_name(&text(word)) == SCRIPT);
        return if starts && words.len() > 1 && script_drops() { told(&words[1..]) } else { Vec::new() };
    }
    let Some(at) = option else { return Vec::new() };
    let Some(script) = words.get(at + 1) else { return Vec::new() };
    let line = text(script);
    if line.trim_start().starts_with('-') {
        return vec![(line, "taken-by-shell", script.origin.clone())];
    }
    let is_simple = !line.contains(['&', '|', ';', '<', '>', '$', '\n', '`']);
    let mut parts = line.split_whitespace();
    if !is_simple || parts.next().is_none_or(|first| file_name(first) != SCRIPT) || !script_drops() {
        return Vec::new();
    }
    let own = parts.collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    if !own.is_empty() {
        found.push((own, "ignored", script.origin.clone()));
    }
    found.extend(told(&words[at + 2..]));
    found
}

/// Whether the start script drops its arguments: the chart's does; one in the manifests is read.
pub fn start_script_takes_nothing(scope: &Scope<'_>) -> bool {
    if scope.release.is_some() {
        return true;
    }
    let written = scope.of_kind("ConfigMap").find_map(|object| object.node.text(&["data", SCRIPT]));
    match written {
        Some(script) => !["$@", "$*", "$1", "${1", "${@", "${*"].iter().any(|use_of| script.contains(use_of)),
        None => scope.pods.as_ref().is_some_and(|pods| pods.workload.rendered_by_helm),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(words: &[&str]) -> Vec<(String, &'static str)> {
        let nodes: Vec<Node> = words.iter().map(|word| Node::from_json(&json!(word), &Origin::Derived)).collect();
        let words: Vec<&Node> = nodes.iter().collect();
        dropped(&words, || true).into_iter().map(|(argument, how, _)| (argument, how)).collect()
    }

    #[test]
    fn what_stands_behind_the_script_is_dropped_in_its_own_word_and_after_it() {
        assert_eq!(found(&["/bin/bash", "-c", "./config/initialize.sh"]), []);
        assert_eq!(
            found(&["/bin/bash", "-c", "./config/initialize.sh --disable-telemetry", "--config-path", "x.yaml"]),
            [
                ("--disable-telemetry".to_owned(), "ignored"),
                ("--config-path".to_owned(), "ignored"),
                ("x.yaml".to_owned(), "ignored")
            ]
        );
    }

    #[test]
    fn an_option_in_the_place_of_the_script_is_the_shells() {
        assert_eq!(
            found(&["/bin/bash", "-c", "--disable-telemetry"]),
            [("--disable-telemetry".to_owned(), "taken-by-shell")]
        );
    }

    #[test]
    fn other_scripts_and_the_images_own_start_are_left_alone() {
        assert_eq!(found(&["/bin/bash", "-c", "./entrypoint.sh --disable-telemetry"]), []);
        assert_eq!(found(&["./entrypoint.sh", "--disable-telemetry"]), []);
        assert_eq!(found(&["/bin/bash", "-c", "sleep 1; ./config/initialize.sh -x"]), []);
    }
}
