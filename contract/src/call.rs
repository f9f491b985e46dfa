//! What is sent to the contracts: calldata and creation code, and back.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolConstructor};
use braid_verifier::{PublicValues, Rules};

use crate::abi::verifier::IBraidVerifier::verifyCall;
use crate::abi::{BraidRollup, rollup, verifier};
use crate::error::Error;

/// A rollup's position between two blocks, as its contract holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Hash of the last settled block.
    pub block_hash: B256,
    /// State after it: four field elements, eight big-endian bytes each.
    pub state_root: B256,
    /// Its number.
    pub number: u64,
    /// Its timestamp, in seconds since the epoch.
    pub timestamp: u64,
}

/// What a rollup contract is deployed with. All of it is final, but proposer and owner where there is an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The verifier contract, deployed already.
    pub verifier: Address,
    /// The rollup's chain id.
    pub chain_id: u64,
    /// The rules of its transactions.
    pub rules: Rules,
    /// What the first batch follows. Its timestamp may be at most 60 seconds ahead of Ethereum's clock.
    pub genesis: Checkpoint,
    /// Who may settle at any time: any address but zero.
    pub proposer: Address,
    /// After how many seconds without a settlement anyone may settle: from 1 to 31,536,000, a year.
    pub proposer_timeout: u64,
    /// Who can exchange the proposer; without an owner it is fixed for ever.
    pub owner: Option<Address>,
}

/// Calldata that settles a batch, encoded by [`crate::Batch::encode`], with a proof as the verifier contract reads it.
pub fn settle(batch: &[u8], proof: &[u8]) -> Bytes {
    let call = BraidRollup::settleCall {
        batch: Bytes::copy_from_slice(batch),
        proof: Bytes::copy_from_slice(proof),
    };
    call.abi_encode().into()
}

/// Batch and proof in the calldata of a settlement.
///
/// # Errors
/// [`Error::NotSettle`] unless the calldata is what [`settle`] gives for them. The contract takes no other either.
pub fn read_settle(calldata: &[u8]) -> Result<(Bytes, Bytes), Error> {
    let call = BraidRollup::settleCall::abi_decode(calldata).map_err(|_| Error::NotSettle)?;
    if call.abi_encode() != calldata {
        return Err(Error::NotSettle);
    }
    Ok((call.batch, call.proof))
}

/// Calldata that asks a rollup contract for its last settled checkpoint.
pub fn checkpoint() -> Bytes {
    BraidRollup::checkpointCall {}.abi_encode().into()
}

/// The checkpoint in the answer to [`checkpoint`].
///
/// # Errors
/// [`Error::Answer`] if it is none.
pub fn read_checkpoint(answer: &[u8]) -> Result<Checkpoint, Error> {
    BraidRollup::checkpointCall::abi_decode_returns(answer)
        .map(Checkpoint::from)
        .map_err(|_| Error::Answer("checkpoint"))
}

/// Calldata that asks a verifier contract about a proof.
pub fn verify(values: &PublicValues, proof: &[u8]) -> Bytes {
    let number = U256::from::<u64>;
    let values = verifier::IBraidVerifier::PublicValues {
        version: U256::from(values.version),
        chainId: number(values.chain_id),
        rules: U256::from(values.rules.number()),
        prevBlockHash: values.prev_block_hash,
        blockHash: values.block_hash,
        prevStateRoot: values.prev_state_root,
        stateRoot: values.state_root,
        firstBlock: number(values.first_block),
        lastBlock: number(values.last_block),
        messageRoot: values.message_root,
        depositChain: values.deposit_chain,
    };
    let proof = Bytes::copy_from_slice(proof);
    verifyCall { values, proof }.abi_encode().into()
}

/// Creation code of a rollup contract.
pub fn rollup_creation(deployment: &Deployment) -> Bytes {
    let arguments = BraidRollup::constructorCall {
        verifier: deployment.verifier,
        chainId: deployment.chain_id,
        rules: deployment.rules.number(),
        genesis: deployment.genesis.into(),
        firstProposer: deployment.proposer,
        timeout: deployment.proposer_timeout,
        firstOwner: deployment.owner.unwrap_or_default(),
    };
    [BraidRollup::BYTECODE.as_ref(), &arguments.abi_encode()]
        .concat()
        .into()
}

/// Creation code that deploys a runtime code of at most 2^24 - 1 bytes as it is, without a constructor.
pub fn deploying(runtime: &[u8]) -> Bytes {
    let [.., high, middle, low] = runtime.len().to_be_bytes();
    // PUSH3 length, DUP1, PUSH1 12, PUSH0, CODECOPY, PUSH0, RETURN: twelve bytes with the padding before the code.
    let prefix = [
        0x62, high, middle, low, 0x80, 0x60, 12, 0x5f, 0x39, 0x5f, 0xf3, 0x00,
    ];
    [&prefix, runtime].concat().into()
}

impl From<Checkpoint> for rollup::IBraidRollup::Checkpoint {
    fn from(checkpoint: Checkpoint) -> Self {
        Self {
            blockHash: checkpoint.block_hash,
            stateRoot: checkpoint.state_root,
            number: checkpoint.number,
            timestamp: checkpoint.timestamp,
        }
    }
}

impl From<rollup::IBraidRollup::Checkpoint> for Checkpoint {
    fn from(checkpoint: rollup::IBraidRollup::Checkpoint) -> Self {
        Self {
            block_hash: checkpoint.blockHash,
            state_root: checkpoint.stateRoot,
            number: checkpoint.number,
            timestamp: checkpoint.timestamp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> PublicValues {
        PublicValues {
            version: 1,
            chain_id: 2,
            rules: Rules::Osaka,
            prev_block_hash: B256::repeat_byte(3),
            block_hash: B256::repeat_byte(4),
            prev_state_root: B256::repeat_byte(5),
            state_root: B256::repeat_byte(6),
            first_block: 7,
            last_block: u64::MAX,
            message_root: B256::repeat_byte(8),
            deposit_chain: B256::repeat_byte(9),
        }
    }

    #[test]
    fn a_verifier_reads_the_eleven_words_in_place() {
        let calldata = verify(&values(), b"proof");
        assert_eq!(calldata[..4], verifyCall::SELECTOR);
        assert_eq!(calldata[4..356], values().abi_encode());
        assert_eq!(calldata[356..388], U256::from(384).to_be_bytes::<32>());
    }

    #[test]
    fn settlements_are_read_as_they_are_written() {
        let calldata = settle(b"batch", b"proof");
        let (batch, proof) = read_settle(&calldata).unwrap();
        assert_eq!(
            (batch.as_ref(), proof.as_ref()),
            (&b"batch"[..], &b"proof"[..])
        );
        // Selector, offset, padding behind the batch, padding behind the proof, a byte too few.
        for position in [0, 35, 110, calldata.len() - 1] {
            let mut other = calldata.to_vec();
            other[position] ^= 0x20;
            assert_eq!(
                read_settle(&other),
                Err(Error::NotSettle),
                "byte {position}"
            );
        }
        assert_eq!(
            read_settle(&calldata[..calldata.len() - 1]),
            Err(Error::NotSettle)
        );
        assert_eq!(
            read_settle(&[calldata.as_ref(), &[0]].concat()),
            Err(Error::NotSettle)
        );
        assert_eq!(read_settle(&[]), Err(Error::NotSettle));
    }
}
