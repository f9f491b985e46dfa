//! `inspect`: what a file holds, what the tables are, how many bits of security each layer has.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::Path;

use braid::progress::counted;
use braid::security::{LayerFigures, Layers};
use braid::store::{DATABASE_FILE, StoreError};
use braid::{BlockFile, Error, TableInfo};
use serde::de::IgnoredAny;
use serde_json::json;

use super::args::InspectArgs;
use super::input::Input;
use super::kind::Kind;
use super::{Answer, Failure, InFile, Outcome, quantity};

mod kept;
mod keys;
mod proofs;
mod traces;

/// `braid inspect`.
pub fn inspect(args: &InspectArgs, quiet: bool) -> Outcome {
    match &args.file {
        Some(path) if args.tables => super::blocks::rows(path, args.shape, quiet),
        Some(path) => file(path),
        None if args.tables => tables(),
        None => security(),
    }
}

/// What a file holds, or a state folder.
fn file(path: &Path) -> Outcome {
    if path.is_dir() {
        return super::state::inspect(path).map_err(no_state);
    }
    let input = Input::open(path)?;
    let Some(kind) = input.kind() else {
        return Err(unknown(input)).in_file(path);
    };
    if kind == Kind::StateDatabase {
        return database(path);
    }
    of_kind(kind, input).in_file(path)
}

/// Of folders those with a state alone are shown as a whole; of others it is no use to say how a state is made.
fn no_state(failure: Failure) -> Failure {
    use braid_witness::Error::Store;
    match *failure.error {
        Error::Block(Store(StoreError::Missing(_))) => Failure {
            error: Box::new(Error::mismatch(
                "it is a folder, and there is no state in it",
                "name a file that is in it",
            )),
            ..failure
        },
        _ => failure,
    }
}

fn of_kind(kind: Kind, input: Input) -> Result<Answer, Error> {
    let mut answer = match kind {
        Kind::BlockFile => block(&BlockFile::from_json(&input.bytes()?)?),
        Kind::ProofJson | Kind::ProofBinary | Kind::WrappedProof => proofs::proof(input.proof()?),
        Kind::Calls => proofs::calls(&input.bytes()?)?,
        Kind::VerifyingKey => keys::verifying_key(&input.bytes()?)?,
        Kind::WrapKey => keys::wrap_key(&input.bytes()?)?,
        Kind::CircuitKeys => keys::circuit_keys(&input.bytes()?)?,
        Kind::KeySource => keys::source(&input.bytes()?)?,
        Kind::CacheFile => kept::cache_file(input)?,
        Kind::JobEntry => kept::job_entry(&input.bytes()?)?,
        Kind::TransactionLines => traces::transactions(input)?,
        Kind::StepLines => traces::steps(input)?,
        Kind::BinaryTraces => traces::binary(input)?,
        Kind::Timeline => kept::timeline(&input.bytes()?),
        Kind::ManualPage => kept::text("manual page: read it with man -l", &input.bytes()?),
        Kind::Lock => kept::text(
            "lock on the folder that it is in, of whoever works there",
            &[],
        ),
        // Looked at where it is.
        Kind::StateDatabase => return Err(malformed("file", OUTSIDE)),
    };
    answer.json["ok"] = true.into();
    answer.json["kind"] = kind.name().into();
    Ok(answer)
}

/// Said of a database that is in no state folder.
const OUTSIDE: &str = "it is the database of a state folder, or another program's; what is in it shows in its folder, under its own name";

/// What the folder of a state database holds.
fn database(path: &Path) -> Outcome {
    let is_named = path.file_name() == Some(OsStr::new(DATABASE_FILE));
    match path.parent() {
        Some(folder) if is_named && folder.as_os_str().is_empty() => {
            super::state::inspect(Path::new("."))
        }
        Some(folder) if is_named => super::state::inspect(folder),
        _ => Err(malformed("file", OUTSIDE)).in_file(path),
    }
}

/// An error about a file that Braid does not write.
fn unknown(input: Input) -> Error {
    let what = if input.is_empty() {
        "it is empty, and so none of those"
    } else {
        "none of those"
    };
    let reason = if input.is_json()
        && let Ok(bytes) = input.bytes()
        && let Err(fault) = braid_text::json::parse::<IgnoredAny>(&bytes, "")
    {
        fault.reason
    } else {
        let mut names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        names.dedup();
        format!("{what} that Braid writes, which are: {}", names.join(", "))
    };
    malformed("file", reason)
}

