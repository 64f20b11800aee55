//! Where an exemption is valid: a line, an object, or what a waiver is narrowed to.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use super::Covered;
use crate::finding::ObjectRef;
use crate::source::Span;

/// Where an exemption is valid.
#[derive(Debug)]
pub enum Scope {
    /// The line of a file.
    Line(Line),
    /// An object.
    Object(Object),
    /// What a waiver is narrowed to.
    Waiver(Box<Waiver>),
}

/// A line of a file.
#[derive(Debug)]
pub struct Line {
    /// As shown.
    pub file: String,
    /// 1-based.
    pub line: usize,
}

/// An object of the input.
#[derive(Debug)]
pub struct Object {
    /// Its file; none for a live object.
    pub file: Option<String>,
    /// All of it.
    pub span: Option<Span>,
    /// Which one.
    pub identity: ObjectRef,
}

/// Globs; one that is absent leaves nothing out.
#[derive(Debug, Default)]
pub struct Waiver {
    /// Of ids of deployments.
    pub deployment: Option<GlobMatcher>,
    /// Of `Kind/name` and `namespace/Kind/name`.
    pub object: Option<GlobMatcher>,
    /// Of files relative to [`Waiver::base`].
    pub path: Option<GlobMatcher>,
    /// The folder of the configuration.
    pub base: Base,
}

impl Scope {
    /// Whether it leaves anything out.
    pub(super) fn is_narrow(&self) -> bool {
        let Self::Waiver(waiver) = self else { return true };
        let all = |matcher: &GlobMatcher| matcher.glob().glob().chars().all(|letter| "*/".contains(letter));
        [&waiver.deployment, &waiver.object, &waiver.path].into_iter().flatten().any(|matcher| !all(matcher))
    }

    /// Whether a finding lies in it.
    pub(super) fn covers(&self, covered: &Covered<'_>) -> bool {
        let finding = covered.finding;
        match self {
            Self::Line(line) => {
                finding.location.line == line.line && finding.location.file.as_deref() == Some(line.file.as_str())
            }
            Self::Object(object) => {
                let inside = object.span.zip(finding.location.span).is_some_and(|(all, part)| {
                    all.source == part.source && all.start <= part.start && part.end <= all.end
                });
                let belongs = object.file.as_ref().is_none_or(|file| covered.files.contains(file));
                inside || (belongs && finding.object.as_ref().is_some_and(|other| same(&object.identity, other)))
            }
            Self::Waiver(waiver) => {
                waiver.deployment.as_ref().is_none_or(|glob| glob.is_match(&*finding.deployment))
                    && waiver.object.as_ref().is_none_or(|glob| {
                        finding
                            .object
                            .as_ref()
                            .is_some_and(|object| names(object).iter().any(|name| glob.is_match(name)))
                    })
                    && waiver
                        .path
                        .as_ref()
                        .is_none_or(|_| finding.location.file.as_ref().is_some_and(|file| waiver.holds_file(file)))
            }
        }
    }

    /// Whether a deployment may have findings in it. `objects` are those of the deployment that are known.
    pub(super) fn reaches(&self, deployment: &str, files: &[String], objects: &[&ObjectRef]) -> bool {
        match self {
            Self::Line(line) => files.contains(&line.file),
            Self::Object(object) => object.file.as_ref().is_none_or(|file| files.contains(file)),
            Self::Waiver(waiver) => {
                waiver.deployment.as_ref().is_none_or(|glob| glob.is_match(deployment))
                    && waiver.path.as_ref().is_none_or(|_| files.iter().any(|file| waiver.holds_file(file)))
                    && waiver.object.as_ref().is_none_or(|glob| {
                        objects.iter().any(|object| names(object).iter().any(|name| glob.is_match(name)))
                    })
            }
        }
    }
}

impl Waiver {
    fn holds_file(&self, file: &str) -> bool {
        self.path.as_ref().is_some_and(|glob| glob.is_match(self.base.relative(file)))
    }
}

fn same(one: &ObjectRef, other: &ObjectRef) -> bool {
    let namespaces = one.namespace.as_ref().zip(other.namespace.as_ref());
    one.kind == other.kind && one.name == other.name && namespaces.is_none_or(|(one, other)| one == other)
}

fn names(object: &ObjectRef) -> Vec<String> {
    let short = format!("{}/{}", object.kind, object.name);
    let long = object.namespace.as_ref().map(|namespace| format!("{namespace}/{short}"));
    std::iter::once(short).chain(long).collect()
}

/// A glob of files as in `.gitignore`: a bare name is one at any depth.
pub(super) fn file_glob(pattern: &str) -> Option<GlobMatcher> {
    let bare = pattern.trim_start_matches("./");
    let whole = if bare.contains('/') { bare.trim_start_matches('/').to_owned() } else { format!("**/{bare}") };
    let whole = if whole.ends_with('/') { format!("{whole}**") } else { whole };
    Some(GlobBuilder::new(&whole).literal_separator(true).build().ok()?.compile_matcher())
}

/// What paths of the configuration are relative to, where files are shown relative to the working folder.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// The working folder, absolute.
    pub cwd: PathBuf,
    /// The folder of the configuration, absolute or relative to `cwd`.
    pub folder: PathBuf,
}

impl Base {
    /// A file that is shown by a name, as the configuration names it.
    pub fn relative(&self, shown: &str) -> String {
        let file = clean(&self.cwd.join(shown));
        let folder = clean(&self.cwd.join(&self.folder));
        let common = folder.components().zip(file.components()).take_while(|(left, right)| left == right).count();
        let up = folder.components().skip(common).map(|_| "..".to_owned());
        let down = file.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
        up.chain(down).collect::<Vec<_>>().join("/")
    }
}

/// Without `.` and `..`, and without asking the file system.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_the_configuration_sees_them() {
        let above = Base { cwd: "/repo/deploy".into(), folder: "..".into() };
        assert_eq!(above.relative("prod/values.yaml"), "deploy/prod/values.yaml");
        assert_eq!(above.relative("../base.yaml"), "base.yaml");
        let below = Base { cwd: "/repo".into(), folder: "ci".into() };
        assert_eq!(below.relative("ci/a.yaml"), "a.yaml");
        assert_eq!(below.relative("deploy/a.yaml"), "../deploy/a.yaml");
    }

    #[test]
    fn a_bare_name_is_a_file_at_any_depth() {
        assert!(file_glob("values.yaml").unwrap().is_match("deploy/prod/values.yaml"));
        assert!(file_glob("deploy/*.yaml").unwrap().is_match("deploy/a.yaml"));
        assert!(!file_glob("deploy/*.yaml").unwrap().is_match("deploy/prod/a.yaml"));
        assert!(file_glob("deploy/").unwrap().is_match("deploy/prod/a.yaml"));
    }

    #[test]
    fn a_scope_of_stars_leaves_nothing_out() {
        let of = |pattern: &str| {
            let deployment = Some(globset::Glob::new(pattern).unwrap().compile_matcher());
            Scope::Waiver(Box::new(Waiver { deployment, ..Waiver::default() })).is_narrow()
        };
        assert!(!of("*") && !of("**/*"));
        assert!(of("prod/*"));
    }
}
