//! JSON files: their schema version first, and errors that say where in the file.

use braid_text::json::{Object, parse};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::codec::too_large;
use crate::error::{Error, check_schema};

/// The one field that all versions of a file have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    schema_version: u64,
}

/// Reads a file of at most `limit` bytes that has the schema version `version`. That is looked at first, so that a newer file is called newer, whatever else
/// it has.
pub(crate) fn read<T: DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
    limit: usize,
    version: u32,
) -> Result<T, Error> {
    too_large(what, bytes, limit)?;
    if let Ok(head) = serde_json::from_slice::<Head>(bytes) {
        check_schema(what, head.schema_version, version)?;
    }
    let read = parse::<Object<T>>(bytes, "");
    let Object(read) = read.map_err(|fault| Error::json(what, fault))?;
    Ok(read)
}
