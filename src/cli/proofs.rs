//! `prove`, `verify`, `setup`: what makes and reads proofs.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use alloy_primitives::{Address, Bytes};
use braid::{
    BlockFile, Error, Proof, Prover, PublicValues, VerifyingKey, WrapKey, WrappedProof, memory,
    settlement, verify_wrapped,
};
use serde_json::{Value, json};

use super::args::{ProveArgs, SetupArgs, Until, VerifyArgs};
use super::blocks::read_block;
use super::{Answer, Failure, InFile, Outcome, bars, builder, read, stored, write};

fn is_binary(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "bin")
}

/// Reads a proof file.
pub fn read_proof(path: &Path) -> Result<Proof, Failure> {
    let bytes = read(path)?;
    let proof = if is_binary(path) {
        Proof::from_bin(&bytes)
    } else {
        Proof::from_json(&bytes)
    };
    proof.in_file(path)
}

/// A proof file of either kind.
enum Read {
    Final(Box<Proof>),
    Wrapped(Box<WrappedProof>),
}

fn read_any(path: &Path) -> Result<Read, Failure> {
    if !is_binary(path) {
        // The two have other fields, and none that is not theirs.
        let bytes = read(path)?;
        if let Ok(wrapped) = serde_json::from_slice(&bytes) {
            return Ok(Read::Wrapped(Box::new(wrapped)));
        }
    }
    Ok(Read::Final(Box::new(read_proof(path)?)))
}

/// Where the proof of `block` goes when nobody says.
fn default_out(block: &Path) -> PathBuf {
    let stem = block.file_stem().unwrap_or(block.as_os_str());
    let mut name = stem.to_owned();
    name.push(".proof.json");
    PathBuf::from(name)
}

fn default_job(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".job");
    PathBuf::from(name)
}

/// `braid prove`.
pub fn prove(args: &ProveArgs, quiet: bool) -> Outcome {
    let begun = Instant::now();
    if args.calldata.is_some() && args.until != Until::Wrap {
        let reason = "--calldata needs the wrapped proof: leave --until out";
        return Err(Error::Usage(reason.to_owned()).into());
    }
    let file = read_block(&args.block)?;
    let out = args.out.clone().unwrap_or_else(|| default_out(&args.block));
    let job = args.job_dir.clone().unwrap_or_else(|| default_job(&out));
    let mut builder = builder(&args.resources, bars::listener(quiet));
    if args.until != Until::Tables {
        builder = builder.job_dir(&job, args.resume);
    }
    let prover = builder.build()?;
    if args.until == Until::Wrap {
        // Before hours of proving.
        prover.fits_wrap()?;
    }
    let executed = stored::executed(&prover, &file, &args.block, args.state_dir.as_deref())?;
    let plan = prover.plan(&executed).in_file(&args.block)?;
    drop(executed);
    let summary = &plan.summary;
    let about = format!(
        "{} blocks, {} transactions, {} gas in {} chunks of shape {}",
        summary.blocks, summary.transactions, summary.gas_used, summary.chunks, summary.shape
    );
    let seconds = || begun.elapsed().as_secs_f64();
    match args.until {
        Until::Tables => {
            let chunks = prover.fill_tables(&plan, false).in_file(&args.block)?;
            let text = super::blocks::tables_text(&chunks);
            Ok(Answer {
                text: format!("{text}{about}: tables filled in {:.1} s\n", seconds()),
                json: json!({
                    "ok": true,
                    "until": "tables",
                    "summary": summary,
                    "tables": super::blocks::tables_json(&chunks),
                    "seconds": seconds(),
                }),
            })
        }
        Until::Chunk => {
            let count = prover.prove_chunks(&plan).in_file(&args.block)?;
            Ok(Answer {
                text: format!(
                    "{about}: {count} chunks proved in {:.1} s, kept in {}\nfold them with: {}\n",
                    seconds(),
                    job.display(),
                    args.fold_command(&job)
                ),
                json: json!({
                    "ok": true,
                    "until": "chunk",
                    "summary": summary,
                    "jobDir": job,
                    "seconds": seconds(),
                }),
            })
        }
        Until::Aggregate | Until::Wrap => {
            let proved = prover.prove(&plan).in_file(&args.block)?;
            let bytes = if is_binary(&out) {
                proved.proof.to_bin()
            } else {
                proved.proof.to_json().map(String::into_bytes)
            };
            let bytes = bytes.in_file(&out)?;
            write(&out, &bytes)?;
            let wrapped = match args.until {
                Until::Wrap => Some(wrap(&prover, &proved.proof, &out)?),
                _ => None,
            };
            if let (Some((_, wrapped)), Some(path)) = (&wrapped, &args.calldata) {
                write_calldata(args, &file, wrapped, path)?;
            }
            let wrapped = wrapped.map(|(path, _)| path);
            if args.job_dir.is_none() {
                // All proofs are on the disk; what led to them is not needed any more.
                prover.remove_job()?;
            }
            let mut text = format!("{about}\n");
            text += &public_values_text(&proved.proof);
            let _ = writeln!(
                text,
                "proved and verified in {:.1} s, {} KiB written to {}",
                seconds(),
                bytes.len().div_ceil(1024),
                out.display()
            );
            if let Some(wrapped) = &wrapped {
                let _ = writeln!(text, "wrapped for the EVM: {}", wrapped.display());
            }
            if let Some(calldata) = &args.calldata {
                let _ = writeln!(text, "calls of the contracts: {}", calldata.display());
            }
            Ok(Answer {
                text,
                json: json!({
                    "ok": true,
                    "until": if wrapped.is_some() { "wrap" } else { "aggregate" },
                    "wrapped": wrapped,
                    "calldata": args.calldata,
                    "summary": summary,
                    "publicValues": proved.proof.public_values,
                    "verifyingKeyHash": proved.proof.verifying_key_hash,
                    "out": out,
                    "bytes": bytes.len(),
                    "seconds": seconds(),
                    "peakMemory": memory::peak(),
                }),
            })
        }
    }
}

