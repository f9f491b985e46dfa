//! Import of geth's `t8n` folders and of state tests.

mod environment;
mod state_tests;
mod transactions;

use std::path::Path;

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use braid_circuits::event;
use braid_witness::Rules;
use braid_witness::import::{state_test, t8n_folder};
use braid_witness::provable::execute_in_memory;
use braid_witness::sample::{SAMPLE_CHAIN_ID, SampleConfig, SampleKey, sample};
use braid_witness::transaction::SignedTransaction;
use braid_witness::transaction::TransactionKind;
use braid_witness::{BlockFile, Error, ErrorKind, execute};
use serde_json::{Value, json};

/// The key of geth's own folders, and the account that has it.
const KEY: &str = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
const SENDER: &str = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";

fn write(folder: &Path, name: &str, value: &Value) {
    std::fs::write(folder.join(name), value.to_string()).unwrap();
}

/// A sample with its environment and state in a folder, transactions left out.
fn folder() -> (tempfile::TempDir, BlockFile) {
    let mut file = sample(&SampleConfig::new(5, 12)).unwrap();
    file.parent.block_hash = B256::ZERO;
    let environment = &file.blocks[0].environment;
    file.parent.timestamp = environment.timestamp - 1;
    let folder = tempfile::tempdir().unwrap();
    let whole: Value = serde_json::from_str(&file.to_json()).unwrap();
    write(folder.path(), "alloc.json", &whole["alloc"]);
    write(
        folder.path(),
        "env.json",
        &json!({
            "currentCoinbase": environment.coinbase,
            "currentGasLimit": format!("{:#x}", environment.gas_limit),
            "currentNumber": environment.number.to_string(),
            "currentTimestamp": environment.timestamp.to_string(),
            "currentBaseFee": environment.base_fee,
            "currentRandom": environment.prev_randao,
            "blockHashes": {},
            "withdrawals": [],
        }),
    );
    (folder, file)
}

fn as_json(raw: &Bytes) -> Value {
    let transaction = SignedTransaction::decode(raw.clone(), SAMPLE_CHAIN_ID).unwrap();
    let parity = u64::from(transaction.odd_y);
    let (kind, v) = match transaction.kind {
        TransactionKind::Legacy { protected: false } => (0, 27 + parity),
        TransactionKind::Legacy { protected: true } => (0, 35 + 2 * SAMPLE_CHAIN_ID + parity),
        TransactionKind::AccessList => (1, parity),
        TransactionKind::DynamicFee => (2, parity),
        TransactionKind::SetCode => (4, parity),
    };
    let mut value = json!({
        "type": format!("{kind:#x}"),
        "nonce": format!("{:#x}", transaction.nonce),
        "gas": format!("{:#x}", transaction.gas_limit),
        "to": transaction.to,
        "value": transaction.value,
        "input": transaction.data,
        "v": format!("{v:#x}"),
        "r": transaction.r,
        "s": transaction.s,
        "hash": transaction.hash,
    });
    if kind > 0 {
        value["chainId"] = json!(format!("{SAMPLE_CHAIN_ID:#x}"));
        value["accessList"] = json!(transaction.access_list);
    }
    if kind == 2 {
        value["maxFeePerGas"] = json!(transaction.max_fee);
        value["maxPriorityFeePerGas"] = json!(transaction.max_priority_fee);
    } else {
        value["gasPrice"] = json!(transaction.max_fee);
    }
    value
}

#[test]
fn t8n_folders_with_json_transactions() {
    let (folder, file) = folder();
    let transactions: Vec<_> = file.blocks[0].transactions.iter().map(as_json).collect();
    write(folder.path(), "txs.json", &json!(transactions));
    assert_eq!(
        t8n_folder(folder.path(), SAMPLE_CHAIN_ID, Rules::Cancun).unwrap(),
        file
    );
}

