//! `verify`: every file has its verdict, and the worst decides the exit code.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use alloy_primitives::B256;
use braid::{Error, VerifyingKey, WrapKey, exit, verify_wrapped};
use braid_verifier::Error as ProofError;
use serde_json::{Value, json};

use super::args::VerifyArgs;
use super::input::{AnyProof, Input};
use super::kind::Kind;
use super::other::other_file;
use super::proof_files::{public_values_text, security_text, values_text};
use super::{Answer, Failure, InFile, Outcome, path_json};

/// Exit codes of refused files, the worst first: a proof that is checked and fails tells most, then what was not checked, and a fault of the machine tells
/// nothing about the proof. With several files the exit code is the worst of theirs. `braid verify --help` says the same.
const WORST_FIRST: [u8; 5] = [
    exit::INVALID_PROOF,
    exit::WRONG_KEY,
    exit::MALFORMED,
    exit::USAGE,
    exit::INTERNAL,
];

/// The place among [`WORST_FIRST`]; what is not there comes last.
fn rank(failure: &Failure) -> usize {
    let code = failure.error.exit_code();
    let place = WORST_FIRST.iter().position(|worse| *worse == code);
    place.unwrap_or(WORST_FIRST.len())
}

/// What `--key` gives a key for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Final,
    Wrapped,
}

/// The keys that proofs are verified with.
struct Keys {
    /// What a key was given for; proofs of the other kind are verified under the key built in.
    given: Option<Given>,
    last: VerifyingKey,
    /// `None` with another key of final proofs than the pinned one, which the pinned wrap key is not for.
    wrap: Option<WrapKey>,
}

impl Keys {
    fn of(args: &VerifyArgs) -> Result<Self, Failure> {
        let pinned = VerifyingKey::pinned().map_err(Error::from)?;
        let Some(path) = &args.key else {
            return Ok(Self {
                given: None,
                last: pinned,
                wrap: Some(WrapKey::pinned().map_err(Error::from)?),
            });
        };
        let input = Input::open(path)?;
        let kind = input.kind();
        let bytes = input.bytes()?;
        if let Some(other) = kind.filter(|kind| !matches!(kind, Kind::WrapKey | Kind::VerifyingKey))
        {
            return Err(other_file(other, "a verifying key")).in_file(path);
        }
        if kind == Some(Kind::WrapKey) {
            let hash = args.key_hash.unwrap_or_else(|| WrapKey::hash_of(&bytes));
            let wrap = WrapKey::from_bytes(&bytes, hash).in_file(path)?;
            return Ok(Self {
                given: Some(Given::Wrapped),
                last: pinned,
                wrap: Some(wrap),
            });
        }
        let hash = args
            .key_hash
            .unwrap_or_else(|| VerifyingKey::hash_of(&bytes));
        let last = VerifyingKey::from_bytes(&bytes, hash).in_file(path)?;
        let is_pinned = last.hash() == pinned.hash();
        let wrap = is_pinned.then(WrapKey::pinned).transpose();
        Ok(Self {
            given: Some(Given::Final),
            last,
            wrap: wrap.map_err(Error::from)?,
        })
    }
}

impl Keys {
    /// A key that no proof is verified under was given for nothing, and whoever gave it would take the verdicts for those under it.
    fn check_use(&self, verified: &[Given]) -> Result<(), Error> {
        let (of, are) = match self.given {
            Some(Given::Final) if !verified.contains(&Given::Final) => ("final", "wrapped"),
            Some(Given::Wrapped) if !verified.contains(&Given::Wrapped) => ("wrapped", "final"),
            _ => return Ok(()),
        };
        let what =
            format!("--key gives the key of {of} proofs, and all proofs here are {are} ones");
        let advice =
            "give the key of these proofs, or leave --key out to verify under the one built in";
        Err(Error::mismatch(what, advice))
    }
}

/// Compares the hash of the key that a proof is verified under with the one asked for.
fn agrees(what: &'static str, found: B256, asked: Option<B256>) -> Result<(), Error> {
    match asked {
        Some(expected) if expected != found => Err(ProofError::KeyHash {
            what,
            found,
            expected,
        }
        .into()),
        _ => Ok(()),
    }
}

/// Verifies one file: what it claims, in lines and for machines. Adds to `verified` what kind of proof it is.
fn verdict(
    path: &Path,
    keys: &Keys,
    asked: Option<B256>,
    verified: &mut Vec<Given>,
) -> Result<Answer, Failure> {
    let proof = Input::open(path).and_then(Input::proof).in_file(path)?;
    verified.push(match &proof {
        AnyProof::Final(_) => Given::Final,
        AnyProof::Wrapped(_) => Given::Wrapped,
    });
    let begun = Instant::now();
    let (values, about, security) = match &proof {
        AnyProof::Final(proof) => {
            agrees("verifying key built in", keys.last.hash(), asked).in_file(path)?;
            let values = braid_verifier::verify(&keys.last, proof).in_file(path)?;
            (values, public_values_text(proof), keys.last.security())
        }
        AnyProof::Wrapped(proof) => {
            let Some(key) = &keys.wrap else {
                let (found, expected) = (proof.verifying_key_hash, keys.last.hash());
                return Err(ProofError::WrongKey { found, expected }).in_file(path);
            };
            agrees("wrap key built in", key.hash(), asked).in_file(path)?;
            let values = verify_wrapped(key, proof).in_file(path)?;
            let about = format!(
                "{}wrapped for the EVM, key {}\n",
                values_text(&values),
                key.hash(),
            );
            (values, about, key.security())
        }
    };
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    Ok(Answer {
        text: format!(
            "valid, verified in {milliseconds:.1} ms\n{about}{}",
            security_text(&security)
        ),
        json: json!({
            "file": path_json(path),
            "valid": true,
            "wrapped": matches!(proof, AnyProof::Wrapped(_)),
            "publicValues": values,
            "security": security,
            "milliseconds": milliseconds,
        }),
    })
}

/// A file that is not accepted, in the same form.
fn refusal(path: &Path, failure: &Failure) -> Answer {
    let error = &failure.error;
    Answer {
        text: format!(
            "not accepted: {}, exit code {}: {error}\n  what to do: {}\n",
            error.kind(),
            error.exit_code(),
            error.advice()
        ),
        json: json!({
            "file": path_json(path),
            "valid": false,
            "error": failure.fields(),
        }),
    }
}

/// `braid verify`.
pub fn verify(args: &VerifyArgs) -> Outcome {
    let keys = Keys::of(args)?;
    let mut text = String::new();
    let mut verdicts: Vec<Value> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    let mut verified = Vec::new();
    for path in &args.proofs {
        let answer = match verdict(path, &keys, args.key_hash, &mut verified) {
            Ok(answer) => answer,
            Err(failure) => {
                let answer = refusal(path, &failure);
                failures.push(failure);
                answer
            }
        };
        let _ = write!(text, "{}: {}", path.display(), answer.text);
        verdicts.push(answer.json);
    }
    if failures.is_empty() {
        keys.check_use(&verified)?;
    }
    let answer = Answer {
        text,
        json: json!({
            "ok": failures.is_empty(),
            "verifyingKeyHash": keys.last.hash(),
            "wrapKeyHash": keys.wrap.as_ref().map(WrapKey::hash),
            "proofs": verdicts,
        }),
    };
    match failures.into_iter().min_by_key(rank) {
        None => Ok(answer),
        Some(worst) => Err(Failure {
            answer: Some(Box::new(answer)),
            ..worst
        }),
    }
}
