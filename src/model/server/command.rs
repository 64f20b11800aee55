//! What the Qdrant container is started with: its command and arguments, and the script that they name.

use super::mounts::{Content, Mounts};
use crate::model::build::Scope;
use crate::model::chart_facts;
use crate::source::Node;

/// The words of the command, and whatever script they run.
#[derive(Debug, Clone, Default)]
pub(super) struct Command {
    /// `command` and `args`, in order.
    pub(super) words: Vec<Node>,
    /// Text of a script of a ConfigMap that the words name, and where it stands.
    pub(super) script: Option<Node>,
    /// They name a script that cannot be seen.
    pub(super) unseen_script: bool,
    /// The chart's own script runs, which drops every argument.
    pub(super) is_chart_script: bool,
}

impl Command {
    /// What the container is started with.
    pub(super) fn of(scope: &Scope<'_>, mounts: &Mounts<'_>) -> Self {
        let Some(pods) = &scope.pods else { return Self::default() };
        let words: Vec<Node> =
            ["command", "args"].iter().flat_map(|field| pods.container.items(&[field])).cloned().collect();
        let text = joined(&words);
        let is_chart_script = text.contains("config/initialize.sh") && chart_facts::start_script_takes_nothing(scope);
        let mut command = Self { words, script: None, unseen_script: false, is_chart_script };
        let home = pods.container.text(&["workingDir"]).unwrap_or("/qdrant").trim_end_matches('/').to_owned();
        for word in text.split_whitespace().filter(|word| is_script(word)) {
            let path = match word.strip_prefix("./") {
                Some(below) => format!("{home}/{below}"),
                None if word.starts_with('/') => word.to_owned(),
                None => format!("{home}/{word}"),
            };
            match mounts.at(&path).map(|file| &file.content) {
                Some(Content::Text(node)) => command.script = Some((*node).clone()),
                Some(Content::Decoded(node)) => command.script = Some(node.clone()),
                // the image's own entry point passes its arguments on
                None if path.ends_with("/entrypoint.sh") => {}
                _ => command.unseen_script = true,
            }
        }
        command
    }

    /// All of it as one text.
    pub(super) fn text(&self) -> String {
        let mut text = joined(&self.words);
        if let Some(script) = self.script.as_ref().and_then(Node::as_str) {
            text.push('\n');
            text.push_str(script);
        }
        text
    }

    /// The values of an option, `--uri x` or `--uri=x`, wherever they stand.
    pub(super) fn values_of(&self, option: &str) -> Vec<String> {
        values_of(&self.text(), option)
    }

    /// Whether a switch reaches Qdrant.
    pub(super) fn has(&self, switch: &str) -> bool {
        let text = if self.is_chart_script {
            self.script.as_ref().and_then(Node::as_str).unwrap_or_default().to_owned()
        } else {
            self.text()
        };
        words(&text).any(|word| word == switch)
    }

    /// The value of an option, when it is given once and is no expression of a shell.
    pub(super) fn value_of(&self, option: &str) -> Option<String> {
        let values = if self.is_chart_script { Vec::new() } else { self.values_of(option) };
        values.into_iter().next().filter(|value| !value.contains('$'))
    }
}

fn joined(words: &[Node]) -> String {
    words.iter().filter_map(Node::scalar_text).collect::<Vec<_>>().join(" ")
}

fn is_script(word: &str) -> bool {
    word.trim_matches(['"', '\'']).rsplit_once('.').is_some_and(|(_, extension)| extension == "sh")
}

/// Words of a command or a script, without comments and quotes.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_matches(['"', '\'', ';', '\\']))
}

fn values_of(text: &str, option: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = words(text);
    while let Some(word) = words.next() {
        if word == option {
            found.extend(words.next().map(str::to_owned));
        } else if let Some(value) = word.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
            found.push(value.trim_matches(['"', '\'']).to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_in_lists_and_scripts() {
        let script = "set -e\n# exec ./qdrant --uri http://no\nexec ./qdrant --uri 'http://a:6335' \\\n --bootstrap=\"http://b:6335\"";
        assert_eq!(values_of(script, "--uri"), ["http://a:6335"]);
        assert_eq!(values_of(script, "--bootstrap"), ["http://b:6335"]);
        assert!(values_of(script, "--config-path").is_empty());
    }
}
