//! Table `frame`: the frames of a chunk.
//!
//! **Claim.** Every [`FrameStart`](crate::bus::Message::FrameStart) that is received opens a frame: it runs from its first instruction with nothing on its stack and no memory until a step ends it, or ends at once; then
//! [`FrameResult`](crate::bus::Message::FrameResult) says how. If it fails, what it did is undone before it is closed. What its steps ask of it is answered.
//!
//! **Row.** One frame. Row `i` is frame `i + 1`. It is what [`crate::bus::opening`] lists: exactly one of `runs`, `is_empty`, `is_refused`, `is_precompile`; and it ends in one of four ways: `succeeds_first` (no frame called it),
//! `succeeds_within`, `reverts`, `halts`.
//!
//! **Padding.** Zero rows after all frames. They say nothing, and answer nothing: their counts are zero.
//!
//! **Messages.** Receives `FrameStart`, `FrameEnd`, and `FrameContext`, `FrameCaller`, `FrameInput`, `FrameCode`, `FrameUndone` as often as they are looked up, `ParentUndone` `successes` times. Sends `Enter`, `Precompile`, `FrameResult`, `ParentUndone`, `Clock`.
//!
//! **Why it suffices.**
//! * *Number.* Rows are counted from 1 without gaps, so that no two frames have one number, and none is 0. Whoever opens a frame does so by one message, which one row receives, and the row with this number is the only one that can.
//! * *Steps.* `Enter` is sent once, for the step after `opened`. From there `evm` goes on until a step leaves; a call takes that and enters the frame again when the frame that it opened is closed, so that one step ends it. `FrameEnd` is received once.
//! * *Time goes on, and there is no circle.* Follow what causes what: `FrameStart` to `Enter` to steps to `FrameEnd` or `Leave`, from there to `FrameStart` of another frame, and from `FrameResult` to the next `Enter`. Each of these links raises the clock by an integer
//!   of at least 1/2 and less than `2^clock_bits + 2^32`, since a row either counts on or shows a gap by a lookup. All rows of a chunk together raise it by less than the field's order, so that no chain of links comes back to where it was: no frame is its own
//!   ancestor, and each chain begins with what no frame opened, a transaction. So a frame's parent was opened before it, all parents form trees, and `undone_at` that is taken over comes from an ancestor that failed, or from
//!   the transaction's own frame, where it is 0.
//! * *How it ended.* `FrameEnd` says so, with the gas that it gives back, by the table that did the last step. A frame that halts gives no gas and no bytes back, whatever that table says. A frame without code succeeds and one that is refused does
//!   not; both give all gas back, no bytes, and make no writes beyond those of the opening. A row cannot call a frame that runs code empty: `opening` is in `FrameStart`, whose sender vouches for it.
//! * *`undone_at`.* Of a frame that fails it is twice the clock of its last step, plus 2, plus the number of the last write: the write with number `n` is undone at that minus `n`, after the last step and in reverse order. Of one that
//!   succeeds it is its parent's, by a message that no row of number 0 receives, or zero if it has no parent. Nobody else says what it is; a frame that fails within one that fails is undone on its own account.
//! * *`closed`* is shown to be `ended + 1` or later, and for a frame that fails such that `2 closed` is later than the time at which the first of its writes, `writes + 1`, is undone: `2 ended + 2 + end_writes - writes - 1`. Its writes are at least
//!   those, since numbers only grow from step to step. A prover may close a frame later than need be, which leaves a gap in time, or half a clock later: times are twice the clock, and stay integers in their order.
//! * *What it is called with* (transaction, parent, depth, static, addresses, value, input, gas) is in `FrameStart`, in full: the row has no choice.
//!
//! **What it does not show.** That whoever opens a frame opens the right one.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::FrameTable;
pub use columns::FrameColumns;
pub use generation::generate;
