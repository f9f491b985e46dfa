//! Lookups that bound gas, case by case. A limb that is looked up on some row, as in [`crate::lookups`], could still be free where the step lacks gas, or where it is done; so here each case has rows, and each of them asks in vain where a limb is none.

use std::collections::BTreeMap;

use braid_circuits::event::opcode::*;
use braid_stark::{Felt, Trace};
use plonky2::field::types::Field;

use crate::lookups::{WIDE, asks_in_vain, runs};
use crate::support::{Run, call_traces, push};
use crate::{copies, external_code, frames, halts, logs};

/// A table, values of columns that make a row one of the case, and cells that each of these rows looks up.
type Case = (
    &'static str,
    &'static [(&'static str, u64)],
    &'static [&'static str],
);

/// Gas where a step shows it.
const STEP: &str = "step.gas";
/// The same of steps that end or leave their frame.
const AT: &str = "at.gas";

const CASES: &[Case] = &[
    ("halt", &[("out_of_gas", 1)], &[STEP, "excess"]),
    ("halt", &[("underflow", 1)], &[STEP, "excess"]),
    ("halt", &[("overflow", 1)], &[STEP, "excess"]),
    ("halt", &[("undefined", 1)], &[STEP]),
    ("halt", &[("too_early", 1)], &[STEP]),
    ("halt", &[("jumps", 1)], &[STEP]),
    ("halt", &[("jumps_if", 1)], &[STEP]),
    ("halt", &[("beyond", 1)], &["excess"]),
    ("memory", &[("fits", 1)], &["excess"]),
    ("memory", &[("lacks", 1)], &[STEP, "excess"]),
    ("memory", &[("far", 1)], &[STEP]),
    ("register", &[("gas", 1), ("done", 1)], &["limbs"]),
    ("register", &[("gas", 1), ("done", 0)], &[STEP, "limbs"]),
    ("register", &[("size", 1), ("done", 0)], &[STEP, "limbs"]),
    ("finish", &[("done", 1)], &["rest"]),
    ("finish", &[("lacks", 1)], &[AT, "rest"]),
    ("finish", &[("region.far", 1)], &[AT]),
    ("log", &[("lacks", 1)], &[AT, "excess"]),
    ("log", &[("violates", 1)], &[AT]),
    ("log", &[("region.far", 1)], &[AT]),
    ("external_code", &[("region.near", 1)], &["last", "rest"]),
    ("external_code", &[("lacks", 1)], &[AT, "missing"]),
    ("external_code", &[("region.far", 1)], &[AT]),
    ("storage_access", &[("short", 1)], &[STEP, "excess"]),
    ("storage_access", &[("lacks", 1)], &[STEP, "excess"]),
    ("storage_access", &[("violates", 1)], &[STEP]),
    (
        "storage_access",
        &[("stores", 1), ("changes", 1)],
        &["excess"],
    ),
    ("moves", &[("case.fits", 1)], &["excess", "last", "rest"]),
    ("moves", &[("case.grows", 1)], &["last", "rest"]),
    ("moves", &[("case.lacks_plain", 1)], &[STEP, "excess"]),
    (
        "moves",
        &[("case.lacks", 1)],
        &[STEP, "excess", "last", "rest"],
    ),
    ("moves", &[("case.far", 1)], &[STEP]),
    ("moves", &[("case.over", 1)], &[STEP, "excess"]),
    ("moves", &[("case.far_over", 1)], &[STEP]),
    (
        "moves",
        &[("opcode.memory_copy", 1), ("case.lacks", 1)],
        &["margin"],
    ),
    (
        "arithmetic",
        &[("adds", 1), ("done", 0)],
        &[STEP, "missing"],
    ),
    (
        "arithmetic",
        &[("raises", 1), ("done", 0)],
        &[STEP, "missing"],
    ),
    (
        "account_read",
        &[("balance", 1), ("done", 0)],
        &[STEP, "missing"],
    ),
    (
        "account_read",
        &[("own", 1), ("done", 0)],
        &[STEP, "missing"],
    ),
    ("call", &[("runs", 1)], SHARED),
    ("call", &[("is_empty", 1)], SHARED),
    ("call", &[("is_precompile", 1)], SHARED),
    ("call", &[("too_deep", 1)], SHARED),
    ("call", &[("lacks_funds", 1)], SHARED),
    ("call", &[("lacks", 1)], &[AT, "gas.difference"]),
    ("call", &[("far", 1)], &[AT]),
    ("call", &[("violates", 1)], &[AT]),
    ("identity", &[("done", 1)], &["difference"]),
    ("identity", &[("lacks", 1)], &["difference"]),
    ("identity", &[("has_bytes", 1)], &["last", "rest"]),
    ("ecrecover", &[("recovers", 1)], &["difference"]),
    ("ecrecover", &[("lacks", 1)], &["difference"]),
    ("ecrecover", &[("fails.wrong_v", 1)], &["difference"]),
    (
        "invocation",
        &[("used", 1)],
        &["refund.fifth", "refund.rest"],
    ),
    ("invocation", &[("refund.is_capped", 1)], &["refund.beyond"]),
    (
        "invocation",
        &[("used", 1), ("refund.is_capped", 0)],
        &["refund.beyond"],
    ),
    ("transaction", &[("used", 1)], PAID),
    ("growth", &[("used", 1), ("unpaid", 0)], GROWN),
    ("growth", &[("used", 1), ("unpaid", 1)], GROWN),
];

