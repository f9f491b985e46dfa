//! Fields of serde's structs: `#[serde(deserialize_with = "braid_text::hash_field")]`.

use std::borrow::Cow;

use alloy_primitives::{B256, Bytes};
use serde::de::{Deserialize, Deserializer, Error};

fn parsed<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, super::TextError>,
) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    parse(&text).map_err(D::Error::custom)
}

/// A hash, as [`hash`](super::hash) reads it.
///
/// # Errors
/// The deserializer's, with what is wrong with the text.
pub fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<B256, D::Error> {
    parsed(deserializer, super::hash)
}

/// Bytes, as [`bytes`](super::bytes) reads them.
///
/// # Errors
/// The deserializer's, with what is wrong with the text.
pub fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    parsed(deserializer, super::bytes)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Fields {
        #[serde(deserialize_with = "super::hash")]
        hash: B256,
        #[serde(deserialize_with = "super::bytes")]
        bytes: Bytes,
    }

    #[test]
    fn fields_are_read_strictly() {
        let word = "11".repeat(32);
        let read = |hash: &str, bytes: &str| {
            let json = serde_json::json!({ "hash": hash, "bytes": bytes });
            serde_json::from_value::<Fields>(json)
        };
        let expected = Fields {
            hash: B256::repeat_byte(0x11),
            bytes: Bytes::from_static(&[7]),
        };
        assert_eq!(read(&format!("0x{word}"), "0x07").unwrap(), expected);
        // The types' own forms.
        assert!(read(&word, "0x07").is_err());
        assert!(read(&format!("0x{word}"), "07").is_err());
        assert!(read(&format!("0x0x{word}"), "0x07").is_err());
    }
}
