//! `braid import`: folders that are none, a good one, and a full disk.

use super::*;

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
    assert_eq!(output.status.code(), Some(2));
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

/// What is wrong in a folder of `t8n` is named by its path, with exit code 3.
#[test]
fn folders_are_refused_by_path() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("block.json");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let env = |more: &str| {
        format!(
            r#"{{"currentCoinbase":"0x00000000000000000000000000000000000000aa","currentRandom":"0x01","currentGasLimit":"0x1c9c380","currentNumber":"0x5","currentTimestamp":"0x64","currentBaseFee":"0x7"{more}}}"#
        )
    };
    let transaction = |v: &str| {
        format!(
            r#"[{{"type":"0x2","chainId":"0x1","nonce":"0x0","maxFeePerGas":"0x9","maxPriorityFeePerGas":"0x1","gas":"0x5208","value":"0x0","input":"0x","r":"0x1","s":"0x1","v":"{v}"}}]"#
        )
    };
    let one = |path: &str| {
        let mut command = braid();
        let command = command.arg("import").arg(folder.path());
        let output = command.arg("--out").arg(&out).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{path}: {stderr}");
        assert!(stderr.contains(path), "{stderr}");
        assert!(!out.exists());
    };
    write("alloc.json", "{}");
    write("env.json", &env(""));
    write("txs.json", &transaction("0x1b"));
    one("txs[0].v: ");
    write(
        "txs.json",
        &transaction("0x1").replace("0x5208", "0x0x5208"),
    );
    one("txs[0].gas: ");
    // All of them are named.
    let bad = [
        transaction("0x1b"),
        transaction("0x1").replace("0x5208", "0x0x5208"),
    ];
    let [first, second] = bad.each_ref().map(|list| list.trim_matches(['[', ']']));
    write("txs.json", &format!("[{first},{second}]"));
    one("txs[0].v: ");
    one("txs[1].gas: ");
    write("txs.json", "[]");
    for field in ["foo", "withdrawals", "blockHashes"] {
        let value = if field == "withdrawals" {
            "[{}]"
        } else {
            r#"{"5":"0x01"}"#
        };
        write("env.json", &env(&format!(r#","{field}":{value}"#)));
        one(&format!("env.{field}"));
    }
    write("env.json", &env(r#","_comment":"fine""#));
    write(
        "alloc.json",
        r#"{"0x0x00000000000000000000000000000000000000aa":{"balance":"0x1"}}"#,
    );
    one("alloc[\"0x0x");
}
