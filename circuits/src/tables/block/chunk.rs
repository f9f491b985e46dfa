//! What chunks need to know of `block`.

use alloy_primitives::B256;
use braid_stark::{Felt, Tag, Trace};
use plonky2::field::types::PrimeField64;

use super::{BLOCK_VALUES, BlockTable, Logged, Progress, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::Checkpoint;
use crate::tables::keccak_sponge;
use crate::word::{WORD_LIMBS, number_of, u64_of};

/// Claims of `arith` by the row.
const SUMS: usize = 7;
/// Hashes of the leaf that opening writes: its key, and its value in two.
const HASHES: usize = 3;
/// Bytes of a block header.
const HEADER_BYTES: usize = 12 * 32;

impl ChunkTable for BlockTable {
    fn claim(&self) -> &'static str {
        "the chunk leads from its start to its end: opens and seals at most one block"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.few()
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Chunk = part {
            asked.rows(1);
            asked.claims(tag::Add, SUMS);
            asked.claims(tag::Poseidon, HASHES);
            keccak_sponge::ask(asked, HEADER_BYTES);
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[
            tag::BlockProgress,
            tag::BlockValue,
            tag::LogCount,
            tag::LogChain,
        ]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let last = progress(&filling.claims, &filling.events.start);
        let logged = logged(&filling.claims, &filling.events.start);
        let asked = BLOCK_VALUES.map(|opcode| {
            let asked = filling.claims.of(&[tag::BlockValue]);
            let asked = asked.filter(|message| u64_of(&message.payload[..1]) == u64::from(opcode));
            asked.count() as u64
        });
        Ok(generate(filling.events, &last, &logged, asked))
    }
}

/// What is logged: what the messages with the highest numbers say.
pub(super) fn logged(claims: &Claims, start: &Checkpoint) -> Logged {
    let numbers = |payload: &[Felt]| -> Vec<u64> {
        let elements = payload.iter();
        elements.map(|element| element.to_canonical_u64()).collect()
    };
    let mut logged = Logged {
        chain: start.log_chain,
        ..Logged::default()
    };
    for message in claims.of(&[tag::LogCount]) {
        if let [count, timestamp] = numbers(&message.payload)[..]
            && count > logged.count
        {
            (logged.count, logged.timestamp) = (count, timestamp);
        }
    }
    let mut last = 0;
    for message in claims.of(&[tag::LogChain]) {
        if let [index, ref chain @ ..] = numbers(&message.payload)[..]
            && index > last
            && let Ok(chain) = chain.try_into()
        {
            (last, logged.chain) = (index, chain);
        }
    }
    logged
}

/// Where the block stands after the last transaction: what the message with the highest ordinal says.
fn progress(claims: &Claims, start: &Checkpoint) -> Progress {
    let said = claims.of(&[tag::BlockProgress]).map(|message| {
        let (ordinal, rest) = message.payload.split_at(1);
        let (gas_used, rest) = rest.split_at(2);
        let (tx_chain, clock) = rest.split_at(WORD_LIMBS);
        let progress = Progress {
            gas_used: u64_of(gas_used),
            tx_chain: B256::from(number_of(tx_chain)),
            clock: u64_of(clock),
        };
        (u64_of(ordinal), progress)
    });
    let last = said.max_by_key(|(ordinal, _)| *ordinal);
    last.map_or_else(|| Progress::first(start), |(_, progress)| progress)
}
