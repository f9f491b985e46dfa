//! Frames: when they open and end, and when what they did is undone.
//!
//! A frame that is opened by step `c` opens at `c + 1`, which is when value moves; its first step is the one after. A frame without steps ends when it opens. When it has ended, what it
//! did is undone if it failed, one access after the other, in reverse order; then it is closed, which is when its caller takes the result; the caller's next step is the one after.

use alloy_primitives::{Address, U256};

use super::memory::TouchedWord;
use crate::event::Rules;
use crate::event::trace::{Frame, FrameKind, FrameResult};
use crate::precompile::precompile;

/// Accesses that opening a frame makes if value moves: from the caller, and to the account that is called.
pub const TRANSFER_WRITES: u64 = 2;

/// Where in memory, or in the calldata of the transaction, the bytes are that a frame is called with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallInput {
    /// The frame in whose memory they are; 0 for the transaction's calldata.
    pub frame: u64,
    /// The first byte, below 2^32; 0 if there is none.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// What a frame hands back: bytes of its own memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// The first byte, below 2^32; 0 if there is none.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// A frame in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerformedFrame {
    /// Its number among all of the chunk, from 1.
    pub number: u64,
    /// The place of its transaction among those of the chunk, from 0.
    pub transaction: u64,
    /// The frame that opened it; 0 for the transaction's own.
    pub parent: u64,
    /// 1 for the transaction's own frame, one more than the parent's for others.
    pub depth: u64,
    /// How it came to be.
    pub kind: FrameKind,
    /// Whether it must not change the state (EIP-214).
    pub is_static: bool,
    /// Whose storage and balance it acts on.
    pub address: Address,
    /// What CALLER gives.
    pub caller: Address,
    /// Whose code it runs.
    pub code_address: Address,
    /// The number of the precompiled contract there.
    pub precompile: Option<u64>,
    /// What CALLVALUE gives, in wei.
    pub value: U256,
    /// The number of its bytecode; 0 if no code runs.
    pub code: u64,
    /// What it is called with.
    pub input: CallInput,
    /// Gas that it starts with.
    pub gas: u64,
    /// Gas that it gives back.
    pub gas_left: u64,
    /// How it ended.
    pub result: FrameResult,
    /// What it hands back.
    pub returned: Returned,
    /// When it opened, as a clock.
    pub opened: u64,
    /// The clock of its last step; `opened` if it has none.
    pub ended: u64,
    /// When its caller takes the result, as a clock.
    pub closed: u64,
    /// Writes of the transaction that can be undone, before it opened.
    pub writes: u64,
    /// The same when it was open, and value had moved.
    pub first_writes: u64,
    /// The same when it ended.
    pub end_writes: u64,
    /// What a write's number is taken from to give the time at which the write is undone; 0 if it is not.
    pub undone_at: u64,
    /// What its caller notes of it when it is closed; none for a transaction's own frame.
    pub noted: Option<TouchedWord>,
}

/// What a frame is when it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameOpening {
    /// There is no code.
    Empty,
    /// It runs code.
    Code,
    /// It is not called in truth.
    Refused,
    /// It ends without steps, but not by itself: a precompiled contract.
    Precompile,
}

/// What counts up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// The next clock.
    pub(super) clock: u64,
    /// Writes of the transaction so far that can be undone.
    pub(super) writes: u64,
}

impl PerformedFrame {
    /// Whether any code ran.
    pub fn has_steps(&self) -> bool {
        self.opened < self.ended
    }

    /// What it is when it opens.
    pub fn opening(&self) -> FrameOpening {
        match self.result {
            _ if self.has_steps() => FrameOpening::Code,
            FrameResult::Refused(_) => FrameOpening::Refused,
            FrameResult::Success if self.precompile.is_none() => FrameOpening::Empty,
            _ => FrameOpening::Precompile,
        }
    }

    /// Whether opening it moves value between two accounts.
    pub(super) fn moves_value(kind: FrameKind, value: U256, refused: bool) -> bool {
        kind == FrameKind::Call && !value.is_zero() && !refused
    }

    /// Opens a frame at the next clock.
    pub(super) fn open(frame: &Frame, at: Opening, counters: &mut Counters) -> Self {
        let (opened, writes) = (counters.clock, counters.writes);
        counters.clock += 1;
        let refused = matches!(frame.result, FrameResult::Refused(_));
        if Self::moves_value(frame.kind, frame.value, refused) {
            counters.writes += TRANSFER_WRITES;
        }
        Self {
            number: at.number,
            transaction: at.transaction,
            parent: at.parent,
            depth: frame.depth.into(),
            kind: frame.kind,
            is_static: at.is_static,
            address: frame.address,
            caller: frame.caller,
            code_address: frame.code_address,
            precompile: precompile(frame.code_address, at.rules),
            value: frame.value,
            code: at.code,
            input: at.input,
            gas: frame.gas,
            gas_left: frame.gas_left,
            result: frame.result,
            returned: Returned::default(),
            opened,
            ended: opened,
            closed: opened,
            writes,
            first_writes: counters.writes,
            end_writes: writes,
            undone_at: 0,
            noted: None,
        }
    }

    /// Ends it with the step before the next clock, and closes it.
    pub(super) fn end(&mut self, returned: Returned, counters: &mut Counters) {
        self.ended = counters.clock - 1;
        self.end_writes = counters.writes;
        self.returned = returned;
        let undone = match self.result.is_success() {
            true => 0,
            false => self.end_writes - self.writes,
        };
        if !self.result.is_success() {
            // The last write, whose number is `end_writes`, is undone first, at the time after the last step's.
            self.undone_at = 2 * self.ended + 2 + self.end_writes;
        }
        self.closed = self.ended + 1 + undone.div_ceil(2);
        counters.clock = self.closed + 1;
    }
}

/// Says of the frames from number `first` on, whose ends are known, when what they did is undone: with the innermost frame that fails.
pub(super) fn settle(frames: &mut [PerformedFrame], first: u64) {
    for index in first as usize - 1..frames.len() {
        let parent = frames[index].parent;
        let inherited = match parent.checked_sub(1) {
            Some(parent) => frames[parent as usize].undone_at,
            None => 0,
        };
        let frame = &mut frames[index];
        if frame.result.is_success() {
            frame.undone_at = inherited;
        }
    }
}

/// What a frame's opening says that the trace's frame does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) number: u64,
    pub(super) transaction: u64,
    pub(super) parent: u64,
    pub(super) is_static: bool,
    pub(super) code: u64,
    pub(super) input: CallInput,
    pub(super) rules: Rules,
}
