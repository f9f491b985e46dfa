//! JSON as block files and what they are imported from write it: every fault has its path.

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_text::{Rules, TextError};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::error::{Error, Result};
use crate::execution::machine::max_excess_blob_gas;

/// Reads JSON into a type; `place` is the path of the whole, empty for a file that stands alone.
///
/// # Errors
/// [`Error::Malformed`] with the path of what is wrong; `file` stands for what has no path.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8], file: &str, place: &str) -> Result<T> {
    braid_text::json::parse(json, place).map_err(|fault| {
        let place = if fault.path.is_empty() {
            file.to_owned()
        } else {
            fault.path
        };
        Error::malformed(place, fault.reason)
    })
}

/// A number or a string, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a whole number or a text")
            }
            fn visit_u64<E>(self, value: u64) -> core::result::Result<Text, E> {
                Ok(Text(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> core::result::Result<Text, E> {
                Ok(Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// The key of comments, where there may be any.
const COMMENT: &str = "_comment";

/// The field `_comment`: whatever stands there, or nothing where comments are no part of the format.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Comment<const ALLOWED: bool>;

impl<'de, const ALLOWED: bool> Deserialize<'de> for Comment<ALLOWED> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        if !ALLOWED {
            return Err(D::Error::custom(format!("unknown field `{COMMENT}`")));
        }
        IgnoredAny::deserialize(deserializer)?;
        Ok(Self)
    }
}

/// A JSON object with its entries in order, repeated keys included, so that these can be refused; comments are left out where they are allowed.
#[derive(Clone, Debug)]
pub(crate) struct Entries<T, const COMMENTS: bool = false>(pub(crate) Vec<(String, T)>);

impl<T, const COMMENTS: bool> Default for Entries<T, COMMENTS> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const COMMENTS: bool> Deserialize<'de> for Entries<T, COMMENTS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        struct EntriesVisitor<T, const COMMENTS: bool>(core::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const COMMENTS: bool> Visitor<'de> for EntriesVisitor<T, COMMENTS> {
            type Value = Entries<T, COMMENTS>;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> core::result::Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if COMMENTS && key == COMMENT {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        entries.push((key, map.next_value()?));
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor(core::marker::PhantomData))
    }
}

fn at<T>(place: &str, parsed: core::result::Result<T, TextError>) -> Result<T> {
    parsed.map_err(|error| Error::malformed(place, error.to_string()))
}

/// A number: decimal, or hex after `0x`.
pub(crate) fn number(text: &Text, place: &str) -> Result<U256> {
    at(place, braid_text::number(&text.0))
}

/// A number below 2^64.
pub(crate) fn small(text: &Text, place: &str) -> Result<u64> {
    at(place, braid_text::number64(&text.0))
}

/// Excess blob gas whose price can be executed by these rules.
pub(crate) fn excess_blob_gas(gas: u64, rules: Rules, place: &str) -> Result<u64> {
    let most = max_excess_blob_gas(rules);
    if gas > most {
        let what = format!(
            "{gas} is above {most}: the price of blob gas, which BLOBBASEFEE shows, exceeds 128 bits and cannot be executed"
        );
        return Err(Error::malformed(place, what));
    }
    Ok(gas)
}

/// The name of a chain's rules.
pub(crate) fn rules(text: &Text, place: &str) -> Result<Rules> {
    at(place, text.0.parse())
}

/// Bytes in hex after `0x`.
pub(crate) fn bytes(text: &Text, place: &str) -> Result<Bytes> {
    at(place, braid_text::bytes(&text.0))
}

/// A hash.
pub(crate) fn hash(text: &Text, place: &str) -> Result<B256> {
    at(place, braid_text::hash(&text.0))
}

/// An address, in any case of letters.
pub(crate) fn address(text: &Text, place: &str) -> Result<Address> {
    at(place, braid_text::address(&text.0))
}
