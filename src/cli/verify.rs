//! `verify`.

use std::fmt::Write;
use std::time::Instant;

use braid::{Error, VerifyingKey, WrapKey, verify_wrapped};
use serde_json::{Value, json};

use super::args::VerifyArgs;
use super::proof_files::{Read, public_values_text, read_any, values_text};
use super::{Answer, InFile, Outcome};

/// `braid verify`.
pub fn verify(args: &VerifyArgs) -> Outcome {
    let key = match &args.key {
        Some(path) => braid::read_key(path, args.key_hash).in_file(path)?,
        None => {
            let key = VerifyingKey::pinned().map_err(braid::Error::from)?;
            match args.key_hash {
                Some(expected) if expected != key.hash() => {
                    let found = key.hash();
                    let error = braid_verifier::Error::WrongKey { found, expected };
                    return Err(braid::Error::from(error).into());
                }
                _ => key,
            }
        }
    };
    let mut text = String::new();
    let mut results: Vec<Value> = Vec::new();
    for path in &args.proofs {
        let read = read_any(path)?;
        let begun = Instant::now();
        let (values, about) = match &read {
            Read::Final(proof) => {
                let values = braid_verifier::verify(&key, proof).in_file(path)?;
                (values, public_values_text(proof))
            }
            Read::Wrapped(proof) => {
                // It wraps proofs under the pinned key only.
                let pinned = VerifyingKey::pinned().map_err(Error::from)?.hash();
                if key.hash() != pinned {
                    let (found, expected) = (pinned, key.hash());
                    let error = braid_verifier::Error::WrongKey { found, expected };
                    return Err(Error::from(error).into());
                }
                let wrap_key = WrapKey::pinned().map_err(Error::from)?;
                let values = verify_wrapped(&wrap_key, proof).in_file(path)?;
                let about = format!(
                    "{}wrapped for the EVM, key {}, {} bits of security\n",
                    values_text(&values),
                    wrap_key.hash(),
                    wrap_key.security().credited()
                );
                (values, about)
            }
        };
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        let _ = writeln!(
            text,
            "{}: valid, verified in {milliseconds:.1} ms",
            path.display()
        );
        text += &about;
        results.push(json!({
            "file": path,
            "valid": true,
            "wrapped": matches!(read, Read::Wrapped(_)),
            "publicValues": values,
            "milliseconds": milliseconds,
        }));
    }
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "verifyingKeyHash": key.hash(),
            "proofs": results,
        }),
    })
}
