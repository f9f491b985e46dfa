//! Every refusal of a block file at once, by every command that executes, for people and for machines.

use super::*;
use crate::schemas::must_be;

/// Runs a command on a file that it refuses: exit code, what machines get, stderr.
fn said(command: &str, path: &PathBuf) -> (Option<i32>, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = braid()
        .current_dir(folder.path())
        .args([command, "--json", "--quiet"])
        .arg(path)
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap();
    must_be("error", &json);
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), json, stderr)
}

/// Kinds, blocks, transactions and hashes of refusals, each of which has reason and remedy, and stands on stderr.
fn listed(refused: &Value, stderr: Option<&str>) -> Vec<(String, String, Option<u64>)> {
    let all = refused.as_array().unwrap().iter();
    let all = all.map(|one| {
        let text = |field: &str| one[field].as_str().unwrap().to_owned();
        for field in ["reason", "remedy"] {
            let text = text(field);
            assert!(!text.is_empty());
            assert!(
                stderr.is_none_or(|stderr| stderr.contains(&text)),
                "{text} is not in {stderr:?}"
            );
        }
        (text("kind"), text("block"), one["transaction"].as_u64())
    });
    all.collect()
}

fn transaction(case: &Case, nonce: u64, change: impl FnOnce(&mut Draft)) -> Bytes {
    let mut draft = Draft {
        nonce,
        gas_limit: 100_000,
        ..case.draft.clone()
    };
    change(&mut draft);
    draft.sign(&case.key).unwrap()
}

type Expected<'a> = &'a [(&'a str, &'a str, Option<u64>)];

/// What a command refuses, in one answer.
fn refuses(command: &str, path: &PathBuf, code: i32, expected: Expected<'_>) -> Value {
    let (found, json, stderr) = said(command, path);
    assert_eq!(found, Some(code), "{command}: {stderr}");
    let error = &json["error"];
    assert_eq!(error["exitCode"], code);
    let refused = listed(&error["refused"], Some(&stderr));
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, block, index)| ((*kind).to_owned(), (*block).to_owned(), *index))
        .collect();
    assert_eq!(refused, expected, "{command}: {stderr}");
    let first = format!("error: {} refusals:\n", expected.len());
    assert!(stderr.starts_with(&first), "{stderr}");
    json
}

#[test]
fn not_provable_and_invalid_together() {
    let mut case = case();
    let transactions = vec![
        transaction(&case, 5, |draft| draft.to = Some(CONTRACT)),
        transaction(&case, 6, |draft| draft.to = None),
        transaction(&case, 9, |_| ()),
        transaction(&case, 7, |draft| draft.value = U256::MAX),
        transaction(&case, 5, |_| ()),
    ];
    let path = case.write(transactions);
    let all = [
        // Known by its trace: it is before the first that is invalid.
        ("not-provable", "0x65", Some(0)),
        ("not-provable", "0x65", Some(1)),
        ("invalid-block", "0x65", Some(2)),
        ("invalid-block", "0x65", Some(4)),
    ];
    for command in ["check", "prove"] {
        let json = refuses(command, &path, 4, &all);
        assert_eq!(json["error"]["kind"], "invalid-block");
        assert_eq!(json["error"]["advice"], "see what each refusal says");
    }
    // What only proving refuses is told beside it.
    let json = refuses("execute", &path, 4, &all[2..]);
    // What the code does that transaction 0 calls is not known without its trace, and that is said.
    assert_eq!(json["notTraced"], 1);
    let beside = listed(&json["notProvable"], None);
    assert_eq!(
        beside,
        listed(&said("check", &path).1["error"]["refused"], None)[1..2]
    );
    let text = braid().arg("execute").arg(&path).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.starts_with("provable: not yet, 1 refusal:\n  block 101, transaction 1 "),
        "{text}"
    );
}

