//! Files are replaced as a whole: a reader sees the old text or the new one, never a part.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Someone else edited it while it was judged.
    #[error("`{0}` has changed since it was read, so it is left alone")]
    Changed(String),
    /// The file system refuses.
    #[error("`{name}` cannot be written: {source}")]
    Io {
        /// As shown.
        name: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Why a file must not be edited: it lies outside the folder, whatever its name says.
pub fn forbidden(folder: &Path, name: &str) -> Option<String> {
    let (Ok(folder), Ok(real)) = (fs::canonicalize(folder), fs::canonicalize(folder.join(name))) else {
        return Some(format!("{name} is no file that can be written"));
    };
    if !real.starts_with(&folder) {
        return Some(format!("{name} lies outside the working folder; run `fix` there"));
    }
    let is_template = real.extension().is_some_and(|extension| extension == "tpl" || extension == "gotmpl");
    let in_chart = real.ancestors().skip(1).any(|above| {
        above.file_name().is_some_and(|name| name == "templates") && above.with_file_name("Chart.yaml").exists()
    });
    (is_template || in_chart).then(|| format!("{name} is a template: what it renders is not known here"))
}

/// Replaces `before` by `after`; the byte order mark and the permissions stay.
pub fn replace(folder: &Path, name: &str, before: &str, after: &str) -> Result<(), WriteError> {
    let io = |source| WriteError::Io { name: name.to_owned(), source };
    let path = fs::canonicalize(folder.join(name)).map_err(io)?;
    let bytes = fs::read(&path).map_err(io)?;
    let text = bytes.strip_prefix(MARK).unwrap_or(&bytes);
    if text != before.as_bytes() {
        return Err(WriteError::Changed(name.to_owned()));
    }
    let permissions = fs::metadata(&path).map_err(io)?.permissions();
    let beside = beside(&path);
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        if text.len() < bytes.len() {
            file.write_all(MARK)?;
        }
        file.write_all(after.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    write().map_err(|error| {
        // what cannot be put in place is not left lying about
        let _ = fs::remove_file(&beside);
        io(error)
    })
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.qdrant-lint-{}", std::process::id()))
}
