//! The command line: arguments in, an answer on stdout, progress and errors on stderr, an exit code.

pub mod args;
mod bars;
mod bench;
mod blocks;
mod execute;
mod inspect;
mod proofs;
mod shell;
mod state;
mod stored;
mod verifier;

use std::path::{Path, PathBuf};

use braid::progress::Progress;
use braid::{Access, Error, Prover, Result};
use serde_json::{Value, json};

use args::{Cli, Command, ResourceArgs};

/// Most bytes of any file that is read.
const MAX_FILE: u64 = 512 << 20;

/// What a command answers, for people and for machines.
pub struct Answer {
    /// Lines for people.
    pub text: String,
    /// The same for machines.
    pub json: Value,
}

/// A failure, and the file that it is about.
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// Where.
    pub file: Option<PathBuf>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, file: None }
    }
}

/// Names the file that errors are about.
pub trait InFile<T> {
    /// Adds `path` to an error.
    fn in_file(self, path: &Path) -> core::result::Result<T, Failure>;
}

impl<T, E: Into<Error>> InFile<T> for core::result::Result<T, E> {
    fn in_file(self, path: &Path) -> core::result::Result<T, Failure> {
        self.map_err(|error| Failure {
            error: error.into(),
            file: Some(path.to_owned()),
        })
    }
}

impl Failure {
    /// What, where, and what to do.
    pub fn text(&self) -> String {
        let mut text = format!("error: {}\n", self.error);
        if let Some(file) = &self.file {
            text += &format!("  where: {}\n", file.display());
        }
        text += &format!("  what to do: {}\n", self.error.advice());
        text
    }

    /// The same for machines.
    pub fn json(&self) -> Value {
        json!({
            "ok": false,
            "error": {
                "kind": self.error.kind(),
                "exitCode": self.error.exit_code(),
                "message": self.error.to_string(),
                "file": self.file,
                "advice": self.error.advice(),
            },
        })
    }
}

/// What a command gives.
pub type Outcome = core::result::Result<Answer, Failure>;

/// Runs a command.
///
/// # Errors
/// What went wrong, with the file that it is about.
pub fn run(cli: &Cli) -> Outcome {
    let quiet = cli.quiet;
    match &cli.command {
        Command::Execute(args) => execute::execute(args, quiet),
        Command::Check(args) => blocks::check(args, quiet),
        Command::Import(args) => blocks::import(args),
        Command::Prove(args) => proofs::prove(args, quiet),
        Command::Verify(args) => proofs::verify(args),
        Command::Setup(args) => proofs::setup(args, quiet),
        Command::ExportVerifier(args) => verifier::export(args),
        Command::Inspect(args) => inspect::inspect(args),
        Command::State(command) => state::run(command),
        Command::Bench(args::BenchCommand::Transfers(args)) => bench::transfers(args, quiet),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(args),
    }
}

/// Reads a file that the user named.
fn read(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let fault = |source| Error::File {
        access: Access::Read,
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fault)?;
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// Writes a file so that it is there as a whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    braid::write_file(path, bytes)
}

/// Where circuits are kept when nobody says.
fn default_cache_dir() -> Option<PathBuf> {
    let variable = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        Some(PathBuf::from(value))
    };
    variable("BRAID_CACHE_DIR").or_else(|| {
        let home = || variable("HOME").map(|home| home.join(".cache"));
        let cache = variable("XDG_CACHE_HOME").or_else(home);
        cache.map(|folder| folder.join("braid"))
    })
}

/// A prover as the options say.
fn builder(args: &ResourceArgs, progress: impl Progress + 'static) -> braid::Builder {
    let mut builder = Prover::builder().shape(args.shape).progress(progress);
    if let Some(threads) = args.threads {
        builder = builder.threads(threads.into());
    }
    if let Some(bytes) = args.max_memory {
        builder = builder.max_memory(bytes);
    }
    if let Some(folder) = args.cache_dir.clone().or_else(default_cache_dir) {
        builder = builder.cache_dir(folder);
    }
    builder
}
