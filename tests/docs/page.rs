//! A page as its tests read it: fenced blocks, and the comment above one that says what to do with it.
//!
//! `<!-- run folder=testdata/example exit=0 -->`, which blocks with `$ ` lines have without saying so: the commands are run
//! in a copy of the folder (`none`: an empty one; a page: the files it shows), and what they print is what the block shows;
//! a line `...` stands for any. `<!-- cluster exit=1 -->`: run where there is an API server. `<!-- parse -->`: the arguments
//! are read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::project;

/// A page of the documentation.
pub(super) struct Page {
    /// Path below the project.
    pub(super) path: String,
    pub(super) lines: Vec<String>,
}

/// What a test does with a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    Run { folder: String, exit: i32 },
    Cluster { exit: i32 },
    Parse,
}

/// A fenced block.
pub(super) struct Block {
    /// Index of the line after the fence, and of the closing fence.
    pub(super) lines: std::ops::Range<usize>,
    pub(super) language: String,
    pub(super) treatment: Treatment,
}

impl Page {
    pub(super) fn read(path: &str) -> Self {
        let text = fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), lines: text.lines().map(str::to_owned).collect() }
    }

    pub(super) fn write(&self) {
        fs::write(project(&self.path), self.lines.join("\n") + "\n").unwrap();
    }

    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut at = 0;
        while at < self.lines.len() {
            let Some(language) = self.lines[at].strip_prefix("```") else {
                at += 1;
                continue;
            };
            let length = self.lines[at + 1..].iter().position(|line| line == "```").expect("every block ends");
            let lines = at + 1..at + 1 + length;
            let said = at.checked_sub(1).map_or("", |above| self.lines[above].as_str());
            let shown = self.lines[lines.clone()].iter().any(|line| line.starts_with("$ "));
            let treatment = self.treatment(said, language == "console" && shown);
            blocks.push(Block { lines: lines.clone(), language: language.to_owned(), treatment });
            at = lines.end + 1;
        }
        blocks
    }

    fn treatment(&self, said: &str, shown: bool) -> Treatment {
        let said = said.strip_prefix("<!-- ").and_then(|said| said.strip_suffix(" -->")).unwrap_or_default();
        let mut words = said.split(' ');
        let verb = words.next().unwrap_or_default();
        let (mut folder, mut exit) = ("testdata/example".to_owned(), 0);
        for (name, value) in words.filter_map(|word| word.split_once('=')) {
            match name {
                "folder" => value.clone_into(&mut folder),
                "exit" => exit = value.parse().expect("a number"),
                _ => panic!("{}: {name} is not known", self.path),
            }
        }
        match verb {
            "cluster" => Treatment::Cluster { exit },
            "parse" => Treatment::Parse,
            "run" => Treatment::Run { folder, exit },
            _ if shown => Treatment::Run { folder, exit },
            _ => Treatment::Parse,
        }
    }

    /// Writes the files that the page shows: a line that is only a path in backticks, then a block.
    pub(super) fn write_files(&self, to: &Path) {
        for block in self.blocks() {
            let Some(above) = block.lines.start.checked_sub(3) else { continue };
            let name = self.lines[above].strip_prefix('`').and_then(|line| line.strip_suffix('`'));
            let Some(name) = name.filter(|name| name.contains('.') && !name.contains([' ', '`'])) else { continue };
            let file = to.join(name);
            fs::create_dir_all(file.parent().expect("below the folder")).unwrap();
            fs::write(file, self.lines[block.lines].join("\n") + "\n").unwrap();
        }
    }
}

/// The pages that people write: the README, and everything below `docs` but the generated pages of the rules.
pub(super) fn pages() -> Vec<Page> {
    let mut found = vec!["README.md".to_owned()];
    collect(&project("docs"), &mut found);
    found.sort();
    found.iter().filter(|path| !path.starts_with("docs/rules/")).map(|path| Page::read(path)).collect()
}

/// Paths of all pages below a folder, from the root of the project.
pub(super) fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path.strip_prefix(project("")).unwrap().to_string_lossy().into_owned());
        }
    }
}
