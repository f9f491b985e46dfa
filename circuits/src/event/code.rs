//! The bytecodes that a chunk runs or reads.

use alloy_primitives::{B256, Bytes, keccak256};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The first byte of what is no bytecode that runs: delegations (EIP-7702) have it, and contracts cannot (EIP-3541).
pub const DELEGATION: u8 = 0xef;

/// A bytecode. Tables know it by its place in the chunk's list, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEvent {
    /// The bytes: code of an account or init code.
    pub bytes: Bytes,
    /// Keccak-256 of `bytes`.
    pub keccak: B256,
}

impl CodeEvent {
    /// The event of these bytes.
    pub fn new(bytes: Bytes) -> Self {
        let keccak = keccak256(&bytes);
        Self { bytes, keccak }
    }

    /// Length in bytes.
    ///
    /// # Errors
    /// [`Error::Events`] when it is 2^32 or more.
    pub fn size(&self) -> Result<u32, Error> {
        size_of(self.bytes.len())
    }

    /// Nothing, if `keccak` is the hash of `bytes`.
    ///
    /// # Errors
    /// [`Error::Events`] when it is not.
    pub fn check_hash(&self) -> Result<(), Error> {
        if keccak256(&self.bytes) == self.keccak {
            return Ok(());
        }
        let (size, keccak) = (self.bytes.len(), self.keccak);
        let why = format!("a bytecode of {size} bytes does not have the hash {keccak}");
        Err(Error::Events(why))
    }
}

fn size_of(length: usize) -> Result<u32, Error> {
    u32::try_from(length)
        .map_err(|_| Error::Events(format!("a bytecode has {length} bytes, 2^32 or more")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_below_2_to_the_32() {
        assert_eq!(size_of(0).ok(), Some(0));
        assert_eq!(size_of(u32::MAX as usize).ok(), Some(u32::MAX));
        assert!(matches!(size_of(1 << 32), Err(Error::Events(_))));
    }

    #[test]
    fn another_hash_is_refused() {
        let mut event = CodeEvent::new(Bytes::from_static(&[0x60, 0x01]));
        assert!(event.check_hash().is_ok());
        event.keccak.0[31] ^= 1;
        assert!(matches!(event.check_hash(), Err(Error::Events(_))));
    }
}
