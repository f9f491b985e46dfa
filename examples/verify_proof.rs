//! Verifies a proof file with the key built into the library:
//!
//! ```text
//! cargo run --release --example verify_proof -- proof.json
//! ```
//!
//! A program that only verifies can depend on the crate `braid-verifier` alone, which has no prover code.

use braid::{Proof, VerifyingKey, verify};

fn main() -> Result<(), braid::Error> {
    let Some(path) = std::env::args().nth(1) else {
        return Err(braid::Error::Usage("give a proof file".to_owned()));
    };
    let bytes = std::fs::read(&path).map_err(|source| braid::Error::File {
        access: braid::Access::Read,
        path: path.into(),
        source,
    })?;
    let proof = Proof::from_json(&bytes)?;
    let values = verify(&VerifyingKey::pinned()?, &proof)?;
    // What a rollup's contract would compare with what it knows.
    println!("chain       {}", values.chain_id);
    println!("rules       {}", values.rules);
    println!(
        "blocks      {} to {}",
        values.first_block, values.last_block
    );
    println!(
        "state root  {} -> {}",
        values.prev_state_root, values.state_root
    );
    println!(
        "block hash  {} -> {}",
        values.prev_block_hash, values.block_hash
    );
    Ok(())
}
