//! `txs.json`: signatures are used as they are, or refused.

use super::*;
use braid_witness::Rules;

fn environment() -> Value {
    json!({
        "currentCoinbase": Address::repeat_byte(0xc0), "currentGasLimit": "0x1c9c380", "currentNumber": "0x5", "currentTimestamp": "0x3e8",
        "currentBaseFee": "0x7", "currentRandom": "0x0",
    })
}

fn folder_of(transaction: &Value) -> tempfile::TempDir {
    small_folder(&environment(), &json!([transaction]))
}

fn imported(transaction: &Value) -> Bytes {
    let folder = folder_of(transaction);
    let file = t8n_folder(folder.path(), 1, Rules::Cancun).unwrap();
    file.blocks[0].transactions[0].clone()
}

fn refused(transaction: &Value, field: &str) {
    let error = refusal(folder_of(transaction).path());
    let path = format!("txs[0].{field}: ");
    assert!(error.starts_with(&path), "{error} / {transaction}");
}

fn fields(kind: u64) -> Value {
    let mut fields = json!({
        "nonce": "0x0", "gas": "0x5208", "to": Address::repeat_byte(9), "value": "0x1", "input": "0x",
    });
    if kind > 0 {
        fields["type"] = json!(format!("{kind:#x}"));
        fields["chainId"] = json!("0x1");
        fields["accessList"] = json!([]);
    }
    if matches!(kind, 2 | 4) {
        fields["maxFeePerGas"] = json!("0x64");
        fields["maxPriorityFeePerGas"] = json!("0x1");
    } else {
        fields["gasPrice"] = json!("0x64");
    }
    fields
}

/// A transaction with what alloy, which shares no code with the import, makes of its signature.
fn signed(kind: u64, protected: bool) -> (Value, bool) {
    let mut json = fields(kind);
    json["secretKey"] = json!(KEY);
    if kind == 0 {
        json["protected"] = json!(protected);
    }
    let raw = imported(&json);
    let envelope = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap();
    assert_eq!(
        envelope.recover_signer().unwrap(),
        SENDER.parse::<Address>().unwrap()
    );
    let signature = *envelope.signature();
    let mut json = fields(kind);
    json["r"] = json!(signature.r());
    json["s"] = json!(signature.s());
    (json, signature.v())
}

fn sender(raw: &Bytes) -> Address {
    let envelope = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap();
    envelope.recover_signer().unwrap()
}

#[test]
fn typed_transactions_have_v_or_y_parity_or_both() {
    let right: Address = SENDER.parse().unwrap();
    for kind in [1, 2] {
        let (json, odd) = signed(kind, true);
        let parity = json!(u64::from(odd));
        for names in [&["v"][..], &["yParity"], &["v", "yParity"]] {
            let mut named = json.clone();
            for name in names {
                named[*name] = parity.clone();
            }
            assert_eq!(sender(&imported(&named)), right, "{names:?}");
            // The other parity is passed on, and is somebody else's.
            for name in names {
                named[*name] = json!(u64::from(!odd));
            }
            assert_ne!(sender(&imported(&named)), right);
            named["sender"] = json!(SENDER);
            refused(&named, "sender");
        }
        refused(&json, "v");
        let wrong = ["0x2", "27", "0x1c", "0x25", "0x10000000000000000"];
        for v in wrong {
            let mut named = json.clone();
            named["v"] = json!(v);
            refused(&named, "v");
            let mut named = json.clone();
            named["yParity"] = json!(v);
            refused(&named, "yParity");
        }
        let mut both = json.clone();
        both["v"] = parity;
        both["yParity"] = json!(u64::from(!odd));
        refused(&both, "v");
    }
}

