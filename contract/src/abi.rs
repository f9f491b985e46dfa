//! The contracts as their artifacts in `verifier-contract/artifacts` describe them: interfaces, creation bytecode (`BYTECODE`, without the
//! constructor's arguments) and runtime bytecode (`DEPLOYED_BYTECODE`, with zeros where immutables go).

use alloy_primitives::hex;
use alloy_sol_types::SolInterface;

pub use rollup::BraidRollup;
pub use rollup::BraidRollup::BraidRollupErrors as RollupError;
pub use verifier::IBraidVerifier;

/// The settlement contract.
#[allow(missing_docs, clippy::all, reason = "generated from the artifact")]
pub mod rollup {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        BraidRollup,
        "../verifier-contract/artifacts/BraidRollup.json"
    );
}

/// The interface of proof verifiers.
#[allow(missing_docs, clippy::all, reason = "generated from the artifact")]
pub mod verifier {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        IBraidVerifier,
        "../verifier-contract/artifacts/IBraidVerifier.json"
    );
}

/// A revert's data for people: the rollup's error with its fields, or the bytes.
pub fn describe_revert(data: &[u8]) -> String {
    match RollupError::abi_decode(data) {
        Ok(error) => format!("{error:?}"),
        Err(_) => format!("0x{}", hex::encode(data)),
    }
}
