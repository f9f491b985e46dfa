//! The verifying key of the wrap circuit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use alloy_primitives::{B256, Keccak256, keccak256};
use braid_security::{Layer, Round};
use plonky2::plonk::circuit_data::{CommonCircuitData, VerifierCircuitData};

use super::gates::WrapGates;
use super::gates::statement::StatementGate;
use super::hasher::EvmConfig;
use super::parameters::{WRAP_DEGREE_BITS, wrap_config};
use super::statement::{DIGEST_BITS, DIGEST_WORDS};
use super::transcript::MOST_WORDS;
use crate::codec::too_large;
use crate::config::{D, F};
use crate::error::{Error, malformed};
use crate::key::body_of;
use crate::magic::Magic;
use crate::security::{PINNED_WRAP, ProofSecurity, circuit_layer, opened};

/// The pinned key file: see `verifier/keys/README.md`.
pub const PINNED_WRAP_KEY: &[u8] = include_bytes!("../../keys/wrap.vk");

/// Hash of the pinned key. Changing it is a deliberate act.
pub const PINNED_WRAP_KEY_HASH: B256 =
    alloy_primitives::b256!("79022324ce0f1a1bb27f0c79a58e559663335b6b537cd2a2cf3e652e7bb4ff60");

/// Bytes that no key file exceeds.
const MAX_KEY_FILE: usize = 1 << 20;

/// As in [`crate::VerifyingKey`]: magic, checksum, body.
pub const WRAP_KEY_MAGIC: Magic = Magic {
    name: "braid wrapkey",
    version: 1,
};

const WHAT: &str = "wrap verifying key";

/// The wrap circuit's verifier data. What a contract is generated from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapKey {
    data: VerifierCircuitData<F, EvmConfig, D>,
    bytes: Vec<u8>,
    hash: B256,
}

impl WrapKey {
    /// The key of a circuit.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no wrap circuit.
    pub fn new(data: VerifierCircuitData<F, EvmConfig, D>) -> Result<Self, Error> {
        check_form(&data)?;
        let body = data
            .to_bytes(&WrapGates)
            .map_err(|error| malformed(WHAT, format!("{error:?}")))?;
        let bytes = [
            &WRAP_KEY_MAGIC.bytes()[..],
            keccak256(&body).as_slice(),
            &body,
        ]
        .concat();
        let hash = hash_of(&bytes);
        Ok(Self { data, bytes, hash })
    }

    /// Reads a key file and compares it with the hash that the caller trusts; see [`crate::VerifyingKey::from_bytes`].
    ///
    /// # Errors
    /// [`Error::KeyHash`] if it is another key, [`Error::Schema`] if it is one of another version, [`Error::TooLarge`] or [`Error::Malformed`] if it is none.
    pub fn from_bytes(bytes: &[u8], expected: B256) -> Result<Self, Error> {
        too_large(WHAT, bytes, MAX_KEY_FILE)?;
        let found = hash_of(bytes);
        if found != expected {
            let what = "wrap key in the file";
            return Err(Error::KeyHash {
                what,
                found,
                expected,
            });
        }
        let body = body_of(WHAT, bytes, WRAP_KEY_MAGIC)?;
        let owned = body.to_vec();
        let read = || VerifierCircuitData::from_bytes(owned, &WrapGates);
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

    /// The key that this build pins. It wraps proofs under [`crate::VerifyingKey::pinned`].
    ///
    /// # Errors
    /// None in practice; as [`WrapKey::from_bytes`].
    pub fn pinned() -> Result<Self, Error> {
        Self::from_bytes(PINNED_WRAP_KEY, PINNED_WRAP_KEY_HASH)
    }

    /// The key file.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Identifies the key: `keccak256("braid wrap key" || keccak256(file))`.
    pub fn hash(&self) -> B256 {
        self.hash
    }

    /// The hash of a key file, of whatever it holds: see [`WrapKey::hash`].
    pub fn hash_of(file: &[u8]) -> B256 {
        hash_of(file)
    }

    /// plonky2's verifier data.
    pub fn data(&self) -> &VerifierCircuitData<F, EvmConfig, D> {
        &self.data
    }

    /// The wrap circuit, round by round. Besides plonky2's rounds, whoever finds two statements with one digest proves either.
    pub fn layer(&self) -> Layer {
        let mut layer = circuit_layer("wrap circuit", &self.data.common);
        let statement = f64::from(DIGEST_BITS) / 2.0;
        layer.rounds.push(Round::of("statement", statement));
        layer
    }

    /// What a whole wrapped proof under this key is worth, if it is the pinned one; else no more than its last circuit.
    pub fn security(&self) -> ProofSecurity {
        if self.hash == PINNED_WRAP_KEY_HASH {
            ProofSecurity::whole(PINNED_WRAP)
        } else {
            ProofSecurity::last_circuit(&self.layer())
        }
    }

    pub(super) fn common(&self) -> &CommonCircuitData<F, D> {
        &self.data.common
    }

    /// The column that holds the statement.
    pub(super) fn statement_column(&self) -> usize {
        self.data.common.config.num_wires - 1
    }
}

/// Beyond what [`crate::VerifyingKey`] demands: no gate but the statement's uses its column, and every message of the transcript
/// is short enough for one Keccak call.
fn check_form(data: &VerifierCircuitData<F, EvmConfig, D>) -> Result<(), Error> {
    let (common, key) = (&data.common, &data.verifier_only);
    let config = wrap_config();
    let fri_config = &config.fri_config;
    let column = config.num_wires - 1;
    let is_statement = |id: &str| id == format!("{:?}", StatementGate { column });
    let gates = common.gates.iter().map(|gate| &gate.0);
    let column_is_free = gates
        .clone()
        .all(|gate| gate.num_wires() <= column || is_statement(&gate.id()));
    let right = common.config == config
        && common.fri_params == fri_config.fri_params(WRAP_DEGREE_BITS, false)
        && common.num_public_inputs == DIGEST_WORDS
        && common.luts.is_empty()
        && column_is_free
        && D * opened(common) < MOST_WORDS
        && D * common.fri_params.final_poly_len() + 1 < MOST_WORDS
        && key.constants_sigmas_cap.len() == fri_config.num_cap_elements()
        && key.circuit_digest.is_canonical();
    if right {
        Ok(())
    } else {
        Err(malformed(WHAT, "not of a wrap circuit"))
    }
}

pub(super) fn hash_of(bytes: &[u8]) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"braid wrap key");
    hasher.update(keccak256(bytes));
    hasher.finalize()
}
