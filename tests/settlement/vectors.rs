//! The vectors that forge's tests compare the contract with are what Rust computes from the sample blocks.

use std::fs;

use alloy_primitives::{Bytes, hex};
use braid::settlement;
use serde_json::{Value, json};

use crate::support::{repository, sample};

/// What the contract has to find out about a sample block file.
fn vector(name: &str) -> Value {
    let execution = sample(name);
    let genesis = settlement::checkpoint(&execution.start);
    let batch = settlement::batch(&execution).unwrap().encode().unwrap();
    let mut parent = execution.start;
    let blocks = execution.blocks.iter().map(|block| {
        let open = settlement::before_sealing(&parent, block);
        parent = block.end;
        (open.published.digest(), block.end.block_hash)
    });
    let (chains, hashes): (Vec<_>, Vec<_>) = blocks.unzip();
    json!({
        "source": format!("examples/blocks/{name}"),
        "chainId": execution.chain_id,
        "rules": execution.rules.number(),
        "genesis": {
            "blockHash": genesis.block_hash,
            "stateRoot": genesis.state_root,
            "number": genesis.number,
            "timestamp": genesis.timestamp,
        },
        "lastTimestamp": execution.end().block.timestamp,
        "transactionsHashes": chains,
        "blockHashes": hashes,
        "publicValues": format!("0x{}", hex::encode(settlement::public_values(&execution).abi_encode())),
        "batch": Bytes::from(batch),
    })
}

#[test]
fn are_up_to_date() {
    for name in ["three_blocks.json", "transfers.json"] {
        let path = repository("verifier-contract/test/vectors").join(name);
        let text = format!("{:#}\n", vector(name));
        if std::env::var_os("BRAID_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == text,
            "{} is out of date; BRAID_UPDATE=1 writes it anew",
            path.display()
        );
    }
}
