//! Filling `calldata`.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::CalldataColumns;
use crate::bus::space;
use crate::error::Error;
use crate::event::TransactionEvent;
use crate::execution::WORD_BYTES;
use crate::word::word;

/// Words by transaction and index, with how often they are asked for.
type Counts = BTreeMap<(u64, u64), u64>;

/// Rows for all words of the calldata of transactions that run code. `claims` ask for some of them, as often as they need them.
///
/// # Errors
/// [`Error::Events`] when a word is asked for that there is not.
pub fn generate<'a>(
    transactions: &[TransactionEvent],
    claims: impl Iterator<Item = &'a Message<Felt>>,
) -> Result<Trace, Error> {
    let mut asked = Counts::new();
    for claim in claims {
        if let [source, transaction, index, ..] = claim.payload.as_slice()
            && source.to_canonical_u64() == space::CALLDATA
        {
            let word = (transaction.to_canonical_u64(), index.to_canonical_u64());
            *asked.entry(word).or_default() += 1;
        }
    }
    let mut trace = Trace::new(CalldataColumns::<Felt>::WIDTH);
    for (ordinal, event) in (0..).zip(transactions) {
        if event.runs_code {
            fill(&mut trace, ordinal, &event.data, &mut asked);
        }
    }
    match asked.pop_first() {
        None => Ok(trace),
        Some(((transaction, index), _)) => Err(Error::Events(format!(
            "there is no word {index} of the calldata of transaction {transaction}"
        ))),
    }
}

/// The words of a transaction; takes their counts.
fn fill(trace: &mut Trace, transaction: u64, data: &[u8], asked: &mut Counts) {
    let felt = Felt::from_noncanonical_u64;
    let words = data.chunks(WORD_BYTES as usize);
    let (count, mut end) = (words.len() as u64, 0);
    for (index, bytes) in (0..count).zip(words) {
        end += bytes.len();
        let before = end.saturating_sub(WORD_BYTES as usize);
        let read = data.get(before..end).unwrap_or_default();
        let read = U256::try_from_be_slice(read).unwrap_or_default();
        let missing = WORD_BYTES - bytes.len() as u64;
        let last = index + 1 == count;
        let row: &mut CalldataColumns<Felt> = trace.push();
        row.whole = Felt::from_bool(!last);
        row.last = Felt::from_bool(last);
        row.transaction = felt(transaction);
        row.index = felt(index);
        row.missing = felt(missing);
        row.read = word(read);
        row.value = word(read << (8 * missing) as usize);
        row.count = felt(asked.remove(&(transaction, index)).unwrap_or(0));
    }
}
