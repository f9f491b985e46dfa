//! Numbers that decide how fast blocks are executed and nothing else. The test that explores interleavings has smaller ones, so that small blocks show everything.

use std::time::Duration;

/// Pairs of neighbours that are looked at, or up to twice as many, to see if a block is a chain of one sender's transactions.
pub(super) const SAMPLE: usize = 64;

/// Most transactions that a worker claims at once.
pub(super) const LARGEST_BATCH: usize = 16;
/// Claims that each worker makes at least, so that none is left waiting for the last claim of another.
pub(super) const CLAIMS: usize = 8;

/// Nobody claims a transaction that is farther than this from the first that is not committed, however well guessing goes. A write that comes late has all
/// above it validated again, so that without a bound one slow transaction would make a block take quadratic time.
pub(super) const LOOKAHEAD: usize = 512;

/// Bytes that a transaction may hold, or the receipts of a batch have, where it is executed on a guess. Whoever needs more waits until all before it is committed: then one alone may hold
/// [`MEMORY_LIMIT`](crate::execution::MEMORY_LIMIT). A frame pays 34 million gas for as much memory.
pub(super) const GUESS_MEMORY: u64 = 4 << 20;

/// The same in batches, where transactions are executed in batches.
pub(super) const BATCHES_AHEAD: usize = 64;
/// Transactions of a batch: at first, at least where there are several workers left to be kept busy, and at most.
pub(super) const FIRST_BATCH: usize = 8;
pub(super) const SMALL_BATCH: usize = 4;
pub(super) const LARGEST_GUESS: usize = 64;
/// Of a batch in a stretch.
pub(super) const STRETCH_BATCH: usize = 256;
/// Batches in a row that need not be executed again until the next are larger.
pub(super) const BATCH_GROWS: usize = 8;
/// Batches that are looked at together, and how many of these had to be executed again if the next transactions are executed one after the other.
pub(super) const BATCH_WINDOW: usize = 8;
pub(super) const BATCH_HOPELESS: usize = 6;

/// Commits that are looked at together to see if guessing pays.
pub(super) const WINDOW: usize = 32;
/// If so many of these were executed again, or had to wait, it does not pay.
pub(super) const CONFLICTS: usize = 8;
/// Transactions that are then executed one after the other, at first and at most.
pub(super) const FIRST_STRETCH: usize = 64;
pub(super) const LONGEST_STRETCH: usize = 1 << 18;
/// Transactions of a stretch that are looked at together to see if it still pays.
pub(super) const STRETCH_WINDOW: usize = 256;
/// If fewer of these changed what one of the stretch before them had changed or looked at, it does not.
pub(super) const STRETCH_CONFLICTS: usize = 64;

/// Transactions between two stretches that are looked through so that the second can go on where the first ended.
pub(super) const LONGEST_CATCH_UP: usize = 1 << 8;

/// Times that an idle worker looks again at once, and then by giving its turn away, before it sleeps.
pub(super) const SPINS: u32 = 64;
pub(super) const YIELDS: u32 = 256;
pub(super) const SLEEP: Duration = Duration::from_micros(20);
/// How often the time that it sleeps doubles.
pub(super) const MOST_DOUBLINGS: u32 = 3;
