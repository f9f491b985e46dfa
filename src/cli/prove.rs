//! `prove`: from a block file to a proof, its wrapped form and the calls of the contracts.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use alloy_primitives::{Address, Bytes};
use braid::{BlockFile, Error, Proof, Prover, WrappedProof, memory, settlement};
use serde_json::json;

use super::args::{ProveArgs, Until};
use super::blocks::read_block;
use super::proof_files::{is_binary, public_values_text};
use super::{Answer, Failure, InFile, Outcome, bars, builder, stored, write};

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
    if args.until != Until::Trace {
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
        Until::Trace => {
            let chunks = prover.fill_tables(&plan, false).in_file(&args.block)?;
            let text = super::blocks::tables_text(&chunks);
            Ok(Answer {
                text: format!("{text}{about}: tables filled in {:.1} s\n", seconds()),
                json: json!({
                    "ok": true,
                    "until": "trace",
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
