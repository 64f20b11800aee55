//! Cases of a rule: files or folders named `bad-*`, `good-*` or `skip-*`, with `# expect: rule-id` on the lines that a
//! finding must name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::output::Failure;
use crate::policy::Profile;

/// Folder of the cases below the folder of policies.
pub(super) const FOLDER: &str = "testdata";

/// One case of one rule.
pub(super) struct Case {
    /// The rule.
    pub(super) rule: String,
    /// The file or folder.
    pub(super) path: PathBuf,
    /// What its name says of it.
    pub(super) kind: Kind,
    /// Its files.
    pub(super) files: Vec<PathBuf>,
    /// Comments at the top of its files.
    pub(super) flags: Flags,
    /// File and line of every finding that is expected.
    pub(super) expected: BTreeSet<(String, usize)>,
}

/// What a case shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The rule finds something.
    Bad,
    /// The rule judges, and finds nothing.
    Good,
    /// The rule cannot judge.
    Skip,
}

/// Flags of the command, as comments at the top of a case: `# chart: 1.19.0`.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) chart: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) release: Option<String>,
    pub(super) profile: Option<Profile>,
    pub(super) date: Option<jiff::civil::Date>,
    pub(super) config: String,
}

/// Every case below `FOLDER/<concern>/<rule>/`.
pub(super) fn cases(policies: &Path) -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for concern in entries(&policies.join(FOLDER))? {
        for rule in entries(&concern)? {
            let id = format!("{}/{}", name(&concern), name(&rule)).replace('_', "-");
            for path in entries(&rule)? {
                let kind = match name(&path).split('-').next() {
                    Some("bad") => Kind::Bad,
                    Some("good") => Kind::Good,
                    Some("skip") => Kind::Skip,
                    _ => continue,
                };
                if !is_expectation(&path) {
                    cases.push(case(id.clone(), path, kind)?);
                }
            }
        }
    }
    Ok(cases)
}

fn case(rule: String, path: PathBuf, kind: Kind) -> Result<Case, Failure> {
    let files = files(&path)?;
    let mut flags = Flags::default();
    let mut expected = BTreeSet::new();
    for file in &files {
        let text = text(file)?;
        flags.read(&text).map_err(|message| Failure::new(format!("{}: {message}", shown(file))))?;
        expected.extend(expectations(file, &text, &rule)?.into_iter().map(|line| (shown(file), line)));
    }
    Ok(Case { rule, path, kind, files, flags, expected })
}

impl Flags {
    fn read(&mut self, text: &str) -> Result<(), String> {
        for line in text.lines().take_while(|line| line.starts_with('#') || line.trim().is_empty()) {
            let Some((name, value)) = line.trim_start_matches('#').trim().split_once(':') else { continue };
            let value = value.trim();
            let own = || Some(value.to_owned());
            match name {
                "chart" => self.chart = own(),
                "namespace" => self.namespace = own(),
                "release" => self.release = own(),
                "effective-date" => {
                    self.date = Some(value.parse().map_err(|_| format!("`# effective-date: {value}` is no date"))?);
                }
                "config" => self.config = format!("{}{value}\n", self.config),
                "profile" => {
                    let known = Profile::ALL.into_iter().find(|profile| profile.as_str() == value);
                    self.profile = Some(known.ok_or_else(|| format!("no profile is called `{value}`"))?);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Lines that expect the rule: by comment, or `LINE RULE` in the `.expect` file beside a file without comments.
fn expectations(file: &Path, content: &str, rule: &str) -> Result<Vec<usize>, Failure> {
    let beside = PathBuf::from(format!("{}.expect", file.display()));
    if beside.exists() {
        let lines = text(&beside)?;
        let of_rule = lines.lines().filter_map(|line| line.split_once(' ')).filter(|(_, id)| id.trim() == rule);
        return Ok(of_rule.filter_map(|(line, _)| line.parse().ok()).collect());
    }
    let expects =
        |line: &str| line.split_once("# expect:").is_some_and(|(_, ids)| ids.split([',', ' ']).any(|id| id == rule));
    Ok(content.lines().enumerate().filter(|(_, line)| expects(line)).map(|(index, _)| index + 1).collect())
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    for entry in entries(path)? {
        found.extend(files(&entry)?);
    }
    found.retain(|file| !is_expectation(file));
    Ok(found)
}

fn is_expectation(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "expect")
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |error: std::io::Error| Failure::new(format!("`{}` cannot be read: {error}", folder.display()));
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A path as reports show it.
pub(super) fn shown(path: &Path) -> String {
    let shown = path.to_string_lossy().replace('\\', "/");
    shown.strip_prefix("./").map_or_else(|| shown.clone(), str::to_owned)
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::new(format!("`{}` cannot be read: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_in_the_comments_at_the_top() {
        let mut flags = Flags::default();
        flags
            .read("# chart: 1.19.0\n# profile: gcc-sovereign\n# a word: of its own\nreplicaCount: 1\n# chart: 0\n")
            .unwrap();
        assert_eq!((flags.chart.as_deref(), flags.profile), (Some("1.19.0"), Some(Profile::GccSovereign)));
        assert!(flags.read("# profile: prod\n").is_err());
    }
}
