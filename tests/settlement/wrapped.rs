//! A real block settles with a real proof, and with no other.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::{SolCall, SolValue};
use braid::contract::abi::verifier_parts::VerifierParts;
use braid::contract::abi::{BraidVerifier, RollupError, VerifierError};
use braid::contract::gas::GasReport;
use braid::contract::local::LocalChain;
use braid::contract::{Error, call};
use braid::settlement;
use braid_verifier::wrap::WrappedProof;

use crate::support::{Settlement, repository, sample};

/// The proof of the block in `examples/blocks/transfers.json`.
fn wrapped() -> WrappedProof {
    let file = std::fs::read(repository("examples/proofs/transfers.wrapped.json")).unwrap();
    WrappedProof::from_json(&file).unwrap()
}

/// The rollup before that block, with the real verifier.
fn ready() -> (Settlement, Bytes) {
    let (execution, proof) = (sample("transfers.json"), wrapped());
    assert_eq!(settlement::public_values(&execution), proof.public_values);
    let mut chain = LocalChain::new(execution.end().block.timestamp);
    let verifier = chain.deploy(BraidVerifier::BYTECODE.clone()).unwrap();
    let settlement = Settlement::with_verifier(chain, verifier, &execution, &proof.proof);
    let calldata = settlement.calldata();
    (settlement, calldata)
}

/// What settling the block costs.
pub fn settling() -> GasReport {
    let (mut settlement, calldata) = ready();
    let receipt = settlement.chain.transact(settlement.rollup, calldata);
    receipt.unwrap().gas
}

/// What deploying the verifier costs.
pub fn deploying() -> GasReport {
    let mut chain = LocalChain::new(1_800_000_000);
    let deployed = chain.deploy_measured(BraidVerifier::BYTECODE.clone());
    deployed.unwrap().1
}

/// What verifying costs in a transaction of its own.
pub fn verifying() -> GasReport {
    let proof = wrapped();
    let mut chain = LocalChain::new(1_800_000_000);
    let verifier = chain.deploy(BraidVerifier::BYTECODE.clone()).unwrap();
    let calldata = call::verify(&proof.public_values, &proof.proof);
    chain.transact(verifier, calldata).unwrap().gas
}

/// What the parts of a verification cost.
pub fn parts() -> Vec<(&'static str, u64)> {
    let proof = wrapped();
    let mut calldata = call::verify(&proof.public_values, &proof.proof).to_vec();
    calldata[..4].copy_from_slice(&VerifierParts::measureCall::SELECTOR);
    let mut chain = LocalChain::new(1_800_000_000);
    let contract = chain.deploy(VerifierParts::BYTECODE.clone()).unwrap();
    let receipt = chain.call(contract, calldata.into()).unwrap();
    let laps = <[u64; 11]>::abi_decode(&receipt.output).unwrap();
    let names = [
        "head and tables",
        "transcript",
        "statement",
        "wiring",
        "gates",
        "combination of terms",
        "preparation of queries",
        "leaves and paths",
        "quotients at queries",
        "folds",
        "final polynomial",
    ];
    names.into_iter().zip(laps).collect()
}

#[test]
fn a_real_block_settles_with_its_proof() {
    let (mut settlement, calldata) = ready();
    let receipt = settlement
        .chain
        .transact(settlement.rollup, calldata.clone())
        .unwrap();
    let end = settlement::checkpoint(&sample("transfers.json").end());
    assert_eq!(settlement.chain.checkpoint(settlement.rollup), Ok(end));
    assert!(receipt.gas.total <= 2_300_000, "{:?}", receipt.gas);
    // Once.
    let replayed = settlement.chain.transact(settlement.rollup, calldata);
    let error = replayed.unwrap_err().rollup_error();
    assert!(matches!(error, Some(RollupError::WrongFirstBlock(_))));
}

#[test]
fn nothing_else_settles_it() {
    let (mut settlement, _) = ready();
    let refusal = |settlement: &mut Settlement, batch: &[u8], proof: &[u8]| {
        let calldata = call::settle(batch, proof);
        let answer = settlement.chain.transact(settlement.rollup, calldata);
        answer.unwrap_err()
    };
    let (batch, proof) = (settlement.batch.clone(), settlement.proof.clone());
    let error = refusal(&mut settlement, &batch, &[]);
    assert!(matches!(
        error.verifier_error(),
        Some(VerifierError::WrongLength(error)) if error.expected == U256::from(proof.len())
    ));
    let mut forged = proof.clone();
    forged[10_000] ^= 1;
    let error = refusal(&mut settlement, &batch, &forged);
    assert!(matches!(
        error.verifier_error(),
        Some(VerifierError::NotInTree(_))
    ));
    // A byte of the last transaction.
    let mut other = batch.clone();
    *other.last_mut().unwrap() ^= 1;
    let error = refusal(&mut settlement, &other, &proof);
    assert!(matches!(
        error.verifier_error(),
        Some(VerifierError::WrongStatement(_))
    ));
    assert!(matches!(error, Error::Reverted(_)));
    // None of these changed anything.
    let calldata = settlement.calldata();
    assert!(
        settlement
            .chain
            .transact(settlement.rollup, calldata)
            .is_ok()
    );
}
