//! Counts how often each entry of a looked-up table is asked for.

use std::collections::HashMap;

use plonky2::field::types::{Field, PrimeField64};
use rayon::prelude::*;

use crate::builder::Row;
use crate::check::selectors;
use crate::error::Error;
use crate::field::Felt;
use crate::message::is_silent;
use crate::system::System;
use crate::table::InteractionsOnly;
use crate::trace::Trace;

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
            answers.insert(lookup.tag.id, (position, lookup));
        }
    }
    for (position, table) in system.tables.iter().enumerate() {
        let trace = &traces[position];
        let height = trace.height();
        let fixed = table.fixed(height);
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
                        let Some((answering, lookup)) = answers.get(&tag.id) else {
                            continue;
                        };
                        if *answering == position {
                            continue;
                        }
                        let payload = &interaction.message.payload;
                        let row = (lookup.row_of)(payload).ok_or_else(|| Error::LookupMissing {
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
            let (answering, lookup) = &answers[&tag];
            let height = traces[*answering].height();
            if row >= height {
                return Err(Error::LookupMissing {
                    table: table.name(),
                    tag: lookup.tag.name,
                    payload: vec![row as u64],
                });
            }
            traces[*answering].row_mut(row)[lookup.multiplicity] += count;
        }
    }
    Ok(())
}
