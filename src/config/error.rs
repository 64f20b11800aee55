//! What is wrong with a configuration, at its line.

/// What is wrong with a configuration; the user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// File as shown.
    pub file: String,
    /// 1-based; 0 when the file could not be read.
    pub line: usize,
    /// 1-based.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}
