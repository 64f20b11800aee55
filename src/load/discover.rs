//! Which files are looked at: paths of the command line become a list of files in a fixed order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;

use super::names::{self, absolute};
use super::{LoadError, LoadOptions};

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Absolute, without `.` and `..`; standard input: `-`.
    pub path: PathBuf,
    /// As shown.
    pub name: String,
    /// Named by itself on the command line.
    pub explicit: bool,
    /// Named by `-f`.
    pub layer: bool,
    /// The folder it was found below, or its own.
    pub root: PathBuf,
}

impl Found {
    pub(super) fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// Lists the files of all paths, in the order of the paths and of the names below them, each file once.
pub(super) fn discover(options: &LoadOptions) -> (Vec<Found>, Vec<LoadError>) {
    let mut errors = Vec::new();
    let ignored = match glob_set(&options.ignore_paths) {
        Ok(ignored) => ignored,
        Err(error) => {
            errors.push(error);
            GlobSet::empty()
        }
    };
    let whole_folder = [PathBuf::from(".")];
    let paths = match options.paths.as_slice() {
        [] if options.values_files.is_empty() => &whole_folder[..],
        paths => paths,
    };
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &options.values_files {
        if path.as_os_str() == "-" {
            found.push(Found { layer: true, ..stdin(options) });
            seen.insert(path.clone());
            continue;
        }
        let path = absolute(&options.cwd, path);
        seen.insert(canonical(&path));
        let name = names::shown(&options.cwd, &path);
        let root = input_root(options, &path);
        found.push(Found { path, name, explicit: true, layer: true, root });
    }
    for path in paths {
        if path.as_os_str() == "-" {
            if seen.insert(path.clone()) {
                found.push(stdin(options));
            }
            continue;
        }
        let path = absolute(&options.cwd, path);
        let shown = names::shown(&options.cwd, &path);
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => walk(options, &path, &ignored, &mut seen, &mut found, &mut errors),
            Ok(_) => {
                let root = input_root(options, &path);
                if seen.insert(canonical(&path)) {
                    found.push(Found { path, name: shown, explicit: true, layer: false, root });
                } else if let Some(before) = found.iter_mut().find(|before| before.path == path) {
                    before.explicit = true;
                }
            }
            Err(error) => errors.push(unreadable(&shown, &error)),
        }
    }
    (found, errors)
}

fn stdin(options: &LoadOptions) -> Found {
    let (path, root) = (PathBuf::from("-"), options.cwd.clone());
    Found { path, name: names::STDIN.to_owned(), explicit: true, layer: false, root }
}

/// A file named by itself belongs to the working folder when it lies below it, else to its own.
fn input_root(options: &LoadOptions, path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(path);
    if folder.starts_with(&options.cwd) { options.cwd.clone() } else { folder.to_path_buf() }
}

/// An error of the file system in words.
pub(super) fn unreadable(shown: &str, error: &std::io::Error) -> LoadError {
    let (message, help) = match error.kind() {
        std::io::ErrorKind::NotFound => {
            ("no such file or folder".to_owned(), "check the spelling; paths are relative to the working folder")
        }
        std::io::ErrorKind::PermissionDenied => {
            ("cannot be read: permission denied".to_owned(), "run as a user that may read it, or leave it out")
        }
        _ => (format!("cannot be read: {error}"), "check that it is a file that can be opened"),
    };
    LoadError::whole(shown, message, Some(help))
}

fn walk(
    options: &LoadOptions,
    root: &Path,
    ignored: &GlobSet,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut Vec<Found>,
    errors: &mut Vec<LoadError>,
) {
    let real_root = canonical(root);
    let (base, globs) = (options.cwd.clone(), ignored.clone());
    let walker = WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .require_git(false)
        .follow_links(true)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let leaves_root = entry.path_is_symlink() && is_folder && !canonical(entry.path()).starts_with(&real_root);
            let skipped = is_folder && matches!(entry.file_name().to_str(), Some(".git" | "node_modules"));
            let below = entry.path().strip_prefix(&base).unwrap_or(entry.path());
            let told_to = entry.depth() > 0 && globs.is_match(below);
            !leaves_root && !skipped && !told_to
        })
        .build();
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                if let Some(error) = folder_error(options, root, &error) {
                    errors.push(error);
                }
                continue;
            }
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) || !is_named_for_us(entry.path()) {
            continue;
        }
        if seen.insert(canonical(entry.path())) {
            let path = entry.into_path();
            let name = names::shown(&options.cwd, &path);
            found.push(Found { path, name, explicit: false, layer: false, root: root.to_path_buf() });
        }
    }
}

/// Loops and dangling links are no loss; what cannot be opened is.
fn folder_error(options: &LoadOptions, root: &Path, error: &ignore::Error) -> Option<LoadError> {
    let path = path_of(error).unwrap_or(root);
    let shown = names::shown(&options.cwd, path);
    let io = error.io_error()?;
    if io.kind() == std::io::ErrorKind::NotFound && path != root {
        return None;
    }
    Some(unreadable(&shown, io))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// Files whose name says that they may hold something for us.
fn is_named_for_us(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    [".yaml", ".yml", ".json", ".yaml.gotmpl", ".yml.gotmpl", ".yaml.tpl", ".yml.tpl", ".json.tpl"]
        .iter()
        .any(|extension| name.ends_with(extension))
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// `vendor` and `vendor/` name the folder at any depth, as in `.gitignore`.
fn glob_set(patterns: &[String]) -> Result<GlobSet, LoadError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let bare = pattern.trim_end_matches('/').trim_start_matches("./");
        let anchored = bare.strip_prefix('/');
        let forms = match anchored {
            Some(anchored) => vec![anchored.to_owned()],
            None if bare.contains('/') => vec![bare.to_owned()],
            None => vec![bare.to_owned(), format!("**/{bare}")],
        };
        for form in forms {
            let glob = GlobBuilder::new(&form).literal_separator(true).build().map_err(|error| {
                LoadError::whole(
                    "ignore_paths",
                    format!("`{pattern}` is not a glob: {}", error.kind()),
                    Some("write patterns as in .gitignore: `vendor`, `testdata/**`, `**/*.gen.yaml`"),
                )
            })?;
            set.add(glob);
        }
    }
    set.build().map_err(|error| LoadError::whole("ignore_paths", error.to_string(), None))
}
