//! The columns of `external_code`.

use crate::delegated::Delegated;
use crate::region::Region;
use crate::word::Word;

braid_stark::columns! {
    /// A step.
    pub struct ExternalCodeColumns<T> {
        /// The row is a step.
        pub used: T,
        /// It is carried out.
        pub done: T,
        /// It halts: it costs more than is left.
        pub lacks: T,
        /// It copies from the account's code.
        pub reads: T,
        /// It copies zeros, since the account has no code.
        pub no_code: T,
        /// It copies zeros, since the source is 2^32 or more.
        pub distant: T,
        /// Where the step is.
        pub at: Delegated<T>,
        /// The operand that names the account.
        pub target: Word<T>,
        /// When it was pushed.
        pub target_pushed: T,
        /// Where in memory the bytes go.
        pub region: Region<T>,
        /// The first byte of the code.
        pub source: Word<T>,
        /// When that was pushed.
        pub source_pushed: T,
        /// The inverse of the sum of all limbs of the source but the lowest, where it is `distant`.
        pub high_inverse: T,
        /// The account.
        pub account: CopiedAccount<T>,
        /// Words that are copied, but one, in limbs of 16 bits.
        pub last: [T; 2],
        /// Bytes of the last of them, but one.
        pub rest: T,
        /// Words of memory afterwards.
        pub next_words: T,
        /// What growth costs.
        pub growth: T,
        /// Gas that is missing but one, in limbs of 16 bits.
        pub missing: [T; 3],
    }
}

braid_stark::columns! {
    /// The account whose code is copied.
    pub struct CopiedAccount<T> {
        /// It was warm.
        pub was_warm: T,
        /// It is not empty.
        pub exists: T,
        /// It is a precompile. Nothing here depends on it.
        pub is_precompile: T,
        /// Its balance in wei.
        pub balance: Word<T>,
        /// The digest of its code part.
        pub digest: [T; 4],
        /// The bytecode, where it is read.
        pub code: T,
        /// Keccak-256 of the bytecode.
        pub keccak: Word<T>,
        /// The bytecode's size in bytes.
        pub size: T,
    }
}
