//! Proof files and their verification.

use std::panic::{AssertUnwindSafe, catch_unwind};

use alloy_primitives::{B256, Bytes};
use plonky2::plonk::proof::{Proof as PlonkyProof, ProofWithPublicInputs};
use plonky2::util::serialization::{Buffer, Read, Write};
use serde::{Deserialize, Serialize};

use crate::codec::{decode, encode, too_large};
use crate::config::{C, D, F};
use crate::error::{Error, check_schema, malformed};
use crate::json;
use crate::key::VerifyingKey;
use crate::public_values::{PublicValues, STATEMENT_VERSION};

/// Version of the proof file's layout.
pub const SCHEMA_VERSION: u32 = 1;

/// Bytes that no proof file exceeds.
pub const MAX_PROOF_FILE: usize = 4 << 20;

const WHAT: &str = "proof file";

/// Versions and bytes of text beyond which a file is taken for something else.
const MOST_VERSION: u32 = 0xffff;
const MOST_TEXT: usize = 64;

/// A final proof with what it proves. `proof.json` and `proof.bin` hold the same fields.
///
/// `proof` is plonky2's proof without its public inputs, which are [`PublicValues::to_limbs`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Version of the prover that made it; for people only.
    pub prover_version: String,
    /// [`VerifyingKey::hash`] of the key that it is to be verified with.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub verifying_key_hash: B256,
    /// Conjectured bits of the final circuit *alone*, the same for every proof under one key: a mark of the file's version. It says nothing about the
    /// layers below; what a proof is worth is [`VerifyingKey::security`].
    pub security_bits: u32,
    /// What it proves.
    #[serde(deserialize_with = "braid_text::json::object")]
    pub public_values: PublicValues,
    /// The proof.
    #[serde(deserialize_with = "braid_text::bytes_field")]
    pub proof: Bytes,
}

impl Proof {
    /// Packs a proof of the final circuit.
    ///
    /// # Errors
    /// [`Error::Malformed`] if its public inputs are not a statement.
    pub fn new(
        key: &VerifyingKey,
        prover_version: impl Into<String>,
        proof: &ProofWithPublicInputs<F, C, D>,
    ) -> Result<Self, Error> {
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            prover_version: prover_version.into(),
            verifying_key_hash: key.hash(),
            security_bits: key.last_circuit_bits(),
            public_values: PublicValues::from_limbs(&proof.public_inputs)?,
            proof: write_proof(&proof.proof)?.into(),
        })
    }

    /// Reads `proof.json`.
    ///
    /// # Errors
    /// [`Error::Json`], [`Error::TooLarge`] or [`Error::Schema`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let proof: Self = json::read(WHAT, bytes, 2 * MAX_PROOF_FILE, SCHEMA_VERSION)?;
        check_schema(WHAT, proof.schema_version.into(), SCHEMA_VERSION)?;
        Ok(proof)
    }

    /// Writes `proof.json`.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|error| malformed(WHAT, error))
    }

    /// Reads `proof.bin`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`] or [`Error::Schema`].
    pub fn from_bin(bytes: &[u8]) -> Result<Self, Error> {
        if let Some(found) = Self::bin_version(bytes) {
            check_schema(WHAT, found.into(), SCHEMA_VERSION)?;
        }
        let proof = decode::<Packed, MAX_PROOF_FILE>(WHAT, bytes)?.unpack()?;
        check_schema(WHAT, proof.schema_version.into(), SCHEMA_VERSION)?;
        Ok(proof)
    }

    /// The schema version of what begins like a `proof.bin`, of any release: a version, then the prover's version as a short text. `None` for anything else.
    pub fn bin_version(bytes: &[u8]) -> Option<u32> {
        let (version, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let version = u32::from_le_bytes(*version);
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let text = rest.get(..length)?;
        let likely = version <= MOST_VERSION
            && (1..=MOST_TEXT).contains(&length)
            && text.iter().all(u8::is_ascii_graphic);
        likely.then_some(version)
    }

    /// Writes `proof.bin`.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_bin(&self) -> Result<Vec<u8>, Error> {
        encode(WHAT, &Packed::of(self))
    }

    /// plonky2's proof, unverified.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not one of the key's circuit, or not canonical.
    pub fn unpacked(&self, key: &VerifyingKey) -> Result<ProofWithPublicInputs<F, C, D>, Error> {
        let common = &key.data().common;
        let proof = Buffer::new(&self.proof)
            .read_proof::<F, C, D>(common)
            .map_err(|_| malformed(WHAT, "the proof is too short"))?;
        // Writing gives canonical field elements and no surplus: equality leaves one encoding per proof.
        if write_proof(&proof)? != self.proof {
            return Err(malformed(WHAT, "the proof is not canonical"));
        }
        let public_inputs = self.public_values.to_limbs();
        if public_inputs.len() != common.num_public_inputs {
            return Err(malformed(WHAT, "the key is not of a final circuit"));
        }
        Ok(ProofWithPublicInputs {
            proof,
            public_inputs,
        })
    }
}

