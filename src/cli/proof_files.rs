//! Proof files: reading them, and what they claim.

use std::fmt::Write;
use std::path::Path;

use braid::{Proof, PublicValues, WrappedProof};

use super::{Failure, InFile, read};

/// Whether a proof goes to `path` in the binary form.
pub fn is_binary(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "bin")
}

/// Reads a proof file.
pub fn read_proof(path: &Path) -> Result<Proof, Failure> {
    let bytes = read(path)?;
    let proof = if is_binary(path) {
        Proof::from_bin(&bytes)
    } else {
        Proof::from_json(&bytes)
    };
    proof.in_file(path)
}

/// A proof file of either kind.
pub enum Read {
    /// For verifiers on a computer.
    Final(Box<Proof>),
    /// For verifiers on chain.
    Wrapped(Box<WrappedProof>),
}

/// Reads a proof file of either kind.
pub fn read_any(path: &Path) -> Result<Read, Failure> {
    if !is_binary(path) {
        // The two have other fields, and none that is not theirs.
        let bytes = read(path)?;
        if let Ok(wrapped) = serde_json::from_slice(&bytes) {
            return Ok(Read::Wrapped(Box::new(wrapped)));
        }
    }
    Ok(Read::Final(Box::new(read_proof(path)?)))
}

/// What a proof claims, in lines.
pub fn public_values_text(proof: &Proof) -> String {
    let mut text = values_text(&proof.public_values);
    let _ = writeln!(
        text,
        "verifying key {}, {} bits of security",
        proof.verifying_key_hash, proof.security_bits
    );
    text
}

/// Public values, in lines.
pub fn values_text(values: &PublicValues) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "chain {}, blocks {} to {}",
        values.chain_id, values.first_block, values.last_block
    );
    let _ = writeln!(
        text,
        "state root: {} -> {}",
        values.prev_state_root, values.state_root
    );
    let _ = writeln!(
        text,
        "block hash: {} -> {}",
        values.prev_block_hash, values.block_hash
    );
    text
}
