//! A whole file of another kind than a command takes: it is told what the file is, and which command takes it.

use super::*;

fn example(name: &str) -> String {
    format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Error and message of a command, which must end with this code.
fn failing(arguments: &[&str], code: i32) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = braid()
        .current_dir(folder.path())
        .args(["--json", "--quiet"])
        .args(arguments)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    json["error"].clone()
}

#[test]
fn another_file_is_told_by_what_it_is() {
    let block = example("blocks/transfers.json");
    let proof = example("proofs/transfers.proof.json");
    let wrapped = example("proofs/transfers.wrapped.json");
    let key = format!("{}/verifier/keys/final.vk", env!("CARGO_MANIFEST_DIR"));
    let (block, proof, wrapped, key) = (
        block.as_str(),
        proof.as_str(),
        wrapped.as_str(),
        key.as_str(),
    );
    for (arguments, file, is, takes) in [
        (&["execute", proof][..], proof, "a proof", "braid verify"),
        (&["check", wrapped], wrapped, "a wrapped proof", "calldata"),
        (&["prove", key], key, "a verifying key", "--key"),
        (
            &["inspect", "--tables", proof],
            proof,
            "a proof",
            "braid wrap",
        ),
        (&["calldata", wrapped, proof], proof, "a proof", "verify"),
        (
            &["state", "init", "--state-dir", "s", "--genesis", proof],
            proof,
            "a proof",
            "verify",
        ),
        (
            &["import", block, "--out", "x"],
            block,
            "a block file",
            "execute",
        ),
        (&["verify", block], block, "a block file", "braid prove"),
        (&["wrap", block], block, "a block file", "execute"),
        (&["calldata", block, block], block, "a block file", "check"),
        (
            &["verify", proof, "--key", block],
            block,
            "a block file",
            "check",
        ),
    ] {
        let error = failing(arguments, 3);
        assert_eq!(error["file"], file, "{arguments:?}");
        let message = error["message"].as_str().unwrap();
        let starts = format!("it holds {is}, and ");
        assert!(message.starts_with(&starts), "{arguments:?}: {message}");
        let advice = error["advice"].as_str().unwrap();
        assert!(advice.contains(takes), "{arguments:?}: {advice}");
    }
}

/// No word of the program's own types, and a byte order mark by its name.
#[test]
fn values_of_another_kind_are_named_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("block.json");
    let good = fs::read_to_string(example("blocks/transfers.json")).unwrap();
    let with = |change: fn(&mut Value), says: &str| {
        let mut json: Value = serde_json::from_str(&good).unwrap();
        change(&mut json);
        fs::write(&path, json.to_string()).unwrap();
        let error = failing(&["execute", path.to_str().unwrap()], 3);
        assert_eq!(error["message"], says);
    };
    with(
        |json| json["blocks"] = serde_json::json!({}),
        "blocks: an object, expected a list",
    );
    with(
        |json| json["chainId"] = serde_json::json!(1.5),
        "chainId: the number 1.5, expected a whole number or a text",
    );
    let marked = format!("\u{feff}{good}");
    fs::write(&path, &marked).unwrap();
    for command in ["execute", "inspect"] {
        let error = failing(&[command, path.to_str().unwrap()], 3);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("byte order mark"), "{message}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    for arguments in [
        &["verify", "nothere.json"][..],
        &["execute", "nothere.json"],
        &["inspect", "nothere.json"],
        &["import", "nothere.json", "--out", "x"],
    ] {
        assert_eq!(failing(arguments, 2)["file"], "nothere.json");
    }
    let output = braid()
        .args(["verify", "--json", "nothere.json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["proofs"][0]["error"]["file"], "nothere.json");
}

/// What clap advises is advice.
#[test]
fn tips_are_not_part_of_the_message() {
    let error = failing(&["verify", "x", "--bogus"], 2);
    assert_eq!(error["message"], "unexpected argument '--bogus' found");
    let advice = error["advice"].as_str().unwrap();
    assert!(advice.starts_with("to pass '--bogus'"), "{advice}");
}

#[test]
fn options_that_would_be_passed_over_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    for option in ["--test", "--variant"] {
        let error = failing(&["import", folder, "--out", "x", option, "a"], 2);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("--variant"), "{message}");
    }
}

/// A state test of one transfer, of chain 1.
const STATE_TEST: &str = r#"{"a": {
    "env": {"currentBaseFee": "0x0a", "currentCoinbase": "0xb94f5374fce5edbc8e2a8697c15331677e6ebf0b", "currentDifficulty": "0x020000",
        "currentGasLimit": "0x989680", "currentNumber": "0x01", "currentTimestamp": "0x03e8"},
    "pre": {"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b": {"balance": "0x08583b00", "code": "0x", "nonce": "0x00", "storage": {}}},
    "post": {"Cancun": [{
        "hash": "0x0000000000000000000000000000000000000000000000000000000000000000",
        "logs": "0x0000000000000000000000000000000000000000000000000000000000000000",
        "txbytes": "0xf860800a8301fbd094d2571607e241ecf590ed94b12d87c94babe36db60a801ca01eb0a418d15685d7b053d7725ebda337bd63ac222ee8bb28396682e5c9faaf53a041cac48f3945316b2201122d65e8fb0eef3ca1d97cc53078cf9544e1b2d1521d",
        "indexes": {"data": 0, "gas": 0, "value": 0}}]},
    "transaction": {"sender": "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b"}
}}"#;

/// A state test says its chain itself, and is no block file.
#[test]
fn state_tests_keep_their_chain() {
    let folder = tempfile::tempdir().unwrap();
    let [test, out] = ["test.json", "out.json"].map(|name| {
        let path = folder.path().join(name);
        path.to_str().unwrap().to_owned()
    });
    fs::write(&test, STATE_TEST).unwrap();
    let import = ["import", test.as_str(), "--out", out.as_str(), "--chain-id"];
    let error = failing(&[&import[..], &["5"]].concat(), 2);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("the test is of chain 1"), "{message}");
    braid().args(import).arg("1").assert().success();
    braid().args(["execute", &out]).assert().success();
    let error = failing(&["execute", &test], 3);
    let advice = error["advice"].as_str().unwrap();
    assert!(advice.contains("braid import"), "{advice}");
}
