//! The columns of `finish`.

use crate::delegated::Delegated;
use crate::region::Region;

braid_stark::columns! {
    /// A step.
    pub struct FinishColumns<T> {
        /// It is STOP.
        pub stops: T,
        /// It is RETURN.
        pub returns: T,
        /// It is REVERT.
        pub reverts: T,
        /// It is done: the frame ends as the opcode says.
        pub done: T,
        /// Memory costs more than is left.
        pub lacks: T,
        /// Where the step is.
        pub at: Delegated<T>,
        /// What is handed back.
        pub region: Region<T>,
        /// Words of memory afterwards.
        pub next_words: T,
        /// What growth costs.
        pub growth: T,
        /// Gas that is left, or gas that is missing but one, in limbs ([`crate::gas`]).
        pub rest: [T; 4],
    }
}
