//! What the contract as compiled refuses, with its error.

use alloy_primitives::B256;
use braid::contract::abi::RollupError;
use braid::contract::local::SENDER;
use braid::contract::{Batch, Error, call};
use braid::{PublicValues, Rules};

use crate::support::{Settlement, sample};

/// The error with which a settlement of these bytes is refused.
fn refusal(settlement: &mut Settlement, batch: &[u8]) -> RollupError {
    let calldata = call::settle(batch, &settlement.proof);
    settlement.refusal(SENDER, calldata)
}

fn changed(settlement: &Settlement, change: impl FnOnce(&mut Batch)) -> Vec<u8> {
    let mut batch = Batch::decode(&settlement.batch).unwrap();
    change(&mut batch);
    batch.encode().unwrap()
}

#[test]
fn a_proof_of_other_public_values() {
    let execution = sample("three_blocks.json");
    let right = braid::settlement::public_values(&execution);
    let changes: [fn(&mut PublicValues); 12] = [
        |values| values.version = 1,
        |values| values.chain_id += 1,
        |values| values.rules = Rules::Prague,
        |values| values.rules = Rules::Osaka,
        |values| values.prev_block_hash.0[0] ^= 1,
        |values| values.block_hash.0[31] ^= 1,
        |values| values.prev_state_root.0[0] ^= 1,
        |values| values.state_root.0[31] ^= 1,
        |values| values.first_block += 1,
        |values| values.last_block += 1,
        |values| values.message_root.0[31] = 1,
        |values| values.deposit_chain.0[31] = 1,
    ];
    for change in changes {
        let mut values = right;
        change(&mut values);
        let mut settlement = Settlement::accepting(&execution, values, b"proof");
        let batch = settlement.batch.clone();
        let refused = refusal(&mut settlement, &batch);
        assert!(
            matches!(refused, RollupError::ProofRefused(_)),
            "{values:?}"
        );
    }
}

#[test]
fn another_proof() {
    let mut settlement = Settlement::new(&sample("transfers.json"), b"proof");
    for proof in [&b"prooF"[..], b"", b"proof\0"] {
        let calldata = call::settle(&settlement.batch, proof);
        let error = settlement
            .chain
            .transact(settlement.rollup, calldata)
            .unwrap_err();
        assert!(
            matches!(error.rollup_error(), Some(RollupError::ProofRefused(_))),
            "{error}"
        );
    }
}

#[test]
fn misplaced_batches() {
    let mut settlement = Settlement::new(&sample("three_blocks.json"), b"proof");
    let other = changed(&settlement, |batch| batch.chain_id += 1);
    assert!(matches!(
        refusal(&mut settlement, &other),
        RollupError::WrongChain(_)
    ));
    let gap = changed(&settlement, |batch| batch.first_block += 1);
    assert!(matches!(
        refusal(&mut settlement, &gap),
        RollupError::WrongFirstBlock(_)
    ));
    let fork = changed(&settlement, |batch| batch.previous_block_hash = B256::ZERO);
    assert!(matches!(
        refusal(&mut settlement, &fork),
        RollupError::WrongPreviousBlock(_)
    ));
    let falls = changed(&settlement, |batch| batch.blocks[1].timestamp = 1);
    assert!(matches!(
        refusal(&mut settlement, &falls),
        RollupError::TimestampFalls(_)
    ));
    let root = changed(&settlement, |batch| {
        batch.blocks[0].state_root = B256::repeat_byte(0xff)
    });
    assert!(matches!(
        refusal(&mut settlement, &root),
        RollupError::NonCanonicalStateRoot(_)
    ));
    let mut version = settlement.batch.clone();
    version[3] = 1;
    assert!(matches!(
        refusal(&mut settlement, &version),
        RollupError::WrongVersion(_)
    ));
    assert!(matches!(
        refusal(&mut settlement, &version[..51]),
        RollupError::BatchTruncated(_)
    ));
    let header = settlement.batch[..52].to_vec();
    assert!(matches!(
        refusal(&mut settlement, &header),
        RollupError::EmptyBatch(_)
    ));

    // None of them changed anything: the batch itself still settles, once.
    let calldata = settlement.calldata();
    settlement
        .chain
        .transact(settlement.rollup, calldata)
        .unwrap();
    let replayed = settlement.batch.clone();
    assert!(matches!(
        refusal(&mut settlement, &replayed),
        RollupError::WrongFirstBlock(_)
    ));
}

#[test]
fn blocks_from_the_future() {
    let execution = sample("three_blocks.json");
    let mut settlement = Settlement::new(&execution, b"proof");
    let last = execution.end().block.timestamp;
    let batch = settlement.batch.clone();
    settlement.chain.set_timestamp(last - 61);
    assert!(matches!(
        refusal(&mut settlement, &batch),
        RollupError::TimestampInFuture(_)
    ));
    settlement.chain.set_timestamp(last - 60);
    let calldata = settlement.calldata();
    settlement
        .chain
        .transact(settlement.rollup, calldata)
        .unwrap();
}

/// Every byte of the batch is bound: each one changed asks for another proof or is refused by name.
#[test]
fn every_byte_of_a_batch() {
    let mut settlement = Settlement::new(&sample("three_blocks.json"), b"proof");
    for position in 0..settlement.batch.len() {
        let mut batch = settlement.batch.clone();
        batch[position] ^= 1 << (position % 8);
        refusal(&mut settlement, &batch);
    }
    let calldata = settlement.calldata();
    settlement
        .chain
        .transact(settlement.rollup, calldata)
        .unwrap();
}

#[test]
fn other_layouts_of_the_calldata() {
    let mut settlement = Settlement::new(&sample("three_blocks.json"), b"proof");
    let calldata = settlement.calldata();
    let longer = [calldata.as_ref(), &[0]].concat();
    let error = settlement
        .chain
        .transact(settlement.rollup, longer.into())
        .unwrap_err();
    assert!(
        matches!(
            error.rollup_error(),
            Some(RollupError::NonCanonicalCalldata(_))
        ),
        "{error}"
    );
    let mut dirty = calldata.to_vec();
    *dirty.last_mut().unwrap() = 1;
    let error = settlement
        .chain
        .transact(settlement.rollup, dirty.into())
        .unwrap_err();
    assert!(
        matches!(
            error.rollup_error(),
            Some(RollupError::NonCanonicalCalldata(_))
        ),
        "{error}"
    );
    let shorter = calldata.slice(..calldata.len() - 32);
    let error = settlement
        .chain
        .transact(settlement.rollup, shorter)
        .unwrap_err();
    assert!(matches!(error, Error::Reverted(_)), "{error}");
}
