//! The prover.

/// Why traces cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// A message's fingerprint is zero: the bus challenges hit one of the few values for which its fraction does not exist.
    #[error("table {table}: a message's fingerprint is zero")]
    Fingerprint {
        /// The table's name.
        table: &'static str,
    },
}
