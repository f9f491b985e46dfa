//! `poseidon`: one Poseidon permutation a row.
//!
//! **Claim.** [`Message::Poseidon`](crate::bus::Message::Poseidon): plonky2's permutation of the 12 input elements starts with
//! the 4 output elements. Only capacities of the form `(domain, 0, 0, 0)` can be claimed, which is what all hashes of
//! [`crate::state_hash`] use: the other three elements are constants here, not columns.
//!
//! **Row.** Eight inputs and the domain; for each S-box `x -> x^7` the columns `x^3` and `x^7`; the four outputs. The input of
//! an S-box is a linear combination of the columns before it, so both steps have degree 3. Three S-boxes of the first
//! round see constants and need no column; those of the last round need only `x^3`, because the outputs take `x^7`
//! themselves. The partial rounds are in plonky2's fast form (one S-box and sparse matrices a round).
//!
//! **Padding.** The permutation of zeros, with `used` 0: it says nothing on the bus.
//!
//! **Messages.** Receives `Poseidon`, `used` times. Sends none.
//!
//! **Why it suffices.** Inputs, domain and `used` determine every other column: each constraint sets its column to a value
//! computed from columns before it. Inputs and domain are arbitrary field elements and are said on the bus.

mod air;
mod chunk;
mod columns;
mod generation;
mod rounds;
#[cfg(test)]
mod tests;

pub use air::Poseidon;
#[cfg(test)]
pub(crate) use chunk::inputs;
pub use columns::{PoseidonColumns, Sbox};
pub use generation::generate;
