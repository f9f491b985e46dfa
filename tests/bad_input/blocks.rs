//! Blocks and transactions that are malformed, invalid, or not provable yet.

use super::*;

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
        (Some(CONTRACT), "SELFDESTRUCT"),
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
        let traces = tempfile::tempdir().unwrap();
        let output = braid()
            .args(["execute", "--json", "--trace"])
            .args([traces.path(), &path])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["notTraced"], 0);
        let [refused] = json["notProvable"].as_array().unwrap().as_slice() else {
            panic!("{json}");
        };
        assert_eq!(refused["block"], "0x65");
        assert_eq!(refused["transaction"], 1);
        let reason = refused["reason"].as_str().unwrap();
        assert!(reason.contains(says), "{reason}");
    }
}

/// What is refused has the same fields whichever command refuses it, with a remedy that is about its own reason.
#[test]
fn every_refusal_of_a_block_is_given_with_its_remedy() {
    let answer = |command: &str, path: &PathBuf| -> Value {
        let output = braid().args([command, "--json"]).arg(path).output();
        serde_json::from_slice(&output.unwrap().stdout).unwrap()
    };
    let traces = tempfile::tempdir().unwrap();
    let traced = |path: &PathBuf| -> Value {
        let mut command = braid();
        command.args(["execute", "--json", "--trace"]);
        let output = command.args([traces.path(), path]).output();
        serde_json::from_slice(&output.unwrap().stdout).unwrap()
    };
    let mut case = case();
    let draft = case.draft.clone();
    let signed = |nonce: u64, change: fn(&mut Draft)| {
        let mut draft = Draft {
            nonce,
            gas_limit: 100_000,
            ..draft.clone()
        };
        change(&mut draft);
        draft.sign(&case.key).unwrap()
    };
    let transactions = vec![
        signed(5, |draft| draft.to = Some(CONTRACT)),
        signed(6, |_| ()),
        signed(7, |draft| draft.to = None),
    ];
    let path = case.write(transactions);
    let refused = answer("prove", &path)["error"]["refused"].clone();
    assert_eq!(refused, answer("check", &path)["error"]["refused"]);
    assert_eq!(refused, traced(&path)["notProvable"]);
    // What code does is not known without its trace: how much is not known is.
    let untraced = answer("execute", &path);
    assert_eq!(untraced["notTraced"], 1);
    assert_eq!(untraced["notProvable"].as_array().unwrap().len(), 1);
    let text = braid().arg("execute").arg(&path).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    for says in [
        "provable: not yet, 1 refusal:\n",
        "  not known of 1 transaction more,",
    ] {
        assert!(text.contains(says), "{text}");
    }
    let indices: Vec<_> = refused
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["transaction"])
        .collect();
    assert_eq!(indices, [0, 2]);
    for one in refused.as_array().unwrap() {
        assert!(one["remedy"].as_str().unwrap().contains("so far"), "{one}");
        assert!(one["hash"].as_str().unwrap().starts_with("0x"), "{one}");
    }

    // A blob transaction is refused by all, and not for want of a table.
    let path = case.write(vec![vec![3, 0xc0].into()]);
    for command in ["execute", "prove", "check"] {
        let error = answer(command, &path)["error"].clone();
        assert_eq!(error["kind"], "not-provable");
        let remedy = error["refused"][0]["remedy"].as_str().unwrap();
        assert!(
            remedy.contains("blobs") && !remedy.contains("transfers"),
            "{remedy}"
        );
        assert_eq!(error["advice"], remedy);
    }

    // A block that does not follow is no matter of a transaction.
    case.file.blocks[0].environment.number += 1;
    let path = case.write(Vec::new());
    let error = answer("execute", &path)["error"].clone();
    let one = &error["refused"][0];
    assert_eq!(
        (&one["block"], &one["transaction"]),
        (&Value::from("0x66"), &Value::Null)
    );
    assert!(
        one["remedy"].as_str().unwrap().contains("the number 101"),
        "{one}"
    );
}

/// A plain transfer with much calldata: what `execute` calls provable, `auto` finds a shape for.
#[test]
fn large_calldata_finds_the_large_shape() {
    use braid::{Error, Fault, Prover, ShapeChoice};
    let mut case = case();
    case.draft.data = vec![1; 70_000].into();
    case.draft.gas_limit = 3_000_000;
    let path = case.write_signed();
    let output = braid()
        .args(["execute", "--json"])
        .arg(&path)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["notProvable"], serde_json::json!([]), "{json}");
    let plan = |shape| {
        let prover = Prover::builder().shape(shape).threads(1).build().unwrap();
        prover.plan(&prover.execute(&case.file).unwrap())
    };
    let shapes = plan(ShapeChoice::Auto).unwrap().summary.shapes;
    assert_eq!(Vec::from_iter(shapes), [("large".to_owned(), 1)]);
    let error: Error = plan(ShapeChoice::Standard).unwrap_err();
    assert_eq!(error.fault(), Fault::NotProvable);
    let refused = braid::refused(&error);
    assert!(
        refused[0]
            .reason
            .contains("rows of table rlp, which has 65536"),
        "{}",
        refused[0]
    );
    assert!(
        refused[0].remedy.contains("--shape"),
        "{}",
        refused[0].remedy
    );
}
