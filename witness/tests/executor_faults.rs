//! What is rare and must not matter to the executor: stores that fail or panic, pools without threads to spare, blocks of no or very many transactions,
//! a coinbase that takes part in its own block, contracts made where storage is left.

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_witness::block_file::AllocAccount;
use braid_witness::execution::parallel::{BlockExecution, Options, Stop, execute_block};
use braid_witness::execution::{AccountState, BlockContext, BlockHashes, Detail, StateReader};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use braid_witness::{Error, Result};
use revm::state::Bytecode;

use support::{chained, content, context, in_order, sequential, transaction};

const WORKERS: [usize; 4] = [1, 2, 4, 16];
const DETAILS: [Detail; 2] = [Detail::Accesses, Detail::Receipts];
/// A block that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const COINBASE: Address = Address::repeat_byte(0xcb);
const BROKEN: Address = Address::repeat_byte(0xbb);
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

/// What goes wrong with a store.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Error,
    Panic,
}

/// A store that breaks at an address, or when it has been asked often enough.
struct Faulty {
    state: State,
    fault: Fault,
    at: Option<Address>,
    healthy: AtomicUsize,
}

impl Faulty {
    fn ask(&self, address: &Address) -> Result<()> {
        let spent = || {
            let left = self.healthy.load(Ordering::Relaxed);
            self.healthy
                .store(left.saturating_sub(1), Ordering::Relaxed);
            left == 0
        };
        if self.at != Some(*address) && !spent() {
            return Ok(());
        }
        match self.fault {
            Fault::Error => Err(Error::Internal("the store broke".to_owned())),
            Fault::Panic => panic!("the store broke"),
        }
    }
}

impl StateReader for Faulty {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        self.ask(address)?;
        StateReader::account(&self.state, address)
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        self.ask(address)?;
        StateReader::storage(&self.state, address, slot)
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        self.ask(&Address::ZERO)?;
        StateReader::code(&self.state, hash)
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        self.ask(address)?;
        self.state.slots(address)
    }

    fn is_ordinary(&self) -> bool {
        self.state.is_ordinary()
    }
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

#[test]
fn a_store_that_breaks_ends_the_block_with_a_typed_error() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        if !text.contains("the store broke") {
            eprintln!("{text}");
        }
    }));
    for fault in [Fault::Error, Fault::Panic] {
        let everywhere = [
            COINBASE,
            CONTRACT,
            sender(0),
            sender(20),
            sender(47),
            Address::ZERO,
        ];
        let places = everywhere.map(|at| (Some(at), usize::MAX));
        let moments = (0..75).step_by(3).map(|healthy| (None, healthy));
        let cases = places.into_iter().chain(moments);
        for ((at, healthy), detail) in cases.flat_map(|case| DETAILS.map(|detail| (case, detail))) {
            // What is not noted is asked for less often.
            if detail == Detail::Receipts && (60..usize::MAX).contains(&healthy) {
                continue;
            }
            for workers in WORKERS {
                let stop = in_time(move || {
                    let (state, transactions) = mixed();
                    let base = Faulty {
                        state,
                        fault,
                        at,
                        healthy: AtomicUsize::new(healthy),
                    };
                    let run =
                        || execute_with(detail, context(COINBASE), &transactions, &base, workers);
                    pool(workers.min(4)).install(run).map(|_| ())
                });
                let is_right = match (&stop, fault) {
                    (Err(Stop::Fatal(Error::Internal(text))), Fault::Error)
                    | (Err(Stop::Fatal(Error::Panicked(text))), Fault::Panic) => {
                        text == "the store broke"
                    }
                    _ => false,
                };
                assert!(
                    is_right,
                    "{fault:?} {at:?} {healthy}, {workers} workers, {detail:?}: {stop:?}"
                );
            }
        }
    }
}

/// A store that breaks at one address and lets nobody read another before it has.
struct Misleading {
    state: State,
    first: Address,
    broke: AtomicBool,
}

impl StateReader for Misleading {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        if *address == BROKEN {
            self.broke.store(true, Ordering::SeqCst);
            return Err(Error::Internal("the store broke".to_owned()));
        }
        let start = Instant::now();
        while *address == self.first && !self.broke.load(Ordering::SeqCst) {
            assert!(start.elapsed() < PATIENCE, "nobody is misled");
            std::thread::yield_now();
        }
        StateReader::account(&self.state, address)
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        StateReader::storage(&self.state, address, slot)
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        StateReader::code(&self.state, hash)
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        self.state.slots(address)
    }
}

