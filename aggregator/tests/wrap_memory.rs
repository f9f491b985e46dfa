//! What the wrap takes, against the estimate by which it is refused where there is too little memory. The system tells only the
//! most that a process ever had, so that this test is alone in its file. It takes two minutes:
//! `cargo test --release -p braid-aggregator --test wrap_memory -- --ignored`.

use std::path::Path;

use braid_aggregator::wrap::{Wrapper, memory};
use braid_prover::cache::Cache;
use braid_prover::memory::peak;
use braid_prover::progress::Silent;
use braid_verifier::{Proof, VerifyingKey};

#[test]
#[ignore = "takes minutes and five gigabytes"]
fn the_wrap_stays_within_its_estimate() {
    let proof =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/proofs/transfers.proof.json");
    let proof = Proof::from_json(&std::fs::read(proof).unwrap()).unwrap();
    let estimate = memory();
    // Written to as by the program, since that takes memory too.
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    let wrapper = Wrapper::build(&VerifyingKey::pinned().unwrap(), &cache, &Silent).unwrap();
    // The estimates are made from what the circuits are said to be.
    let rows = wrapper
        .infos()
        .into_iter()
        .map(|(_, info)| info.degree_bits);
    assert_eq!(rows.collect::<Vec<_>>(), [13, 12, 12]);
    let built = peak().unwrap();
    wrapper.wrap(&proof, &Silent).unwrap();
    let peak = peak().unwrap();
    let mib = |bytes: u64| bytes >> 20;
    println!(
        "estimate {} MiB, of which circuits {} MiB; built {} MiB, peak {} MiB",
        mib(estimate.most),
        mib(estimate.resident),
        mib(built),
        mib(peak)
    );
    assert!(peak <= estimate.most);
    // An estimate that refuses what would fit is no use either.
    assert!(estimate.most <= peak * 120 / 100);
}
