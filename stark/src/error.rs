//! What can go wrong.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table has more rows than its shape allows.
    #[error("table {table} needs {rows} rows but the shape has {height}")]
    TooManyRows {
        /// The table's name.
        table: &'static str,
        /// Rows needed.
        rows: usize,
        /// Rows there are.
        height: usize,
    },
    /// The number of traces or heights is not the number of tables.
    #[error("number of {what}: expected {expected}, got {got}")]
    Count {
        /// What is counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A lookup asks for an entry that the looked-up table does not have.
    #[error("table {table} looks up {tag} {payload:?}, which no entry offers")]
    LookupMissing {
        /// The table that asks.
        table: &'static str,
        /// The kind of message.
        tag: &'static str,
        /// What it asks for.
        payload: Vec<u64>,
    },
    /// The shape does not fit the system.
    #[error(transparent)]
    Shape(#[from] crate::shape::ShapeError),
    /// A proof is wrong.
    #[error(transparent)]
    Verify(#[from] crate::verify::VerifyError),
    /// The traces cannot be proved.
    #[error(transparent)]
    Prove(#[from] crate::prove::ProveError),
}
