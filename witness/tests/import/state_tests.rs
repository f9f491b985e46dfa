//! State tests of ethereum/tests.

use braid_witness::execution::{Settings, execute_file};

use super::*;

/// A test of one transfer, which was made and signed by a script of ethereum/tests' own.
fn test() -> Value {
    let raw = "0xf860800a8301fbd094d2571607e241ecf590ed94b12d87c94babe36db60a801ca01eb0a418d15685d7b053d7725ebda337bd63ac222ee8bb28396682e5c9faaf53a041cac48f3945316b2201122d65e8fb0eef3ca1d97cc53078cf9544e1b2d1521d";
    json!({
        "_info": {"comment": "by hand"},
        "_comment": "one transfer",
        "config": {"chainid": "0x01", "blobSchedule": {}},
        "env": {
            "currentBaseFee": "0x0a", "currentCoinbase": "0xb94f5374fce5edbc8e2a8697c15331677e6ebf0b", "currentDifficulty": "0x020000",
            "currentExcessBlobGas": "0x20", "currentGasLimit": "0x989680", "currentNumber": "0x01", "currentTimestamp": "0x03e8",
        },
        "pre": {SENDER: {"balance": "0x08583b00", "code": "0x", "nonce": "0x00", "storage": {"_comment": "nothing"}}},
        "post": {
            "Cancun": [{
                "hash": B256::ZERO, "logs": B256::ZERO, "txbytes": raw, "indexes": {"data": 0, "gas": 1, "value": 2}, "state": {},
            }],
            "Amsterdam": [{"unknown": 1}],
        },
        "transaction": {"sender": SENDER, "nonce": "0x00", "gasPrice": "0x0a", "data": ["0x"], "gasLimit": ["0x01fbd0"], "value": ["0x0a"], "to": "", "secretKey": KEY},
    })
}

#[test]
fn state_tests_become_block_files() {
    let test = json!({"sample": test()});
    let cases = state_test(test.to_string().as_bytes()).unwrap();
    let case = &cases[0];
    assert_eq!(
        (case.name.as_str(), case.variant.as_str()),
        ("sample", "d0g1v2")
    );
    let block = &case.block_file.blocks[0];
    assert_eq!(
        block.environment.prev_randao,
        B256::from(U256::from(0x20000))
    );
    assert_eq!(block.excess_blob_gas, 0x20);
    let json = case.block_file.to_json();
    let again = BlockFile::from_json(json.as_bytes()).unwrap();
    assert_eq!(again, case.block_file);
    let executed = execute(&again).unwrap();
    assert_eq!(
        Some(executed.blocks[0].transactions[0].event.sender),
        case.sender
    );
    assert_eq!(executed.blocks[0].transactions[0].gas_used, 21_000);
}

/// In state tests the hash of a block is the Keccak-256 of its number in decimal.
#[test]
fn earlier_blocks_have_the_hashes_of_state_tests() {
    let mut test = test();
    test["env"]["currentNumber"] = json!("1000");
    let cases = state_test(json!({"a": test}).to_string().as_bytes()).unwrap();
    let file = &cases[0].block_file;
    assert_eq!(file.parent.number, 999);
    assert_eq!(file.parent.block_hash, keccak256("999"));
    let older = &file.blocks[0].older_hashes;
    assert_eq!(older.len(), 255);
    assert_eq!(older[&744], keccak256("744"));
    assert_eq!(older[&998], keccak256("998"));
    execute_file(file, Settings::default()).unwrap();
    test["env"]["blockHashes"] = json!({"999": B256::ZERO});
    let error = state_test(json!({"a": test}).to_string().as_bytes()).unwrap_err();
    assert!(error.to_string().contains("a.env.blockHashes"), "{error}");
    // Nor can the parent have another.
    test["env"].as_object_mut().unwrap().remove("blockHashes");
    let read = |previous: B256| {
        let mut test = test.clone();
        test["env"]["previousHash"] = json!(previous);
        state_test(json!({"a": test}).to_string().as_bytes())
    };
    for same in [B256::ZERO, keccak256("999")] {
        let cases = read(same).unwrap();
        assert_eq!(cases[0].block_file.parent.block_hash, keccak256("999"));
    }
    let error = read(B256::repeat_byte(1)).unwrap_err();
    assert!(error.to_string().contains("a.env.previousHash"), "{error}");
}

#[test]
fn what_is_not_known_is_refused_with_its_path() {
    for (pointer, field) in [
        ("", "unknown"),
        ("/env", "unknown"),
        ("/config", "unknown"),
        ("/transaction", "unknown"),
        ("/post/Cancun/0", "unknown"),
        ("/post/Cancun/0/indexes", "unknown"),
    ] {
        let mut test = test();
        test.pointer_mut(pointer).unwrap()[field] = json!(1);
        let error = state_test(json!({"name": test}).to_string().as_bytes()).unwrap_err();
        let path = pointer.replace("/0", "[0]").replace('/', ".");
        let path = format!("name{path}.{field}: unknown field");
        assert!(error.to_string().starts_with(&path), "{error} / {path}");
    }
    let mut test = test();
    test["pre"][SENDER]["unknown"] = json!(1);
    let error = state_test(json!({"name": test}).to_string().as_bytes()).unwrap_err();
    let path = format!("name.pre[\"{SENDER}\"].unknown: unknown field");
    assert!(error.to_string().starts_with(&path), "{error}");
}
