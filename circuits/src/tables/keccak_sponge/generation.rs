//! Filling `keccak_sponge`.

use alloy_primitives::Bytes;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{self, Fixed, KeccakSpongeColumns};
use super::{RATE, RATE_LANES, ROWS_PER_BLOCK};
use crate::error::Error;
use crate::event::PublishedSponge;
use crate::tables::keccak_f::{State, halves, permute};

/// A byte string to hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashRequest {
    /// Its kind: one of [`crate::bus::string`].
    pub kind: u64,
    /// Its index among those of its kind.
    pub index: u64,
    /// The bytes that are taken in.
    pub bytes: Bytes,
    /// What was taken in before.
    pub before: PublishedSponge,
    /// Whether the string goes on from there: its holder gives bytes from the position of `before` on.
    pub resumes: bool,
    /// Whether the string is not over with these bytes.
    pub pauses: bool,
    /// Whether its holder gives it as limbs ([`HashLimb`](crate::bus::Message::HashLimb)) rather than as bytes
    /// ([`HashByte`](crate::bus::Message::HashByte)). The length must then be a multiple of 4.
    pub by_limbs: bool,
}

/// How many blocks a string of `length` bytes takes.
pub fn blocks(length: usize) -> usize {
    length / RATE + 1
}

impl HashRequest {
    /// A whole string, given by bytes.
    pub fn whole(kind: u64, index: u64, bytes: Bytes) -> Self {
        Self {
            kind,
            index,
            bytes,
            before: PublishedSponge::default(),
            resumes: false,
            pauses: false,
            by_limbs: false,
        }
    }
}

/// One block of a string.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) resumes: bool,
    pub(super) pauses: bool,
    pub(super) by_limbs: bool,
    pub(super) kind: u64,
    pub(super) index: u64,
    pub(super) length: u64,
    pub(super) offset: u64,
    pub(super) permutation: u64,
    /// How many bytes were taken in before.
    pub(super) start: usize,
    /// Where the string's bytes end in the block.
    pub(super) data: usize,
    /// The bytes with their padding.
    pub(super) bytes: [u8; RATE],
    /// The state before the block.
    pub(super) state: State,
}

