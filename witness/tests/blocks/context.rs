//! What a block is told beside its environment: hashes of earlier blocks, excess blob gas, the parent's beacon root.

use alloy_eips::eip4788::{BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE, SYSTEM_ADDRESS};
use alloy_primitives::{address, hex};
use braid_witness::execution::baseline::run_sequentially;
use braid_witness::execution::changed::Changed;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{
    Detail, ExecutedBlock, Options, StateChanges, StateReader, execute_next,
};
use braid_witness::store::{Ahead, Genesis, Store};

use super::*;

const CONTRACT: Address = address!("00000000000000000000000000000000000000c0");

/// `storage[1] = blockhash(calldata[0]); storage[2] = blobbasefee + 1`.
const PROBE: &[u8] = &hex!("5f35406001554a60010160025500");

/// A block of one call of `CONTRACT`, which has this code.
fn call(code: &[u8], data: U256) -> BlockFile {
    let call = Draft {
        to: Some(CONTRACT),
        gas_limit: 1_000_000,
        data: Bytes::from(data.to_be_bytes::<32>()),
        ..draft()
    };
    let mut file = file(vec![call.sign(&key()).unwrap()]);
    let account = AllocAccount {
        code: Bytes::copy_from_slice(code),
        nonce: 1,
        ..AllocAccount::default()
    };
    file.alloc.insert(CONTRACT, account);
    file
}

pub(super) fn with_contract(mut file: BlockFile, code: &[u8]) -> BlockFile {
    let account = AllocAccount {
        code: Bytes::copy_from_slice(code),
        nonce: 1,
        ..AllocAccount::default()
    };
    file.alloc.insert(BEACON_ROOTS_ADDRESS, account);
    file.blocks[0].parent_beacon_block_root = Some(ROOT);
    file
}

const ROOT: B256 = B256::repeat_byte(0xbe);

/// Executes a file in every way there is, all with the same state, and gives the chain after it.
pub(super) fn everywhere(file: &BlockFile) -> MemoryChain {
    let (execution, after) = execute_file(file, Settings::default()).unwrap();
    for (workers, detail) in [
        (1, Detail::Receipts),
        (2, Detail::Receipts),
        (2, Detail::Accesses),
    ] {
        let options = Options {
            workers,
            detail,
            ..Options::default()
        };
        let settings = Settings {
            options,
            ..Settings::default()
        };
        let (_, other) = execute_file(file, settings).unwrap();
        assert_eq!(other.position(), after.position());
        let folder = tempfile::tempdir().unwrap();
        drop(Store::init(folder.path(), &Genesis::from(file)).unwrap());
        let untouched = tempfile::tempdir().unwrap();
        let base = Store::init(untouched.path(), &Genesis::from(file)).unwrap();
        let mut ahead = Ahead::new(base.snapshot().unwrap()).unwrap();
        for block in &file.blocks {
            let mut store = Store::open(folder.path(), None).unwrap();
            execute_next(&mut store, block, settings).unwrap();
            execute_next(&mut ahead, block, settings).unwrap();
        }
        let store = Store::open(folder.path(), None).unwrap();
        assert_eq!(store.position(), after.position());
        assert_eq!(store.block_hashes(), after.block_hashes());
        assert_eq!(ahead.position(), after.position());
        assert_eq!(ahead.block_hashes(), after.block_hashes());
        store.check().unwrap();
    }
    sequentially(file, &execution.blocks);
    after
}

/// revm as it comes, one transaction after the other, uses the same gas.
fn sequentially(file: &BlockFile, blocks: &[ExecutedBlock]) {
    let mut chain = MemoryChain::new(file).unwrap();
    for block in blocks {
        let context = block.context(file.chain_id);
        let mut hashes = chain.block_hashes();
        hashes
            .add_older(block.environment.number, &block.older_hashes)
            .unwrap();
        let state = Changed::new(chain.state(), &block.before_transactions).unwrap();
        let inputs = block.transactions.iter();
        let inputs = inputs.map(|sent| transaction_input(sent, file.chain_id));
        let baseline = run_sequentially(context, &hashes, &state, inputs.collect()).unwrap();
        assert_eq!(baseline.gas_used(), block.execution.gas_used);
        let (changes, older, end) = (&block.execution.changes, &block.older_hashes, block.end);
        chain.commit(changes, older, &mut |_| end).unwrap();
    }
}

