//! Wraps a final proof for the EVM: `wrap_proof PROOF WRAPPED [KEY]` reads `proof.json` or `proof.bin`, and writes the
//! wrapped proof as JSON and, if told to, the wrap circuit's key file. Prints what it took.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use braid_aggregator::wrap::Wrapper;
use braid_prover::cache::Cache;
use braid_prover::progress::{Silent, Timings};
use braid_verifier::{Proof, VerifyingKey, verify};

/// The most memory that the process has had, as Linux writes it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (proof, wrapped, key_file) = match arguments.as_slice() {
        [proof, wrapped] => (proof, wrapped, None),
        [proof, wrapped, key] => (proof, wrapped, Some(key)),
        _ => return Err("usage: wrap_proof PROOF WRAPPED [KEY]".into()),
    };
    let bytes = std::fs::read(proof)?;
    let is_json = Path::new(proof)
        .extension()
        .is_some_and(|end| end == "json");
    let proof = if is_json {
        Proof::from_json(&bytes)?
    } else {
        Proof::from_bin(&bytes)?
    };
    let key = VerifyingKey::pinned()?;
    verify(&key, &proof)?;

    let start = Instant::now();
    let wrapper = Wrapper::build(&key, &Cache::none(), &Silent)?;
    let wrap_key = wrapper.verifying_key();
    println!("built in {:.1?}, {}", start.elapsed(), peak_memory());
    println!("{:?}", wrapper.infos());
    println!("key {}, {:?}", wrap_key.hash(), wrap_key.layer());
    if let Some(path) = key_file {
        std::fs::write(path, wrap_key.to_bytes())?;
    }
    let timings = Timings::default();
    let proof = wrapper.wrap(&proof, &timings)?;
    println!("{:.1?}, {}", timings.seconds().steps, peak_memory());
    let zeros = proof.proof.iter().filter(|byte| **byte == 0).count();
    println!("{} bytes, of which {zeros} are zero", proof.proof.len());
    std::fs::write(wrapped, proof.to_json()?)?;
    Ok(())
}
