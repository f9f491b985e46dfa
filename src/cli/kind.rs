//! What a file is, by what it begins with: files also come through pipes. A name tells only what an empty file would hold.

use std::path::Path;

use braid::cache_files::CACHE_MAGIC;
use braid::{Proof, are_circuit_keys, store, trace};
use braid_prover::job::{self, entry_version};
use braid_text::json::without_mark;
use braid_verifier::KEY_MAGIC;
use braid_verifier::wrap::WRAP_KEY_MAGIC;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// The kinds of files that Braid writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Blocks and the state before them.
    BlockFile,
    /// A final proof as JSON.
    ProofJson,
    /// The same in its binary form.
    ProofBinary,
    /// A proof for the EVM.
    WrappedProof,
    /// The key of final proofs.
    VerifyingKey,
    /// The key of wrapped proofs.
    WrapKey,
    /// Keys of the circuits below.
    CircuitKeys,
    /// A circuit or key in the cache.
    CacheFile,
    /// A finished proof in a job folder.
    JobEntry,
    /// The calls of the contracts.
    Calls,
    /// Execution traces, a line a transaction.
    TransactionLines,
    /// Execution traces, a line a step.
    StepLines,
    /// Execution traces for machines.
    BinaryTraces,
    /// The page that `execute --timeline` writes.
    Timeline,
    /// The verifier contract's constants.
    KeySource,
    /// The database of a state folder.
    StateDatabase,
    /// A manual page.
    ManualPage,
    /// What whoever works in a folder has a lock on.
    Lock,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::BlockFile,
        Self::ProofJson,
        Self::ProofBinary,
        Self::WrappedProof,
        Self::VerifyingKey,
        Self::WrapKey,
        Self::CircuitKeys,
        Self::CacheFile,
        Self::JobEntry,
        Self::Calls,
        Self::TransactionLines,
        Self::StepLines,
        Self::BinaryTraces,
        Self::Timeline,
        Self::KeySource,
        Self::StateDatabase,
        Self::ManualPage,
        Self::Lock,
    ];

    /// The name for people and machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::BlockFile => "block file",
            Self::ProofJson | Self::ProofBinary => "proof",
            Self::WrappedProof => "wrapped proof",
            Self::VerifyingKey => "verifying key",
            Self::WrapKey => "wrap key",
            Self::CircuitKeys => "circuit keys",
            Self::CacheFile => "cache file",
            Self::JobEntry => "job entry",
            Self::Calls => "calls",
            Self::TransactionLines => "execution traces of transactions",
            Self::StepLines => "execution traces of steps",
            Self::BinaryTraces => "binary execution traces",
            Self::Timeline => "timeline",
            Self::KeySource => "constants of the verifier contract",
            Self::StateDatabase => "database of a state folder",
            Self::ManualPage => "manual page",
            Self::Lock => "lock",
        }
    }
}

/// Text that only Braid's generated contract has.
const KEY_SOURCE_MARK: &str = "Generated from the verifying key by `braid export-verifier`";

/// How databases of redb begin, which state folders have.
const DATABASE_MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// The title of a manual page.
const MANUAL_MARK: &str = ".TH braid";

/// How the page of a timeline begins.
const PAGE_START: &str = "<!DOCTYPE html>";
/// What else it has near its beginning.
const PAGE_MARK: &str = "<!-- The page needs nothing from anywhere, and is allowed nothing. -->";

/// Bytes within which the marks of text files stand.
const MARK_WITHIN: usize = 2_000;

/// What a file is that begins with `head`; `None` if it is nothing that Braid writes. JSON need not be complete.
pub fn kind_of(head: &[u8]) -> Option<Kind> {
    if is_json(head) {
        return json_kind(head);
    }
    if KEY_MAGIC.version_of(head).is_some() {
        Some(Kind::VerifyingKey)
    } else if WRAP_KEY_MAGIC.version_of(head).is_some() {
        Some(Kind::WrapKey)
    } else if CACHE_MAGIC.version_of(head).is_some() {
        Some(Kind::CacheFile)
    } else if entry_version(head).is_some() {
        Some(Kind::JobEntry)
    } else if head.starts_with(&trace::MAGIC) {
        Some(Kind::BinaryTraces)
    } else if head.starts_with(DATABASE_MAGIC) {
        Some(Kind::StateDatabase)
    } else if Proof::bin_version(head).is_some() {
        Some(Kind::ProofBinary)
    } else if are_circuit_keys(head) {
        Some(Kind::CircuitKeys)
    } else {
        text_kind(head)
    }
}