#[test]
fn legacy_transactions_have_27_28_or_the_chain_id_in_v() {
    let right: Address = SENDER.parse().unwrap();
    for protected in [false, true] {
        let (json, odd) = signed(0, protected);
        let base = if protected { 37 } else { 27 };
        let with = |v: u64| {
            let mut json = json.clone();
            json["v"] = json!(format!("{v:#x}"));
            json
        };
        let good = with(base + u64::from(odd));
        assert_eq!(sender(&imported(&good)), right);
        assert_ne!(sender(&imported(&with(base + u64::from(!odd)))), right);
        // Beside it everything that says the same.
        let mut all = good.clone();
        all["yParity"] = json!(u64::from(odd));
        all["protected"] = json!(protected);
        all["chainId"] = json!(u64::from(protected));
        all["sender"] = json!(SENDER);
        all["hash"] = json!(keccak256(imported(&good)));
        all["secretKey"] = json!(KEY);
        all["_comment"] = json!("all");
        assert_eq!(imported(&all), imported(&good));
        for (field, value, named) in [
            ("yParity", json!(u64::from(!odd)), "v"),
            ("protected", json!(!protected), "protected"),
            ("chainId", json!(5), "chainId"),
            ("sender", json!(Address::ZERO), "sender"),
            ("hash", json!(B256::ZERO), "hash"),
            // Of no use beside a signature, and yet no key, or somebody else's.
            ("secretKey", json!(B256::repeat_byte(1)), "secretKey"),
            ("secretKey", json!(B256::ZERO), "secretKey"),
            ("secretKey", json!("0x01"), "secretKey"),
            ("secretKey", json!("key"), "secretKey"),
        ] {
            let mut other = all.clone();
            other[field] = value;
            refused(&other, named);
        }
        for v in [0, 1, 2, 26, 29, 30, 33, 34] {
            refused(&with(v), "v");
        }
        refused(&json, "v");
        let mut alone = json.clone();
        alone["yParity"] = json!(0);
        refused(&alone, "v");
        let mut large = json.clone();
        large["v"] = json!("0x100000000000000000000");
        refused(&large, "v");
    }
    // The chain of another v is passed on, and execution refuses it.
    let (mut json, _) = signed(0, true);
    json["v"] = json!("0x2e");
    let folder = folder_of(&json);
    let file = t8n_folder(folder.path(), 1, Rules::Cancun).unwrap();
    let error = execute(&file).map(|_| ()).unwrap_err();
    assert!(
        error.to_string().contains("chain id 5 instead of 1"),
        "{error}"
    );
}

/// Type 4 with two authorizations of the key of another account, as geth's own folders have them, and what alloy reads of the bytes.
#[test]
fn authorizations_are_passed_on() {
    let authority = SampleKey::new(5, 0).unwrap();
    let code = Address::repeat_byte(0xaa);
    let made = [(U256::ZERO, 0), (U256::ONE, 1)].map(|(chain, nonce)| {
        let made = authority.authorize(chain, code, nonce);
        made.unwrap()
    });
    let item = |index: usize| {
        let one = &made[index];
        json!({
            "chainId": one.chain_id, "address": one.address, "nonce": format!("{:#x}", one.nonce),
            "yParity": format!("{:#x}", one.y_parity), "r": one.r, "s": one.s,
        })
    };
    let mut json = fields(4);
    json["secretKey"] = json!(KEY);
    json["authorizationList"] = json!([item(0), item(1)]);
    let raw = imported(&json);
    let TxEnvelope::Eip7702(read) = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap() else {
        panic!("another type");
    };
    assert_eq!(
        read.recover_signer().unwrap(),
        SENDER.parse::<Address>().unwrap()
    );
    let list = &read.tx().authorization_list;
    assert_eq!(list.len(), 2);
    for (read, made) in list.iter().zip(&made) {
        assert_eq!(read.recover_authority().unwrap(), authority.address());
        assert_eq!(
            (read.chain_id, read.address, read.nonce),
            (made.chain_id, code, made.nonce)
        );
    }
    // What does not hold is passed on, too, under either name.
    let mut wrong = json.clone();
    wrong["authorizationList"][0] = item(0);
    let first = wrong["authorizationList"][0].as_object_mut().unwrap();
    first.remove("yParity");
    first.insert("v".to_owned(), json!(255));
    let raw = imported(&wrong);
    let TxEnvelope::Eip7702(read) = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap() else {
        panic!("another type");
    };
    assert_eq!(read.tx().authorization_list[0].y_parity(), 255);
    for (field, value) in [
        ("yParity", json!(256)),
        ("yParity", json!(null)),
        ("v", json!(made[1].y_parity ^ 1)),
        ("chainId", json!("0x0x1")),
        ("nonce", json!("0x10000000000000000")),
        ("address", json!("0x01")),
        ("signer", json!(SENDER)),
    ] {
        let mut other = json.clone();
        other["authorizationList"][1][field] = value;
        refused(&other, &format!("authorizationList[1].{field}"));
    }
    let mut other = json.clone();
    other.as_object_mut().unwrap().remove("authorizationList");
    refused(&other, "authorizationList");
    // No other type has any, not even an empty list.
    let mut other = fields(2);
    other["secretKey"] = json!(KEY);
    other["authorizationList"] = json!([]);
    refused(&other, "authorizationList");
}

