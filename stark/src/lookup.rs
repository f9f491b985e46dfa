//! Counts how often each entry of a looked-up table is asked for.

use std::collections::HashMap;

use plonky2::field::types::{Field, PrimeField64};
use rayon::prelude::*;

use crate::builder::Row;
use crate::check::{row_of, selectors};
use crate::error::Error;
use crate::field::Felt;
use crate::message::{Tag, is_silent};
use crate::system::System;
use crate::table::{AnyTable, InteractionsOnly, OfferedBy};
use crate::trace::Trace;

/// Where a payload is offered.
enum Rows {
    Computed(fn(&[Felt]) -> Option<usize>),
    Found(HashMap<Vec<Felt>, usize>),
}

impl Rows {
    fn of(&self, payload: &[Felt]) -> Option<usize> {
        match self {
            Self::Computed(row_of) => row_of(payload),
            Self::Found(rows) => rows.get(payload).copied(),
        }
    }
}

/// A table that answers lookups of one kind.
struct Answer {
    position: usize,
    multiplicity: usize,
    tag: Tag,
    rows: Rows,
}

/// The first row of each payload of the kind `tag` that the table speaks of.
fn offers(
    table: &dyn AnyTable,
    trace: &Trace,
    fixed: &Trace,
    tag: Tag,
) -> HashMap<Vec<Felt>, usize> {
    let mut rows = HashMap::new();
    let mut out = InteractionsOnly(Vec::new());
    for index in 0..trace.height() {
        out.0.clear();
        table.interactions_of_row(row_of(trace, fixed, index), &mut out);
        let offered = out.0.drain(..).filter(|said| said.message.tag == tag);
        for said in offered {
            rows.entry(said.message.payload).or_insert(index);
        }
    }
    rows
}

/// Fills the multiplicity columns of every table that answers lookups, from what all tables send. Traces are padded to
/// their full height already.
///
/// # Errors
/// [`Error::LookupMissing`] when something is looked up that no entry offers.
pub fn fill_multiplicities(system: &System, traces: &mut [Trace]) -> Result<(), Error> {
    let mut answers = HashMap::new();
    for (position, table) in system.tables.iter().enumerate() {
        for lookup in table.lookups() {
            for row in traces[position].rows_mut() {
                row[lookup.multiplicity] = Felt::ZERO;
            }
            let rows = match lookup.rows {
                OfferedBy::Computed(row_of) => Rows::Computed(row_of),
                OfferedBy::Search => {
                    let trace = &traces[position];
                    let fixed = system.fixed(position, trace.height());
                    Rows::Found(offers(&**table, trace, &fixed, lookup.tag))
                }
            };
            let answer = Answer {
                position,
                multiplicity: lookup.multiplicity,
                tag: lookup.tag,
                rows,
            };
            answers.insert(lookup.tag.id, answer);
        }
    }
    for (position, table) in system.tables.iter().enumerate() {
        let trace = &traces[position];
        let height = trace.height();
        let fixed = system.fixed(position, height);
        let asked = (0..height)
            .into_par_iter()
            .fold(
                || {
                    Ok((
                        HashMap::<(u32, usize), Felt>::new(),
                        InteractionsOnly(Vec::new()),
                    ))
                },
                |state, index| {
                    let (mut counts, mut out) = state?;
                    out.0.clear();
                    let (first, last, transition) = selectors(index, height);
                    table.interactions_of_row(
                        Row {
                            local: trace.row(index),
                            next: trace.row((index + 1) % height),
                            fixed: fixed.row(index),
                            first,
                            last,
                            transition,
                        },
                        &mut out,
                    );
                    for interaction in &out.0 {
                        if is_silent(interaction.multiplicity) {
                            continue;
                        }
                        let tag = interaction.message.tag;
                        let Some(answer) = answers.get(&tag.id) else {
                            continue;
                        };
                        if answer.position == position {
                            continue;
                        }
                        let payload = &interaction.message.payload;
                        let row = answer
                            .rows
                            .of(payload)
                            .ok_or_else(|| Error::LookupMissing {
                                table: table.name(),
                                tag: tag.name,
                                payload: payload.iter().map(|x| x.to_canonical_u64()).collect(),
                            })?;
                        *counts.entry((tag.id, row)).or_insert(Felt::ZERO) +=
                            interaction.multiplicity;
                    }
                    Ok((counts, out))
                },
            )
            .map(|state: Result<_, Error>| state.map(|(counts, _)| counts))
            .reduce(
                || Ok(HashMap::new()),
                |left, right| {
                    let (mut left, right) = (left?, right?);
                    for (key, count) in right {
                        *left.entry(key).or_insert(Felt::ZERO) += count;
                    }
                    Ok(left)
                },
            )?;
        for ((tag, row), count) in asked {
            let answer = &answers[&tag];
            let height = traces[answer.position].height();
            if row >= height {
                return Err(Error::LookupMissing {
                    table: table.name(),
                    tag: answer.tag.name,
                    payload: vec![row as u64],
                });
            }
            traces[answer.position].row_mut(row)[answer.multiplicity] += count;
        }
    }
    Ok(())
}
