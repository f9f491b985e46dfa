//! Ethereum's state tests many to a block: each at addresses of its own, executed in parallel, held against sequential revm and against
//! what each test expects.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Instant;

use alloy_primitives::Log;
use braid_witness::Rules;
use braid_witness::ethereum_tests::{cases, folder, json_files, say};
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{
    BlockContext, BlockExecution, Detail, Options, StateReader, Status, Stop, execute_block,
    reference,
};
use braid_witness::import::TEST_CHAIN_ID;
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use rayon::prelude::*;

use crate::moved::{Alone, Moved, block_hashes, move_case};

const WORKERS: [usize; 4] = [1, 2, 4, 16];
/// Most cases in a block.
const LARGEST_BLOCK: usize = 4_000;
/// Transactions of a block with an invalid one in the middle.
const INVALID_BLOCK: usize = 64;

/// A case of more than half a minute, of BLAKE2 rounds alone, which is enough to execute once.
pub const LONGEST: &str = "stTimeConsuming/CALLBlake2f_MaxRounds.json";

/// A pool with a thread for each worker, so that all of them really run.
static POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(16);
    builder.build().unwrap()
});

/// What the blocks went through.
#[derive(Debug, Default)]
struct Counts {
    blocks: usize,
    largest: usize,
    merged: usize,
    /// Cases whose root and logs, taken out of the block, are what their test expects.
    held: usize,
    invalid_blocks: usize,
    reexecutions: [u64; WORKERS.len()],
    conflicts: u64,
    /// Executions for receipts alone, of transactions that shared a journal.
    shared: u64,
}

impl Counts {
    fn add(mut self, other: Self) -> Self {
        self.blocks += other.blocks;
        self.largest = self.largest.max(other.largest);
        self.merged += other.merged;
        self.held += other.held;
        self.invalid_blocks += other.invalid_blocks;
        self.conflicts += other.conflicts;
        self.shared += other.shared;
        for index in 0..WORKERS.len() {
            self.reexecutions[index] += other.reexecutions[index];
        }
        self
    }
}

/// Cases with the same environment.
#[derive(Default)]
struct Group {
    valid: Vec<Moved>,
    refused: Vec<Moved>,
}

#[test]
fn state_tests_merged_into_large_blocks() {
    let Some(folder) = folder(crate::repository()) else {
        return;
    };
    let start = Instant::now();
    let mut files = json_files(&folder.join("GeneralStateTests"));
    files.retain(|file| !file.ends_with(LONGEST));
    let moved: Vec<_> = files
        .par_iter()
        .enumerate()
        .flat_map_iter(|(file, path)| {
            let cases = cases(path, Rules::Cancun).unwrap().into_iter().enumerate();
            cases.map(move |(index, case)| move_case(file << 16 | index, &case))
        })
        .collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for moved in moved {
        let kind = match &moved {
            Err(reason) => reason,
            Ok(moved) => match moved.alone {
                Alone::Faithful => "faithful",
                Alone::Refused(_) => "refused, as expected",
                Alone::Unfaithful(reason) => reason,
            },
        };
        *kinds.entry(kind).or_default() += 1;
        let Ok(moved) = moved else { continue };
        // Cases that change what all have are kept apart from those that do not, and those from the others whose transactions can share a journal.
        let kind = (moved.shares, moved.is_poor());
        let group = groups
            .entry(format!("{kind:?} {:?}", moved.context))
            .or_default();
        match moved.alone {
            Alone::Refused(_) => group.refused.push(moved),
            _ => group.valid.push(moved),
        }
    }
    let mut text = format!("cases moved in {:.1?}:", start.elapsed());
    for (kind, count) in &kinds {
        text += &format!("\n{count:>7} {kind}");
    }
    say(text);
    let faithful = kinds.get("faithful").copied().unwrap_or_default();

    let groups: Vec<_> = groups.into_values().collect();
    let blocks: Vec<(Vec<&Moved>, Option<&Moved>)> = groups
        .iter()
        .flat_map(|group| {
            let mut valid: Vec<_> = group.valid.iter().collect();
            valid.sort_by_cached_key(|case| case.transaction.hash);
            let count = valid.len().div_ceil(LARGEST_BLOCK).max(1);
            let size = valid.len().div_ceil(count).max(1);
            let chunks: Vec<_> = valid.chunks(size).map(<[_]>::to_vec).collect();
            let refused = group.refused.iter().cycle();
            let refused = refused.map(Some).chain(std::iter::repeat(None));
            chunks.into_iter().zip(refused).collect::<Vec<_>>()
        })
        .collect();
    let start = Instant::now();
    let counts = blocks
        .par_iter()
        .map(|(cases, refused)| {
            let counts = check(cases);
            let invalid_blocks = refused.map_or(0, |refused| check_invalid(cases, refused));
            counts.add(Counts {
                invalid_blocks,
                ..Counts::default()
            })
        })
        .reduce(Counts::default, Counts::add);
    say(format!(
        "{} cases merged into {} blocks in {:.1?}, the largest of {}: 0 failed\n\
         {:>7} held against the root and logs of their tests too\n\
         {:>7} blocks with an invalid case in the middle\n\
         re-executions by {WORKERS:?} workers: {:?}\n\
         {:>7} times a transaction shared a journal with others, for receipts alone",
        counts.merged,
        counts.blocks,
        start.elapsed(),
        counts.largest,
        counts.held,
        counts.invalid_blocks,
        counts.reexecutions,
        counts.shared
    ));
    assert!(counts.merged > 10_000 && counts.largest > 1_000 && counts.shared > 5_000);
    assert_eq!(counts.held, faithful);
    assert!(faithful * 2 > counts.merged, "{faithful} faithful");
    assert!(counts.invalid_blocks > 0 && counts.conflicts > 0);
    assert_eq!(counts.reexecutions[0], 0);
}

