//! The columns of `account_read`.

use crate::delegated::Delegated;
use crate::word::{AddressLimbs, Word};

braid_stark::columns! {
    /// A step.
    pub struct AccountReadColumns<T> {
        /// It is BALANCE.
        pub balance: T,
        /// It is EXTCODESIZE.
        pub size: T,
        /// It is EXTCODEHASH.
        pub hash: T,
        /// It is SELFBALANCE.
        pub own: T,
        /// It is carried out: there is gas for it.
        pub done: T,
        /// The step.
        pub step: Delegated<T>,
        /// The operand.
        pub operand: Word<T>,
        /// When it was pushed.
        pub operand_pushed: T,
        /// The account.
        pub address: AddressLimbs<T>,
        /// The frame, where the account is its own.
        pub context: ReadingFrame<T>,
        /// The account as it is.
        pub account: ReadAccount<T>,
        /// The result.
        pub result: Word<T>,
        /// The gas that is missing, less 1, where the step is not carried out.
        pub missing: T,
    }
}

braid_stark::columns! {
    /// What is known of a frame beside its address.
    pub struct ReadingFrame<T> {
        /// Its transaction.
        pub transaction: T,
        /// Its depth.
        pub depth: T,
        /// Whether it must not change the state.
        pub is_static: T,
        /// When what it does is undone.
        pub undone_at: T,
    }
}

braid_stark::columns! {
    /// An account.
    pub struct ReadAccount<T> {
        /// It was warm.
        pub was_warm: T,
        /// It is not empty.
        pub exists: T,
        /// It is a precompile. Nothing here depends on it.
        pub is_precompile: T,
        /// Its balance in wei.
        pub balance: Word<T>,
        /// The digest of its code part.
        pub code: [T; 4],
        /// Keccak-256 of its bytecode.
        pub keccak: Word<T>,
        /// The bytecode's size in bytes.
        pub size: T,
    }
}
