//! `setup`: circuits and keys.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use braid::{Error, OutFile, VerifyingKey, keep_apart};
use serde_json::json;

use super::args::SetupArgs;
use super::{Answer, Outcome, bars, machine_builder};

/// `braid setup`.
pub fn setup(args: &SetupArgs, quiet: bool) -> Outcome {
    let begun = Instant::now();
    let prepared = |path: &Option<PathBuf>| path.as_deref().map(OutFile::prepare).transpose();
    let circuit_keys_out = prepared(&args.circuit_keys_out)?;
    let key_out = prepared(&args.key_out)?;
    let both = circuit_keys_out.iter().chain(&key_out);
    keep_apart(&[], &Vec::from_iter(both))?;
    let mut builder = machine_builder(&args.machine, bars::listener(quiet));
    let folder = tempfile::tempdir()
        .map_err(|error| Error::Internal(format!("making a temporary folder: {error}")))?;
    if circuit_keys_out.is_some() {
        builder = builder.cache_dir(folder.path()).without_built_in_keys();
    }
    let prover = builder.build()?;
    let keys = prover.setup()?;
    let key = prover.verifying_key()?;
    if let Some(out) = &circuit_keys_out {
        out.write(&prover.circuit_keys()?)?;
    }
    if let Some(out) = &key_out {
        out.write(key.to_bytes())?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let pinned = VerifyingKey::pinned().is_ok_and(|pinned| pinned.hash() == key.hash());
    let mut text = String::new();
    let width = keys.iter().map(|info| info.name.len()).max().unwrap_or(0);
    for info in &keys {
        let _ = writeln!(
            text,
            "{:<width$} 2^{:<3} {}",
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
