//! What carriers may ask for: files of the repository, charts, other documents of the input.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chart::Chart;
use super::kustomize::Kustomized;
use super::names::absolute;
use super::sniff::Sniffed;
use super::store::{File, FileId, Store};
use super::{LoadError, LoadOptions};
use crate::model::input::DuplicateKey;
use crate::source::{Document, Node, Schema, Sources, Written, parse_embedded};

/// One document of the input with what it was taken for.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub file: FileId,
    pub document: Arc<Document>,
    pub sniffed: Sniffed,
}

/// The state of one loading.
pub(super) struct Context<'a> {
    pub options: &'a LoadOptions,
    pub store: Store,
    pub sources: &'a mut Sources,
    /// Every document of the input, in order.
    pub seen: Vec<Seen>,
    /// Files that are values of someone: of whom, in words.
    pub claims: BTreeMap<FileId, String>,
    /// What carriers could not read.
    pub errors: Vec<LoadError>,
    /// Keys that stand twice in values inside other documents.
    pub duplicates: Vec<DuplicateKey>,
    /// Chart folders that a carrier has already judged.
    pub charts_judged: BTreeSet<PathBuf>,
    /// What the kustomizations of the input make of its files.
    pub kustomized: Kustomized,
    charts: BTreeMap<PathBuf, Option<Arc<Chart>>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(options: &'a LoadOptions, store: Store, sources: &'a mut Sources) -> Self {
        Self {
            options,
            store,
            sources,
            seen: Vec::new(),
            claims: BTreeMap::new(),
            errors: Vec::new(),
            duplicates: Vec::new(),
            charts_judged: BTreeSet::new(),
            kustomized: Kustomized::default(),
            charts: BTreeMap::new(),
        }
    }

    /// Lets go of the tree of a document of which nobody will ask anything more; its place stays known.
    pub(super) fn forget(&mut self, index: usize) {
        let seen = &mut self.seen[index];
        let whole = Arc::clone(&seen.document);
        let root = Node::null(whole.root.origin.clone());
        seen.document = Arc::new(Document { root, ..Document::clone(&whole) });
        self.store.replace(seen.file, &whole, &seen.document);
    }

    pub(super) fn file(&self, id: FileId) -> &File {
        self.store.get(id)
    }

    /// Folder of a file, as shown.
    pub(super) fn folder(&self, id: FileId) -> String {
        super::names::folder(&self.file(id).name)
    }

    /// Folder of a file on disk; the working folder for standard input.
    pub(super) fn folder_path(&self, id: FileId) -> PathBuf {
        let file = self.file(id);
        match file.path.parent() {
            Some(folder) if file.path.is_absolute() => folder.to_path_buf(),
            _ => self.options.cwd.clone(),
        }
    }

    /// The chart in a folder, read once.
    pub(super) fn chart_in(&mut self, folder: &Path) -> Option<Arc<Chart>> {
        if let Some(known) = self.charts.get(folder) {
            return known.clone();
        }
        let file = self.open(&folder.join("Chart.yaml"), folder);
        let chart = file.and_then(|file| Chart::read(folder, file, self.file(file))).map(Arc::new);
        self.charts.insert(folder.to_path_buf(), chart.clone());
        chart
    }

    /// The nearest chart whose folder holds the file, at most `levels` folders up.
    pub(super) fn chart_of(&mut self, file: FileId, levels: usize) -> Option<Arc<Chart>> {
        let folder = self.folder_path(file);
        let root = self.root_of(file).0;
        let above: Vec<PathBuf> = folder.ancestors().take(levels + 1).map(Path::to_path_buf).collect();
        above.into_iter().take_while(|folder| folder.starts_with(&root)).find_map(|folder| self.chart_in(&folder))
    }

    /// The repository of a file: the nearest folder that holds `.git` (then `true`), else the input's root.
    pub(super) fn root_of(&self, file: FileId) -> (PathBuf, bool) {
        let folder = self.folder_path(file);
        let git = folder.ancestors().find(|folder| folder.join(".git").exists());
        match git {
            Some(root) => (root.to_path_buf(), true),
            None => (self.file(file).root.clone(), false),
        }
    }

    /// Reads a file that something names; only within `root`, symbolic links followed.
    pub(super) fn open(&mut self, path: &Path, root: &Path) -> Option<FileId> {
        let path = absolute(root, path);
        let inside = match (path.canonicalize(), root.canonicalize()) {
            (Ok(path), Ok(root)) => path.starts_with(root),
            _ => false,
        };
        if inside { self.store.open(&path, root, self.sources) } else { None }
    }

    /// A path from the root of the repository, as seen from a file. Without `.git` the root is guessed: the nearest
    /// folder above the file from which the path exists.
    pub(super) fn in_repository(&mut self, from: FileId, path: &str) -> Option<PathBuf> {
        let (root, certain) = self.root_of(from);
        let path = path.trim_start_matches('/');
        if certain {
            let target = absolute(&root, Path::new(path));
            return (target.exists() && target.starts_with(&root)).then_some(target);
        }
        let folder = self.folder_path(from);
        let candidates = folder.ancestors().take_while(|above| above.starts_with(&root));
        candidates
            .map(|above| absolute(above, Path::new(path)))
            .find(|target| target.exists() && target.starts_with(&root))
    }

    /// The document of a kind and name that lies nearest to a file: repositories of several clusters repeat names.
    pub(super) fn object(&self, from: FileId, kind: &str, name: &str) -> Option<&Seen> {
        let folder = self.folder_path(from);
        let shared = |seen: &Seen| {
            let other = self.folder_path(seen.file);
            folder.components().zip(other.components()).take_while(|(left, right)| left == right).count()
        };
        let named = self.seen.iter().filter(|seen| {
            let root = &seen.document.root;
            root.text(&["kind"]) == Some(kind) && root.text(&["metadata", "name"]) == Some(name)
        });
        // of equally near ones the first
        named.rev().max_by_key(|seen| shared(seen))
    }

    /// The mappings that a file holds as values, in order.
    pub(super) fn values_of(&self, file: FileId) -> Vec<Node> {
        let documents = &self.file(file).documents;
        documents.iter().map(|document| document.root.clone()).filter(|root| root.as_mapping().is_some()).collect()
    }

    /// The values that a string holds as YAML, in order; what cannot be read becomes an error at its line.
    pub(super) fn values_inside(&mut self, text: &Node) -> Vec<Node> {
        let parsed = parse_embedded(self.sources, text, Schema::Yaml11, &self.options.limits);
        for error in &parsed.errors {
            let file = self.sources.get(error.span.source).name.clone();
            let error = LoadError::syntax(&file, error.position(self.sources), error);
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
        let duplicates = parsed.documents.iter().flat_map(|document| &document.duplicates);
        self.duplicates.extend(duplicates.map(|duplicate| DuplicateKey {
            path: duplicate.path.clone(),
            first: duplicate.first,
            last: duplicate.last,
        }));
        let roots = parsed.documents.into_iter().map(|document| document.root);
        roots.filter(|root| root.as_mapping().is_some()).collect()
    }

    /// Records something that a carrier says and that cannot be used.
    pub(super) fn report(&mut self, at: Option<Written>, file: &str, message: String) {
        let mut error = LoadError::whole(file, message, None);
        if let Some(written) = at {
            let source = self.sources.get(written.source);
            let position = source.position(written.key_span().start);
            error.file.clone_from(&source.name);
            error.line = Some(position.line);
            error.column = Some(position.column);
            error.span = Some(written.key_span());
        }
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Marks a file as values of someone.
    pub(super) fn claim(&mut self, file: FileId, by: impl Into<String>) {
        self.claims.entry(file).or_insert_with(|| by.into());
    }
}
