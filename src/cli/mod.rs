//! The command line: arguments in, an answer on stdout, progress and errors on stderr, an exit code.

pub mod args;
mod bars;
mod bench;
mod blocks;
mod cache;
mod execute;
mod input;
mod inspect;
mod kind;
mod other;
mod proof_files;
mod prove;
mod setup;
mod shell;
mod state;
mod stored;
mod verifier;
mod verify;
mod wrap;

use std::path::{Path, PathBuf};

use braid::progress::Progress;
use braid::{Error, Prover, Refused, read_file as read, write_file as write};
use serde_json::{Value, json};

use args::{Cli, Command, MachineArgs, ResourceArgs, WorkArgs};

/// Refusals that are named to people; machines get all.
const NAMED_REFUSALS: usize = 20;

/// How clap begins a line that says what may have been meant.
const TIP: &str = "tip:";

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
    pub error: Box<Error>,
    /// Where.
    pub file: Option<PathBuf>,
    /// What the command found out all the same.
    pub answer: Option<Box<Answer>>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            file: error.path().map(Path::to_owned),
            error: Box::new(error),
            answer: None,
        }
    }
}

/// Names the file that errors are about.
pub trait InFile<T> {
    /// Adds `path` to an error that is about what the file says. Others have nothing to do with it: a full disk, too little memory.
    fn in_file(self, path: &Path) -> core::result::Result<T, Failure>;

    /// Adds `path`, the folder of a state store, to an error.
    fn in_store(self, path: &Path) -> core::result::Result<T, Failure>;
}

impl<T, E: Into<Error>> InFile<T> for core::result::Result<T, E> {
    fn in_file(self, path: &Path) -> core::result::Result<T, Failure> {
        self.map_err(|error| {
            let error = error.into();
            match error.is_about_input() {
                true => Failure::about(error, path),
                false => error.into(),
            }
        })
    }

    fn in_store(self, path: &Path) -> core::result::Result<T, Failure> {
        self.map_err(|error| Failure::about(error.into(), path))
    }
}

/// A path as JSON has it: text, whatever the system's names are made of.
pub fn path_json(path: &Path) -> Value {
    json!(path.to_string_lossy())
}

/// A number of Ethereum's size as JSON has it: hex, as in Ethereum's JSON-RPC, since readers of JSON may round numbers from 2^53 on.
pub fn quantity(value: impl core::fmt::LowerHex) -> Value {
    json!(braid_text::quantity::text(value))
}

impl Failure {
    /// An error about a file.
    fn about(error: Error, path: &Path) -> Self {
        Self {
            file: Some(path.to_owned()),
            ..Self::from(error)
        }
    }

    /// What, where, and what to do.
    pub fn text(&self) -> String {
        let refused = braid::refused(&self.error);
        let mut text = match refused.as_slice() {
            [] | [_] => format!("error: {}\n", self.error),
            several => format!("error: {} refusals:\n", several.len()),
        };
        if refused.len() > 1 {
            text += &refused_text(&refused);
        }
        // Where the message names the file itself, that is enough.
        if let Some(file) = self.file.as_deref()
            && self.error.path() != Some(file)
        {
            text += &format!("  where: {}\n", file.display());
        }
        text += &format!("  what to do: {}\n", self.error.advice());
        text
    }

    /// The same for machines.
    pub fn fields(&self) -> Value {
        json!({
            "kind": self.error.kind(),
            "exitCode": self.error.exit_code(),
            "message": self.error.to_string(),
            "file": self.file.as_deref().map(path_json),
            "advice": self.error.advice(),
            "refused": braid::refused(&self.error),
        })
    }

    /// What machines get for an answer: the error, and what was found out all the same.
    pub fn json(&self) -> Value {
        let mut json = match &self.answer {
            Some(answer) => answer.json.clone(),
            None => json!({}),
        };
        json["ok"] = false.into();
        json["error"] = self.fields();
        json
    }
}

/// A line for each refusal, and its remedy where it is another one than the last.
pub fn refused_text(refused: &[Refused]) -> String {
    let mut text = String::new();
    let mut last = None;
    for one in refused.iter().take(NAMED_REFUSALS) {
        text += &format!("  {one}\n");
        if last != Some(&one.remedy) {
            text += &format!("    what to do: {}\n", one.remedy);
            last = Some(&one.remedy);
        }
    }
    let more = refused.len().saturating_sub(NAMED_REFUSALS);
    if more > 0 {
        text += &format!("  and {more} more, which --json names\n");
    }
    text
}

/// What is wrong with the words of a command line, with all that it names, in a line: what clap says up to the usage. Its tips are what to do.
pub fn usage_fault(error: &clap::Error) -> Error {
    use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand as NoCommand;
    if error.kind() == NoCommand {
        let what = "a command is missing".to_owned();
        return Error::Words { what, tip: None };
    }
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let lines = lines.take_while(|line| {
        let is_end = line.starts_with("Usage:") || line.starts_with("For more information");
        !is_end
    });
    let (tips, faults): (Vec<_>, Vec<_>) = lines
        .filter(|line| !line.is_empty())
        .partition(|line| line.starts_with(TIP));
    let tips: Vec<_> = tips
        .into_iter()
        .map(|line| line.trim_start_matches(TIP).trim())
        .collect();
    Error::Words {
        what: faults.join(" ").trim_start_matches("error: ").to_owned(),
        tip: (!tips.is_empty()).then(|| tips.join("; ")),
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
        Command::Prove(args) => prove::prove(args, quiet),
        Command::Verify(args) => verify::verify(args),
        Command::Wrap(args) => wrap::wrap(args, quiet),
        Command::Calldata(args) => wrap::calldata(args),
        Command::Setup(args) => setup::setup(args, quiet),
        Command::ExportVerifier(args) => verifier::export(args),
        Command::Inspect(args) => inspect::inspect(args, quiet),
        Command::Cache(command) => cache::run(command),
        Command::State(command) => state::run(command),
        Command::Bench(args::BenchCommand::Transfers(args)) => bench::transfers(args, quiet),
        Command::Bench(args::BenchCommand::Workload(args)) => bench::workload(args, quiet),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(args),
    }
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
    machine_builder(&args.machine, progress).shape(args.shape.shape)
}

/// A prover of whatever shapes, as the options about the machine say.
fn machine_builder(args: &MachineArgs, progress: impl Progress + 'static) -> braid::Builder {
    let builder = work_builder(&args.work, progress);
    match args.cache_dir.clone().or_else(default_cache_dir) {
        Some(folder) => builder.cache_dir(folder),
        None => builder,
    }
}

/// A prover that is asked for no circuits.
fn work_builder(args: &WorkArgs, progress: impl Progress + 'static) -> braid::Builder {
    let mut builder = Prover::builder().progress(progress);
    if let Some(threads) = args.threads {
        builder = builder.threads(threads.into());
    }
    if let Some(bytes) = args.max_memory {
        builder = builder.max_memory(bytes);
    }
    builder
}
