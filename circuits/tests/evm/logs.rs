//! LOG0 to LOG4 in real traces, and what a cheating prover would log.

use std::collections::BTreeSet;

use braid_circuits::bus::tag;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::execution::topics_of;
use braid_circuits::tables::log::{Log, LogColumns};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Felt};
use plonky2::field::types::Field;

use crate::memory::{push_word, store};
use crate::storage::{branches, call};
use crate::support::{CALLED, MAIN, Run, block_traces, call_of_main, push};

type Row = LogColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// A log of these bytes of memory, with topics that differ by `seed`.
pub fn log(topics: u8, seed: u8, offset: u64, length: u64) -> Vec<u8> {
    let mut code = Vec::new();
    for topic in 0..topics {
        code.extend(push_word(seed + topic));
    }
    [code, push(length), push(offset), vec![LOG0 + topics]].concat()
}

/// Logs of a frame that does not fail, of one that does, and of one that fails around it.
fn called_code() -> Vec<u8> {
    branches(&[
        [log(1, 50, 0, 3), vec![STOP]].concat(),
        [log(2, 60, 0, 64), vec![PUSH0, PUSH0, REVERT]].concat(),
        [
            log(0, 0, 0, 0),
            call(CALL, 0, 50_000),
            call(CALL, 1, 50_000),
            vec![INVALID],
        ]
        .concat(),
    ])
}

/// All kinds of log, with data and without, where it is and where memory grows for it, and of frames that fail.
pub fn sample() -> Run {
    let code = [
        log(0, 0, 0, 0),
        store(MSTORE, 1, 0),
        log(1, 10, 0, 32),
        call(CALL, 0, 50_000),
        call(CALL, 1, 50_000),
        call(CALL, 2, 200_000),
        call(DELEGATECALL, 0, 50_000),
        call(STATICCALL, 0, 50_000),
        log(2, 20, 7, 61),
        log(3, 30, 1_000, 5),
        log(4, 40, 31, 2),
        // Nowhere.
        [push_word(1), log(0, 0, 0, 0)].concat(),
        [push(0), push_word(1), vec![LOG0]].concat(),
    ];
    run_of(code.concat(), 2, 1_000_000)
}

pub fn run_of(code: Vec<u8>, calls: usize, gas: u64) -> Run {
    let contracts = vec![
        (MAIN, code, Vec::new()),
        (CALLED, called_code(), Vec::new()),
    ];
    let run = Run::of(&block_traces(contracts, vec![call_of_main(gas); calls]));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// Rows of the table that are steps.
fn rows_of(run: &Run) -> usize {
    let steps = run.execution.steps.iter();
    let logs = steps.filter(|step| topics_of(step.opcode).is_some());
    logs.filter(|step| step.halt != Some(Halt::StackUnderflow))
        .count()
}

/// Programs whose last step lacks the gas for its log, and what they are called with.
pub fn out_of_gas() -> Vec<(Vec<u8>, u64)> {
    // A transaction costs 21,000, a push of a number 3, PUSH0 2.
    vec![
        (log(0, 0, 0, 0), 21_000 + 4 + 374),
        (log(4, 0, 0, 0), 21_000 + 16 + 1_874),
        // A byte, and the word of memory that it is in.
        (log(0, 0, 0, 1), 21_000 + 5 + 375 + 8 + 3 - 1),
        (log(2, 0, 70, 10), 21_000 + 12 + 1_125 + 80 + 9 - 1),
        // Without the gas for anything.
        (log(1, 0, 0, 0), 21_000 + 7),
        // 5: far away, and too long.
        ([push(1), push_word(1), vec![LOG0]].concat(), 100_000),
        ([push_word(1), push(0), vec![LOG0]].concat(), 100_000),
        (log(0, 0, 0, 0xffff_ffff), 100_000),
    ]
}

#[test]
fn logs_that_survive_are_records() {
    let run = sample();
    let logs = &run.execution.logs;
    let surviving: Vec<_> = logs.iter().filter_map(|log| log.survives).collect();
    assert_eq!((logs.len(), surviving.len()), (26, 18));
    let numbers = surviving.iter().map(|(number, _)| *number);
    assert!(numbers.eq(0..18));
    let violates = run.execution.steps.iter();
    let violates = violates.filter(|step| step.halt == Some(Halt::StaticViolation));
    assert_eq!(violates.count(), 2);
    // None is logged of a transaction that fails.
    let run = run_of([log(0, 0, 0, 0), vec![INVALID]].concat(), 1, 100_000);
    assert!(run.execution.logs.iter().all(|log| log.survives.is_none()));
}

#[test]
fn out_of_gas_is_shown() {
    for (program, (code, gas)) in out_of_gas().into_iter().enumerate() {
        let run = run_of(code.clone(), 1, gas);
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, Some(Halt::OutOfGas), "program {program}");
        assert_eq!(rows_of(&run), 1, "program {program}");
        // One more is enough.
        let run = run_of(code, 1, gas + 1);
        let logged = run.execution.logs.len();
        assert_eq!(logged, usize::from(program < 4), "program {program}");
    }
    for gas in [21_003, 100_000] {
        let run = run_of(vec![PUSH0, LOG4], 1, gas);
        assert_eq!(rows_of(&run), 0);
    }
}

