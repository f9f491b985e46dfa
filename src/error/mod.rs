//! Everything that can go wrong, each with what to do about it and the command line's exit code.

use std::path::{Path, PathBuf};

use braid_prover::job::JobError;
use braid_prover::schedule::ScheduleError;
use braid_witness::ErrorKind;
use braid_witness::error::kind_of_file_fault;
use braid_witness::store::StoreError;

mod advice;
pub mod exit;
mod fault;
mod refused;
#[cfg(test)]
mod tests;

pub use fault::Fault;
pub use refused::{Refused, refused};

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

/// What does not fit in memory, by what would take less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A chunk.
    Chunk {
        /// Whether there is a smaller shape.
        has_smaller: bool,
    },
    /// The wrap, which takes the same for every shape.
    Wrap,
    /// Anything else.
    Other,
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
        /// What could be done with less.
        piece: Piece,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that the limit leaves for it.
        available: u64,
    },
    /// The system refuses worker threads.
    #[error("cannot start {}: {reason}", braid_text::counted(*count, "worker thread"))]
    Threads {
        /// How many were asked for.
        count: usize,
        /// What the system says.
        reason: String,
    },
    /// An option or argument that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Words that are no command line.
    #[error("{what}")]
    Words {
        /// What is wrong with them.
        what: String,
        /// What may have been meant, if that is known.
        tip: Option<String>,
    },
    /// What is asked for does not go with what is there.
    #[error("{what}")]
    Mismatch {
        /// How.
        what: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// A file is whole, and of another kind than is needed.
    #[error("{what}")]
    OtherFile {
        /// What it is, and what is needed.
        what: String,
        /// Who takes it.
        advice: &'static str,
    },
    /// A proof and a block file that do not belong to each other.
    #[error("the proof is of other blocks than those of the block file")]
    OtherBlocks,
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

impl Error {
    /// [`Self::Mismatch`].
    pub fn mismatch(what: impl Into<String>, advice: &'static str) -> Self {
        let what = what.into();
        Self::Mismatch { what, advice }
    }

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

    /// Which kind of fault it is; decides the exit code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Block(error) => match error {
                braid_witness::Error::TraceFile { kind, .. } => of_file(*kind),
                braid_witness::Error::Store(StoreError::File { kind, .. }) => of_file(*kind),
                braid_witness::Error::Store(StoreError::Database(_)) => Fault::Machine,
                _ => match error.kind() {
                    ErrorKind::Malformed => Fault::Malformed,
                    ErrorKind::InvalidBlock => Fault::InvalidBlock,
                    ErrorKind::NotProvable => Fault::NotProvable,
                    ErrorKind::Usage => Fault::Usage,
                    ErrorKind::WouldNotFit => Fault::WouldNotFit,
                    ErrorKind::Internal => Fault::Internal,
                },
            },
            Self::Proof(error) if error.is_malformed() => Fault::Malformed,
            Self::Proof(error) if error.is_wrong_key() => Fault::WrongKey,
            Self::Proof(error) if error.is_invalid_proof() => Fault::InvalidProof,
            Self::Contract(error) if error.is_malformed() => Fault::Malformed,
            Self::WouldNotFit { .. } => Fault::WouldNotFit,
            Self::OtherBlocks => Fault::InvalidProof,
            Self::OtherFile { .. } => Fault::Malformed,
            Self::Usage(_)
            | Self::Words { .. }
            | Self::Mismatch { .. }
            | Self::Job(JobError::Locked { .. })
            | Self::File {
                access: Access::Read,
                ..
            } => Fault::Usage,
            Self::Job(JobError::Io { source, .. })
            | Self::File {
                access: Access::Write,
                source,
                ..
            } => of_file(source.kind()),
            Self::Job(_) | Self::Threads { .. } => Fault::Machine,
            Self::Proof(_)
            | Self::Contract(_)
            | Self::Check { .. }
            | Self::Recursion(_)
            | Self::Panicked { .. }
            | Self::Internal(_) => Fault::Internal,
        }
    }

    /// The command line's exit code: see [`exit`].
    pub fn exit_code(&self) -> u8 {
        self.fault().exit_code()
    }

    /// The kind of error in one word for machines: see [`Fault::name`].
    pub fn kind(&self) -> &'static str {
        self.fault().name()
    }

    /// The file that it names itself, if it is about one that cannot be read or written. Folders of jobs are no such files: what is in them is the program's.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Block(
                braid_witness::Error::File { path, .. }
                | braid_witness::Error::TraceFile { path, .. },
            ) if !path.is_empty() => Some(Path::new(path)),
            _ => None,
        }
    }

    /// Whether it is about what an input file says, so that the file is the place to look.
    pub fn is_about_input(&self) -> bool {
        match self {
            Self::Proof(_)
            | Self::Contract(_)
            | Self::Usage(_)
            | Self::Mismatch { .. }
            | Self::OtherFile { .. }
            | Self::OtherBlocks => true,
            Self::Block(error) => {
                use braid_witness::ErrorKind::{InvalidBlock, Malformed, NotProvable, WouldNotFit};
                matches!(
                    error.kind(),
                    Malformed | InvalidBlock | NotProvable | WouldNotFit
                )
            }
            _ => false,
        }
    }
}

fn of_file(kind: std::io::ErrorKind) -> Fault {
    match kind_of_file_fault(kind) {
        ErrorKind::Usage => Fault::Usage,
        _ => Fault::Machine,
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
                piece: Piece::Other,
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
