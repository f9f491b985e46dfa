//! The columns of `frame`.

use crate::word::{AddressLimbs, Word};

braid_stark::columns! {
    /// A frame.
    pub struct FrameColumns<T> {
        /// It runs code.
        pub runs: T,
        /// There is no code.
        pub is_empty: T,
        /// It is not called in truth.
        pub is_refused: T,
        /// Another table does all of it.
        pub is_precompile: T,
        /// It ended well, and no frame called it.
        pub succeeds_first: T,
        /// It ended well, and another frame called it.
        pub succeeds_within: T,
        /// It ended by REVERT, or was refused.
        pub reverts: T,
        /// It ended by an exceptional halt.
        pub halts: T,
        /// Its number.
        pub frame: T,
        /// The transaction's place among those that run code.
        pub transaction: T,
        /// The frame that called it, or 0.
        pub parent: T,
        /// 1 for the transaction's own frame, one more than the parent's for others.
        pub depth: T,
        /// Whether it must not change the state.
        pub is_static: T,
        /// Whose storage and balance it acts on.
        pub address: AddressLimbs<T>,
        /// What CALLER gives.
        pub caller: AddressLimbs<T>,
        /// What CALLVALUE gives.
        pub value: Word<T>,
        /// Its bytecode, or its number as a precompile.
        pub code: T,
        /// The frame in whose memory the calldata is, or 0.
        pub input_frame: T,
        /// The first byte of the calldata.
        pub input_offset: T,
        /// Bytes of calldata.
        pub input_length: T,
        /// Gas that it is given.
        pub gas: T,
        /// When it opens, as a clock.
        pub opened: T,
        /// Writes that can be undone before it opens.
        pub writes: T,
        /// Writes that can be undone before its first step.
        pub first_writes: T,
        /// The clock of its last step, or `opened`.
        pub ended: T,
        /// Gas that it gives back.
        pub gas_left: T,
        /// Writes that can be undone when it ends.
        pub end_writes: T,
        /// The first byte of what it hands back, in its own memory.
        pub offset: T,
        /// Bytes that it hands back.
        pub length: T,
        /// Writes that are undone because it failed.
        pub undone: T,
        /// When the result is taken, as a clock.
        pub closed: T,
        /// What a write's number is taken from for the time at which it is undone, or 0.
        pub undone_at: T,
        /// Frames that it opened and that take over its `undone_at`.
        pub successes: T,
        /// How often each is looked up: `FrameContext`, `FrameCaller`, `FrameInput`, `FrameCode`, `FrameUndone`.
        pub counts: [T; LOOKUPS],
    }
}

/// Kinds of lookup that the table answers.
pub const LOOKUPS: usize = 5;
