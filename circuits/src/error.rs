//! What can go wrong while filling tables.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The proof system refuses the filled tables.
    #[error(transparent)]
    Stark(#[from] braid_stark::Error),
    /// The events contradict themselves or claim what the constraints cannot show.
    #[error("events cannot be proved: {0}")]
    Events(String),
    /// Tables are filled from each other in a circle.
    #[error("tables wait for each other: {}", .0.join(", "))]
    Order(Vec<&'static str>),
    /// The encoded steps or events of a transaction are not what an encoder writes.
    #[error("execution trace of a transaction, item {item}: {fault}")]
    ExecutionTrace {
        /// Index of the step or event that could not be decoded.
        item: u64,
        /// What is wrong with it.
        fault: &'static str,
    },
}
