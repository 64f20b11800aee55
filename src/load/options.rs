//! What the command line asks `load` for.

use std::path::PathBuf;

use crate::model::chart::SetArgument;
use crate::source::Limits;

/// Everything that decides what is read and how it is taken.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Files, folders and `-`; relative ones lie below [`Self::cwd`]. Empty: `cwd` itself, unless `-f` is given.
    pub paths: Vec<PathBuf>,
    /// `-f`: values files of one release, lowest first.
    pub values_files: Vec<PathBuf>,
    /// `--set` and its kin; inside an umbrella they are the umbrella's values.
    pub set: Vec<SetArgument>,
    /// `--chart-version`.
    pub chart_version: Option<String>,
    /// `--release`: name of releases whose carrier gives none.
    pub release: Option<String>,
    /// `-n`: namespace of every release.
    pub namespace: Option<String>,
    /// `--as`: what the documents are, whatever they look like.
    pub as_kind: Option<AsKind>,
    /// Globs of files and folders that are not looked at; explicit files are.
    pub ignore_paths: Vec<String>,
    /// Bounds on one file.
    pub limits: Limits,
    /// The working folder, absolute; names of files are shown relative to it.
    pub cwd: PathBuf,
    /// Standard input, when it has been read already; else `-` reads it.
    pub stdin: Option<Vec<u8>>,
    /// Texts that stand in for files, by absolute path: what `fix` has edited and not written yet.
    pub edited: std::collections::BTreeMap<PathBuf, String>,
}

impl LoadOptions {
    /// Options with nothing asked for.
    pub fn new(cwd: impl Into<PathBuf>) -> Self {
        Self {
            paths: Vec::new(),
            values_files: Vec::new(),
            set: Vec::new(),
            chart_version: None,
            release: None,
            namespace: None,
            as_kind: None,
            ignore_paths: Vec::new(),
            limits: Limits::default(),
            cwd: cwd.into(),
            stdin: None,
            edited: std::collections::BTreeMap::new(),
        }
    }
}

/// Values of `--as`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsKind {
    /// Values of the official chart.
    Values,
    /// Kubernetes objects.
    Manifest,
    /// Bodies of `PUT /collections/{name}`.
    Collection,
    /// Bodies of `PUT /collections/{name}/snapshots/recover`.
    Recover,
    /// Server configuration files.
    Config,
}

impl AsKind {
    /// Every kind with the name it has on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("values", Self::Values),
        ("manifest", Self::Manifest),
        ("collection", Self::Collection),
        ("recover", Self::Recover),
        ("config", Self::Config),
    ];

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}
