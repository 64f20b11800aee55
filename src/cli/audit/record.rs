//! `--record`: the recording is written while the cluster is read, so that it need not be held in memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use indexmap::IndexSet;
use serde_json::{Value, json};

use crate::cli::output::Failure;
use crate::load::live::recording::{Cluster, List, SCHEMA, StartLog};

/// Objects of each cluster go to a part of their own; at the end the parts make the recording.
pub(super) struct Recorder {
    file: PathBuf,
    recorded_at: String,
    parts: Vec<Part>,
}

struct Part {
    index: usize,
    context: String,
    kubernetes: Option<String>,
    only: BTreeSet<String>,
    lists: IndexSet<List>,
    qdrant: Vec<Value>,
    logs: Vec<StartLog>,
    /// What was written already: a pod without a workload may come twice.
    seen: BTreeSet<String>,
    path: PathBuf,
    out: BufWriter<File>,
}

impl Recorder {
    pub(super) fn create(file: &Path, recorded_at: &str) -> Result<Self, Failure> {
        // better now than after minutes of reading
        File::create(file).map_err(|error| unwritable(file, &error))?;
        Ok(Self { file: file.to_path_buf(), recorded_at: recorded_at.to_owned(), parts: Vec::new() })
    }

    /// Adds what was seen of one namespace.
    pub(super) fn add(&mut self, index: usize, cluster: &Cluster) -> Result<(), Failure> {
        let known = self.parts.iter().position(|part| part.index == index);
        let position = known.unwrap_or(self.parts.len());
        if known.is_none() {
            self.parts.push(Part::create(&self.file, index, cluster)?);
        }
        let file = self.file.clone();
        self.parts[position].add(cluster).map_err(|error| unwritable(&file, &error))
    }

    /// Puts the parts together.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.parts.sort_by_key(|part| part.index);
        let file = self.file.clone();
        self.write().map_err(|error| unwritable(&file, &error))
    }

    fn write(self) -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(&self.file)?);
        let head =
            json!({"schema": SCHEMA, "tool": env!("CARGO_PKG_VERSION"), "recorded_at": self.recorded_at}).to_string();
        write!(out, "{},\"clusters\":[", head.trim_end_matches('}'))?;
        for (position, mut part) in self.parts.into_iter().enumerate() {
            part.out.flush()?;
            drop(part.out);
            let head = json!({
                "context": part.context, "kubernetes": part.kubernetes, "only": part.only,
                "lists": part.lists, "qdrant": part.qdrant, "logs": part.logs,
            })
            .to_string();
            let comma = if position > 0 { "," } else { "" };
            write!(out, "{comma}{},\"objects\":[", head.trim_end_matches('}'))?;
            std::io::copy(&mut File::open(&part.path)?, &mut out)?;
            std::fs::remove_file(&part.path)?;
            out.write_all(b"]}")?;
        }
        out.write_all(b"]}\n")?;
        out.flush()
    }
}

impl Part {
    fn create(file: &Path, index: usize, cluster: &Cluster) -> Result<Self, Failure> {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".part{index}"));
        let path = PathBuf::from(name);
        let out = BufWriter::new(File::create(&path).map_err(|error| unwritable(&path, &error))?);
        Ok(Self {
            index,
            context: cluster.context.clone(),
            kubernetes: cluster.kubernetes.clone(),
            only: BTreeSet::new(),
            lists: IndexSet::new(),
            qdrant: Vec::new(),
            logs: Vec::new(),
            seen: BTreeSet::new(),
            path,
            out,
        })
    }

    fn add(&mut self, cluster: &Cluster) -> std::io::Result<()> {
        self.only.extend(cluster.only.iter().cloned());
        self.lists.extend(cluster.lists.iter().cloned());
        self.logs.extend(cluster.logs.iter().cloned());
        self.qdrant.extend(cluster.qdrant.iter().filter_map(|endpoint| serde_json::to_value(endpoint).ok()));
        for object in &cluster.objects {
            let part = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let key = format!(
                "{}/{}/{}/{}",
                part("/apiVersion"),
                part("/kind"),
                part("/metadata/namespace"),
                part("/metadata/name")
            );
            if self.seen.contains(&key) {
                continue;
            }
            if !self.seen.is_empty() {
                self.out.write_all(b",")?;
            }
            self.seen.insert(key);
            serde_json::to_writer(&mut self.out, object)?;
        }
        Ok(())
    }
}

fn unwritable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` cannot be written: {error}", file.display()))
}
