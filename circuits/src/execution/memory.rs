//! The memories of frames, each word with the time at which it was touched last.

use std::collections::BTreeMap;

use alloy_primitives::U256;

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

/// The words of all memories that were touched so far.
#[derive(Default)]
pub(super) struct Memories {
    last: BTreeMap<(u64, u64), Version>,
    /// What steps changed whose own accesses are not gone through.
    elsewhere: Vec<TouchedWord>,
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
            let before = self.before(accessing, index);
            let value = U256::from_be_slice(after);
            let after = Version { value, timestamp };
            self.last.insert((accessing.frame, index), after);
            let frame = accessing.frame;
            words.push(TouchedWord {
                frame,
                index,
                before,
                after,
            });
        }
        Ok(MemoryAccess {
            offset,
            value,
            words,
        })
    }

    /// The version of a word before a step. If it is another one than the last that was noted, then a step in between changed it that no table does yet (copies, calls); it is
    /// noted as if the step just before had done that.
    fn before(&mut self, accessing: &Accessing<'_>, index: u64) -> Version {
        let value = U256::from_be_bytes(word_of(accessing.memory, index));
        let frame = accessing.frame;
        let last = self.last.get(&(frame, index));
        let last = last.copied().unwrap_or_default();
        if last.value == value {
            return last;
        }
        let timestamp = (2 * accessing.clock).saturating_sub(1);
        let changed = Version { value, timestamp };
        self.elsewhere.push(TouchedWord {
            frame,
            index,
            before: last,
            after: changed,
        });
        changed
    }

    /// All touched words, by frame and index, and what was changed elsewhere.
    pub(super) fn finish(self) -> (Vec<Cell>, Vec<TouchedWord>) {
        let cells = self.last.into_iter();
        let cells = cells.map(|((frame, index), last)| Cell { frame, index, last });
        (cells.collect(), self.elsewhere)
    }
}

/// A word of a memory; beyond its end there are zeros.
fn word_of(memory: &[u8], index: u64) -> [u8; WORD_BYTES as usize] {
    let start = usize::try_from(index * WORD_BYTES).unwrap_or(usize::MAX);
    let mut word = [0; WORD_BYTES as usize];
    let bytes = memory.get(start..).unwrap_or_default();
    for (byte, value) in word.iter_mut().zip(bytes) {
        *byte = *value;
    }
    word
}
