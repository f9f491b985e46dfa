//! A file that the user names, read once: it may be a pipe.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use braid::{Access, Error, Proof, WrappedProof};
use braid_verifier::Error as ProofError;

use super::kind::{Kind, is_json, kind_of, kind_of_empty};
use super::other::other_file;

/// Bytes by which a file is recognised.
const HEAD: u64 = 1 << 20;

/// Most bytes of a file that is kept in memory.
const MAX_FILE: u64 = 512 << 20;

/// An open file with its first bytes.
pub struct Input {
    path: PathBuf,
    head: Vec<u8>,
    rest: File,
}

/// A proof file of either kind.
pub enum AnyProof {
    /// For verifiers on a computer.
    Final(Box<Proof>),
    /// For verifiers on chain.
    Wrapped(Box<WrappedProof>),
}

impl Input {
    /// Opens a file and reads its first bytes.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let attempt = || -> std::io::Result<Self> {
            let mut rest = File::open(path)?;
            let mut head = Vec::new();
            (&mut rest).take(HEAD).read_to_end(&mut head)?;
            let path = path.to_owned();
            Ok(Self { path, head, rest })
        };
        attempt().map_err(fault(path))
    }

    /// What it is.
    pub fn kind(&self) -> Option<Kind> {
        match self.head.is_empty() {
            true => kind_of_empty(&self.path),
            false => kind_of(&self.head),
        }
    }

    /// Whether it begins as a JSON object does.
    pub fn is_json(&self) -> bool {
        is_json(&self.head)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// All of it.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn bytes(self) -> Result<Vec<u8>, Error> {
        let mut bytes = self.head;
        let limit = MAX_FILE.saturating_sub(bytes.len() as u64);
        let rest = self.rest.take(limit).read_to_end(&mut bytes);
        rest.map_err(fault(&self.path))?;
        Ok(bytes)
    }

    /// Makes an error of a failure to read on.
    pub fn fault(&self) -> impl FnOnce(std::io::Error) -> Error + use<> {
        fault(&self.path)
    }

    /// A reader of all of it, for what need not be kept.
    pub fn reader(self) -> impl Read {
        Cursor::new(self.head).chain(self.rest)
    }

    /// The proof in it.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::Proof`] if it is none.
    pub fn proof(self) -> Result<AnyProof, Error> {
        let of_final = |proof: Result<Proof, ProofError>| -> Result<AnyProof, Error> {
            Ok(AnyProof::Final(Box::new(proof?)))
        };
        match self.kind() {
            Some(Kind::WrappedProof) => {
                let proof = WrappedProof::from_json(&self.bytes()?)?;
                Ok(AnyProof::Wrapped(Box::new(proof)))
            }
            Some(Kind::ProofJson) => of_final(Proof::from_json(&self.bytes()?)),
            Some(Kind::ProofBinary) => of_final(Proof::from_bin(&self.bytes()?)),
            Some(other) => Err(other_file(other, "a proof")),
            // The reader says what is wrong.
            None if is_json(&self.head) => of_final(Proof::from_json(&self.bytes()?)),
            None => of_final(Proof::from_bin(&self.bytes()?)),
        }
    }
}

fn fault(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::File {
        access: Access::Read,
        path,
        source,
    }
}
