//! What the program is shipped in: archives, image, kubectl plugin, pre-commit hook, GitLab component.

mod component;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use qdrant_lint::source::{self, Limits, Source, Sources};
use serde_json::Value;
use sha2::Digest as _;

use crate::support::project;

const BINARY: &str = env!("CARGO_BIN_EXE_qdrant-lint");

fn read(file: &str) -> String {
    fs::read_to_string(project(file)).unwrap()
}

fn documents(text: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("file", text));
    let parsed = source::parse(&sources, id, &Limits::default());
    assert!(parsed.errors.is_empty(), "{text}");
    parsed.documents.iter().map(|document| document.root.to_json()).collect()
}

fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A program on the path; said aloud when there is none.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not on the path");
    }
    found
}

/// A folder with the binary under test as `qdrant-lint` first on the path.
fn path_with_binary(folder: &Path) -> std::ffi::OsString {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).unwrap();
    symlink(BINARY, programs.join("qdrant-lint")).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).unwrap()
}

fn example(to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in ["articles.collection.json", "networkpolicy.yaml", "values.prod.yaml"] {
        fs::copy(project("testdata/example").join(file), to.join(file)).unwrap();
    }
}

/// Triples in a text that name an archive of the release.
fn targets(text: &str) -> BTreeSet<&str> {
    const ALL: [&str; 6] = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
        "x86_64-pc-windows-msvc",
        "x86_64-unknown-linux-gnu",
    ];
    ALL.into_iter().filter(|target| text.contains(target)).collect()
}

#[test]
fn whoever_names_the_archives_of_a_release_names_the_same_ones() {
    let released = read(".github/workflows/release.yml");
    let released = targets(&released);
    assert_eq!(released.len(), 5);
    for file in ["action.yml", "deploy/krew/qdrant-lint.yaml"] {
        assert_eq!(targets(&read(file)), released, "{file}");
    }
}

/// Archives of a release, and what `scripts/checksums.sh` says of them.
fn checksums(folder: &Path, of: &[&str]) -> Output {
    for target in of {
        fs::write(folder.join(format!("qdrant-lint-{target}-v1.2.3.tgz")), target).unwrap();
    }
    Command::new(project("scripts/checksums.sh")).arg("1.2.3").arg(folder).output().unwrap()
}

#[test]
fn the_plugin_manifest_names_each_archive_by_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let template = read("deploy/krew/qdrant-lint.yaml");
    let all: Vec<&str> = targets(&template).into_iter().collect();
    let ran = checksums(folder.path(), &all);
    assert!(ran.status.success(), "{}", text_of(&ran));
    let sum = |target: &str| {
        sha2::Sha256::digest(target).iter().fold(String::new(), |sum, byte| sum + &format!("{byte:02x}"))
    };
    let manifest = &documents(&fs::read_to_string(folder.path().join("krew.yaml")).unwrap())[0];
    assert_eq!(manifest["spec"]["version"], "v1.2.3");
    let platforms = manifest["spec"]["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), all.len());
    for platform in platforms {
        let address = platform["uri"].as_str().unwrap();
        let target = all.iter().find(|target| address.contains(**target)).unwrap();
        let release = "https://github.com/qdrant-lint/qdrant-lint/releases/download/v1.2.3";
        assert_eq!(address, format!("{release}/qdrant-lint-{target}-v1.2.3.tgz"));
        assert_eq!(platform["sha256"], sum(target).as_str());
        let program = platform["bin"].as_str().unwrap();
        let from: Vec<&str> =
            platform["files"].as_array().unwrap().iter().map(|file| file["from"].as_str().unwrap()).collect();
        assert_eq!(from, [format!("qdrant-lint-*/{program}").as_str(), "qdrant-lint-*/LICENSE"]);
    }
    let listed = fs::read_to_string(folder.path().join("checksums.txt")).unwrap();
    for target in all {
        assert!(listed.contains(&format!("{}  qdrant-lint-{target}-v1.2.3.tgz\n", sum(target))), "{listed}");
    }
}

#[test]
fn a_release_that_lacks_an_archive_has_no_plugin_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let ran = checksums(folder.path(), &["x86_64-unknown-linux-musl"]);
    assert!(!ran.status.success() && text_of(&ran).contains("aarch64-apple-darwin"), "{}", text_of(&ran));
    assert!(!folder.path().join("krew.yaml").exists());
}

