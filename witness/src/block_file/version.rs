//! The version of a block file, before all else: a newer file is called newer, whatever fields it has.

use serde::Deserialize;

use super::VERSION;
use super::json::{Text, small};
use crate::error::{Error, Result};

/// The one field that all versions have.
#[derive(Deserialize)]
struct Head {
    version: Text,
}

/// Refuses another version. What has none, or is no JSON, is left to the strict reader, which says what is wrong with it.
pub(super) fn check_version(json: &[u8]) -> Result<()> {
    let Ok(head) = serde_json::from_slice::<Head>(json) else {
        return Ok(());
    };
    let version = small(&head.version, "version")?;
    if version == VERSION {
        return Ok(());
    }
    if version > VERSION {
        return Err(Error::NewerVersion {
            what: "block file",
            found: version,
            known: VERSION,
        });
    }
    let what = format!("{version}, and there is none below {VERSION}");
    Err(Error::malformed("version", what))
}
