//! Proofs, and calls that carry them.

use alloy_primitives::{Address, Bytes};
use braid::progress::counted;
use braid::{ProofSecurity, PublicValues, VerifyingKey, WrapKey};
use braid_verifier::Error as ProofError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::AnyProof;
use super::super::proof_files::{public_values_text, security_text, values_text};
use super::{Answer, Error};

pub fn proof(proof: AnyProof) -> Answer {
    match proof {
        AnyProof::Final(proof) => {
            let mut text = format!(
                "proof, schema version {}, made by version {}, {} bytes; not verified here\n",
                proof.schema_version,
                proof.prover_version,
                proof.proof.len()
            );
            text += &public_values_text(&proof);
            let pinned = VerifyingKey::pinned().ok();
            let pinned = pinned.filter(|key| key.hash() == proof.verifying_key_hash);
            let security = pinned.map(|key| key.security());
            text += &worth(security.as_ref());
            Answer {
                text,
                json: json!({
                    "schemaVersion": proof.schema_version,
                    "proverVersion": proof.prover_version,
                    "verifyingKeyHash": proof.verifying_key_hash,
                    "security": security,
                    "publicValues": proof.public_values,
                    "proofBytes": proof.proof.len(),
                }),
            }
        }
        AnyProof::Wrapped(proof) => {
            let pinned = WrapKey::pinned().ok();
            let pinned = pinned.filter(|key| key.hash() == proof.verifying_key_hash);
            let security = pinned.map(|key| key.security());
            Answer {
                text: format!(
                    "wrapped proof, schema version {}, made by version {}, {} bytes; not verified here\n{}wrap key {}\n{}",
                    proof.schema_version,
                    proof.prover_version,
                    proof.proof.len(),
                    values_text(&proof.public_values),
                    proof.verifying_key_hash,
                    worth(security.as_ref())
                ),
                json: json!({
                    "schemaVersion": proof.schema_version,
                    "proverVersion": proof.prover_version,
                    "verifyingKeyHash": proof.verifying_key_hash,
                    "security": security,
                    "publicValues": proof.public_values,
                    "proofBytes": proof.proof.len(),
                }),
            }
        }
    }
}

/// What a proof is worth, should it be valid; a proof names its key but does not have it.
fn worth(security: Option<&ProofSecurity>) -> String {
    match security {
        Some(security) => security_text(security),
        None => "security: not known, since the proof is under another key than the one built in\n"
            .to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Calls {
    #[serde(deserialize_with = "braid_text::json::object")]
    public_values: PublicValues,
    verify: Call,
    settle: Call,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default, deserialize_with = "braid_text::optional_address_field")]
    to: Option<Address>,
    #[serde(deserialize_with = "braid_text::bytes_field")]
    data: Bytes,
}

impl Call {
    fn text(&self, name: &str) -> String {
        let to = self.to.map_or("nobody yet".to_owned(), |to| to.to_string());
        format!("{name}: {} to {to}\n", counted(self.data.len(), "byte"))
    }

    fn json(&self) -> Value {
        json!({ "to": self.to, "bytes": self.data.len() })
    }
}

pub fn calls(bytes: &[u8]) -> Result<Answer, Error> {
    let calls: Calls = braid_text::json::parse(bytes, "")
        .map_err(|fault| Error::Proof(ProofError::json("calls", fault)))?;
    let mut text = "calls of the verifier and the rollup\n".to_owned();
    text += &values_text(&calls.public_values);
    text += &calls.verify.text("verify");
    text += &calls.settle.text("settle");
    Ok(Answer {
        text,
        json: json!({
            "publicValues": calls.public_values,
            "verify": calls.verify.json(),
            "settle": calls.settle.json(),
        }),
    })
}
