//! The memories of frames, each word with the time at which it was touched last.

use std::collections::BTreeMap;

use alloy_primitives::U256;

use super::copies::{CopiedWord, CopyOrder, PerformedCopy, ReadWord, cut, window};
use crate::bus::space;
use crate::event::opcode::{MLOAD, MSTORE, MSTORE8};

/// Bytes of a word of memory.
pub const WORD_BYTES: u64 = 32;

/// What a word of memory was after an access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The word.
    pub value: U256,
    /// When it was accessed; 0 for the zero that it is at first.
    pub timestamp: u64,
}

/// A word of memory that is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TouchedWord {
    /// The frame.
    pub frame: u64,
    /// The word has bytes `32 index .. 32 index + 32`.
    pub index: u64,
    /// What the access before left.
    pub before: Version,
    /// What this one leaves.
    pub after: Version,
}

/// A step's access to memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryAccess {
    /// The first byte, below 2^32.
    pub offset: u64,
    /// What is read or written, as a word; of MSTORE8 the word whose lowest byte is written.
    pub value: U256,
    /// The words that have the bytes.
    pub words: Vec<TouchedWord>,
}

/// A word of memory that was ever touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The frame.
    pub frame: u64,
    /// The word has bytes `32 index .. 32 index + 32`.
    pub index: u64,
    /// What it was at the end.
    pub last: Version,
}

/// Whether the opcode does nothing but read or write memory.
pub fn accesses_memory(opcode: u8) -> bool {
    matches!(opcode, MLOAD | MSTORE | MSTORE8)
}

/// Bytes that such an opcode reads or writes.
pub fn accessed_bytes(opcode: u8) -> u64 {
    if opcode == MSTORE8 { 1 } else { WORD_BYTES }
}

/// A step that accesses memory.
pub(super) struct Accessing<'a> {
    pub(super) clock: u64,
    pub(super) frame: u64,
    pub(super) opcode: u8,
    pub(super) offset: U256,
    /// What is written.
    pub(super) value: Option<U256>,
    /// The frame's memory before the step.
    pub(super) memory: &'a [u8],
}

/// The words of all memories that were touched so far, and registers.
#[derive(Default)]
pub(super) struct Memories {
    last: BTreeMap<(u64, u64), Version>,
}

