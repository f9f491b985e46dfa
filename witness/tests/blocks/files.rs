//! Block files that are malformed or damaged.

use super::*;

fn malformed(change: impl Fn(&mut serde_json::Value)) -> String {
    let file = file(vec![draft().sign(&key()).unwrap()]);
    let mut json: serde_json::Value = serde_json::from_str(&file.to_json()).unwrap();
    change(&mut json);
    let error = BlockFile::from_json(json.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    error.to_string()
}

#[test]
fn malformed_files_are_refused() {
    use serde_json::json;
    let says = |change: fn(&mut serde_json::Value), parts: &[&str]| {
        let message = malformed(change);
        for part in parts {
            assert!(message.contains(part), "{message:?} does not say {part:?}");
        }
    };
    says(|j| j["extra"] = json!(1), &["unknown field `extra`"]);
    says(
        |j| j["blocks"][0]["extra"] = json!(1),
        &["unknown field `extra`"],
    );
    says(
        |j| {
            j.as_object_mut().unwrap().remove("chainId");
        },
        &["missing field `chainId`"],
    );
    says(
        |j| j["version"] = json!(2),
        &["version 2, which a newer", "this one reads version 1"],
    );
    says(|j| j["blocks"] = json!([]), &["blocks", "at least one"]);
    says(
        |j| j["blocks"][0]["transactions"][0] = json!("0xzz"),
        &["blocks[0].transactions[0]", "wrong hex"],
    );
    says(
        |j| j["blocks"][0]["transactions"][0] = json!("0x123"),
        &["blocks[0].transactions[0]", "wrong hex"],
    );
    says(
        |j| j["blocks"][0]["transactions"][0] = json!("00"),
        &["must start with 0x"],
    );
    says(
        |j| j["blocks"][0]["gasLimit"] = json!("0x"),
        &["blocks[0].gasLimit", "not a number"],
    );
    says(
        |j| j["blocks"][0]["gasLimit"] = json!("0x10000000000000000"),
        &["2^64 or above"],
    );
    says(
        |j| j["blocks"][0]["gasLimit"] = json!(-1),
        &["whole number"],
    );
    says(
        |j| j["blocks"][0]["coinbase"] = json!("0x01"),
        &["blocks[0].coinbase", "1 byte instead of 20"],
    );
    says(
        |j| j["parent"]["blockHash"] = json!("0x01"),
        &["parent.blockHash", "1 byte instead of 32"],
    );
    says(
        |j| j["alloc"]["0x01"] = json!({"balance": "0x1"}),
        &["alloc", "1 byte instead of 20"],
    );
    says(
        |j| {
            j["alloc"]["0x0000000000000000000000000000000000000001"] =
                json!({"balance": "0x0", "storage": {"0x0": "0x1"}})
        },
        &["empty by EIP-161"],
    );
    let long = format!("0x1{}", "0".repeat(64));
    assert!(
        malformed(
            |j| j["alloc"]["0x0000000000000000000000000000000000000001"] = json!({"balance": long})
        )
        .contains("2^256")
    );

    let json = file(vec![]).to_json();
    for length in 0..json.len() - 2 {
        assert!(BlockFile::from_json(&json.as_bytes()[..length]).is_err());
    }
    // The same account twice, in two spellings.
    let text = json.replace(
        "\"alloc\": {",
        "\"alloc\": {\"0xABcDABcDABcDABcDABcDABcDABcDABcDABcDABcD\": {\"balance\": 1}, \"0xabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd\": {\"balance\": \"2\"},",
    );
    assert!(
        BlockFile::from_json(text.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("given twice")
    );
}

/// serde would take a list of the fields in their order for an object, which the schema does not.
#[test]
fn objects_are_no_lists() {
    let whole = file(vec![draft().sign(&key()).unwrap()]);
    let whole: serde_json::Value = serde_json::from_str(&whole.to_json()).unwrap();
    let account = whole["alloc"].as_object().unwrap().keys().next().unwrap();
    for pointer in [
        "".to_owned(),
        "/parent".to_owned(),
        "/alloc".to_owned(),
        format!("/alloc/{account}"),
        "/blocks/0".to_owned(),
    ] {
        let message = malformed(|json| {
            let object = json.pointer_mut(&pointer).unwrap();
            let fields = object.as_object().unwrap().values().cloned();
            *object = fields.collect::<Vec<_>>().into();
        });
        assert!(
            message.ends_with("expected an object"),
            "{pointer}: {message}"
        );
    }
}

/// What may be missing may be `null`, and what must be there must not.
#[test]
fn null_is_as_if_it_were_not_there() {
    let whole = file(vec![draft().sign(&key()).unwrap()]);
    let text = whole.to_json();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let account = json["alloc"].as_object().unwrap().keys().next().unwrap();
    let account = format!("/alloc/{account}");
    let with_null = |parent: &str, field: &str| {
        let mut json = json.clone();
        json.pointer_mut(parent).unwrap()[field] = serde_json::Value::Null;
        BlockFile::from_json(json.to_string().as_bytes())
    };
    let without = |parent: &str, field: &str| {
        let mut json = json.clone();
        let parent = json.pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(field);
        BlockFile::from_json(json.to_string().as_bytes()).unwrap()
    };
    for (parent, field) in [
        ("", "rules"),
        ("/blocks/0", "blockHashes"),
        ("/blocks/0", "excessBlobGas"),
        ("/blocks/0", "parentBeaconBlockRoot"),
        (&account, "nonce"),
        (&account, "code"),
        (&account, "storage"),
    ] {
        let read = with_null(parent, field).unwrap();
        assert_eq!(read, without(parent, field), "{parent}.{field}");
    }
    for (parent, field) in [
        ("", "alloc"),
        ("/blocks/0", "transactions"),
        ("/blocks/0", "gasLimit"),
        (&account, "balance"),
    ] {
        assert!(with_null(parent, field).is_err(), "{parent}.{field}");
    }
}

/// Bytes of a file changed at random give an error or another valid file, never a panic.
#[test]
fn damaged_files_do_not_panic() {
    let json = sample(&SampleConfig::new(3, 4)).unwrap().to_json();
    let mut refused = 0;
    for step in 0..4_000u64 {
        let random = keccak256(step.to_be_bytes());
        let position = u64::from_be_bytes(random[..8].try_into().unwrap()) as usize % json.len();
        let mut bytes = json.clone().into_bytes();
        match random[8] % 3 {
            0 => bytes[position] = random[9],
            1 => {
                bytes.remove(position);
            }
            _ => bytes.insert(
                position,
                b"0123456789abcdefx\"{}[],:-.e"[usize::from(random[9]) % 27],
            ),
        }
        let executed = BlockFile::from_json(&bytes).and_then(|file| execute(&file));
        match executed.and_then(|executed| chunks_of(&executed, 2)) {
            Ok(_) => {}
            Err(Error::Internal(what)) => panic!("internal: {what}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 2_000);
}
