//! Numbers of Ethereum's size in JSON: `#[serde(with = "braid_text::quantity")]`.
//!
//! They are written as in Ethereum's JSON-RPC, in hex after `0x`, since many readers of JSON round numbers from 2^53 on. Reading takes the
//! forms of [`number64`], and JSON's own numbers, which older files have.

use serde::Serializer;
use serde::de::{Deserializer, Error, Visitor};

use super::number64;

/// The text of a number: hex after `0x`, without leading zeros.
pub fn text(value: impl core::fmt::LowerHex) -> String {
    format!("{value:#x}")
}

/// Writes a number.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(value))
}

/// Reads a number below 2^64.
///
/// # Errors
/// The deserializer's, with what is wrong with the text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Number;
    impl Visitor<'_> for Number {
        type Value = u64;

        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("a whole number or its text")
        }

        fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<u64, E> {
            number64(value).map_err(E::custom)
        }
    }
    deserializer.deserialize_any(Number)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Field(#[serde(with = "super")] u64);

    #[test]
    fn numbers_keep_every_bit() {
        for (value, text) in [(0, "0x0"), (16, "0x10"), (u64::MAX, "0xffffffffffffffff")] {
            let json = serde_json::to_value(Field(value)).unwrap();
            assert_eq!(json, text);
            assert_eq!(serde_json::from_value::<Field>(json).unwrap(), Field(value));
            // As older files have it.
            let number = serde_json::Value::from(value);
            assert_eq!(
                serde_json::from_value::<Field>(number).unwrap(),
                Field(value)
            );
        }
        for wrong in ["", "0x", "0x0x1", "-1", "0x10000000000000000", "1.5"] {
            assert!(
                serde_json::from_value::<Field>(wrong.into()).is_err(),
                "{wrong}"
            );
        }
    }
}
