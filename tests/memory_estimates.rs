//! What proving takes, against the estimate by which it is refused where there is too little memory. The system tells only the
//! most that a process ever had, so that this test is alone in its file. It takes minutes if the circuits are not in the cache:
//! `cargo test --release -p braid --test memory_estimates -- --ignored`.

use std::path::Path;

use braid::{BlockFile, Prover, ShapeChoice, memory};

#[test]
#[ignore = "takes minutes and gigabytes"]
fn a_proof_stays_within_its_estimate() {
    let block = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blocks/transfers.json");
    let block = BlockFile::read(&block).unwrap();
    // Of the other tests.
    let circuits = Path::new(env!("CARGO_TARGET_TMPDIR")).join("circuits");
    let prover = Prover::builder().shape(ShapeChoice::Tiny);
    let prover = prover.cache_dir(circuits).build().unwrap();
    let plan = prover.plan(&prover.execute(&block).unwrap()).unwrap();
    let needed = prover.needed_memory(&plan).unwrap();
    prover.prepare(&plan).unwrap();
    assert_eq!(prover.needed_memory(&plan).unwrap(), needed);
    let loaded = memory::peak().unwrap();
    prover.prove(&plan).unwrap();
    let peak = memory::peak().unwrap();
    let mib = |bytes: u64| bytes >> 20;
    println!(
        "estimate {} MiB, loaded {} MiB, peak {} MiB",
        mib(needed),
        mib(loaded),
        mib(peak)
    );
    assert!(peak <= needed, "{} above {} MiB", mib(peak), mib(needed));
    // An estimate that refuses what would fit is no use either.
    assert!(needed < 3 * peak, "{} for {} MiB", mib(needed), mib(peak));
}
