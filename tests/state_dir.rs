//! The commands of `braid state`, through the binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256, Bytes, U256};
use assert_cmd::Command;
use braid::sample::{SampleConfig, sample};
use braid::store::{AppliedBlock, Store};
use braid::{AllocAccount, BlockFile, digest_bytes};
use braid_witness::execution::{AccountStateChange, SlotChange, StateChanges, StateReader};
use serde_json::Value;
use tempfile::TempDir;

const CONTRACT: Address = Address::repeat_byte(0xc0);

struct Case {
    folder: TempDir,
    file: BlockFile,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut file = sample(&SampleConfig::new(1, 2)).unwrap();
        let contract = AllocAccount {
            nonce: 1,
            balance: U256::from(5),
            code: Bytes::from_static(&[0x60, 0x00]),
            storage: [(U256::from(3), U256::from(0x77))].into(),
        };
        file.alloc.insert(CONTRACT, contract);
        fs::write(folder.path().join("block.json"), file.to_json()).unwrap();
        Self { folder, file }
    }

    fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Runs `braid state`; gives the exit code, the answer for machines and what is on stderr.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, Value, String) {
        run(arguments, &self.state_dir())
    }

    fn made(&self) {
        let block = self.folder.path().join("block.json");
        let (code, _, stderr) = self.run(&["init", "--genesis", block.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{stderr}");
    }

    /// Goes on by a block that changes the contract's balance and slot.
    fn add_block(&self) {
        let mut store = Store::open(&self.state_dir(), None).unwrap();
        let before = store.account(&CONTRACT).unwrap();
        let mut after = before.unwrap();
        after.balance += U256::ONE;
        let slot = U256::from(3);
        let value = store.storage(&CONTRACT, &slot).unwrap();
        let changes = StateChanges {
            accounts: vec![AccountStateChange {
                address: CONTRACT,
                before,
                after: Some(after),
            }],
            storage: vec![SlotChange {
                address: CONTRACT,
                slot,
                before: value,
                after: value + U256::ONE,
            }],
            codes: Vec::new(),
        };
        let number = store.head().number + 1;
        let block = AppliedBlock {
            number,
            timestamp: store.head().timestamp + 1,
            block_hash: B256::repeat_byte(number as u8),
        };
        store.apply(&block, &changes).unwrap();
    }
}

fn run(arguments: &[&str], state_dir: &Path) -> (Option<i32>, Value, String) {
    let output = Command::cargo_bin("braid")
        .unwrap()
        .env_remove("BRAID_LOG")
        .args(["--json", "state"])
        .args(arguments)
        .arg("--state-dir")
        .arg(state_dir)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), json, stderr)
}

/// A number of Ethereum's size, as in its JSON-RPC.
fn quantity(number: u64) -> Value {
    Value::from(format!("{number:#x}"))
}

