//! Table `code_identity`: hash and size of bytecodes, from the digest of the code part of accounts, without the bytecodes.
//!
//! **Claim.** [`CodeIdentity`](crate::bus::Message::CodeIdentity): accounts whose code part has this digest have a bytecode with this Keccak-256 hash and this size.
//!
//! **Row.** One digest that is asked for.
//!
//! **Padding.** Zero rows: `used` is 0. They say nothing.
//!
//! **Messages.** Receives `CodeIdentity`, as often as `count` says. Sends `Poseidon` (the digest, by way of that of hash and size) and `U16` (limbs).
//!
//! **Why it suffices.** The digest is that of the row's hash, size and third part ([`crate::state_hash::code_digest`]), in limbs that are looked up, so that each number has one form. To show another hash or size for the same digest is to find a collision
//! of Poseidon. That the digest is that of an account is for whoever asks. A row that is not used offers nothing.

mod air;
mod chunk;
mod generation;

pub use air::{CodeIdentityColumns, CodeIdentityTable};
pub(crate) use chunk::ask;
pub use generation::generate;
