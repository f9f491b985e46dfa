//! Promises of the scheduler and of the table, each in all interleavings of a few calls.

use std::sync::Arc;

use shuttle::thread;

use super::scheduler::{Phase, Scheduler, Task};
use super::table::{Reader, Table};
use super::tuning::LOOKAHEAD;

fn every_interleaving(test: impl Fn() + Send + Sync + 'static) {
    shuttle::check_dfs(test, None);
}

/// Does two things at the same time.
fn both<A, B>(
    one: impl FnOnce() -> A + Send + 'static,
    other: impl FnOnce() -> B + Send + 'static,
) -> (A, B)
where
    A: Send + 'static,
    B: Send + 'static,
{
    let other = thread::spawn(other);
    let one = one();
    (one, other.join().unwrap())
}

/// All that can still be claimed to be executed.
fn rest(scheduler: &Scheduler) -> Vec<usize> {
    let mut rest = Vec::new();
    loop {
        match scheduler.next() {
            Task::Execute(claim) => rest.extend(claim),
            Task::Validate(_) => {}
            Task::Wait => return rest,
        }
    }
}

fn claim(scheduler: &Scheduler) -> Vec<usize> {
    match scheduler.next() {
        Task::Execute(claim) => claim.collect(),
        other => panic!("{other:?}"),
    }
}

/// Both transactions are being executed.
fn two_executing() -> Arc<Scheduler> {
    let scheduler = Arc::new(Scheduler::new(2, 2));
    assert_eq!(claim(&scheduler), [0, 1]);
    assert_eq!((scheduler.start(0), scheduler.start(1)), (Some(0), Some(0)));
    scheduler
}

#[test]
fn claims_are_disjoint_and_complete() {
    every_interleaving(|| {
        let scheduler = Arc::new(Scheduler::new(4, 2));
        let again = Arc::clone(&scheduler);
        let (one, other) = both(
            {
                let scheduler = Arc::clone(&scheduler);
                move || claim(&scheduler)
            },
            move || claim(&again),
        );
        let mut all = [one, other].concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
        assert!(rest(&scheduler).is_empty());
    });
}

#[test]
fn claims_stay_near_what_is_committed() {
    every_interleaving(|| {
        let scheduler = Scheduler::new(3 * LOOKAHEAD, 2);
        let first: Vec<_> = (0..LOOKAHEAD).collect();
        assert_eq!(rest(&scheduler), first);
        for place in 0..2 {
            assert_eq!(scheduler.start(place), Some(0));
            scheduler.executed(place);
            assert!(scheduler.freeze(place, 0));
            scheduler.commit(place);
        }
        assert_eq!(rest(&scheduler), [LOOKAHEAD, LOOKAHEAD + 1]);
    });
}

#[test]
fn what_is_given_back_can_be_claimed() {
    every_interleaving(|| {
        let scheduler = Arc::new(Scheduler::new(4, 2));
        let worker = || {
            let scheduler = Arc::clone(&scheduler);
            move || {
                let claim = claim(&scheduler);
                scheduler.give_back(claim[1]);
                claim[0]
            }
        };
        let (one, other) = both(worker(), worker());
        let rest = rest(&scheduler);
        let missing = (0..4).find(|place| ![one, other].contains(place) && !rest.contains(place));
        assert_eq!(missing, None, "{one}, {other}, and the rest {rest:?}");
    });
}

#[test]
fn nobody_waits_for_what_is_done() {
    every_interleaving(|| {
        let scheduler = two_executing();
        let blocked = {
            let scheduler = Arc::clone(&scheduler);
            move || scheduler.block(1, 0)
        };
        let again = Arc::clone(&scheduler);
        let (blocked, ()) = both(blocked, move || again.executed(0));
        if blocked {
            assert_eq!(scheduler.phase(1), Phase::Ready);
            assert!(rest(&scheduler).contains(&1));
        } else {
            assert_eq!(scheduler.phase(1), Phase::Executing);
        }
    });
}

#[test]
fn whoever_waits_is_released_by_the_next_execution() {
    every_interleaving(|| {
        let scheduler = two_executing();
        scheduler.executed(0);
        let again = Arc::clone(&scheduler);
        let one = {
            let scheduler = Arc::clone(&scheduler);
            move || scheduler.block(1, 0)
        };
        let (blocked, incarnation) = both(one, move || {
            let incarnation = again.abort(0, 0);
            again.executed(0);
            incarnation
        });
        assert_eq!(incarnation, Some(1));
        let expected = if blocked {
            Phase::Ready
        } else {
            Phase::Executing
        };
        assert_eq!(scheduler.phase(1), expected);
        assert_eq!(rest(&scheduler).contains(&1), blocked);
    });
}

#[test]
fn an_execution_is_committed_or_taken_back_once() {
    every_interleaving(|| {
        let scheduler = two_executing();
        scheduler.executed(0);
        let abort = {
            let scheduler = Arc::clone(&scheduler);
            move || scheduler.abort(0, 0).is_some()
        };
        let again = Arc::clone(&scheduler);
        let third = {
            let scheduler = Arc::clone(&scheduler);
            thread::spawn(move || scheduler.abort(0, 0).is_some())
        };
        let (first, frozen) = both(abort, move || again.freeze(0, 0));
        let taken = [first, frozen, third.join().unwrap()];
        let winners = taken.iter().filter(|taken| **taken).count();
        assert_eq!(winners, 1, "{taken:?}");
    });
}

/// A later transaction reads while an earlier one changes what is there: one of them knows of the other.
fn reader_or_writer(before: Option<u64>, change: fn(&Table<u64, u64>) -> bool, after: Option<u64>) {
    const KEY: u64 = 5;
    every_interleaving(move || {
        let table = Arc::new(Table::new(1));
        if let Some(before) = before {
            table.write(KEY, KEY, 0, before);
        }
        let again = Arc::clone(&table);
        let reader = {
            let table = Arc::clone(&table);
            move || {
                let found = table.read(KEY, &KEY, 2, Reader::Execution, |cell| {
                    cell.below(2)
                        .next()
                        .map(|entry| (entry.value, entry.estimate))
                });
                found.flatten()
            }
        };
        let (read, told) = both(reader, move || change(&again));
        let is_new = read == after.map(|after| (after, false));
        assert!(is_new || told, "read {read:?}");
        assert!(!table.is_unwritten(KEY, 2));
    });
}

#[test]
fn first_writes_are_seen_or_tell() {
    reader_or_writer(None, |table| table.write(5, 5, 0, 1), Some(1));
}

#[test]
fn later_writes_are_seen_or_tell() {
    reader_or_writer(Some(1), |table| table.write(5, 5, 0, 2), Some(2));
    reader_or_writer(Some(1), |table| table.write(5, 5, 1, 2), Some(2));
}

#[test]
fn removals_are_seen_or_tell() {
    reader_or_writer(Some(1), |table| table.remove(5, &5, 0), None);
}
