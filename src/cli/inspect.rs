//! `inspect`: what a file holds, what the tables are, how many bits of security each layer has.

use std::fmt::Write;
use std::path::Path;

use braid::progress::counted;
use braid::security::{LayerFigures, Layers};
use braid::{BlockFile, Proof, ProofSecurity, TableInfo, VerifyingKey};
use serde_json::{Value, json};

use super::args::InspectArgs;
use super::proofs::{public_values_text, read_proof, security_text};
use super::{Answer, InFile, Outcome, read};

/// `braid inspect`.
pub fn inspect(args: &InspectArgs) -> Outcome {
    match &args.file {
        Some(path) => file(path),
        None if args.tables => tables(),
        None => security(),
    }
}

fn file(path: &Path) -> Outcome {
    let bytes = read(path)?;
    let is_binary = path.extension().is_some_and(|ending| ending == "bin");
    let is_proof = is_binary
        || serde_json::from_slice::<Value>(&bytes)
            .is_ok_and(|value| value.get("verifyingKeyHash").is_some());
    if is_proof {
        return proof(path);
    }
    let file = BlockFile::from_json(&bytes).in_file(path)?;
    Ok(block(&file))
}

fn proof(path: &Path) -> Outcome {
    let proof = read_proof(path)?;
    let mut text = format!(
        "proof, schema version {}, made by version {}, {} bytes; not verified here\n",
        proof.schema_version,
        proof.prover_version,
        proof.proof.len()
    );
    text += &public_values_text(&proof);
    text += &match security_of(&proof) {
        Some(security) => security_text(&security),
        None => "security: not known, since the proof is under another key than the one built in\n"
            .to_owned(),
    };
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "kind": "proof",
            "schemaVersion": proof.schema_version,
            "proverVersion": proof.prover_version,
            "verifyingKeyHash": proof.verifying_key_hash,
            "security": security_of(&proof),
            "publicValues": proof.public_values,
            "proofBytes": proof.proof.len(),
        }),
    })
}

/// What a proof is worth, should it be valid; a proof names its key but does not have it.
fn security_of(proof: &Proof) -> Option<ProofSecurity> {
    let pinned = VerifyingKey::pinned().ok()?;
    (pinned.hash() == proof.verifying_key_hash).then(|| pinned.security())
}

fn block(file: &BlockFile) -> Answer {
    let mut text = format!(
        "block file, chain {}, after block {}, {}\n",
        file.chain_id,
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
            "number": environment.number,
            "timestamp": environment.timestamp,
            "coinbase": environment.coinbase,
            "gasLimit": environment.gas_limit,
            "baseFee": environment.base_fee,
            "transactions": count,
            "bytes": bytes,
        }));
    }
    Answer {
        text,
        json: json!({
            "ok": true,
            "kind": "block file",
            "chainId": file.chain_id,
            "parent": {
                "number": file.parent.number,
                "timestamp": file.parent.timestamp,
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
        let heights: Vec<_> = heights
            .map(|(shape, log)| format!("{shape} 2^{log}"))
            .collect();
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

fn security() -> Outcome {
    let layers = Layers::of_this_build()?;
    let (of_final, of_wrapped) = (layers.of_final_proofs()?, layers.of_wrapped_proofs()?);
    let mut text = format!("{:<32} {:>8} {:>12}\n", "layer", "proven", "conjectured");
    for layer in layers.all() {
        let mut line = |name: &str, proven: f64, conjectured: f64| {
            let _ = writeln!(text, "{name:<32} {proven:>8.1} {conjectured:>12.1}");
        };
        line(&layer.name, layer.proven(), layer.conjectured());
        for round in &layer.rounds {
            line(
                &format!("    {}", round.name),
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