/// `proof.bin`: the same with bytes where JSON has text.
#[derive(Serialize, Deserialize)]
struct Packed {
    schema_version: u32,
    prover_version: String,
    verifying_key_hash: [u8; 32],
    security_bits: u32,
    public_values: Vec<u8>,
    proof: Vec<u8>,
}

impl Packed {
    fn of(proof: &Proof) -> Self {
        Self {
            schema_version: proof.schema_version,
            prover_version: proof.prover_version.clone(),
            verifying_key_hash: proof.verifying_key_hash.0,
            security_bits: proof.security_bits,
            public_values: proof.public_values.abi_encode().to_vec(),
            proof: proof.proof.to_vec(),
        }
    }

    fn unpack(self) -> Result<Proof, Error> {
        Ok(Proof {
            schema_version: self.schema_version,
            prover_version: self.prover_version,
            verifying_key_hash: self.verifying_key_hash.into(),
            security_bits: self.security_bits,
            public_values: PublicValues::abi_decode(&self.public_values)?,
            proof: self.proof.into(),
        })
    }
}

fn write_proof(proof: &PlonkyProof<F, C, D>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    Write::write_proof(&mut bytes, proof).map_err(|error| malformed(WHAT, format!("{error:?}")))?;
    Ok(bytes)
}

/// Verifies a proof and returns what it proves.
///
/// # Errors
/// [`Error::WrongKey`] if it names another key; [`Error::Malformed`] if it is no proof of the key's circuit; [`Error::Invalid`]
/// if it is one and does not hold.
pub fn verify(key: &VerifyingKey, proof: &Proof) -> Result<PublicValues, Error> {
    check_schema(WHAT, proof.schema_version.into(), SCHEMA_VERSION)?;
    if proof.verifying_key_hash != key.hash() {
        return Err(Error::WrongKey {
            found: proof.verifying_key_hash,
            expected: key.hash(),
        });
    }
    if proof.security_bits != key.last_circuit_bits() {
        return Err(malformed(
            WHAT,
            "securityBits is not that of the key's circuit",
        ));
    }
    if proof.public_values.version != STATEMENT_VERSION {
        return Err(malformed(WHAT, "unknown version of the statement"));
    }
    too_large(WHAT, &proof.proof, MAX_PROOF_FILE)?;
    // plonky2 checks the shape before it computes, and what it reads is bounded by the circuit's own sizes. Should it
    // panic all the same, the proof is not accepted and the caller lives on.
    catch_unwind(AssertUnwindSafe(|| verify_plonky2(key, proof)))
        .unwrap_or_else(|_| Err(malformed(WHAT, "the verifier could not make sense of it")))?;
    Ok(proof.public_values)
}

fn verify_plonky2(key: &VerifyingKey, proof: &Proof) -> Result<(), Error> {
    let unpacked = proof.unpacked(key)?;
    let checked = key.data().verify(unpacked);
    checked.map_err(|error| Error::Invalid(error.to_string()))
}
