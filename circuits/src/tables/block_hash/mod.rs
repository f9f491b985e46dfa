//! Table `block_hash`: hashes of earlier blocks that code asks for (BLOCKHASH).
//!
//! **Claim.** [`Compute`](crate::bus::Message::Compute) for BLOCKHASH: the leaf of the state tree for the number that is asked for, modulo 256, has this hash if it tells this very number; the answer is zero if it tells another one, or if there is no leaf.
//!
//! **Row.** One number, however often its hash is asked for.
//!
//! **Padding.** Zero rows: `used` is 0. They say nothing.
//!
//! **Messages.** Receives `Compute`, `count` times. Sends `TreeUpdate`, which leaves the leaf as it is, `Poseidon` (its key; its value if it is there), `U8` and `U16`.
//!
//! **Why it suffices.**
//! * *The leaf.* The key is that of the lowest 8 bits of the number ([`crate::hash_leaf`]); its limbs are below 2^32, as they were on the stack. `tree` shows that the leaf has this value, or that there is none: on a side that is not `present` the value hash is zero. One value hash tells one
//!   number and one hash. Rows ask for updates of any step that no other table asks for: `tree` takes each once.
//! * *The time.* A leaf changes only where a block is opened, which is update 0 ([`block`](crate::tables::block)): whatever the step here, the leaf is as opening left it.
//! * *The answer.* `same` is exact. Where it is 1 there is a leaf and the lower limbs are those that it tells; the higher limbs of the number are below 2^32, so that they are all zero if their sum is. Where it is 0 beside a leaf, one of these differences has an inverse.
//! * *Which blocks.* A block writes nothing but the hash of the block before it, over that of the block 256 before that one. So a leaf tells none but the 256 blocks before the open one, if the first state of the chain had no others. Hashes that nobody gave are not there, and their answer is zero.
//! * *Limbs* of hashes are below 2^32: they were hashed as limbs of a block hash, or by whoever made the first state.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use air::BlockHashTable;
pub use columns::BlockHashColumns;
pub use generation::{asked, generate};
