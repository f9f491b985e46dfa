//! The columns of `refund`.

use crate::access::Undoing;

braid_stark::columns! {
    /// A change.
    pub struct RefundColumns<T> {
        /// Whether the row is one.
        pub used: T,
        /// The step's number.
        pub clock: T,
        /// The transaction.
        pub transaction: T,
        /// What the write's number is taken from to give the time at which it is undone; 0 if it is not.
        pub undone_at: T,
        /// The number of the write.
        pub number: T,
        /// By how much gas the counter changes.
        pub change: T,
        /// The counter before.
        pub before: T,
        /// When it was changed before.
        pub accessed: T,
        /// How the change is undone.
        pub undoing: Undoing<T>,
    }
}
