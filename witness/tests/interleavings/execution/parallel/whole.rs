//! Whole blocks in many interleavings of their workers: every outcome is that of one worker alone, and every run comes to an end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::U256;
use braid_witness::execution::{
    BlockContext, BlockExecution, BlockHashes, Detail, Options, StateReader, execute_block,
};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, MaxSteps, Runner};

use super::attempt::End;
use super::commit::Stop;
use super::crew::{Crew, Done};
use super::memory::Memory;
use super::overlay::Overlay;
use super::scheduler::{Grouping, Scheduler};
use super::shared::Shared;
use super::writers::Reader;
use crate::execution::outcome::AccountState;
use crate::support::case::case;
use crate::support::programs::Scope;
use crate::support::scenes;

/// Far more than any block here takes: whoever takes more does not come to an end.
const MOST_STEPS: usize = 100_000;
/// revm needs more than the model checker's threads have.
pub const STACK: usize = 1 << 21;

/// A block that one worker executed alone, outside of the model checker.
pub struct Block {
    pub context: BlockContext,
    pub transactions: Vec<SignedTransaction>,
    pub state: State,
    pub expected: Result<BlockExecution, String>,
}

pub fn hashes() -> BlockHashes {
    BlockHashes::of_state_tests()
}

impl Block {
    pub fn new(context: BlockContext, transactions: Vec<SignedTransaction>, state: State) -> Self {
        let options = Options {
            workers: 1,
            ..Options::default()
        };
        let expected = execute_block(context, &hashes(), &transactions, &state, options);
        Self {
            context,
            transactions,
            state,
            expected: expected.map_err(|stop| format!("{stop:?}")),
        }
    }

    pub(super) fn shared<'a>(
        &'a self,
        hashes: &'a BlockHashes,
        memory: Memory<'a>,
        scheduler: Scheduler,
    ) -> braid_witness::Result<Shared<'a>> {
        let transactions = &self.transactions;
        Shared::new(
            self.context,
            hashes,
            transactions,
            memory,
            scheduler,
            u64::MAX,
        )
    }

    /// What a whole block left, all of it committed, is what one worker leaves; an overlay says so if there is one of all transactions. The coinbase is left out.
    pub(super) fn assert_left(&self, shared: &Shared<'_>, whole: Option<&Overlay>) {
        let expected = self.expected.as_ref().unwrap();
        let coinbase = self.context.environment.coinbase;
        let mut accounts: BTreeMap<_, Option<AccountState>> = BTreeMap::new();
        let mut slots: BTreeMap<_, U256> = BTreeMap::new();
        for outcome in &expected.transactions {
            let access = outcome.access().unwrap();
            let changed = access.accounts.iter();
            for change in changed.filter(|change| change.address != coinbase) {
                accounts.insert(change.address, change.after);
            }
            for change in &access.storage {
                slots.insert((change.address, change.slot), change.after);
            }
        }
        // The memory says the last values, and no one is about to write; or the overlay says them.
        let (memory, count) = (&shared.memory, self.transactions.len());
        for (address, after) in &accounts {
            let found = match whole {
                Some(overlay) => overlay.account(address),
                None => {
                    let hash = memory.hash(address);
                    let found = memory.account(hash, address, count, Reader::Final);
                    found.map(|found| found.value).ok()
                }
            };
            // Of an account that was written and is as before the overlay need not know.
            let before = StateReader::account(&self.state, address).unwrap();
            assert!(
                found == Some(*after) || whole.is_some() && found.is_none() && before == *after
            );
        }
        for (key, after) in &slots {
            let found = match whole {
                Some(overlay) => overlay.slot(key),
                None => {
                    let found = memory.storage(memory.hash(key), key, count, Reader::Final);
                    found.map(|found| found.value).ok()
                }
            };
            assert_eq!(found, Some(*after));
        }
    }

    /// Executes the block with workers that the model checker schedules.
    fn check(&self, workers: usize, size: usize, detail: Detail, seen: &Seen) {
        let hashes = hashes();
        let count = self.transactions.len();
        let is_brief = detail == Detail::Receipts && StateReader::is_ordinary(&self.state);
        let grouping = match is_brief {
            true => Grouping::Batches { size: 2 * size },
            false => Grouping::Single { claim: size },
        };
        let memory = Memory::new(&self.state, count, count, !is_brief);
        let scheduler = Scheduler::new(count, workers, grouping);
        let shared = self.shared(&hashes, memory, scheduler);
        let shared = shared.unwrap();
        let crew = Crew::new(&shared, workers, true);
        shuttle::thread::scope(|scope| {
            let crew = &crew;
            for index in 1..workers {
                scope.spawn(move || crew.work(index));
            }
            crew.work(0);
        });
        let Done {
            gas_used,
            logs,
            whole,
            ..
        } = match crew.finish() {
            Ok(done) => done,
            Err(stop @ Stop::Refused { .. }) => {
                let expected = self.expected.as_ref().map(|_| ());
                assert_eq!(Err(&format!("{stop:?}")), expected);
                return;
            }
            Err(stop) => panic!("{stop:?}"),
        };
        let expected = self.expected.as_ref().unwrap();
        assert_eq!(gas_used, expected.gas_used);
        assert_eq!(logs.len(), workers);
        for log in logs {
            let counts = log.counts;
            let sums = match is_brief {
                true => &seen.batches,
                false => &seen.singles,
            };
            for (sum, count) in [
                (&sums.executions, counts.executions),
                (&sums.blocked, counts.blocked),
                (&sums.sequential, counts.sequential),
                (&sums.validations, counts.validations),
            ] {
                sum.fetch_add(count, Ordering::Relaxed);
            }
        }
        match is_brief {
            true => &seen.batches.transactions,
            false => &seen.singles.transactions,
        }
        .fetch_add(count as u64, Ordering::Relaxed);
        self.assert_left(&shared, whole.as_ref());
        seen.whole
            .fetch_add(u64::from(whole.is_some()), Ordering::Relaxed);
        let lengths: Vec<_> = (0..count)
            .map(|place| shared.scheduler.length(place))
            .collect();
        let (mut memory, coinbase_after) = shared.into_parts();
        let expected_coinbase = expected.coinbase_after_each().unwrap();
        let expected_coinbase = expected_coinbase.last().copied();
        assert_eq!(
            coinbase_after,
            expected_coinbase.unwrap_or(expected.coinbase_before)
        );
        let mut expected = expected.transactions.iter();
        let slots: Vec<_> = memory.take_slots().collect();
        for (place, (slot, length)) in slots.into_iter().zip(lengths).enumerate() {
            match slot.attempt.map(|attempt| attempt.end) {
                Some(End::Ran {
                    outcome,
                    credit: None,
                }) => {
                    assert_eq!(Some(&outcome), expected.next());
                }
                Some(End::Batch(left)) => {
                    // Batches follow each other without gaps.
                    assert_eq!(left.outcomes.len(), length);
                    let together = u64::from(length > 1);
                    seen.together.fetch_add(together, Ordering::Relaxed);
                    for outcome in left.outcomes {
                        let expected = expected.next().unwrap();
                        assert_eq!(outcome.receipt, expected.receipt);
                        assert_eq!(outcome.is_transfer, expected.is_transfer);
                    }
                }
                None if is_brief && length == 0 => {}
                other => panic!("transaction {place} has no outcome: {other:?}"),
            }
        }
        assert_eq!(expected.next(), None);
    }
}

