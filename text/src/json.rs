//! JSON files, whose faults say where in the file they are.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_path_to_error::{Path, Segment};

use crate::words::plain;

/// What some editors put before UTF-8, and JSON does not allow (RFC 8259).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    /// Where: `blocks[0].gasLimit`, `alloc["0x..."].balance`. Empty if it is the whole.
    pub path: String,
    /// What is wrong there. Where the text is no JSON, with line and column.
    pub reason: String,
}

impl JsonFault {
    fn new(path: String, error: &serde_json::Error) -> Self {
        let reason = reason(error);
        Self { path, reason }
    }
}

/// Reads JSON into a type; `place` is the path of the whole, empty for a file that stands alone. Nothing but spaces may follow it.
///
/// # Errors
/// [`JsonFault`].
pub fn parse<T: DeserializeOwned>(json: &[u8], place: &str) -> Result<T, JsonFault> {
    if json.starts_with(BYTE_ORDER_MARK) {
        return Err(JsonFault {
            path: place.to_owned(),
            reason: "it begins with a byte order mark, which JSON does not have: save it as UTF-8 without one".to_owned(),
        });
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut deserializer);
    let parsed =
        parsed.map_err(|error| JsonFault::new(joined(place, error.path()), error.inner()))?;
    let end = deserializer.end();
    end.map_err(|error| JsonFault::new(place.to_owned(), &error))?;
    Ok(parsed)
}

/// A struct as a JSON object and nothing else: serde's own reading of structs also takes a list of the fields in their order, which is no form of any of our files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

/// Reads the struct of an [`Object`]: for `#[serde(deserialize_with)]`, where the field is to have the struct's own type.
///
/// # Errors
/// What the deserializer or the struct refuses, and whatever is no object.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct OfMap<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for OfMap<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_map(OfMap(PhantomData))
}

/// What serde says of a text that is no JSON, with line and column, which are all there is; of a value that is not what it should be without them, since its
/// path says more, and in plain words.
pub fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if !error.is_data() {
        return format!("broken JSON: {text}");
    }
    let position = format!(" at line {} column {}", error.line(), error.column());
    plain(text.strip_suffix(&position).unwrap_or(&text))
}

fn joined(place: &str, path: &Path) -> String {
    path.iter()
        .fold(place.to_owned(), |place, segment| match segment {
            Segment::Seq { index } => format!("{place}[{index}]"),
            Segment::Map { key } | Segment::Enum { variant: key } => child(&place, key),
            Segment::Unknown => place,
        })
}

/// A text without the byte order mark that may stand before it, which [`parse`] refuses: for telling what a file is meant to be.
pub fn without_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json)
}

/// The path of what stands under a key.
pub fn child(place: &str, key: &str) -> String {
    match (is_field(key), place) {
        (true, "") => key.to_owned(),
        (true, _) => format!("{place}.{key}"),
        (false, _) => format!("{place}[{key:?}]"),
    }
}

/// Whether a key looks like the name of a field. Addresses and names of tests do not, or are too long.
fn is_field(key: &str) -> bool {
    const LONGEST: usize = 32;
    let mut letters = key.chars();
    let begins = letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    begins && key.len() <= LONGEST && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        first: u8,
        #[serde(deserialize_with = "object")]
        second: Single,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Single {
        only: u8,
    }

    #[test]
    fn objects_are_no_lists() {
        let parsed = |json: &str| parse::<Vec<Object<Pair>>>(json.as_bytes(), "list");
        let pair = parsed(r#"[{"first": 1, "second": {"only": 2}}]"#).unwrap();
        assert_eq!((pair[0].first, pair[0].second.only), (1, 2));
        for (json, path) in [
            (r#"[[1, {"only": 2}]]"#, "list[0]"),
            (r#"[{"first": 1, "second": [2]}]"#, "list[0].second"),
            ("[null]", "list[0]"),
        ] {
            let fault = parsed(json).unwrap_err();
            assert_eq!(fault.path, path, "{json}");
            assert!(
                fault.reason.ends_with("expected an object"),
                "{}",
                fault.reason
            );
        }
        // Faults within keep their path.
        let fault = parsed(r#"[{"first": 1, "second": {"only": 256}}]"#).unwrap_err();
        assert_eq!(fault.path, "list[0].second.only");
        let fault = parsed(r#"[{"first": 1, "third": 3}]"#).unwrap_err();
        assert!(
            fault.reason.starts_with("unknown field `third`"),
            "{}",
            fault.reason
        );
    }

    #[test]
    fn faults_say_where_they_are() {
        let parsed = |json: &str, place: &str| {
            let fault = parse::<Vec<BTreeMap<String, u8>>>(json.as_bytes(), place).unwrap_err();
            (fault.path, fault.reason)
        };
        let (path, reason) = parsed(r#"[{"a": 1}, {"b": 1, "c d": -1}]"#, "");
        assert_eq!(path, r#"[1]["c d"]"#);
        assert!(!reason.contains("line"), "{reason}");
        assert!(reason.contains("-1"), "{reason}");
        let (path, _) = parsed(r#"[{"a": 256}]"#, "list");
        assert_eq!(path, "list[0].a");
        let (path, reason) = parsed("\u{feff}[]", "list");
        assert_eq!(path, "list");
        assert!(reason.contains("byte order mark"), "{reason}");
        assert_eq!(without_mark("\u{feff}[]".as_bytes()), b"[]");
        // Whether the text ends too early, goes on wrongly, or is no JSON at all.
        for (json, position) in [
            ("[{\n\"a\": 1", "line 2 column 6"),
            ("[{},\n]", "line 2 column 1"),
            ("no JSON", "line 1 column 2"),
            ("[] []", "line 1 column 4"),
            ("", "line 1 column 0"),
        ] {
            let (_, reason) = parsed(json, "");
            assert!(reason.starts_with("broken JSON: "), "{json}: {reason}");
            assert!(reason.ends_with(position), "{json}: {reason}");
        }
    }
}
