//! What commands may use.

use std::path::PathBuf;

use braid::{ShapeChoice, memory};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// How work is cut and what it may use.
#[derive(Debug, Args)]
pub struct ResourceArgs {
    /// Size of the chunks.
    #[command(flatten)]
    pub shape: ShapeArg,
    /// What of the machine it may use.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// Size of the chunks.
#[derive(Debug, Args)]
pub struct ShapeArg {
    /// Size of the chunks: auto takes for each chunk the shape with which the whole job costs least, and large ones only if a transaction fits into nothing smaller
    #[arg(long, value_name = "SIZE", default_value = "auto", value_parser = shape())]
    pub shape: ShapeChoice,
}

/// Reads a size and offers all of them.
pub fn shape() -> impl TypedValueParser<Value = ShapeChoice> {
    let names = PossibleValuesParser::new(ShapeChoice::ALL.map(ShapeChoice::name));
    names.try_map(|name| name.parse::<ShapeChoice>())
}

/// What of the machine work may use.
#[derive(Debug, Args)]
pub struct MachineArgs {
    /// Threads and memory.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Where built circuits are kept [default: $BRAID_CACHE_DIR, or braid in the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
}

/// What work without circuits may use.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Worker threads [default: one a core]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Memory that the work may use, such as 16G [default: most of what is free]
    #[arg(long, value_name = "BYTES", value_parser = memory::parse_bytes)]
    pub max_memory: Option<u64>,
}