/// Where the wrapped form of the proof in `out` goes.
fn wrapped_out(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_end_matches(".json").trim_end_matches(".bin");
    let stem = stem.trim_end_matches(".proof");
    out.with_file_name(format!("{stem}.wrapped.json"))
}

/// Wraps a proof and writes the result beside it.
fn wrap(prover: &Prover, proof: &Proof, out: &Path) -> Result<(PathBuf, WrappedProof), Failure> {
    let wrapped = prover.wrap(proof)?;
    let path = wrapped_out(out);
    let text = serde_json::to_vec_pretty(&wrapped)
        .map_err(|error| Error::Internal(format!("writing a wrapped proof: {error}")))?;
    write(&path, &text)?;
    Ok((path, wrapped))
}

/// Writes the calls that verify and settle what was proved.
fn write_calldata(
    args: &ProveArgs,
    file: &BlockFile,
    wrapped: &WrappedProof,
    path: &Path,
) -> Result<(), Failure> {
    let execution = stored::execution(file, &args.block, args.state_dir.as_deref())?;
    let calls = settlement::calls(&execution, wrapped)?;
    let call = |to: Option<Address>, data: &Bytes| match to {
        Some(to) => json!({"to": to, "data": data}),
        None => json!({"data": data}),
    };
    let text = serde_json::to_vec_pretty(&json!({
        "publicValues": wrapped.public_values,
        "verify": call(args.verifier, &calls.verify),
        "settle": call(args.rollup, &calls.settle),
    }));
    let text = text.map_err(|error| Error::Internal(format!("writing calls: {error}")))?;
    Ok(write(path, &text)?)
}

/// What a proof claims, in lines.
pub fn public_values_text(proof: &Proof) -> String {
    let mut text = values_text(&proof.public_values);
    let _ = writeln!(
        text,
        "verifying key {}, {} bits of security",
        proof.verifying_key_hash, proof.security_bits
    );
    text
}

fn values_text(values: &PublicValues) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "chain {}, blocks {} to {}",
        values.chain_id, values.first_block, values.last_block
    );
    let _ = writeln!(
        text,
        "state root: {} -> {}",
        values.prev_state_root, values.state_root
    );
    let _ = writeln!(
        text,
        "block hash: {} -> {}",
        values.prev_block_hash, values.block_hash
    );
    text
}

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

/// `braid setup`.
pub fn setup(args: &SetupArgs, quiet: bool) -> Outcome {
    let begun = Instant::now();
    let mut builder = builder(&args.resources, bars::listener(quiet));
    let folder = tempfile::tempdir()
        .map_err(|error| Error::Internal(format!("making a temporary folder: {error}")))?;
    if args.circuit_keys_out.is_some() {
        builder = builder.cache_dir(folder.path()).without_built_in_keys();
    }
    let prover = builder.build()?;
    let keys = prover.setup()?;
    let key = prover.verifying_key()?;
    if let Some(path) = &args.circuit_keys_out {
        write(path, &prover.circuit_keys()?)?;
    }
    if let Some(path) = &args.key_out {
        write(path, key.to_bytes())?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let pinned = VerifyingKey::pinned().is_ok_and(|pinned| pinned.hash() == key.hash());
    let mut text = String::new();
    for info in &keys {
        let _ = writeln!(
            text,
            "{:<20} 2^{:<3} {}",
            info.name, info.log_rows, info.hash
        );
    }
    let _ = writeln!(text, "final verifying key: {}", key.hash());
    let built_in = if pinned {
        "it is the key built into this program"
    } else {
        "it is not the key built into this program: verify with --key"
    };
    let _ = writeln!(text, "{built_in}; ready after {seconds:.1} s");
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "verifyingKeyHash": key.hash(),
            "pinned": pinned,
            "circuits": keys,
            "seconds": seconds,
        }),
    })
}
