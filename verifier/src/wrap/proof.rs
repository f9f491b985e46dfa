//! Wrapped proofs and their verification.

use std::panic::{AssertUnwindSafe, catch_unwind};

use alloy_primitives::{B256, Bytes};
use plonky2::field::extension::Extendable;
use plonky2::field::types::Field;
use plonky2::plonk::proof::{Proof as PlonkyProof, ProofWithPublicInputs};
use serde::{Deserialize, Serialize};

use super::encoding::{WHAT, decode, encode};
use super::hasher::EvmConfig;
use super::key::WrapKey;
use super::statement::{bound_limbs, constant_limbs, statement_digest};
use crate::config::{D, F};
use crate::error::{Error, check_schema, malformed};
use crate::json;
use crate::public_values::{PublicValues, STATEMENT_VERSION};

type Extension = <F as Extendable<D>>::Extension;

/// Version of the layout of wrapped proofs.
pub const WRAPPED_SCHEMA_VERSION: u32 = 1;

/// Bytes that no wrapped proof exceeds as JSON.
const MAX_FILE: usize = 1 << 20;

/// Says what the file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrappedKind {
    /// A wrapped proof.
    #[default]
    #[serde(rename = "wrappedProof")]
    WrappedProof,
}

/// A final proof as the EVM verifies it, with what it proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrappedProof {
    /// What it is, for whoever reads the file.
    pub kind: WrappedKind,
    /// [`WRAPPED_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Version of the prover that made it; for people only.
    pub prover_version: String,
    /// [`WrapKey::hash`] of the key that it is to be verified with.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub verifying_key_hash: B256,
    /// What it proves.
    #[serde(deserialize_with = "braid_text::json::object")]
    pub public_values: PublicValues,
    /// The proof, as `docs/on-chain.md` lays it out. Its length follows from the key.
    #[serde(deserialize_with = "braid_text::bytes_field")]
    pub proof: Bytes,
}

impl WrappedProof {
    /// Packs a proof of the wrap circuit with the key `key`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if a cap's digest is not canonical: proving again gives another proof, which will do.
    pub fn new(
        key: &WrapKey,
        prover_version: impl Into<String>,
        public_values: PublicValues,
        proof: &PlonkyProof<F, EvmConfig, D>,
    ) -> Result<Self, Error> {
        Ok(Self {
            kind: WrappedKind::WrappedProof,
            schema_version: WRAPPED_SCHEMA_VERSION,
            prover_version: prover_version.into(),
            verifying_key_hash: key.hash(),
            public_values,
            proof: encode(proof)?.into(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Json`], [`Error::TooLarge`] or [`Error::Schema`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let proof: Self = json::read(WHAT, bytes, MAX_FILE, WRAPPED_SCHEMA_VERSION)?;
        check_schema(WHAT, proof.schema_version.into(), WRAPPED_SCHEMA_VERSION)?;
        Ok(proof)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|error| malformed(WHAT, error))
    }
}

/// Verifies a wrapped proof as the contract does and returns what it proves.
///
/// The statement is bound twice. Its digest is the circuit's public input, so every challenge depends on it.
/// And the opening of the statement's column must be what that column is for this statement: `zeta` was drawn after the
/// column was committed to and after the statement was fixed, so two different columns agree there with probability
/// `rows / |F_p^2|` only.
///
/// # Errors
/// [`Error::WrongKey`] if it names another key; [`Error::Malformed`] if it is no proof of the key's circuit; [`Error::Invalid`] if it is one and does not hold.
pub fn verify_wrapped(key: &WrapKey, proof: &WrappedProof) -> Result<PublicValues, Error> {
    check_schema(WHAT, proof.schema_version.into(), WRAPPED_SCHEMA_VERSION)?;
    if proof.verifying_key_hash != key.hash() {
        return Err(Error::WrongKey {
            found: proof.verifying_key_hash,
            expected: key.hash(),
        });
    }
    let values = &proof.public_values;
    let limbs = values.to_limbs();
    for (limb, value) in constant_limbs(STATEMENT_VERSION) {
        if limbs.get(limb) != Some(&F::from_canonical_u32(value)) {
            return Err(malformed(
                WHAT,
                "a constant part of the statement is not what it must be",
            ));
        }
    }
    let inner = decode(key.common(), &proof.proof)?;
    // Lengths are right, so plonky2 has nothing to trip over. Should it panic all the same, the proof is not
    // accepted and the caller lives on.
    catch_unwind(AssertUnwindSafe(|| verify_plonky2(key, values, inner)))
        .unwrap_or_else(|_| Err(malformed(WHAT, "the verifier could not make sense of it")))?;
    Ok(*values)
}

fn verify_plonky2(
    key: &WrapKey,
    values: &PublicValues,
    inner: PlonkyProof<F, EvmConfig, D>,
) -> Result<(), Error> {
    let invalid = |error: anyhow::Error| Error::Invalid(error.to_string());
    let proof = ProofWithPublicInputs {
        proof: inner,
        public_inputs: statement_digest(values).to_vec(),
    };
    let data = key.data();
    let digest = &data.verifier_only.circuit_digest;
    let challenges = proof
        .get_challenges(proof.get_public_inputs_hash(), digest, &data.common)
        .map_err(invalid)?;
    let column = statement_at(key, values, challenges.plonk_zeta)
        .ok_or_else(|| Error::Invalid("zeta is a row of the circuit".to_owned()))?;
    if proof.proof.openings.wires.get(key.statement_column()) != Some(&column) {
        return Err(Error::Invalid(
            "the statement is not the circuit's".to_owned(),
        ));
    }
    data.verify(proof).map_err(invalid)
}

/// The polynomial of the statement's column at a point: its values are the limbs in the first rows, and zero in the
/// others. `None` if the point is a row.
fn statement_at(key: &WrapKey, values: &PublicValues, point: Extension) -> Option<Extension> {
    let degree_bits = key.common().degree_bits();
    let vanishing = point.exp_power_of_2(degree_bits) - Extension::ONE;
    if vanishing == Extension::ZERO {
        return None;
    }
    let limbs = values.to_limbs();
    let row = F::primitive_root_of_unity(degree_bits);
    let mut sum = Extension::ZERO;
    for (limb, x) in bound_limbs().zip(row.powers()) {
        // The Lagrange polynomial of row x is x (X^n - 1) / (n (X - x)).
        let term = Extension::from(x * *limbs.get(limb)?);
        sum += term * (point - x.into()).try_inverse()?;
    }
    let rows = F::from_canonical_usize(1 << degree_bits);
    Some(sum * vanishing * rows.try_inverse()?.into())
}
