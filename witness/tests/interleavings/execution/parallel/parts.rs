//! Promises of the scheduler and of the index of writers, each in all interleavings of a few calls.

use std::sync::Arc;

use shuttle::thread;

use super::scheduler::{Phase, Scheduler, Task};
use super::tuning::LOOKAHEAD;
use super::writers::{Reader, Writers};

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
    let scheduler = Arc::new(Scheduler::new(2, LOOKAHEAD, 2));
    assert_eq!(claim(&scheduler), [0, 1]);
    assert_eq!((scheduler.start(0), scheduler.start(1)), (Some(0), Some(0)));
    scheduler
}

#[test]
fn claims_are_disjoint_and_complete() {
    every_interleaving(|| {
        let scheduler = Arc::new(Scheduler::new(4, LOOKAHEAD, 2));
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
        let scheduler = Scheduler::new(3 * LOOKAHEAD, LOOKAHEAD, 2);
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
        let scheduler = Arc::new(Scheduler::new(4, LOOKAHEAD, 2));
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

/// A later transaction reads while an earlier one says that it wrote: one of them knows of the other. The later one, with place 2, must find `after`, or the
/// earlier one be told.
fn reader_or_writer(before: &'static [usize], change: fn(&Writers) -> bool, after: Option<usize>) {
    const KEY: u64 = 5;
    every_interleaving(move || {
        let writers = Arc::new(Writers::new(1));
        for before in before {
            writers.add(KEY, *before);
        }
        let again = Arc::clone(&writers);
        let reader = {
            let writers = Arc::clone(&writers);
            move || {
                writers.note(KEY, 2, Reader::Execution);
                writers.below(KEY, 2)
            }
        };
        let (read, told) = both(reader, move || change(&again));
        assert!(read == after || told, "read {read:?}");
        assert_eq!(writers.below(KEY, 2), after);
    });
}

#[test]
fn first_writers_are_seen_or_told() {
    reader_or_writer(&[], |writers| writers.add(5, 0), Some(0));
}

#[test]
fn later_writers_are_seen_or_told() {
    reader_or_writer(&[0], |writers| writers.add(5, 1), Some(1));
    reader_or_writer(&[3], |writers| writers.add(5, 1), Some(1));
    reader_or_writer(&[0, 1, 3], |writers| writers.add(5, 1), Some(1));
}

#[test]
fn writers_that_go_are_seen_or_told() {
    reader_or_writer(&[0], |writers| writers.remove(5, 0), None);
    reader_or_writer(&[0, 1], |writers| writers.remove(5, 1), Some(0));
}

/// Two transactions that write the same key at the same time are both there.
#[test]
fn no_writer_is_lost() {
    every_interleaving(|| {
        let writers = Arc::new(Writers::new(1));
        let (one, two) = (Arc::clone(&writers), Arc::clone(&writers));
        both(move || one.add(5, 4), move || two.add(5, 1));
        assert_eq!(writers.below(5, 9), Some(4));
        assert_eq!(writers.below(5, 4), Some(1));
        assert_eq!(writers.below(5, 1), None);
        assert!(!writers.is_only(5, 1) && !writers.is_only(5, 4));
    });
    every_interleaving(|| {
        let writers = Arc::new(Writers::new(1));
        writers.add(5, 4);
        let (one, two) = (Arc::clone(&writers), Arc::clone(&writers));
        both(move || one.remove(5, 4), move || two.add(5, 1));
        assert_eq!(writers.below(5, 9), Some(1));
        assert_eq!(writers.below(5, 1), None);
    });
}
