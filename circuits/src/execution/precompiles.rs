//! Calls of precompiled contracts.

use super::Execution;
use super::frame::{FrameOpening, PerformedFrame};

/// The number of the precompile that recovers the address of a signer.
pub const ECRECOVER: u64 = 1;
/// The number of the precompile that hands its input back.
pub const IDENTITY: u64 = 4;

/// The frames that call the precompile with this number, in the order in which they were opened. A transaction that does so itself has no part in this: it is not provable.
pub fn precompile_calls(
    execution: &Execution,
    number: u64,
) -> impl Iterator<Item = &PerformedFrame> {
    let frames = execution.frames.iter();
    frames.filter(move |frame| {
        let is_precompile = frame.opening() == FrameOpening::Precompile;
        let called = is_precompile && frame.parent != 0;
        called && frame.precompile == Some(number)
    })
}
