//! Keys, and what is made of them.

use std::fmt::Write;

use alloy_primitives::B256;
use braid::{VerifyingKey, WrapKey};
use serde_json::json;

use super::{Answer, Error, malformed};

/// Text and JSON of a key of one circuit.
fn key(name: &str, hash: B256, pinned: B256, log_rows: usize) -> Answer {
    let built_in = hash == pinned;
    let which = if built_in {
        "the one built into this program"
    } else {
        "not the one built into this program"
    };
    Answer {
        text: format!("{name} {hash}: {which}\ncircuit of 2^{log_rows} rows\n"),
        json: json!({ "hash": hash, "builtIn": built_in, "logRows": log_rows }),
    }
}

pub fn verifying_key(bytes: &[u8]) -> Result<Answer, Error> {
    let found = VerifyingKey::from_bytes(bytes, VerifyingKey::hash_of(bytes))?;
    let rows = found.data().common.degree_bits();
    let pinned = VerifyingKey::pinned()?.hash();
    Ok(key("verifying key", found.hash(), pinned, rows))
}

pub fn wrap_key(bytes: &[u8]) -> Result<Answer, Error> {
    let found = WrapKey::from_bytes(bytes, WrapKey::hash_of(bytes))?;
    let rows = found.data().common.degree_bits();
    let pinned = WrapKey::pinned()?.hash();
    Ok(key("wrap key", found.hash(), pinned, rows))
}

pub fn circuit_keys(bytes: &[u8]) -> Result<Answer, Error> {
    let keys = braid::circuit_keys(bytes)
        .ok_or_else(|| malformed("circuit keys", "cut off, or damaged"))?;
    let mut text = format!("circuit keys, {}\n", keys.len());
    for (name, body) in &keys {
        let _ = writeln!(text, "{:>8} bytes  {name}", body.len());
    }
    let keys = keys.iter();
    let keys: Vec<_> = keys
        .map(|(name, body)| json!({ "name": name, "bytes": body.len() }))
        .collect();
    Ok(Answer {
        text,
        json: json!({ "keys": keys }),
    })
}

/// The line of the generated source that names the key.
const HASH_LINE: &str = "bytes32 constant KEY_HASH = ";

pub fn source(bytes: &[u8]) -> Result<Answer, Error> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let hash = lines.find_map(|line| line.strip_prefix(HASH_LINE)?.strip_suffix(';'));
    let hash: Option<B256> = hash.and_then(|hash| hash.parse().ok());
    let hash = hash.ok_or_else(|| {
        malformed(
            "constants of the verifier contract",
            "it names no hash of a key",
        )
    })?;
    let built_in = WrapKey::pinned()?.hash() == hash;
    let which = if built_in {
        "built into this program"
    } else {
        "not built into this program"
    };
    Ok(Answer {
        text: format!("constants of the verifier contract for the wrap key {hash}, {which}\n"),
        json: json!({ "hash": hash, "builtIn": built_in }),
    })
}
