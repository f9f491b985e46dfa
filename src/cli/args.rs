//! What can be typed.

mod fold;
mod resources;

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use braid::workload::Preset;
use braid::{Rules, ShapeChoice};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

pub use resources::{MachineArgs, ResourceArgs, ShapeArg, WorkArgs};

/// Proves blocks of signed Ethereum transactions and verifies such proofs.
///
/// Exit codes: 0 done, 1 fault of the machine or of the program, 2 usage, 3 malformed input, 4 invalid block, 5 not provable yet, 6 invalid proof,
/// 7 wrong verifying key, 8 would not fit in memory.
#[derive(Debug, Parser)]
#[command(name = "braid", version, max_term_width = 100)]
pub struct Cli {
    /// Answer on stdout with one JSON object, for machines
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Execute a block file in parallel and say what it does, without proving anything
    Execute(ExecuteArgs),
    /// Prove a block file
    Prove(ProveArgs),
    /// Verify proofs: every file has its verdict
    ///
    /// With several files the exit code is the worst of theirs: 6 invalid proof, then 7 wrong key, 3 malformed, 2 usage (such as a file that is not there),
    /// 1 fault of the machine or of the program.
    Verify(VerifyArgs),
    /// Wrap a finished proof for the EVM
    Wrap(WrapArgs),
    /// Write the calls of the verifier and rollup contracts for a wrapped proof and its block file
    Calldata(CalldataArgs),
    /// Check every constraint of every table on a block file, without proving anything
    Check(CheckArgs),
    /// Build all circuits, keep them in the cache and print their keys
    Setup(SetupArgs),
    /// Write the part of the verifier contract that depends on the verifying key (WrapKey.sol)
    ExportVerifier(ExportVerifierArgs),
    /// Show what a file holds, of every kind that Braid writes, or the tables, or the bits of security of every layer
    Inspect(InspectArgs),
    /// Make a block file from a folder of geth's t8n tool or a state test of ethereum/tests
    Import(ImportArgs),
    /// Built circuits on the disk
    #[command(subcommand)]
    Cache(super::cache::CacheCommand),
    /// The state across blocks, in a folder
    #[command(subcommand)]
    State(super::state::StateCommand),
    /// Measure
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Print a script that makes a shell complete this command line
    Completions(super::shell::CompletionsArgs),
    /// Write manual pages
    Man(super::shell::ManArgs),
}

/// `braid execute`.
#[derive(Debug, Args)]
pub struct ExecuteArgs {
    /// Block file (JSON)
    pub block: PathBuf,
    /// Workers that execute at the same time [default: one a core]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Also execute in turns with sequential revm, five times each, and say how much faster parallel execution is at its fastest
    #[arg(long)]
    pub compare: bool,
    /// Write the execution traces of each block's transactions into a folder of this folder: JSON lines for people, bincode for machines
    #[arg(long, value_name = "FOLDER")]
    pub trace: Option<PathBuf>,
    /// Leave out steps.jsonl, by far the largest file of the traces; traces.bin holds the steps all the same
    #[arg(long, requires = "trace")]
    pub no_steps: bool,
    /// Write a page that shows what each worker did when
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    /// Execute on the state in this folder and add the blocks to it (see state init), from the first that is not there yet; the file's alloc must be empty or
    /// the state after its parent block
    #[arg(long, value_name = "FOLDER", conflicts_with = "compare")]
    pub state_dir: Option<PathBuf>,
}

/// `braid export-verifier`.
#[derive(Debug, Args)]
pub struct ExportVerifierArgs {
    /// Folder that the file is written to, such as verifier-contract/src/generated
    #[arg(long, short, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Another wrap key than the one of this build
    #[arg(long, value_name = "FILE", requires = "key_hash")]
    pub key: Option<PathBuf>,
    /// The hash that the other key must have
    #[arg(long, value_name = "HASH", requires = "key", value_parser = braid_text::hash)]
    pub key_hash: Option<B256>,
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// Execute and fill the tables
    #[value(alias = "trace")]
    Tables,
    /// Prove every chunk and keep the proofs in the job folder
    Chunk,
    /// Fold all into one proof
    Aggregate,
    /// Also wrap that proof for the EVM
    Wrap,
}

/// `braid prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// Block file (JSON)
    pub block: PathBuf,
    /// Prove on the state in this folder, which must keep the state after the file's parent block and stays as it is (see state init); the file's alloc must be
    /// empty or that state
    #[arg(long, value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,
    /// Where the proof goes; the ending .bin chooses the binary form [default: NAME.proof.json in the current folder]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How far to go
    #[arg(long, value_enum, default_value = "wrap")]
    pub until: Until,
    /// Also write the calls of the verifier and rollup contracts, as eth_call takes them, to this file (JSON)
    #[arg(long, value_name = "FILE")]
    pub calldata: Option<PathBuf>,
    /// Who is called.
    #[command(flatten)]
    pub contracts: ContractArgs,
    /// Use the proofs that an earlier run left in the job folder
    #[arg(long)]
    pub resume: bool,
    /// Where finished proofs are kept while others are made [default: the proof's name with .job, removed at the end]
    #[arg(long, value_name = "FOLDER")]
    pub job_dir: Option<PathBuf>,
    /// Resources.
    #[command(flatten)]
    pub resources: ResourceArgs,
}

