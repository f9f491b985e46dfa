//! Bytes that move from one place to another, word by word.
//!
//! A copy takes a row for each aligned word of its target. The bytes of a target word lie in two neighbouring words of the source; the second of them is read with the row, the first was read with the row before. So every word of the source is read once and every word of
//! the target written once, and what is read is read before anything is written.

use alloy_primitives::U256;

use super::frame::{CallInput, PerformedFrame};
use super::memory::{TouchedWord, WORD_BYTES};
use super::step::PerformedStep;
use crate::bus::space;
use crate::event::opcode::*;
use crate::word::limbs32;

/// Whether the opcode does nothing but move bytes to memory, to a string that is hashed, or to the stack; or it asks how many there are.
pub fn moves_bytes(opcode: u8) -> bool {
    let copies = matches!(opcode, CALLDATACOPY | CODECOPY | RETURNDATACOPY | MCOPY);
    copies || matches!(opcode, KECCAK256 | CALLDATALOAD | RETURNDATASIZE)
}

/// A byte somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// One of [`space`].
    pub space: u64,
    /// The number of the frame, transaction, code or string.
    pub id: u64,
    /// The byte.
    pub offset: u64,
}

/// What is to be copied; see [`crate::bus::Message::Copy`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyOrder {
    /// It reads at twice this time, and writes right after.
    pub clock: u64,
    /// Where the bytes come from.
    pub source: Place,
    /// From this byte of the source on they are zeros.
    pub source_end: u64,
    /// Where they go to.
    pub target: Place,
    /// How many; not zero.
    pub length: u64,
}

impl CopyOrder {
    /// How many bytes of a target word come from the source word before that of its row: 0 to 31.
    pub fn carried(&self) -> u64 {
        let behind = self.source.offset % WORD_BYTES;
        (self.target.offset + WORD_BYTES - behind) % WORD_BYTES
    }

    /// Bytes of the first target word before those that are copied.
    pub fn head(&self) -> u64 {
        self.target.offset % WORD_BYTES
    }

    /// Whether the first target word has bytes of a source word that is read in a row before its own.
    pub fn leads(&self) -> bool {
        self.head() < self.carried()
    }

    /// The source word that is read in the row of the first target word.
    pub fn first_source(&self) -> u64 {
        (self.source.offset + self.carried() - self.head()) / WORD_BYTES
    }

    /// The first target word, and the one after the last.
    pub fn targets(&self) -> core::ops::Range<u64> {
        let end = self.target.offset + self.length;
        self.target.offset / WORD_BYTES..end.div_ceil(WORD_BYTES)
    }
}

/// A word that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadWord {
    /// Of a frame's memory.
    Memory(TouchedWord),
    /// Of what does not change.
    Constant(U256),
    /// All of it is beyond the end.
    Beyond,
}

impl ReadWord {
    /// The word as it lies there.
    pub fn value(&self) -> U256 {
        match self {
            Self::Memory(touched) => touched.after.value,
            Self::Constant(value) => *value,
            Self::Beyond => U256::ZERO,
        }
    }
}

/// A row of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopiedWord {
    /// The source word has bytes `32 index .. 32 index + 32`.
    pub index: u64,
    /// The source word.
    pub read: ReadWord,
    /// The same with zeros from the source's end on.
    pub cut: U256,
    /// The 32 bytes of the source that lie where the target word does.
    pub window: U256,
    /// The word of memory that is written.
    pub written: Option<TouchedWord>,
}

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerformedCopy {
    /// What is copied.
    pub order: CopyOrder,
    /// One for each target word, after one that only reads if the copy [`CopyOrder::leads`].
    pub rows: Vec<CopiedWord>,
}

/// The word with zeros from byte `end` on.
pub(super) fn cut(word: U256, end: u64) -> U256 {
    match end {
        0 => U256::ZERO,
        1..WORD_BYTES => {
            let unused = 8 * (WORD_BYTES - end) as usize;
            (word >> unused) << unused
        }
        _ => word,
    }
}

/// The last `carried` bytes of the one word, then the first of the other.
pub fn window(carried: u64, previous: U256, current: U256) -> U256 {
    match carried {
        0 => current,
        _ => {
            let kept = 8 * carried as usize;
            (previous << (256 - kept)) | (current >> kept)
        }
    }
}

/// What a step knows that moves bytes.
pub(super) struct Known<'a> {
    pub(super) frame: &'a PerformedFrame,
    pub(super) code_size: u64,
    /// What the register of the return data says.
    pub(super) returned: Option<U256>,
    /// Size of the bytecode that EXTCODECOPY copies from.
    pub(super) copied_size: u64,
}

/// The copy that a step makes which does not halt.
pub(super) fn order_of(step: &PerformedStep, known: &Known<'_>) -> Option<CopyOrder> {
    let word = |index: usize| step.popped.get(index).map(|word| word.value);
    let (target, source, length) = match step.opcode {
        CALLDATALOAD => (None, word(0)?, U256::from(WORD_BYTES)),
        KECCAK256 | LOG0..=LOG4 => (None, word(0)?, word(1)?),
        EXTCODECOPY => (Some(word(1)?), word(2)?, word(3)?),
        _ => (Some(word(0)?), word(1)?, word(2)?),
    };
    let length = u64::try_from(length).ok().filter(|length| *length > 0)?;
    let target = match target {
        None => Place {
            space: space::STRING,
            id: step.clock,
            offset: 0,
        },
        Some(offset) => Place {
            space: space::MEMORY,
            id: step.frame,
            offset: u64::try_from(offset).ok()?,
        },
    };
    // Beyond 2^32 there is nothing, as if there were nothing at all.
    let near = u32::try_from(source).map(u64::from);
    let within = |start: Place, end: u64| match near {
        Ok(near) => {
            let offset = start.offset + near;
            (Place { offset, ..start }, end)
        }
        Err(_) => (Place { offset: 0, ..start }, 0),
    };
    let memory = |id: u64, offset: u64| Place {
        space: space::MEMORY,
        id,
        offset,
    };
    let (source, source_end) = match step.opcode {
        CALLDATALOAD | CALLDATACOPY => {
            let CallInput {
                frame,
                offset,
                length,
            } = known.frame.input;
            let start = match frame {
                0 => Place {
                    space: space::CALLDATA,
                    id: known.frame.transaction,
                    offset,
                },
                _ => memory(frame, offset),
            };
            within(start, offset + length)
        }
        CODECOPY => {
            let start = Place {
                space: space::CODE,
                id: step.code,
                offset: 0,
            };
            within(start, known.code_size)
        }
        EXTCODECOPY => {
            let start = Place {
                space: space::CODE,
                id: step.copied,
                offset: 0,
            };
            match step.copied {
                0 => (start, 0),
                _ => within(start, known.copied_size),
            }
        }
        RETURNDATACOPY => {
            let [frame, offset, ..] = limbs32(known.returned?);
            within(memory(frame, offset), space::NO_END)
        }
        _ => within(memory(step.frame, 0), space::NO_END),
    };
    Some(CopyOrder {
        clock: step.clock,
        source,
        source_end,
        target,
        length,
    })
}
