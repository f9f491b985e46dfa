//! Everything that can go wrong, each with what to do about it and the command line's exit code.

use std::path::PathBuf;

use braid_prover::job::JobError;
use braid_prover::schedule::ScheduleError;
use braid_witness::ErrorKind;

/// Result of the library.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Whether a file was to be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Given by the user to be read.
    Read,
    /// To be written by the program.
    Write,
}

impl core::fmt::Display for Access {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// Errors of the library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The block file, a block or a transaction.
    #[error(transparent)]
    Block(#[from] braid_witness::Error),
    /// A proof or key file, or what it claims.
    #[error(transparent)]
    Proof(#[from] braid_verifier::Error),
    /// Published blocks, or a contract.
    #[error(transparent)]
    Contract(#[from] braid_contract::Error),
    /// The job folder.
    #[error(transparent)]
    Job(#[from] JobError),
    /// A file.
    #[error("cannot {access} {path}: {source}", path = path.display())]
    File {
        /// What was tried.
        access: Access,
        /// With which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A piece of work needs more memory than there may be used.
    #[error(
        "would not fit in memory: {label} needs about {} MiB and the limit leaves {} MiB",
        needed >> 20,
        available >> 20
    )]
    WouldNotFit {
        /// The piece of work.
        label: String,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that the limit leaves for it.
        available: u64,
    },
    /// An option or argument that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The tables do not accept what was executed.
    #[error("chunk {chunk} does not satisfy its constraints:\n{report}")]
    Check {
        /// The chunk.
        chunk: usize,
        /// What fails where.
        report: String,
    },
    /// A circuit does not take a proof, or cannot be built.
    #[error(transparent)]
    Recursion(#[from] braid_aggregator::Error),
    /// A worker broke off.
    #[error("{label} broke off: {message}")]
    Panicked {
        /// The piece of work.
        label: String,
        /// What the panic said.
        message: String,
    },
    /// A contradiction in this program.
    #[error("internal fault: {0}")]
    Internal(String),
}

/// What to do about what should never happen.
const REPORT: &str =
    "this is a fault of Braid or of the machine: please report it with the command and its input";

/// Exit codes of the command line.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// A fault of the program or of the machine.
    pub const INTERNAL: u8 = 1;
    /// Wrong options or arguments.
    pub const USAGE: u8 = 2;
    /// The input is not what it should be.
    pub const MALFORMED: u8 = 3;
    /// Ethereum would not accept the block.
    pub const INVALID_BLOCK: u8 = 4;
    /// The block is valid but cannot be proved yet.
    pub const NOT_PROVABLE: u8 = 5;
    /// The proof does not hold.
    pub const INVALID_PROOF: u8 = 6;
    /// The proof is for another verifying key.
    pub const WRONG_KEY: u8 = 7;
    /// The memory limit is too low.
    pub const WOULD_NOT_FIT: u8 = 8;
}

impl Error {
    pub(crate) fn file(
        access: Access,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            access,
            path,
            source,
        }
    }

    /// The command line's exit code: see [`exit`].
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Block(error) => match error.kind() {
                ErrorKind::Malformed => exit::MALFORMED,
                ErrorKind::InvalidBlock => exit::INVALID_BLOCK,
                ErrorKind::NotProvable => exit::NOT_PROVABLE,
                ErrorKind::Usage => exit::USAGE,
                ErrorKind::Internal => exit::INTERNAL,
            },
            Self::Proof(error) if error.is_malformed() => exit::MALFORMED,
            Self::Proof(error) if error.is_wrong_key() => exit::WRONG_KEY,
            Self::Proof(error) if error.is_invalid_proof() => exit::INVALID_PROOF,
            Self::Contract(error) if error.is_malformed() => exit::MALFORMED,
            Self::WouldNotFit { .. } => exit::WOULD_NOT_FIT,
            Self::Usage(_)
            | Self::Job(JobError::Locked { .. })
            | Self::File {
                access: Access::Read,
                ..
            } => exit::USAGE,
            Self::Proof(_)
            | Self::Contract(_)
            | Self::Job(_)
            | Self::File { .. }
            | Self::Check { .. }
            | Self::Recursion(_)
            | Self::Panicked { .. }
            | Self::Internal(_) => exit::INTERNAL,
        }
    }

