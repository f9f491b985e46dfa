//! The columns of `secp_ladder`.

use crate::limbs::LIMBS;
use crate::secp256k1::folded::Carries;
use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// One step of a ladder: the accumulator goes to the next row's, doubled or with an operand added.
    pub struct SecpLadderColumns<T> {
        /// Whether the block proves a signature; the same on all its rows.
        pub active: T,
        /// The accumulator's x before the step, signed limbs of 16 bits.
        pub x: [T; LIMBS],
        /// The accumulator's y before the step, signed limbs of 16 bits.
        pub y: [T; LIMBS],
        /// The slope, signed limbs of 16 bits.
        pub slope: [T; LIMBS],
        /// What the slope is multiplied with: the operand's x minus the accumulator's in an addition, twice the accumulator's
        /// y in a doubling.
        pub run: [T; LIMBS],
        /// The operand's y in an addition, limbs of 32 bits, signed or not.
        pub operand_y: [T; WORD_LIMBS],
        /// Carries of the slope's identity.
        pub slope_carries: Carries<T>,
        /// Carries of the identity of the new x.
        pub x_carries: Carries<T>,
        /// Carries of the identity of the new y.
        pub y_carries: Carries<T>,
        /// In an addition: the square of `run`'s value in the base field.
        pub run_squared: T,
        /// In an addition: shows that `run` is not zero modulo p.
        pub run_inverse: T,
        /// In a window's addition: its digit of `z`, or of the low half of `w`.
        pub digit_low: T,
        /// In a window's addition: its digit of `v`, or of the high half of `w`.
        pub digit_high: T,
        /// How often the table point that this row makes is added.
        pub uses: T,
        /// Digits of `z` since the last [`crate::bus::Message::LadderScalars`].
        pub z: T,
        /// The same of `v`.
        pub v: T,
        /// The same of the low half of `w`.
        pub low: T,
        /// The same of the high half of `w`.
        pub high: T,
    }
}

braid_stark::columns! {
    /// The schedule: what each row of a block does. All zero on rows after the last whole block.
    pub struct Schedule<T> {
        /// Number of the block, from 1.
        pub signature: T,
        /// The step is an addition.
        pub addition: T,
        /// The step is a doubling.
        pub doubling: T,
        /// The addition's operand is a fixed point.
        pub base: T,
        /// The addition's operand is a table point.
        pub window: T,
        /// What the operand is in other additions: [`crate::bus::operand`].
        pub operand: T,
        /// The accumulator before the step is a table point.
        pub provides: T,
        /// Its `a`.
        pub table_a: T,
        /// Its `b`.
        pub table_b: T,
        /// The accumulator is compared with what the signature says: [`crate::bus::place`], or zero.
        pub place: T,
        /// Whether `place` is not zero.
        pub compares: T,
        /// The block goes on in the next row.
        pub continues: T,
        /// The next row's sums of digits follow from this row's.
        pub counts: T,
        /// What `z` and `v` are multiplied with for the next row.
        pub window_scale: T,
        /// What `low` and `high` are multiplied with for the next row.
        pub base_scale: T,
        /// The sums of digits are complete.
        pub tells: T,
        /// Which ones they are.
        pub position: T,
    }
}
