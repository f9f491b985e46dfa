//! Columns of `u8`.

braid_stark::columns! {
    /// A row.
    pub struct Range8Columns<T> {
        /// How often `value` is looked up.
        pub multiplicity: T,
    }
}

braid_stark::columns! {
    /// What a row offers.
    pub struct Fixed<T> {
        /// The number.
        pub value: T,
    }
}
