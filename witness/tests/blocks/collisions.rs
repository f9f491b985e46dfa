//! Creations at addresses that have storage, and neither code nor a nonce (EIP-7610).

use alloy_primitives::{address, hex};
use braid_witness::execution::{AccountState, StateReader, Status, execute_file};
use revm::context::result::HaltReason;

use super::context::beacon_root::with_contract;
use super::context::{everywhere, slot};
use super::*;

const FACTORY: Address = address!("00000000000000000000000000000000000000fa");

/// `storage[1] = create(value, 0, 0) + 1`: a contract without code, at the address that follows from the nonce. The byte is CALLVALUE, or PUSH0 for no wei.
const CREATE: &[u8] = &hex!("5f5f34f060010160015500");
/// `storage[1] = create2(callvalue, 0, 0, calldata[0]) + 1`.
const CREATE2: &[u8] = &hex!("5f355f5f34f560010160015500");
/// `storage[1] = create(1, 0, 0) + 1`.
const CREATE_WITH_A_WEI: &[u8] = &hex!("5f5f6001f060010160015500");

const GAS: u64 = 2_000_000;
/// 21,000 for the transaction, two PUSH0 and CALLVALUE, CREATE.
const BEFORE_CREATE: u64 = 21_000 + 2 + 2 + 2 + 32_000;
/// PUSH1, ADD, PUSH1 and the first write of a slot (EIP-2929).
const AFTER: u64 = 3 + 3 + 3 + 22_100;

/// Five wei and two slots.
fn left() -> AllocAccount {
    AllocAccount {
        balance: U256::from(5),
        storage: [(1, 0x63), (7, 3)]
            .map(|(slot, value)| (U256::from(slot), U256::from(value)))
            .into(),
        ..AllocAccount::default()
    }
}

fn factory(code: &[u8]) -> AllocAccount {
    AllocAccount {
        nonce: 1,
        code: Bytes::copy_from_slice(code),
        ..AllocAccount::default()
    }
}

/// The next transaction of the only sender.
fn sent(nonce: u64, to: Option<Address>, value: u64, data: impl Into<Bytes>) -> Bytes {
    let draft = Draft {
        to,
        nonce,
        gas_limit: GAS,
        value: U256::from(value),
        data: data.into(),
        ..draft()
    };
    draft.sign(&key()).unwrap()
}

fn salt(salt: u64) -> Bytes {
    Bytes::from(U256::from(salt).to_be_bytes::<32>())
}

/// These transactions in a block, on a state with these accounts too: how each ended with how much gas, and the state.
fn run(
    accounts: &[(Address, AllocAccount)],
    transactions: Vec<Bytes>,
) -> (Vec<(Status, u64)>, MemoryChain) {
    let mut file = file(transactions);
    file.blocks[0].environment.gas_limit = 1 << 40;
    file.alloc.extend(accounts.iter().cloned());
    let after = everywhere(&file);
    let (execution, _) = execute_file(&file, Settings::default()).unwrap();
    let outcomes = execution.blocks[0].execution.transactions.iter();
    let receipts = outcomes.map(|outcome| {
        let receipt = &outcome.receipt;
        (receipt.status.clone(), receipt.gas_used)
    });
    (receipts.collect(), after)
}

fn account(chain: &MemoryChain, address: Address) -> Option<AccountState> {
    StateReader::account(chain.state(), &address).unwrap()
}

/// As it was, with more wei.
fn is_left(chain: &MemoryChain, address: Address, more: u64) {
    let expected = AccountState {
        balance: U256::from(5 + more),
        ..AccountState::EMPTY
    };
    assert_eq!(account(chain, address), Some(expected));
    assert_eq!(slot(chain, address, 1), U256::from(0x63));
    assert_eq!(slot(chain, address, 7), U256::from(3));
}

fn nonce(chain: &MemoryChain, address: Address) -> u64 {
    account(chain, address).unwrap().nonce
}

#[test]
fn a_creation_transaction_fails_where_storage_is() {
    let sender = key().address();
    let (met, free) = (sender.create(1), sender.create(2));
    let transactions = vec![
        // Others may pay the account.
        sent(0, Some(met), 2, []),
        sent(1, None, 3, []),
        sent(2, None, 3, []),
        sent(3, Some(met), 2, []),
    ];
    let (receipts, after) = run(&[(met, left())], transactions);
    let collided = Status::Halt(HaltReason::CreateCollision);
    assert_eq!(receipts[1], (collided, GAS));
    for index in [0, 2, 3] {
        assert_eq!(receipts[index].0, Status::Success);
    }
    is_left(&after, met, 4);
    assert_eq!(nonce(&after, sender), 4);
    // A creation leaves a contract with a nonce (EIP-161).
    assert_eq!(nonce(&after, free), 1);
}

