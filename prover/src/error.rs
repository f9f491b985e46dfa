//! What can go wrong while proving.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The proof system refuses.
    #[error(transparent)]
    Stark(#[from] braid_stark::Error),
    /// The proof file cannot be made.
    #[error(transparent)]
    Verifier(#[from] braid_verifier::Error),
    /// A circuit does not take this witness: one of the proofs that it verifies is wrong, or they do not fit together.
    #[error("{circuit} circuit cannot be proved: {reason}")]
    Unprovable {
        /// Which circuit.
        circuit: String,
        /// What the proof system says.
        reason: String,
    },
    /// A circuit came out different from what the others are built for.
    #[error("{circuit} circuit does not fit the fold: {reason}")]
    Circuit {
        /// Which circuit.
        circuit: String,
        /// What differs.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
