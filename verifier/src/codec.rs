//! The one place that knows how files are laid out as bytes: bincode 2 with a size limit.

use bincode::error::DecodeError;
use braid_text::counted;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Error, malformed};

/// Encodes with little-endian fixed-width integers.
pub(crate) fn encode<T: Serialize>(what: &'static str, value: &T) -> Result<Vec<u8>, Error> {
    bincode::serde::encode_to_vec(value, bincode::config::legacy())
        .map_err(|error| malformed(what, error))
}

/// Decodes at most `LIMIT` bytes, all of them.
pub(crate) fn decode<T: DeserializeOwned, const LIMIT: usize>(
    what: &'static str,
    bytes: &[u8],
) -> Result<T, Error> {
    too_large(what, bytes, LIMIT)?;
    let config = bincode::config::legacy().with_limit::<LIMIT>();
    let (value, used) = bincode::serde::decode_from_slice(bytes, config)
        .map_err(|error| malformed(what, plain(&error)))?;
    if used == bytes.len() {
        Ok(value)
    } else {
        Err(malformed(
            what,
            format!("{} too many", counted(bytes.len() - used, "byte")),
        ))
    }
}

/// What bincode says, as people say it: its own words are about its types and not about the file.
fn plain(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::UnexpectedEnd { .. } => "it is cut off, or damaged",
        _ => "it is damaged, or something else",
    }
}

/// Refuses what is larger than `limit`.
pub(crate) fn too_large(what: &'static str, bytes: &[u8], limit: usize) -> Result<(), Error> {
    if bytes.len() <= limit {
        Ok(())
    } else {
        Err(Error::TooLarge {
            what,
            bytes: bytes.len(),
            limit,
        })
    }
}