    /// The kind of error in one word for machines; there is one for each exit code.
    pub fn kind(&self) -> &'static str {
        match self.exit_code() {
            exit::USAGE => "usage",
            exit::MALFORMED => "malformed",
            exit::INVALID_BLOCK => "invalid-block",
            exit::NOT_PROVABLE => "not-provable",
            exit::INVALID_PROOF => "invalid-proof",
            exit::WRONG_KEY => "wrong-key",
            exit::WOULD_NOT_FIT => "would-not-fit",
            _ => "internal",
        }
    }

    /// What the user can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Job(JobError::Locked { .. }) => {
                "wait until the other process ends, or give another folder with --job-dir"
            }
            Self::Job(JobError::DiskFull { .. }) => {
                "make room on the disk and run the same command with --resume: finished proofs are kept"
            }
            Self::Job(_) => "check the folder's permissions, or give another one with --job-dir",
            Self::File {
                access: Access::Read,
                ..
            } => "check the path and its permissions",
            Self::File { .. } => "check the folder, its permissions and the room on the disk",
            Self::WouldNotFit { .. } => {
                "raise --max-memory, choose a smaller --shape, stop before the wrap (--until aggregate), or use a machine with more memory"
            }
            Self::Usage(_) => "see --help",
            Self::Proof(error) if error.is_newer() => {
                "use the release of Braid that wrote the file, or a newer one"
            }
            Self::Proof(braid_verifier::Error::KeyHash { .. }) => {
                "give the key that --key-hash names, or correct --key-hash"
            }
            Self::Block(braid_witness::Error::Store(error)) => error.advice().unwrap_or(REPORT),
            _ => match self.exit_code() {
                exit::MALFORMED => "correct the file at the place named",
                exit::INVALID_BLOCK => {
                    "take the transaction out or correct it: Ethereum would not accept this block"
                }
                exit::NOT_PROVABLE => {
                    "leave the transaction out: only transfers between accounts without code can be proved so far"
                }
                exit::INVALID_PROOF => {
                    "do not trust this proof; ask for the file again or prove again"
                }
                exit::WRONG_KEY => {
                    "use the release of Braid that the proof names, or give its key with --key"
                }
                _ => REPORT,
            },
        }
    }
}

impl<E> From<ScheduleError<braid_prover::pipeline::WorkError<E>>> for Error
where
    Error: From<E>,
{
    fn from(error: ScheduleError<braid_prover::pipeline::WorkError<E>>) -> Self {
        use braid_prover::pipeline::WorkError;
        match error {
            ScheduleError::WouldNotFit {
                label,
                needed,
                available,
            } => Self::WouldNotFit {
                label,
                needed,
                available,
            },
            ScheduleError::Panicked { label, message } => Self::Panicked { label, message },
            ScheduleError::Failed { source, .. } => match source {
                WorkError::Proof(error) => error.into(),
                WorkError::Job(error) => error.into(),
            },
            ScheduleError::Plan(reason) => Self::Internal(reason),
            _ => Self::Internal("unknown failure of the scheduler".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use braid_witness::store::StoreError;

    use super::*;

    #[test]
    fn every_kind_has_its_code_and_advice() {
        let io = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let path = PathBuf::from("x");
        let cases = [
            (Error::Usage("x".into()), 2, "usage"),
            (Error::file(Access::Read, "x")(io()), 2, "usage"),
            (Error::file(Access::Write, "x")(io()), 1, "internal"),
            (
                Error::Job(JobError::Locked { path: path.clone() }),
                2,
                "usage",
            ),
            (Error::Job(JobError::DiskFull { path }), 1, "internal"),
            (Error::Internal("x".into()), 1, "internal"),
            (braid_contract::Error::NotSettle.into(), 3, "malformed"),
            (
                braid_contract::Error::Halted("x".into()).into(),
                1,
                "internal",
            ),
            (
                Error::WouldNotFit {
                    label: "x".into(),
                    needed: 2,
                    available: 1,
                },
                8,
                "would-not-fit",
            ),
            (
                Error::Proof(braid_verifier::Error::NoPinnedKey),
                7,
                "wrong-key",
            ),
            (
                Error::Proof(braid_verifier::Error::Invalid("x".into())),
                6,
                "invalid-proof",
            ),
            (
                Error::Proof(braid_verifier::Error::Schema {
                    what: "proof file",
                    found: 0,
                    expected: 1,
                }),
                3,
                "malformed",
            ),
            (
                Error::Block(braid_witness::Error::Malformed {
                    place: "x".into(),
                    what: "y".into(),
                }),
                3,
                "malformed",
            ),
        ];
        let store = |error: StoreError| Error::Block(braid_witness::Error::Store(error));
        let cases = cases.into_iter().chain([
            (store(StoreError::Missing("x".into())), 2, "usage"),
            (store(StoreError::Locked("x".into())), 2, "usage"),
            (
                store(StoreError::WrongChain {
                    found: 1,
                    expected: 2,
                }),
                2,
                "usage",
            ),
            (store(StoreError::Damaged("x".into())), 1, "internal"),
            (
                store(StoreError::MissingCode(Default::default())),
                1,
                "internal",
            ),
        ]);
        for (error, code, kind) in cases {
            assert_eq!(error.exit_code(), code, "{error}");
            assert_eq!(error.kind(), kind, "{error}");
            assert!(!error.advice().is_empty());
        }
    }
}
