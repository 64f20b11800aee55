//! Rego: rules with their metadata, and what they say of a facts document. Knows nothing of files, spans or reports.

mod bare;
pub mod controls;
pub mod engine;
pub mod eval;
pub mod evaluators;
mod excerpt;
pub mod interpreter;
pub mod memo;
pub mod metadata;
mod reads;
mod recursion;
pub mod registry;
pub mod rule;

pub use eval::{Outcome, RawFinding, SkipKind, Verdict};
pub use evaluators::Evaluators;
pub use registry::Registry;
pub use rule::{Consequence, Profile, Rule, Severity};

/// Why a policy cannot be used. All but `Engine` are the policy author's to mend.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PolicyError {
    /// The METADATA block is missing or wrong.
    #[error("{file}:{line}: {message}")]
    Metadata {
        /// File of the policy.
        file: String,
        /// 1-based line.
        line: usize,
        /// What is wrong and what to write.
        message: String,
    },
    /// Two files give the same rule id.
    #[error("{file}: a rule called `{id}` exists already; rename the file")]
    Duplicate {
        /// File of the second one.
        file: String,
        /// The id.
        id: String,
    },
    /// The Rego does not compile.
    #[error("{file}: {message}")]
    Compile {
        /// File of the policy.
        file: String,
        /// The compiler's words, with line and column.
        message: String,
    },
    /// The Rego is wrong at a known line.
    #[error("{file}:{line}: {message}")]
    Broken {
        /// File of the policy.
        file: String,
        /// 1-based line.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The Rego is nested too deep or too large to be read in bounded time.
    #[error("{file}:{line}: {message}")]
    TooComplex {
        /// File of the policy.
        file: String,
        /// 1-based line.
        line: usize,
        /// The bound.
        message: String,
    },
    /// Evaluation of a rule failed or ran out of its time.
    #[error("rule `{rule}`: {message}")]
    Evaluation {
        /// The rule's id.
        rule: String,
        /// What happened.
        message: String,
    },
    /// A rule returned something else than findings.
    #[error(
        "rule `{rule}` returned {what}; every finding needs `\"at\": [...]` (the path of a fact) and `\"message\"`"
    )]
    Contract {
        /// The rule's id.
        rule: String,
        /// What it returned.
        what: String,
    },
    /// A policy folder cannot be read.
    #[error("policy folder `{folder}`: {message}")]
    Folder {
        /// The folder.
        folder: String,
        /// The system's words.
        message: String,
    },
}

impl PolicyError {
    /// Likewise, with the file as people see it.
    fn in_file(self, shown: &str) -> Self {
        match self {
            Self::Metadata { line, message, .. } => Self::Metadata { file: shown.to_owned(), line, message },
            other => other,
        }
    }
}
