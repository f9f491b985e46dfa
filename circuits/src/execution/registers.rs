//! Words that are kept with a frame's memory though they are none of it ([`crate::bus::register`]), each with the time at which it was accessed last.

use std::collections::BTreeMap;

use alloy_primitives::U256;

use super::frame::Returned;
use super::memory::{Cell, TouchedWord, Version};
use crate::bus::register::RETURN_DATA;

/// What [`RETURN_DATA`] says of a call: which frame was called, and what it hands back.
pub fn return_data(frame: u64, returned: Returned) -> U256 {
    let Returned { offset, length } = returned;
    U256::from(frame) | U256::from(offset) << 32 | U256::from(length) << 64
}

/// The register [`RETURN_DATA`] of every frame that has one.
#[derive(Debug, Default)]
pub(super) struct ReturnRegisters {
    last: BTreeMap<u64, Version>,
}

impl ReturnRegisters {
    /// The access to the register of `frame` at `timestamp`, which leaves `value`, or what there was.
    pub(super) fn access(
        &mut self,
        frame: u64,
        timestamp: u64,
        value: Option<U256>,
    ) -> TouchedWord {
        let last = self.last.entry(frame).or_default();
        let before = *last;
        let value = value.unwrap_or(before.value);
        *last = Version { value, timestamp };
        TouchedWord {
            frame,
            index: RETURN_DATA,
            before,
            after: *last,
        }
    }

    /// Adds the registers to the words of memory.
    pub(super) fn finish(self, cells: &mut Vec<Cell>) {
        let registers = self.last.into_iter().map(|(frame, last)| Cell {
            frame,
            index: RETURN_DATA,
            last,
        });
        cells.extend(registers);
        cells.sort_by_key(|cell| (cell.frame, cell.index));
    }
}
