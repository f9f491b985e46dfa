//! `state`: the accounts that a chunk touches, each with its first and last version.
//!
//! **Claim.** Every account that the chunk accesses starts as the state tree has it and goes back into the tree as the last
//! access leaves it. An account that is empty (EIP-161: nonce 0, balance 0, no code) has no leaf, and an account without
//! leaf is empty.
//!
//! **Row.** One account. Rows are strictly ascending by address as a number, from row 0 on. Nonce and balance before and after
//! are in limbs of 16 bits; `code` is the digest of the code part, which only the hash of the account's value looks into.
//!
//! **Padding.** Zero rows after the accounts: `used` is 0. They say nothing.
//!
//! **Messages.** Sends the first [`StampedAccount`](crate::bus::Message::StampedAccount) (of no transaction, at timestamp 0), receives the last (at a
//! timestamp of the prover's choice). Sends `TreeUpdate`, `Poseidon` (the key; numbers and value on either side unless empty), `U16`.
//!
//! **Why it suffices.**
//! * *One first version.* Between two used rows the address grows: the most significant limb that differs grows by 1 to 2^32,
//!   all limbs being below 2^32. So no address has two rows. An account without row has no version to access.
//! * *One last version.* Each version is received once. Accesses receive an older version than they send
//!   ([`crate::access`]), so the versions of an account are one chain, and this row takes its end. Without access the first version
//!   is the last, and the row changes nothing.
//! * *Values.* 16-bit limbs are looked up, so the 32-bit limbs on the bus and the 48-bit pieces that are hashed are
//!   one number each. `empty` is exact: where it is 1 all limbs are zero and the code is that of no code; where it is 0, factors
//!   are shown that make some difference from that into 1. (The sum of 20 limbs is below 2^21: it is zero only if all are.)
//!   An empty side has value hash zero and says `present = 0`, the other side is hashed and says 1.
//! * *Roots.* Row number `step` asks `tree` for the `step`-th update; `tree` takes the state root through them in order, one each. Where steps begin is free. Whoever
//!   holds the first and the last root thereby has all rows in between.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use air::State;
pub use columns::{SideColumns, StateColumns};
pub use generation::{LastAccess, generate};
