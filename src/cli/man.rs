//! `qdrant-lint man`: manual pages from the same definition as `--help`.

use std::path::Path;

use clap::CommandFactory as _;

use super::args::Cli;
use super::output::{self, Failure};

/// Prints the page of the command itself, or writes a page for it and for each of its commands.
pub(super) fn run(folder: Option<&Path>) -> Result<u8, Failure> {
    let mut command = Cli::command();
    command.build();
    let failed = |error: std::io::Error| Failure::new(format!("the manual cannot be written: {error}"));
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(failed)?;
        output::print(&String::from_utf8_lossy(&page));
        return Ok(0);
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut pages = vec![("qdrant-lint".to_owned(), command.clone())];
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("qdrant-lint-{}", sub.get_name());
        pages.push((name.clone(), sub.clone().display_name(name)));
    }
    for (name, command) in pages {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(failed)?;
        std::fs::write(folder.join(format!("{name}.1")), page).map_err(failed)?;
    }
    Ok(0)
}
