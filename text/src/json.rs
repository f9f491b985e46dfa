//! JSON files, whose faults say where in the file they are.

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

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
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut deserializer);
    let parsed =
        parsed.map_err(|error| JsonFault::new(joined(place, error.path()), error.inner()))?;
    let end = deserializer.end();
    end.map_err(|error| JsonFault::new(place.to_owned(), &error))?;
    Ok(parsed)
}

/// What serde says of a text that is no JSON, with line and column, which are all there is; of a value that is not what it should be without them, since its
/// path says more.
pub fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if !error.is_data() {
        return format!("broken JSON: {text}");
    }
    let position = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&position) {
        Some(text) => text.to_owned(),
        None => text,
    }
}

fn joined(place: &str, path: &Path) -> String {
    path.iter()
        .fold(place.to_owned(), |place, segment| match segment {
            Segment::Seq { index } => format!("{place}[{index}]"),
            Segment::Map { key } | Segment::Enum { variant: key } => child(&place, key),
            Segment::Unknown => place,
        })
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
