//! The command line `braid`; see `braid --help`.

mod cli;
mod signals;

use std::io::Write;
use std::panic::catch_unwind;
use std::process::ExitCode;

use braid::{Error, Fault};
use clap::Parser;

use cli::Failure;
use cli::args::Cli;

/// Execution allocates for every transaction; this allocator takes a third off its time (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Diagnostics for developers: `BRAID_LOG=debug braid ...`.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("BRAID_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Writes an answer. Whoever closes our output early does not want the rest; any other failure makes the exit code a failure's.
fn say(text: &str, code: u8) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let text = "error: the answer cannot be written to stdout";
            let advice =
                "what to do: make room where stdout goes to; what the command has done stays done";
            let _ = writeln!(std::io::stderr(), "{text}: {error}\n  {advice}");
            ExitCode::from(Fault::Machine.exit_code())
        }
        _ => ExitCode::from(code),
    }
}

/// Words that are no command: what is wrong with them, or the help that they ask for.
fn no_command(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return say(&error.render().to_string(), braid::exit::DONE);
    }
    let _ = error.print();
    let asks_for_json = std::env::args_os().any(|word| word == "--json");
    let failure = Failure::from(cli::usage_fault(error));
    match asks_for_json {
        true => say(&format!("{:#}\n", failure.json()), braid::exit::USAGE),
        false => ExitCode::from(braid::exit::USAGE),
    }
}

fn main() -> ExitCode {
    signals::end_first_process();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return no_command(&error),
    };
    start_log();
    // A panic becomes an error with its own message below; the default hook would print a second one.
    std::panic::set_hook(Box::new(|info| tracing::debug!("{info}")));
    let outcome = catch_unwind(|| cli::run(&cli)).unwrap_or_else(|payload| {
        let message = braid::panic_message(payload.as_ref());
        Err(Failure::from(Error::Internal(message)))
    });
    match outcome {
        Ok(answer) if cli.json => say(&format!("{:#}\n", answer.json), braid::exit::DONE),
        Ok(answer) => say(&answer.text, braid::exit::DONE),
        Err(failure) => {
            let _ = write!(std::io::stderr(), "{}", failure.text());
            let code = failure.error.exit_code();
            match (cli.json, &failure.answer) {
                (true, _) => say(&format!("{:#}\n", failure.json()), code),
                (false, Some(answer)) => say(&answer.text, code),
                (false, None) => ExitCode::from(code),
            }
        }
    }
}
