//! The verifying key of the final circuit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use alloy_primitives::{B256, Keccak256, keccak256};
use braid_security::{Layer, whole};
use plonky2::plonk::circuit_data::VerifierCircuitData;
use plonky2::util::serialization::DefaultGateSerializer;

use crate::codec::too_large;
use crate::config::{C, D, F, circuit_config};
use crate::error::{Error, check_schema, malformed};
use crate::magic::{MAGIC_BYTES, Magic};
use crate::public_values::STATEMENT_LIMBS;
use crate::security::{PINNED, ProofSecurity, circuit_layer};

/// The pinned key file, if this build has one: see `verifier/keys/README.md`.
pub const PINNED_KEY: &[u8] = include_bytes!("../keys/final.vk");

/// Hash of the pinned key; zero while none is pinned. Changing it is a deliberate act.
pub const PINNED_KEY_HASH: B256 =
    alloy_primitives::b256!("655abf08bc36750e7d4c6a6f1596b220304a2159c2798070de6c8fae34ec56ff");

/// Bytes that no key file exceeds.
const MAX_KEY_FILE: usize = 1 << 20;

/// A key file is `MAGIC || keccak256(body) || body`. plonky2 reserves memory for as many items as the body says it
/// has, and running out of memory cannot be caught: what is damaged must be noticed before.
pub const KEY_MAGIC: Magic = Magic {
    name: "braid key",
    version: 1,
};

/// log2 of the rows that no final circuit exceeds.
const MOST_DEGREE_BITS: usize = 20;

const WHAT: &str = "verifying key";

/// The final circuit's verifier data: the commitment to its constants and wiring, and the circuit's common data (gates,
/// degree, FRI parameters). plonky2's own circuit digest covers the former only; [`VerifyingKey::hash`] covers both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    data: VerifierCircuitData<F, C, D>,
    bytes: Vec<u8>,
    hash: B256,
}

impl VerifyingKey {
    /// The key of a circuit.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no final circuit, or uses gates that plonky2 cannot write down.
    pub fn new(data: VerifierCircuitData<F, C, D>) -> Result<Self, Error> {
        check_form(&data)?;
        let body = data
            .to_bytes(&DefaultGateSerializer)
            .map_err(|error| malformed(WHAT, format!("{error:?}")))?;
        let checksum = keccak256(&body);
        let bytes = [&KEY_MAGIC.bytes()[..], checksum.as_slice(), &body].concat();
        let hash = hash_of(&bytes);
        Ok(Self { data, bytes, hash })
    }

    /// Reads a key file and compares it with the hash that the caller trusts. Nothing of the file is interpreted before
    /// the hash agrees.
    ///
    /// Whoever takes the hash from the file itself trusts the file: it is proof against damage, not against
    /// someone who makes up a key on purpose.
    ///
    /// # Errors
    /// [`Error::KeyHash`] if it is another key, [`Error::Schema`] if it is one of another version, [`Error::TooLarge`] or [`Error::Malformed`] if it is none.
    pub fn from_bytes(bytes: &[u8], expected: B256) -> Result<Self, Error> {
        too_large(WHAT, bytes, MAX_KEY_FILE)?;
        let found = hash_of(bytes);
        if found != expected {
            let what = "verifying key in the file";
            return Err(Error::KeyHash {
                what,
                found,
                expected,
            });
        }
        let body = body_of(WHAT, bytes, KEY_MAGIC)?;
        let owned = body.to_vec();
        let read = || VerifierCircuitData::from_bytes(owned, &DefaultGateSerializer);
        let data = catch_unwind(AssertUnwindSafe(read))
            .map_err(|_| malformed(WHAT, "contradicts itself"))?
            .map_err(|error| malformed(WHAT, format!("{error:?}")))?;
        check_form(&data)?;
        Ok(Self {
            data,
            bytes: bytes.to_vec(),
            hash: found,
        })
    }

    /// The key that this build pins.
    ///
    /// # Errors
    /// [`Error::NoPinnedKey`] if it pins none.
    pub fn pinned() -> Result<Self, Error> {
        if PINNED_KEY_HASH.is_zero() {
            return Err(Error::NoPinnedKey);
        }
        Self::from_bytes(PINNED_KEY, PINNED_KEY_HASH)
    }

    /// The key file.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Identifies the key: `keccak256("braid verifying key" || keccak256(file))`.
    pub fn hash(&self) -> B256 {
        self.hash
    }

