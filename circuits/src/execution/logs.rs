//! Logs, and which of them survive.

use alloy_primitives::U256;

use super::frame::PerformedFrame;
use super::stack::Popped;
use crate::event::opcode::{LOG0, LOG4};
use crate::state_hash::Digest;
use crate::state_hash::logs::log_data;

/// Gas of a log, and of each topic (Yellow Paper, appendix G).
pub const LOG_GAS: u64 = 375;
/// Gas of a byte of a log's data (Yellow Paper, appendix G).
pub const LOG_BYTE_GAS: u64 = 8;

/// Topics of what the opcode logs; `None` if it logs nothing.
pub fn topics_of(opcode: u8) -> Option<u8> {
    matches!(opcode, LOG0..=LOG4).then(|| opcode - LOG0)
}

/// A log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmittedLog {
    /// The step.
    pub clock: u64,
    /// The frame.
    pub frame: u64,
    /// Digest of the data.
    pub digest: Digest,
    /// Its place among those of the chunk that survive, if it does, and when the one before was logged; 0 if there is none.
    pub survives: Option<(u64, u64)>,
}

/// Notes what a step logs.
pub(super) fn log(clock: u64, frame: u64, popped: &[Popped], memory: &[u8]) -> EmittedLog {
    let number = |index: usize| {
        let word = popped.get(index).map_or(U256::ZERO, |word| word.value);
        usize::try_from(word).unwrap_or(usize::MAX)
    };
    let (offset, length) = (number(0), number(1));
    let there = memory.get(offset..).unwrap_or_default();
    let there = there.get(..length).unwrap_or(there);
    let mut data = there.to_vec();
    // Memory grows by the step itself; what is paid for is below 2^32.
    data.resize(length.min(1 << 32), 0);
    EmittedLog {
        clock,
        frame,
        digest: log_data(&data),
        survives: None,
    }
}

/// Counts the logs that survive, once it is known which frames are undone.
pub(super) fn count(logs: &mut [EmittedLog], frames: &[PerformedFrame]) {
    let (mut number, mut accessed) = (0, 0);
    for log in logs {
        let frame = (log.frame as usize).checked_sub(1);
        let frame = frame.and_then(|index| frames.get(index));
        if frame.is_some_and(|frame| frame.undone_at == 0) {
            log.survives = Some((number, accessed));
            (number, accessed) = (number + 1, 2 * log.clock + 1);
        }
    }
}