/// Whether the first byte that is no space begins a JSON object. A byte order mark before it is for the reader to refuse.
pub fn is_json(head: &[u8]) -> bool {
    without_mark(head).trim_ascii_start().first() == Some(&b'{')
}

fn text_kind(head: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(head.get(..MARK_WITHIN).unwrap_or(head));
    if text.starts_with(PAGE_START) && text.contains(PAGE_MARK) {
        Some(Kind::Timeline)
    } else if text.contains(KEY_SOURCE_MARK) {
        Some(Kind::KeySource)
    } else if text.contains(MANUAL_MARK) {
        Some(Kind::ManualPage)
    } else {
        None
    }
}

/// What an empty file of this name is: blocks without transactions, and transactions without steps, have traces without a line; and nothing is ever written into
/// a lock.
pub fn kind_of_empty(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    let kinds = [
        (trace::TRANSACTIONS_FILE, Kind::TransactionLines),
        (trace::STEPS_FILE, Kind::StepLines),
        (store::LOCK_FILE, Kind::Lock),
        (job::LOCK_FILE, Kind::Lock),
    ];
    let mut kinds = kinds.into_iter();
    kinds.find_map(|(known, kind)| (known == name).then_some(kind))
}

fn json_kind(head: &[u8]) -> Option<Kind> {
    let mut fields = Fields::default();
    let mut deserializer = serde_json::Deserializer::from_slice(without_mark(head));
    // Up to where it breaks off.
    let _ = (&mut fields).deserialize(&mut deserializer);
    let has = |name: &str| fields.names.iter().any(|field| field == name);
    let has_all = |names: &[&str]| names.iter().all(|name| has(name));
    if fields.kind.as_deref() == Some("wrappedProof") {
        Some(Kind::WrappedProof)
    } else if has("schemaVersion") || has("verifyingKeyHash") {
        Some(Kind::ProofJson)
    } else if has_all(&["publicValues", "proof"]) {
        // Of a release before wrapped proofs said what they are.
        Some(Kind::WrappedProof)
    } else if has_all(&["verify", "settle"]) {
        Some(Kind::Calls)
    } else if has_all(&["pc", "op"]) {
        Some(Kind::StepLines)
    } else if has_all(&["index", "signingHash"]) {
        Some(Kind::TransactionLines)
    } else if ["version", "parent", "alloc", "blocks"]
        .into_iter()
        .any(has)
    {
        Some(Kind::BlockFile)
    } else {
        None
    }
}

/// The fields of a JSON object.
#[derive(Default)]
struct Fields {
    names: Vec<String>,
    /// The text of the field `kind`.
    kind: Option<String>,
}

impl<'de> DeserializeSeed<'de> for &mut Fields {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Fields {
    type Value = ();

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let is_kind = name == "kind";
            self.names.push(name);
            if is_kind {
                let value: Value = map.next_value()?;
                self.kind = value.as_str().map(str::to_owned);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_fields() {
        let cases = [
            (r#" {"schemaVersion": 2, "new": {}}"#, Some(Kind::ProofJson)),
            (
                r#"{"kind": "wrappedProof", "schemaVersion": 1}"#,
                Some(Kind::WrappedProof),
            ),
            (
                r#"{"publicValues": {}, "proof": "0x"}"#,
                Some(Kind::WrappedProof),
            ),
            (
                r#"{"publicValues": {}, "verify": {}, "settle": {}}"#,
                Some(Kind::Calls),
            ),
            // Broken off.
            (r#"{"version": 1, "alloc": {"0x"#, Some(Kind::BlockFile)),
            (r#"{"pc": 0, "op": 1}{"pc"#, Some(Kind::StepLines)),
            ("\u{feff}{\"version\": 1", Some(Kind::BlockFile)),
            ("{", None),
            ("{}", None),
            ("[1]", None),
            ("", None),
        ];
        for (text, kind) in cases {
            assert_eq!(kind_of(text.as_bytes()), kind, "{text}");
        }
        let empty = [
            ("a/steps.jsonl", Some(Kind::StepLines)),
            ("transactions.jsonl", Some(Kind::TransactionLines)),
            ("job/.braid-lock", Some(Kind::Lock)),
            ("state/lock", Some(Kind::Lock)),
            ("block.json", None),
            ("/", None),
        ];
        for (name, kind) in empty {
            assert_eq!(kind_of_empty(Path::new(name)), kind, "{name}");
        }
    }
}
