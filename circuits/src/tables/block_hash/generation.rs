//! Filling `block_hash`.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::BlockHashColumns;
use crate::error::Error;
use crate::event::BlockHashEvent;
use crate::event::opcode::BLOCKHASH;
use crate::execution::Execution;
use crate::hash_leaf::{LeafKey, LeafValue};
use crate::tables::compute::Operation;
use crate::word::{hash_word, u64_limbs, word};

/// The numbers whose hashes steps ask for, with what they get.
pub fn asked(execution: &Execution) -> BTreeMap<U256, U256> {
    let steps = execution.steps.iter();
    let steps = steps.filter(|step| step.halt.is_none() && step.opcode == BLOCKHASH);
    let pairs = steps.filter_map(|step| Some((step.popped.first()?.value, step.pushed?)));
    pairs.collect()
}

/// A row for each of `events`, strictly ascending by number; `claims` are all computations that are claimed. The first row is the `first_step`-th update of the tree.
///
/// # Errors
/// [`Error::Events`] when numbers are out of order, or are not those that are asked for.
pub fn generate(
    events: &[BlockHashEvent],
    claims: impl Iterator<Item = Operation>,
    first_step: u64,
) -> Result<Trace, Error> {
    let mut counts: BTreeMap<U256, u64> = BTreeMap::new();
    for claim in claims.filter(|claim| claim.opcode == BLOCKHASH) {
        *counts.entry(claim.a).or_default() += 1;
    }
    if !events.iter().map(|event| &event.asked).eq(counts.keys()) {
        let why = "block hashes are asked for that are not those of the chunk";
        return Err(Error::Events(why.to_owned()));
    }
    let mut trace = Trace::new(BlockHashColumns::<Felt>::WIDTH);
    for ((event, count), step) in events.iter().zip(counts.into_values()).zip(first_step..) {
        let row: &mut BlockHashColumns<Felt> = trace.push();
        row.count = Felt::from_noncanonical_u64(count);
        row.step = Felt::from_noncanonical_u64(step);
        fill(row, event);
    }
    Ok(trace)
}

fn fill(row: &mut BlockHashColumns<Felt>, event: &BlockHashEvent) {
    row.used = Felt::ONE;
    row.asked = word(event.asked);
    let [lowest, ..] = event.asked.into_limbs();
    row.leaf = LeafKey::of(lowest);
    let Some(leaf) = event.leaf else {
        return;
    };
    row.present = Felt::ONE;
    row.number = u64_limbs(leaf.number);
    row.hash = hash_word(leaf.hash);
    row.value = LeafValue::of(&leaf);
    let [low, high, above @ ..] = row.asked;
    let above: Felt = above.into_iter().sum();
    let differences = [low - row.number[0], high - row.number[1], above];
    let inverses = differences.map(|difference| difference.try_inverse());
    let found = row.differs.iter_mut().zip(inverses);
    let mut found = found.filter_map(|(flag, inverse)| Some((flag, inverse?)));
    match found.next() {
        Some((flag, inverse)) => (*flag, row.inverse) = (Felt::ONE, inverse),
        None => row.same = Felt::ONE,
    }
}
