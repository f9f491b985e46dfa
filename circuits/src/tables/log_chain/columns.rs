//! The columns of `log_chain`.

use crate::log_word::FullHalf;
use crate::state_hash::logs::WORD_NUMBERS;
use crate::tables::log::TOPICS;
use crate::word::{AddressLimbs, Word};

/// Halves of the word with address and number of topics that can be full: those that are limbs of the address.
pub(super) const ADDRESS_HALVES: usize = 2;

braid_stark::columns! {
    /// A topic.
    pub struct ChainedTopic<T> {
        /// Whether there is one.
        pub has: T,
        /// The word; zero if there is none.
        pub value: Word<T>,
        /// Its halves that are full.
        pub halves: [FullHalf<T>; WORD_NUMBERS],
        /// Digest after it.
        pub after: [T; 4],
    }
}

braid_stark::columns! {
    /// A log.
    pub struct LogChainColumns<T> {
        /// Whether the row is a log.
        pub used: T,
        /// Its place among the logs of the chunk.
        pub number: T,
        /// The chain before it.
        pub chain: [T; 4],
        /// Digest of the data.
        pub data: [T; 4],
        /// Digest of both.
        pub started: [T; 4],
        /// Who logs.
        pub address: AddressLimbs<T>,
        /// The halves that are full of the word with address and number of topics.
        pub halves: [FullHalf<T>; ADDRESS_HALVES],
        /// Digest after that word.
        pub named: [T; 4],
        /// The topics.
        pub topics: [ChainedTopic<T>; TOPICS],
    }
}
