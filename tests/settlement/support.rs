//! A settlement contract on a local chain, and executed blocks.

use std::path::{Path, PathBuf};

use alloy_primitives::{Address, Bytes, keccak256};
use braid::contract::abi::RollupError;
use braid::contract::local::{LocalChain, SENDER};
use braid::contract::{Checkpoint, Deployment, call};
use braid::execution::{Execution, Settings, execute_file};
use braid::{BlockFile, PublicValues, settlement};

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Executes one of the sample block files.
pub fn sample(name: &str) -> Execution {
    let path = repository("examples/blocks").join(name);
    execute(&BlockFile::read(&path).unwrap())
}

/// Executes a block file.
pub fn execute(file: &BlockFile) -> Execution {
    execute_file(file, Settings::default()).unwrap().0
}

/// A verifier's code that returns `true` for one calldata and `false` for every other.
///
/// It compares the hash of the whole calldata, so that public values are compared to the last bit, and with them how Rust and the
/// contract encode the call.
fn accepting(calldata: &[u8]) -> Vec<u8> {
    let mut code = vec![
        0x36, 0x5f, 0x5f, 0x37, // CALLDATACOPY(0, 0, CALLDATASIZE)
        0x36, 0x5f, 0x20, // KECCAK256(0, CALLDATASIZE)
        0x7f, // PUSH32 what it must be
    ];
    code.extend(keccak256(calldata));
    code.extend([
        0x14, 0x5f, 0x52, // MSTORE(0, equal)
        0x60, 0x20, 0x5f, 0xf3, // RETURN(0, 32)
    ]);
    code
}

/// After how many seconds without a settlement anyone may settle on the tests' rollups.
pub const TIMEOUT: u64 = 3_600;

/// Who can exchange the proposer of the tests' rollups.
pub const OWNER: Address = Address::repeat_byte(0x0a);

/// A rollup whose proposer is the chain's usual sender.
pub fn deployment(verifier: Address, chain_id: u64, genesis: Checkpoint) -> Deployment {
    Deployment {
        verifier,
        chain_id,
        rules: braid::Rules::Cancun,
        genesis,
        proposer: SENDER,
        proposer_timeout: TIMEOUT,
        owner: Some(OWNER),
    }
}

/// A rollup that stands before executed blocks, with a verifier that accepts one proof for them.
pub struct Settlement {
    pub chain: LocalChain,
    pub rollup: Address,
    pub values: PublicValues,
    pub batch: Vec<u8>,
    pub proof: Vec<u8>,
}

impl Settlement {
    /// Deploys both contracts. The proof is any bytes.
    pub fn new(execution: &Execution, proof: &[u8]) -> Self {
        Self::accepting(execution, settlement::public_values(execution), proof)
    }

    /// The same with a verifier that accepts a proof of other public values.
    pub fn accepting(execution: &Execution, values: PublicValues, proof: &[u8]) -> Self {
        let mut chain = LocalChain::new(execution.end().block.timestamp);
        let code = accepting(&call::verify(&values, proof));
        let verifier = chain.deploy(call::deploying(&code)).unwrap();
        Self {
            values,
            ..Self::with_verifier(chain, verifier, execution, proof)
        }
    }

    /// Deploys the rollup over a verifier that is there already.
    pub fn with_verifier(
        mut chain: LocalChain,
        verifier: Address,
        execution: &Execution,
        proof: &[u8],
    ) -> Self {
        let genesis = settlement::checkpoint(&execution.start);
        let creation = call::rollup_creation(&deployment(verifier, execution.chain_id, genesis));
        Self {
            rollup: chain.deploy(creation).unwrap(),
            chain,
            values: settlement::public_values(execution),
            batch: settlement::batch(execution).unwrap().encode().unwrap(),
            proof: proof.to_vec(),
        }
    }

    /// The error of the rollup with which it refuses what somebody sends.
    pub fn refusal(&mut self, sender: Address, calldata: Bytes) -> RollupError {
        let answer = self.chain.transact_from(sender, self.rollup, calldata);
        let error = answer.unwrap_err();
        error.rollup_error().unwrap_or_else(|| panic!("{error}"))
    }

    /// Calldata that settles the blocks.
    pub fn calldata(&self) -> Bytes {
        call::settle(&self.batch, &self.proof)
    }
}
