//! Promises of the scheduler and of the index of writers, each in all interleavings of a few calls.

use std::sync::Arc;

use shuttle::thread;

use super::publications::{Filter, Met, Publications};
use super::scheduler::{Grouping, Phase, Scheduler, Task};
use super::tuning::LOOKAHEAD;
use super::writers::{Reader, Writers};

/// Transactions by themselves, two to a claim.
const PAIRS: Grouping = Grouping::Single { claim: 2 };

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
    let scheduler = Arc::new(Scheduler::new(2, LOOKAHEAD, PAIRS));
    assert_eq!(claim(&scheduler), [0, 1]);
    assert_eq!((scheduler.start(0), scheduler.start(1)), (Some(0), Some(0)));
    scheduler
}

#[test]
fn claims_are_disjoint_and_complete() {
    every_interleaving(|| {
        let scheduler = Arc::new(Scheduler::new(4, LOOKAHEAD, PAIRS));
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
        let scheduler = Scheduler::new(3 * LOOKAHEAD, LOOKAHEAD, PAIRS);
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
        let scheduler = Arc::new(Scheduler::new(4, LOOKAHEAD, PAIRS));
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
        let writers = Arc::new(Writers::new(1, 8, true));
        for before in before {
            writers.add(KEY, *before);
        }
        let again = Arc::clone(&writers);
        let reader = {
            let writers = Arc::clone(&writers);
            move || {
                writers.note(KEY, 2, Reader::Execution { head: 0 });
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
        let writers = Arc::new(Writers::new(1, 8, true));
        let (one, two) = (Arc::clone(&writers), Arc::clone(&writers));
        both(move || one.add(5, 4), move || two.add(5, 1));
        assert_eq!(writers.below(5, 9), Some(4));
        assert_eq!(writers.below(5, 4), Some(1));
        assert_eq!(writers.below(5, 1), None);
        assert!(!writers.is_only(5, 1) && !writers.is_only(5, 4));
    });
    every_interleaving(|| {
        let writers = Arc::new(Writers::new(1, 8, true));
        writers.add(5, 4);
        let (one, two) = (Arc::clone(&writers), Arc::clone(&writers));
        both(move || one.remove(5, 4), move || two.add(5, 1));
        assert_eq!(writers.below(5, 9), Some(1));
        assert_eq!(writers.below(5, 1), None);
    });
}

/// Batches of three transactions.
const TRIPLES: Grouping = Grouping::Batches { size: 3 };

#[test]
fn batches_are_begun_once_and_stay_as_they_are() {
    // All interleavings of so many steps would take hours.
    let test = || {
        let scheduler = Arc::new(Scheduler::new(8, 1, TRIPLES));
        let again = Arc::clone(&scheduler);
        let (one, other) = both(
            {
                let scheduler = Arc::clone(&scheduler);
                move || claim(&scheduler)
            },
            move || {
                // As whoever executes one after the other does, and then others again.
                again.begin_batch(0, 2);
                let length = again.length(0);
                again.give_back(0);
                (length, claim(&again))
            },
        );
        let (length, other) = other;
        // The first batch is what whoever came first made of it.
        assert!(length == 2 || length == 3, "{length}");
        assert_eq!(scheduler.length(0), length);
        let starts = |claim: &[usize]| claim.first().copied();
        for claim in [&one, &other] {
            let first = starts(claim).unwrap();
            assert_eq!(claim.len(), scheduler.length(first), "{claim:?}");
            assert!(first == 0 || first == length, "{claim:?}");
        }
        assert!([one, other].iter().any(|claim| starts(claim) == Some(0)));
    };
    shuttle::check_random(test, 5_000);
}

#[test]
fn the_head_goes_on_by_whole_batches() {
    every_interleaving(|| {
        let scheduler = Scheduler::new(5, 1, TRIPLES);
        assert_eq!(claim(&scheduler), [0, 1, 2]);
        assert_eq!(scheduler.starts(0..3).collect::<Vec<_>>(), [0]);
        assert_eq!(scheduler.start(0), Some(0));
        scheduler.executed(0);
        assert!(scheduler.freeze(0, 0));
        scheduler.commit(0);
        assert_eq!(scheduler.head(), 3);
        scheduler.begin_batch(3, 9);
        assert_eq!(scheduler.length(3), 2);
        scheduler.commit_executed(3);
        assert!(scheduler.is_finished());
    });
}

/// A batch is told of while another begins: that one learns of it, or meets it afterwards.
#[test]
fn what_is_told_is_known_or_met() {
    every_interleaving(|| {
        let publications = Arc::new(Publications::default());
        let again = Arc::clone(&publications);
        let begins = {
            let publications = Arc::clone(&publications);
            move || {
                let mut filter = Filter::new(1);
                let seen = filter.follow(&publications, 0);
                (filter.has(5), seen)
            }
        };
        let ((knows, seen), ()) = both(begins, move || again.push(1, &[5]));
        let met = publications.meet(seen, 3, &[4, 5]);
        let expected = Met::Written { place: 1, hash: 5 };
        assert!(knows || met == expected, "{met:?}");
        assert!(!knows || met != expected, "{met:?}");
    });
}
