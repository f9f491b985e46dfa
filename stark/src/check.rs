//! The checker: every constraint on every row, and the bus as a multiset, without commitments.

use core::fmt;
use std::collections::HashMap;

use plonky2::field::extension::FieldExtension;
use plonky2::field::types::{Field, PrimeField64};
use rayon::prelude::*;

use crate::builder::Row;
use crate::error::Error;
use crate::expression::Expression;
use crate::field::{Challenge, Felt};
use crate::message::{Interaction, is_silent, signed};
use crate::system::System;
use crate::table::{AnyTable, Collected, InteractionsOnly, elements};
use crate::trace::Trace;

/// How many findings of one kind a report lists at most.
const MOST_FINDINGS: usize = 64;

/// A constraint that does not hold on a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The table's name.
    pub table: &'static str,
    /// The row.
    pub row: usize,
    /// The constraint's label.
    pub label: &'static str,
}

/// One side of an unmatched message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The table's name, or `"public values"`.
    pub table: &'static str,
    /// The row.
    pub row: usize,
    /// How often it sends the message; negative if it receives.
    pub multiplicity: i128,
}

/// A message that is not received as often as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// The kind of message.
    pub tag: &'static str,
    /// Its payload.
    pub payload: Vec<u64>,
    /// Sent minus received.
    pub net: i128,
    /// Who said it.
    pub speakers: Vec<Speaker>,
}

/// What the checker found; at most a few dozen findings of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Constraints that fail.
    pub violations: Vec<Violation>,
    /// Messages that do not balance.
    pub unmatched: Vec<Unmatched>,
}

impl Report {
    /// Whether everything holds.
    pub fn is_ok(&self) -> bool {
        self.violations.is_empty() && self.unmatched.is_empty()
    }

