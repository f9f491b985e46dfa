//! Kinds of faults: one for each thing that a caller could do next.

use super::exit;

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// This program, or something that should never happen.
    Internal,
    /// The machine: a full disk, a limit of threads.
    Machine,
    /// Options, arguments, paths.
    Usage,
    /// An input file is not what it should be.
    Malformed,
    /// Ethereum would not accept the block.
    InvalidBlock,
    /// The block may be valid but cannot be proved yet.
    NotProvable,
    /// The proof does not hold.
    InvalidProof,
    /// The proof is for another verifying key.
    WrongKey,
    /// There is not enough memory.
    WouldNotFit,
}

impl Fault {
    /// One word for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Machine => "machine",
            Self::Usage => "usage",
            Self::Malformed => "malformed",
            Self::InvalidBlock => "invalid-block",
            Self::NotProvable => "not-provable",
            Self::InvalidProof => "invalid-proof",
            Self::WrongKey => "wrong-key",
            Self::WouldNotFit => "would-not-fit",
        }
    }

    /// The exit code of the command line.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal | Self::Machine => exit::INTERNAL,
            Self::Usage => exit::USAGE,
            Self::Malformed => exit::MALFORMED,
            Self::InvalidBlock => exit::INVALID_BLOCK,
            Self::NotProvable => exit::NOT_PROVABLE,
            Self::InvalidProof => exit::INVALID_PROOF,
            Self::WrongKey => exit::WRONG_KEY,
            Self::WouldNotFit => exit::WOULD_NOT_FIT,
        }
    }
}
