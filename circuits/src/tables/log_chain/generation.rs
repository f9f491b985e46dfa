//! Filling `log_chain`.

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::LogChainColumns;
use crate::error::Error;
use crate::log_word::FullHalf;
use crate::state_hash::Digest;
use crate::state_hash::logs::{log_name, log_start, log_word};
use crate::tables::log::TOPICS;
use crate::word::{ADDRESS_LIMBS, AddressLimbs, WORD_LIMBS, Word, address_of, number_of, word};

/// A log as `log` says it.
struct Record {
    number: Felt,
    address: AddressLimbs<Felt>,
    count: usize,
    topics: [Word<Felt>; TOPICS],
    data: Digest,
}

fn record(message: &Message<Felt>) -> Option<Record> {
    let (number, rest) = message.payload.split_first()?;
    let (address, rest) = rest.split_first_chunk::<ADDRESS_LIMBS>()?;
    let (count, rest) = rest.split_first()?;
    let (topics, data) = rest.split_at_checked(TOPICS * WORD_LIMBS)?;
    let mut words = [[Felt::ZERO; WORD_LIMBS]; TOPICS];
    for (word, limbs) in words.iter_mut().zip(topics.chunks(WORD_LIMBS)) {
        *word = limbs.try_into().ok()?;
    }
    Some(Record {
        number: *number,
        address: *address,
        count: usize::try_from(count.to_canonical_u64()).ok()?,
        topics: words,
        data: digest(data.first_chunk()?),
    })
}

fn digest(elements: &[Felt; 4]) -> Digest {
    elements.map(|element| element.to_canonical_u64())
}

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(Felt::from_noncanonical_u64)
}

/// A row for each log that is told, in the order of their numbers, after the chain `start`.
///
/// # Errors
/// [`Error::Events`] when a log is none.
pub fn generate<'a>(
    records: impl Iterator<Item = &'a Message<Felt>>,
    start: Digest,
) -> Result<Trace, Error> {
    let refused = || Error::Events("a log is none".to_owned());
    let records = records.map(|message| record(message).ok_or_else(refused));
    let mut records: Vec<_> = records.collect::<Result<_, _>>()?;
    records.sort_by_key(|record| record.number.to_canonical_u64());
    let mut trace = Trace::new(LogChainColumns::<Felt>::WIDTH);
    let mut chain = start;
    for record in &records {
        chain = fill(trace.push(), record, chain);
    }
    Ok(trace)
}

/// Fills a row; gives the chain after it.
fn fill(row: &mut LogChainColumns<Felt>, record: &Record, chain: Digest) -> Digest {
    row.used = Felt::ONE;
    row.number = record.number;
    row.chain = felts(chain);
    row.data = felts(record.data);
    let started = log_start(chain, record.data);
    row.started = felts(started);
    row.address = record.address;
    let name = log_name(address_of(&record.address), record.count);
    row.halves = FullHalf::of(&word(name));
    let mut after = log_word(started, name);
    row.named = felts(after);
    for (place, (cell, topic)) in row.topics.iter_mut().zip(&record.topics).enumerate() {
        if place < record.count {
            cell.has = Felt::ONE;
            cell.value = *topic;
            cell.halves = FullHalf::of(topic);
            after = log_word(after, number_of(topic));
        }
        cell.after = felts(after);
    }
    after
}
