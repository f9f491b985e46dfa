//! Lookups that bound single cells. Messages that are claims are missed where they are left out, since somebody waits for them; lookups are not, as whoever answers counts anew. So each has a cell here whose change makes it ask for what is not there.

use std::collections::BTreeSet;

use braid_circuits::bus::tag;
use braid_circuits::event::opcode::*;
use braid_stark::check::row_of;
use braid_stark::table::InteractionsOnly;
use braid_stark::{AnyTable, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use crate::support::{Run, call_traces, push};
use crate::{
    accounts, arithmetic, copies, ecrecover, external_code, frames, identity, invocations, logs,
    memory_forgeries, storage, support,
};

/// More than any time of a chunk.
const LATE: u64 = 1 << 40;
/// The least number that has more than 16 bits.
pub const WIDE: u64 = 1 << 16;

/// Steps of each table that lack gas: the code, and what is there beside the intrinsic gas.
fn lacking() -> Vec<(&'static str, Vec<u8>, u64)> {
    let zeros = |count: usize, opcode: u8| [vec![PUSH0; count], vec![opcode]].concat();
    vec![
        ("halt", zeros(2, ADD), 6),
        ("arithmetic", zeros(3, ADDMOD), 13),
        ("register", zeros(0, GAS), 1),
        ("memory", zeros(1, MLOAD), 4),
        ("finish", [push(10), push(60), vec![RETURN]].concat(), 14),
        ("log", zeros(2, LOG0), 104),
        ("storage_access", zeros(1, SLOAD), 202),
        ("moves", zeros(2, KECCAK256), 24),
        ("account_read", zeros(1, BALANCE), 202),
        ("external_code", zeros(4, EXTCODECOPY), 208),
        ("call", zeros(7, CALL), 214),
    ]
}

fn halted() -> impl Iterator<Item = (&'static str, Run)> {
    let programs = lacking().into_iter();
    programs.map(|(table, code, gas)| (table, Run::of(&call_traces(code, 21_000 + gas))))
}

/// Runs that use every table, done and halted.
pub fn runs() -> Vec<Run> {
    let samples = vec![
        support::sample(),
        frames::sample(),
        invocations::run(),
        accounts::sample(),
        storage::sample(),
        logs::sample(),
        copies::everything(),
        external_code::sample(),
        memory_forgeries::sample(),
        arithmetic::sample(),
        identity::sample(),
        ecrecover::sample(),
    ];
    samples
        .into_iter()
        .chain(halted().map(|(_, run)| run))
        .collect()
}

/// Whether a row that has `value` in this cell looks up a time or a small number that is none.
pub fn asks_in_vain(
    (table, fixed): (&dyn AnyTable, &Trace),
    trace: &mut Trace,
    (row, column): (usize, usize),
    value: u64,
) -> bool {
    let before = trace.row(row)[column];
    trace.row_mut(row)[column] = Felt::from_canonical_u64(value);
    let mut said = InteractionsOnly(Vec::new());
    table.interactions_of_row(row_of(trace, fixed, row), &mut said);
    trace.row_mut(row)[column] = before;
    let limits = [(tag::Clock, LATE), (tag::U16, WIDE), (tag::U8, 1 << 8)];
    said.0.iter().any(|said| {
        let number = || said.message.payload[0].to_canonical_u64();
        let mut limits = limits.iter();
        let limit = limits.find(|(kind, _)| *kind == said.message.tag);
        said.multiplicity != Felt::ZERO && limit.is_some_and(|(_, limit)| number() >= *limit)
    })
}

/// Cells of which `is_bounded` says so by table and name, and that are not bounded on any row of any run.
fn unbounded<'a>(
    runs: impl IntoIterator<Item = &'a Run>,
    value: u64,
    is_bounded: impl Fn(&str, &str) -> bool,
) -> (usize, BTreeSet<String>) {
    let (mut all, mut bounded) = (BTreeSet::new(), BTreeSet::new());
    for run in runs {
        for (table, trace) in run.tables() {
            let names = table.column_names().into_iter().enumerate();
            let columns = names.filter(|(_, name)| is_bounded(table.name(), name));
            let columns: Vec<_> = columns
                .map(|(column, name)| (column, format!("{} {name}", table.name())))
                .collect();
            if columns.is_empty() {
                continue;
            }
            let (mut trace, fixed) = (trace.clone(), table.fixed(trace.height()));
            let used = |trace: &Trace, row: usize| trace.row(row).iter().any(|x| *x != Felt::ZERO);
            let rows = (0..trace.height()).filter(|row| used(&trace, *row));
            let rows: Vec<_> = rows.collect();
            for (column, name) in columns {
                let mut rows = rows.iter();
                let table = (table, &fixed);
                if !bounded.contains(&name)
                    && rows.any(|row| asks_in_vain(table, &mut trace, (*row, column), value))
                {
                    bounded.insert(name.clone());
                }
                all.insert(name);
            }
        }
    }
    (all.len(), all.difference(&bounded).cloned().collect())
}

/// Tables that take the last versions, whenever they were left.
const LAST: [&str; 3] = ["stack_end", "cells", "storage"];

/// What is popped or accessed was there before.
#[test]
fn nobody_takes_what_comes_later() {
    let (cells, loose) = unbounded(&runs(), LATE, |table, name| {
        !LAST.contains(&table) && (name.ends_with("pushed") || name.ends_with("accessed"))
    });
    assert_eq!(loose, BTreeSet::new());
    assert!(cells > 50, "{cells} times only");
}

/// A step that halts its frame for want of gas had not used more than there was.
#[test]
fn gas_of_halted_steps_is_shown() {
    for (table, run) in halted() {
        let is_gas = |name: &str| {
            let (name, limb) = name.rsplit_once('[').unwrap_or_default();
            name.ends_with(".gas") && limb.len() == 2
        };
        let (cells, loose) = unbounded([&run], WIDE, |of, name| of == table && is_gas(name));
        assert_eq!(loose, BTreeSet::new());
        assert_eq!(cells, 4, "{table}");
    }
}

/// Limbs, and remainders that are looked up as they are.
const LIMBS: &[(&str, &[&str])] = &[
    (
        "invocation",
        &["refund.fifth", "refund.rest", "refund.beyond"],
    ),
    (
        "call",
        &[
            "gas.kept",
            "gas.remainder",
            "gas.asked_high",
            "gas.difference",
            "result.difference",
        ],
    ),
    ("finish", &["rest"]),
    ("log", &["excess"]),
    ("account_read", &["missing"]),
    ("account", &["kind.distance"]),
    ("arithmetic", &["missing"]),
    ("register", &["limbs"]),
    ("memory", &["excess"]),
    ("moves", &["excess", "margin", "last", "rest"]),
    ("external_code", &["missing", "last", "rest"]),
    ("identity", &["difference", "last", "rest"]),
    ("ecrecover", &["difference"]),
    ("halt", &["excess"]),
    ("storage_access", &["excess"]),
    ("code_identity", &["keccak", "size"]),
];

#[test]
fn limbs_are_looked_up() {
    let (cells, loose) = unbounded(&runs(), WIDE, |table, name| {
        let mut listed = LIMBS.iter().filter(|(of, _)| *of == table);
        let of = |field: &str| {
            name.strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        listed.any(|(_, fields)| fields.iter().any(|field| of(field)))
    });
    assert_eq!(loose, BTreeSet::new());
    assert_eq!(cells, LIMB_CELLS);
}

/// How many cells [`LIMBS`] names.
const LIMB_CELLS: usize = 88;
