//! The counts of a block, and the table of all blocks: readable without a script.

use core::fmt::Write as _;

use super::super::{Ending, Timeline};
use super::Kind;
use super::encoding::by_worker;

/// Counts and times of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Summary {
    workers: usize,
    transactions: u32,
    /// By [`Kind`].
    counts: [u64; Kind::ALL.len()],
    blocked: u64,
    conflicts: u64,
    /// From the start of the block to the last end, in nanoseconds.
    duration: u64,
    /// Summed over all spans, in nanoseconds.
    busy: u128,
}

impl Summary {
    fn of(timeline: &Timeline) -> Self {
        let mut summary = Self {
            workers: by_worker(timeline).len(),
            transactions: timeline.transactions,
            ..Self::default()
        };
        for span in &timeline.spans {
            if let Some(count) = summary.counts.get_mut(Kind::of(span) as usize) {
                *count += 1;
            }
            match span.ending {
                Ending::Done => {}
                Ending::Blocked => summary.blocked += 1,
                Ending::Conflict => summary.conflicts += 1,
            }
            summary.duration = summary.duration.max(span.end);
            summary.busy += u128::from(span.end.saturating_sub(span.start));
        }
        summary
    }

    /// Share of the workers' time that is covered by spans, in percent.
    fn busy_percent(&self) -> f64 {
        let all = self.duration as f64 * self.workers as f64;
        if all > 0.0 {
            100.0 * self.busy as f64 / all
        } else {
            0.0
        }
    }
}

/// The table of all blocks, as HTML.
pub(super) fn table(timelines: &[Timeline]) -> String {
    let mut table = String::from(
        "<table id=\"blocks\" aria-labelledby=\"blocks-title\"><thead><tr><th scope=\"col\">Block</th>\
         <th scope=\"col\">Workers</th><th scope=\"col\">Transactions</th>",
    );
    for kind in Kind::ALL {
        let _ = write!(table, "<th scope=\"col\">{}s</th>", kind.name());
    }
    table.push_str(
        "<th scope=\"col\">blocked</th><th scope=\"col\">conflicts</th><th scope=\"col\">ms</th>\
         <th scope=\"col\">busy</th></tr></thead><tbody>",
    );
    for timeline in timelines {
        let summary = Summary::of(timeline);
        let _ = write!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>",
            timeline.block, summary.workers, summary.transactions
        );
        for count in summary
            .counts
            .into_iter()
            .chain([summary.blocked, summary.conflicts])
        {
            let _ = write!(table, "<td>{count}</td>");
        }
        let _ = write!(
            table,
            "<td>{:.3}</td><td>{:.1} %</td></tr>",
            summary.duration as f64 / 1e6,
            summary.busy_percent()
        );
    }
    table.push_str("</tbody></table>");
    table
}

#[cfg(test)]
mod tests {
    use super::super::super::{Activity, Span};
    use super::*;

    #[test]
    fn every_kind_and_ending_is_counted() {
        use Activity::{Execute, Sequential, Validate};
        use Ending::{Blocked, Conflict, Done};
        let spans = [
            (0, 0, 0, Execute, Done, 0, 1_000_000),
            (1, 1, 0, Execute, Blocked, 0, 500_000),
            (1, 1, 1, Execute, Done, 500_000, 1_500_000),
            (0, 1, 1, Validate, Conflict, 1_500_000, 1_600_000),
            (0, 1, 2, Sequential, Done, 1_600_000, 2_000_000),
        ];
        let spans = spans.map(
            |(worker, transaction, incarnation, activity, ending, start, end)| Span {
                worker,
                transaction,
                incarnation,
                activity,
                ending,
                start,
                end,
            },
        );
        let timeline = Timeline {
            block: 12,
            // Two of one batch: it has the spans of its first.
            transactions: 3,
            workers: 2,
            spans: spans.to_vec(),
        };
        let summary = Summary::of(&timeline);
        assert_eq!(summary.counts, [2, 1, 1, 1]);
        assert_eq!((summary.blocked, summary.conflicts), (1, 1));
        assert_eq!((summary.duration, summary.busy), (2_000_000, 3_000_000));
        let row = "<th scope=\"row\">12</th><td>2</td><td>3</td><td>2</td><td>1</td><td>1</td><td>1</td><td>1</td><td>1</td><td>2.000</td><td>75.0 %</td>";
        assert!(table(&[timeline]).contains(row));
    }

    #[test]
    fn a_block_without_spans_has_a_row_of_zeros() {
        let row = table(&[Timeline {
            block: 3,
            transactions: 0,
            workers: 2,
            spans: vec![],
        }]);
        assert!(row.contains("<td>0.000</td><td>0.0 %</td>"), "{row}");
    }
}
