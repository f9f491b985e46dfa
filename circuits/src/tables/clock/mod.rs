//! Table `clock`: gaps between timestamps.
//!
//! **Claim.** A number that is looked up as [`Message::Clock`](crate::bus::Message::Clock) is below the number of the table's rows.
//!
//! **Row.** Row `i` offers the number `i`, in a fixed column, that is, in the verifying key.
//!
//! **Padding.** There is none. The multiplicities of rows that nobody asks for are zero.
//!
//! **Messages.** Receives `Clock { value }` as often as the multiplicity column says.
//!
//! **Why this suffices.** As for [`crate::tables::range16`]: the multiplicity needs no bound, since a message that no row
//! offers is never received.
//!
//! An access at time `t` to a version of time `s` looks up `t - s - 1`. Times are below the field's order by far: those that tables send are bounded by
//! their rows. So `t - s - 1` below 2^32 means `s < t` as integers. One lookup takes the place of two of 16 bits, for every access of a
//! chunk whose timestamps are below the number of rows. The height is the shape's: it holds as many accesses as the chunk can have.

mod air;
mod chunk;
#[cfg(test)]
mod tests;

pub use air::{Clock, ClockColumns, Fixed};
