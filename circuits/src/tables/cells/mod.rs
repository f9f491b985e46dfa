//! Table `cells`: the words of memory that are touched.
//!
//! **Claim.** Each word of memory, that is, each pair of frame and index, has at most one first [version](crate::bus::Message::MemoryWord): zero, at time 0. What becomes of it last is taken off the bus.
//!
//! **Row.** One word that is touched. Rows are strictly ascending by frame and index. A word that nobody touches needs no row, so that what a frame pays for and does not use costs nothing.
//!
//! **Padding.** Zero rows after all others: `used` is 0. They say nothing.
//!
//! **Messages.** Sends the first `MemoryWord`, `U16` (the index grows), `Clock` (the frame's number grows). Receives the last `MemoryWord`.
//!
//! **Why it suffices.**
//! * *Once each.* `used` rows come first, without gaps. A row that `continues` has the frame of the row before, and an index that is larger by 1 and two limbs of 16 bits; another has a frame whose number is larger by 1 and
//!   what is looked up as a clock. Rows are fewer than 2^32, so that neither goes round the field: no pair occurs twice.
//! * *Index.* The first row of a frame has two limbs of 16 bits as its index; so every index is an integer below 2^32 for each row of the table, which is below 2^56. No fraction has a first version: an access that divides an
//!   offset by 32 where it cannot be divided has nothing to receive.
//! * *Last.* The version that is received is the one that no access received: the chain of [`crate::access::access_memory`] has one end. A prover who receives another here has no version for the access that received it.
//!
//! What a prover could choose is which words have rows: one too many does no harm, one too few leaves an access without a first version.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Cells;
pub use columns::CellsColumns;
pub use generation::generate;
