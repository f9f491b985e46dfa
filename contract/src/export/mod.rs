//! The verifier contract's constants, generated from the verifying key: `verifier-contract/src/generated/WrapKey.sol`.
//!
//! The contract's gates, transcript and low-degree test are written by hand; all that depends on the key is here: digests and caps, how gates are
//! numbered and selected, lengths and offsets in a proof, and where in memory what is kept. A key whose circuit has gates or a form
//! that the contract does not know is refused.

mod circuit;
mod gates;
mod layout;
mod poseidon;
mod source;

use braid_verifier::wrap::WrapKey;

use crate::error::Error;
use source::Source;

/// Name of the generated file in `verifier-contract/src/generated`.
pub const FILE_NAME: &str = "WrapKey.sol";

/// The text of the generated file.
///
/// # Errors
/// [`Error::UnsupportedKey`] if the contract cannot verify proofs of this key.
pub fn wrap_key_source(key: &WrapKey) -> Result<String, Error> {
    let mut source = Source::default();
    circuit::constants(key, &mut source)?;
    gates::constants(key, &mut source)?;
    let memory = layout::constants(key, &mut source)?;
    source.load(layout::tables(key, &memory)?);
    Ok(source.finish())
}

fn unsupported(what: impl Into<String>) -> Error {
    Error::UnsupportedKey(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed file is what the pinned key gives; `BRAID_UPDATE=1` writes it.
    #[test]
    fn the_committed_file_is_generated() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../verifier-contract/src/generated/WrapKey.sol"
        );
        let text = wrap_key_source(&WrapKey::pinned().unwrap()).unwrap();
        if std::env::var_os("BRAID_UPDATE").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == text,
            "the key has changed: BRAID_UPDATE=1 writes {FILE_NAME} anew"
        );
    }

    /// A key of another circuit of the same form differs in its digests only.
    #[test]
    fn another_key_has_other_digests() {
        let file = include_bytes!("../../tests/vectors/other_key.vk");
        let hash = alloy_primitives::b256!(
            "943e4e028aac19488b2bc53a12033761b27af5e3a611b0984266dda2a20c953e"
        );
        let other = wrap_key_source(&WrapKey::from_bytes(file, hash).unwrap()).unwrap();
        let pinned = wrap_key_source(&WrapKey::pinned().unwrap()).unwrap();
        let different: Vec<&str> = other
            .lines()
            .zip(pinned.lines())
            .filter(|(other, pinned)| other != pinned)
            .map(|(_, pinned)| pinned.trim())
            .collect();
        assert_eq!(other.lines().count(), pinned.lines().count());
        assert_eq!(different.len(), 2 + 16, "{different:?}");
        assert!(different[0].starts_with("bytes32 constant KEY_HASH"));
        assert!(different[1].starts_with("bytes32 constant CIRCUIT_DIGEST"));
        assert!(different[2..].iter().all(|line| line.starts_with("mstore")));
    }
}
