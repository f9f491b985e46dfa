//! Columns of the block table.

use braid_stark::columns;

use crate::hash_leaf::{LeafKey, LeafValue};
use crate::statement::CheckpointLimbs;
use crate::word::{AddressLimbs, U64Limbs, Word};

columns! {
    /// The environment in which the chunk's transactions run: that of the block which is open at its start or which it
    /// opens. Without either, the start's.
    pub struct WorkingBlock<T> {
        /// Number.
        pub number: U64Limbs<T>,
        /// Timestamp.
        pub timestamp: U64Limbs<T>,
        /// Beneficiary.
        pub coinbase: AddressLimbs<T>,
        /// Gas limit.
        pub gas_limit: U64Limbs<T>,
        /// Base fee.
        pub base_fee: Word<T>,
        /// Randomness.
        pub prev_randao: Word<T>,
        /// Base fee of blob gas.
        pub blob_base_fee: Word<T>,
    }
}

columns! {
    /// A field element as two limbs of 32 bits, in the one way that is canonical.
    pub struct CanonicalSplit<T> {
        /// The limbs, low first.
        pub limbs: [T; 2],
        /// Whether the high limb is 2^32 - 1.
        pub high_is_full: T,
        /// The inverse of the high limb minus (2^32 - 1), or zero.
        pub inverse: T,
    }
}

columns! {
    /// A row: what the chunk does around its transactions. One row of the table is used.
    pub struct BlockColumns<T> {
        /// Whether the row is used.
        pub used: T,
        /// Where the chunk starts.
        pub start: CheckpointLimbs<T>,
        /// The chain.
        pub chain_id: U64Limbs<T>,
        /// Its rules.
        pub rules: T,
        /// Whether a block is open at the start.
        pub is_open: T,
        /// The inverse of the sum of the working gas limit's limbs where a block is open or opened; else zero.
        pub gas_limit_inverse: T,
        /// Whether the chunk opens a block.
        pub opens: T,
        /// Whether it seals the block.
        pub seals: T,
        /// The block.
        pub block: WorkingBlock<T>,
        /// Where `opens`, the new timestamp minus the last one; else zero.
        pub time_passed: Word<T>,
        /// Where `opens`, the leaf that gets the hash of the block before; else zero.
        pub parent_key: LeafKey<T>,
        /// Whether there was a leaf.
        pub parent_present: T,
        /// Its value hash; zero if there was none.
        pub parent_before: [T; 4],
        /// Where `opens`, what the leaf gets; else zero.
        pub parent_after: LeafValue<T>,
        /// Number of transactions.
        pub transactions: T,
        /// Number of updates of the state tree.
        pub updates: T,
        /// The clock at which the next transaction would begin.
        pub clock: T,
        /// Gas used in the block after the last transaction.
        pub gas_used: U64Limbs<T>,
        /// `tx_chain` after the last transaction.
        pub tx_chain: Word<T>,
        /// The state root at the end.
        pub state_root: [T; 4],
        /// Where `seals`, the same as limbs of 32 bits; else zero.
        pub state_root_limbs: [CanonicalSplit<T>; 4],
        /// The block hash at the end.
        pub block_hash: Word<T>,
        /// Number of logs that are not undone.
        pub logs: T,
        /// When the last of them was logged; 0 if there is none.
        pub logged: T,
        /// `log_chain` after it.
        pub log_chain: [T; 4],
        /// Where `seals`, the same as limbs of 32 bits; else zero.
        pub log_chain_limbs: [CanonicalSplit<T>; 4],
        /// How often code asks for each value of the block, in the order of [`BLOCK_VALUES`](super::BLOCK_VALUES).
        pub values_asked: [T; 8],
        /// How often the rules are asked for.
        pub rules_asked: T,
    }
}
