//! Columns.

use braid_stark::columns;

/// S-boxes whose result is a column: 9 of the first round, 12 of six full rounds, one of each partial round.
pub const SBOXES: usize = 9 + 6 * 12 + 22;

columns! {
    /// One S-box.
    pub struct Sbox<X> {
        /// The input to the power 3.
        pub cube: X,
        /// The input to the power 7.
        pub seventh: X,
    }
}

columns! {
    /// A row.
    pub struct PoseidonColumns<X> {
        /// Whether the row answers a claim.
        pub used: X,
        /// The first 8 elements of the state.
        pub input: [X; 8],
        /// The ninth.
        pub domain: X,
        /// All S-boxes but the last round's, in the order of computation.
        pub sboxes: [Sbox<X>; SBOXES],
        /// Inputs of the last round's S-boxes to the power 3.
        pub last_cubes: [X; 12],
        /// The first 4 elements of the result.
        pub output: [X; 4],
    }
}
