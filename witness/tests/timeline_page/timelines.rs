//! Timelines to show.

use braid_witness::execution::{Activity, Ending, Span, Timeline};
use rand::{Rng, SeedableRng, rngs::StdRng};

use Activity::{Execute, Sequential, Validate};
use Ending::{Blocked, Conflict, Done};

fn span(
    worker: u16,
    (transaction, incarnation): (u32, u32),
    activity: Activity,
    ending: Ending,
    start: u64,
    end: u64,
) -> Span {
    Span {
        worker,
        transaction,
        incarnation,
        activity,
        ending,
        start,
        end,
    }
}

/// Ten microseconds of two workers with every kind of span; all are wide enough to be bars.
pub fn small() -> Timeline {
    Timeline {
        block: 18_000_000_000_000_000_001,
        transactions: 4,
        workers: 2,
        spans: vec![
            span(0, (0, 0), Execute, Done, 0, 2000),
            span(0, (0, 0), Validate, Done, 2000, 3000),
            span(0, (2, 0), Execute, Blocked, 3000, 5000),
            span(0, (2, 1), Execute, Done, 6000, 8000),
            span(0, (1, 1), Validate, Done, 8000, 8500),
            span(0, (3, 0), Sequential, Done, 9000, 10_000),
            span(1, (1, 0), Execute, Done, 0, 3000),
            span(1, (1, 0), Validate, Conflict, 3000, 4000),
            span(1, (1, 1), Execute, Done, 4000, 7000),
            span(1, (2, 1), Validate, Done, 8000, 9000),
        ],
    }
}

/// Transactions 0 to 127 and 128 to 190 as batches, and transaction 191 alone.
pub fn batches() -> Timeline {
    Timeline {
        block: 7,
        transactions: 192,
        workers: 2,
        spans: vec![
            span(0, (0, 0), Execute, Done, 0, 4000),
            span(0, (191, 0), Execute, Done, 5000, 6000),
            span(1, (128, 0), Execute, Done, 0, 3000),
            span(1, (128, 0), Validate, Done, 4000, 5000),
        ],
    }
}

/// What the workers of an optimistic executor do, with chances in percent that a transaction is blocked or conflicts.
pub fn simulated(
    block: u64,
    workers: u16,
    transactions: u32,
    chances: (u32, u32),
    tail: u32,
) -> Timeline {
    let mut random = StdRng::seed_from_u64(block);
    let mut clocks = vec![0u64; usize::from(workers)];
    let mut spans = Vec::new();
    let mut waiting: Vec<(u32, u32, Activity)> = Vec::new();
    let mut next = 0;
    loop {
        let worker = (0..clocks.len())
            .min_by_key(|&worker| clocks[worker])
            .unwrap();
        let (transaction, incarnation, activity) = match waiting.pop() {
            Some(task) => task,
            None if next < transactions => {
                next += 1;
                (next - 1, 0, Execute)
            }
            None => break,
        };
        let start = clocks[worker] + random.gen_range(80..400);
        let chance = random.gen_range(0..100);
        let again = incarnation + 1;
        let (length, ending) = match activity {
            Execute if chance < chances.0 && incarnation < 2 => {
                waiting.insert(0, (transaction, again, Execute));
                (random.gen_range(1_000..9_000), Blocked)
            }
            Validate if chance < chances.1 && incarnation < 3 => {
                waiting.insert(0, (transaction, again, Execute));
                (random.gen_range(300..2_000), Conflict)
            }
            Execute => {
                waiting.push((transaction, incarnation, Validate));
                (random.gen_range(2_000..30_000), Done)
            }
            _ => (random.gen_range(300..2_000), Done),
        };
        let end = start + length;
        spans.push(span(
            worker as u16,
            (transaction, incarnation),
            activity,
            ending,
            start,
            end,
        ));
        clocks[worker] = end;
    }
    let mut clock = clocks.iter().copied().max().unwrap();
    for transaction in transactions..transactions + tail {
        let start = clock + 200;
        clock = start + random.gen_range(2_000..20_000);
        spans.push(span(0, (transaction, 0), Sequential, Done, start, clock));
    }
    Timeline {
        block,
        transactions: transactions + tail,
        workers,
        spans,
    }
}

/// Row of the legend.
pub fn kind(span: &Span) -> usize {
    match (span.activity, span.incarnation) {
        (Execute, 0) => 0,
        (Execute, _) => 1,
        (Validate, _) => 2,
        (Sequential, _) => 3,
    }
}
