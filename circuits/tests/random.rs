//! Random blocks of random contracts, cut into chunks anywhere, through the checker: whatever code does that is in scope, all constraints hold, the bus balances, and no table
//! takes more rows than were demanded.

mod common;
#[path = "../../witness/tests/support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::keccak256;
use braid_circuits::event::ChunkEvents;
use braid_circuits::event::opcode::operation;
use braid_witness::error::{Error, Place};
use braid_witness::ethereum_tests::{say, variant};
use braid_witness::provable::ExecutedBlocks;
use braid_witness::{BlockFile, chunks_of, execute};
use common::passes;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;
use support::case::{Case, case};
use support::programs::Scope;

/// Blocks that are checked, unless the variable says otherwise.
const BLOCKS: u32 = 300;

/// Each strand of cases has a seed of its own. They are run side by side.
const STRANDS: u32 = 20;

/// Fewer transactions than this are in a block.
const MOST: usize = 8;

/// What was seen, so that a test that misses the point fails.
#[derive(Debug, Default)]
struct Seen {
    blocks: usize,
    chunks: usize,
    transactions: usize,
    /// Of these, transactions that run code.
    running: usize,
    steps: u64,
    opcodes: BTreeSet<u8>,
    halts: BTreeSet<String>,
    /// Why transactions were taken out of their blocks.
    left_out: BTreeMap<String, usize>,
}

impl Seen {
    fn merge(mut self, other: Self) -> Self {
        self.blocks += other.blocks;
        self.chunks += other.chunks;
        self.transactions += other.transactions;
        self.running += other.running;
        self.steps += other.steps;
        self.opcodes.extend(other.opcodes);
        self.halts.extend(other.halts);
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
        self
    }

    fn add(&mut self, events: &ChunkEvents) {
        self.chunks += 1;
        self.transactions += events.transactions.len();
        self.running += events.executions.len();
        for trace in &events.executions {
            self.steps += trace.steps.count();
            let results = trace.frames.iter().map(|frame| variant(&frame.result));
            self.halts.extend(results);
            let mut steps = trace.steps();
            while let Some(step) = steps.next_step().expect("a trace") {
                self.opcodes.insert(step.opcode);
            }
        }
    }
}

/// The transactions that an error refuses, and why.
fn refused(error: &Error) -> Vec<(Place, String)> {
    match error {
        Error::NotProvable(all) => {
            let places = all.iter();
            let places = places.filter_map(|it| Some((it.transaction?, variant(&it.reason))));
            places.collect()
        }
        Error::InvalidTransaction { place, reason } => vec![(*place, variant(reason))],
        Error::MalformedTransaction { place, what } => vec![(*place, variant(what))],
        Error::WouldNotFit { place, reason } => vec![(*place, variant(reason))],
        Error::Refused(all) => all.iter().flat_map(refused).collect(),
        _ => Vec::new(),
    }
}

/// Executes a block without those of its transactions that are refused.
fn provable_part(mut file: BlockFile, seen: &mut Seen) -> ExecutedBlocks {
    loop {
        let error = match execute(&file) {
            Ok(executed) => return executed,
            Err(error) => error,
        };
        let refused: BTreeMap<usize, String> = refused(&error)
            .into_iter()
            .map(|(place, reason)| (place.index, reason))
            .collect();
        // What is refused besides transactions is no business of these blocks.
        assert!(!refused.is_empty(), "{error}");
        for (place, reason) in refused.into_iter().rev() {
            file.blocks[0].transactions.remove(place);
            *seen.left_out.entry(reason).or_default() += 1;
        }
    }
}

/// A block cut into chunks of at most `most` transactions.
fn check(case: &Case, most: usize, seen: &mut Seen) -> Result<(), String> {
    let executed = provable_part(case.block_file(), seen);
    let chunks = chunks_of(&executed, most).map_err(|error| error.to_string())?;
    seen.blocks += 1;
    for events in &chunks {
        seen.add(events);
        passes(events)?;
    }
    Ok(())
}

/// Checks so many blocks of a seed.
fn strand(seed: &str, strand: u32, blocks: u32) -> Seen {
    let seen = RefCell::new(Seen::default());
    let config = ProptestConfig {
        cases: blocks,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let seed = keccak256(format!("{seed} {strand}"));
    let generator = TestRng::from_seed(RngAlgorithm::ChaCha, &seed.0);
    let mut runner = TestRunner::new_with_rng(config, generator);
    let strategy = (case(Scope::Provable, MOST, 0), 1..MOST);
    let outcome = runner.run(&strategy, |(case, most)| {
        let checked = check(&case, most, &mut seen.borrow_mut());
        checked.map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    seen.into_inner()
}

/// From a fixed seed, or from the one in the environment variable `BRAID_TEST_SEED`.
#[test]
fn random_blocks_pass_the_checker() {
    let seed = std::env::var("BRAID_TEST_SEED").unwrap_or_default();
    let blocks = std::env::var("BRAID_RANDOM_BLOCKS").ok();
    let blocks = blocks.and_then(|text| text.parse().ok()).unwrap_or(BLOCKS);
    let seen = (0..STRANDS)
        .into_par_iter()
        .with_max_len(1)
        .map(|index| strand(&seed, index, blocks.div_ceil(STRANDS)))
        .reduce(Seen::default, Seen::merge);
    say(format!(
        "random contracts through the checker: {} blocks in {} chunks, {} transactions ({} run code), {} steps of {} opcodes; frames: {:?}; left out: {:?}",
        seen.blocks,
        seen.chunks,
        seen.transactions,
        seen.running,
        seen.steps,
        seen.opcodes.len(),
        seen.halts,
        seen.left_out,
    ));
    let left_out: usize = seen.left_out.values().sum();
    assert!(seen.transactions > 4 * left_out, "{left_out} are left out");
    assert!(seen.running * 3 > seen.transactions);
    // Of 147 that are in scope, in so many blocks.
    let known = seen.opcodes.iter().filter(|it| operation(**it).is_some());
    let known = known.count();
    assert!(blocks < BLOCKS || known >= 135, "{known} opcodes only");
}
