//! Parallel execution equals executing one transaction after the other with revm as it comes.

#[path = "../support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::{Address, B256, U256, keccak256};
use braid_witness::execution::parallel::{BlockExecution, Options, Stop, execute_block};
use braid_witness::execution::{
    AccountState, AccountStateChange, BlockContext, BlockHashes, Detail, Read, StateReader, Status,
};
use braid_witness::state::{State, StoredAccount};
use braid_witness::transaction::SignedTransaction;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use revm::context::result::HaltReason;
use revm::state::Bytecode;

use support::case::{Case, case};
use support::programs::Scope;
use support::{chained, content, in_order, sequential};

const WORKERS: [usize; 4] = [1, 2, 4, 16];

/// A pool with a thread for each worker, so that all of them really run.
static POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(16);
    builder.build().unwrap()
});

/// A state that makes its readers wait now and then, so that workers meet in many ways.
struct Slow<'a> {
    state: &'a State,
    dice: AtomicU64,
}

impl Slow<'_> {
    fn wait(&self) {
        let dice = self
            .dice
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        match (dice ^ (dice >> 29)) % 16 {
            0..4 => std::thread::yield_now(),
            4 => std::thread::sleep(std::time::Duration::from_micros(30)),
            _ => {}
        }
    }
}

impl StateReader for Slow<'_> {
    fn account(&self, address: &Address) -> braid_witness::Result<Option<AccountState>> {
        self.wait();
        StateReader::account(self.state, address)
    }

    fn storage(&self, address: &Address, slot: &U256) -> braid_witness::Result<U256> {
        self.wait();
        StateReader::storage(self.state, address, slot)
    }

    fn code(&self, hash: &B256) -> braid_witness::Result<Bytecode> {
        StateReader::code(self.state, hash)
    }

    fn is_ordinary(&self) -> bool {
        self.state.is_ordinary()
    }

    fn slots(&self, address: &Address) -> braid_witness::Result<Vec<U256>> {
        self.state.slots(address)
    }
}

fn parallel(
    context: BlockContext,
    transactions: &[SignedTransaction],
    state: &State,
    workers: usize,
    detail: Detail,
    seed: u64,
) -> Result<BlockExecution, Stop> {
    let hashes = BlockHashes::of_state_tests();
    let slow = Slow {
        state,
        dice: AtomicU64::new(seed),
    };
    let options = Options {
        workers,
        timeline: true,
        detail,
        ..Options::default()
    };
    POOL.install(|| execute_block(context, &hashes, transactions, &slow, options))
}

/// What the cases went through, so that a test that misses the point fails.
#[derive(Debug, Default)]
struct Seen {
    counts: BTreeMap<&'static str, u64>,
}

impl Seen {
    fn add_brief(&mut self, state: &State, brief: &BlockExecution) {
        if !StateReader::is_ordinary(state) {
            *self.counts.entry("not ordinary").or_default() += 1;
        } else if brief.statistics.workers > 1 {
            *self.counts.entry("in a ledger").or_default() += brief.statistics.sequential;
        } else {
            *self.counts.entry("alone in a ledger").or_default() += brief.statistics.sequential;
        }
    }

    fn add(&mut self, executed: &BlockExecution) {
        let statistics = &executed.statistics;
        let mut add = |what, count: u64| *self.counts.entry(what).or_default() += count;
        if statistics.workers > 1 {
            add("executed again", statistics.reexecutions);
            add("waited", statistics.blocked);
            add("one after the other", statistics.sequential);
            add(
                "conflicts located",
                statistics.conflicts.iter().map(|(_, times)| times).sum(),
            );
        }
        for outcome in &executed.transactions {
            let receipt = &outcome.receipt;
            match &receipt.status {
                Status::Success => add("succeeded", 1),
                Status::Revert => add("reverted", 1),
                Status::Halt(HaltReason::OverflowPayment) => add("overflowed", 1),
                Status::Halt(HaltReason::CreateCollision) => add("collided", 1),
                Status::Halt(_) => add("halted", 1),
            }
            add("logs", receipt.logs.len() as u64);
            add("created", u64::from(receipt.created.is_some()));
            let access = outcome.access().unwrap();
            add("wrote storage", access.storage.len() as u64);
            let read_hash = |read: &&Read| matches!(read, Read::BlockHash { .. });
            add(
                "read a block hash",
                access.reads.iter().filter(read_hash).count() as u64,
            );
            let gone =
                |change: &&AccountStateChange| change.before.is_some() && change.after.is_none();
            add(
                "accounts gone",
                access.accounts.iter().filter(gone).count() as u64,
            );
        }
        add("codes", executed.changes.codes.len() as u64);
    }
}

