//! Where the program comes from: a release by its checksum, a path, or the source that the action comes with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::runner::Run;
use crate::support::project;

/// A release with the binary under test, and the action that names it.
fn released(run: &Run) -> (String, PathBuf) {
    let name = format!("qdrant-lint-x86_64-unknown-linux-musl-v{}", env!("CARGO_PKG_VERSION"));
    let mirror = run.folder.path().join("mirror");
    fs::create_dir_all(mirror.join(&name)).unwrap();
    // a script that starts the binary stands for it: what is tested is the way of the archive
    let start = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_qdrant-lint"));
    let program = mirror.join(&name).join("qdrant-lint");
    fs::write(&program, start).unwrap();
    make_executable(&program);
    let archive = format!("{name}.tgz");
    let packed = Command::new("tar").args(["-czf", &archive, &name]).current_dir(&mirror).status().unwrap();
    assert!(packed.success());
    (archive, mirror)
}

fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(super) fn name_in_action(run: &mut Run, line: &str) {
    run.path = run.folder.path().join("action-path");
    fs::create_dir_all(run.path.join("action")).unwrap();
    fs::write(run.path.join("action/checksums.txt"), format!("# one release\n{line}\n")).unwrap();
}

fn checksum(file: &Path) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    sha2::Sha256::digest(fs::read(file).unwrap()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn the_release_that_the_action_names_is_fetched_and_kept() {
    let mut run = Run::example().with("binary", "");
    let (archive, mirror) = released(&run);
    name_in_action(&mut run, &format!("{}  {archive}", checksum(&mirror.join(&archive))));
    let run = run.with("mirror", &format!("file://{}/", mirror.display()));
    let seen = run.go();
    assert_eq!(seen.code, 1, "{}", seen.log);
    // the second run finds the archive and needs no mirror
    fs::remove_file(mirror.join(&archive)).unwrap();
    assert_eq!(run.go().code, 1);
    // one that was exchanged meanwhile is not run
    let kept = run.folder.path().join("tools/qdrant-lint").join(env!("CARGO_PKG_VERSION"));
    fs::write(kept.join("x86_64-unknown-linux-musl").join(&archive), "other bytes").unwrap();
    let seen = run.go();
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(seen.log.contains("cannot be downloaded"), "{}", seen.log);
}

#[test]
fn bytes_that_the_action_does_not_name_are_not_run() {
    let mut run = Run::example().with("binary", "");
    let (archive, mirror) = released(&run);
    name_in_action(&mut run, &format!("{}  {archive}", "0".repeat(64)));
    let seen = run.with("mirror", &format!("file://{}", mirror.display())).go();
    assert_eq!((seen.code, seen.outputs["exit-code"].as_str()), (2, "2"), "{}", seen.log);
    assert!(seen.log.contains("is not the release: its SHA-256 is"), "{}", seen.log);
}

/// A cargo that makes what is asked for out of the binary under test, or fails; what is tested is how the action asks.
fn cargo(run: &Run, ends: &str) -> String {
    let folder = run.folder.path().join("compiler");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("cargo");
    let script = format!(
        "#!/bin/sh\necho \"asked: $*\"\nmkdir -p \"$CARGO_TARGET_DIR/release\"\n\
         ln -sf '{}' \"$CARGO_TARGET_DIR/release/qdrant-lint\"\nexit {ends}\n",
        env!("CARGO_BIN_EXE_qdrant-lint")
    );
    fs::write(&program, script).unwrap();
    make_executable(&program);
    format!("{}:/usr/bin:/bin", folder.display())
}

#[test]
fn a_first_user_gets_the_source_built_and_is_told_so() {
    let mut run = Run::example().with("binary", "");
    run.programs = cargo(&run, "0");
    // the action as it is in the repository, whose list is empty until there is a release
    let text = fs::read_to_string(project("action/checksums.txt")).unwrap();
    if text.lines().any(|line| !line.starts_with('#')) {
        name_in_action(&mut run, "");
        fs::copy(project("Cargo.toml"), run.path.join("Cargo.toml")).unwrap();
    }
    let seen = run.go();
    assert_eq!((seen.code, seen.outputs["exit-code"].as_str()), (1, "1"), "{}", seen.log);
    assert!(run.path.join("Cargo.toml").is_file());
    let manifest = format!("--manifest-path {}/Cargo.toml", run.path.display());
    assert!(seen.log.contains(&manifest), "{}", seen.log);
    assert!(seen.log.contains("asked: build --release --locked --bin qdrant-lint"), "{}", seen.log);
    let notice = seen.log.lines().find(|line| line.starts_with("::notice title=qdrant-lint::")).expect("a notice");
    for part in ["lists no release for Linux/X64", "minutes", "binary"] {
        assert!(notice.contains(part), "{notice}");
    }
    // a second step of the job says it again and judges as well
    assert_eq!(run.go().code, 1);
}

#[test]
fn what_cannot_be_built_says_what_it_takes() {
    let mut run = Run::example().with("binary", "");
    name_in_action(&mut run, "");
    fs::copy(project("Cargo.toml"), run.path.join("Cargo.toml")).unwrap();
    run.programs = cargo(&run, "101");
    let seen = run.go();
    assert_eq!(seen.code, 2, "{}", seen.log);
    let error = seen.log.lines().find(|line| line.starts_with("::error title=qdrant-lint::")).expect("an error");
    for part in ["could not be built", concat!("Rust ", env!("CARGO_PKG_RUST_VERSION")), "the input binary"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn without_release_and_compiler_the_step_says_what_to_give() {
    let mut run = Run::example().with("binary", "");
    name_in_action(&mut run, "");
    let programs = run.folder.path().join("no-compiler");
    fs::create_dir(&programs).unwrap();
    for program in ["bash", "sed", "grep", "tail", "head", "awk", "od", "tr", "cat", "mktemp", "cut"] {
        let found =
            ["/usr/bin", "/bin"].iter().map(|folder| Path::new(folder).join(program)).find(|file| file.exists());
        std::os::unix::fs::symlink(found.expect("a program of every runner"), programs.join(program)).unwrap();
    }
    run.programs = programs.display().to_string();
    let seen = run.go();
    assert_eq!(seen.code, 2, "{}", seen.log);
    let error = seen.log.lines().find(|line| line.starts_with("::error title=qdrant-lint::")).expect("an error");
    for part in ["lists no release for Linux/X64", "install Rust", "the input binary"] {
        assert!(error.contains(part), "{error}");
    }
}
