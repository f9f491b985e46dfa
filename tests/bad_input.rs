//! Every class of bad input gets its error and its exit code, with what, where and what to do on stderr.

use std::fs;
use std::path::PathBuf;

use alloy_primitives::{Address, B256, Bytes, U256};
use assert_cmd::Command;
use braid::sample::{Draft, SAMPLE_CHAIN_ID, SampleConfig, SampleKey, sample};
use braid::{BlockFile, TransactionKind};
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
        code: Bytes::from_static(&[0x60, 0x00, 0x54, 0x00]),
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
    assert_eq!(json["blocks"][0]["gasUsed"], 21_000);
    assert_ne!(json["stateRoot"], json["prevStateRoot"]);
    // Not a terminal, so plain lines.
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("execution: 1 transactions"), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn malformed_files() {
    let mut case = case();
    let good = fs::read_to_string(case.write_signed()).unwrap();
    let spoiled = [
        (good[..good.len() / 2].to_owned(), "EOF"),
        (String::new(), "EOF"),
        ("[]".to_owned(), "invalid length"),
        (good.replace("\"chainId\"", "\"chainID\""), "chainID"),
        (good.replace("\"parent\"", "\"parents\""), "parents"),
        (good.replace("0x02f8", "0x02g8"), "wrong hex"),
        (good.replace("0x02f8", "02f8"), "0x"),
        (
            good.replace("\"baseFee\": \"0x", "\"baseFee\": \"-0x"),
            "not a number",
        ),
        (good.replace("\"version\": 1", "\"version\": 2"), "version"),
    ];
    for (text, says) in spoiled {
        assert_ne!(text, good, "{says}");
        fs::write(case.path(), text).unwrap();
        refused(&case.path(), 3, "malformed", &[says]);
    }
}

#[test]
fn malformed_transactions() {
    let mut case = case();
    let good = case.draft.sign(&case.key).unwrap().to_vec();
    let mut extra = good.clone();
    extra.push(0);
    let shorter = good[..good.len() - 1].to_vec();
    // The nonce, 5, as the two bytes 0x00 0x05: type, list header, chain id, then the nonce.
    let mut padded = good.clone();
    let nonce = good.iter().position(|byte| *byte == 5).unwrap();
    padded.splice(nonce..=nonce, [0x82, 0x00, 0x05]);
    padded[2] += 2;
    for bytes in [extra, shorter, padded, Vec::new()] {
        let path = case.write(vec![bytes.into()]);
        refused(&path, 3, "malformed", &["transaction 0"]);
    }
}

#[test]
fn invalid_transactions() {
    type Spoil = fn(&mut Case);
    let cases: [(&str, Spoil); 9] = [
        ("EIP-3607", |case| {
            let sender = case.file.alloc.get_mut(&case.key.address()).unwrap();
            sender.code = Bytes::from_static(&[0]);
        }),
        ("chain id", |case| case.draft.chain_id += 1),
        ("nonce", |case| case.draft.nonce = 4),
        ("nonce", |case| case.draft.nonce = 6),
        ("needs", |case| {
            case.draft.value = U256::from(10).pow(U256::from(18))
        }),
        ("intrinsic gas", |case| case.draft.gas_limit = 20_999),
        ("that the block has left", |case| {
            case.file.blocks[0].environment.gas_limit = 20_999;
        }),
        ("below the base fee", |case| {
            case.draft.max_fee = U256::from(1);
            case.draft.max_priority_fee = U256::from(1);
        }),
        ("priority fee", |case| {
            case.draft.max_priority_fee = case.draft.max_fee + U256::from(1);
        }),
    ];
    for (says, spoil) in cases {
        let mut case = case();
        spoil(&mut case);
        let path = case.write_signed();
        refused(&path, 4, "invalid-block", &["transaction 0", says]);
    }
}

