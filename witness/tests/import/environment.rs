//! `env.json`: what is used, what follows from it, what is refused.

use super::*;
use braid_witness::Rules;

/// An environment of block 5 that gives all it must.
fn environment() -> Value {
    json!({
        "currentCoinbase": Address::repeat_byte(0xc0), "currentGasLimit": "0x1c9c380", "currentNumber": "0x5", "currentTimestamp": "0x3e8",
        "currentBaseFee": "0x7", "currentRandom": "0x9",
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut environment = environment();
    change(&mut environment);
    environment
}

fn imported(environment: &Value) -> BlockFile {
    let folder = small_folder(environment, &json!([]));
    let file = t8n_folder(folder.path(), 1, Rules::Cancun).unwrap();
    let again = BlockFile::from_json(file.to_json().as_bytes()).unwrap();
    assert_eq!(again, file);
    file
}

fn refused(field: &str, change: impl FnOnce(&mut Value)) -> String {
    let folder = small_folder(&with(change), &json!([]));
    let error = refusal(folder.path());
    assert!(error.starts_with(&format!("env.{field}: ")), "{error}");
    error
}

#[test]
fn hashes_of_earlier_blocks_are_passed_on() {
    let [a, b] = [0xaa, 0xbb].map(B256::repeat_byte);
    let hashes = |env: &Value| {
        let file = imported(env);
        (
            file.parent.block_hash,
            Vec::from_iter(file.blocks[0].older_hashes.clone()),
        )
    };
    assert_eq!(hashes(&environment()), (B256::ZERO, vec![]));
    let given = with(|env| env["blockHashes"] = json!({"4": a, "0x1": b, "_comment": 1}));
    assert_eq!(hashes(&given), (a, vec![(1, b)]));
    let given = with(|env| env["previousHash"] = json!(b));
    assert_eq!(hashes(&given), (b, vec![]));
    let given = with(|env| {
        env["previousHash"] = json!(a);
        env["blockHashes"] = json!({"4": a});
    });
    assert_eq!(hashes(&given), (a, vec![]));
    refused("previousHash", |env| {
        env["previousHash"] = json!(b);
        env["blockHashes"] = json!({"4": a});
    });
    refused("blockHashes", |env| env["blockHashes"] = json!({"5": a}));
    refused("blockHashes[\"3\"]", |env| {
        env["blockHashes"] = json!({"3": a, "0x3": a});
    });
    refused("blockHashes", |env| {
        env["currentNumber"] = json!("1000");
        env["blockHashes"] = json!({"742": a});
    });
}

#[test]
fn the_base_fee_follows_from_the_parent() {
    let fee = |parent: u64, limit: u64, used: u64| {
        let environment = with(|env| {
            env.as_object_mut().unwrap().remove("currentBaseFee");
            env["parentBaseFee"] = json!(parent);
            env["parentGasLimit"] = json!(limit);
            env["parentGasUsed"] = json!(used);
        });
        imported(&environment).blocks[0].environment.base_fee
    };
    // EIP-1559 by hand: at the target, full, empty, hardly above it (at least 1 more), half of the way.
    for (parent, limit, used, right) in [
        (1_000, 30_000_000, 15_000_000, 1_000_u64),
        (1_000, 30_000_000, 30_000_000, 1_125),
        (1_000, 30_000_000, 0, 875),
        (1, 30_000_000, 15_000_001, 2),
        (1_000, 30_000_000, 22_500_000, 1_062),
        (0x500, 0x75_0a16_3df6_5e8a, 0, 0x460),
    ] {
        assert_eq!(fee(parent, limit, used), U256::from(right));
    }
    // What the block says itself counts.
    let both = with(|env| env["parentBaseFee"] = json!("0x100"));
    assert_eq!(
        imported(&both).blocks[0].environment.base_fee,
        U256::from(7)
    );

    let parent = json!({"parentBaseFee": 10, "parentGasLimit": 100, "parentGasUsed": 50});
    for missing in ["parentBaseFee", "parentGasLimit", "parentGasUsed"] {
        let named = match missing {
            "parentBaseFee" => "currentBaseFee",
            other => other,
        };
        refused(named, |env| {
            env.as_object_mut().unwrap().remove("currentBaseFee");
            for (field, value) in parent.as_object().unwrap() {
                if field != missing {
                    env[field] = value.clone();
                }
            }
        });
    }
    for (field, value) in [
        ("parentGasLimit", json!(1)),
        ("parentGasUsed", json!(101)),
        ("parentBaseFee", json!("0xffffffffffffffff")),
    ] {
        refused(field, |env| {
            env.as_object_mut().unwrap().remove("currentBaseFee");
            for (field, value) in parent.as_object().unwrap() {
                env[field] = value.clone();
            }
            env[field] = value;
        });
    }
}

#[test]
fn excess_blob_gas_is_given_or_follows_from_the_parent() {
    let gas = |fields: Value| {
        let environment = with(|env| {
            for (field, value) in fields.as_object().unwrap() {
                env[field] = value.clone();
            }
        });
        imported(&environment).blocks[0].excess_blob_gas
    };
    assert_eq!(gas(json!({})), 0);
    assert_eq!(gas(json!({"currentExcessBlobGas": "0x20"})), 32);
    // EIP-4844: what is above the target of 393,216.
    for (excess, used, right) in [
        (0, 393_216, 0_u64),
        (0, 393_217, 1),
        (1_000_000, 786_432, 1_393_216),
        (100, 0, 0),
    ] {
        let parent = json!({"parentExcessBlobGas": excess, "parentBlobGasUsed": used});
        assert_eq!(gas(parent), right);
    }
    // A price above 128 bits.
    for gas in [json!(296_199_158), json!("0xffffffffffffffff")] {
        refused("currentExcessBlobGas", |env| {
            env["currentExcessBlobGas"] = gas.clone();
        });
        refused("parentExcessBlobGas", |env| {
            env["parentExcessBlobGas"] = gas.clone();
            env["parentBlobGasUsed"] = json!(393_216);
        });
    }
    refused("parentBlobGasUsed", |env| {
        env["parentExcessBlobGas"] = json!(1);
    });
    refused("parentExcessBlobGas", |env| {
        env["parentBlobGasUsed"] = json!(1)
    });
    refused("parentExcessBlobGas", |env| {
        env["parentExcessBlobGas"] = json!(u64::MAX);
        env["parentBlobGasUsed"] = json!(1);
    });
}

#[test]
fn the_beacon_root_and_the_parents_timestamp_are_passed_on() {
    let root = B256::repeat_byte(0xbe);
    let given = with(|env| {
        env["parentBeaconBlockRoot"] = json!(root);
        env["parentTimestamp"] = json!("0x3e0");
    });
    let file = imported(&given);
    assert_eq!(file.blocks[0].parent_beacon_block_root, Some(root));
    assert_eq!(file.parent.timestamp, 0x3e0);
    refused("parentTimestamp", |env| {
        env["parentTimestamp"] = json!(1001)
    });
}

/// A field that says nothing, or nothing beside another one, is well-formed all the same.
#[test]
fn what_is_not_used_must_be_well_formed() {
    let fields = [
        "currentBlobGasUsed",
        "currentDataGasUsed",
        "slotNumber",
        "parentBaseFee",
        "parentGasUsed",
        "parentGasLimit",
        "parentExcessBlobGas",
        "parentBlobGasUsed",
    ];
    let beside = |field: &'static str, value: Value| {
        with(|env| {
            env["currentExcessBlobGas"] = json!("0x1");
            env[field] = value;
        })
    };
    for field in fields {
        let unused = imported(&beside(field, json!("0x20000")));
        assert_eq!(unused.blocks[0].environment.base_fee, U256::from(7));
        assert_eq!(unused.blocks[0].excess_blob_gas, 1);
        // The path is that of the field's own name.
        let named = field.replace("DataGas", "BlobGas");
        for wrong in ["", "0x", "x", "0x0x1", "-1", "1.5"] {
            refused(&named, |env| {
                env["currentExcessBlobGas"] = json!("0x1");
                env[field] = json!(wrong);
            });
        }
    }
}

#[test]
fn what_the_rollup_does_not_have_is_refused() {
    let nothing = with(|env| {
        env["withdrawals"] = json!([]);
        env["ommers"] = json!([]);
        env["parentDifficulty"] = json!("0x0");
        env["parentUncleHash"] =
            json!("0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");
        env["currentDifficulty"] = json!(null);
        env["currentBlobGasUsed"] = json!("0x2000");
        env["_comment"] = json!({"any": ["thing"]});
    });
    assert_eq!(imported(&nothing), imported(&environment()));
    refused("withdrawals", |env| env["withdrawals"] = json!([{}]));
    refused("ommers", |env| env["ommers"] = json!([{"delta": 1}]));
    refused("parentDifficulty", |env| env["parentDifficulty"] = json!(1));
    refused("parentUncleHash", |env| {
        env["parentUncleHash"] = json!(B256::repeat_byte(1));
    });
    refused("currentDifficulty", |env| {
        env["currentDifficulty"] = json!(8)
    });
    assert_eq!(
        imported(&with(|env| env["currentDifficulty"] = json!(9))),
        imported(&environment())
    );
    refused("currentRandom", |env| {
        env.as_object_mut().unwrap().remove("currentRandom");
    });
    for field in ["foo", "requestsHash", "currentSlot", "extraData"] {
        let error = refused(field, |env| env[field] = json!(1));
        assert!(error.contains("unknown field"), "{error}");
    }
    let error = refused("currentGasLimit", |env| env["currentGasLimit"] = json!(1.5));
    assert!(!error.contains("line"), "{error}");
}

#[test]
fn accounts_are_read_strictly_and_may_have_comments() {
    let folder = small_folder(&environment(), &json!([]));
    write(
        folder.path(),
        "alloc.json",
        &json!({"_comment": "two", SENDER: {"balance": "1", "_comment": [], "storage": {"_comment": 1, "0x1": "0x2"}}}),
    );
    let file = t8n_folder(folder.path(), 1, Rules::Cancun).unwrap();
    assert_eq!(file.alloc.len(), 1);
    write(
        folder.path(),
        "alloc.json",
        &json!({SENDER: {"balance": "1", "storageRoot": "0x"}}),
    );
    let path = format!("alloc[\"{SENDER}\"].storageRoot: unknown field");
    assert!(refusal(folder.path()).starts_with(&path));
    for key in [
        format!("0x{SENDER}"),
        SENDER.replace("0x", "0X"),
        SENDER.replace("0x", "0x0X"),
        format!("{SENDER} "),
        SENDER[..41].to_owned(),
    ] {
        write(
            folder.path(),
            "alloc.json",
            &json!({&key: {"balance": "1"}}),
        );
        let path = format!("alloc[{key:?}]: ");
        assert!(refusal(folder.path()).starts_with(&path), "{key}");
    }
}