#[test]
fn t8n_folders_with_rlp_transactions() {
    let (folder, file) = folder();
    let mut content = Vec::new();
    for raw in &file.blocks[0].transactions {
        if raw[0] >= 0xc0 {
            content.extend_from_slice(raw);
        } else {
            raw.encode(&mut content);
        }
    }
    let mut list = Vec::new();
    let payload_length = content.len();
    Header {
        list: true,
        payload_length,
    }
    .encode(&mut list);
    list.extend(content);
    write(folder.path(), "txs.rlp", &json!(Bytes::from(list.clone())));
    assert_eq!(
        t8n_folder(folder.path(), SAMPLE_CHAIN_ID, Rules::Cancun).unwrap(),
        file
    );
    for length in 0..list.len() {
        let part = Bytes::copy_from_slice(&list[..length]);
        write(folder.path(), "txs.rlp", &json!(part));
        assert!(matches!(
            t8n_folder(folder.path(), SAMPLE_CHAIN_ID, Rules::Cancun),
            Err(Error::Malformed { .. })
        ));
    }
}

#[test]
fn t8n_folders_with_secret_keys() {
    let (folder, _) = folder();
    let sender: Address = SENDER.parse().unwrap();
    let mut alloc: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("alloc.json")).unwrap()).unwrap();
    // geth writes accounts with and without 0x.
    alloc["a94f5374fce5edbc8e2a8697c15331677e6ebf0b"] = json!({"balance": "1000000000000000000"});
    write(folder.path(), "alloc.json", &alloc);
    let transfer = json!({
        "input": "0x", "gas": "0x5208", "gasPrice": "0x77359400", "nonce": "0x0", "value": "0x1",
        "to": Address::repeat_byte(9), "v": "0x0", "r": "0x0", "s": "0x0", "secretKey": KEY,
    });
    let mut unprotected = transfer.clone();
    unprotected["nonce"] = json!("0x1");
    unprotected["protected"] = json!(false);
    write(folder.path(), "txs.json", &json!([transfer, unprotected]));
    let file = t8n_folder(folder.path(), 5, Rules::Cancun).unwrap();
    let (executed, after) = execute_in_memory(&file).unwrap();
    let kinds: Vec<_> = executed.blocks[0]
        .transactions
        .iter()
        .map(|t| (t.event.sender, t.event.kind))
        .collect();
    assert_eq!(
        kinds,
        [true, false].map(|protected| (sender, event::TransactionKind::Legacy { protected }))
    );
    let received = after.state().account(Address::repeat_byte(9)).unwrap();
    assert_eq!(received.balance, U256::from(2));
}

#[test]
fn what_a_folder_lacks_is_named() {
    let (folder, _) = folder();
    let says = |part: &str| {
        let error = t8n_folder(folder.path(), 1, Rules::Cancun).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.to_string().contains(part), "{error}");
    };
    // Files that are not there are for whoever names the folder, as every other file.
    let missing = |name: &str| {
        let error = t8n_folder(folder.path(), 1, Rules::Cancun).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        assert!(matches!(error, Error::File { .. }));
        assert!(error.to_string().contains(name), "{error}");
    };
    missing("txs.json");
    for name in ["alloc.json", "env.json"] {
        let path = folder.path().join(name);
        let aside = folder.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        missing(name);
        std::fs::rename(&aside, &path).unwrap();
    }
    write(
        folder.path(),
        "txs.json",
        &json!([{"type": "0x3", "nonce": "0x0", "gas": "0x0", "value": "0x0", "input": "0x"}]),
    );
    says("txs[0].type");
    write(
        folder.path(),
        "txs.json",
        &json!([{"nonce": "0x0", "gas": "0x0", "gasPrice": "0x0", "value": "0x0", "input": "0x"}]),
    );
    says("neither signature nor key");
    write(
        folder.path(),
        "env.json",
        &json!({
            "currentCoinbase": Address::ZERO, "currentGasLimit": "1", "currentNumber": "1", "currentTimestamp": "1", "currentRandom": "0x0",
        }),
    );
    says("env.currentBaseFee");
}

/// What the import of a folder says, which must refuse it.
fn refusal(folder: &Path) -> String {
    let error = t8n_folder(folder, 1, Rules::Cancun).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    error.to_string()
}

/// A folder with this environment and these transactions, and the sender of `KEY` with an Ether.
fn small_folder(env: &Value, transactions: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "alloc.json",
        &json!({SENDER: {"balance": "0xde0b6b3a7640000"}}),
    );
    write(folder.path(), "env.json", env);
    write(folder.path(), "txs.json", transactions);
    folder
}
