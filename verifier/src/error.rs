//! Why a proof is not accepted.

use alloy_primitives::B256;
use braid_text::json::JsonFault;

/// Errors of this crate. The three groups (malformed input, wrong key, invalid proof) are told apart by
/// [`Error::is_malformed`], [`Error::is_wrong_key`] and [`Error::is_invalid_proof`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a proof or key file.
    #[error("malformed {what}: {reason}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is larger than any proof or key.
    #[error("{what} has {bytes} bytes, more than the {limit} that any can have")]
    TooLarge {
        /// What was read.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A JSON file is not what it should be.
    #[error("malformed {what}, at {path}: {reason}")]
    Json {
        /// What was read.
        what: &'static str,
        /// Where in the file, such as `publicValues.chainId`.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// The file has another schema.
    #[error("{what} of schema version {found}; this release reads version {expected}{}", if found > &u64::from(*expected) { ": use a newer release" } else { " alone" })]
    Schema {
        /// What was read.
        what: &'static str,
        /// The file's version.
        found: u64,
        /// The one that can be read.
        expected: u32,
    },
    /// The proof was made for another verifying key.
    #[error("proof is for verifying key {found}, this verifier has {expected}")]
    WrongKey {
        /// Hash of the key that the proof names.
        found: B256,
        /// Hash of the key in use.
        expected: B256,
    },
    /// The key is not the one that the caller trusts.
    #[error("the {what} has the hash {found}, and the one asked for is {expected}")]
    KeyHash {
        /// Which key.
        what: &'static str,
        /// Its hash.
        found: B256,
        /// The hash that it should have.
        expected: B256,
    },
    /// No key is pinned in this build.
    #[error("this build has no pinned verifying key; give one explicitly")]
    NoPinnedKey,
    /// The proof does not prove its public values.
    #[error("invalid proof: {0}")]
    Invalid(String),
}

impl Error {
    /// A JSON file of `what` is not what it should be.
    pub fn json(what: &'static str, fault: JsonFault) -> Self {
        let JsonFault { path, reason } = fault;
        let path = if path.is_empty() {
            "the top level".to_owned()
        } else {
            path
        };
        Self::Json { what, path, reason }
    }

    /// The input is not what it should be; nothing was verified.
    pub fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::Malformed { .. }
                | Self::Json { .. }
                | Self::TooLarge { .. }
                | Self::Schema { .. }
        )
    }

    /// The proof and the key do not belong together.
    pub fn is_wrong_key(&self) -> bool {
        matches!(
            self,
            Self::WrongKey { .. } | Self::KeyHash { .. } | Self::NoPinnedKey
        )
    }

    /// The proof was verified and failed.
    pub fn is_invalid_proof(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }

    /// The file was written by a release later than this one.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Schema { found, expected, .. } if *found > u64::from(*expected))
    }
}

/// Refuses a file of another schema version.
pub(crate) fn check_schema(what: &'static str, found: u64, expected: u32) -> Result<(), Error> {
    if found == u64::from(expected) {
        Ok(())
    } else {
        Err(Error::Schema {
            what,
            found,
            expected,
        })
    }
}

pub(crate) fn malformed(what: &'static str, reason: impl ToString) -> Error {
    Error::Malformed {
        what,
        reason: reason.to_string(),
    }
}
