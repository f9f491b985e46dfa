//! Transactions that ran ahead of those before them, step by step and without chance: whatever comes below them afterwards, executed by another worker or in a stretch, they must be
//! found out.

use std::time::Instant;

use super::attempt::End;
use super::commit::Committer;
use super::engine::Engine;
use super::memory::Memory;
use super::scheduler::{Grouping, Scheduler};
use super::shared::Shared;
use super::view::Interruption;
use super::whole::{Block, hashes};
use super::worker::Log;
use super::writers::Reader;
use crate::support::scenes;

/// How the lower transactions come to be executed.
#[derive(Clone, Copy, Debug)]
enum Below {
    /// By another worker, which guesses too.
    Worker,
    /// In a stretch.
    Stretch,
    /// By another worker, in batches of two.
    Batches,
    /// In a stretch of batches.
    StretchOfBatches,
}

/// Which of those that run ahead comes first.
#[derive(Clone, Copy, Debug)]
enum First {
    /// The lowest, so that those above read what it wrote.
    Lowest,
    /// The highest.
    Highest,
}

impl Below {
    fn is_brief(self) -> bool {
        matches!(self, Self::Batches | Self::StretchOfBatches)
    }
}

/// Executes a transaction, or a batch, as a worker does, if nothing keeps it from that.
fn execute(shared: &Shared<'_>, engine: &mut Engine<'_>, place: usize) {
    let scheduler = &shared.scheduler;
    let Some(_) = scheduler.start(place) else {
        return;
    };
    let reader = Reader::Execution {
        head: scheduler.head(),
    };
    match engine.run(place, reader, true) {
        Ok(attempt) => {
            if shared.publish(place, attempt) {
                scheduler.revalidate(place + scheduler.length(place));
            }
            scheduler.executed(place);
        }
        // Who reads the coinbase waits for all below.
        Err(Interruption::Blocked { on, .. }) => assert!(scheduler.block(place, on)),
        Err(interruption) => panic!("{place}: {interruption:?}"),
    }
}

impl Block {
    /// The transactions from `ahead` on run before those below.
    fn run_ahead(&self, ahead: usize, first: First, below: Below) {
        let (hashes, count) = (hashes(), self.transactions.len());
        let grouping = match below.is_brief() {
            true => Grouping::Batches { size: 2 },
            false => Grouping::Single { claim: 1 },
        };
        let memory = Memory::new(&self.state, count, count, !below.is_brief());
        let scheduler = Scheduler::new(count, 1, grouping);
        let shared = self.shared(&hashes, memory, scheduler).unwrap();
        let scheduler = &shared.scheduler;
        let (mut ahead_of_all, mut other) = (Engine::new(&shared), Engine::new(&shared));
        let mut places: Vec<usize> = (0..count).collect();
        if below.is_brief() {
            // Claims decide where batches begin.
            places = Vec::new();
            while places
                .last()
                .is_none_or(|last| last + scheduler.length(*last) < count)
            {
                let next = places
                    .last()
                    .map_or(0, |last| last + scheduler.length(*last));
                scheduler.begin_batch(next, 2);
                places.push(next);
            }
        }
        // A batch may begin before and end behind.
        let (before, mut after): (Vec<usize>, Vec<usize>) =
            places.into_iter().partition(|place| *place < ahead);
        if let First::Highest = first {
            after.reverse();
        }
        for place in after {
            execute(&shared, &mut ahead_of_all, place);
        }
        let mut committer = Committer::new();
        match below {
            Below::Worker | Below::Batches => {
                for place in before {
                    execute(&shared, &mut other, place);
                }
            }
            Below::Stretch | Below::StretchOfBatches => committer.sequential_until = ahead,
        }
        let mut log = Log::new(0, Instant::now(), false);
        while !scheduler.is_finished() {
            // Whatever was not executed yet comes when it is its turn.
            let head = scheduler.head();
            execute(&shared, &mut other, head.max(ahead));
            if committer.sequential_until <= head {
                // A stretch that did not pay any more ended before.
                execute(&shared, &mut other, head);
            }
            committer.advance(&shared, &mut other, &mut log);
            assert_eq!(committer.stop, None);
        }
        let whole = committer.whole(&shared);
        self.assert_left(&shared, whole.as_ref());
        let (mut memory, _) = shared.into_parts();
        let mut expected = self.expected.as_ref().unwrap().transactions.iter();
        for slot in memory.take_slots() {
            match slot.attempt.map(|attempt| attempt.end) {
                Some(End::Ran { outcome, .. }) => assert_eq!(Some(&outcome), expected.next()),
                Some(End::Batch(left)) => {
                    for outcome in left.outcomes {
                        let expected = expected.next().map(|expected| &expected.receipt);
                        assert_eq!(Some(&outcome.receipt), expected);
                    }
                }
                None if below.is_brief() => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(expected.next(), None);
    }
}

#[test]
fn whoever_ran_ahead_is_found_out() {
    for (name, context, transactions, state) in scenes::all() {
        let count = transactions.len();
        let block = std::sync::Arc::new(Block::new(context, transactions, state));
        for below in [
            Below::Worker,
            Below::Stretch,
            Below::Batches,
            Below::StretchOfBatches,
        ] {
            let firsts = [First::Lowest, First::Highest];
            for (ahead, first) in (1..count).flat_map(|ahead| firsts.map(|first| (ahead, first))) {
                println!("{name}: {ahead}, {first:?}, {below:?}");
                let block = std::sync::Arc::clone(&block);
                let run = move || block.run_ahead(ahead, first, below);
                let mut config = shuttle::Config::new();
                config.stack_size = super::whole::STACK;
                let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(1, 1);
                shuttle::Runner::new(scheduler, config).run(run);
            }
        }
    }
}