/// The state before a block: the accounts of all its cases.
fn state<'a>(cases: impl Iterator<Item = &'a Moved>) -> State {
    let mut accounts = BTreeMap::new();
    for case in cases {
        for (address, account) in &case.accounts {
            let other = accounts.insert(*address, account.clone());
            assert!(other.is_none() || case.shares, "{}: {address}", case.name);
        }
    }
    State::new(&accounts).unwrap()
}

fn execute(
    context: BlockContext,
    transactions: &[SignedTransaction],
    state: &State,
    workers: usize,
    detail: Detail,
) -> Result<BlockExecution, Stop> {
    let options = Options {
        workers,
        detail,
        ..Options::default()
    };
    POOL.install(|| execute_block(context, &block_hashes(), transactions, state, options))
}

/// Gas, success and logs of each transaction.
type Receipts = Vec<(u64, bool, Vec<Log>)>;

/// What revm as it comes makes of a block.
fn sequential(
    context: BlockContext,
    transactions: &[SignedTransaction],
    mut state: State,
) -> (Receipts, State) {
    let mut receipts = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        let input = transaction_input(transaction, TEST_CHAIN_ID);
        let outcome = reference::run(context, input, &state).unwrap();
        receipts.push((outcome.gas_used, outcome.success, outcome.logs));
        state.commit(outcome.changes).unwrap();
    }
    (receipts, state)
}

/// Executes a block of cases with every number of workers.
fn check(cases: &[&Moved]) -> Counts {
    let mut counts = Counts {
        blocks: 1,
        largest: cases.len(),
        merged: cases.len(),
        ..Counts::default()
    };
    let Some(first) = cases.first() else {
        return Counts::default();
    };
    let context = first.context;
    let transactions: Vec<_> = cases.iter().map(|case| case.transaction.clone()).collect();
    let before = state(cases.iter().copied());
    let (receipts, after) = sequential(context, &transactions, before.clone());
    let root = after.ethereum_root();
    for (index, workers) in WORKERS.into_iter().enumerate() {
        let executed = execute(context, &transactions, &before, workers, Detail::Accesses);
        let executed = executed.unwrap();
        counts.reexecutions[index] = executed.statistics.reexecutions;
        counts.conflicts += executed.statistics.conflicts.len() as u64;
        for ((outcome, expected), case) in executed.transactions.iter().zip(&receipts).zip(cases) {
            let receipt = &outcome.receipt;
            let found = (receipt.gas_used, receipt.status == Status::Success);
            let name = &case.name;
            assert_eq!(found, (expected.0, expected.1), "{workers} workers: {name}");
            assert_eq!(receipt.logs, expected.2, "{workers} workers: {name}");
        }
        assert_eq!(executed.transactions.len(), receipts.len());
        let gas: u64 = receipts.iter().map(|(gas, ..)| gas).sum();
        assert_eq!(executed.gas_used, gas);
        let mut found = before.clone();
        found.apply(&executed.changes).unwrap();
        let first = &first.name;
        assert_eq!(found.ethereum_root(), root, "{workers} workers: {first}");
        if index + 1 < WORKERS.len() {
            continue;
        }
        for (outcome, case) in executed.transactions.iter().zip(cases) {
            if matches!(case.alone, Alone::Faithful) {
                let held = case.holds(&found, outcome);
                held.unwrap_or_else(|what| panic!("{what}"));
                counts.held += 1;
            }
        }
    }
    for workers in [1, 2] {
        let brief = execute(context, &transactions, &before, workers, Detail::Receipts).unwrap();
        for ((outcome, expected), case) in brief.transactions.iter().zip(&receipts).zip(cases) {
            let receipt = &outcome.receipt;
            let success = receipt.status == Status::Success;
            let found = (receipt.gas_used, success, &receipt.logs);
            assert_eq!(
                found,
                (expected.0, expected.1, &expected.2),
                "{}",
                case.name
            );
        }
        let mut found = before.clone();
        found.apply(&brief.changes).unwrap();
        assert_eq!(found.ethereum_root(), root, "for receipts: {}", first.name);
        if before.is_ordinary() {
            counts.shared += brief.statistics.sequential;
        }
    }
    counts
}

/// Executes some cases of a block with one in the middle that must be refused.
fn check_invalid(cases: &[&Moved], refused: &Moved) -> usize {
    let mut cases = cases[..cases.len().min(INVALID_BLOCK)].to_vec();
    let middle = cases.len() / 2;
    cases.insert(middle, refused);
    let Alone::Refused(refusal) = &refused.alone else {
        panic!("{} is not refused", refused.name);
    };
    let transactions: Vec<_> = cases.iter().map(|case| case.transaction.clone()).collect();
    let before = state(cases.iter().copied());
    let expected = Stop::Refused {
        index: middle,
        refusal: refusal.clone(),
    };
    for workers in WORKERS {
        for detail in [Detail::Accesses, Detail::Receipts] {
            let executed = execute(refused.context, &transactions, &before, workers, detail);
            assert_eq!(executed.err().as_ref(), Some(&expected), "{}", refused.name);
        }
    }
    1
}