#[test]
fn create_and_create2_fail_where_storage_is() {
    let met = FACTORY.create(1);
    let (receipts, after) = run(
        &[(met, left()), (FACTORY, factory(CREATE))],
        vec![sent(0, Some(FACTORY), 0, [])],
    );
    // All but a 64th of the gas is gone (EIP-150).
    let used = GAS - (GAS - BEFORE_CREATE) / 64 + AFTER;
    assert_eq!(receipts, [(Status::Success, used)]);
    is_left(&after, met, 0);
    assert_eq!(nonce(&after, FACTORY), 2);
    assert_eq!(slot(&after, FACTORY, 1), U256::from(1));

    let created = |with: u64| FACTORY.create2(B256::from(U256::from(with)), keccak256([]));
    let (receipts, after) = run(
        &[(created(77), left()), (FACTORY, factory(CREATE2))],
        vec![
            sent(0, Some(FACTORY), 9, salt(77)),
            sent(1, Some(FACTORY), 0, salt(77)),
            sent(2, Some(FACTORY), 1, salt(78)),
        ],
    );
    assert!(
        receipts
            .iter()
            .all(|(status, _)| *status == Status::Success)
    );
    // PUSH0 and CALLDATALOAD in place of nothing; 31 bytes of zero and one that is not.
    let before = BEFORE_CREATE + 2 + 3 + 31 * 4 + 16;
    let used = GAS - (GAS - before) / 64 + AFTER;
    assert_eq!(receipts[0].1, used);
    // The slot is warm in no other transaction, and is written as what it is.
    assert_eq!(receipts[1].1, used - 22_100 + 2_200);
    is_left(&after, created(77), 0);
    assert_eq!(nonce(&after, FACTORY), 4);
    let address = U256::from_be_bytes(created(78).into_word().0);
    assert_eq!(slot(&after, FACTORY, 1), address + U256::from(1));
    assert_eq!(account(&after, created(78)).unwrap().balance, U256::from(1));
}

/// The address of a creation that ends before is not looked at: gas and nonce are the creator's.
#[test]
fn a_creation_without_funds_meets_nothing() {
    let met = FACTORY.create(1);
    let (receipts, after) = run(
        &[(met, left()), (FACTORY, factory(CREATE_WITH_A_WEI))],
        vec![sent(0, Some(FACTORY), 0, [])],
    );
    // PUSH1 in place of CALLVALUE.
    let used = BEFORE_CREATE + 1 + AFTER;
    assert_eq!(receipts, [(Status::Success, used)]);
    assert_eq!(nonce(&after, FACTORY), 1);
    is_left(&after, met, 0);
}

/// What has wei alone, or slots that are zero, is no contract.
#[test]
fn a_creation_meets_nothing_but_storage() {
    let sender = key().address();
    let [wei, zeros, other] = [0, 1, 2].map(|nonce| sender.create(nonce));
    let zero = [(U256::from(1), U256::ZERO)].into();
    let accounts = [
        (
            wei,
            AllocAccount {
                storage: Default::default(),
                ..left()
            },
        ),
        (
            zeros,
            AllocAccount {
                storage: zero,
                ..left()
            },
        ),
        // So that the state has storage that is no contract's.
        (Address::repeat_byte(0x1e), left()),
    ];
    let creations = (0..3).map(|nonce| sent(nonce, None, 0, []));
    let (receipts, after) = run(&accounts, creations.collect());
    for (status, _) in receipts {
        assert_eq!(status, Status::Success);
    }
    for made in [wei, zeros, other] {
        assert_eq!(nonce(&after, made), 1);
    }
}

#[test]
fn the_beacon_roots_contract_creates_nothing_where_storage_is() {
    let owner = alloy_eips::eip4788::BEACON_ROOTS_ADDRESS;
    let met = owner.create(1);
    let mut file = with_contract(file(vec![]), CREATE);
    file.alloc.insert(met, left());
    let after = everywhere(&file);
    is_left(&after, met, 0);
    assert_eq!(slot(&after, owner, 1), U256::from(1));
    assert_eq!(nonce(&after, owner), 2);
}

/// Nothing with a creation is proved, whatever it meets.
#[test]
fn a_creation_that_fails_is_not_proved() {
    let mut file = file(vec![sent(0, None, 0, [])]);
    file.blocks[0].environment.gas_limit = 1 << 40;
    file.alloc.insert(key().address().create(0), left());
    let Error::NotProvable(refused) = execute(&file).map(|_| ()).unwrap_err() else {
        panic!("not refused as what cannot be proved");
    };
    assert_eq!(refused[0].reason, NotProvable::CreatesContract);
}
