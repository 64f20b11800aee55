//! The command line: arguments, files, standard streams, exit codes. Everything below it is free of them.

mod args;
#[cfg(feature = "live")]
mod audit;
mod check;
mod explain;
mod facts;
mod fix;
mod formats;
mod govern;
mod init;
mod man;
mod matrix;
mod output;
mod plan;
mod plugin;
mod reach;
mod rules;
#[cfg(feature = "webhook")]
mod serve;
mod session;
mod simulate;
mod test;
mod views;

use std::process::ExitCode;

use clap::FromArgMatches as _;

use args::{Cli, Command};

/// Exit code when something could not be judged.
const COULD_NOT_JUDGE: u8 = 2;

/// Parses the arguments, runs the command, reports errors. Exit codes: 0 clean, 1 findings, 2 could not judge.
pub fn run() -> ExitCode {
    let (command, arguments) = plugin::called(std::env::args_os().collect());
    let cli = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { COULD_NOT_JUDGE } else { 0 };
            // nobody reads when the stream is closed
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    // deep documents are walked recursively; a thread of our own has room for the deepest that is let in
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(move || dispatch(cli));
    let result = worker
        .map_err(|error| error.to_string())
        .and_then(|worker| worker.join().map_err(|_| "internal error".to_owned()));
    match result {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            output::error(&error);
            ExitCode::from(COULD_NOT_JUDGE)
        }
        Err(message) => {
            output::error(&output::Failure::new(message));
            ExitCode::from(COULD_NOT_JUDGE)
        }
    }
}

/// Bytes of stack; only what is used is backed by memory.
const STACK: usize = 256 << 20;

fn dispatch(cli: Cli) -> Result<u8, output::Failure> {
    match cli.command {
        Command::Check(arguments) => check::run(&arguments, &cli.global),
        Command::Fix(arguments) => fix::run(&arguments, &cli.global),
        Command::Init(arguments) => init::run(&arguments, &cli.global),
        Command::Man { dir } => man::run(dir.as_deref()),
        #[cfg(feature = "live")]
        Command::Audit(arguments) => audit::run(&arguments, &cli.global),
        Command::Facts(arguments) => facts::run(&arguments, &cli.global),
        #[cfg(feature = "webhook")]
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Reach(arguments) => reach::run(&arguments, &cli.global),
        Command::Simulate(arguments) => simulate::run(&arguments, &cli.global),
        Command::Test(arguments) => test::run(&arguments, &cli.global),
        Command::Rules(arguments) => rules::run(&arguments, &cli.global),
        Command::Explain(arguments) => explain::run(&arguments, &cli.global),
        Command::Completions { shell } => {
            output::completions(shell);
            Ok(0)
        }
    }
}
