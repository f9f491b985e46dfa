//! The columns of `shift`.

use crate::limbs::LIMBS;
use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// One operation. At most one opcode's flag is set. Halves have 16 bits.
    pub struct ShiftColumns<T> {
        /// SHL.
        pub is_shl: T,
        /// SHR.
        pub is_shr: T,
        /// SAR.
        pub is_sar: T,
        /// BYTE.
        pub is_byte: T,
        /// SIGNEXTEND.
        pub is_sign_extend: T,
        /// CLZ.
        pub is_clz: T,
        /// A shift by less than 256.
        pub moves: T,
        /// What SAR and SIGNEXTEND fill with.
        pub sign: T,
        /// First operand: amount or index; the number for CLZ.
        pub a: [T; WORD_LIMBS],
        /// Second operand: the number.
        pub b: [T; WORD_LIMBS],
        /// The result.
        pub c: [T; WORD_LIMBS],
        /// Chooses a half, or none where amount or index is out of range.
        pub places: [T; LIMBS],
        /// A number below 16.
        pub bits: [T; 4],
        /// Two to the number of the lower two bits.
        pub power_low: T,
        /// Two to the number of all bits.
        pub power: T,
        /// What `b` is multiplied by.
        pub factor: T,
        /// Halves of the number times `factor`, or of the number.
        pub halves: [T; LIMBS],
        /// Carries out of limbs, or [`Spare`].
        pub carries: [T; WORD_LIMBS],
        /// The chosen half. For SHR and SAR the half above the highest.
        pub picked: T,
        /// Looked up: bounds what depends on the opcode.
        pub check: T,
    }
}

braid_stark::columns! {
    /// What rows that do not multiply have for carries. All are looked up.
    pub struct Spare<T> {
        /// The lower byte of the chosen half.
        pub lower: T,
        /// Its upper byte.
        pub upper: T,
        /// The chosen half with its sign extended.
        pub kept: T,
        /// By how much amount or index is out of range.
        pub excess: [T; 3],
        /// Top limb of `b` for SAR out of range.
        pub top: [T; 2],
    }
}
