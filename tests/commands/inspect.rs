//! `braid inspect` knows every file that Braid writes, and nothing else.

use std::fs;

use braid_prover::cache::{Cache, CacheKey};
use braid_prover::job::{EntryKey, JobFolder};

use super::*;

fn inspect(path: &Path) -> Said {
    Said::by(braid().args(["--json", "inspect"]).arg(path))
}

/// What is said of a file, which must be of this kind, also in text.
fn known(path: &Path, kind: &str) -> Value {
    let said = inspect(path);
    assert_eq!(said.code, Some(0), "{path:?}: {}", said.stderr);
    let json = said.json();
    assert_eq!((&json["ok"], &json["kind"]), (&true.into(), &kind.into()));
    let text = Said::by(braid().arg("inspect").arg(path));
    assert_eq!(text.code, Some(0));
    assert!(!text.stdout.is_empty() && text.stderr.is_empty());
    json
}

/// The file cut short is malformed, and never another kind.
fn damaged(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut");
    let bytes = fs::read(path).unwrap();
    // A last new line is nothing to miss.
    let bytes = bytes.trim_ascii_end();
    for length in [bytes.len() - 1, bytes.len() / 2, 20.min(bytes.len() - 1)] {
        fs::write(&cut, &bytes[..length]).unwrap();
        let said = inspect(&cut);
        assert_eq!(said.code, Some(3), "{path:?} to {length}: {}", said.stdout);
        assert_eq!(said.json()["error"]["kind"], "malformed");
    }
}

#[test]
fn proofs_and_keys() {
    let proof = known(&final_proof(), "proof");
    assert_eq!(proof["schemaVersion"], 1);
    assert_eq!(proof["publicValues"]["rules"], "cancun");
    let binary = repository("examples/proofs/three_blocks.proof.bin");
    assert_eq!(known(&binary, "proof")["publicValues"]["lastBlock"], "0x67");
    let wrapped = known(&wrapped_proof(), "wrapped proof");
    assert_eq!(wrapped["publicValues"], proof["publicValues"]);

    let key = repository("verifier/keys/final.vk");
    let said = known(&key, "verifying key");
    assert_eq!(
        (&said["hash"], &said["builtIn"]),
        (&proof["verifyingKeyHash"], &true.into())
    );
    let wrap_key = repository("verifier/keys/wrap.vk");
    let said = known(&wrap_key, "wrap key");
    assert_eq!(
        (&said["hash"], &said["builtIn"]),
        (&wrapped["verifyingKeyHash"], &true.into())
    );
    let source = repository("verifier-contract/src/generated/WrapKey.sol");
    assert_eq!(
        known(&source, "constants of the verifier contract")["hash"],
        said["hash"]
    );
    let other = repository("contract/tests/vectors/other_key.vk");
    assert_eq!(known(&other, "wrap key")["builtIn"], false);
    let keys = repository("keys/circuits.bin");
    assert!(
        !known(&keys, "circuit keys")["keys"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for path in [final_proof(), binary, wrapped_proof(), key, wrap_key, keys] {
        damaged(&path);
    }
}

#[test]
fn what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, job) = (folder.path().join("cache"), folder.path().join("job"));
    let key = CacheKey::new("sample", &[b"a"]);
    let value: Result<Vec<u8>, braid_prover::Error> = Cache::at(&cache).get_or_build(
        &key,
        |bytes| Some(bytes.to_vec()),
        || Ok(vec![1; 500]),
        |value| Some(value.clone()),
    );
    value.unwrap();
    let file = cache.join(key.file_name());
    assert_eq!(known(&file, "cache file")["valueBytes"], 500);
    damaged(&file);
    let mut newer = fs::read(&file).unwrap();
    newer["braid cache v".len()] = b'2';
    fs::write(&file, newer).unwrap();
    let said = inspect(&file);
    assert!(
        said.stderr.contains("use a newer release"),
        "{}",
        said.stderr
    );

    let entry = EntryKey::new("chunk", &[b"x"]);
    JobFolder::open(&job)
        .unwrap()
        .put(&entry, &[2; 300])
        .unwrap();
    let is_entry = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "bin");
    let mut files = fs::read_dir(&job)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = files.find(is_entry).unwrap();
    let said = known(&file, "job entry");
    assert_eq!(said["proofBytes"], 300);
    assert_eq!(said["input"], entry.digest().to_string());
    damaged(&file);
    let mut newer = fs::read(&file).unwrap();
    newer["braidjb".len()] = b'2';
    fs::write(&file, newer).unwrap();
    let said = inspect(&file);
    assert!(
        said.stderr.contains("use a newer release"),
        "{}",
        said.stderr
    );
}