#[test]
fn invalid_signatures() {
    let order = U256::from_str_radix(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        16,
    )
    .unwrap();
    let one = U256::from(1);
    for (r, s, says) in [
        (U256::ZERO, one, "r is out of range"),
        (order, one, "r is out of range"),
        (one, U256::ZERO, "s is out of range"),
        (one, order, "s is out of range"),
        (one, order - one, "EIP-2"),
        // No point of the curve has this x.
        (U256::from(5), one, "no public key"),
    ] {
        let mut case = case();
        let bytes = case.draft.with_signature(false, r, s);
        let path = case.write(vec![bytes]);
        refused(&path, 4, "invalid-block", &["transaction 0", says]);
    }
}

#[test]
fn invalid_blocks() {
    let mut case = case();
    case.file.blocks[0].environment.number += 1;
    let path = case.write_signed();
    refused(&path, 4, "invalid-block", &["number"]);
}

#[test]
fn what_cannot_be_proved_yet() {
    for (to, says) in [
        (Some(CONTRACT), "run the code"),
        (None, "creates a contract"),
        (Some(Address::with_last_byte(4)), "precompile"),
    ] {
        let mut case = case();
        let first = case.draft.sign(&case.key).unwrap();
        case.draft.nonce += 1;
        case.draft.to = to;
        case.draft.gas_limit = 100_000;
        let second = case.draft.sign(&case.key).unwrap();
        let path = case.write(vec![first, second]);
        refused_by(
            &["prove", "check"],
            &path,
            5,
            "not-provable",
            &["transaction 1", says],
        );
        // It is a valid block all the same.
        let output = braid()
            .args(["execute", "--json"])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["notProvable"]["transaction"], 1);
        let reason = json["notProvable"]["reason"].as_str().unwrap();
        assert!(reason.contains(says), "{reason}");
    }
}

#[test]
fn missing_files_and_wrong_options() {
    let usage = |arguments: &[&str]| {
        let output = braid().args(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty());
        stderr
    };
    let stderr = usage(&["execute", "/does/not/exist.json"]);
    assert!(stderr.contains("/does/not/exist.json"), "{stderr}");
    usage(&[]);
    usage(&["verify"]);
    usage(&["inspect"]);
    usage(&["prove"]);
    usage(&["prove", "x.json", "--threads", "0"]);
    usage(&["prove", "x.json", "--max-memory", "lots"]);
    usage(&["prove", "x.json", "--until", "tomorrow"]);
    let calldata = ["prove", "x.json", "--until", "aggregate", "--calldata", "y"];
    let stderr = usage(&calldata);
    assert!(stderr.contains("needs the wrapped proof"), "{stderr}");
    usage(&["prove", "x.json", "--rollup", "0x00"]);
    let stderr = usage(&["prove", "x.json", "--shape", "huge"]);
    assert!(stderr.contains("tiny"), "{stderr}");
}

#[test]
fn what_does_not_fit_in_memory() {
    let mut case = case();
    let path = case.write_signed();
    let output = braid()
        .current_dir(case.folder.path())
        .args(["prove", "--shape", "tiny", "--max-memory", "1M"])
        .arg(&path)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(8), "{stderr}");
    assert!(stderr.contains("--max-memory"), "{stderr}");
}

