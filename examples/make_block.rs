//! Signs transactions and writes a block file, of transfers in all their forms or of one of the workloads that execution is measured with:
//!
//! ```text
//! cargo run --release --example make_block -- block.json --seed 7 --count 20 --blocks 2
//! cargo run --release --example make_block -- swaps.json --workload swaps --count 1000 --rules prague
//! cargo run --release --example make_block -- defi.json --workload defi --count 24
//! ```
//!
//! The same seed and numbers give the same file everywhere. The keys are computed from the seed: for samples only.

use std::path::PathBuf;

use braid::Rules;
use braid::sample::{SampleConfig, sample};
use braid::workload::{Preset, WorkloadConfig, generate};
use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};

#[derive(Parser)]
struct Arguments {
    /// Where the block file goes
    out: PathBuf,
    /// Chooses keys, amounts and recipients
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many transactions
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    count: u32,
    /// How many blocks they are spread over
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4_096))]
    blocks: u32,
    /// What the transactions do, in one block [default: transfers in all their forms]
    #[arg(long, value_name = "NAME", conflicts_with = "blocks", value_parser = presets())]
    workload: Option<Preset>,
    /// Rules by which the blocks are executed
    #[arg(long, value_name = "NAME", default_value_t = Rules::Osaka, value_parser = rules())]
    rules: Rules,
}

/// Reads the name of a chain's rules.
fn rules() -> impl TypedValueParser<Value = Rules> {
    PossibleValuesParser::new(Rules::ALL.map(Rules::name)).try_map(|name| name.parse::<Rules>())
}

/// Reads the name of a workload.
fn presets() -> impl TypedValueParser<Value = Preset> {
    let names = PossibleValuesParser::new(Preset::ALL.map(Preset::name));
    names.try_map(|name| name.parse::<Preset>())
}

fn main() -> Result<(), braid::Error> {
    let arguments = Arguments::parse();
    let count = arguments.count as usize;
    let file = match arguments.workload {
        Some(preset) => {
            let config = WorkloadConfig {
                rules: arguments.rules,
                ..preset.config(count, arguments.seed)
            };
            generate(&config)?.file
        }
        None => sample(&SampleConfig {
            blocks: arguments.blocks as usize,
            rules: arguments.rules,
            ..SampleConfig::new(arguments.seed, count)
        })?,
    };
    braid::write_file(&arguments.out, file.to_json().as_bytes())?;
    println!(
        "{} transactions in {} blocks, written to {}",
        arguments.count,
        file.blocks.len(),
        arguments.out.display()
    );
    Ok(())
}