/// Whom calls are sent to.
#[derive(Debug, Args)]
pub struct ContractArgs {
    /// Address of the verifier contract, for the calls
    #[arg(long, value_name = "ADDRESS", value_parser = braid_text::address)]
    pub verifier: Option<Address>,
    /// Address of the rollup contract, for the calls
    #[arg(long, value_name = "ADDRESS", value_parser = braid_text::address)]
    pub rollup: Option<Address>,
}

/// `braid wrap`.
#[derive(Debug, Args)]
pub struct WrapArgs {
    /// A final proof (JSON or binary) under the key built in
    pub proof: PathBuf,
    /// Where the wrapped proof goes [default: NAME.wrapped.json beside the proof]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What of the machine it may use.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// `braid calldata`.
#[derive(Debug, Args)]
pub struct CalldataArgs {
    /// A wrapped proof (see prove and wrap)
    pub proof: PathBuf,
    /// The block file that it proves
    pub block: PathBuf,
    /// Where the calls go, as eth_call takes them (JSON) [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Execute on the state in this folder, as prove does
    #[arg(long, value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,
    /// Who is called.
    #[command(flatten)]
    pub contracts: ContractArgs,
}

/// `braid verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Proof files (JSON or binary), wrapped or not; /dev/stdin and other pipes will do
    #[arg(required = true)]
    pub proofs: Vec<PathBuf>,
    /// Key file to verify with instead of the one built in: of final proofs (see setup --key-out), or of wrapped ones; refused if none of the proofs is of its kind
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Hash of the key that each file must be verified under: final and wrapped proofs have keys of their own
    #[arg(long, value_name = "HASH", value_parser = braid_text::hash)]
    pub key_hash: Option<B256>,
}

/// `braid check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Block file (JSON)
    pub block: PathBuf,
    /// Execute on the state in this folder, which must keep the state after the file's parent block and stays as it is (see state init); the file's alloc must be
    /// empty or that state
    #[arg(long, value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,
    /// Size of the chunks.
    #[command(flatten)]
    pub shape: ShapeArg,
    /// What of the machine it may use.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// `braid setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// Also write the final verifying key to this file
    #[arg(long, value_name = "FILE")]
    pub key_out: Option<PathBuf>,
    /// Build all keys anew instead of taking those that come with the program, and write them to this file
    #[arg(long, value_name = "FILE")]
    pub circuit_keys_out: Option<PathBuf>,
    /// What of the machine it may use.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// `braid inspect`.
#[derive(Debug, Args)]
#[group(skip)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["file", "tables", "security"]))]
pub struct InspectArgs {
    /// A file that Braid writes, of any kind, or a state folder
    pub file: Option<PathBuf>,
    /// The tables: columns, constraints, messages, heights in each shape; with a block file the rows that it uses of each
    #[arg(long)]
    pub tables: bool,
    /// Bits of security of every layer, proven and conjectured
    #[arg(long, conflicts_with_all = ["file", "tables"])]
    pub security: bool,
    /// Size of the chunks, with --tables and a block file
    #[arg(long, value_name = "SIZE", default_value = "auto", value_parser = resources::shape(), requires_all = ["file", "tables"])]
    pub shape: ShapeChoice,
}

/// `braid import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A folder with alloc.json, env.json and txs.json or txs.rlp, or the JSON file of a state test
    pub source: PathBuf,
    /// Where the block file goes
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// Chain id, decimal or 0x and hex [default: 1 for t8n folders, which name none; state tests say theirs]
    #[arg(long, value_name = "NUMBER", value_parser = braid_text::number64)]
    pub chain_id: Option<u64>,
    /// Rules by which the block is executed: cancun, prague or osaka [default: those of the test's fork; osaka for t8n folders, which name none]
    #[arg(long, value_name = "NAME", value_parser = rules())]
    pub rules: Option<Rules>,
    /// Name of the test, if the file holds several
    #[arg(long, value_name = "NAME")]
    pub test: Option<String>,
    /// Which case of the test, such as d0g0v0, if it has several
    #[arg(long, value_name = "CASE")]
    pub variant: Option<String>,
}

/// `braid bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Prove a block of transfers and say how long each stage takes
    Transfers(BenchArgs),
    /// Prove a block of one of the workloads and say how long each stage takes
    Workload(WorkloadBenchArgs),
}

/// `braid bench workload`.
#[derive(Debug, Args)]
pub struct WorkloadBenchArgs {
    /// What the transactions do
    #[arg(value_name = "NAME", value_parser = workloads())]
    pub workload: Preset,
    /// How much and how far.
    #[command(flatten)]
    pub bench: BenchArgs,
}

/// Reads the name of a workload.
fn workloads() -> impl TypedValueParser<Value = Preset> {
    let names = PossibleValuesParser::new(Preset::ALL.map(Preset::name));
    names.try_map(|name| name.parse::<Preset>())
}

/// `braid bench transfers`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// How many transactions
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub count: u32,
    /// Chooses the accounts and amounts
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Rules by which the block is executed
    #[arg(long, value_name = "NAME", default_value_t = NEWEST_RULES, value_parser = rules())]
    pub rules: Rules,
    /// How far to go
    #[arg(long, value_enum, default_value = "aggregate")]
    pub until: Until,
    /// Resources.
    #[command(flatten)]
    pub resources: ResourceArgs,
}

/// The rules of new block files where nobody says otherwise.
pub const NEWEST_RULES: Rules = Rules::Osaka;

/// Reads the name of a chain's rules.
fn rules() -> impl TypedValueParser<Value = Rules> {
    PossibleValuesParser::new(Rules::ALL.map(Rules::name)).try_map(|name| name.parse::<Rules>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
