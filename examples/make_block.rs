//! Signs transfers and writes a block file:
//!
//! ```text
//! cargo run --release --example make_block -- block.json --seed 7 --count 20 --blocks 2
//! ```
//!
//! The same seed and numbers give the same file everywhere. The keys are computed from the seed: for samples only.

use std::path::PathBuf;

use braid::sample::{SampleConfig, sample};
use clap::Parser;

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
}

fn main() -> Result<(), braid::Error> {
    let arguments = Arguments::parse();
    let config = SampleConfig {
        blocks: arguments.blocks as usize,
        ..SampleConfig::new(arguments.seed, arguments.count as usize)
    };
    let file = sample(&config)?;
    braid::write_file(&arguments.out, file.to_json().as_bytes())?;
    println!(
        "{} transactions in {} blocks, written to {}",
        arguments.count,
        file.blocks.len(),
        arguments.out.display()
    );
    Ok(())
}
