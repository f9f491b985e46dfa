//! Transactions that ran ahead of those before them, step by step and without chance: whatever comes below them afterwards, executed by another worker or in a stretch, they must be
//! found out.

use std::time::Instant;

use braid_witness::execution::Detail;

use super::attempt::End;
use super::commit::Committer;
use super::memory::Memory;
use super::run::Runner;
use super::scheduler::Scheduler;
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
    /// In a stretch that notes nothing.
    BriefStretch,
}

/// Executes a transaction as a worker does, if nothing keeps it from that.
fn execute(shared: &Shared<'_>, runner: &mut Runner<'_>, place: usize) {
    let Some(_) = shared.scheduler.start(place) else {
        return;
    };
    match runner.run(place, Reader::Execution, true) {
        Ok(attempt) => {
            if shared.publish(place, attempt) {
                shared.scheduler.revalidate(place + 1);
            }
            shared.scheduler.executed(place);
        }
        // Who reads the coinbase waits for all below.
        Err(Interruption::Blocked { on, .. }) => assert!(shared.scheduler.block(place, on)),
        Err(interruption) => panic!("{place}: {interruption:?}"),
    }
}

impl Block {
    /// The transactions from `ahead` on run first, the last one before all others.
    fn run_ahead(&self, ahead: usize, below: Below) {
        let (hashes, count) = (hashes(), self.transactions.len());
        let memory = Memory::new(&self.state, count, false);
        let scheduler = Scheduler::new(count, 1, 1);
        let shared = match below {
            Below::BriefStretch => self.shared(&hashes, memory, scheduler, Detail::Receipts),
            _ => self.shared(&hashes, memory, scheduler, Detail::Accesses),
        };
        let shared = shared.unwrap();
        let (mut ahead_of_all, mut other) = (Runner::new(&shared), Runner::new(&shared));
        // A stretch that notes nothing relies on nobody being farther ahead than may be claimed.
        let farthest = match below {
            Below::BriefStretch => shared.scheduler.farthest_claim().min(count),
            _ => count,
        };
        for place in (ahead..farthest).rev() {
            execute(&shared, &mut ahead_of_all, place);
        }
        let mut committer = Committer::new();
        match below {
            Below::Worker => (0..ahead).for_each(|place| execute(&shared, &mut other, place)),
            Below::Stretch | Below::BriefStretch => committer.sequential_until = ahead,
        }
        let mut log = Log::new(0, Instant::now(), false);
        while !shared.scheduler.is_finished() {
            // Whatever was not executed yet comes when it is its turn.
            let head = shared.scheduler.head();
            execute(&shared, &mut other, head.max(ahead));
            if committer.sequential_until <= head {
                // A stretch that did not pay any more ended before.
                execute(&shared, &mut other, head);
            }
            committer.advance(&shared, &mut other, &mut log);
            assert_eq!(committer.stop, None);
        }
        let (mut memory, _) = shared.into_parts();
        let expected = &self.expected.as_ref().unwrap().transactions;
        for (slot, expected) in memory.take_slots().zip(expected) {
            match slot.attempt.map(|attempt| attempt.end) {
                Some(End::Ran { outcome, .. }) if outcome.access.is_some() => {
                    assert_eq!(outcome, *expected);
                }
                Some(End::Ran { outcome, .. }) => {
                    assert!(matches!(below, Below::BriefStretch));
                    assert_eq!(outcome.receipt, expected.receipt);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn whoever_ran_ahead_is_found_out() {
    for (name, context, transactions, state) in scenes::all() {
        let count = transactions.len();
        let block = std::sync::Arc::new(Block::new(context, transactions, state));
        for below in [Below::Worker, Below::Stretch, Below::BriefStretch] {
            for ahead in 1..count {
                println!("{name}: {ahead}, {below:?}");
                let block = std::sync::Arc::clone(&block);
                let run = move || block.run_ahead(ahead, below);
                let mut config = shuttle::Config::new();
                config.stack_size = super::whole::STACK;
                let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(1, 1);
                shuttle::Runner::new(scheduler, config).run(run);
            }
        }
    }
}
