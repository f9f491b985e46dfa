//! Measures the execution of blocks, in parallel and with plain revm on one core, in turns on the same blocks in one process:
//!
//! ```text
//! cargo bench -p braid-witness --bench execution -- --workers 1,2 --runs 7 --json execution.json
//! ```
//!
//! A second table has witness generation as a whole. All blocks are in memory, senders are recovered, and revm's form of the transactions is made beforehand. What is printed are medians; a ratio is
//! the median of the ratios of neighbouring runs, so that a machine that is slow for a while slows both sides.

mod engine;
mod process;
mod recovery;
mod report;
mod witness;

/// As the command line has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::path::PathBuf;

use braid_witness::workload::{Preset, generate};
use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use engine::{Engine, Prepared, engines};
use report::{Measured, Report};
use witness::Witness;

#[derive(Parser)]
struct Arguments {
    /// Transactions of each block [default: by workload, so that a run takes less than a second]
    #[arg(long, value_name = "NUMBER")]
    count: Option<usize>,
    /// Only these workloads
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = presets())]
    only: Vec<Preset>,
    /// Workers of the parallel executor, one column for each number
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        default_value = "1,2"
    )]
    workers: Vec<usize>,
    /// Runs of each side, after one that does not count
    #[arg(long, value_name = "NUMBER", default_value_t = 7)]
    runs: usize,
    /// Leave execution with traces out
    #[arg(long)]
    no_traces: bool,
    /// Leave sender recovery out
    #[arg(long)]
    no_recovery: bool,
    /// Chooses keys and amounts
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Also write the figures as JSON, every single run included
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// Reads the name of a workload.
fn presets() -> impl TypedValueParser<Value = Preset> {
    let names = PossibleValuesParser::new(Preset::ALL.map(Preset::name));
    names.try_map(|name| name.parse::<Preset>())
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A block of about half a second.
const fn default_count(preset: Preset) -> usize {
    match preset {
        Preset::Transfers | Preset::TransfersToOne | Preset::Payout => 50_000,
        Preset::Erc20
        | Preset::Erc20ToOne
        | Preset::Erc20Payout
        | Preset::MintRush
        | Preset::Mixed => 20_000,
        Preset::Swaps
        | Preset::SwapsOnePool
        | Preset::Market
        | Preset::Lending
        | Preset::Staking
        | Preset::Game
        | Preset::Options
        | Preset::Defi => 5_000,
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let presets = match arguments.only.as_slice() {
        [] => Preset::ALL.to_vec(),
        only => only.to_vec(),
    };
    let mut reports = Vec::new();
    let mut witnesses = Vec::new();
    println!("{}", Report::heading());
    for preset in presets {
        let count = arguments.count.unwrap_or(default_count(preset));
        let workload = generate(&preset.config(count, arguments.seed))?;
        let prepared = Prepared::new(preset.name(), workload)?;
        let report = measure(preset, &prepared, &arguments)?;
        print!("{report}");
        reports.push(report);
        for workers in arguments.workers.iter().filter(|_| !arguments.no_traces) {
            witnesses.push(witness::measure(&prepared, *workers, arguments.runs)?);
        }
    }
    if !witnesses.is_empty() {
        println!("{}", Witness::heading());
    }
    for witness in &witnesses {
        print!("{witness}");
    }
    let count = arguments.count.unwrap_or(4_000);
    let recovery = match arguments.no_recovery {
        true => None,
        false => Some(recovery::measure(count, arguments.seed, arguments.runs)?),
    };
    if let Some(recovery) = &recovery {
        print!("{recovery}");
    }
    if let Some(path) = &arguments.json {
        let figures = serde_json::json!({
            "workloads": reports,
            "witness": witnesses,
            "recovery": recovery,
        });
        std::fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    Ok(())
}

/// Runs all sides in turns.
fn measure(preset: Preset, prepared: &Prepared, arguments: &Arguments) -> Result<Report, Failure> {
    let mut sides: Vec<(Engine, Measured)> = engines(&arguments.workers)?
        .into_iter()
        .map(|engine| (engine, Measured::default()))
        .collect();
    let mut gas = None;
    // The first round fills caches and the allocator's pools.
    for round in 0..=arguments.runs {
        for (engine, measured) in &mut sides {
            process::forget_peak();
            let before = process::resident();
            let run = engine.run(prepared)?;
            if run.gas != *gas.get_or_insert(run.gas) {
                return Err(format!("{}: sides disagree about gas", preset.name()).into());
            }
            let peak = process::peak().saturating_sub(before);
            if round > 0 {
                measured.add(run, peak);
            }
        }
    }
    let sides = sides
        .into_iter()
        .map(|(engine, measured)| (engine.name(), measured));
    Ok(Report::new(
        preset,
        prepared.workload.transactions.len(),
        sides.collect(),
    ))
}
