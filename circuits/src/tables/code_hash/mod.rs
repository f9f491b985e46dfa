//! `code_hash`: the digests of the chunk's bytecodes.
//!
//! **Claim.** A lookup of [`Code`](crate::bus::Message::Code) has the size of the code whose bytes `code` holds under this number, and the digest of the code
//! part ([`crate::state_hash::code_digest`]) that these bytes, this size and this Keccak-256 hash have. That the hash is the right one is not
//! claimed: the digest covers it, so it is what it was when the digest came into the state.
//!
//! **Row.** A group of 28 bytes, which is what one Poseidon hash takes in: four words of `code`. Row 0 is no group; then come the codes
//! in order, each with all its groups, as in `code`. Groups that begin before the end of the code are `hashed`; the last of a code never
//! is. `before` is the digest of the groups before. The last row of a code has hash, identity and digest of the code part.
//!
//! **Padding.** Rows that are not `used`, under the number after the last code. There is one at least. They say nothing.
//!
//! **Messages.** Receives `CodeWord` four times on each row, `CodeSize` on the last row of a code, `Code` there as often as `count` says, `CodeLength` as often as `lengths` says.
//! Sends `Poseidon` for each hashed group and twice on the last row of a code, `U8` twice on the last hashed group, `U16` for the limbs of the hash.
//!
//! **Why it suffices.**
//! * *All words, once.* The number of the code stays or grows by 1, so each code is one run of rows, in which `used` is constant and groups count from 0; first and
//!   last row of the table are not used. `code` sends each word of a code once and this table receives those of its rows once each. So
//!   the run has just the groups that `code` has, each with its own words.
//! * *How many are hashed.* `hashed` never comes back within a run and is 0 on its last row. If no group is hashed, the size is 0. Else let `g` be
//!   the last one that is: `size - 28 g - 1` and 27 less this are both below 2^8, so the group holds 1 to 28 bytes, and `g + 1` groups are
//!   `size / 28` rounded up. That is what [`crate::state_hash::bytecode`] hashes; bytes after the end are zero in `code`.
//! * *The hash.* It starts from `(size, 0, 0, 0)`. A hashed row claims that the next row's `before` is the digest of its own and its words; other rows
//!   hand `before` on. So the last row has the hash of the bytecode, or the start itself, all zero, if the size is 0.
//! * *One form.* Words are below 2^56 and sizes below 2^32 (see [`crate::tables::code`]); limbs of the Keccak-256 hash are below 2^16, so its
//!   pieces are below 2^48 and are told apart by the limbs, and so are the 32-bit limbs that are offered. All are below the field's order. So bytes, size and
//!   hash have one input of each hash, and by collision resistance a digest belongs to one bytecode.
//! * *Who may answer.* `count` is zero but on the last row of a run, where `CodeSize` and all hashes are claimed.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use air::CodeHash;
pub use columns::CodeHashColumns;
pub use generation::generate;
