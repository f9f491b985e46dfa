//! Filling the block table.

use alloy_primitives::{B256, U256};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::air::FIRST_CLOCK;
use super::columns::{BlockColumns, CanonicalSplit, WorkingBlock};
use crate::event::{BlockEnvironment, Checkpoint, ChunkEvents, NumberedHash};
use crate::hash_leaf::{LeafKey, LeafValue};
use crate::state_hash::{Digest, EMPTY};
use crate::statement::{CheckpointLimbs, rules_element};
use crate::word::{address, hash_word, u64_limbs, word};

/// The block that the chunk's transactions run in: the one that it opens, or else its start's.
pub(crate) fn working_block(events: &ChunkEvents) -> BlockEnvironment {
    events.opens.unwrap_or(events.start.block)
}

/// Where the open block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Gas used in the block.
    pub gas_used: u64,
    /// The chain over transactions.
    pub tx_chain: B256,
    /// The clock at which the next transaction begins.
    pub clock: u64,
}

impl Progress {
    /// Before the first transaction of a chunk that starts like this.
    pub fn first(start: &Checkpoint) -> Self {
        Self {
            gas_used: start.gas_used,
            tx_chain: start.tx_chain,
            clock: FIRST_CLOCK,
        }
    }
}

/// What is logged in the chunk and not undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logged {
    /// How many logs.
    pub count: u64,
    /// When the last of them was logged; 0 if there is none.
    pub timestamp: u64,
    /// The chain after it.
    pub chain: Digest,
}

/// Fills the one row; `last` is where the block stands after the last transaction, `logged` what is logged, and `asked` how often each of [`BLOCK_VALUES`](super::BLOCK_VALUES) is asked for.
pub fn generate(events: &ChunkEvents, last: &Progress, logged: &Logged, asked: [u64; 8]) -> Trace {
    let mut trace = Trace::new(<BlockColumns<Felt> as Columns<Felt>>::WIDTH);
    let row: &mut BlockColumns<Felt> = trace.push();
    let block = working_block(events);
    row.used = Felt::ONE;
    row.start = CheckpointLimbs::from(&events.start);
    row.chain_id = u64_limbs(events.chain_id);
    row.rules = rules_element(events.rules);
    let is_open = events.start.block.gas_limit != 0;
    row.is_open = Felt::from_bool(is_open);
    row.opens = Felt::from_bool(events.opens.is_some());
    row.seals = Felt::from_bool(events.seals);
    row.block = WorkingBlock {
        number: u64_limbs(block.number),
        timestamp: u64_limbs(block.timestamp),
        coinbase: address(block.coinbase),
        gas_limit: u64_limbs(block.gas_limit),
        base_fee: word(block.base_fee),
        prev_randao: hash_word(block.prev_randao),
        blob_base_fee: word(block.blob_base_fee),
    };
    let gas_limit: Felt = row.block.gas_limit.into_iter().sum();
    row.gas_limit_inverse = gas_limit.try_inverse().unwrap_or(Felt::ZERO);
    if events.opens.is_some() {
        let passed = block.timestamp.saturating_sub(events.start.block.timestamp);
        row.time_passed = word(U256::from(passed));
        let parent = NumberedHash {
            number: events.start.block.number,
            hash: events.start.block_hash,
        };
        row.parent_key = LeafKey::of(parent.number);
        row.parent_after = LeafValue::of(&parent);
        let before = events.parent_hash.as_ref().map_or(EMPTY, |it| it.before);
        row.parent_present = Felt::from_bool(before != EMPTY);
        row.parent_before = before.map(Felt::from_noncanonical_u64);
    }
    row.transactions = Felt::from_canonical_usize(events.transactions.len());
    row.updates = Felt::from_canonical_u64(events.updates());
    if is_open || events.opens.is_some() {
        row.clock = Felt::from_noncanonical_u64(last.clock);
    }
    row.gas_used = u64_limbs(last.gas_used);
    row.tx_chain = hash_word(last.tx_chain);
    row.state_root = events.end.state_root.map(Felt::from_noncanonical_u64);
    row.block_hash = hash_word(events.end.block_hash);
    row.values_asked = asked.map(Felt::from_noncanonical_u64);
    row.logs = Felt::from_noncanonical_u64(logged.count);
    row.logged = Felt::from_noncanonical_u64(logged.timestamp);
    row.log_chain = logged.chain.map(Felt::from_noncanonical_u64);
    if events.seals {
        row.state_root_limbs = row.state_root.map(split);
        row.log_chain_limbs = row.log_chain.map(split);
    }
    trace
}

fn split(element: Felt) -> CanonicalSplit<Felt> {
    let value = element.to_canonical_u64();
    let limbs = u64_limbs(value);
    let short_of_full = limbs[1] - Felt::from_canonical_u32(u32::MAX);
    CanonicalSplit {
        limbs,
        high_is_full: Felt::from_bool(short_of_full == Felt::ZERO),
        inverse: short_of_full.try_inverse().unwrap_or(Felt::ZERO),
    }
}