impl Block {
    /// The state after the bytes are absorbed.
    pub(super) fn absorbed(&self) -> State {
        let mut state = self.state;
        for (lane, bytes) in state.iter_mut().zip(self.bytes.chunks_exact(8)) {
            *lane ^= little_endian(bytes);
        }
        state
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The lane with the bytes of each half in reverse.
fn swapped(lane: u64) -> u64 {
    lane.swap_bytes().rotate_left(32)
}

/// The blocks of all strings, with permutations numbered in order.
pub(super) fn blocks_of(requests: &[HashRequest]) -> Vec<Block> {
    let mut blocks_of_all = Vec::new();
    let mut permutations = 0;
    for request in requests {
        let start = request.before.position() as usize;
        // Bytes that were taken in before have no part in what is absorbed here.
        let bytes_of_all = [&vec![0; start], &request.bytes[..]].concat();
        let length = bytes_of_all.len();
        let count = match request.pauses {
            // A full block is permuted when there is another byte.
            true => length.div_ceil(RATE).max(1),
            false => blocks(length),
        };
        let mut state = *request.before.lanes();
        for number in 0..count {
            let offset = number * RATE;
            let data = length.saturating_sub(offset).min(RATE);
            let mut bytes = [0; RATE];
            bytes[..data].copy_from_slice(&bytes_of_all[offset..offset + data]);
            let last = number + 1 == count;
            let pauses = last && request.pauses;
            let resumes = number == 0 && request.resumes;
            if last && !pauses {
                bytes[data] ^= 0x01;
                bytes[RATE - 1] ^= 0x80;
            }
            let block = Block {
                first: number == 0,
                last,
                resumes,
                pauses,
                by_limbs: request.by_limbs,
                kind: request.kind,
                index: request.index,
                length: length as u64,
                offset: offset as u64,
                permutation: permutations,
                start: if resumes { start } else { 0 },
                data,
                bytes,
                state,
            };
            if !pauses {
                state = permute(&block.absorbed());
                permutations += 1;
            }
            blocks_of_all.push(block);
        }
    }
    blocks_of_all
}

/// Appends the rows of a block.
pub(super) fn push_block(trace: &mut Trace, block: &Block) {
    let mut state = block.state;
    for row in 0..ROWS_PER_BLOCK {
        let bytes = block.bytes.get(8 * row..8 * row + 8).unwrap_or(&[0; 8]);
        let lane = state[0];
        let absorbed = lane ^ little_endian(bytes);

        let columns: &mut KeccakSpongeColumns<Felt> = trace.push();
        columns.block = columns::Block {
            used: Felt::ONE,
            first: Felt::from_bool(block.first),
            last: Felt::from_bool(block.last),
            resumes: Felt::from_bool(block.resumes),
            pauses: Felt::from_bool(block.pauses),
            full: Felt::from_bool(block.pauses && block.data == RATE),
            start: Felt::from_canonical_usize(block.start),
            by_limbs: Felt::from_bool(block.by_limbs),
            kind: Felt::from_noncanonical_u64(block.kind),
            index: Felt::from_noncanonical_u64(block.index),
            length: Felt::from_noncanonical_u64(block.length),
            offset: Felt::from_noncanonical_u64(block.offset),
            permutation: Felt::from_noncanonical_u64(block.permutation),
        };
        if row < RATE_LANES {
            // Entry `i` stands for byte `8 * row + i - 1`; there is none before the block's first, which counts as data.
            let until = |end: usize| move |i| Felt::from_bool(8 * row + i <= end);
            columns.data = core::array::from_fn(until(block.data));
            if block.resumes {
                columns.before = core::array::from_fn(until(block.start));
            }
        }
        columns.bytes = core::array::from_fn(|i| Felt::from_canonical_u8(bytes[i]));
        columns.lane = lane.to_le_bytes().map(Felt::from_canonical_u8);
        columns.absorbed = absorbed.to_le_bytes().map(Felt::from_canonical_u8);
        let [_, lanes @ ..] = halves(&state);
        let (ring, capacity) = lanes.split_at(RATE_LANES - 1);
        columns.ring.copy_from_slice(ring);
        columns.capacity.copy_from_slice(capacity);

        let behind = match row {
            0..RATE_LANES => Some(absorbed),
            _ if block.last && !block.pauses => Some(swapped(lane)),
            _ => None,
        };
        if let Some(behind) = behind {
            let ring = &mut state[..RATE_LANES];
            ring.rotate_left(1);
            ring[RATE_LANES - 1] = behind;
        }
        if row + 1 == RATE_LANES && !block.pauses {
            state = permute(&state);
        }
    }
}

/// The rows for `requests`, in their order: [`ROWS_PER_BLOCK`] a block. Permutations are numbered in the same order.
///
/// # Errors
/// [`Error::Events`] if a string that is given by limbs is not a whole number of them.
pub fn generate(requests: &[HashRequest]) -> Result<Trace, Error> {
    if let Some(request) = requests
        .iter()
        .find(|request| request.by_limbs && request.bytes.len() % 4 != 0)
    {
        return Err(Error::Events(format!(
            "string ({}, {}) is hashed by limbs of 4 bytes but has {} bytes",
            request.kind,
            request.index,
            request.bytes.len()
        )));
    }
    let mut sponge = Trace::new(KeccakSpongeColumns::<Felt>::WIDTH);
    for block in blocks_of(requests) {
        push_block(&mut sponge, &block);
    }
    Ok(sponge)
}

/// What is known of the rows beforehand.
pub(super) fn fixed(height: usize) -> Trace {
    let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
    let last = ROWS_PER_BLOCK - 1;
    for _ in 0..height / ROWS_PER_BLOCK {
        for row in 0..ROWS_PER_BLOCK {
            let absorbing = row < RATE_LANES;
            let columns: &mut Fixed<Felt> = trace.push();
            if absorbing {
                columns.position = Felt::from_canonical_usize(8 * row);
            }
            columns.starts = Felt::from_bool(row == 0);
            columns.absorbs = Felt::from_bool(row + 1 < RATE_LANES);
            columns.permutes = Felt::from_bool(row + 1 == RATE_LANES);
            columns.squeezes = Felt::from_bool(!absorbing && row < last);
            columns.ends = Felt::from_bool(row == last);
        }
    }
    // The rows of the incomplete block at the end stay zero.
    trace.resize(height);
    trace
}
