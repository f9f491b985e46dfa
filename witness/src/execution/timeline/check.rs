//! What holds for the timeline of every block: for tests of whoever records one.

use std::collections::BTreeMap;

use super::{Activity, Ending, Span, Timeline};
use crate::error::{Error, Result};

impl Timeline {
    /// Checks that this can be the timeline of a block that was executed to its end:
    ///
    /// * the spans of a worker are in order and do not overlap;
    /// * only speculative executions are blocked, and only validations find conflicts;
    /// * the last execution of every transaction that occurs is done, and it is of a later incarnation than any that a
    ///   validation found in conflict.
    ///
    /// Spans of different workers are only compared by their starts: a worker reads the clock after the others can see
    /// what it did.
    ///
    /// # Errors
    /// [`Error::Internal`] with the span that contradicts.
    pub fn check(&self) -> Result<()> {
        let mut ends = vec![0; usize::from(self.workers)];
        let mut last: BTreeMap<u32, &Span> = BTreeMap::new();
        let mut conflicts: BTreeMap<u32, &Span> = BTreeMap::new();
        for span in &self.spans {
            let end = ends
                .get_mut(usize::from(span.worker))
                .ok_or_else(|| fault("no such worker", span))?;
            if span.end < span.start {
                return Err(fault("it ends before it starts", span));
            }
            if span.start < *end {
                return Err(fault("the worker's span before it ends later", span));
            }
            *end = span.end;
            match (span.activity, span.ending) {
                (_, Ending::Done) | (Activity::Execute, Ending::Blocked) => {}
                (Activity::Validate, Ending::Conflict) => {
                    let latest = conflicts.entry(span.transaction).or_insert(span);
                    if latest.incarnation < span.incarnation {
                        *latest = span;
                    }
                }
                _ => return Err(fault("it cannot end like this", span)),
            }
            if span.activity != Activity::Validate {
                let latest = last.entry(span.transaction).or_insert(span);
                if (latest.start, latest.incarnation) <= (span.start, span.incarnation) {
                    *latest = span;
                }
            }
        }
        if let Some(span) = last.values().find(|span| span.ending != Ending::Done) {
            return Err(fault("the last execution is not done", span));
        }
        for (transaction, conflict) in conflicts {
            let executed_later = last
                .get(&transaction)
                .is_some_and(|span| span.incarnation > conflict.incarnation);
            if !executed_later {
                return Err(fault("a conflict was the end of it", conflict));
            }
        }
        Ok(())
    }
}

fn fault(what: &str, span: &Span) -> Error {
    Error::Internal(format!("timeline: {what}: {span:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Activity::{Execute, Sequential, Validate};
    use Ending::{Blocked, Conflict, Done};

    type Parts = (u16, u32, u32, Activity, Ending, u64, u64);

    fn check(parts: &[Parts]) -> Result<()> {
        let span =
            |&(worker, transaction, incarnation, activity, ending, start, end): &Parts| Span {
                worker,
                transaction,
                incarnation,
                activity,
                ending,
                start,
                end,
            };
        let timeline = Timeline {
            block: 1,
            transactions: 3,
            workers: 2,
            spans: parts.iter().map(span).collect(),
        };
        timeline.check()
    }

    const GOOD: [Parts; 6] = [
        (1, 1, 0, Execute, Blocked, 0, 2),
        (1, 1, 1, Execute, Done, 2, 4),
        (0, 0, 0, Execute, Done, 0, 3),
        (0, 1, 1, Validate, Conflict, 4, 5),
        (0, 1, 2, Execute, Done, 5, 7),
        (0, 2, 0, Sequential, Done, 7, 9),
    ];

    #[test]
    fn a_whole_timeline_holds() {
        check(&GOOD).unwrap();
        check(&[]).unwrap();
    }

    #[test]
    fn every_contradiction_is_found() {
        let changes: [(usize, Parts, &str); 7] = [
            (0, (2, 1, 0, Execute, Blocked, 0, 2), "no such worker"),
            (2, (0, 0, 0, Execute, Done, 3, 2), "ends before it starts"),
            (3, (0, 1, 1, Validate, Conflict, 2, 5), "ends later"),
            (2, (0, 0, 0, Execute, Conflict, 0, 3), "cannot end"),
            (5, (0, 2, 0, Sequential, Blocked, 7, 9), "cannot end"),
            (4, (0, 1, 2, Execute, Blocked, 5, 7), "is not done"),
            (4, (0, 1, 1, Execute, Done, 5, 7), "a conflict was the end"),
        ];
        for (index, parts, why) in changes {
            let mut spans = GOOD;
            spans[index] = parts;
            let error = check(&spans).unwrap_err().to_string();
            assert!(error.contains(why), "{why}: {error}");
        }
    }
}
