//! What is unsafe in the script or the pod of a job.

use super::calls::{Call, Operation, Output};
use super::endpoint::mentions;
use super::images;
use super::lines::{Line, Lines};
use super::pods::JobContainer;
use super::script::{Interpreter, Script};
use crate::model::facts::backup::JobFault;
use crate::source::{Node, Origin};

/// Programs that install others; what an image holds by itself says nothing then.
const INSTALLERS: [&str; 9] = ["apk", "apt", "apt-get", "yum", "dnf", "microdnf", "tdnf", "pip", "pip3"];
/// Programs that tell whether a file is whole.
const CHECKSUMS: [&str; 8] = ["sha256sum", "sha512sum", "shasum", "md5sum", "b2sum", "openssl", "checksum", "ETag"];

/// A fault and where it stands.
pub(super) type Placed = (JobFault, Origin);

fn fault(kind: &str, subject: impl Into<String>, silent_loss: bool, origin: &Origin) -> Placed {
    (JobFault { kind: kind.to_owned(), subject: subject.into(), silent_loss, by_curl: true }, origin.clone())
}

/// Faults of one script of a container.
pub(super) fn of_script(
    script: &Script,
    lines: &Lines,
    calls: &[Call],
    container: &JobContainer<'_>,
    spec: &Node,
) -> Vec<Placed> {
    let mut found = Vec::new();
    if script.interpreter != Interpreter::Arguments {
        found.extend(unnoticed_failure(script, lines, calls));
    }
    for call in calls {
        found.extend(of_call(call, lines, container, spec));
    }
    let is_checked = CHECKSUMS.iter().any(|word| script.text.contains(word));
    if !is_checked
        && let Some(download) = calls
            .iter()
            .find(|call| call.operation == Operation::Download && matches!(call.output, Output::File(_) | Output::Pipe))
    {
        found.push(fault("no-checksum", "", false, &download.origin));
    }
    for line in &lines.lines {
        let uploads = line.program() == "aws";
        if let Some(word) = line.words.iter().find(|word| uploads && word.text == "--binary-mode") {
            found.push(fault("not-an-option", "--binary-mode", false, &word.origin));
        }
    }
    found
}

/// Without `set -e` a failed request is followed by the next command, and the job ends well.
fn unnoticed_failure(script: &Script, lines: &Lines, calls: &[Call]) -> Option<Placed> {
    let is_set = |short: char, long: &str| {
        lines.lines.iter().filter(|line| line.program() == "set").any(|line| {
            line.arguments().any(|word| {
                word == long || (word.starts_with('-') && !word.starts_with("--") && word[1..].contains(short))
            })
        })
    };
    let last = lines.lines.len().saturating_sub(1);
    let matters = |line: &Line, index: usize| {
        is_upload(line)
            || calls.iter().any(|call| {
                call.line == index
                    && matches!(
                        call.operation,
                        Operation::Create(_) | Operation::CreateFull | Operation::Download | Operation::ListCollections
                    )
            })
    };
    if !(script.errexit || is_set('e', "errexit")) {
        // a failure matters when something follows it that can end well; in a loop the next round does
        let lost = lines.lines.iter().enumerate().find(|(index, line)| {
            matters(line, *index)
                && !line.command.checked
                && !line.command.captured
                && (*index < last || !line.command.loops.is_empty())
        });
        let captured = || {
            lines.lines.iter().enumerate().find(|(index, line)| {
                matters(line, *index) && line.command.captured && !line.command.checked && *index < last
            })
        };
        let (_, line) = lost.or_else(captured)?;
        return Some(fault("no-errexit", line.program(), true, &line.origin));
    }
    if script.pipefail || is_set('\0', "pipefail") {
        return None;
    }
    let (_, line) = lines.lines.iter().enumerate().find(|(index, line)| {
        matters(line, *index) && line.command.writes_pipe && !line.command.checked && !is_tested(*index, lines)
    })?;
    let reader = lines
        .lines
        .iter()
        .filter(|other| other.command.pipeline == line.command.pipeline && other.command.reads_pipe)
        .map(|other| (other.program(), other.arguments().any(|word| word.starts_with("-e") || word.ends_with("re"))))
        .next();
    // `jq -e` fails on an answer without the field
    if matches!(reader, Some(("jq", true))) {
        return None;
    }
    Some(fault("no-pipefail", line.program(), true, &line.origin))
}

pub(super) fn is_upload(line: &Line) -> bool {
    match line.program() {
        "aws" => line.arguments().any(|word| matches!(word, "cp" | "sync" | "mv" | "put-object")),
        "gsutil" | "azcopy" | "rclone" | "mc" | "s5cmd" | "s3cmd" => true,
        "gcloud" | "az" => line.arguments().any(|word| word == "storage"),
        "restic" => line.arguments().any(|word| word == "backup"),
        _ => false,
    }
}