#[test]
fn every_column_is_bound() {
    let degrees = SymbolicTable::of(&Log).excessive_degrees();
    assert!(degrees.is_empty(), "{degrees:?}");
    let ignored = [tag::U16, tag::Clock];
    let mut unnoticed = BTreeSet::from_iter(Log.column_names());
    let mut runs = vec![sample()];
    for (code, gas) in out_of_gas() {
        runs.push(run_of(code, 1, gas));
    }
    for run in runs {
        let rows: Vec<_> = (0..rows_of(&run)).collect();
        let here = unnoticed_columns(&Log, run.trace("log"), &rows, &ignored);
        let here = BTreeSet::from_iter(here);
        unnoticed.retain(|name| here.contains(name));
    }
    assert_eq!(unnoticed, BTreeSet::new());
}

fn row(run: &mut Run, index: usize) -> &mut Row {
    run.row("log", index)
}

/// Forges the first row of a run that is so.
fn forged_in(
    mut run: Run,
    label: &str,
    wanted: impl Fn(&Row) -> bool,
    forge: impl FnOnce(&mut Row),
) {
    let mut rows = 0..rows_of(&run);
    let index = rows.find(|index| wanted(row(&mut run, *index)));
    forge(row(&mut run, index.expect("such a row")));
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

fn forged(label: &str, wanted: impl Fn(&Row) -> bool, forge: impl FnOnce(&mut Row)) {
    forged_in(sample(), label, wanted, forge);
}

fn is(flag: Felt) -> bool {
    flag == Felt::ONE
}

fn survives(row: &Row) -> bool {
    is(row.survives)
}

fn is_undone(row: &Row) -> bool {
    !survives(row) && !is(row.violates)
}

#[test]
fn which_logs_survive() {
    // One of a frame that is undone.
    let keep = |row: &mut Row| row.survives = Felt::ONE;
    forged("log/undone", is_undone, keep);
    forged("FrameContext", is_undone, |row| {
        keep(row);
        row.undone_at = Felt::ZERO;
    });
    forged("LogRecord", is_undone, keep);
    // One left out.
    let drop = |row: &mut Row| row.survives = Felt::ZERO;
    for inverse in [Felt::ZERO, Felt::ONE] {
        forged("log/left out", survives, |row| {
            drop(row);
            row.undone_inverse = inverse;
        });
    }
    forged("FrameContext", survives, |row| {
        drop(row);
        (row.undone_at, row.undone_inverse) = (Felt::ONE, Felt::ONE);
    });
    forged("LogCount", survives, drop);
    forged("log/survives", survives, |row| row.survives = felt(2));
    forged("log/survives", |row| is(row.violates), keep);
}

#[test]
fn logs_come_in_order() {
    forged("LogRecord", survives, |row| row.number += Felt::ONE);
    let mut run = sample();
    let first = *row(&mut run, 0);
    // Two logs that change places: the first one comes after the second.
    let second = *row(&mut run, 1);
    assert!(survives(&first) && survives(&second));
    (row(&mut run, 0).number, row(&mut run, 1).number) = (second.number, first.number);
    (row(&mut run, 0).accessed, row(&mut run, 1).accessed) = (
        second.at.clock + second.at.clock + Felt::ONE,
        first.accessed,
    );
    let findings = run.findings();
    assert!(findings.contains("Clock"), "{findings:?}");
}

#[test]
fn what_is_logged() {
    forged("FrameContext", survives, |row| row.address[0] += Felt::ONE);
    forged("LogRecord", survives, |row| row.address[0] += Felt::ONE);
    for topic in 0..4 {
        let has = |row: &Row| survives(row) && row.topics[topic].pushed != Felt::ZERO;
        forged("StackWord", has, |row| {
            row.topics[topic].value[0] += Felt::ONE
        });
        forged("Clock", has, |row| {
            row.topics[topic].pushed = row.at.clock + row.at.clock
        });
        let has_not = |row: &Row| survives(row) && row.topics[topic].pushed == Felt::ZERO;
        forged("log/no topic", has_not, |row| {
            row.topics[topic].value[5] = Felt::ONE
        });
    }
    // One topic less or more.
    forged(
        "Step",
        |row| is(row.opcodes[1]),
        |row| row.opcodes.swap(0, 1),
    );
    let data = |row: &Row| survives(row) && is(row.region.near);
    let empty = |row: &Row| survives(row) && !is(row.region.near);
    forged("LogData", data, |row| row.digest[0] += Felt::ONE);
    forged("LogRecord", data, |row| row.digest[3] += Felt::ONE);
    forged("log/no data", empty, |row| row.digest[0] += Felt::ONE);
    forged("log/region", data, |row| row.region.near = felt(2));
    forged("log/length", data, |row| {
        (row.region.near, row.region.start) = (Felt::ZERO, Felt::ZERO)
    });
    forged(
        "log/start",
        |row| data(row) && row.region.start != Felt::ZERO,
        |row| row.region.start -= Felt::ONE,
    );
    forged("Copy", data, |row| row.region.start += Felt::ONE);
    forged("log/length", empty, |row| row.region.near = Felt::ONE);
}

#[test]
fn what_it_costs() {
    forged("log/cost", survives, |row| row.cost -= Felt::ONE);
    forged("Step", survives, |row| row.cost -= Felt::ONE);
    let data = |row: &Row| survives(row) && is(row.region.near);
    forged("MemoryGrowth", data, |row| row.next_words += Felt::ONE);
    forged("MemoryGrowth", data, |row| row.growth += Felt::ONE);
    let empty = |row: &Row| survives(row) && !is(row.region.near);
    forged("log/words", empty, |row| row.next_words += Felt::ONE);
    forged("log/growth", empty, |row| row.growth -= Felt::ONE);
    // Out of gas that is none.
    let lacking = |row: &mut Row| (row.lacks, row.survives) = (Felt::ONE, Felt::ZERO);
    forged("log/gas", survives, lacking);
    forged("U16", survives, |row| {
        lacking(row);
        let missing = row.cost - row.at.gas() - Felt::ONE;
        row.excess = [missing, Felt::ZERO, Felt::ZERO];
    });
    forged("log/distance", data, |row| {
        (row.region.near, row.region.far) = (Felt::ZERO, Felt::ONE);
        (row.region.start, row.survives) = (Felt::ZERO, Felt::ZERO);
    });
    // Gas that was spent twice over.
    let (code, gas) = out_of_gas().swap_remove(0);
    forged_in(
        run_of(code, 1, gas),
        "U16",
        |row| is(row.lacks),
        |row| row.at.gas[0] -= felt(375),
    );
}

#[test]
fn logging_in_a_static_frame() {
    let violates = |row: &Row| is(row.violates);
    forged("log/static", violates, |row| row.violates = Felt::ZERO);
    forged("FrameContext", violates, |row| {
        (row.violates, row.is_static) = (Felt::ZERO, Felt::ZERO)
    });
    forged("log/not static", survives, |row| {
        (row.violates, row.survives) = (Felt::ONE, Felt::ZERO)
    });
}

#[test]
fn flags_and_padding() {
    let any = |row: &Row| survives(row) && is(row.opcodes[0]);
    forged("log/opcode", any, |row| row.opcodes[3] = felt(2));
    forged("log/one opcode", any, |row| row.opcodes[3] = Felt::ONE);
    forged("log/case", any, |row| row.lacks = felt(2));
    forged("log/case", any, |row| row.violates = felt(2));
    forged("log/one case", any, |row| {
        (row.lacks, row.violates) = (Felt::ONE, Felt::ONE)
    });
    let mut run = run_of(
        [log(0, 0, 0, 0), log(0, 0, 0, 0), log(0, 0, 0, 0)].concat(),
        1,
        90_000,
    );
    assert!(run.trace("log").height() > 3);
    let honest = *row(&mut run, 3);
    let copied = *row(&mut run, 0);
    *row(&mut run, 3) = copied;
    assert!(run.findings().contains("Step"));
    for (label, forge) in [
        (
            "log/one case",
            (|row| row.lacks = Felt::ONE) as fn(&mut Row),
        ),
        ("log/one case", |row| row.violates = Felt::ONE),
        ("log/survives", |row| row.survives = Felt::ONE),
        ("log/region", |row| row.region.near = Felt::ONE),
    ] {
        *row(&mut run, 3) = honest;
        forge(row(&mut run, 3));
        let findings = run.findings();
        assert!(
            findings.contains(label),
            "expected {label}, found {findings:?}"
        );
    }
}
