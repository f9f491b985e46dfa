//! Columns of `keccak_f`. Lane `(x, y)` is at `x + 5 * y`; bit `z` has weight `2^z`; half 0 is the low one.

braid_stark::columns! {
    /// One round.
    pub struct KeccakFColumns<T> {
        /// Whether the permutation is asked for.
        pub used: T,
        /// Halves of the state before the round.
        pub a: [[T; 2]; 25],
        /// `C[x, z]`: bits of the column parities of `a`.
        pub c: [[T; 64]; 5],
        /// `C'[x, z]`: bits of the column parities after theta.
        pub c_prime: [[T; 64]; 5],
        /// Bits of the state after theta.
        pub a_prime: [[T; 64]; 25],
        /// The bits of lane 0 after chi that iota may change.
        pub before_iota: [T; 7],
        /// Halves of the state after the round.
        pub out: [[T; 2]; 25],
    }
}

braid_stark::columns! {
    /// What is known of a row beforehand. All zero on rows that are in no complete permutation.
    pub struct Fixed<T> {
        /// Number of the permutation.
        pub id: T,
        /// 1 on its first row.
        pub starts: T,
        /// 1 on its rows but the last.
        pub continues: T,
        /// 1 on its last row.
        pub ends: T,
        /// The bits of the round constant that are not always zero.
        pub round_constant: [T; 7],
    }
}
