//! Spans as text, a few characters each.
//!
//! The spans of a worker follow each other in time, so a span is told by what changes: the time since the end of the one
//! before, its length, the step to its transaction's index, and one number for its incarnation, kind and ending. Numbers are
//! written as in source maps: five bits a character, lowest first, a sixth bit when more follow. The characters need no
//! escaping in JSON or HTML.

use serde::Serialize;

use super::super::{Span, Timeline};
use super::{ENDINGS, Kind, ending_name};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What the script of the page reads.
#[derive(Serialize)]
struct Data {
    /// The characters for 0 to 63.
    digits: &'static str,
    kinds: Vec<&'static str>,
    endings: Vec<&'static str>,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
    /// As text: JavaScript's numbers are exact only up to 2^53.
    number: String,
    transactions: u32,
    /// For each worker how many spans, and the spans.
    workers: Vec<(usize, String)>,
}

pub(super) fn data(timelines: &[Timeline]) -> String {
    let data = Data {
        digits: core::str::from_utf8(DIGITS).unwrap_or_default(),
        kinds: Kind::ALL.iter().map(|kind| kind.name()).collect(),
        endings: ENDINGS.iter().copied().map(ending_name).collect(),
        blocks: timelines.iter().map(block).collect(),
    };
    // Strings and lists of them always have a JSON form. The only characters that HTML might mistake are never in it.
    serde_json::to_string(&data).unwrap_or_default()
}

fn block(timeline: &Timeline) -> Block {
    Block {
        number: timeline.block.to_string(),
        transactions: timeline.transactions,
        workers: by_worker(timeline)
            .iter()
            .map(|spans| (spans.len(), lane(spans)))
            .collect(),
    }
}

/// The spans of each worker in order of time; as many workers as there were, or as there are spans of.
pub(super) fn by_worker(timeline: &Timeline) -> Vec<Vec<&Span>> {
    let workers = timeline
        .spans
        .iter()
        .map(|span| usize::from(span.worker) + 1)
        .fold(usize::from(timeline.workers), usize::max);
    let mut lanes = vec![Vec::new(); workers];
    for span in &timeline.spans {
        if let Some(lane) = lanes.get_mut(usize::from(span.worker)) {
            lane.push(span);
        }
    }
    for lane in &mut lanes {
        lane.sort_by_key(|span| (span.start, span.end));
    }
    lanes
}

fn lane(spans: &[&Span]) -> String {
    let mut text = String::with_capacity(8 * spans.len());
    let mut end = 0;
    let mut transaction = 0;
    for span in spans {
        signed(&mut text, i128::from(span.start) - i128::from(end));
        end = span.end.max(span.start);
        unsigned(&mut text, u128::from(end - span.start));
        signed(
            &mut text,
            i128::from(span.transaction) - i128::from(transaction),
        );
        transaction = span.transaction;
        let kind = Kind::of(span) as usize;
        let ending = span.ending as usize;
        let codes = Kind::ALL.len() * ENDINGS.len();
        let code = kind * ENDINGS.len() + ending;
        unsigned(
            &mut text,
            u128::from(span.incarnation) * codes as u128 + code as u128,
        );
    }
    text
}

fn unsigned(text: &mut String, mut value: u128) {
    loop {
        let more = value >= 32;
        let digit = (value % 32) as usize + if more { 32 } else { 0 };
        text.push(char::from(DIGITS[digit]));
        value /= 32;
        if !more {
            return;
        }
    }
}

/// The sign goes to the lowest bit.
fn signed(text: &mut String, value: i128) {
    let doubled = 2 * value.unsigned_abs();
    unsigned(text, if value < 0 { doubled - 1 } else { doubled });
}

#[cfg(test)]
mod tests {
    use super::super::super::{Activity, Ending};
    use super::*;
    use proptest::prelude::*;

    fn read(text: &mut core::str::Bytes<'_>) -> i128 {
        let mut value = 0;
        for place in 0.. {
            let byte = text.next().unwrap();
            let digit = DIGITS.iter().position(|&digit| digit == byte).unwrap() as i128;
            value += (digit % 32) << (5 * place);
            if digit < 32 {
                break;
            }
        }
        value
    }

    fn read_signed(text: &mut core::str::Bytes<'_>) -> i128 {
        let value = read(text);
        if value % 2 == 1 {
            -(value + 1) / 2
        } else {
            value / 2
        }
    }

    fn decoded(worker: u16, text: &str) -> Vec<Span> {
        let mut text = text.bytes();
        let (mut end, mut transaction) = (0, 0);
        let mut spans = Vec::new();
        while text.len() > 0 {
            let start = end + read_signed(&mut text);
            end = start + read(&mut text);
            transaction += read_signed(&mut text);
            let mixed = read(&mut text);
            spans.push(Span {
                worker,
                transaction: transaction.try_into().unwrap(),
                incarnation: (mixed / 12).try_into().unwrap(),
                activity: match mixed % 12 / 3 {
                    0 | 1 => Activity::Execute,
                    2 => Activity::Validate,
                    _ => Activity::Sequential,
                },
                ending: ENDINGS[(mixed % 3) as usize],
                start: start.try_into().unwrap(),
                end: end.try_into().unwrap(),
            });
        }
        spans
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let activity = prop_oneof![
            Just(Activity::Execute),
            Just(Activity::Validate),
            Just(Activity::Sequential)
        ];
        let ending = prop_oneof![
            Just(Ending::Done),
            Just(Ending::Blocked),
            Just(Ending::Conflict)
        ];
        let span = (
            0..4u16,
            any::<u32>(),
            prop_oneof![0..3u32, any::<u32>()],
            activity,
            ending,
            any::<u64>(),
            any::<u64>(),
        );
        let span = span.prop_map(
            |(worker, transaction, incarnation, activity, ending, a, b)| Span {
                worker,
                transaction,
                incarnation,
                activity,
                ending,
                start: a.min(b),
                end: a.max(b),
            },
        );
        proptest::collection::vec(span, 0..40)
    }

    proptest! {
        #[test]
        fn spans_come_back_sorted_by_worker_and_start(spans in spans()) {
            let timeline = Timeline { block: u64::MAX, transactions: 9, workers: 6, spans: spans.clone() };
            let block = block(&timeline);
            prop_assert_eq!(block.number, u64::MAX.to_string());
            prop_assert_eq!(block.workers.len(), 6);
            let mut read = Vec::new();
            for (worker, (count, text)) in block.workers.iter().enumerate() {
                let lane = decoded(worker as u16, text);
                prop_assert_eq!(lane.len(), *count);
                read.extend(lane);
            }
            let mut expected = spans;
            expected.sort_by_key(|span| (span.worker, span.start, span.end));
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn spans_of_a_worker_beyond_the_number_of_workers_get_a_lane() {
        let span = Span {
            worker: 4,
            transaction: 0,
            incarnation: 0,
            activity: Activity::Execute,
            ending: Ending::Done,
            start: 1,
            end: 2,
        };
        let timeline = Timeline {
            block: 0,
            transactions: 1,
            workers: 2,
            spans: vec![span],
        };
        let counts: Vec<usize> = by_worker(&timeline).iter().map(Vec::len).collect();
        assert_eq!(counts, [0, 0, 0, 0, 1]);
    }
}