impl Memories {
    /// Makes the access of a step.
    pub(super) fn access(
        &mut self,
        accessing: &Accessing<'_>,
    ) -> Result<MemoryAccess, &'static str> {
        let offset = u32::try_from(accessing.offset);
        let offset = offset.map_err(|_| "memory is used beyond 2^32 bytes")?;
        let offset = u64::from(offset);
        let length = accessed_bytes(accessing.opcode);
        let touched = offset / WORD_BYTES..=(offset + length - 1) / WORD_BYTES;
        let mut bytes: Vec<u8> = Vec::new();
        for index in touched.clone() {
            bytes.extend(word_of(accessing.memory, index));
        }
        let start = (offset % WORD_BYTES) as usize;
        let window = bytes.get_mut(start..start + length as usize);
        let window = window.ok_or("an access reaches beyond its words")?;
        let value = match accessing.value {
            None => U256::from_be_slice(window),
            Some(value) => {
                let written = value.to_be_bytes::<32>();
                let unused = written.len() - window.len();
                window.copy_from_slice(written.get(unused..).unwrap_or_default());
                value
            }
        };
        let writes = u64::from(accessing.value.is_some());
        let timestamp = 2 * accessing.clock + writes;
        let mut words = Vec::new();
        for (index, after) in touched.zip(bytes.chunks(WORD_BYTES as usize)) {
            let known = self.value(accessing.frame, index);
            if known != U256::from_be_bytes(word_of(accessing.memory, index)) {
                return Err("memory is not what steps have made of it");
            }
            let value = U256::from_be_slice(after);
            words.push(self.put(accessing.frame, index, value, timestamp));
        }
        Ok(MemoryAccess {
            offset,
            value,
            words,
        })
    }

    /// What a word is.
    pub(super) fn value(&self, frame: u64, index: u64) -> U256 {
        let last = self.last.get(&(frame, index));
        last.map_or(U256::ZERO, |version| version.value)
    }

    /// A word is accessed, and is `value` then.
    pub(super) fn put(
        &mut self,
        frame: u64,
        index: u64,
        value: U256,
        timestamp: u64,
    ) -> TouchedWord {
        let after = Version { value, timestamp };
        let before = self.last.insert((frame, index), after).unwrap_or_default();
        TouchedWord {
            frame,
            index,
            before,
            after,
        }
    }

    /// A word is read.
    pub(super) fn read(&mut self, frame: u64, index: u64, timestamp: u64) -> TouchedWord {
        self.put(frame, index, self.value(frame, index), timestamp)
    }

    /// Bytes are written to a frame's memory, with zeros up to the end of their last word.
    pub(super) fn write(
        &mut self,
        frame: u64,
        first: u64,
        bytes: &[u8],
        timestamp: u64,
    ) -> Vec<TouchedWord> {
        let words = (first..).zip(bytes.chunks(WORD_BYTES as usize));
        let words = words.map(|(index, bytes)| {
            let value = U256::from_be_bytes(word_of(bytes, 0));
            self.put(frame, index, value, timestamp)
        });
        words.collect()
    }

    /// Makes a copy; `constant` is the source, if that is not memory.
    pub(super) fn copy(&mut self, order: CopyOrder, constant: &[u8]) -> PerformedCopy {
        let (targets, carried) = (order.targets(), order.carried());
        let leading = u64::from(order.leads());
        let first = order.first_source() - leading;
        let count = targets.end - targets.start + leading;
        let mut rows = Vec::new();
        let mut previous = U256::ZERO;
        for index in first..first + count {
            let start = WORD_BYTES * index;
            let read = match order.source.space {
                _ if start >= order.source_end => ReadWord::Beyond,
                space::MEMORY => {
                    ReadWord::Memory(self.read(order.source.id, index, 2 * order.clock))
                }
                _ => ReadWord::Constant(U256::from_be_bytes(word_of(constant, index))),
            };
            let current = cut(read.value(), order.source_end.saturating_sub(start));
            rows.push(CopiedWord {
                index,
                read,
                cut: current,
                window: window(carried, previous, current),
                written: None,
            });
            previous = current;
        }
        if order.target.space == space::MEMORY {
            let (head, end) = (order.head(), order.target.offset + order.length);
            let targets = targets.clone().zip(rows.iter_mut().skip(leading as usize));
            for (index, row) in targets {
                let before = self.value(order.target.id, index).to_be_bytes::<32>();
                let mut after = row.window.to_be_bytes::<32>();
                let start = if index == targets_start(&order) {
                    head
                } else {
                    0
                };
                let end = end - WORD_BYTES * index;
                for (place, (after, before)) in (0..).zip(after.iter_mut().zip(before)) {
                    if place < start || place >= end {
                        *after = before;
                    }
                }
                let value = U256::from_be_bytes(after);
                let timestamp = 2 * order.clock + 1;
                row.written = Some(self.put(order.target.id, index, value, timestamp));
            }
        }
        PerformedCopy { order, rows }
    }

    /// All touched words, by frame and index.
    pub(super) fn finish(self) -> Vec<Cell> {
        let cells = self.last.into_iter();
        let cells = cells.map(|((frame, index), last)| Cell { frame, index, last });
        cells.collect()
    }
}

/// The first word that a copy writes.
fn targets_start(order: &CopyOrder) -> u64 {
    order.target.offset / WORD_BYTES
}

/// A word of some bytes; beyond their end there are zeros.
pub(super) fn word_of(memory: &[u8], index: u64) -> [u8; WORD_BYTES as usize] {
    let start = usize::try_from(index * WORD_BYTES).unwrap_or(usize::MAX);
    let mut word = [0; WORD_BYTES as usize];
    let bytes = memory.get(start..).unwrap_or_default();
    for (byte, value) in word.iter_mut().zip(bytes) {
        *byte = *value;
    }
    word
}