#[test]
fn all_malformed_transactions() {
    let mut case = case();
    let good = transaction(&case, 5, |_| ());
    let bad = vec![
        Bytes::new(),
        good.slice(..20),
        [good.as_ref(), &[1]].concat().into(),
        vec![0xc0].into(),
    ];
    let path = case.write(bad);
    let all: Vec<_> = (0..4)
        .map(|index| ("malformed", "0x65", Some(index)))
        .collect();
    for command in ["execute", "check", "prove"] {
        let json = refuses(command, &path, 3, &all);
        assert_eq!(json["error"]["file"], path.to_str().unwrap());
        assert!(json.get("notProvable").is_none());
    }
    // What is not even hex has no hash.
    let path = case.write(vec![good.clone(), good]);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"0x02f8", "\"02f8")).unwrap();
    for command in ["execute", "check", "prove"] {
        let json = refuses(command, &path, 3, &all[..2]);
        for (index, one) in (0..).zip(json["error"]["refused"].as_array().unwrap()) {
            assert_eq!(one["hash"], Value::Null);
            let place = format!("blocks[0].transactions[{index}]: ");
            assert!(one["reason"].as_str().unwrap().starts_with(&place), "{one}");
        }
    }
}

#[test]
fn faults_of_two_blocks() {
    let mut case = case();
    let first = vec![
        transaction(&case, 5, |_| ()),
        transaction(&case, 7, |_| ()),
        Bytes::new(),
    ];
    let mut second = case.file.blocks[0].clone();
    second.environment.number += 1;
    second.transactions = vec![
        vec![1].into(),
        transaction(&case, 8, |draft| draft.to = None),
    ];
    case.file.blocks.push(second);
    let path = case.write(first);
    let all = [
        ("invalid-block", "0x65", Some(1)),
        ("malformed", "0x65", Some(2)),
        ("malformed", "0x66", Some(0)),
        ("not-provable", "0x66", Some(1)),
    ];
    for command in ["check", "prove"] {
        refuses(command, &path, 3, &all);
    }
    let json = refuses("execute", &path, 3, &all[..3]);
    assert_eq!(
        listed(&json["notProvable"], None),
        [("not-provable".to_owned(), "0x66".to_owned(), Some(1))]
    );
}

/// What a block does that was executed before the one that is refused is not known without its traces, and that is said.
#[test]
fn what_is_not_traced_is_said_beside_an_error() {
    let mut case = case();
    let calling = transaction(&case, 5, |draft| draft.to = Some(CONTRACT));
    let mut second = case.file.blocks[0].clone();
    second.environment.number += 1;
    second.transactions = vec![transaction(&case, 9, |_| ())];
    case.file.blocks.push(second);
    let path = case.write(vec![calling]);
    let (code, json, _) = said("execute", &path);
    assert_eq!(code, Some(4));
    assert_eq!(json["notTraced"], 1);
    assert_eq!(json["notProvable"], serde_json::json!([]));
    let text = braid().arg("execute").arg(&path).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.starts_with("provable: not known, since 1 transaction "),
        "{text}"
    );
}

#[test]
fn all_blobs() {
    let mut case = case();
    let good = transaction(&case, 5, |_| ());
    let blob = || Bytes::from_static(&[3, 0xc0]);
    let path = case.write(vec![blob(), good, blob(), blob()]);
    let all = [0, 2, 3].map(|index| ("not-provable", "0x65", Some(index)));
    for command in ["execute", "check", "prove"] {
        let json = refuses(command, &path, 5, &all);
        // One remedy for all.
        let advice = json["error"]["advice"].as_str().unwrap();
        assert!(advice.contains("blobs"), "{advice}");
    }
    // The same where the state is in a folder.
    let folder = case.folder.path().join("state");
    let mut init = braid();
    init.args(["state", "init", "--state-dir"]).arg(&folder);
    init.arg("--genesis").arg(&path).assert().success();
    let mut execute = braid();
    execute.args(["execute", "--json", "--state-dir"]);
    let output = execute.arg(&folder).arg(&path).output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["error"]["refused"].as_array().unwrap().len(), 3);
}
