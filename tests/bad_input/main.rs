//! Every class of bad input gets its error and its exit code, with what, where and what to do on stderr.

mod blocks;
mod files;
mod imports;
#[cfg(unix)]
mod interrupted;
mod kinds;
mod outputs;
mod overlaps;
mod refusals;
mod rules;
#[path = "../support/schemas.rs"]
mod schemas;
mod texts;

use std::fs;
use std::path::PathBuf;

use alloy_primitives::{Address, Bytes, U256};
use assert_cmd::Command;
use braid::BlockFile;
use braid::sample::{Draft, SAMPLE_CHAIN_ID, SampleConfig, SampleKey, sample};
use braid_witness::transaction::TransactionKind;
use serde_json::Value;
use tempfile::TempDir;

fn braid() -> Command {
    let mut command = Command::cargo_bin("braid").unwrap();
    command.env_remove("BRAID_LOG");
    command
}

/// A block file with one transfer, to be spoiled.
struct Case {
    folder: TempDir,
    file: BlockFile,
    key: SampleKey,
    draft: Draft,
}

const CONTRACT: Address = Address::repeat_byte(0xc0);

fn case() -> Case {
    let key = SampleKey::new(99, 0).unwrap();
    let mut file = sample(&SampleConfig::new(1, 0)).unwrap();
    let rich = braid::AllocAccount {
        balance: U256::from(10).pow(U256::from(18)),
        nonce: 5,
        ..Default::default()
    };
    file.alloc.insert(key.address(), rich);
    let contract = braid::AllocAccount {
        nonce: 1,
        // SELFDESTRUCT.
        code: Bytes::from_static(&[0x5f, 0xff]),
        ..Default::default()
    };
    file.alloc.insert(CONTRACT, contract);
    let draft = Draft {
        kind: TransactionKind::DynamicFee,
        chain_id: SAMPLE_CHAIN_ID,
        nonce: 5,
        to: Some(Address::repeat_byte(0x77)),
        value: U256::from(12_345),
        ..Draft::default()
    };
    Case {
        folder: tempfile::tempdir().unwrap(),
        file,
        key,
        draft,
    }
}

impl Case {
    fn path(&self) -> PathBuf {
        self.folder.path().join("block.json")
    }

    /// Writes the file with these transactions.
    fn write(&mut self, transactions: Vec<Bytes>) -> PathBuf {
        self.file.blocks[0].transactions = transactions;
        fs::write(self.path(), self.file.to_json()).unwrap();
        self.path()
    }

    fn write_signed(&mut self) -> PathBuf {
        let signed = self.draft.sign(&self.key).unwrap();
        self.write(vec![signed])
    }
}

/// Runs `execute`, `prove` and `check` on a file: all refuse it in the same way, before any proving.
fn refused(path: &PathBuf, code: i32, kind: &str, says: &[&str]) {
    refused_by(&["execute", "prove", "check"], path, code, kind, says);
}

fn refused_by(commands: &[&str], path: &PathBuf, code: i32, kind: &str, says: &[&str]) {
    for command in commands {
        let folder = tempfile::tempdir().unwrap();
        let output = braid()
            .current_dir(folder.path())
            .args([*command, "--json", "--quiet"])
            .arg(path)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{command}: {stderr}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["ok"], false);
        assert_eq!(json["error"]["kind"], kind, "{command}: {stderr}");
        assert_eq!(json["error"]["exitCode"], code);
        for part in says {
            assert!(
                stderr.contains(part),
                "{command}: {part:?} is not in {stderr}"
            );
        }
        assert_eq!(json["error"]["file"], path.to_string_lossy().as_ref());
        for part in ["error: ", "  where: ", "  what to do: "] {
            assert!(stderr.contains(part), "{command}: {stderr}");
        }
        // Nothing is left behind.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{command}");
    }
}

#[test]
fn a_good_block_is_executed() {
    let mut case = case();
    let path = case.write_signed();
    let output = braid()
        .args(["execute", "--json"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["ok"], true);
    assert_eq!(json["transactions"], 1);
    assert_eq!(json["blocks"][0]["gasUsed"], "0x5208");
    assert_eq!(json["notProvable"], serde_json::json!([]));
    assert_ne!(json["stateRoot"], json["prevStateRoot"]);
    // Not a terminal, so plain lines.
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("execution: 1 transaction\n"), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn tables_are_shown() {
    let output = braid()
        .args(["inspect", "--tables", "--json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tables = json["tables"].as_array().unwrap();
    assert!(tables.iter().any(|table| table["name"] == "keccak_f"));
}
