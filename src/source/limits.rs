//! Bounds on what one text may cost. They grow with `--max-input`, so that one flag raises them all.

/// The default of `--max-input`, in bytes: 64 MiB.
pub const DEFAULT_INPUT_BYTES: u64 = 64 << 20;

const DEFAULT_DEPTH: u64 = 1_000;
/// Trees are dropped and turned into JSON by recursion, at up to 700 bytes of stack a level (1.3 KiB
/// unoptimised): this many levels take half of the 8 MiB that threads have.
const DEEPEST: usize = 5_000;
const DEFAULT_DOCUMENTS: u64 = 100_000;
const DEFAULT_NODES: u64 = 5_000_000;

/// What one text may cost its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Collections inside one another, aliases followed.
    pub depth: usize,
    /// Documents in one stream.
    pub documents: usize,
    /// Values and comments in one stream, counted as if every alias were written out.
    pub expanded_nodes: usize,
}

impl Limits {
    /// The bounds for texts of at most this many bytes. A smaller input than the default lowers
    /// only the bound on bytes: the others already follow from it.
    pub fn for_input(max_input_bytes: u64) -> Self {
        let bytes = max_input_bytes.min(u64::from(u32::MAX) - 1);
        let scaled = |default: u64| {
            let grown = default * bytes.max(DEFAULT_INPUT_BYTES) / DEFAULT_INPUT_BYTES;
            usize::try_from(grown).unwrap_or(usize::MAX)
        };
        Self {
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
            depth: scaled(DEFAULT_DEPTH).min(DEEPEST),
            documents: scaled(DEFAULT_DOCUMENTS),
            expanded_nodes: scaled(DEFAULT_NODES),
        }
    }

    /// Comment lines in a row; where a list may follow them the parser holds them all in memory.
    pub(super) fn comments_in_a_row(&self) -> usize {
        self.documents
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::for_input(DEFAULT_INPUT_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_input_raises_every_bound() {
        let twice = Limits::for_input(2 * DEFAULT_INPUT_BYTES);
        assert_eq!(twice, Limits { bytes: 128 << 20, depth: 2_000, documents: 200_000, expanded_nodes: 10_000_000 });
    }

    #[test]
    fn depth_stops_where_stacks_do() {
        assert_eq!(Limits::for_input(u64::MAX).depth, 5_000);
    }

    #[test]
    fn a_smaller_input_keeps_room_for_deep_objects() {
        assert_eq!(Limits::for_input(1_000), Limits { bytes: 1_000, ..Limits::default() });
    }
}