pub(super) fn slot(chain: &MemoryChain, owner: Address, slot: u64) -> U256 {
    StateReader::storage(chain.state(), &owner, &U256::from(slot)).unwrap()
}

#[test]
fn blockhash_gives_the_hashes_that_are_given() {
    let given = B256::repeat_byte(0xab);
    // Of the parent, which the chain knows, of a given block, of the oldest that can be asked for, and of blocks that cannot be.
    let mut file = call(PROBE, U256::from(60));
    file.parent.block_hash = B256::repeat_byte(0xcd);
    file.blocks[0].older_hashes = [(60, given)].into();
    assert_eq!(
        slot(&everywhere(&file), CONTRACT, 1),
        U256::from_be_bytes(given.0)
    );
    // The parent's may be repeated.
    file.blocks[0]
        .older_hashes
        .insert(100, file.parent.block_hash);
    assert_eq!(
        slot(&everywhere(&file), CONTRACT, 1),
        U256::from_be_bytes(given.0)
    );
    for (asked, right) in [(100, U256::from_be_bytes([0xcd; 32])), (101, U256::ZERO)] {
        let mut file = call(PROBE, U256::from(asked));
        file.parent.block_hash = B256::repeat_byte(0xcd);
        assert_eq!(slot(&everywhere(&file), CONTRACT, 1), right);
    }
    // A later block needs not give them again.
    let mut later = call(PROBE, U256::from(60));
    let mut first = later.blocks[0].clone();
    first.transactions.clear();
    first.older_hashes = [(60, given)].into();
    later.blocks[0].environment.number += 1;
    later.blocks.insert(0, first);
    assert_eq!(
        slot(&everywhere(&later), CONTRACT, 1),
        U256::from_be_bytes(given.0)
    );
}

#[test]
fn a_hash_that_nobody_gave_is_a_refusal_that_says_what_to_do() {
    let mut file = call(PROBE, U256::from(60));
    file.blocks[0].older_hashes = [(61, B256::ZERO)].into();
    let error = execute_file(&file, Settings::default())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotProvable);
    let Error::NotProvable(refused) = &error else {
        panic!("{error}");
    };
    let reason = NotProvable::UnknownBlockHash {
        number: 60,
        block: 101,
    };
    assert_eq!(refused[0].transaction.map(|place| place.index), Some(0));
    assert_eq!(refused[0].reason, reason);
    assert!(
        error.to_string().contains("the hash of block 60"),
        "{error}"
    );
    let says = "give the hash of block 60 in `blockHashes` of block 101";
    assert_eq!(reason.remedy(), says);
    // The advice is right.
    file.blocks[0].older_hashes.insert(60, B256::ZERO);
    everywhere(&file);
}

