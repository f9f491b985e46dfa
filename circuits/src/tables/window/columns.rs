//! The columns of `window`.

use super::{LIMBS, MOVED};
use crate::word::{WORD_LIMBS, Word};

braid_stark::columns! {
    /// An access.
    pub struct WindowColumns<T> {
        /// The value is read.
        pub reads: T,
        /// The value is written.
        pub writes: T,
        /// When.
        pub timestamp: T,
        /// The frame.
        pub frame: T,
        /// The first of the two words.
        pub index: T,
        /// Whether the window starts in this limb of the two words.
        pub shift: [T; WORD_LIMBS],
        /// Bytes of that limb before it.
        pub bytes: T,
        /// Whether there are any.
        pub splits: T,
        /// The value, least significant limb first.
        pub value: Word<T>,
        /// The two words as they were, most significant limb first.
        pub before: [T; LIMBS],
        /// When each was accessed before.
        pub accessed: [T; 2],
        /// The limb in which the window starts, as it was.
        pub first: T,
        /// The eighth limb after that.
        pub last: T,
        /// These limbs and those between as they are afterwards.
        pub moved: [T; MOVED],
    }
}