/// What the runs went through, so that a test that misses the point fails.
#[derive(Debug, Default)]
struct Seen {
    singles: Sums,
    batches: Sums,
    /// Blocks of which an overlay knows what they left.
    whole: AtomicU64,
    /// Batches of several transactions.
    together: AtomicU64,
}

#[derive(Debug, Default)]
struct Sums {
    transactions: AtomicU64,
    executions: AtomicU64,
    blocked: AtomicU64,
    sequential: AtomicU64,
    validations: AtomicU64,
}

impl Seen {
    fn enough(&self) {
        println!("{self:?}");
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        for (sums, blocked) in [(&self.singles, 200), (&self.batches, 20)] {
            let again = of(&sums.executions) - of(&sums.transactions);
            assert!(again > 1000 && of(&sums.blocked) > blocked && of(&sums.sequential) > 300);
            assert!(of(&sums.validations) > 300);
        }
        assert!(of(&self.whole) > 100);
        assert!(of(&self.together) > 1000);
    }
}

/// Runs a block in so many random interleavings, half of them by PCT, which finds orders that are unlikely by chance.
fn explore(block: Block, workers: usize, batch: usize, runs: usize, seed: u64, seen: &Arc<Seen>) {
    let mut config = Config::new();
    config.stack_size = STACK;
    config.max_steps = MaxSteps::FailAfter(MOST_STEPS);
    config.silence_warnings = true;
    let block = Arc::new(block);
    let test = |detail| {
        let (block, seen) = (Arc::clone(&block), Arc::clone(seen));
        move || block.check(workers, batch, detail, &seen)
    };
    for (detail, runs) in [(Detail::Accesses, runs), (Detail::Receipts, runs / 2)] {
        let random = RandomScheduler::new_from_seed(seed, runs / 2);
        Runner::new(random, config.clone()).run(test(detail));
        let pct = PctScheduler::new_from_seed(seed, 3, runs / 2);
        Runner::new(pct, config.clone()).run(test(detail));
    }
}

#[test]
fn random_blocks() {
    let seen = Arc::new(Seen::default());
    let generator = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), generator);
    for seed in 0..150 {
        let case = case(Scope::Anything, 9, 1)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let block = Block::new(case.context(), case.transactions(), case.state());
        let (workers, batch) = (2 + seed % 2, 1 + seed / 2 % 2);
        explore(block, workers, batch, 40, seed as u64, &seen);
    }
    seen.enough();
}

#[test]
fn blocks_made_to_conflict() {
    let seen = Arc::new(Seen::default());
    for (seed, (name, context, transactions, state)) in scenes::all().into_iter().enumerate() {
        println!("{name}");
        let block = Block::new(context, transactions, state);
        assert!(block.expected.is_ok(), "{name}: {:?}", block.expected);
        explore(block, 3, 1, 300, seed as u64, &seen);
    }
    seen.enough();
}