#[test]
fn hashes_must_be_of_the_256_blocks_before_and_of_no_other_chain() {
    let fault = |number: u64, parent: u64, older: &[(u64, u8)]| {
        let mut file = file(vec![]);
        file.parent.number = parent;
        file.parent.block_hash = B256::repeat_byte(7);
        file.blocks[0].environment.number = number;
        let hashes = older.iter();
        let hashes = hashes.map(|(number, byte)| (*number, B256::repeat_byte(*byte)));
        file.blocks[0].older_hashes = hashes.collect();
        match execute_file(&file, Settings::default()) {
            Ok(_) => None,
            Err(Error::InvalidBlock { block, reason }) => {
                assert_eq!(block, number);
                Some(reason)
            }
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(fault(301, 300, &[(45, 1), (299, 2), (300, 7)]), None);
    for number in [44, 0, 301, 302, u64::MAX] {
        let expected = BlockFault::OlderHashNumber { number };
        assert_eq!(fault(301, 300, &[(number, 1)]), Some(expected), "{number}");
    }
    let expected = BlockFault::OlderHash {
        number: 300,
        given: B256::repeat_byte(8),
        known: B256::repeat_byte(7),
    };
    assert_eq!(fault(301, 300, &[(300, 8)]), Some(expected));
    // Near the first block there are fewer than 256.
    assert_eq!(fault(1, 0, &[(0, 7)]), None);
    assert!(fault(1, 0, &[(u64::MAX, 7)]).is_some());

    // Nor may a block contradict what one before it gave, or the hash that one before it got.
    let mut file = sample(&SampleConfig {
        blocks: 3,
        ..SampleConfig::new(5, 3)
    })
    .unwrap();
    file.blocks[0].older_hashes = [(50, B256::repeat_byte(1))].into();
    file.blocks[2].older_hashes = [(50, B256::repeat_byte(1))].into();
    everywhere(&file);
    for number in [50, 101, 102] {
        file.blocks[2].older_hashes = [(number, B256::repeat_byte(2))].into();
        let refused = execute_file(&file, Settings::default());
        assert!(
            matches!(refused.map(|_| ()).unwrap_err(), Error::InvalidBlock { block: 103, reason: BlockFault::OlderHash { number: found, .. } } if found == number)
        );
    }
}

#[test]
fn blobbasefee_follows_from_excess_blob_gas() {
    // fake_exponential(1, excess, 3338477) of EIP-4844, computed elsewhere.
    for (excess, fee) in [
        (0, 1_u64),
        (2_314_057, 1),
        (2_314_058, 2),
        (33_384_770, 22_026),
        (123_456_789, 11_486_776_553_980_105),
    ] {
        let mut file = call(PROBE, U256::from(101));
        file.blocks[0].excess_blob_gas = excess;
        let after = everywhere(&file);
        assert_eq!(slot(&after, CONTRACT, 2), U256::from(fee + 1), "{excess}");
    }
    // Nothing in a block of transfers sees it, so that it can be proved.
    let mut file = file(vec![draft().sign(&key()).unwrap()]);
    let plain = execute(&file).unwrap();
    file.blocks[0].excess_blob_gas = 33_384_770;
    file.blocks[0].older_hashes = [(60, B256::ZERO)].into();
    let executed = execute(&file).unwrap();
    assert_eq!(executed.blocks, plain.blocks);
}

#[test]
fn the_beacon_roots_contract_is_given_the_root_before_the_first_transaction() {
    // `mstore(0, calldata[0]); storage[1] = call of the beacon roots contract; storage[2] = what it returned`.
    let mut ask = hex!("5f355f5260205f60205f5f73").to_vec();
    ask.extend(BEACON_ROOTS_ADDRESS);
    ask.extend(hex!("5af16001555f5160025500"));
    let timestamp = 1_700_000_012_u64;
    let file = with_contract(call(&ask, U256::from(timestamp)), &BEACON_ROOTS_CODE);
    assert_eq!(file.blocks[0].environment.timestamp, timestamp);
    let after = everywhere(&file);
    assert_eq!(slot(&after, CONTRACT, 1), U256::ONE);
    assert_eq!(slot(&after, CONTRACT, 2), U256::from_be_bytes(ROOT.0));
    let place = timestamp % 8191;
    let stored = |at| slot(&after, BEACON_ROOTS_ADDRESS, at);
    assert_eq!(stored(place), U256::from(timestamp));
    assert_eq!(stored(place + 8191), U256::from_be_bytes(ROOT.0));
    // It costs the block no gas, and nobody any wei.
    let caller = after.state().account(SYSTEM_ADDRESS);
    assert_eq!(caller, None);

    let mut empty = file.clone();
    empty.blocks[0].transactions.clear();
    let (execution, _) = execute_file(&empty, Settings::default()).unwrap();
    assert_eq!(execution.gas_used(), 0);
    assert_eq!(execution.blocks[0].execution.changes.storage.len(), 2);
    let after = everywhere(&empty);
    assert_eq!(
        slot(&after, BEACON_ROOTS_ADDRESS, place),
        U256::from(timestamp)
    );
    // Without a root nothing happens, and without the contract neither.
    for change in [
        (|file: &mut BlockFile| file.blocks[0].parent_beacon_block_root = None) as fn(&mut _),
        |file: &mut BlockFile| {
            file.alloc.remove(&BEACON_ROOTS_ADDRESS);
        },
    ] {
        let mut quiet = empty.clone();
        change(&mut quiet);
        let (execution, after) = execute_file(&quiet, Settings::default()).unwrap();
        let start = MemoryChain::new(&quiet).unwrap();
        assert_eq!(after.tree().root(), start.tree().root());
        assert_eq!(
            execution.blocks[0].before_transactions,
            StateChanges::default()
        );
    }
}

#[test]
fn the_call_is_by_the_system_has_30_million_gas_and_may_fail() {
    // `storage[0] = gas; storage[1] = caller; storage[2] = callvalue + gasprice; storage[3] = calldatasize`.
    let probe = hex!("5a5f55336001553a3401600255366003555f3560045500");
    let file = with_contract(file(vec![]), &probe);
    let after = everywhere(&file);
    let stored = |at| slot(&after, BEACON_ROOTS_ADDRESS, at);
    assert_eq!(stored(0), U256::from(30_000_000 - 2));
    assert_eq!(stored(1), U256::from_be_bytes(SYSTEM_ADDRESS.into_word().0));
    assert_eq!(stored(2), U256::ZERO);
    assert_eq!(stored(3), U256::from(32));
    assert_eq!(stored(4), U256::from_be_bytes(ROOT.0));

    // A write and then a revert, or an invalid instruction.
    for code in [&hex!("60015f555f5ffd")[..], &hex!("60015f55fe")] {
        let mut failing = file.clone();
        failing.alloc.get_mut(&BEACON_ROOTS_ADDRESS).unwrap().code = Bytes::copy_from_slice(code);
        let start = MemoryChain::new(&failing).unwrap();
        assert_eq!(everywhere(&failing).tree().root(), start.tree().root());
    }
    // It asks for the hash of block 60.
    let mut asking = file.clone();
    asking.alloc.get_mut(&BEACON_ROOTS_ADDRESS).unwrap().code =
        Bytes::from_static(&hex!("603c405f5500"));
    let refused = execute_file(&asking, Settings::default()).map(|_| ());
    assert_eq!(
        refused.unwrap_err(),
        Error::NotProvable(vec![Unprovable::block(
            101,
            NotProvable::UnknownBlockHash {
                number: 60,
                block: 101
            },
        )])
    );
    asking.blocks[0].older_hashes = [(60, B256::repeat_byte(3))].into();
    let after = everywhere(&asking);
    assert_eq!(
        slot(&after, BEACON_ROOTS_ADDRESS, 0),
        U256::from_be_bytes([3; 32])
    );
}

/// Transactions change what the call has changed: the block's changes are those of both.
#[test]
fn what_transactions_do_to_the_same_slots_comes_after() {
    let call_it = Draft {
        to: Some(BEACON_ROOTS_ADDRESS),
        gas_limit: 1_000_000,
        ..draft()
    };
    let sent = |nonce| {
        Draft {
            nonce,
            ..call_it.clone()
        }
        .sign(&key())
        .unwrap()
    };
    // `storage[0] += 1`.
    let file = with_contract(file(vec![sent(0), sent(1)]), &hex!("5f546001015f5500"));
    let mut second = file.blocks[0].clone();
    second.environment.number += 1;
    second.transactions.clear();
    let mut file = BlockFile {
        blocks: vec![file.blocks[0].clone(), second],
        ..file
    };
    let after = everywhere(&file);
    assert_eq!(slot(&after, BEACON_ROOTS_ADDRESS, 0), U256::from(4));
    // `storage[0] = 1 - storage[0]`: the first transaction takes back what the call did.
    file.blocks.truncate(1);
    file.blocks[0].transactions.truncate(1);
    file.alloc.get_mut(&BEACON_ROOTS_ADDRESS).unwrap().code =
        Bytes::from_static(&hex!("5f546001035f5500"));
    let (execution, _) = execute_file(&file, Settings::default()).unwrap();
    assert_eq!(execution.blocks[0].before_transactions.storage.len(), 1);
    assert_eq!(execution.blocks[0].execution.changes.storage, []);
    assert_eq!(
        slot(&everywhere(&file), BEACON_ROOTS_ADDRESS, 0),
        U256::ZERO
    );
    // Each call creates a contract, whose code is `00`, and keeps its address in `storage[0]`.
    let creates = hex!("6460016000f35f526005601b5ff05f5500");
    let contract = file.alloc.get_mut(&BEACON_ROOTS_ADDRESS).unwrap();
    contract.code = Bytes::copy_from_slice(&creates);
    let after = everywhere(&file);
    for nonce in [1, 2] {
        let created = after.state().account(BEACON_ROOTS_ADDRESS.create(nonce));
        assert_eq!(created.unwrap().code.keccak, keccak256([0]));
    }
    let last = BEACON_ROOTS_ADDRESS.create(2).into_word();
    assert_eq!(
        slot(&after, BEACON_ROOTS_ADDRESS, 0),
        U256::from_be_bytes(last.0)
    );
}

#[test]
fn a_block_that_calls_the_beacon_roots_contract_is_not_provable() {
    let transfer = draft().sign(&key()).unwrap();
    let file = with_contract(file(vec![transfer]), &BEACON_ROOTS_CODE);
    everywhere(&file);
    let (execution, _) = execute_file(&file, Settings::default()).unwrap();
    let calls = Some(NotProvable::CallsBeaconRoots);
    assert_eq!(execution.blocks[0].not_provable, calls);
    let error = execute(&file).map(|_| ()).unwrap_err();
    let expected = Error::NotProvable(vec![Unprovable::block(101, NotProvable::CallsBeaconRoots)]);
    assert_eq!(error, expected);
    assert_eq!(error.kind(), ErrorKind::NotProvable);
    // Where there is no such contract nobody sees the root.
    let mut without = file.clone();
    without.alloc.remove(&BEACON_ROOTS_ADDRESS);
    let executed = execute(&without).unwrap();
    without.blocks[0].parent_beacon_block_root = None;
    assert_eq!(executed.blocks, execute(&without).unwrap().blocks);
}

#[test]
fn files_say_all_of_it_and_old_files_say_nothing() {
    let mut file = file(vec![]);
    let json = file.to_json();
    for field in ["blockHashes", "excessBlobGas", "parentBeaconBlockRoot"] {
        assert!(!json.contains(field));
    }
    file.blocks[0].older_hashes = [(9, B256::repeat_byte(1)), (10, B256::ZERO)].into();
    file.blocks[0].excess_blob_gas = u64::MAX;
    file.blocks[0].parent_beacon_block_root = Some(ROOT);
    let json = file.to_json();
    assert_eq!(BlockFile::from_json(json.as_bytes()).unwrap(), file);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let block = &json["blocks"][0];
    assert_eq!(
        block["blockHashes"]["0x9"],
        format!("0x{}", "01".repeat(32))
    );
    assert_eq!(block["excessBlobGas"], "0xffffffffffffffff");
    assert_eq!(
        block["parentBeaconBlockRoot"],
        format!("0x{}", "be".repeat(32))
    );
}
