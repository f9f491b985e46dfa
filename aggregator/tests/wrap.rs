//! A final proof of a real block, wrapped.

use std::path::Path;

use braid_aggregator::wrap::Wrapper;
use braid_prover::cache::Cache;
use braid_verifier::wrap::verify_wrapped;
use braid_verifier::{Proof, VerifyingKey};

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|l| l.starts_with("VmHWM")).collect()
}

#[test]
fn wraps() {
    let start = std::time::Instant::now();
    let key = VerifyingKey::pinned().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/proofs");
    let file = std::fs::read_dir(path)
        .unwrap()
        .flatten()
        .find(|f| f.path().extension().is_some_and(|e| e == "json"))
        .unwrap();
    let proof = Proof::from_json(&std::fs::read(file.path()).unwrap()).unwrap();
    let wrapper = Wrapper::build(&key, &Cache::none()).unwrap();
    println!(
        "built {:?} {:?} {}",
        start.elapsed(),
        wrapper.infos(),
        memory()
    );
    for info in wrapper.verifying_key().data().common.gates.iter() {
        println!("{}", info.0.id());
    }
    println!("{:?}", wrapper.verifying_key().security());
    for _ in 0..2 {
        let (wrapped, times) = wrapper.wrap_timed(&proof).unwrap();
        println!("{times:?} {} bytes {}", wrapped.proof.len(), memory());
        verify_wrapped(wrapper.verifying_key(), &wrapped).unwrap();
    }
}