/// Whoever reads needs no right to write: there is not even a lock file.
#[test]
fn reading_writes_nothing() {
    let case = Case::new();
    case.made();
    case.add_block();
    let lock = case.state_dir().join("lock");
    fs::remove_file(&lock).unwrap();
    let database = case.state_dir().join("state.redb");
    let bytes = fs::read(&database).unwrap();
    let address = CONTRACT.to_string();
    for arguments in [
        &["root"][..],
        &["check"],
        &["get", &address, "3", "--proof"],
    ] {
        let (code, _, stderr) = case.run(arguments);
        assert_eq!(code, Some(0), "{stderr}");
    }
    assert!(!lock.exists());
    assert_eq!(fs::read(&database).unwrap(), bytes);
    // Several may read at once, and nobody writes meanwhile.
    let held = braid::StoreReader::open(&case.state_dir(), None).unwrap();
    assert_eq!(case.run(&["root"]).0, Some(0));
    let (code, _, stderr) = case.run(&["prune", "--keep", "0"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("another process"), "{stderr}");
    drop(held);
}

#[test]
fn a_store_from_the_command_line() {
    let case = Case::new();
    case.made();
    let parent = case.file.parent;
    let (code, json, _) = case.run(&["root"]);
    assert_eq!(code, Some(0));
    assert_eq!(json["chainId"], quantity(case.file.chain_id));
    assert_eq!(json["head"]["number"], quantity(parent.number));
    assert_eq!(json["head"]["blockHash"], parent.block_hash.to_string());
    assert_eq!(json["accounts"], case.file.alloc.len());
    let accounts = case.file.alloc.values();
    let slots: usize = accounts.clone().map(|account| account.storage.len()).sum();
    let codes: BTreeSet<&Bytes> = accounts.map(|account| &account.code).collect();
    let with_code = codes.iter().filter(|code| !code.is_empty()).count();
    assert_eq!(json["slots"], slots);
    assert_eq!(json["codes"], with_code);
    // The root is that which executing the block file starts from.
    let block = case.folder.path().join("block.json");
    let output = Command::cargo_bin("braid").unwrap();
    let output = { output }
        .args(["execute", "--json", "--quiet"])
        .arg(block)
        .output()
        .unwrap();
    let executed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["head"]["stateRoot"], executed["prevStateRoot"]);
    let (code, json, _) = case.run(&["check"]);
    assert_eq!((code, &json["ok"]), (Some(0), &Value::Bool(true)));

    case.add_block();
    case.add_block();
    let contract = CONTRACT.to_string();
    let get = |arguments: &[&str]| {
        let (code, json, stderr) = case.run(&[&["get", &contract], arguments].concat());
        assert_eq!(code, Some(0), "{stderr}");
        json
    };
    let old = parent.number.to_string();
    assert_eq!(get(&[])["account"]["balance"], "0x7");
    assert_eq!(get(&["--block", &old])["account"]["balance"], "0x5");
    assert_eq!(get(&["3"])["value"], "0x79");
    assert_eq!(get(&["0x3", "--block", &old])["value"], "0x77");
    assert_eq!(get(&["4"])["value"], "0x0");
    let nobody = Address::repeat_byte(0xee).to_string();
    let (code, json, _) = case.run(&["get", &nobody, "--proof"]);
    assert_eq!((code, &json["account"]), (Some(0), &Value::Null));
    assert_eq!(json["proof"]["valueHash"], B256::ZERO.to_string());

    // Both versions have their own path.
    let new = get(&["3", "--proof"]);
    let old_proof = get(&["3", "--proof", "--block", &old]);
    assert_eq!(new["proof"]["key"], old_proof["proof"]["key"]);
    assert_ne!(new["proof"]["valueHash"], old_proof["proof"]["valueHash"]);
    assert_ne!(new["block"]["stateRoot"], old_proof["block"]["stateRoot"]);
    let store = Store::open(&case.state_dir(), None).unwrap();
    let key = braid::storage_key(CONTRACT, U256::from(3));
    let (_, path) = store.view().path(&key).unwrap();
    let siblings: Vec<String> = path
        .siblings
        .iter()
        .map(|s| digest_bytes(s).to_string())
        .collect();
    assert_eq!(new["proof"]["siblings"], serde_json::json!(siblings));
    drop(store);

    let (code, json, _) = case.run(&["prune", "--keep", "1"]);
    assert_eq!(
        (code, &json["oldest"]),
        (Some(0), &quantity(parent.number + 1))
    );
    let (code, json, stderr) = case.run(&["get", &contract, "--block", &old]);
    assert_eq!(
        (code, &json["error"]["kind"]),
        (Some(2), &Value::from("usage")),
        "{stderr}"
    );
    assert_eq!(
        get(&["--block", &(parent.number + 1).to_string()])["account"]["balance"],
        "0x6"
    );
    assert_eq!(case.run(&["check"]).0, Some(0));
}

#[test]
fn stores_that_cannot_be_used() {
    let case = Case::new();
    let refused = |arguments: &[&str], exit: i32, says: &str| {
        let (code, json, stderr) = case.run(arguments);
        assert_eq!(code, Some(exit), "{stderr}");
        assert_eq!(json["error"]["exitCode"], exit);
        for part in [says, "error: ", "  what to do: "] {
            assert!(stderr.contains(part), "{part:?} is not in {stderr}");
        }
    };
    refused(&["root"], 2, "there is no state store");
    assert!(!case.state_dir().exists());
    let block = case.folder.path().join("block.json");
    let block = block.to_str().unwrap();
    refused(
        &["init", "--genesis", "/does/not/exist"],
        2,
        "/does/not/exist",
    );
    let bad = case.folder.path().join("bad.json");
    fs::write(&bad, "{").unwrap();
    refused(&["init", "--genesis", bad.to_str().unwrap()], 3, "bad.json");
    case.made();
    refused(&["init", "--genesis", block], 2, "already");
    let held = Store::open(&case.state_dir(), None).unwrap();
    refused(&["root"], 2, "another process");
    drop(held);
    let database = case.state_dir().join("state.redb");
    let good = fs::read(&database).unwrap();
    fs::write(&database, &good[..good.len() / 2]).unwrap();
    refused(&["root"], 1, "damaged");
    fs::write(&database, b"").unwrap();
    refused(&["root"], 1, "damaged");
    fs::rename(&database, case.state_dir().join("state.redb.new")).unwrap();
    refused(&["root"], 2, "half made");
    case.made();
    // What clap refuses.
    for arguments in [
        &["get", "0x12"][..],
        &["prune"],
        &["get"],
        &["prune", "--keep", "-1"],
    ] {
        assert_eq!(case.run(arguments).0, Some(2), "{arguments:?}");
    }
}

/// The page's example shows an account, and not that there is none.
#[test]
fn the_page_asks_for_an_account_that_exists() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(repository.join("docs/state-store.md")).unwrap();
    let words: Vec<_> = page.split_whitespace().collect();
    let after = |command: [&str; 2]| {
        let at = words.windows(2).position(|pair| pair == command).unwrap();
        words[at + 2]
    };
    let genesis = fs::read(repository.join(after(["state", "--genesis"]))).unwrap();
    let file = BlockFile::from_json(&genesis).unwrap();
    let address: Address = after(["state", "get"]).parse().unwrap();
    assert!(file.alloc.contains_key(&address), "{address}");
}
