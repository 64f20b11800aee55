//! Where findings stand for a forge: GitHub and GitLab know files by their path from the root of the repository, the rest
//! of the program by their path from the working folder.

use crate::finding::{Finding, Location};

use super::Report;

/// The working folder, seen from the root of its repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forge {
    /// `deploy/qdrant`; empty at the root and outside a repository.
    pub folder: String,
}

/// A place that a forge can show.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Path from the root of the repository.
    pub file: String,
    /// The place itself; none when the file only stands in for an argument or for standard input.
    pub location: Option<Location>,
}

impl Forge {
    /// The path from the root of the repository of a file named from the working folder. What lies outside the
    /// repository keeps its name.
    pub fn path(&self, file: &str) -> String {
        if file.starts_with('/') {
            return file.to_owned();
        }
        let mut steps: Vec<&str> = self.folder.split('/').filter(|step| !step.is_empty()).collect();
        for step in file.split('/') {
            match step {
                "." => {}
                ".." => {
                    if steps.pop().is_none() {
                        return file.to_owned();
                    }
                }
                step => steps.push(step),
            }
        }
        if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
    }

    /// Where a finding is shown: its own place, else the first file of its deployment. Nothing in a live cluster is.
    pub fn spot(&self, finding: &Finding, report: &Report) -> Option<Spot> {
        let own = finding.location.file.as_deref()?;
        if is_file(own) {
            return Some(Spot { file: self.path(own), location: Some(finding.location.clone()) });
        }
        let deployment = report.deployments.binary_search_by(|one| one.id.as_str().cmp(&finding.deployment)).ok()?;
        let file = report.deployments.get(deployment)?.files.iter().find(|file| is_file(file))?;
        Some(Spot { file: self.path(file), location: None })
    }
}

/// Arguments and standard input are sources with a name, but no files.
pub(super) fn is_file(name: &str) -> bool {
    let is_argument = name.starts_with("--set");
    let is_stream = name.starts_with('<') && name.ends_with('>');
    !name.is_empty() && !is_argument && !is_stream
}

/// A relative URI: what RFC 3986 does not allow in a path is percent-encoded.
pub(super) fn uri(file: &str) -> String {
    file.bytes().fold(String::new(), |uri, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b'+' | b'@' | b',' => {
            format!("{uri}{}", byte as char)
        }
        other => format!("{uri}%{other:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root_of_the_repository() {
        let forge = Forge { folder: "deploy/qdrant".to_owned() };
        assert_eq!(forge.path("values.yaml"), "deploy/qdrant/values.yaml");
        assert_eq!(forge.path("../shared/values.yaml"), "deploy/shared/values.yaml");
        assert_eq!(forge.path("../../values.yaml"), "values.yaml");
        assert_eq!(forge.path("../../../outside.yaml"), "../../../outside.yaml");
        assert_eq!(Forge::default().path("./a.yaml"), "a.yaml");
        assert_eq!(forge.path("/etc/a.yaml"), "/etc/a.yaml");
    }

    #[test]
    fn arguments_and_standard_input_are_no_files() {
        assert!(is_file("values.yaml"));
        assert!(!is_file("--set-json"));
        assert!(!is_file("<stdin>"));
    }
}
