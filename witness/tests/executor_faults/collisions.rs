//! Creations where storage is, and neither code nor a nonce (EIP-7610), among transactions that get into their way.

use alloy_primitives::{B256, keccak256};
use braid_witness::execution::{AccountState, Read, Status};
use revm::context::result::HaltReason;

use super::*;

fn left() -> AllocAccount {
    AllocAccount {
        balance: U256::from(5),
        storage: [
            (U256::from(4), U256::from(7)),
            (U256::from(2), U256::from(8)),
        ]
        .into(),
        ..AllocAccount::default()
    }
}

/// Executes a block in all ways. The account must end with its storage and this many wei more.
fn met(
    what: &str,
    address: Address,
    wei: u64,
    coinbase: Address,
    transactions: &[SignedTransaction],
    state: &State,
) -> BlockExecution {
    assert!(!state.is_ordinary());
    let executed = same_as_sequential(what, context(coinbase), transactions, state);
    let mut after = state.clone();
    after.apply(&executed.changes).unwrap();
    let expected = AccountState {
        balance: U256::from(5 + wei),
        ..AccountState::EMPTY
    };
    let found = StateReader::account(&after, &address).unwrap();
    assert_eq!(found, Some(expected), "{what}");
    for (slot, value) in left().storage {
        let found = StateReader::storage(&after, &address, &slot);
        assert_eq!(found, Ok(value), "{what}");
    }
    executed
}

/// The reads of storage of an account.
fn slots_read(executed: &BlockExecution, index: usize, of: Address) -> Vec<(U256, U256)> {
    let access = executed.transactions[index].access().unwrap();
    let reads = access.reads.iter().filter_map(|read| match read {
        Read::Storage {
            address,
            slot,
            value,
        } if *address == of => Some((*slot, *value)),
        _ => None,
    });
    reads.collect()
}

#[test]
fn a_creation_transaction_among_payments() {
    let made = sender(0).create(0);
    let init: [(&str, Vec<u8>); 3] = [
        ("deploys", vec![]),
        ("reverts", vec![0x60, 0, 0x60, 0, 0xfd]),
        ("destroys itself", vec![0x33, 0xff]),
    ];
    for (what, before) in init {
        for place in [0, 5, 11] {
            // All others pay the account a wei each.
            let mut transactions = sends(12, made);
            transactions.swap(0, place);
            let creation = &mut transactions[place];
            (creation.to, creation.data) = (None, deploy(&before, &COUNTER));
            let state = state(12, &[(made, left())]);
            let executed = met(what, made, 11, COINBASE, &transactions, &state);
            let receipt = &executed.transactions[place].receipt;
            let collided = Status::Halt(HaltReason::CreateCollision);
            assert_eq!((&receipt.status, receipt.gas_used), (&collided, 1_000_000));
            // One slot shows it.
            let one = (U256::from(2), U256::from(8));
            assert_eq!(slots_read(&executed, place, made), [one]);
        }
    }
}

/// All creations are of the same address, several in each transaction, and the creator's nonce is what they wait for each other.
#[test]
fn many_of_create_and_create2() {
    // CREATE2 and CREATE of nothing for nothing with a fifth of the gas each, three times: a call of the contract with one byte does one of them.
    let once = |code: &[u8]| {
        // CALLDATASIZE, JUMPI to the creation.
        let creation = [&[0x5b][..], code, &[0x50, 0x00]].concat();
        // Three times CALL itself with one byte and 200,000 gas.
        let call = [
            0x60, 0, 0x60, 0, 0x60, 1, 0x60, 0, 0x60, 0, 0x30, 0x62, 3, 0x0d, 0x40, 0xf1, 0x50,
        ];
        let calls = call.repeat(3);
        let at = 4 + calls.len() as u8 + 1;
        [&[0x36, 0x60, at, 0x57][..], &calls, &[0x00], &creation].concat()
    };
    let create2 = once(&[0x5f, 0x5f, 0x5f, 0x5f, 0xf5]);
    let create = once(&[0x5f, 0x5f, 0x5f, 0xf0]);
    let second = CONTRACT.create2(B256::ZERO, keccak256([]));
    let of_nonce = CONTRACT.create(7);
    for (what, code, made, others) in [
        ("CREATE2", create2, second, 0),
        // All other nonces make contracts.
        ("CREATE", create, of_nonce, 23),
    ] {
        let state = state(8, &[(CONTRACT, contract(&code)), (made, left())]);
        let transactions = sends(8, CONTRACT);
        for coinbase in [COINBASE, made] {
            // As the coinbase it is tipped two wei a gas.
            let gas = |executed: &BlockExecution| executed.gas_used;
            let tips = match coinbase == made {
                false => 0,
                true => {
                    let run = execute(context(coinbase), &transactions, &state, 1);
                    2 * gas(&run.unwrap())
                }
            };
            let executed = met(what, made, tips, coinbase, &transactions, &state);
            let created = executed.changes.accounts.iter();
            let created =
                created.filter(|change| change.before.is_none() && change.address != coinbase);
            assert_eq!(created.count(), others, "{what}");
            let creator = executed.changes.accounts.iter();
            let mut creator = creator.filter(|change| change.address == CONTRACT);
            let creator = creator.next().unwrap().after.unwrap();
            assert_eq!(creator.nonce, 1 + 24, "{what}");
            // A transaction that meets it three times reads its slot once.
            let reads: Vec<usize> = (0..8)
                .map(|index| slots_read(&executed, index, made).len())
                .collect();
            match others {
                0 => assert_eq!(reads, [1; 8]),
                _ => assert_eq!(reads, [0, 0, 1, 0, 0, 0, 0, 0]),
            }
        }
    }
}

/// Its sender has a key, perhaps: with a nonce it is as any other.
#[test]
fn an_account_with_storage_that_sends() {
    let made = sender(0).create(0);
    let owner = AllocAccount {
        balance: rich().balance,
        ..left()
    };
    let state = state(4, &[(made, owner)]);
    let mut transactions = sends(4, made);
    transactions[1].sender = made;
    transactions[1].to = Some(sender(3));
    (transactions[2].to, transactions[2].data) = (None, deploy(&[], &COUNTER));
    transactions[2].sender = sender(0);
    transactions[0].sender = sender(2);
    let executed = same_as_sequential("sends", context(COINBASE), &transactions, &state);
    let collided = Status::Halt(HaltReason::CreateCollision);
    assert_eq!(executed.transactions[2].receipt.status, collided);
    assert_eq!(executed.transactions[1].receipt.status, Status::Success);
}
