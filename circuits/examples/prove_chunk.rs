//! Proves one chunk of sample transfers as a STARK, without recursion, and prints where the time goes.
//!
//! `cargo run --release -p braid-circuits --example prove_chunk -- [shape] [transactions]`

use std::error::Error;
use std::time::Instant;

use braid_circuits::{chunk, registry, shapes};
use braid_stark::{Stage, prove, setup, verify};
use braid_witness::sample::{SampleConfig, sample};
use braid_witness::{chunks_of, execute};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "tiny".to_owned());
    let transactions = arguments.next().map_or(Ok(8), |count| count.parse())?;
    let shape = shapes::all(&registry::tables())
        .into_iter()
        .find(|shape| shape.name == name);
    let shape = shape.ok_or("no such shape")?;
    let system = registry::system_of_shape(&shape);

    let file = sample(&SampleConfig {
        calldata: 0,
        ..SampleConfig::new(1, transactions)
    })?;
    let chunks = chunks_of(&execute(&file)?, transactions)?;
    let events = chunks.first().ok_or("no chunk")?;

    let start = Instant::now();
    let traces = chunk::generate(events)?;
    let public = traces.public().to_vec();
    for (table, rows) in traces.rows() {
        let Some(position) = system.position(table) else {
            continue;
        };
        let width = system.tables[position].column_names().len();
        let height = shape.height(position);
        println!("{table:>16} {width:>5} columns {rows:>7} of {height:>7} rows");
    }
    println!("filled after {:.2} s", start.elapsed().as_secs_f64());
    let traces = traces.pad_to(&system, &shape)?;
    println!("padded after {:.2} s", start.elapsed().as_secs_f64());
    let cells: usize = traces
        .iter()
        .map(|trace| trace.width() * trace.height())
        .sum();

    let start = Instant::now();
    let (key, verifying) = setup(&system, &shape)?;
    println!("set up in {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let progress = |stage: Stage| println!("{:>8.2} s {stage:?}", start.elapsed().as_secs_f64());
    let proof = prove(&system, &key, traces, &public, &progress)?;
    let seconds = start.elapsed().as_secs_f64();
    let rate = cells as f64 / seconds / 1e6;
    println!("proved in {seconds:.2} s: {cells} main cells, {rate:.2} M cells/s");
    println!("{:.3} s per transaction", seconds / transactions as f64);

    let start = Instant::now();
    verify(&system, &verifying, &shape, &proof, &public)?;
    println!("verified in {:.3} s", start.elapsed().as_secs_f64());
    Ok(())
}
