//! JSON files: their schema version first, and errors that say where in the file.

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
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        at(what, path, &error.into_inner())
    })?;
    let end = deserializer.end();
    end.map_err(|error| at(what, ".".to_owned(), &error))?;
    Ok(value)
}

/// What is wrong with the text stays with line and column, since it has no path beyond; what is wrong with a value has its path alone.
fn at(what: &'static str, path: String, error: &serde_json::Error) -> Error {
    let mut reason = error.to_string();
    if error.is_data() {
        let position = format!(" at line {} column {}", error.line(), error.column());
        if let Some(alone) = reason.strip_suffix(&position) {
            reason = alone.to_owned();
        }
    }
    let path = if path == "." {
        "the top level".to_owned()
    } else {
        path
    };
    Error::Json { what, path, reason }
}
