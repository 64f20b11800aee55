//! As a plugin of kubectl: a program called `kubectl-qdrant_lint` is started for `kubectl qdrant-lint`. Its help says so,
//! and what users of kubectl type there is about the cluster, so flags alone mean `audit`.

use std::ffi::OsString;
use std::path::Path;

use clap::{Command, CommandFactory as _};

use super::args::Cli;

/// What users type when the program is a plugin.
const SPOKEN: &str = "kubectl qdrant-lint";

/// The command as it is called, and its arguments.
pub(super) fn called(mut arguments: Vec<OsString>) -> (Command, Vec<OsString>) {
    let command = Cli::command();
    if !is_plugin(arguments.first()) {
        return (command, arguments);
    }
    if cfg!(feature = "live") && means_audit(&command, &arguments[1..]) {
        arguments.insert(1, "audit".into());
    }
    (command.bin_name(SPOKEN), arguments)
}

/// kubectl finds plugins by this prefix; on Windows the name ends in `.exe`.
fn is_plugin(program: Option<&OsString>) -> bool {
    let name = program.and_then(|program| Path::new(program).file_name());
    name.is_some_and(|name| name.to_string_lossy().starts_with("kubectl-"))
}

/// Flags without a command, other than those that ask about the program.
fn means_audit(command: &Command, arguments: &[OsString]) -> bool {
    const ABOUT: [&str; 4] = ["-h", "--help", "-V", "--version"];
    let names_command = |argument: &OsString| {
        argument == "help" || command.get_subcommands().any(|sub| argument.to_str() == Some(sub.get_name()))
    };
    let only_flags = arguments.first().is_none_or(|first| first.to_string_lossy().starts_with('-'));
    let about = arguments.iter().any(|argument| argument.to_str().is_some_and(|text| ABOUT.contains(&text)));
    only_flags && !about && !arguments.iter().any(names_command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<String> {
        let (_, arguments) = called(line.split(' ').map(OsString::from).collect());
        arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
    }

    #[cfg(feature = "live")]
    #[test]
    fn flags_alone_are_about_the_cluster() {
        assert_eq!(read("/krew/bin/kubectl-qdrant_lint"), ["audit"]);
        assert_eq!(
            read("kubectl-qdrant_lint.exe -n vectordb --context prod").join(" "),
            "audit -n vectordb --context prod"
        );
    }

    #[test]
    fn commands_and_questions_stay_what_they_are() {
        assert_eq!(read("kubectl-qdrant_lint check values.yaml"), ["check", "values.yaml"]);
        assert_eq!(read("kubectl-qdrant_lint -v check"), ["-v", "check"]);
        assert_eq!(read("kubectl-qdrant_lint --help"), ["--help"]);
        assert_eq!(read("kubectl-qdrant_lint chekc"), ["chekc"], "clap says which command is meant");
        assert_eq!(read("qdrant-lint -n vectordb"), ["-n", "vectordb"]);
    }
}