#[test]
fn what_execution_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (traces, page) = (folder.path().join("traces"), folder.path().join("page"));
    let block = repository("examples/blocks/transfers.json");
    let mut execute = braid();
    execute
        .arg("execute")
        .arg(&block)
        .arg("--trace")
        .arg(&traces);
    execute.arg("--timeline").arg(&page).assert().success();
    known(&page, "timeline");
    let said = known(&block, "block file");
    let count = said["blocks"][0]["transactions"].as_u64().unwrap();
    damaged(&block);
    // A folder for each block.
    let block = fs::read_dir(&traces)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let file = block.join("transactions.jsonl");
    let said = known(&file, "execution traces of transactions");
    assert_eq!(
        (&said["transactions"], &said["steps"]),
        (&count.into(), &0.into())
    );
    let file = block.join("traces.bin");
    assert_eq!(
        known(&file, "binary execution traces")["transactions"],
        count
    );
    damaged(&file);
    let mut newer = fs::read(&file).unwrap();
    newer["BRAIDTRC".len()] = 2;
    fs::write(&file, newer).unwrap();
    let said = inspect(&file);
    assert_eq!(said.code, Some(3));
    assert!(
        said.stderr.contains("use a newer release"),
        "{}",
        said.stderr
    );

    // Steps as they are written for code; transfers have none.
    let steps = folder.path().join("steps");
    let line = r#"{"transaction":0,"pc":0,"op":96,"gas":"0x1","gasCost":"0x3","memSize":0,"stack":[],"depth":1,"returnData":"0x","refund":"0x0","opName":"PUSH1"}"#;
    let other = line.replace("\"transaction\":0", "\"transaction\":3");
    fs::write(&steps, format!("{line}\n{line}\n{other}\n")).unwrap();
    let said = known(&steps, "execution traces of steps");
    assert_eq!(
        (&said["steps"], &said["transactions"]),
        (&3.into(), &2.into())
    );

    // Without a line: a block without transactions, and transactions without steps. There the name is all there is to go by.
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for (name, kind, field) in [
        ("steps.jsonl", "execution traces of steps", "steps"),
        (
            "transactions.jsonl",
            "execution traces of transactions",
            "transactions",
        ),
    ] {
        let path = empty.join(name);
        fs::write(&path, b"").unwrap();
        assert_eq!(known(&path, kind)[field], 0);
        let other = empty.join("other");
        fs::rename(&path, &other).unwrap();
        assert_eq!(inspect(&other).code, Some(3));
    }
    let pages = folder.path().join("man");
    let mut man = braid();
    man.args(["man", "--out"]).arg(&pages).assert().success();
    for page in fs::read_dir(&pages).unwrap() {
        known(&page.unwrap().path(), "manual page");
    }

    let state = folder.path().join("state");
    let mut init = braid();
    init.args(["state", "init", "--state-dir"])
        .arg(&state)
        .arg("--genesis");
    init.arg(repository("examples/blocks/transfers.json"))
        .assert()
        .success();
    let said = known(&state, "state folder");
    // Its files as well.
    assert_eq!(known(&state.join("state.redb"), "state folder"), said);
    let output = braid()
        .current_dir(&state)
        .args(["--json", "inspect", "state.redb"])
        .output();
    let here: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert_eq!(here, said);
    for entry in fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(inspect(&path).code, Some(0), "{path:?}");
    }
    known(&state.join("lock"), "lock");
    // Elsewhere it is one, and cannot be read.
    let copy = folder.path().join("copy.redb");
    fs::copy(state.join("state.redb"), &copy).unwrap();
    let said = inspect(&copy);
    assert_eq!(said.code, Some(3));
    assert!(said.stderr.contains("state folder"), "{}", said.stderr);
}

#[test]
fn anything_else_is_malformed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let noise = [0xffu8; 1000];
    for content in [
        &b""[..],
        b"{}",
        b"[1]",
        b"hello",
        b"<!DOCTYPE html><p>",
        &noise,
    ] {
        fs::write(&path, content).unwrap();
        let said = inspect(&path);
        assert_eq!(said.code, Some(3), "{content:?}");
        let message = said.json()["error"]["message"].as_str().unwrap().to_owned();
        for kind in ["block file", "wrapped proof", "circuit keys", "job entry"] {
            assert!(message.contains(kind), "{message}");
        }
    }
    // Nor is a folder of something else to become one of a state.
    let said = inspect(folder.path());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert!(said.stderr.contains("name a file"), "{}", said.stderr);
    assert!(!said.stderr.contains("state init"), "{}", said.stderr);
    fs::write(&path, "{\"a\": ").unwrap();
    assert!(inspect(&path).stderr.contains("broken JSON"));
}
