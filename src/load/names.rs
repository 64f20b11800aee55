//! Names of files: as they are opened and as they are shown.

use std::path::{Component, Path, PathBuf};

/// Name of standard input, as shown.
pub(super) const STDIN: &str = "<stdin>";

/// The path below `cwd` without `.` and `..`, without asking the file system.
pub(super) fn absolute(cwd: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in cwd.join(path).components() {
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

/// The name people see: relative to `cwd`, `/` as separator, `../` outside it.
pub(super) fn shown(cwd: &Path, path: &Path) -> String {
    let common = cwd.components().zip(path.components()).take_while(|(left, right)| left == right).count();
    if common <= 1 && !path.starts_with(cwd) {
        return path.to_string_lossy().replace('\\', "/");
    }
    let up = cwd.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The folder of a shown name; empty for the working folder.
pub(super) fn folder(name: &str) -> String {
    name.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
}

/// The last part of a shown name.
pub(super) fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The file name without its extensions `.yaml`, `.yml`, `.json`.
pub(super) fn stem(name: &str) -> &str {
    let file = file_name(name);
    [".yaml", ".yml", ".json"].iter().find_map(|extension| file.strip_suffix(extension)).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_working_folder() {
        let cwd = Path::new("/srv/repo/app");
        for (path, name) in [
            ("/srv/repo/app/values.yaml", "values.yaml"),
            ("/srv/repo/app/a/b.yaml", "a/b.yaml"),
            ("/srv/repo/values.yaml", "../values.yaml"),
            ("/srv/other/x.yaml", "../../other/x.yaml"),
            ("/etc/x.yaml", "/etc/x.yaml"),
            ("/srv/repo/app", "."),
        ] {
            assert_eq!(shown(cwd, Path::new(path)), name);
        }
    }

    #[test]
    fn dots_are_resolved_without_the_file_system() {
        assert_eq!(absolute(Path::new("/a/b"), Path::new("../c/./d.yaml")), Path::new("/a/c/d.yaml"));
        assert_eq!(absolute(Path::new("/a"), Path::new("../../..")), Path::new("/"));
    }
}
