//! The commands of a block, run by one shell in a scratch folder.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::page::Page;
use crate::support::project;

/// Between the output of two commands; no command prints it.
const MARK: &str = "\u{1}";

/// A scratch folder and the binary under test first on the path.
pub(super) struct Session {
    folder: tempfile::TempDir,
    kubeconfig: Option<PathBuf>,
}

/// What one command of a block printed.
pub(super) struct Ran {
    pub(super) printed: Vec<Vec<String>>,
    /// Exit code of the last one.
    pub(super) code: i32,
}

impl Session {
    pub(super) fn new(folder: &str, page: &Page) -> Self {
        let session = Self { folder: tempfile::tempdir().unwrap(), kubeconfig: None };
        let work = session.folder.path().join("work");
        fs::create_dir_all(&work).unwrap();
        match folder {
            "none" => {}
            page if Path::new(page).extension().is_some_and(|extension| extension == "md") => {
                Page::read(page).write_files(&work);
            }
            folder => {
                for entry in fs::read_dir(project(folder)).unwrap() {
                    let path = entry.unwrap().path();
                    fs::copy(&path, work.join(path.file_name().unwrap())).unwrap();
                }
            }
        }
        page.write_files(&work);
        let programs = session.folder.path().join("programs");
        fs::create_dir(&programs).unwrap();
        symlink(env!("CARGO_BIN_EXE_qdrant-lint"), programs.join("qdrant-lint")).unwrap();
        session
    }

    pub(super) fn with_cluster(self, kubeconfig: PathBuf) -> Self {
        Self { kubeconfig: Some(kubeconfig), ..self }
    }

    /// Runs commands one after the other; what they change, the next one sees.
    pub(super) fn run(&self, commands: &[String]) -> Ran {
        let mut script = String::from("code=0\n");
        for command in commands {
            // the exit code of the one before stays in `$?`
            let _ = write!(script, "(exit $code)\n{command}\ncode=$?\nprintf '{MARK}'\n");
        }
        script.push_str("exit $code\n");
        let path = std::env::var_os("PATH").unwrap();
        let programs = std::iter::once(self.folder.path().join("programs")).chain(std::env::split_paths(&path));
        let mut shell = Command::new("bash");
        shell
            .args(["--noprofile", "--norc", "-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.folder.path().join("work"))
            .env_clear()
            .env("PATH", std::env::join_paths(programs).unwrap())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("COLUMNS", "88");
        if let Some(kubeconfig) = &self.kubeconfig {
            shell.env("KUBECONFIG", kubeconfig);
        }
        let output = shell.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut printed: Vec<Vec<String>> =
            text.split(MARK).map(|part| part.lines().map(|line| line.trim_end().to_owned()).collect()).collect();
        printed.truncate(commands.len());
        assert_eq!(printed.len(), commands.len(), "{text}");
        for lines in &mut printed {
            while lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
        }
        Ran { printed, code: output.status.code().expect("no signal") }
    }
}

/// The commands of a block: lines after `$ `, with those after `> ` that continue them.
pub(super) fn commands(lines: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in lines {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push(command.to_owned());
        } else if let (Some(more), Some(last)) = (line.strip_prefix("> "), found.last_mut()) {
            last.push('\n');
            last.push_str(more);
        }
    }
    found
}

/// Lines of a block with what the commands print now.
pub(super) fn shown(lines: &[String], printed: &[Vec<String>]) -> Vec<String> {
    let mut made = Vec::new();
    let mut printed = printed.iter();
    let mut open: Option<&Vec<String>> = None;
    for line in lines {
        if line.starts_with("$ ") {
            made.extend(open.take().into_iter().flatten().cloned());
            made.push(line.clone());
            open = printed.next();
        } else if line.starts_with("> ") {
            made.push(line.clone());
        }
    }
    made.extend(open.into_iter().flatten().cloned());
    made
}

/// Whether what is shown is what was printed; a line `...` of the page stands for any.
pub(super) fn matches(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line == "..." => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        Some((line, rest)) => printed.first() == Some(line) && matches(rest, &printed[1..]),
    }
}