    /// Whether the constraint `label` fails somewhere, or a message of the kind `label` is unmatched.
    pub fn mentions(&self, label: &str) -> bool {
        self.violations.iter().any(|v| v.label == label)
            || self.unmatched.iter().any(|u| u.tag == label)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ok() {
            return f.write_str("all constraints hold and the bus balances");
        }
        for v in &self.violations {
            writeln!(f, "{} row {}: {}", v.table, v.row, v.label)?;
        }
        for u in &self.unmatched {
            write!(f, "unmatched {} {:?}, net {}:", u.tag, u.payload, u.net)?;
            for s in u.speakers.iter().take(8) {
                write!(f, " {} row {} ({:+})", s.table, s.row, s.multiplicity)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// The selectors `(first, last, transition)` of a row, as 0 or 1.
pub fn selectors(index: usize, height: usize) -> (Felt, Felt, Felt) {
    let last = index + 1 == height;
    (
        Felt::from_bool(index == 0),
        Felt::from_bool(last),
        Felt::from_bool(!last),
    )
}

/// Views one row of a padded trace as the table sees it.
pub fn row_of<'a>(trace: &'a Trace, fixed: &'a Trace, index: usize) -> Row<'a, Felt> {
    let height = trace.height();
    let (first, last, transition) = selectors(index, height);
    Row {
        local: trace.row(index),
        next: trace.row((index + 1) % height),
        fixed: fixed.row(index),
        first,
        last,
        transition,
    }
}

/// Constraints of one table that fail on its padded trace. The bus is not looked at.
pub fn check_table(table: &dyn AnyTable, trace: &Trace) -> Vec<Violation> {
    evaluate(table, trace, &table.fixed(trace.height())).0
}

/// What each row of a table says.
type RowsSaid = Vec<(usize, Interaction<Felt>)>;

/// Constraints of one table that fail on its padded trace, and its interactions with a non-zero multiplicity, row by row.
fn evaluate(table: &dyn AnyTable, trace: &Trace, fixed: &Trace) -> (Vec<Violation>, RowsSaid) {
    let rows: Vec<_> = (0..trace.height())
        .into_par_iter()
        .map_init(Collected::default, |out, row| {
            out.clear();
            table.eval_row(row_of(trace, fixed, row), out);
            let failing = out.constraints.iter();
            let failing = failing.filter(|(_, value)| *value != Felt::ZERO);
            let failing = failing.map(|(label, _)| Violation {
                table: table.name(),
                row,
                label,
            });
            let spoken = out.interactions.drain(..);
            let spoken = spoken.filter(|said| !is_silent(said.multiplicity));
            (Vec::from_iter(failing), Vec::from_iter(spoken))
        })
        .collect();
    let (mut violations, mut said) = (Vec::new(), Vec::new());
    for (row, (failing, spoken)) in rows.into_iter().enumerate() {
        violations.extend(failing);
        said.extend(spoken.into_iter().map(|spoken| (row, spoken)));
    }
    violations.sort();
    violations.truncate(MOST_FINDINGS);
    (violations, said)
}

/// All interactions of one table with a non-zero multiplicity, row by row.
pub fn interactions_of(table: &dyn AnyTable, trace: &Trace) -> Vec<(usize, Interaction<Felt>)> {
    interactions_where(table, trace, |_| true)
}

/// The interactions of one table with a non-zero multiplicity that `keep` wants, row by row.
pub fn interactions_where(
    table: &dyn AnyTable,
    trace: &Trace,
    keep: impl Fn(&Interaction<Felt>) -> bool + Sync,
) -> Vec<(usize, Interaction<Felt>)> {
    let fixed = table.fixed(trace.height());
    (0..trace.height())
        .into_par_iter()
        .map_init(
            || InteractionsOnly(Vec::new()),
            |out, row| {
                out.0.clear();
                table.interactions_of_row(row_of(trace, &fixed, row), out);
                let spoken = out.0.drain(..).filter(|i| !is_silent(i.multiplicity));
                spoken.filter(&keep).map(|i| (row, i)).collect::<Vec<_>>()
            },
        )
        .flatten_iter()
        .collect()
}

/// A number that tells messages apart: the fingerprint at a fixed point of the extension. Good against accidents; the
/// proof's own challenge is random.
fn fingerprint(interaction: &Interaction<Felt>) -> [u64; 2] {
    let point = Challenge::from_basefield_array([
        Felt::from_canonical_u64(0x9e37_79b9_7f4a_7c15),
        Felt::from_canonical_u64(0xc2b2_ae3d_27d4_eb4f),
    ]);
    let mut power = Challenge::ONE;
    let mut sum = Challenge::ZERO;
    for element in elements(&interaction.message) {
        sum += power * Challenge::constant(element);
        power *= point;
    }
    let [a, b]: [Felt; 2] = sum.to_basefield_array();
    [a.to_canonical_u64(), b.to_canonical_u64()]
}

/// Checks padded traces of all tables of `system` against its constraints and the bus.
///
/// # Errors
/// When the number of traces or public values, or the width of a trace, is not the system's.
pub fn check(system: &System, traces: &[Trace], public: &[Felt]) -> Result<Report, Error> {
    let expect = |what, expected, got| {
        if expected == got {
            Ok(())
        } else {
            Err(Error::Count {
                what,
                expected,
                got,
            })
        }
    };
    expect("traces", system.tables.len(), traces.len())?;
    expect("public values", system.public.count(), public.len())?;
    for (table, trace) in system.tables.iter().zip(traces) {
        expect("columns", table.column_names().len(), trace.width())?;
    }
    let mut report = Report::default();
    let mut spoken = Vec::new();
    for (position, (table, trace)) in system.tables.iter().zip(traces).enumerate() {
        let fixed = system.fixed(position, trace.height());
        let (violations, interactions) = evaluate(table.as_ref(), trace, &fixed);
        report.violations.extend(violations);
        spoken.push((table.name(), interactions));
    }
    let public = system.public.interactions_felt(public);
    spoken.push((
        "public values",
        public.into_iter().map(|i| (0, i)).collect(),
    ));
    report.unmatched = unmatched(&spoken);
    Ok(report)
}

/// A table's name and what each of its rows says.
type Spoken = (&'static str, RowsSaid);

fn unmatched(spoken: &[Spoken]) -> Vec<Unmatched> {
    let mut net: HashMap<[u64; 2], Felt> = HashMap::new();
    for (_, interactions) in spoken {
        let prints: Vec<_> = interactions
            .par_iter()
            .map(|(_, i)| fingerprint(i))
            .collect();
        for (print, (_, interaction)) in prints.into_iter().zip(interactions) {
            *net.entry(print).or_insert(Felt::ZERO) += interaction.multiplicity;
        }
    }
    net.retain(|_, sum| *sum != Felt::ZERO);
    if net.is_empty() {
        return Vec::new();
    }
    let mut found: HashMap<[u64; 2], Unmatched> = HashMap::new();
    for (table, interactions) in spoken {
        for (row, interaction) in interactions {
            let print = fingerprint(interaction);
            let Some(sum) = net.get(&print) else { continue };
            let message = &interaction.message;
            let entry = found.entry(print).or_insert_with(|| Unmatched {
                tag: message.tag.name,
                payload: message
                    .payload
                    .iter()
                    .map(|x| x.to_canonical_u64())
                    .collect(),
                net: signed(*sum),
                speakers: Vec::new(),
            });
            entry.speakers.push(Speaker {
                table,
                row: *row,
                multiplicity: signed(interaction.multiplicity),
            });
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by(|a, b| (a.tag, &a.payload).cmp(&(b.tag, &b.payload)));
    found.truncate(MOST_FINDINGS);
    found
}
