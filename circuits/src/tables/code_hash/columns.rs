//! Columns.

use crate::limbs::LIMBS;
use crate::state_hash::RATE;

/// Elements of a digest.
pub(super) const DIGEST: usize = RATE / 2;

braid_stark::columns! {
    /// A row.
    pub struct CodeHashColumns<X> {
        /// Whether the row is a group of bytes.
        pub used: X,
        /// The code.
        pub code: X,
        /// The group's number in the code, from 0.
        pub group: X,
        /// The code's size in bytes.
        pub size: X,
        /// Whether the group begins before the end of the code, so that it is hashed.
        pub hashed: X,
        /// The group's words.
        pub words: [X; RATE - DIGEST],
        /// Digest of the groups before this one; on the last row of the code that of all.
        pub before: [X; DIGEST],
        /// Keccak-256 of the code as a number in limbs of 16 bits, least significant first. From here on columns have a meaning
        /// on the last row of a code only.
        pub keccak: [X; LIMBS],
        /// Digest of hash and size.
        pub identity: [X; DIGEST],
        /// Digest of the code part of accounts with this code.
        pub digest: [X; DIGEST],
        /// How often the length is looked up.
        pub lengths: X,
        /// How often the code is looked up.
        pub count: X,
    }
}
