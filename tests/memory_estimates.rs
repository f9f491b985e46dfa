//! What proving takes, against the estimate by which it is refused where there is too little memory. Each shape is proved by a process of its own, since the
//! system tells only the most that a process ever had, and from an empty folder of circuits: a process that has built them takes more (chunks of standard shape a
//! third more). It takes minutes: `cargo test --release --workspace --test memory_estimates -- --ignored --nocapture`.

use std::path::Path;
use std::process::Command;

use braid::{BlockFile, Prover, ShapeChoice};
use serde_json::Value;

/// An estimate that refuses what would fit is no use either: how far it may be above the peak, in percent of it.
const MOST_ABOVE: u64 = 22;

#[test]
#[ignore = "takes minutes and eight gigabytes"]
fn proofs_stay_within_their_estimates() {
    for shape in [ShapeChoice::Tiny, ShapeChoice::Standard] {
        stays_within(shape);
    }
}

#[test]
#[ignore = "takes minutes and up to twenty gigabytes"]
fn a_large_proof_stays_within_its_estimate() {
    stays_within(ShapeChoice::Large);
}

fn stays_within(shape: ShapeChoice) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blocks/transfers.json");
    let block = BlockFile::read(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let circuits = folder.path().join("circuits");
    let prover = Prover::builder().shape(shape).max_memory(u64::MAX);
    let prover = prover.cache_dir(&circuits).build().unwrap();
    let plan = prover.plan(&prover.execute(&block).unwrap()).unwrap();
    let needed = prover.needed_memory(&plan).unwrap();

    let output = Command::new(env!("CARGO_BIN_EXE_braid"))
        .args(["prove", "--json", "--until", "aggregate", "--shape"])
        .arg(shape.name())
        // What is allowed is the estimate and no more.
        .args(["--max-memory", &needed.to_string()])
        .arg("--cache-dir")
        .arg(&circuits)
        .arg("--out")
        .arg(folder.path().join("proof.bin"))
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let peak = report["peakMemoryBytes"].as_u64().unwrap();
    let mib = |bytes: u64| bytes >> 20;
    let name = shape.name();
    println!(
        "{name}: estimate {} MiB, peak {} MiB",
        mib(needed),
        mib(peak)
    );
    assert!(
        peak <= needed,
        "{name}: {} above {} MiB",
        mib(peak),
        mib(needed)
    );
    assert!(
        needed <= peak * (100 + MOST_ABOVE) / 100,
        "{name}: {} for {} MiB",
        mib(needed),
        mib(peak)
    );
    // The same once the circuits are loaded.
    prover.prepare(&plan).unwrap();
    assert_eq!(prover.needed_memory(&plan).unwrap(), needed);
}
