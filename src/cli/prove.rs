//! `prove`: from a block file to a proof, its wrapped form and the calls of the contracts.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use braid::progress::counted;
use braid::{BlockFile, Error, OutFile, WrappedProof, keep_apart, memory};
use braid_prover::job::entries_in;
use serde_json::json;

use crate::signals;

use super::args::{ProveArgs, Until};
use super::blocks::read_block;
use super::proof_files::{
    public_values_text, security_text, wrapped_out, write_proof, write_wrapped,
};
use super::wrap::{calls, write_calls};
use super::{Answer, Failure, InFile, Outcome, bars, builder, path_json, stored};

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

/// Where the results go, looked at before the work.
struct OutFiles {
    proof: OutFile,
    /// With the proof's wrapped form, and so on.
    wrapped: Option<OutFile>,
    calldata: Option<OutFile>,
}

impl OutFiles {
    fn prepare(args: &ProveArgs, out: &Path) -> Result<Self, Error> {
        let wrapped = (args.until == Until::Wrap).then(|| wrapped_out(out));
        let files = Self {
            proof: OutFile::prepare(out)?,
            wrapped: wrapped.as_deref().map(OutFile::prepare).transpose()?,
            calldata: args.calldata.as_deref().map(OutFile::prepare).transpose()?,
        };
        let all = [
            Some(&files.proof),
            files.wrapped.as_ref(),
            files.calldata.as_ref(),
        ];
        keep_apart(&[&args.block], &Vec::from_iter(all.into_iter().flatten()))?;
        Ok(files)
    }
}

/// Refuses options about proofs and circuits where only tables are filled.
pub fn without_effect(given: &[(&str, bool)]) -> Result<(), Error> {
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Error::Usage(format!(
            "{option} is for proofs, of which --until tables makes none"
        ))),
        None => Ok(()),
    }
}

/// What is kept in the job folder when proving is interrupted, and how to go on.
fn interrupted(job: &Path, command: &str) -> String {
    match entries_in(job).unwrap_or(0) {
        0 => "interrupted: no proof was finished, so that nothing is kept".to_owned(),
        count => format!(
            "interrupted: {} kept in {}; go on with: {command}",
            counted(count, "proof"),
            job.display()
        ),
    }
}

/// `braid prove`.
pub fn prove(args: &ProveArgs, quiet: bool) -> Outcome {
    let begun = Instant::now();
    if args.calldata.is_some() && args.until != Until::Wrap {
        let reason = "--calldata needs the wrapped proof: leave --until out";
        return Err(Error::Usage(reason.to_owned()).into());
    }
    let contracts = &args.contracts;
    if args.calldata.is_none() && (contracts.verifier.is_some() || contracts.rollup.is_some()) {
        let reason = "--verifier and --rollup are for --calldata, which is not given";
        return Err(Error::Usage(reason.to_owned()).into());
    }
    if args.until == Until::Tables {
        without_effect(&[
            ("--out", args.out.is_some()),
            ("--job-dir", args.job_dir.is_some()),
            ("--resume", args.resume),
            ("--cache-dir", args.resources.machine.cache_dir.is_some()),
        ])?;
    }
    let file = read_block(&args.block)?;
    let out = args.out.clone().unwrap_or_else(|| default_out(&args.block));
    let files = match args.until {
        Until::Tables | Until::Chunk => None,
        Until::Aggregate | Until::Wrap => Some(OutFiles::prepare(args, &out)?),
    };
    let job = args.job_dir.clone().unwrap_or_else(|| default_job(&out));
    let mut builder = builder(&args.resources, bars::listener(quiet));
    if args.until != Until::Tables {
        builder = builder.job_dir(&job, args.resume);
        if !quiet {
            let (job, command) = (job.clone(), args.fold_command(&job));
            signals::say_when_ended(move || interrupted(&job, &command));
        }
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
        "{}, {}, {} gas in {}",
        counted(summary.blocks, "block"),
        counted(summary.transactions, "transaction"),
        summary.gas_used,
        summary.chunks_of_shapes()
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
                    "{about}: {} proved in {:.1} s, kept in {}\nfold them with: {}\n",
                    counted(count, "chunk"),
                    seconds(),
                    job.display(),
                    args.fold_command(&job)
                ),
                json: json!({
                    "ok": true,
                    "until": "chunk",
                    "summary": summary,
                    "jobDir": path_json(&job),
                    "seconds": seconds(),
                }),
            })
        }
        Until::Aggregate | Until::Wrap => {
            let proved = prover.prove(&plan).in_file(&args.block)?;
            let nowhere = || Error::Internal("the proof has no place to go".to_owned());
            let files = files.ok_or_else(nowhere)?;
            let bytes = write_proof(&proved.proof, &files.proof)?;
            if let Some(out) = &files.wrapped {
                let wrapped = prover.wrap(&proved.proof)?;
                write_wrapped(&wrapped, out)?;
                if let Some(out) = &files.calldata {
                    write_calldata(args, &file, &wrapped, out)?;
                }
            }
            let security = prover.verifying_key()?.security();
            let wrapped_security = match &files.wrapped {
                Some(_) => Some(prover.wrap_key()?.security()),
                None => None,
            };
            let wrapped = files.wrapped.as_ref().map(OutFile::path);
            if args.job_dir.is_none() {
                // All proofs are on the disk; what led to them is not needed any more.
                prover.remove_job()?;
            }
            let mut text = format!("{about}\n");
            text += &public_values_text(&proved.proof);
            text += &security_text(&security);
            let _ = writeln!(
                text,
                "proved and verified in {:.1} s, {} KiB written to {}",
                seconds(),
                bytes.div_ceil(1024),
                out.display()
            );
            if let Some(wrapped) = &wrapped {
                let _ = writeln!(text, "wrapped for the EVM: {}", wrapped.display());
            }
            if let Some(security) = &wrapped_security {
                text += &security_text(security);
            }
            if let Some(calldata) = &args.calldata {
                let _ = writeln!(text, "calls of the contracts: {}", calldata.display());
            }
            Ok(Answer {
                text,
                json: json!({
                    "ok": true,
                    "until": if wrapped.is_some() { "wrap" } else { "aggregate" },
                    "wrapped": wrapped.map(path_json),
                    "calldata": args.calldata.as_deref().map(path_json),
                    "summary": summary,
                    "publicValues": proved.proof.public_values,
                    "verifyingKeyHash": proved.proof.verifying_key_hash,
                    "security": security,
                    "wrappedSecurity": wrapped_security,
                    "out": path_json(&out),
                    "bytes": bytes,
                    "seconds": seconds(),
                    "peakMemoryBytes": memory::peak(),
                }),
            })
        }
    }
}

/// Writes the calls that verify and settle what was proved.
fn write_calldata(
    args: &ProveArgs,
    file: &BlockFile,
    wrapped: &WrappedProof,
    out: &OutFile,
) -> Result<(), Failure> {
    let execution = stored::execution(file, &args.block, args.state_dir.as_deref())?;
    Ok(write_calls(
        &calls(&execution, wrapped, &args.contracts)?,
        out,
    )?)
}