/// Of a call that opens a frame.
const SHARED: &[&str] = &[
    "gas.kept",
    "gas.remainder",
    "gas.asked_high",
    "gas.difference",
];

/// Of a transaction.
const PAID: &[&str] = &["gas.apart", "gas.given", "gas.above_floor", "gas.below_cap"];

/// Of memory that grows.
const GROWN: &[&str] = &[
    "last",
    "rest",
    "difference",
    "square.quotient",
    "square.remainder",
    "next_square.quotient",
    "next_square.remainder",
];

/// Programs whose last step halts, for the cases that the samples lack.
fn more_halted() -> Vec<Run> {
    let of = |(code, gas): (Vec<u8>, u64)| Run::of(&call_traces(code, gas));
    let zeros = |count: usize, opcode: u8| [vec![PUSH0; count], vec![opcode]].concat();
    let few = vec![
        (zeros(0, MSIZE), 21_001),
        (zeros(0, SELFBALANCE), 21_004),
        (zeros(2, EXP), 21_004 + 9),
        (zeros(1, SLOAD), 21_002 + 99),
        (zeros(2, SSTORE), 21_004 + 2_300),
        ([push(1 << 32), vec![MLOAD]].concat(), 100_000),
    ];
    let copies = copies::halting();
    let copies = copies.into_iter().map(|(code, gas, _)| (code, gas));
    let programs = few.into_iter().chain(copies).chain(halts::programs());
    let runs = programs.map(of);
    let logs = logs::out_of_gas();
    let logs = logs
        .into_iter()
        .map(|(code, gas)| logs::run_of(code, 1, gas));
    let codes = external_code::halting();
    let codes = codes
        .into_iter()
        .map(|(code, gas)| external_code::run_with(code, gas));
    let calls = [frames::lacking(), frames::far_end(), frames::deep()];
    runs.chain(logs).chain(codes).chain(calls).collect()
}

/// Rows of one case and run that are looked at.
const ROWS: usize = 4;

#[test]
fn limbs_are_looked_up_in_every_case() {
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    for run in runs().into_iter().chain(more_halted()) {
        for (table, trace) in run.tables() {
            let cases = CASES.iter().enumerate();
            let cases = Vec::from_iter(cases.filter(|(_, (of, ..))| *of == table.name()));
            if cases.is_empty() {
                continue;
            }
            let names = table.column_names();
            let (mut trace, fixed) = (trace.clone(), table.fixed(trace.height()));
            for (number, (of, is, fields)) in cases {
                let place = |name: &str| names.iter().position(|column| column == name);
                let is_so = |trace: &Trace, row: usize| {
                    is.iter().all(|(name, value)| {
                        let column = place(name).unwrap_or_else(|| panic!("{of} {name}"));
                        trace.row(row)[column] == Felt::from_canonical_u64(*value)
                    })
                };
                let field = |name: &str| fields.contains(&name.split('[').next().unwrap_or(name));
                let cells = Vec::from_iter((0..names.len()).filter(|at| field(&names[*at])));
                assert!(cells.len() >= fields.len(), "{of} {fields:?}");
                let wanted = (0..trace.height()).filter(|row| is_so(&trace, *row));
                let wanted = Vec::from_iter(wanted.take(ROWS));
                *rows.entry(number).or_default() += wanted.len();
                for (row, column) in wanted
                    .into_iter()
                    .flat_map(|row| cells.iter().map(move |column| (row, *column)))
                {
                    let found = asks_in_vain((table, &fixed), &mut trace, (row, column), WIDE);
                    assert!(found, "{of} {is:?}: {} is free", names[column]);
                }
            }
        }
    }
    let without = CASES.iter().enumerate();
    let without = without.filter(|(number, _)| rows.get(number).is_none_or(|rows| *rows == 0));
    let without = Vec::from_iter(without.map(|(_, (table, is, _))| (table, is)));
    assert!(without.is_empty(), "no row of {without:?}");
}
