//! Folders of geth's `t8n` tool.

use std::path::Path;

use alloy_primitives::Bytes;
use braid_text::Rules;
use braid_text::json::Object;

use super::environment::{JsonEnvironment, Read};
use super::rlp::transactions_from_rlp;
use super::transaction::JsonTransaction;
use crate::block_file::{Block, BlockFile, JsonAlloc, parse, read_file};
use crate::error::{Error, Result};

/// The files that are read of a folder of geth's `t8n` tool.
pub const T8N_FILES: [&str; 4] = ["alloc.json", "env.json", "txs.json", "txs.rlp"];

/// A folder of geth's `t8n` tool, which does not name its fork, as one block of a chain with these rules: `alloc.json`, `env.json` and either `txs.json` or `txs.rlp`.
///
/// # Errors
/// [`Error::Malformed`] with the path of what is wrong, unknown or not part of the rollup, such as `env.withdrawals`; [`Error::TransactionField`] for a transaction
/// that is none, such as one with a wrong `txs[0].v`, or [`Error::Refused`] with all of them; [`Error::File`] for a file that is not there or cannot be read.
pub fn t8n_folder(folder: &Path, chain_id: u64, rules: Rules) -> Result<BlockFile> {
    let environment = read_file(&folder.join("env.json"))?;
    let environment: Object<JsonEnvironment> = parse(&environment, "env.json", "env")?;
    let Read { block, parent } = environment.read("env", rules, None)?;
    let accounts = read_file(&folder.join("alloc.json"))?;
    let accounts: JsonAlloc<true> = parse(&accounts, "alloc.json", "alloc")?;
    let file = BlockFile {
        chain_id,
        rules,
        parent,
        alloc: accounts.read("alloc")?,
        blocks: vec![Block {
            transactions: transactions(folder, block.environment.number, chain_id)?,
            ..block
        }],
    };
    file.check()?;
    Ok(file)
}

/// The transactions of the block `number`.
fn transactions(folder: &Path, number: u64, chain_id: u64) -> Result<Vec<Bytes>> {
    let [json, rlp] = ["txs.json", "txs.rlp"].map(|name| folder.join(name));
    match (rlp.is_file(), json.exists()) {
        (true, true) => {
            let what = "there is txs.json beside it; only one of them can be meant";
            Err(Error::malformed("txs.rlp", what))
        }
        (true, false) => transactions_from_rlp(&read_file(&rlp)?),
        (false, false) => Err(Error::File {
            path: json.display().to_string(),
            kind: std::io::ErrorKind::NotFound,
            reason: "it is not there, and neither is txs.rlp".to_owned(),
        }),
        (false, true) => {
            let list = read_file(&json)?;
            let list: Vec<Object<JsonTransaction>> = parse(&list, "txs.json", "txs")?;
            let list = list.iter().enumerate();
            let encoded = list.map(|(index, json)| {
                let encoded = json.encode(&format!("txs[{index}]"), chain_id);
                encoded.map_err(|fault| of_transaction(fault, number, index))
            });
            all_or_faults(encoded)
        }
    }
}

/// A fault of a field, as one of the transaction.
fn of_transaction(fault: Error, block: u64, index: usize) -> Error {
    match fault {
        Error::Malformed { place, what } => Error::TransactionField {
            block,
            index,
            place,
            what,
        },
        other => other,
    }
}

/// All transactions, or all that is wrong with them.
fn all_or_faults(encoded: impl Iterator<Item = Result<Bytes>>) -> Result<Vec<Bytes>> {
    let (mut transactions, mut faults) = (Vec::new(), Vec::new());
    for encoded in encoded {
        match encoded {
            Ok(raw) => transactions.push(raw),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.is_empty() {
        true => Ok(transactions),
        false => Err(Error::refused(faults)),
    }
}
