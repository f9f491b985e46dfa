//! Circuit keys that come with the program.
//!
//! The fold's circuits have the keys of the chunk circuits of all shapes in them. Building those of the large shapes only
//! to know their keys takes minutes and gigabytes, so the keys are committed: `braid setup --circuit-keys-out keys/circuits.bin`
//! builds all of them anew. They are looked up by the digest of what they are built from (tables, shapes, keys
//! below), not by the code that builds them: see [`braid_prover::cache`].
//!
//! Verifiers do not read them: they hold the pinned key of the final circuit, which has all of them in it and comes out of the same
//! set-up. A wrong key here would make proofs fail, since the circuits that use it verify real proofs; a test proves
//! with the tiny shape and compares the final key with the pinned one.

use bincode::config;
use braid_prover::cache::BuiltIn;
use braid_prover::cache_files::is_key_name;

use crate::error::{Error, Result};

const CIRCUITS: &[u8] = include_bytes!("../keys/circuits.bin");

/// Bytes that no file of circuit keys exceeds.
const MAX_FILE: usize = 64 << 20;

/// The keys that come with the program; none if the file is empty.
pub(crate) fn built_in() -> BuiltIn {
    circuit_keys(CIRCUITS).unwrap_or_default()
}

/// Reads a file of circuit keys: each key's bytes by its name in the cache. `None` if it is none.
pub fn circuit_keys(file: &[u8]) -> Option<BuiltIn> {
    let limited = config::standard().with_limit::<MAX_FILE>();
    let (keys, used): (BuiltIn, usize) = bincode::serde::decode_from_slice(file, limited).ok()?;
    (used == file.len()).then_some(keys)
}

/// Whether a file begins as one of circuit keys does: with their number, and the name of the first.
pub fn are_circuit_keys(head: &[u8]) -> bool {
    let [count, length, rest @ ..] = head else {
        return false;
    };
    // Larger numbers take several bytes, and do not occur.
    let small = 1..251;
    let name = rest.get(..usize::from(*length)).unwrap_or_default();
    let name = core::str::from_utf8(name).unwrap_or_default();
    small.contains(count) && small.contains(length) && is_key_name(name)
}

/// Keys as the file holds them.
pub(crate) fn encode(keys: &BuiltIn) -> Result<Vec<u8>> {
    bincode::serde::encode_to_vec(keys, config::standard())
        .map_err(|error| Error::Internal(format!("writing circuit keys: {error}")))
}
