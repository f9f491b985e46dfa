//! The root of the parent's beacon block, of which the beacon roots contract is told (EIP-4788).

use alloy_eips::eip4788::{BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE, SYSTEM_ADDRESS};

use super::*;

pub(crate) fn with_contract(mut file: BlockFile, code: &[u8]) -> BlockFile {
    let account = AllocAccount {
        code: Bytes::copy_from_slice(code),
        nonce: 1,
        ..AllocAccount::default()
    };
    file.alloc.insert(BEACON_ROOTS_ADDRESS, account);
    file.blocks[0].parent_beacon_block_root = Some(ROOT);
    file
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
        assert_eq!(after.state(), start.state());
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
        assert_eq!(everywhere(&failing).state(), start.state());
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
