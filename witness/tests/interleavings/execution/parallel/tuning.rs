//! Under the names of `src/execution/parallel/tuning.rs`: small enough for a block of some ten transactions to go through everything.

use std::time::Duration;

pub(super) const LOOKAHEAD: usize = 5;

pub(super) const BATCHES_AHEAD: usize = 4;
pub(super) const SMALL_BATCH: usize = 2;
pub(super) const LARGEST_GUESS: usize = 4;
pub(super) const STRETCH_BATCH: usize = 3;
pub(super) const BATCH_GROWS: usize = 1;
pub(super) const BATCH_WINDOW: usize = 3;
pub(super) const BATCH_HOPELESS: usize = 2;

pub(super) const WINDOW: usize = 3;
pub(super) const CONFLICTS: usize = 1;
pub(super) const FIRST_STRETCH: usize = 2;
pub(super) const LONGEST_STRETCH: usize = 12;
pub(super) const STRETCH_WINDOW: usize = 2;
pub(super) const STRETCH_CONFLICTS: usize = 1;

pub(super) const LONGEST_CATCH_UP: usize = 3;

pub(super) const SPINS: u32 = 1;
pub(super) const YIELDS: u32 = 2;
pub(super) const SLEEP: Duration = Duration::ZERO;
pub(super) const MOST_DOUBLINGS: u32 = 1;
pub(super) const GUESS_MEMORY: u64 = 1 << 10;
