//! The contract in a local EVM, and a real proof.

use alloy_primitives::{Address, Bytes};
use braid_contract::abi::{BraidVerifier, VerifierError};
use braid_contract::{call, local::LocalChain};
use braid_verifier::wrap::{WrapKey, WrappedProof, verify_wrapped};

/// A real proof of a real block: `examples/proofs/README.md` says how it is made.
pub fn sample() -> WrappedProof {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/proofs/transfers.wrapped.json"
    );
    WrappedProof::from_json(&std::fs::read(path).unwrap()).unwrap()
}

/// Both verifiers.
pub struct Verifiers {
    pub chain: LocalChain,
    pub address: Address,
    key: WrapKey,
}

impl Verifiers {
    /// Those of the pinned key.
    pub fn new() -> Self {
        let key = WrapKey::pinned().unwrap();
        Self::of(BraidVerifier::BYTECODE.clone(), key)
    }

    /// A contract, by its creation code, and the verifier in Rust for a key.
    pub fn of(creation: Bytes, key: WrapKey) -> Self {
        let mut chain = LocalChain::new(1_800_000_000);
        let address = chain.deploy(creation).unwrap();
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

/// Order of the field.
pub const ORDER: u64 = 0xffff_ffff_0000_0001;

/// The words of eight bytes.
pub fn words(proof: &[u8]) -> Vec<u64> {
    let (words, rest) = proof.as_chunks::<8>();
    assert!(rest.is_empty());
    words.iter().map(|word| u64::from_be_bytes(*word)).collect()
}

/// The parts of a proof, in order; a query has four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Caps,
    Openings,
    FoldCap,
    FinalPolynomial,
    Work,
    Leaves { query: usize },
    Paths { query: usize },
    Values { query: usize },
    ValuesPath { query: usize },
}

impl Part {
    /// Whether it is digests of paths, which can have any value.
    pub fn is_path(self) -> bool {
        matches!(self, Self::Paths { .. } | Self::ValuesPath { .. })
    }
}

/// The part in which a byte is, as `docs/on-chain.md` lays them out.
pub fn part(position: usize) -> Part {
    let Some(in_queries) = position.checked_sub(8_856) else {
        return match position {
            0..1_536 => Part::Caps,
            1_536..4_240 => Part::Openings,
            4_240..4_752 => Part::FoldCap,
            4_752..8_848 => Part::FinalPolynomial,
            _ => Part::Work,
        };
    };
    let query = in_queries / 4_016;
    match in_queries % 4_016 {
        0..1_328 => Part::Leaves { query },
        1_328..3_376 => Part::Paths { query },
        3_376..3_632 => Part::Values { query },
        _ => Part::ValuesPath { query },
    }
}
