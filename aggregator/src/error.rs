//! What can go wrong while folding.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A circuit does not take what it is given.
    #[error(transparent)]
    Prover(#[from] braid_prover::Error),
    /// The final proof cannot be packed.
    #[error(transparent)]
    Verifier(#[from] braid_verifier::Error),
    /// There is nothing to fold.
    #[error("there is no chunk proof to fold")]
    Empty,
    /// No shape has this position.
    #[error("there is no shape {index}, only {count}")]
    UnknownShape {
        /// The position asked for.
        index: usize,
        /// How many shapes there are.
        count: usize,
    },
    /// Two proofs that should follow each other do not.
    #[error("the right proof does not start where the left one ends, or is on another chain")]
    NotAdjacent,
    /// The whole does not start and end between blocks.
    #[error("the proof does not start and end between blocks, at least one apart")]
    NotWholeBlocks,
    /// A proof does not have the form of a folded one.
    #[error("malformed proof: {0}")]
    Malformed(String),
}
