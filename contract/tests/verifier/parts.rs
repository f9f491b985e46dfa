//! Gas of the parts of a verification.

use alloy_sol_types::{SolCall, SolValue};
use braid_contract::abi::verifier_parts::VerifierParts;
use braid_contract::{call, local::LocalChain};

use crate::support::sample;

const PARTS: [&str; 11] = [
    "head and tables",
    "transcript",
    "statement",
    "wiring",
    "gates",
    "combining terms",
    "preparing queries",
    "leaves and paths",
    "quotients",
    "folds",
    "final polynomial",
];

#[test]
fn parts() {
    let proof = sample();
    let mut calldata = call::verify(&proof.public_values, &proof.proof).to_vec();
    calldata[..4].copy_from_slice(&VerifierParts::measureCall::SELECTOR);
    let mut chain = LocalChain::new(1_800_000_000);
    let address = chain.deploy(VerifierParts::BYTECODE.clone()).unwrap();
    let receipt = chain.call(address, calldata.into()).unwrap();
    let gas = <[u64; 11]>::abi_decode(&receipt.output).unwrap();
    for (part, gas) in PARTS.iter().zip(gas) {
        println!("{part}: {gas}");
    }
    println!("sum {} {:?}", gas.iter().sum::<u64>(), receipt.gas);
}
