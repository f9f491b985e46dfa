//! The columns of `growth`.

braid_stark::columns! {
    /// A square divided by 512.
    pub struct SquareColumns<T> {
        /// The quotient, in limbs of 16 bits.
        pub quotient: [T; 3],
        /// The remainder, below 512.
        pub remainder: T,
    }
}

braid_stark::columns! {
    /// A claim.
    pub struct GrowthColumns<T> {
        /// Whether the row is a claim.
        pub used: T,
        /// Whether who makes it lacks the gas for it, so that it may be of more than [`PAID_WORDS`](super::PAID_WORDS) words.
        pub unpaid: T,
        /// How often it is made.
        pub count: T,
        /// Words before.
        pub words: T,
        /// First byte that is needed.
        pub offset: T,
        /// Bytes that are needed.
        pub length: T,
        /// Whether words are missing.
        pub grows: T,
        /// Index of the last word that is needed, in limbs of 16 bits.
        pub last: [T; 2],
        /// Place of the last byte in that word.
        pub rest: T,
        /// Words that are missing, but one, or that are there and not needed, in limbs of 16 bits.
        pub difference: [T; 2],
        /// Words after.
        pub next_words: T,
        /// Of `words`.
        pub square: SquareColumns<T>,
        /// Of `next_words`.
        pub next_square: SquareColumns<T>,
    }
}