#[test]
fn kubectl_finds_a_plugin_that_speaks_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("kubectl-qdrant_lint");
    symlink(BINARY, &plugin).unwrap();
    let ran = Command::new(&plugin).arg("--help").output().unwrap();
    assert!(text_of(&ran).contains("Usage: kubectl qdrant-lint"), "{}", text_of(&ran));
    // flags alone are about the cluster: here there is none
    let ran = Command::new(&plugin).args(["-n", "search", "--kubeconfig", "/nowhere"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{}", text_of(&ran));
    assert!(text_of(&ran).contains("/nowhere"), "{}", text_of(&ran));
    let values = project("testdata/example/values.prod.yaml");
    let ran = Command::new(&plugin).arg("check").arg(values).args(["--chart-version", "1.15.4"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{}", text_of(&ran));
}

#[test]
fn the_image_is_a_program_and_nothing_else() {
    let text = read("Dockerfile");
    let joined = text.replace("\\\n", " ");
    let lines: Vec<&str> =
        joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let last = lines.iter().rposition(|line| line.starts_with("FROM ")).unwrap();
    let stage = &lines[last..];
    assert_eq!(stage[0], "FROM scratch");
    assert!(!stage.iter().any(|line| line.starts_with("RUN ")), "scratch has no shell");
    // what the chart runs it as, and how it is started there
    let deployment = read("deploy/chart/templates/deployment.yaml");
    assert!(stage.contains(&"USER 65532:65532") && deployment.contains("runAsUser: 65532"));
    assert!(stage.contains(&"ENTRYPOINT [\"qdrant-lint\"]") && deployment.contains("args:\n            - serve"));
    let toolchain = joined.lines().find_map(|line| line.strip_prefix("ARG RUST_VERSION=")).unwrap();
    assert!(read("Cargo.toml").contains(&format!("rust-version = \"{toolchain}\"")));
    let Some(hadolint) = program("hadolint") else { return };
    let ran = Command::new(hadolint).arg(project("Dockerfile")).output().unwrap();
    assert!(ran.status.success(), "{}", text_of(&ran));
}

/// Files that the source takes in when it is compiled, from the root of the project.
fn embedded(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            embedded(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let after = text.split("include_str!(\"").skip(1).chain(text.split("include_bytes!(\"").skip(1));
        for rest in after {
            let file = path.parent().unwrap().join(rest.split('"').next().unwrap());
            found.insert(
                file.canonicalize().unwrap().strip_prefix(project("").canonicalize().unwrap()).unwrap().to_owned(),
            );
        }
    }
}

#[test]
fn the_image_is_built_from_everything_the_build_reads() {
    let ignore = read(".dockerignore");
    let kept: Vec<&str> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for path in &kept {
        assert!(project(path).exists(), "{path}");
    }
    let mut needed = BTreeSet::from(["Cargo.toml", "Cargo.lock", "build.rs", "LICENSE"].map(PathBuf::from));
    embedded(&project("src"), &mut needed);
    assert!(needed.len() > 10);
    let manifest = read("Cargo.toml");
    let paths = manifest.lines().filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'));
    needed.extend(paths.map(PathBuf::from));
    for rerun in read("build.rs").split("rerun-if-changed=").skip(1) {
        needed.extend(Some(rerun.split('"').next().unwrap()).filter(|path| !path.contains('{')).map(PathBuf::from));
    }
    for file in needed {
        assert!(kept.iter().any(|path| file.starts_with(path)), "the image is built without {}", file.display());
    }
}

#[test]
fn every_shell_reads_its_completions() {
    for (shell, flags, says) in [
        ("bash", ["-n", "/dev/stdin"], "complete -F"),
        ("zsh", ["-n", "/dev/stdin"], "#compdef qdrant-lint"),
        ("fish", ["--no-execute", "/dev/stdin"], "complete -c qdrant-lint"),
    ] {
        let written = Command::new(BINARY).args(["completions", shell]).output().unwrap();
        let text = text_of(&written);
        assert!(written.status.success() && text.contains(says) && text.contains("chart-version"), "{text}");
        let Some(shell) = program(shell) else { continue };
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &text).unwrap();
        let read = Command::new(shell).arg(flags[0]).arg(file.path()).output().unwrap();
        assert!(read.status.success(), "{}", text_of(&read));
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", text_of(&ran));
}

#[test]
fn hooks_are_what_pre_commit_takes_them_for() {
    let hooks = &documents(&read(".pre-commit-hooks.yaml"))[0];
    for hook in hooks.as_array().unwrap() {
        let mut words = hook["entry"].as_str().unwrap().split(' ');
        assert_eq!(words.next(), Some("qdrant-lint"));
        let folder = tempfile::tempdir().unwrap();
        example(folder.path());
        let ran = Command::new(BINARY).args(words).current_dir(folder.path()).output().unwrap();
        assert_eq!(ran.status.code(), Some(1), "{}", text_of(&ran));
        assert!(text_of(&ran).contains("values.prod.yaml:"), "{}", text_of(&ran));
    }
}

#[test]
fn a_commit_is_stopped_by_the_hook() {
    let Some(pre_commit) = program("pre-commit") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (hooks, user) = (folder.path().join("hooks"), folder.path().join("user"));
    fs::create_dir(&hooks).unwrap();
    fs::copy(project(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml")).unwrap();
    example(&user);
    for repository in [&hooks, &user] {
        git(repository, &["init", "--quiet", "--initial-branch", "main"]);
        git(repository, &["add", "."]);
    }
    git(&hooks, &["commit", "--quiet", "--message", "hooks"]);
    let path = path_with_binary(folder.path());
    let run = |arguments: &[&str]| {
        let ran = Command::new(&pre_commit)
            .args(["try-repo", "../hooks", "qdrant-lint-system", "--verbose"])
            .args(arguments)
            .current_dir(&user)
            .env("PATH", &path)
            .env("PRE_COMMIT_HOME", folder.path().join("cache"))
            .output()
            .unwrap();
        (ran.status.success(), text_of(&ran))
    };
    let (passed, text) = run(&["--all-files"]);
    assert!(!passed && text.contains("exit code: 1") && text.contains("values.prod.yaml:"), "{text}");
    fs::write(user.join("notes.txt"), "no file of ours\n").unwrap();
    let (passed, text) = run(&["--files", "notes.txt"]);
    assert!(passed && text.contains("(no files to check)"), "{text}");
    fs::write(user.join(".qdrant-lint.yaml"), "fail_on: never\n").unwrap();
    git(&user, &["add", "."]);
    let (passed, text) = run(&["--all-files"]);
    assert!(passed && text.contains("Passed"), "{text}");
}
