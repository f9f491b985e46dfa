//! What proof files claim, where they are written, and under which names.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use braid::{OutFile, Proof, ProofSecurity, PublicValues, WrappedProof};

use super::{Failure, InFile};

/// Whether a proof goes to `path` in the binary form.
fn is_binary(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "bin")
}

/// Writes a final proof, in the form that the name asks for. Gives the number of bytes.
pub fn write_proof(proof: &Proof, out: &OutFile) -> Result<usize, Failure> {
    let bytes = if is_binary(out.path()) {
        proof.to_bin()
    } else {
        proof.to_json().map(String::into_bytes)
    };
    let bytes = bytes.in_file(out.path())?;
    out.write(&bytes)?;
    Ok(bytes.len())
}

/// Writes a wrapped proof.
pub fn write_wrapped(proof: &WrappedProof, out: &OutFile) -> Result<(), Failure> {
    let text = proof.to_json().in_file(out.path())?;
    Ok(out.write(text.as_bytes())?)
}

/// Where the wrapped form of the proof in `path` goes when nobody says.
pub fn wrapped_out(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut stem = Path::new(name);
    for ending in ["json", "bin", "proof"] {
        if stem.extension().is_some_and(|found| found == ending) {
            stem = Path::new(stem.file_stem().unwrap_or_default());
        }
    }
    let mut name = stem.as_os_str().to_owned();
    name.push(".wrapped.json");
    path.with_file_name(name)
}

/// What a proof claims, in lines.
pub fn public_values_text(proof: &Proof) -> String {
    let mut text = values_text(&proof.public_values);
    let _ = writeln!(text, "verifying key {}", proof.verifying_key_hash);
    text
}

/// What a proof is worth, in a line.
pub fn security_text(security: &ProofSecurity) -> String {
    format!("security: {security}\n")
}

/// Public values, in lines.
pub fn values_text(values: &PublicValues) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "chain {}, rules {}, blocks {} to {}",
        values.chain_id, values.rules, values.first_block, values.last_block
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

#[cfg(test)]
mod tests {
    use alloy_primitives::B256;
    use braid::Rules;

    use super::*;

    #[test]
    fn public_values_are_told_with_their_rules() {
        let mut values = PublicValues {
            version: 2,
            chain_id: 1337,
            rules: Rules::Cancun,
            prev_block_hash: B256::ZERO,
            block_hash: B256::ZERO,
            prev_state_root: B256::ZERO,
            state_root: B256::ZERO,
            first_block: 101,
            last_block: 103,
            message_root: B256::ZERO,
            deposit_chain: B256::ZERO,
        };
        for rules in Rules::ALL {
            values.rules = rules;
            let first = format!("chain 1337, rules {rules}, blocks 101 to 103\n");
            let text = values_text(&values);
            assert!(text.starts_with(&first), "{text}");
        }
    }

    #[test]
    fn wrapped_proofs_are_named_after_theirs() {
        for (proof, wrapped) in [
            ("block.proof.json", "block.wrapped.json"),
            ("a/block.proof.bin", "a/block.wrapped.json"),
            ("block.json", "block.wrapped.json"),
            ("block", "block.wrapped.json"),
            ("v1.2.proof.json", "v1.2.wrapped.json"),
        ] {
            assert_eq!(wrapped_out(Path::new(proof)), Path::new(wrapped));
        }
    }
}
