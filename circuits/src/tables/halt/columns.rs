//! The columns of `halt`.

use crate::delegated::Delegated;
use crate::tables::opcode::Needs;
use crate::word::Word;

braid_stark::columns! {
    /// A step that halts its frame.
    pub struct HaltColumns<T> {
        /// Too little gas for what the step table does itself.
        pub out_of_gas: T,
        /// Too few words on the stack.
        pub underflow: T,
        /// Too many words afterwards.
        pub overflow: T,
        /// No opcode, or INVALID.
        pub undefined: T,
        /// CLZ, by rules before Osaka's.
        pub too_early: T,
        /// JUMP to what is no JUMPDEST.
        pub jumps: T,
        /// JUMPI to what is no JUMPDEST, with a condition that holds.
        pub jumps_if: T,
        /// The step.
        pub step: Delegated<T>,
        /// The byte that was to be carried out.
        pub opcode: T,
        /// The rules, for `too_early`.
        pub rules: T,
        /// What the opcode needs.
        pub needs: Needs<T>,
        /// By how much it is too much, in limbs of 16 bits.
        pub excess: [T; 2],
        /// Where it would jump.
        pub target: Word<T>,
        /// When `target` was pushed.
        pub target_pushed: T,
        /// On what condition.
        pub condition: Word<T>,
        /// When `condition` was pushed.
        pub condition_pushed: T,
        /// The inverse of the sum of the condition's limbs.
        pub condition_inverse: T,
        /// The target is 2^32 or more.
        pub far: T,
        /// The target is beyond the end of the code.
        pub beyond: T,
        /// The target is another instruction, or none.
        pub other: T,
        /// Size of the code in bytes.
        pub size: T,
        /// What is at the target.
        pub found: T,
        /// The inverse that shows why the target is none: of the sum of its high limbs, or of the difference from JUMPDEST.
        pub inverse: T,
    }
}
