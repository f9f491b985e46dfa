//! Whether a change of one cell is noticed: the test that every column of a table is bound.

use std::collections::BTreeMap;

use plonky2::field::types::{Field, PrimeField64};

use crate::check::row_of;
use crate::field::Felt;
use crate::message::{Tag, is_silent};
use crate::table::{AnyTable, Collected};
use crate::trace::Trace;

/// What notices a changed cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// These constraints fail.
    Constraints(Vec<&'static str>),
    /// All constraints hold, but messages of these kinds change.
    Messages(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

impl Noticed {
    /// Whether the constraint or the kind of message `label` is among what notices.
    pub fn mentions(&self, label: &str) -> bool {
        match self {
            Self::Constraints(labels) | Self::Messages(labels) => labels.contains(&label),
            Self::Nothing => false,
        }
    }
}

type Messages = BTreeMap<(&'static str, Vec<u64>), Felt>;

fn evaluate(
    table: &dyn AnyTable,
    trace: &Trace,
    fixed: &Trace,
    rows: &[usize],
    ignored: &[Tag],
) -> (Vec<&'static str>, Messages) {
    let (mut failing, mut messages) = (Vec::new(), Messages::new());
    let mut out = Collected::default();
    for &row in rows {
        out.clear();
        table.eval_row(row_of(trace, fixed, row), &mut out);
        failing.extend(
            out.constraints
                .iter()
                .filter(|c| c.1 != Felt::ZERO)
                .map(|c| c.0),
        );
        for interaction in &out.interactions {
            let tag = interaction.message.tag;
            if is_silent(interaction.multiplicity) || ignored.contains(&tag) {
                continue;
            }
            let payload = interaction
                .message
                .payload
                .iter()
                .map(|x| x.to_canonical_u64());
            let key = (tag.name, payload.collect());
            *messages.entry(key).or_insert(Felt::ZERO) += interaction.multiplicity;
        }
    }
    messages.retain(|_, count| *count != Felt::ZERO);
    failing.sort_unstable();
    failing.dedup();
    (failing, messages)
}

/// Adds `change` to one cell of a valid padded trace and tells what notices. Messages of the kinds `ignored` do not count: a
/// prover can ask a lookup for another entry.
///
/// # Panics
/// If there is no such cell.
pub fn change_cell(
    table: &dyn AnyTable,
    trace: &mut Trace,
    fixed: &Trace,
    (row, column): (usize, usize),
    change: Felt,
    ignored: &[Tag],
) -> Noticed {
    let height = trace.height();
    let mut rows = vec![(row + height - 1) % height, row];
    rows.dedup();
    let (_, before) = evaluate(table, trace, fixed, &rows, ignored);
    let valid = trace.row(row)[column];
    trace.row_mut(row)[column] = valid + change;
    let (failing, after) = evaluate(table, trace, fixed, &rows, ignored);
    trace.row_mut(row)[column] = valid;
    if !failing.is_empty() {
        return Noticed::Constraints(failing);
    }
    let differing = before
        .iter()
        .filter(|(key, count)| after.get(*key) != Some(*count));
    let added = after.keys().filter(|key| !before.contains_key(*key));
    let mut kinds: Vec<_> = differing
        .map(|(key, _)| key.0)
        .chain(added.map(|key| key.0))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        Noticed::Nothing
    } else {
        Noticed::Messages(kinds)
    }
}

/// Names of the columns whose change on none of `rows` is noticed. A column may mean nothing on some rows; give rows that
/// use all columns between them.
pub fn unnoticed_columns(
    table: &dyn AnyTable,
    trace: &Trace,
    rows: &[usize],
    ignored: &[Tag],
) -> Vec<String> {
    let fixed = table.fixed(trace.height());
    let mut trace = trace.clone();
    let names = table.column_names().into_iter().enumerate();
    names
        .filter(|(column, _)| {
            rows.iter().all(|&row| {
                let cell = (row, *column);
                change_cell(table, &mut trace, &fixed, cell, Felt::ONE, ignored) == Noticed::Nothing
            })
        })
        .map(|(_, name)| name)
        .collect()
}
