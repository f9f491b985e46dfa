//! `wrap` and `calldata`: from a finished proof to what the contracts take.

use std::time::Instant;

use alloy_primitives::{Address, Bytes};
use braid::execution::Execution;
use braid::{
    Error, OutFile, VerifyingKey, WrapKey, WrappedProof, keep_apart, memory, settlement,
    verify_wrapped,
};
use serde_json::{Value, json};

use super::args::{CalldataArgs, ContractArgs, WrapArgs};
use super::blocks::read_block;
use super::input::{AnyProof, Input};
use super::proof_files::{values_text, wrapped_out, write_wrapped};
use super::{Answer, InFile, Outcome, bars, machine_builder, path_json, stored};

/// `braid wrap`.
pub fn wrap(args: &WrapArgs, quiet: bool) -> Outcome {
    let begun = Instant::now();
    let path = &args.proof;
    if args.out.is_none() && std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        let reason = "what is no file has no name to write beside it: give --out";
        return Err(Error::Usage(reason.to_owned()).into());
    }
    let proof = match Input::open(path)?.proof().in_file(path)? {
        AnyProof::Final(proof) => proof,
        AnyProof::Wrapped(_) => {
            let advice = "take it as it is: braid verify and braid calldata do";
            return Err(Error::mismatch("the proof is wrapped already", advice)).in_file(path);
        }
    };
    let key = VerifyingKey::pinned().map_err(Error::from)?;
    braid_verifier::verify(&key, &proof).in_file(path)?;
    let out = args.out.clone().unwrap_or_else(|| wrapped_out(path));
    let file = OutFile::prepare(&out)?;
    keep_apart(&[path], &[&file])?;
    let prover = machine_builder(&args.machine, bars::listener(quiet)).build()?;
    let wrapped = prover.wrap(&proof)?;
    write_wrapped(&wrapped, &file)?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Answer {
        text: format!(
            "{}wrapped for the EVM in {seconds:.1} s: {}\n",
            values_text(&wrapped.public_values),
            out.display()
        ),
        json: json!({
            "ok": true,
            "out": path_json(&out),
            "verifyingKeyHash": wrapped.verifying_key_hash,
            "publicValues": wrapped.public_values,
            "seconds": seconds,
            "peakMemoryBytes": memory::peak(),
        }),
    })
}

/// `braid calldata`.
pub fn calldata(args: &CalldataArgs) -> Outcome {
    let path = &args.proof;
    let out = args.out.as_deref().map(OutFile::prepare).transpose()?;
    keep_apart(&[path, &args.block], &Vec::from_iter(&out))?;
    let wrapped = match Input::open(path)?.proof().in_file(path)? {
        AnyProof::Wrapped(proof) => proof,
        AnyProof::Final(_) => {
            let what = "the contracts take a wrapped proof, and this one is not";
            let advice = "wrap it with braid wrap first";
            return Err(Error::mismatch(what, advice)).in_file(path);
        }
    };
    let key = WrapKey::pinned().map_err(Error::from)?;
    verify_wrapped(&key, &wrapped).in_file(path)?;
    let file = read_block(&args.block)?;
    let execution = stored::execution(&file, &args.block, args.state_dir.as_deref())?;
    let calls = calls(&execution, &wrapped, &args.contracts).in_file(path)?;
    let Some(out) = out else {
        let text = format!("{calls:#}\n");
        let mut json = calls;
        json["ok"] = true.into();
        return Ok(Answer { text, json });
    };
    write_calls(&calls, &out)?;
    Ok(Answer {
        text: format!("calls of the contracts: {}\n", out.path().display()),
        json: json!({
            "ok": true,
            "out": path_json(out.path()),
            "publicValues": wrapped.public_values,
        }),
    })
}

/// The calls that verify and settle what was proved, as `eth_call` takes them.
pub fn calls(
    execution: &Execution,
    wrapped: &WrappedProof,
    contracts: &ContractArgs,
) -> Result<Value, Error> {
    let calls = settlement::calls(execution, wrapped)?;
    let call = |to: Option<Address>, data: &Bytes| match to {
        Some(to) => json!({"to": to, "data": data}),
        None => json!({"data": data}),
    };
    Ok(json!({
        "publicValues": wrapped.public_values,
        "verify": call(contracts.verifier, &calls.verify),
        "settle": call(contracts.rollup, &calls.settle),
    }))
}

/// Writes calls to a file.
pub fn write_calls(calls: &Value, out: &OutFile) -> Result<(), Error> {
    out.write(format!("{calls:#}").as_bytes())
}
