//! What the user can do about an error.

use braid_prover::job::JobError;
use braid_witness::ErrorKind;
use braid_witness::error::kind_of_file_fault;

use super::{Access, Error, Fault, Piece, refused};

/// What to do about what should never happen.
const REPORT: &str = "this is a fault of Braid: please report it with the command and its input";

/// What to do about a file of a later release.
const NEWER: &str = "use the release of Braid that wrote the file, or a newer one";

/// What to do when a disk is full or breaks.
const DISK: &str = "make room on the disk or mend it, and run the same command again";

fn about_folder(kind: std::io::ErrorKind) -> &'static str {
    match kind_of_file_fault(kind) {
        ErrorKind::Usage => "choose another path, or check what is there and its permissions",
        _ => DISK,
    }
}

impl Error {
    /// What the user can do about it, in a sentence without a full stop.
    pub fn advice(&self) -> String {
        let refused = refused(self);
        if let Some(first) = refused.first() {
            let same = refused.iter().all(|other| other.remedy == first.remedy);
            return match same {
                true => first.remedy.clone(),
                false => "see what each refusal says".to_owned(),
            };
        }
        match self {
            Self::Words { tip: Some(tip), .. } => tip.clone(),
            _ => self.general_advice().to_owned(),
        }
    }

    fn general_advice(&self) -> &'static str {
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
            }
            | Self::Block(braid_witness::Error::File { .. }) => {
                "check the path and its permissions"
            }
            Self::File { source, .. } => about_folder(source.kind()),
            Self::Block(braid_witness::Error::TraceFile { kind, .. }) => about_folder(*kind),
            Self::WouldNotFit { piece, .. } => match piece {
                Piece::Chunk { has_smaller: true } => {
                    "raise --max-memory, choose a smaller --shape, or use a machine with more memory"
                }
                Piece::Wrap => {
                    "raise --max-memory, or use a machine with more memory; braid prove --until aggregate stops before the wrap, which braid wrap makes later"
                }
                Piece::Chunk { has_smaller: false } | Piece::Other => {
                    "raise --max-memory, or use a machine with more memory"
                }
            },
            Self::Threads { .. } => {
                "ask for fewer threads (--threads, or --workers of execute), or raise the system's limit of threads"
            }
            Self::Usage(_) | Self::Words { .. } => "see --help",
            Self::Mismatch { advice, .. } | Self::OtherFile { advice, .. } => advice,
            Self::OtherBlocks => {
                "give the block file that the proof is of; braid inspect says of which blocks it is"
            }
            Self::Proof(error) if error.is_newer() => NEWER,
            Self::Block(braid_witness::Error::NewerVersion { .. }) => NEWER,
            Self::Proof(braid_verifier::Error::Schema { .. }) => {
                "make the file again with this release, or use the one that wrote it"
            }
            Self::Proof(
                braid_verifier::Error::Malformed { .. } | braid_verifier::Error::TooLarge { .. },
            ) => "ask for the file again, or make it again",
            Self::Block(braid_witness::Error::TraceFormat(_)) => {
                "make the traces again, with braid execute --trace"
            }
            Self::Proof(braid_verifier::Error::KeyHash { .. }) => {
                "give the key that --key-hash names, or correct --key-hash"
            }
            Self::Block(braid_witness::Error::Store(error)) => error.advice().unwrap_or(REPORT),
            _ => match self.fault() {
                Fault::Malformed => "correct the file at the place named",
                Fault::InvalidProof => {
                    "do not trust this proof; ask for the file again or prove again"
                }
                Fault::WrongKey => {
                    "use the release of Braid that the proof names, or give its key with --key"
                }
                _ => REPORT,
            },
        }
    }
}
