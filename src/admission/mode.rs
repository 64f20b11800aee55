//! What a verdict does: deny, warn, be recorded, nothing. A cap for the whole webhook, and a label on each namespace.

use std::fmt;
use std::str::FromStr;

/// Label of namespaces.
pub const LABEL: &str = "qdrant-lint.dev/admission";

/// What a verdict does. Ordered: a cap lets no more happen than itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Mode {
    /// Nothing is judged.
    Off,
    /// Allowed; only metrics and the audit log of the API server know.
    Audit,
    /// Allowed; the user is warned.
    #[default]
    Warn,
    /// Findings at or above the threshold deny, the others warn.
    Enforce,
}

impl Mode {
    /// The word of the flag and of the label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }

    /// The mode in a namespace. `label` is its label; none = it has none. A word that is none of ours warns: a typing
    /// error must not turn the webhook off, and must not deny either.
    pub fn in_namespace(self, label: Option<&str>) -> Self {
        self.min(label.map_or(Self::Warn, |word| word.parse().unwrap_or(Self::Warn)))
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Off, Self::Audit, Self::Warn, Self::Enforce].into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_is_the_most_and_the_label_may_only_lower_it() {
        assert_eq!(Mode::Enforce.in_namespace(Some("enforce")), Mode::Enforce);
        assert_eq!(Mode::Warn.in_namespace(Some("enforce")), Mode::Warn);
        assert_eq!(Mode::Enforce.in_namespace(Some("off")), Mode::Off);
        assert_eq!(Mode::Enforce.in_namespace(None), Mode::Warn);
        assert_eq!(Mode::Enforce.in_namespace(Some("Enforced")), Mode::Warn);
    }
}
