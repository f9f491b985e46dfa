//! The columns of `transfer`.

use crate::access::{StampedFields, Undoing};
use crate::word::{AddressLimbs, Word};

braid_stark::columns! {
    /// One side of a transfer.
    pub struct Side<T> {
        /// The account.
        pub address: AddressLimbs<T>,
        /// As it was.
        pub before: StampedFields<T>,
        /// When it was accessed before.
        pub accessed: T,
        /// How the access is undone.
        pub undoing: Undoing<T>,
    }
}

braid_stark::columns! {
    /// A transfer, or a look at what an account could pay.
    pub struct TransferColumns<T> {
        /// The value moves.
        pub moves: T,
        /// The account that is asked for has the value.
        pub enough: T,
        /// It has not.
        pub lacks: T,
        /// When the frame opens.
        pub opened: T,
        /// The frame.
        pub frame: T,
        /// The frame's transaction.
        pub transaction: T,
        /// When what the frame does is undone.
        pub undone_at: T,
        /// Writes before it opens.
        pub writes: T,
        /// The value.
        pub value: Word<T>,
        /// By how much the value and the payer's balance differ: what is left to the payer, or what is missing.
        pub difference: Word<T>,
        /// The inverse of the sum of the difference's limbs, where the payer lacks the value.
        pub inverse: T,
        /// Who pays, or is asked for.
        pub payer: Side<T>,
        /// Who is paid.
        pub payee: Side<T>,
        /// The payee's balance afterwards.
        pub balance: Word<T>,
    }
}
