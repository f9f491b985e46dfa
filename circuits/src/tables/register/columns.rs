//! The columns of `register`.

use crate::delegated::Delegated;

braid_stark::columns! {
    /// A step.
    pub struct RegisterColumns<T> {
        /// It is GAS.
        pub gas: T,
        /// It is MSIZE.
        pub size: T,
        /// It is carried out: there is gas for it.
        pub done: T,
        /// The step.
        pub step: Delegated<T>,
        /// The gas after GAS, or what is missing, less 1; in limbs ([`crate::gas`]).
        pub limbs: [T; 4],
    }
}
