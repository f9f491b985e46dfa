//! The command line `braid`; see `braid --help`.

mod cli;

use std::io::Write;
use std::panic::catch_unwind;
use std::process::ExitCode;

use braid::Error;
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

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    // A panic becomes an error with its own message below; the default hook would print a second one.
    std::panic::set_hook(Box::new(|info| tracing::debug!("{info}")));
    let outcome = catch_unwind(|| cli::run(&cli)).unwrap_or_else(|payload| {
        let message = braid::panic_message(payload.as_ref());
        Err(Failure::from(Error::Internal(message)))
    });
    // Whoever closes our output early does not want the rest.
    let mut out = std::io::stdout();
    match outcome {
        Ok(answer) if cli.json => {
            let _ = writeln!(out, "{:#}", answer.json);
            ExitCode::from(braid::exit::DONE)
        }
        Ok(answer) => {
            let _ = write!(out, "{}", answer.text);
            ExitCode::from(braid::exit::DONE)
        }
        Err(failure) => {
            if cli.json {
                let _ = writeln!(out, "{:#}", failure.json());
            } else if let Some(answer) = &failure.answer {
                let _ = write!(out, "{}", answer.text);
            }
            let _ = write!(std::io::stderr(), "{}", failure.text());
            ExitCode::from(failure.error.exit_code())
        }
    }
}