    /// The hash of a key file, of whatever it holds: see [`VerifyingKey::hash`].
    pub fn hash_of(file: &[u8]) -> B256 {
        hash_of(file)
    }

    /// plonky2's verifier data.
    pub fn data(&self) -> &VerifierCircuitData<F, C, D> {
        &self.data
    }

    /// The final circuit, round by round.
    pub fn layer(&self) -> Layer {
        circuit_layer("root circuit", &self.data.common)
    }

    /// What a whole proof under this key is worth, if it is the pinned one; else no more than its last circuit.
    pub fn security(&self) -> ProofSecurity {
        if self.hash == PINNED_KEY_HASH {
            ProofSecurity::whole(PINNED)
        } else {
            ProofSecurity::last_circuit(&self.layer())
        }
    }

    /// The conjectured bits of the final circuit alone, which proof files say.
    pub(crate) fn last_circuit_bits(&self) -> u32 {
        whole(self.layer().conjectured())
    }
}

/// What comes after magic and checksum, if these are right.
pub(crate) fn body_of<'a>(
    what: &'static str,
    file: &'a [u8],
    magic: Magic,
) -> Result<&'a [u8], Error> {
    let version = magic.version_of(file);
    let version = version.ok_or_else(|| malformed(what, "it does not begin as a key file does"))?;
    check_schema(what, version.into(), magic.version)?;
    let rest = file.get(MAGIC_BYTES..).unwrap_or_default();
    match rest.split_first_chunk::<32>() {
        Some((checksum, body)) if keccak256(body).0 == *checksum => Ok(body),
        _ => Err(malformed(what, "damaged: its checksum is another")),
    }
}

/// A final circuit has the configuration that all recursion has, from which its FRI parameters follow, and exposes a
/// statement: a key of fewer queries, say, is refused even if someone vouches for its hash.
fn check_form(data: &VerifierCircuitData<F, C, D>) -> Result<(), Error> {
    let common = &data.common;
    let config = circuit_config();
    let degree_bits = common.fri_params.degree_bits;
    let right = common.config == config
        && degree_bits <= MOST_DEGREE_BITS
        && common.fri_params == config.fri_config.fri_params(degree_bits, false)
        && common.num_public_inputs == STATEMENT_LIMBS
        && data.verifier_only.constants_sigmas_cap.len() == config.fri_config.num_cap_elements();
    if right {
        Ok(())
    } else {
        Err(malformed(WHAT, "not of a final circuit"))
    }
}

fn hash_of(bytes: &[u8]) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"braid verifying key");
    hasher.update(keccak256(bytes));
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_key_is_the_committed_file() {
        // The known answer: whoever changes the file must change the constant as well, on purpose.
        if PINNED_KEY_HASH.is_zero() {
            assert!(PINNED_KEY.is_empty());
            assert!(matches!(VerifyingKey::pinned(), Err(Error::NoPinnedKey)));
        } else {
            assert_eq!(hash_of(PINNED_KEY), PINNED_KEY_HASH);
            assert_eq!(VerifyingKey::pinned().unwrap().hash(), PINNED_KEY_HASH);
        }
    }

    #[test]
    fn garbage_is_no_key() {
        let garbage = vec![0xffu8; 4096];
        assert!(matches!(
            VerifyingKey::from_bytes(&garbage, B256::ZERO),
            Err(Error::KeyHash { .. })
        ));
        for length in [0, 1, 100, 4096] {
            let bytes = &garbage[..length];
            let error = VerifyingKey::from_bytes(bytes, hash_of(bytes)).unwrap_err();
            assert!(error.is_malformed(), "{error}");
        }
        let huge = vec![0; MAX_KEY_FILE + 1];
        assert!(
            VerifyingKey::from_bytes(&huge, B256::ZERO)
                .unwrap_err()
                .is_malformed()
        );
    }
    #[test]
    fn a_newer_key_file_is_called_newer() {
        let mut bytes = PINNED_KEY.to_vec();
        for (version, newer) in [(b'0', false), (b'2', true)] {
            bytes["braid key v".len()] = version;
            let error = VerifyingKey::from_bytes(&bytes, hash_of(&bytes)).unwrap_err();
            assert!(matches!(error, Error::Schema { .. }), "{error}");
            assert_eq!(error.is_newer(), newer, "{error}");
        }
    }
}