/// A list of the fields in their order is no transaction.
#[test]
fn transactions_are_objects() {
    let mut json = fields(2);
    json["secretKey"] = json!(KEY);
    imported(&json);
    let entry = json!([{ "address": Address::ZERO, "storageKeys": [] }]);
    json["accessList"] = entry;
    imported(&json);
    json["accessList"] = json!([[Address::ZERO, []]]);
    refused(&json, "accessList[0]");
    let values = Vec::from_iter(json.as_object().unwrap().values().cloned());
    let error = refusal(folder_of(&json!(values)).path());
    assert_eq!(error, "txs[0]: a list, expected an object");
}

#[test]
fn fields_of_other_types_and_unknown_ones_are_refused() {
    for (kind, field) in [
        (0, "maxFeePerGas"),
        (0, "maxPriorityFeePerGas"),
        (1, "maxFeePerGas"),
        (2, "gasPrice"),
        (1, "maxFeePerBlobGas"),
    ] {
        let mut json = fields(kind);
        json["secretKey"] = json!(KEY);
        imported(&json);
        json[field] = json!("0x1");
        refused(&json, field);
        // `null` is nothing.
        json[field] = json!(null);
        imported(&json);
    }
    let mut json = fields(0);
    json["secretKey"] = json!(KEY);
    for (field, value) in [
        ("foo", json!(1)),
        ("blockHash", json!(B256::ZERO)),
        ("protected", json!("yes")),
        ("nonce", json!(-1)),
        ("gas", json!("0x0x1")),
        ("to", json!("0x0x0909090909090909090909090909090909090909")),
        ("input", json!("0x0x00")),
        ("sender", json!(Address::ZERO)),
        ("secretKey", json!(B256::ZERO)),
        // Compared with nothing before there is a signature.
        ("hash", json!("0x12")),
    ] {
        let mut other = json.clone();
        other[field] = value;
        refused(&other, field);
    }
    let mut list = fields(1);
    list["secretKey"] = json!(KEY);
    list["accessList"] = json!([{"address": SENDER, "storageKeys": ["0x0"], "_comment": 1}]);
    refused(&list, "accessList[0].storageKeys[0]");
    list["accessList"] = json!([{"address": SENDER, "storageKeys": [], "keys": []}]);
    refused(&list, "accessList[0].keys");
    let mut typed = fields(2);
    typed["secretKey"] = json!(KEY);
    typed.as_object_mut().unwrap().remove("chainId");
    refused(&typed, "chainId");
    // A signature of which `r` and `s` are zero is none that could be made: it is passed on, and refused.
    let mut zero = fields(2);
    zero["v"] = json!(1);
    zero["secretKey"] = json!(KEY);
    let file = t8n_folder(folder_of(&zero).path(), 1, Rules::Cancun).unwrap();
    let error = execute(&file).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("r is out of range"), "{error}");
}

#[test]
fn two_lists_of_transactions_are_one_too_many() {
    let folder = folder_of(&fields(0));
    write(folder.path(), "txs.rlp", &json!("0xc0"));
    assert!(refusal(folder.path()).starts_with("txs.rlp: "));
    std::fs::remove_file(folder.path().join("txs.json")).unwrap();
    assert_eq!(
        t8n_folder(folder.path(), 1, Rules::Cancun).unwrap().blocks[0]
            .transactions
            .len(),
        0
    );
    for text in ["0x0xc0", "0Xc0", "c0", "0xc", "0xc0 "] {
        write(folder.path(), "txs.rlp", &json!(text));
        assert!(refusal(folder.path()).starts_with("txs.rlp: "), "{text}");
    }
}
