//! The schema of block files takes what the reader takes, and refuses what it refuses.

use std::fs;

use braid::BlockFile;
use serde_json::{Value, json};

use super::repository;

fn read(path: &str) -> Value {
    serde_json::from_slice(&fs::read(repository(path)).unwrap()).unwrap()
}

/// The file with another value at a place.
fn with(file: &Value, parent: &str, field: &str, value: Value) -> Value {
    let mut file = file.clone();
    file.pointer_mut(parent).unwrap()[field] = value;
    file
}

#[test]
fn the_schema_of_block_files_is_what_is_read() {
    let schema = jsonschema::validator_for(&read("docs/block-file.schema.json")).unwrap();
    let agree = |file: &Value, right: bool, what: &str| {
        assert_eq!(schema.is_valid(file), right, "schema: {what}");
        let read = BlockFile::from_json(file.to_string().as_bytes());
        assert_eq!(read.is_ok(), right, "reader: {what}: {read:?}");
    };
    for sample in ["transfers", "three_blocks", "tokens", "defi"] {
        let path = format!("examples/blocks/{sample}.json");
        agree(&read(&path), true, &path);
    }
    let file = read("examples/blocks/transfers.json");
    let account = file["alloc"].as_object().unwrap().keys().next().unwrap();
    let account = format!("/alloc/{account}");
    let hash = format!("0x{}", "ab".repeat(32));
    let block = "/blocks/0";
    for (parent, field, value, right) in [
        ("", "version", json!("0x1"), true),
        ("", "version", json!(2), false),
        ("", "chainId", json!("1337"), true),
        ("", "chainId", json!("0x0x539"), false),
        ("", "chainId", json!("-1"), false),
        ("", "chainId", json!(null), false),
        ("", "rules", json!("prague"), true),
        ("", "rules", json!("Prague"), false),
        ("", "rules", json!(1), false),
        ("", "rules", json!(null), true),
        ("", "extra", json!(null), false),
        ("", "parent", json!([100, 0, hash]), false),
        ("/parent", "blockHash", json!(hash), true),
        ("/parent", "blockHash", json!(format!("0x{hash}")), false),
        (&account, "nonce", json!(7), true),
        (&account, "nonce", json!(null), true),
        (&account, "code", json!(null), true),
        (&account, "code", json!("0x0x00"), false),
        (&account, "storage", json!(null), true),
        (&account, "storage", json!([]), false),
        (&account, "balance", json!(null), false),
        (block, "gasLimit", json!(null), false),
        (block, "blockHashes", json!({ "98": hash }), true),
        (block, "blockHashes", json!({ "0x0x62": hash }), false),
        (block, "blockHashes", json!({ "98": "0x01" }), false),
        (block, "blockHashes", json!(null), true),
        (block, "excessBlobGas", json!("0x20000"), true),
        (block, "excessBlobGas", json!(null), true),
        (block, "parentBeaconBlockRoot", json!(hash), true),
        (block, "parentBeaconBlockRoot", json!("0x01"), false),
        (block, "parentBeaconBlockRoot", json!(null), true),
        (block, "transactions", json!([]), true),
        (block, "transactions", json!(["0xzz"]), false),
        (block, "transactions", json!(null), false),
    ] {
        let what = format!("{parent}/{field} = {value}");
        agree(&with(&file, parent, field, value), right, &what);
    }
    // A list of the fields in their order is no object.
    for object in ["", "/parent", "/alloc", &account, block] {
        let mut file = file.clone();
        let fields = file.pointer_mut(object).unwrap();
        *fields = fields.as_object().unwrap().values().cloned().collect();
        agree(&file, false, object);
    }
}
