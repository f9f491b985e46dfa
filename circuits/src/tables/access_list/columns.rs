//! The columns of `access_list`.

use crate::word::{AddressLimbs, WORD_LIMBS, Word};

braid_stark::columns! {
    /// An entry of an access list.
    pub struct AccessListColumns<T> {
        /// It is an address.
        pub account: T,
        /// It is a storage key.
        pub key: T,
        /// The transaction's place among those of the chunk.
        pub transaction: T,
        /// Entries of the list before this one.
        pub index: T,
        /// When the first entry is accessed.
        pub start: T,
        /// Bytes of the transaction's calldata.
        pub bytes: T,
        /// The address, or the one that the key is listed for.
        pub address: AddressLimbs<T>,
        /// The entry, as it was read.
        pub entry: Word<T>,
        /// The account's balance, or the slot's value.
        pub amount: Word<T>,
        /// The account's nonce and the digest of its code part, or the slot's original value before.
        pub rest: [T; WORD_LIMBS],
        /// 1 plus the transaction that accessed it before, or 0.
        pub stamp: T,
        /// When it was accessed before.
        pub accessed: T,
    }
}
