//! Columns.

use crate::word::WORD_LIMBS;

/// Bytes that a row takes: a limb.
pub(super) const BYTES: usize = 4;

braid_stark::columns! {
    /// A row.
    pub struct PushColumns<X> {
        /// How often the value is claimed.
        pub count: X,
        /// The code that the instruction is in.
        pub code: X,
        /// Where it is there.
        pub pc: X,
        /// Whether the instruction is PC.
        pub is_pc: X,
        /// Whether the next row goes on with the same instruction's data.
        pub continues: X,
        /// Bytes of data taken so far, by this row included.
        pub taken: X,
        /// Which of `bytes` the row takes: the first so many.
        pub takes: [X; BYTES],
        /// Bytes of data, last ones of the code first, so that they are a limb's least significant byte first; zero where
        /// nothing is taken, but for PC, where the first is the position.
        pub bytes: [X; BYTES],
        /// The limbs that the rows before made of the data, the latest first.
        pub high: [X; WORD_LIMBS - 1],
    }
}
