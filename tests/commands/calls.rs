//! `braid calldata` and what `braid wrap` refuses before any proving.

use std::fs;

use serde_json::json;

use super::*;

fn block() -> PathBuf {
    repository("examples/blocks/transfers.json")
}

#[test]
fn calls_are_written_from_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("calls.json");
    let address = format!("0x{}", "02".repeat(20));
    let calldata = || {
        let mut command = braid();
        command.arg("calldata").arg(wrapped_proof()).arg(block());
        command
    };
    let said = Said::by(
        calldata()
            .args(["--rollup", &address])
            .arg("--out")
            .arg(&out),
    );
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let calls = json_of(&out);
    let proof = json_of(&wrapped_proof());
    assert_eq!(calls["publicValues"], proof["publicValues"]);
    assert_eq!(calls["settle"]["to"], address);
    assert!(calls["verify"].get("to").is_none());
    let bytes = proof["proof"].as_str().unwrap().trim_start_matches("0x");
    for call in ["verify", "settle"] {
        assert!(
            calls[call]["data"].as_str().unwrap().contains(bytes),
            "{call}"
        );
    }
    // On stdout, as text and as an answer.
    let text = Said::by(calldata().args(["--rollup", &address])).json();
    assert_eq!(text, calls);
    let said = Said::by(calldata().arg("--json")).json();
    assert_eq!(
        (&said["ok"], &said["verify"]),
        (&true.into(), &calls["verify"])
    );
    // And known again.
    let said = Said::by(braid().args(["inspect", "--json"]).arg(&out)).json();
    assert_eq!(
        (&said["kind"], &said["settle"]["to"]),
        (&"calls".into(), &address.into())
    );
}

#[test]
fn broken_calls_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.json");
    let good = Said::by(braid().arg("calldata").arg(wrapped_proof()).arg(block())).json();
    let refusal = |text: &str| {
        fs::write(&path, text).unwrap();
        let said = Said::by(braid().args(["inspect", "--json"]).arg(&path));
        assert_eq!(said.code, Some(3), "{text}");
        said.json()["error"]["message"].as_str().unwrap().to_owned()
    };
    let address = "22".repeat(20);
    for (pointer, value, place, reason) in [
        ("/verify/data", json!(5), "verify.data", "the number 5"),
        (
            "/settle/data",
            json!("00"),
            "settle.data",
            "hex must start with 0x",
        ),
        (
            "/settle/data",
            json!("0x0x00"),
            "settle.data",
            "no hex digit",
        ),
        (
            "/settle/to",
            json!(address),
            "settle.to",
            "hex must start with 0x",
        ),
        (
            "/settle/to",
            json!("0x11"),
            "settle.to",
            "1 byte instead of 20",
        ),
        (
            "/publicValues/chainId",
            json!([]),
            "publicValues.chainId",
            "a list, expected ",
        ),
        (
            "/publicValues/rules",
            json!("frontier"),
            "publicValues.rules",
            "is none of cancun, prague, osaka",
        ),
    ] {
        let mut calls = good.clone();
        calls["settle"]["to"] = Value::Null;
        *calls.pointer_mut(pointer).unwrap() = value;
        let message = refusal(&calls.to_string());
        assert!(message.contains(&format!("at {place}: ")), "{message}");
        assert!(message.contains(reason), "{message}");
        assert!(!message.contains(" line "), "{message}");
    }
    // What is no JSON has its line and column.
    let text = format!("{good:#}");
    let half = &text[..text.len() - 2];
    let message = refusal(half);
    assert!(message.contains("broken JSON: "), "{message}");
    let line = format!("line {} column", half.lines().count());
    assert!(message.contains(&line), "{message}");
}

#[test]
fn only_wrapped_proofs_of_these_blocks_will_do() {
    let refused = |proof: PathBuf, block: PathBuf, code: i32, says: &str| {
        let said = Said::by(braid().arg("calldata").arg(proof).arg(block));
        assert_eq!(said.code, Some(code), "{}", said.stderr);
        assert!(said.stderr.contains(says), "{}", said.stderr);
    };
    let other_block = repository("examples/blocks/three_blocks.json");
    let other_key = repository("contract/tests/vectors/other_key.wrapped.json");
    refused(final_proof(), block(), 2, "braid wrap");
    refused(wrapped_proof(), other_block.clone(), 6, "other blocks");
    // The proof is sound, and so nobody is told to make it again.
    let advice = "give the block file that the proof is of";
    refused(wrapped_proof(), other_block, 6, advice);
    refused(other_key, block(), 7, "key");
    refused(block(), block(), 3, "block file");
}

#[test]
fn what_cannot_be_wrapped_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.json");
    let forged = folder.path().join("forged.json");
    let mut json = json_of(&final_proof());
    json["publicValues"]["chainId"] = 7.into();
    fs::write(&forged, json.to_string()).unwrap();
    for (proof, code, says) in [
        (wrapped_proof(), 2, "wrapped already"),
        (wrapped_proof(), 2, "take it as it is"),
        (forged, 6, "invalid proof"),
        (block(), 3, "block file"),
        (folder.path().join("none"), 2, "none"),
    ] {
        let said = Said::by(braid().arg("wrap").arg(&proof).arg("--out").arg(&out));
        assert_eq!(said.code, Some(code), "{}", said.stderr);
        assert!(said.stderr.contains(says), "{}", said.stderr);
    }
    // Nothing to write beside.
    #[cfg(target_os = "linux")]
    {
        let mut wrap = braid();
        wrap.args(["wrap", "/dev/stdin"]);
        let said = Said::by(wrap.write_stdin(fs::read(final_proof()).unwrap()));
        assert_eq!(said.code, Some(2));
        assert!(said.stderr.contains("--out"), "{}", said.stderr);
    }
    // Too little memory is known before circuits are built.
    let said = Said::by(
        braid()
            .args(["wrap", "--max-memory", "1M", "--out"])
            .arg(&out)
            .arg(final_proof()),
    );
    assert_eq!(said.code, Some(8), "{}", said.stderr);
    assert!(!out.exists());
}