/// A block that was executed for its receipts alone.
fn same_but_accesses(executed: &BlockExecution, brief: &BlockExecution) {
    assert_eq!(executed.transactions.len(), brief.transactions.len());
    for (one, other) in executed.transactions.iter().zip(&brief.transactions) {
        assert_eq!(one.receipt, other.receipt);
        assert_eq!(one.is_transfer, other.is_transfer);
        assert!(other.access.is_none() || other.access == one.access);
    }
    assert_eq!(in_order(&executed.changes), in_order(&brief.changes));
    assert_eq!(executed.gas_used, brief.gas_used);
    assert_eq!(executed.coinbase_before, brief.coinbase_before);
    let transfers = |execution: &BlockExecution| execution.statistics.transfers;
    assert_eq!(transfers(executed), transfers(brief));
    brief.timeline.as_ref().unwrap().check().unwrap();
}

fn equal(case: &Case, seed: u64, seen: &mut Seen) {
    let (context, transactions, state) = (case.context(), case.transactions(), case.state());
    let (expected, after) = sequential(context, &transactions, state.clone());
    let mut stops = Vec::new();
    let mut outcomes = Vec::new();
    for workers in WORKERS {
        let run = |transactions: &[_], detail| {
            parallel(context, transactions, &state, workers, detail, seed)
        };
        let executed = run(&transactions, Detail::Accesses);
        let brief = run(&transactions, Detail::Receipts);
        let executed = match executed {
            Ok(executed) => executed,
            Err(stop) => {
                let Stop::Refused { index, .. } = &stop else {
                    panic!("{stop:?}")
                };
                assert_eq!(*index, expected.len(), "{workers} workers: {stop:?}");
                stops.push(stop);
                assert_eq!(brief.as_ref().err(), stops.last());
                // What comes before must be the same all the same.
                run(&transactions[..expected.len()], Detail::Accesses).unwrap()
            }
        };
        let brief = match brief {
            Ok(brief) => brief,
            Err(_) => run(&transactions[..expected.len()], Detail::Receipts).unwrap(),
        };
        same_but_accesses(&executed, &brief);
        seen.add_brief(&state, &brief);
        let found = executed.transactions.iter().map(|outcome| {
            let receipt = &outcome.receipt;
            (
                receipt.gas_used,
                receipt.status == Status::Success,
                receipt.logs.clone(),
            )
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{workers} workers");
        let mut state = state.clone();
        state.apply(&executed.changes).unwrap();
        let (found, expected) = (content(&state), content(&after));
        let other = |(address, account): &&(Address, _)| {
            !expected.contains(&(*address, StoredAccount::clone(account)))
        };
        let differ: Vec<_> = found.iter().filter(other).collect();
        assert!(
            differ.is_empty() && found.len() == expected.len(),
            "{workers} workers: {differ:?}"
        );
        assert_eq!(state.ethereum_root(), after.ethereum_root());
        assert_eq!(state.tree().root(), after.tree().root());
        chained(&case.state(), &context, &executed);
        executed.timeline.as_ref().unwrap().check().unwrap();
        seen.add(&executed);
        outcomes.push(executed.transactions);
    }
    // With and without versions transactions read the same, in the same order.
    assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]));
    *seen.counts.entry("refused").or_default() += stops.len() as u64;
    assert!(stops.is_empty() || stops.len() == WORKERS.len());
    assert!(stops.windows(2).all(|pair| pair[0] == pair[1]), "{stops:?}");
}

/// Runs cases from a fixed seed, or from the one in the environment variable `BRAID_TEST_SEED`.
fn cases(most: usize, invalid: u32, count: u32, expected: &[&str]) {
    let seen = RefCell::new(Seen::default());
    let seed = std::env::var("BRAID_TEST_SEED").unwrap_or_default();
    let config = ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let generator = TestRng::from_seed(RngAlgorithm::ChaCha, &keccak256(seed).0);
    let mut runner = TestRunner::new_with_rng(config, generator);
    let strategy = (case(Scope::Anything, most, invalid), any::<u64>());
    let outcome = runner.run(&strategy, |(case, seed)| {
        equal(&case, seed, &mut seen.borrow_mut());
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let seen = seen.into_inner();
    println!("{seen:?}");
    for what in expected {
        let count = seen.counts.get(what);
        assert!(count.is_some_and(|count| *count > 0), "no case {what}");
    }
}

#[test]
fn short_blocks() {
    let expected = [
        "executed again",
        "waited",
        "one after the other",
        "conflicts located",
        "succeeded",
        "reverted",
        "halted",
        "overflowed",
        "collided",
        "logs",
        "created",
        "wrote storage",
        "read a block hash",
        "accounts gone",
        "codes",
        "not ordinary",
        "alone in a ledger",
    ];
    cases(8, 1, 1500, &expected);
}

#[test]
fn longer_blocks() {
    cases(
        60,
        0,
        500,
        &[
            "executed again",
            "waited",
            "one after the other",
            "overflowed",
            "in a ledger",
        ],
    );
}

#[test]
fn blocks_with_invalid_transactions() {
    cases(30, 20, 300, &["refused", "executed again"]);
}
