//! What can go wrong while filling tables.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The proof system refuses the traces.
    #[error(transparent)]
    Stark(#[from] braid_stark::Error),
    /// The events contradict themselves or claim what the constraints cannot show.
    #[error("events cannot be proved: {0}")]
    Events(String),
}
