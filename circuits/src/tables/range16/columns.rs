//! Columns of `u16`.

braid_stark::columns! {
    /// A row.
    pub struct Range16Columns<T> {
        /// How often `low + 256 * high` is looked up.
        pub numbers: T,
        /// How often `(low, high, low xor high)` is looked up.
        pub xors: T,
    }
}

braid_stark::columns! {
    /// What a row offers.
    pub struct Fixed<T> {
        /// The number's low byte.
        pub low: T,
        /// Its high byte.
        pub high: T,
        /// The exclusive or of the two.
        pub xor: T,
    }
}
