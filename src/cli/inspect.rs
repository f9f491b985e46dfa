//! `inspect`: what a file holds, what the tables are, how many bits of security each layer has.

use std::fmt::Write;
use std::path::Path;

use braid::{BlockFile, TableInfo};
use serde_json::{Value, json};

use super::args::InspectArgs;
use super::proof_files::{public_values_text, read_proof};
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
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "kind": "proof",
            "schemaVersion": proof.schema_version,
            "proverVersion": proof.prover_version,
            "verifyingKeyHash": proof.verifying_key_hash,
            "securityBits": proof.security_bits,
            "publicValues": proof.public_values,
            "proofBytes": proof.proof.len(),
        }),
    })
}

fn block(file: &BlockFile) -> Answer {
    let mut text = format!(
        "block file, chain {}, after block {}, {} accounts\n",
        file.chain_id,
        file.parent.number,
        file.alloc.len()
    );
    let mut blocks = Vec::new();
    for block in &file.blocks {
        let environment = &block.environment;
        let bytes: usize = block.transactions.iter().map(|raw| raw.len()).sum();
        let count = block.transactions.len();
        let _ = writeln!(
            text,
            "block {}: {count} transactions, {bytes} bytes, gas limit {}, base fee {}, coinbase {}",
            environment.number, environment.gas_limit, environment.base_fee, environment.coinbase
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
    let layers = braid::security_layers()?;
    let mut text = format!(
        "{:<28} {:>9} {:>13} {:>8} {:>8}\n",
        "layer", "credited", "random words", "proven", "others"
    );
    for layer in &layers {
        let _ = writeln!(
            text,
            "{:<28} {:>9.1} {:>13.1} {:>8.1} {:>8.1}",
            layer.name, layer.credited, layer.random_words, layer.proven, layer.others
        );
        for (term, bits) in &layer.terms {
            let _ = writeln!(text, "    {term:<24} {bits:>9.1}");
        }
    }
    text += "credited: the weaker of the random-words estimate of the low-degree test and the other terms\n";
    text += "proven: the low-degree test in the unique-decoding regime; see docs/security.md\n";
    Ok(Answer {
        text,
        json: json!({ "ok": true, "layers": layers }),
    })
}
