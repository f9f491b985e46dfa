//! The contracts as their artifacts in `verifier-contract/artifacts` describe them: interfaces, creation bytecode (`BYTECODE`, without the
//! constructor's arguments) and runtime bytecode (`DEPLOYED_BYTECODE`, with zeros where immutables go).

use alloy_primitives::hex;
use alloy_sol_types::SolInterface;

pub use rollup::BraidRollup;
pub use rollup::BraidRollup::BraidRollupErrors as RollupError;
pub use verifier::IBraidVerifier;
pub use wrap_verifier::BraidVerifier;
pub use wrap_verifier::BraidVerifier::BraidVerifierErrors as VerifierError;

/// The settlement contract.
#[allow(missing_docs, clippy::all, reason = "generated from the artifact")]
pub mod rollup {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        BraidRollup,
        "../verifier-contract/artifacts/BraidRollup.json"
    );
}

/// The verifier of wrapped proofs.
#[allow(missing_docs, clippy::all, reason = "generated from the artifact")]
pub mod wrap_verifier {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        BraidVerifier,
        "../verifier-contract/artifacts/BraidVerifier.json"
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

/// A revert's data for people: the rollup's or the verifier's error with its fields, or the bytes.
pub fn describe_revert(data: &[u8]) -> String {
    let rollup = RollupError::abi_decode(data).map(|error| format!("{error:?}"));
    let verifier = || VerifierError::abi_decode(data).map(|error| format!("{error:?}"));
    rollup
        .or_else(|_| verifier())
        .unwrap_or_else(|_| format!("0x{}", hex::encode(data)))
}

/// The verifier with a function that measures its parts. Not for deployment.
#[doc(hidden)]
#[allow(missing_docs, clippy::all, reason = "generated from the artifact")]
pub mod verifier_parts {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        VerifierParts,
        "../verifier-contract/artifacts/VerifierParts.json"
    );
}
