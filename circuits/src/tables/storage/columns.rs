//! The columns of `storage`.

use braid_stark::columns;

use super::ORDERED;
use crate::word::{AddressLimbs, Word};

columns! {
    /// A slot before or after the chunk.
    pub struct StorageSide<T> {
        /// Its value.
        pub value: Word<T>,
        /// Whether it has a leaf.
        pub present: T,
        /// A factor that shows that the value is not zero.
        pub inverse: T,
        /// Value hash; zero if there is no leaf.
        pub hash: [T; 4],
    }
}

columns! {
    /// Where the pieces cut that are hashed: the lower parts of limbs, all but the highest of each.
    pub struct CutColumns<T> {
        /// The limb of bits 32 to 63: 16 bits and 8.
        pub first: [T; 2],
        /// The limb of bits 96 to 127: 16 bits.
        pub second: T,
    }
}

columns! {
    /// A row.
    pub struct StorageColumns<T> {
        /// Whether the row is a slot.
        pub used: T,
        /// Whether it is one of transient storage.
        pub transient: T,
        /// The number of the update of the tree.
        pub step: T,
        /// 0 for storage, and for transient storage the transaction plus 1.
        pub space: T,
        /// The inverse of that, if it is not zero.
        pub space_inverse: T,
        /// Whose slot.
        pub address: AddressLimbs<T>,
        /// Which.
        pub slot: Word<T>,
        /// Cuts of the address.
        pub address_cuts: CutColumns<T>,
        /// Cuts of the slot.
        pub slot_cuts: CutColumns<T>,
        /// The third cut of the slot, of the limb of bits 160 to 191: 8 bits and 8.
        pub slot_third: [T; 2],
        /// Key of the slot in the state tree.
        pub key: [T; 4],
        /// Before the chunk.
        pub before: StorageSide<T>,
        /// After the chunk.
        pub after: StorageSide<T>,
        /// The value before the transaction that accessed it last.
        pub original: Word<T>,
        /// 1 plus that transaction.
        pub transaction: T,
        /// When it was accessed last.
        pub accessed: T,
        /// The most significant element in which the next row's slot differs, most significant first.
        pub differs: [T; ORDERED],
        /// How much larger it is there, minus 1, in limbs of 16 bits.
        pub gap: [T; 2],
    }
}
