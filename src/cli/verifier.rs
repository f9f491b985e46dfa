//! `export-verifier`: the contract's constants from the verifying key.

use std::path::Path;

use braid::contract::export;
use braid::{Error, OutFile, keep_apart};
use braid_verifier::wrap::WrapKey;
use serde_json::json;

use super::args::ExportVerifierArgs;
use super::{Answer, Failure, InFile, Outcome, path_json, read};

/// Reads the key, which must be the one that this build pins unless its hash is given.
fn key(args: &ExportVerifierArgs) -> Result<WrapKey, Failure> {
    match (&args.key, args.key_hash) {
        (Some(path), Some(hash)) => WrapKey::from_bytes(&read(path)?, hash).in_file(path),
        _ => Ok(WrapKey::pinned().map_err(Error::from)?),
    }
}

/// Writes the generated source.
///
/// # Errors
/// The key cannot be read or is not supported, or the file cannot be written.
pub fn export(args: &ExportVerifierArgs) -> Outcome {
    let key = key(args)?;
    let source = export::wrap_key_source(&key).map_err(Error::from)?;
    let path = Path::new(&args.out).join(export::FILE_NAME);
    let out = OutFile::prepare(&path)?;
    keep_apart(&Vec::from_iter(args.key.as_deref()), &[&out])?;
    out.write(source.as_bytes())?;
    let hash = key.hash();
    Ok(Answer {
        text: format!("{} for the key {hash}\n", path.display()),
        json: json!({ "ok": true, "file": path_json(&path), "verifyingKeyHash": hash }),
    })
}
