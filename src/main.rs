//! The `qdrant-lint` command.

fn main() -> std::process::ExitCode {
    qdrant_lint::cli::run()
}
