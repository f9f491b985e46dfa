//! What is rare and must not matter to the executor: stores that fail or panic, pools without threads to spare, blocks of no or very many transactions,
//! a coinbase that takes part in its own block, transactions that ask for very much memory, creations where storage is.

mod collisions;
mod memory;
mod roles;
mod sizes;
mod stores;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use alloy_primitives::{Address, Bytes, U256};
use braid_witness::block_file::AllocAccount;
use braid_witness::execution::parallel::{BlockExecution, Options, Stop, execute_block};
use braid_witness::execution::{BlockContext, BlockHashes, Detail, StateReader};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;

use support::{chained, content, context, in_order, sequential, transaction};

const WORKERS: [usize; 4] = [1, 2, 4, 16];
const DETAILS: [Detail; 2] = [Detail::Accesses, Detail::Receipts];
/// A block that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const COINBASE: Address = Address::repeat_byte(0xcb);
const CONTRACT: Address = Address::repeat_byte(0xcc);

fn sender(index: usize) -> Address {
    Address::from_word(U256::from(0x1_0000 + index).into())
}

fn rich() -> AllocAccount {
    AllocAccount {
        balance: U256::from(1u64 << 60),
        ..AllocAccount::default()
    }
}

fn contract(code: &[u8]) -> AllocAccount {
    AllocAccount {
        nonce: 1,
        code: code.to_vec().into(),
        ..rich()
    }
}

/// Accounts and this many senders.
fn state(senders: usize, accounts: &[(Address, AllocAccount)]) -> State {
    let mut alloc: BTreeMap<_, _> = (0..senders).map(|i| (sender(i), rich())).collect();
    alloc.extend(accounts.iter().cloned());
    State::new(&alloc).unwrap()
}

/// Each sender sends a wei to the same address.
fn sends(count: usize, to: Address) -> Vec<SignedTransaction> {
    let one = U256::from(1);
    let each = |i| transaction(i, sender(i), Some(to), one, Bytes::new());
    (0..count).map(each).collect()
}

/// Code that gives out the code after it, for a creation.
fn deploy(before: &[u8], code: &[u8]) -> Bytes {
    let (length, offset) = (code.len() as u8, before.len() as u8 + 12);
    // CODECOPY of the rest to 0, RETURN.
    let copy = [
        0x60, length, 0x60, offset, 0x60, 0, 0x39, 0x60, length, 0x60, 0, 0xf3,
    ];
    [before, &copy, code].concat().into()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().unwrap()
}

fn execute(
    context: BlockContext,
    transactions: &[SignedTransaction],
    base: &dyn StateReader,
    workers: usize,
) -> core::result::Result<BlockExecution, Stop> {
    execute_with(Detail::Accesses, context, transactions, base, workers)
}

fn execute_with(
    detail: Detail,
    context: BlockContext,
    transactions: &[SignedTransaction],
    base: &dyn StateReader,
    workers: usize,
) -> core::result::Result<BlockExecution, Stop> {
    let options = Options {
        workers,
        detail,
        ..Options::default()
    };
    execute_block(
        context,
        &BlockHashes::default(),
        transactions,
        base,
        options,
    )
}

/// Does something on another thread; a hang is a failure.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (give, take) = mpsc::channel();
    std::thread::spawn(move || give.send(work()));
    take.recv_timeout(PATIENCE).expect("it ends in time")
}

/// Executes a block with all numbers of workers; each time it must leave what revm as it comes leaves.
fn same_as_sequential(
    what: &str,
    context: BlockContext,
    transactions: &[SignedTransaction],
    state: &State,
) -> BlockExecution {
    let (expected, after) = sequential(context, transactions, state.clone());
    assert_eq!(
        expected.len(),
        transactions.len(),
        "{what}: a transaction is refused"
    );
    let executions = WORKERS.map(|workers| {
        let pool = pool(workers);
        let executed = pool.install(|| execute(context, transactions, state, workers));
        let executed = executed.unwrap_or_else(|stop| panic!("{what}: {stop:?}"));
        let gas = executed
            .transactions
            .iter()
            .map(|done| done.receipt.gas_used);
        let expected = expected.iter().map(|(gas, _, _)| *gas);
        assert_eq!(
            gas.collect::<Vec<_>>(),
            expected.collect::<Vec<_>>(),
            "{what}"
        );
        let mut found = state.clone();
        found.apply(&executed.changes).unwrap();
        let (found, expected) = (content(&found), content(&after));
        for (address, account) in &expected {
            let other = found.iter().find(|(known, _)| known == address);
            assert_eq!(
                other.map(|(_, other)| other),
                Some(account),
                "{what}: {address}"
            );
        }
        assert_eq!(found.len(), expected.len(), "{what}");
        chained(state, &context, &executed);
        let brief =
            || execute_with(Detail::Receipts, context, transactions, state, workers).unwrap();
        let brief = pool.install(brief);
        assert_eq!(in_order(&brief.changes), in_order(&executed.changes));
        for (one, other) in brief.transactions.iter().zip(&executed.transactions) {
            assert_eq!(one.receipt, other.receipt, "{what}");
        }
        executed
    });
    let [alone, ..] = executions;
    alone
}

/// `storage[0] += 1`.
const COUNTER: [u8; 9] = [0x60, 1, 0x60, 0, 0x54, 0x01, 0x60, 0, 0x55];

/// Transfers to one address, a hot contract, creations: all that touches the store.
fn mixed() -> (State, Vec<SignedTransaction>) {
    let state = state(48, &[(CONTRACT, contract(&COUNTER))]);
    let mut transactions = sends(48, CONTRACT);
    for (index, transaction) in transactions.iter_mut().enumerate() {
        match index % 3 {
            0 => transaction.to = Some(COINBASE),
            1 => transaction.to = Some(CONTRACT),
            _ => (transaction.to, transaction.data) = (None, deploy(&COUNTER, &[0; 3])),
        }
    }
    (state, transactions)
}