#[test]
fn a_job_folder_in_use() {
    let mut case = case();
    let path = case.write_signed();
    let job = case.folder.path().join("job");
    let held = braid_prover::job::JobFolder::open(&job).unwrap();
    let output = braid()
        .args(["prove", "--shape", "tiny", "--job-dir"])
        .arg(&job)
        .arg(&path)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("another process"), "{stderr}");
    drop(held);
    // A file in the folder's place.
    let output = braid()
        .args(["prove", "--shape", "tiny", "--job-dir"])
        .arg(&path)
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn tables_and_security_are_shown() {
    let output = braid()
        .args(["inspect", "--tables", "--json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tables = json["tables"].as_array().unwrap();
    assert!(tables.iter().any(|table| table["name"] == "keccak_f"));
    let output = braid()
        .args(["inspect", "--security", "--json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    for layer in json["layers"].as_array().unwrap() {
        assert!(layer["randomWords"].as_f64().unwrap() >= 100.0, "{layer}");
    }
}

#[test]
fn proofs_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, b"no key").unwrap();
    let proof = folder.path().join("proof.json");
    let binary = folder.path().join("proof.bin");
    for content in [&b""[..], b"{", b"{}", b"[1, 2]", &[0xff; 1000]] {
        for path in [&proof, &binary] {
            fs::write(path, content).unwrap();
            let output = braid().arg("inspect").arg(path).output().unwrap();
            assert_eq!(output.status.code(), Some(3), "{content:?}");
        }
    }
    // A key file that is none is malformed, one with another hash is the wrong key.
    let verify = |arguments: &[&str]| {
        let mut command = braid();
        command
            .arg("verify")
            .arg(&proof)
            .arg("--key")
            .arg(&key)
            .args(arguments);
        command.output().unwrap().status.code()
    };
    assert_eq!(verify(&[]), Some(3));
    assert_eq!(verify(&["--key-hash", &B256::ZERO.to_string()]), Some(7));
}

/// A full disk, as Linux plays it; the device stays what it is.
fn a_full_disk(source: &std::path::Path) {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        println!("skipped: there is no /dev/full");
        return;
    }
    let mut command = braid();
    let output = command
        .arg("import")
        .arg(source)
        .arg("--out")
        .arg(full)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("/dev/full"), "{stderr}");
    assert!(!fs::metadata(full).unwrap().is_file());
}

#[test]
fn imports() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("block.json");
    // An empty folder is no t8n folder.
    let output = braid()
        .arg("import")
        .arg(folder.path())
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(!out.exists());
    let source = folder.path().join("t8n");
    fs::create_dir(&source).unwrap();
    let key = SampleKey::new(1, 1).unwrap();
    let draft = Draft {
        chain_id: 1,
        to: Some(Address::repeat_byte(9)),
        ..Draft::default()
    };
    let raw = draft.sign(&key).unwrap();
    // txs.rlp: the hex of the RLP list of the typed transaction as a string.
    let mut list = Vec::new();
    rlp_string(&raw, &mut list);
    let mut all = Vec::new();
    rlp_list(&list, &mut all);
    fs::write(
        source.join("txs.rlp"),
        format!("\"0x{}\"", alloy_primitives::hex::encode(all)),
    )
    .unwrap();
    let env = r#"{"currentCoinbase":"0x00000000000000000000000000000000000000aa","currentDifficulty":"0x0","currentRandom":"0x01","currentGasLimit":"0x1c9c380","currentNumber":"0x5","currentTimestamp":"0x64","currentBaseFee":"0x7"}"#;
    fs::write(source.join("env.json"), env).unwrap();
    let alloc = format!(
        r#"{{"{}":{{"balance":"0xde0b6b3a7640000"}}}}"#,
        key.address()
    );
    fs::write(source.join("alloc.json"), alloc).unwrap();
    let output = braid()
        .arg("import")
        .arg(&source)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    braid().arg("execute").arg(&out).assert().success();
    a_full_disk(&source);
    let output = braid()
        .args(["inspect", "--json"])
        .arg(&out)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["blocks"][0]["transactions"], 1);
}

fn rlp_string(bytes: &[u8], out: &mut Vec<u8>) {
    assert!((56..256).contains(&bytes.len()));
    out.extend([0xb8, bytes.len() as u8]);
    out.extend_from_slice(bytes);
}

fn rlp_list(content: &[u8], out: &mut Vec<u8>) {
    assert!((56..256).contains(&content.len()));
    out.extend([0xf8, content.len() as u8]);
    out.extend_from_slice(content);
}