/// An error about what a file holds.
fn malformed(what: &'static str, reason: impl Into<String>) -> Error {
    let reason = reason.into();
    Error::Proof(braid_verifier::Error::Malformed { what, reason })
}

fn block(file: &BlockFile) -> Answer {
    let mut text = format!(
        "block file, chain {}, rules {}, after block {}, {}\n",
        file.chain_id,
        file.rules,
        file.parent.number,
        counted(file.alloc.len(), "account")
    );
    let mut blocks = Vec::new();
    for block in &file.blocks {
        let environment = &block.environment;
        let bytes: usize = block.transactions.iter().map(|raw| raw.len()).sum();
        let count = block.transactions.len();
        let _ = writeln!(
            text,
            "block {}: {}, {}, gas limit {}, base fee {}, coinbase {}",
            environment.number,
            counted(count, "transaction"),
            counted(bytes, "byte"),
            environment.gas_limit,
            environment.base_fee,
            environment.coinbase
        );
        blocks.push(json!({
            "number": quantity(environment.number),
            "timestamp": quantity(environment.timestamp),
            "coinbase": environment.coinbase,
            "gasLimit": quantity(environment.gas_limit),
            "baseFee": environment.base_fee,
            "transactions": count,
            "bytes": bytes,
        }));
    }
    Answer {
        text,
        json: json!({
            "chainId": quantity(file.chain_id),
            "rules": file.rules,
            "parent": {
                "number": quantity(file.parent.number),
                "timestamp": quantity(file.parent.timestamp),
                "blockHash": file.parent.block_hash,
            },
            "accounts": file.alloc.len(),
            "blocks": blocks,
        }),
    }
}

fn tables() -> Outcome {
    let tables = braid::table_infos()?;
    let mut text = String::new();
    for table in &tables {
        let TableInfo {
            name,
            columns,
            fixed_columns,
            bus_columns,
            constraints,
            ..
        } = table;
        let heights = table.log_heights.iter();
        let mut heights: Vec<_> = heights
            .map(|(shape, log)| format!("{shape} 2^{log}"))
            .collect();
        if heights.is_empty() {
            heights.push("in no shape".to_owned());
        }
        let _ = writeln!(
            text,
            "{name}: {columns} columns, {fixed_columns} fixed, {bus_columns} bus, {constraints} constraints; {}",
            heights.join(", ")
        );
        let _ = writeln!(text, "    messages: {}", table.messages.join(", "));
    }
    Ok(Answer {
        text,
        json: json!({ "ok": true, "tables": tables }),
    })
}

/// What rounds are indented by.
const ROUND: &str = "    ";

fn security() -> Outcome {
    let layers = Layers::of_this_build()?;
    let (of_final, of_wrapped) = (layers.of_final_proofs()?, layers.of_wrapped_proofs()?);
    let rounds = layers.all().flat_map(|layer| &layer.rounds);
    let names = rounds.map(|round| round.name.len() + ROUND.len());
    let names = names.chain(layers.all().map(|layer| layer.name.len()));
    let width = names.max().unwrap_or(0);
    let mut text = format!(
        "{:<width$} {:>8} {:>12}\n",
        "layer", "proven", "conjectured"
    );
    for layer in layers.all() {
        let mut line = |name: &str, proven: f64, conjectured: f64| {
            let _ = writeln!(text, "{name:<width$} {proven:>8.1} {conjectured:>12.1}");
        };
        line(&layer.name, layer.proven(), layer.conjectured());
        for round in &layer.rounds {
            line(
                &format!("{ROUND}{}", round.name),
                round.proven,
                round.conjectured,
            );
        }
    }
    let _ = writeln!(text, "final proof: {of_final}");
    let _ = writeln!(text, "wrapped proof: {of_wrapped}");
    let figures: Vec<_> = layers.all().map(LayerFigures::from).collect();
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "layers": figures,
            "security": of_final,
            "wrappedSecurity": of_wrapped,
        }),
    })
}
