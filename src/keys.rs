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

use crate::error::{Error, Result};

const CIRCUITS: &[u8] = include_bytes!("../keys/circuits.bin");

/// The keys that come with the program; none if the file is empty.
pub(crate) fn built_in() -> BuiltIn {
    bincode::serde::decode_from_slice(CIRCUITS, config::standard())
        .map(|(keys, _)| keys)
        .unwrap_or_default()
}

/// Keys as the file holds them.
pub(crate) fn encode(keys: &BuiltIn) -> Result<Vec<u8>> {
    bincode::serde::encode_to_vec(keys, config::standard())
        .map_err(|error| Error::Internal(format!("writing circuit keys: {error}")))
}
