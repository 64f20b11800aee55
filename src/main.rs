//! The `qdrant-lint` command.

fn main() {}
