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