fn of_call(call: &Call, lines: &Lines, container: &JobContainer<'_>, spec: &Node) -> Vec<Placed> {
    let mut found = Vec::new();
    let makes = matches!(call.operation, Operation::Create(_) | Operation::CreateFull);
    let lists = call.operation == Operation::ListCollections;
    let fetches = call.operation == Operation::Download;
    if (makes || fetches || lists) && !call.fails && !is_examined(call, lines) {
        found.push(fault("curl-without-fail", operation_in_words(call), makes || fetches, &call.origin));
    }
    if !fetches {
        return found;
    }
    let terminal = call.inside_pod.as_ref().is_some_and(|words| {
        words.iter().any(|word| matches!(word.as_str(), "-t" | "-it" | "-ti" | "--tty" | "--tty=true"))
    });
    match call.output {
        Output::Captured => {
            found.push(fault("binary-through-terminal", "$(curl …)", true, &call.origin));
        }
        _ if terminal => found.push(fault("binary-through-terminal", "exec -t", true, &call.origin)),
        Output::Log => found.push(fault("binary-through-terminal", "", true, &call.origin)),
        _ => {}
    }
    if call.mixes_headers {
        found.push(fault("headers-in-file", "-i", true, &call.origin));
    }
    if let Output::File(path) = &call.output
        && path.starts_with('/')
        && let Some(space) = unbounded(path, container.node, spec)
    {
        let origin = lines
            .lines
            .get(call.line)
            .and_then(|line| line.words.iter().find(|word| word.text == *path).map(|word| word.origin.clone()));
        found.push(fault(
            "unbounded-space",
            format!("{space}:{path}"),
            false,
            &origin.unwrap_or_else(|| call.origin.clone()),
        ));
    }
    found
}

/// Whether a test follows on the variable that a command fills: `[ -z "$SNAP" ] && exit 1`.
fn is_tested(index: usize, lines: &Lines) -> bool {
    let filled = lines.from_commands.iter().filter(|(_, from)| from.contains(&index)).map(|(name, _)| name);
    filled.into_iter().any(|name| {
        lines.lines.iter().any(|line| {
            matches!(line.program(), "[" | "test" | "[[") && line.arguments().any(|word| mentions(word, name))
        })
    })
}

/// `jq -e` or a test of what was filled notices an error answer.
fn is_examined(call: &Call, lines: &Lines) -> bool {
    let Some(line) = lines.lines.get(call.line) else { return false };
    if is_tested(call.line, lines) {
        return true;
    }
    lines.lines.iter().any(|other| {
        other.command.pipeline == line.command.pipeline
            && other.program() == "jq"
            && other.arguments().any(|word| word == "-e" || word == "--exit-status" || word == "-er" || word == "-re")
    })
}

fn operation_in_words(call: &Call) -> &'static str {
    match call.operation {
        Operation::Create(_) | Operation::CreateFull => "making a snapshot",
        Operation::Download => "fetching a snapshot",
        _ => "listing the collections",
    }
}

/// Why nothing bounds the space of a path: `container` (the container's own layer) or `empty-dir`.
fn unbounded(path: &str, container: &Node, spec: &Node) -> Option<&'static str> {
    let limited = ["limits", "requests"]
        .iter()
        .any(|kind| container.at(&["resources", kind, "ephemeral-storage"]).is_some() && *kind == "limits");
    if limited {
        return None;
    }
    let mount = container
        .items(&["volumeMounts"])
        .iter()
        .filter_map(|mount| Some((mount.text(&["mountPath"])?.trim_end_matches('/'), mount.text(&["name"])?)))
        .filter(|(at, _)| path == *at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/')))
        .max_by_key(|(at, _)| at.len());
    let Some((_, volume)) = mount else { return Some("container") };
    let volume = spec.items(&["volumes"]).iter().find(|one| one.text(&["name"]) == Some(volume))?;
    let empty = volume.get("emptyDir")?;
    empty.at(&["sizeLimit"]).is_none().then_some("empty-dir")
}

/// Faults of a container's image.
pub(super) fn of_image(container: &JobContainer<'_>, scripts: &[(&Script, Lines, Vec<Call>)]) -> Vec<Placed> {
    let Some(node) = container.node.at(&["image"]) else { return Vec::new() };
    let image = node.as_str().unwrap_or_default();
    let mut found = Vec::new();
    if image.contains(['$', '{']) || image.is_empty() {
        return found;
    }
    if images::is_unpinned(image) {
        found.push(fault("image-unpinned", image, false, &node.origin));
    }
    let lines = || scripts.iter().flat_map(|(_, lines, _)| &lines.lines);
    let installs = lines().any(|line| {
        INSTALLERS.contains(&line.program())
            || line.words.iter().any(|word| word.text.contains("/bin/"))
            || line.redirects.iter().any(|(_, file)| file.contains("/bin/"))
            || line.command.assignments.iter().any(|(name, _)| name == "PATH")
    });
    let mut missing: Vec<&str> = Vec::new();
    for line in lines().filter(|line| line.inside_pod.is_none() && !installs) {
        let program = line.program();
        if !line.words.first().is_some_and(|word| word.text.contains('/'))
            && images::lacks(image, program)
            && !missing.contains(&program)
        {
            missing.push(program);
            found.push(fault("tool-missing", format!("{program}:{image}"), false, &line.origin));
        }
    }
    // the server's image has no client either
    for line in lines().filter(|line| line.inside_pod.is_some()) {
        if images::lacks("qdrant/qdrant", line.program()) && !missing.contains(&line.program()) {
            missing.push(line.program());
            found.push(fault("tool-missing", format!("{}:qdrant/qdrant", line.program()), false, &line.origin));
        }
    }
    found
}
