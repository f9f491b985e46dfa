//! The fixed points that the ladder adds.
//!
//! **Claim.** Every `BasePoint` message that this table receives is `(low + 1) G + (high + 1) 2^128 G` with `low` and `high`
//! below 16.
//!
//! **A row** offers one of the 256 points from fixed columns and counts how often it is asked for. Rows above 256 offer the
//! same points again. The count is free: a point that is not offered cannot be made to balance by it.
//!
//! **Padding**: the count is zero.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod tests;

pub use air::SecpBase;
pub use columns::SecpBaseColumns;

use braid_stark::{Columns, Felt, Trace};

/// An empty trace: counts come from [`braid_stark::lookup::fill_multiplicities`].
pub fn generate() -> Trace {
    Trace::new(SecpBaseColumns::<Felt>::WIDTH)
}