#[test]
fn what_only_a_guess_reads_may_be_broken() {
    // Adds one to slot 0; only if it was zero and the caller is not the first sender, it asks for a balance that the store cannot tell.
    const END: u8 = 60;
    let count = [0x60, 0, 0x54, 0x80, 0x60, 1, 0x01, 0x60, 0, 0x55];
    let code = [
        &count,
        &[0x73][..],
        sender(0).as_slice(),
        &[0x33, 0x14, 0x17, 0x60, END, 0x57, 0x73],
        BROKEN.as_slice(),
        &[0x31, 0x50, 0x5b, 0x00],
    ]
    .concat();
    assert_eq!(code[usize::from(END)], 0x5b);
    let state = state(2, &[(CONTRACT, contract(&code))]);
    let transactions = sends(2, CONTRACT);
    same_as_sequential("healthy", context(COINBASE), &transactions, &state);
    in_time(move || {
        let base = Misleading {
            state,
            first: sender(0),
            broke: AtomicBool::new(false),
        };
        let run = || execute(context(COINBASE), &transactions, &base, 2);
        let executed = pool(2).install(run).unwrap();
        assert!(base.broke.load(Ordering::SeqCst));
        assert_eq!(executed.transactions.len(), 2);
    });
}

#[test]
fn pools_without_threads_to_spare() {
    let (state, transactions) = mixed();
    let context = context(COINBASE);
    let expected = execute(context, &transactions, &state, 1).unwrap();
    let (state, transactions) = (Arc::new(state), Arc::new(transactions));
    for threads in [1, 2, 3] {
        let (state, transactions) = (Arc::clone(&state), Arc::clone(&transactions));
        let same = in_time(move || {
            let run = || execute(context, &transactions, &*state, 16).unwrap();
            // Alone, inside of itself, and while the pool is busy with blocks of others.
            pool(threads).install(|| {
                let ((one, two), (three, four)) =
                    rayon::join(|| rayon::join(run, run), || rayon::join(run, run));
                [run(), one, two, three, four]
            })
        });
        for executed in same {
            assert_eq!(in_order(&executed.changes), in_order(&expected.changes));
            assert_eq!(executed.transactions, expected.transactions);
        }
    }
}

#[test]
fn blocks_of_hardly_any_transactions() {
    for count in 0..3 {
        let state = state(count, &[]);
        let executed =
            same_as_sequential("few", context(COINBASE), &sends(count, CONTRACT), &state);
        assert_eq!(executed.transactions.len(), count);
        assert_eq!(executed.gas_used, 21_000 * count as u64);
    }
}

#[test]
fn a_block_of_very_many_transfers() {
    const COUNT: usize = 1 << 16;
    const SENDERS: usize = 1 << 12;
    let state = state(SENDERS, &[]);
    let transactions = (0..COUNT).map(|index| {
        let to = match index % 3 {
            0 => CONTRACT,
            1 => sender(index * 7 % SENDERS),
            _ => sender(SENDERS + index),
        };
        let from = sender(index % SENDERS);
        let one = U256::from(1);
        let nonce = (index / SENDERS) as u64;
        let sent = transaction(index, from, Some(to), one, Bytes::new());
        SignedTransaction { nonce, ..sent }
    });
    let transactions: Vec<_> = transactions.collect();
    let [one, two, four] = [1, 2, 4].map(|workers| {
        let run = || execute(context(COINBASE), &transactions, &state, workers);
        pool(workers).install(run).unwrap()
    });
    assert_eq!(one.gas_used, 21_000 * COUNT as u64);
    for other in [two, four] {
        let [one_changes, other_changes] =
            [&one, &other].map(|execution| in_order(&execution.changes));
        assert!(one_changes == other_changes);
        assert!(one.coinbase_after_each() == other.coinbase_after_each());
        assert!(one.transactions == other.transactions);
    }
}

/// Calls an address with all the balance.
fn pay(to: Address) -> Vec<u8> {
    let mut code = vec![0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x47, 0x73];
    code.extend(to);
    code.extend([0x5a, 0xf1, 0x50]);
    code
}

