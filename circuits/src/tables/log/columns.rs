//! The columns of `log`.

use braid_stark::columns;

use super::TOPICS;
use crate::delegated::Delegated;
use crate::region::Region;
use crate::word::{AddressLimbs, Word};

columns! {
    /// A topic.
    pub struct Topic<T> {
        /// The word; zero if there is none.
        pub value: Word<T>,
        /// When it was pushed.
        pub pushed: T,
    }
}

columns! {
    /// A step.
    pub struct LogColumns<T> {
        /// Whether it has this many topics: LOG0 to LOG4.
        pub opcodes: [T; TOPICS + 1],
        /// It halts: it costs more than there is.
        pub lacks: T,
        /// It halts: it must not write.
        pub violates: T,
        /// It is a log of the chunk.
        pub survives: T,
        /// Where the step is.
        pub at: Delegated<T>,
        /// The frame's transaction.
        pub transaction: T,
        /// The frame's depth.
        pub depth: T,
        /// Whether the frame is static.
        pub is_static: T,
        /// Who logs.
        pub address: AddressLimbs<T>,
        /// 0 if the frame is not undone.
        pub undone_at: T,
        /// The inverse of that, if it is not.
        pub undone_inverse: T,
        /// Where the data is.
        pub region: Region<T>,
        /// The topics.
        pub topics: [Topic<T>; TOPICS],
        /// Words of memory afterwards.
        pub next_words: T,
        /// What growth costs.
        pub growth: T,
        /// What the step costs.
        pub cost: T,
        /// Gas that is missing but one, in limbs of 16 bits.
        pub excess: [T; 3],
        /// Digest of the data.
        pub digest: [T; 4],
        /// Its place among the logs of the chunk.
        pub number: T,
        /// When the one before was logged.
        pub accessed: T,
    }
}
