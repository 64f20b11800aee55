//! The files of a run: read and parsed once, in parallel, and reachable by path for those who refer to them.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::discover::{Found, unreadable};
use super::{LoadError, LoadOptions, names};
use crate::source::{
    DecodeError, Document, Limits, Parsed, Source, SourceId, Sources, SyntaxError, decode, parse, parse_json,
};

/// Index of a file in the [`Store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId(usize);

/// A file that was read.
#[derive(Debug)]
pub(super) struct File {
    /// Absolute; `-` for standard input.
    pub path: PathBuf,
    /// As shown.
    pub name: String,
    /// Its text.
    pub source: SourceId,
    /// Named by itself on the command line.
    pub explicit: bool,
    /// Named by `-f`.
    pub layer: bool,
    /// Part of the input; others were read because something names them.
    pub listed: bool,
    /// The folder it was found below.
    pub root: PathBuf,
    /// What could be read of it.
    pub documents: Vec<Arc<Document>>,
    /// What could not.
    pub errors: Vec<SyntaxError>,
}

/// Every file that was read.
#[derive(Debug)]
pub(super) struct Store {
    files: Vec<File>,
    by_path: BTreeMap<PathBuf, Option<FileId>>,
    limits: Limits,
    cwd: PathBuf,
    edited: BTreeMap<PathBuf, String>,
}

impl Store {
    pub(super) fn new(options: &LoadOptions) -> Self {
        Self {
            files: Vec::new(),
            by_path: BTreeMap::new(),
            limits: options.limits,
            cwd: options.cwd.clone(),
            edited: options.edited.clone(),
        }
    }

    /// Reads and parses the input.
    pub(super) fn read(&mut self, found: Vec<Found>, options: &LoadOptions, sources: &mut Sources) -> Vec<LoadError> {
        let texts: Vec<Result<String, LoadError>> = found
            .par_iter()
            .map(|found| text_of(found, options).and_then(|bytes| decoded(&found.name, bytes)))
            .collect();
        let mut errors = Vec::new();
        let mut readable = Vec::new();
        for (found, text) in found.into_iter().zip(texts) {
            match text {
                Ok(text) => {
                    let source = sources.add(Source::new(found.name.clone(), text));
                    readable.push((found, source));
                }
                Err(error) => {
                    self.by_path.insert(found.path, None);
                    errors.push(error);
                }
            }
        }
        let sources: &Sources = sources;
        let parsed: Vec<Parsed> =
            readable.par_iter().map(|(found, source)| parsed(&found.path, *source, sources, &self.limits)).collect();
        for ((found, source), parsed) in readable.into_iter().zip(parsed) {
            let Found { path, name, explicit, layer, root } = found;
            let documents = parsed.documents.into_iter().map(Arc::new).collect();
            let errors = parsed.errors;
            self.add(File { path, name, source, explicit, layer, listed: true, root, documents, errors });
        }
        errors
    }

    /// A file that something names; `None` when there is none or it cannot be read.
    pub(super) fn open(&mut self, path: &Path, root: &Path, sources: &mut Sources) -> Option<FileId> {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        let opened = self.read_named(path, root, sources);
        self.by_path.insert(path.to_path_buf(), opened);
        opened
    }

    fn read_named(&mut self, path: &Path, root: &Path, sources: &mut Sources) -> Option<FileId> {
        if !std::fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let name = names::shown(&self.cwd, path);
        let text = if let Some(edited) = self.edited.get(path) {
            edited.clone()
        } else {
            let bytes = bounded(&name, std::fs::File::open(path).ok()?, &self.limits).ok()?;
            decoded(&name, bytes).ok()?
        };
        let source = sources.add(Source::new(name.clone(), text));
        let Parsed { documents, errors } = parsed(path, source, sources, &self.limits);
        let documents = documents.into_iter().map(Arc::new).collect();
        let (path, root) = (path.to_path_buf(), root.to_path_buf());
        Some(self.add(File {
            path,
            name,
            source,
            explicit: false,
            layer: false,
            listed: false,
            root,
            documents,
            errors,
        }))
    }

    fn add(&mut self, file: File) -> FileId {
        let id = FileId(self.files.len());
        self.by_path.insert(file.path.clone(), Some(id));
        self.files.push(file);
        id
    }

    pub(super) fn get(&self, id: FileId) -> &File {
        &self.files[id.0]
    }

    /// Puts another document in the place of one of a file.
    pub(super) fn replace(&mut self, id: FileId, one: &Arc<Document>, other: &Arc<Document>) {
        for document in self.files[id.0].documents.iter_mut().filter(|document| Arc::ptr_eq(document, one)) {
            document.clone_from(other);
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len()).map(FileId)
    }
}

fn text_of(found: &Found, options: &LoadOptions) -> Result<Vec<u8>, LoadError> {
    if found.is_stdin() {
        return match &options.stdin {
            Some(bytes) => bounded(&found.name, bytes.as_slice(), &options.limits),
            None => bounded(&found.name, std::io::stdin().lock(), &options.limits),
        };
    }
    if let Some(edited) = options.edited.get(&found.path) {
        return Ok(edited.clone().into_bytes());
    }
    let file = std::fs::File::open(&found.path).map_err(|error| unreadable(&found.name, &error))?;
    bounded(&found.name, file, &options.limits)
}

/// Reads no more than the limit, also of pipes and of files that lie about their length.
fn bounded(name: &str, reader: impl std::io::Read, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    let most = limits.bytes as u64;
    reader.take(most + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() > limits.bytes {
        let message = format!("is larger than {} MiB, the most that is read of one file", limits.bytes >> 20);
        return Err(LoadError::whole(name, message, Some("raise the limit with --max-input, or leave the file out")));
    }
    Ok(bytes)
}

fn decoded(name: &str, bytes: Vec<u8>) -> Result<String, LoadError> {
    let readable = std::str::from_utf8(&bytes).err().map(|error| error.valid_up_to());
    let place = readable.map(|end| {
        let before = String::from_utf8_lossy(&bytes[..end]);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    });
    decode(bytes).map_err(|error| {
        let mut failure = LoadError::whole(name, error.to_string(), Some(error.help()));
        if matches!(error, DecodeError::NotUtf8 { .. }) {
            failure.line = place.map(|(line, _)| line);
            failure.column = place.map(|(_, column)| column);
        }
        failure
    })
}

fn parsed(path: &Path, source: SourceId, sources: &Sources, limits: &Limits) -> Parsed {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        parse_json(sources, source, limits)
    } else {
        parse(sources, source, limits)
    }
}
