//! The contract in a local EVM, and a real proof.

use alloy_primitives::Address;
use braid_contract::abi::{BraidVerifier, VerifierError};
use braid_contract::{call, local::LocalChain};
use braid_verifier::wrap::{WrapKey, WrappedProof, verify_wrapped};

/// A real proof of a real block: `examples/proofs/README.md` says how it is made.
pub fn sample() -> WrappedProof {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/proofs/transfers.wrapped.json"
    );
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Both verifiers.
pub struct Verifiers {
    pub chain: LocalChain,
    pub address: Address,
    key: WrapKey,
}

impl Verifiers {
    pub fn new() -> Self {
        let mut chain = LocalChain::new(1_800_000_000);
        let address = chain.deploy(BraidVerifier::BYTECODE.clone()).unwrap();
        let key = WrapKey::pinned().unwrap();
        Self {
            chain,
            address,
            key,
        }
    }

    /// What the contract says: nothing, or its error.
    pub fn contract(&mut self, proof: &WrappedProof) -> Result<(), VerifierError> {
        let calldata = call::verify(&proof.public_values, &proof.proof);
        match self.chain.call(self.address, calldata) {
            Ok(receipt) => {
                let mut answer = [0; 32];
                answer[31] = 1;
                assert_eq!(receipt.output.as_ref(), answer);
                Ok(())
            }
            Err(error) => Err(error.verifier_error().unwrap_or_else(|| panic!("{error}"))),
        }
    }

    /// What both say: nothing, or the contract's error. They must not differ.
    pub fn both(&mut self, proof: &WrappedProof) -> Result<(), VerifierError> {
        let contract = self.contract(proof);
        let rust = verify_wrapped(&self.key, proof);
        assert_eq!(contract.is_ok(), rust.is_ok(), "{contract:?}, {rust:?}");
        contract
    }
}