#[test]
fn the_coinbase_in_every_role() {
    let made = sender(0).create(0);
    // Keeps the coinbase's balance, then gives everything to whoever it is for.
    let keep = |to| [&[0x41, 0x31, 0x60, 0, 0x55][..], &pay(to)].concat();
    let destroy = |heir: Address| [&[0x73][..], heir.as_slice(), &[0xff]].concat();
    let read = sends(12, CONTRACT);
    let created = |code: Bytes| {
        let mut transactions = sends(6, made);
        (transactions[0].to, transactions[0].data) = (None, code);
        transactions
    };
    // The creation comes later, when tips are there.
    let created_later = |code: Bytes| {
        let mut transactions = sends(6, made);
        transactions.rotate_left(1);
        (transactions[3].to, transactions[3].data) = (None, code);
        transactions[3].sender = sender(0);
        transactions[5].sender = sender(4);
        transactions
    };
    let keeps = |coinbase| state(12, &[(CONTRACT, contract(&keep(coinbase)))]);
    let dies = contract(&destroy(sender(3)));
    let cases = [
        ("sends", sender(3), sends(12, sender(20)), state(12, &[])),
        ("gets", sender(20), sends(12, sender(20)), state(12, &[])),
        (
            "sends and gets",
            sender(3),
            sends(12, sender(3)),
            state(12, &[]),
        ),
        (
            "is read and paid by a contract",
            COINBASE,
            read.clone(),
            keeps(COINBASE),
        ),
        (
            "is a contract that pays",
            CONTRACT,
            read.clone(),
            keeps(sender(2)),
        ),
        (
            "is a contract that pays itself",
            CONTRACT,
            read.clone(),
            keeps(CONTRACT),
        ),
        (
            "is a contract that gives all away",
            CONTRACT,
            read.clone(),
            state(12, &[(CONTRACT, dies)]),
        ),
        (
            "is created",
            made,
            created(deploy(&[], &keep(sender(2)))),
            state(6, &[]),
        ),
        (
            "is created with tips",
            made,
            created_later(deploy(&[], &keep(sender(2)))),
            state(6, &[]),
        ),
        (
            "is created and destroyed",
            made,
            created(destroy(sender(3)).into()),
            state(6, &[]),
        ),
        (
            "is created and destroyed for itself",
            made,
            created(destroy(made).into()),
            state(6, &[]),
        ),
        (
            "is destroyed with tips",
            made,
            created_later(destroy(sender(3)).into()),
            state(6, &[]),
        ),
        (
            "is empty",
            COINBASE,
            read,
            state(12, &[(COINBASE, AllocAccount::default())]),
        ),
    ];
    for (role, coinbase, transactions, state) in cases {
        for tip in [0, 2] {
            let mut transactions = transactions.clone();
            for transaction in &mut transactions {
                transaction.max_priority_fee = U256::from(tip);
            }
            let what = format!("the coinbase {role}, tip {tip}");
            same_as_sequential(&what, context(coinbase), &transactions, &state);
        }
    }
}

#[test]
fn contracts_made_where_storage_is_left() {
    let made = sender(0).create(0);
    let left = AllocAccount {
        balance: U256::from(5),
        storage: [(U256::ZERO, U256::from(7)), (U256::from(1), U256::from(8))].into(),
        ..AllocAccount::default()
    };
    // SLOAD or SSTORE of slot 0.
    let codes: [(&str, Vec<u8>); 6] = [
        ("leaves it", vec![]),
        ("reads it", vec![0x60, 0, 0x54, 0x50]),
        ("writes what was there", vec![0x60, 7, 0x60, 0, 0x55]),
        ("writes something else", vec![0x60, 9, 0x60, 0, 0x55]),
        ("writes zero", vec![0x60, 0, 0x60, 0, 0x55]),
        (
            "writes and takes back",
            vec![0x60, 9, 0x60, 0, 0x55, 0x60, 0, 0x60, 0, 0x55],
        ),
    ];
    for (what, before) in codes {
        for (end, after) in [
            ("", vec![]),
            (", reverts", vec![0x60, 0, 0x60, 0, 0xfd]),
            (", ends", vec![0x33, 0xff]),
        ] {
            let mut transactions = sends(4, made);
            let code = [&before[..], &after].concat();
            (transactions[0].to, transactions[0].data) = (None, deploy(&code, &COUNTER));
            let state = state(4, &[(made, left.clone())]);
            same_as_sequential(
                &format!("{what}{end}"),
                context(COINBASE),
                &transactions,
                &state,
            );
        }
    }
}
