//! Fields of serde's structs: `#[serde(deserialize_with = "braid_text::hash_field")]`.

use std::borrow::Cow;

use alloy_primitives::{Address, B256, Bytes};
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

/// An address, as [`address`](super::address) reads it, or null.
///
/// # Errors
/// The deserializer's, with what is wrong with the text.
pub fn optional_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Address>, D::Error> {
    let text = Option::<Cow<'_, str>>::deserialize(deserializer)?;
    let address = text.map(|text| super::address(&text));
    address.transpose().map_err(D::Error::custom)
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
        #[serde(default, deserialize_with = "super::optional_address")]
        address: Option<Address>,
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
            address: None,
        };
        assert_eq!(read(&format!("0x{word}"), "0x07").unwrap(), expected);
        // The types' own forms.
        assert!(read(&word, "0x07").is_err());
        assert!(read(&format!("0x{word}"), "07").is_err());
        assert!(read(&format!("0x0x{word}"), "0x07").is_err());

        let address = "22".repeat(20);
        let read = |address: serde_json::Value| {
            let json = serde_json::json!({ "hash": format!("0x{word}"), "bytes": "0x", "address": address });
            serde_json::from_value::<Fields>(json).map(|fields| fields.address)
        };
        assert_eq!(read(serde_json::Value::Null).unwrap(), None);
        let expected = Some(Address::repeat_byte(0x22));
        assert_eq!(read(format!("0x{address}").into()).unwrap(), expected);
        assert!(read(address.into()).is_err());
    }
}
