//! A cheating prover's accesses to memory, each with the label that stops it.

use braid_circuits::event::opcode::*;
use braid_circuits::tables::cells::CellsColumns;
use braid_circuits::tables::evm::EvmColumns;
use braid_circuits::tables::growth::GrowthColumns;
use braid_circuits::tables::memory::MemoryColumns;
use braid_circuits::tables::opcode::Operation;
use braid_circuits::tables::window::WindowColumns;
use braid_stark::Felt;
use plonky2::field::types::Field;

use crate::memory::{load, out_of_gas, push_word, run_of, store};
use crate::support::{Run, call_traces, push};

type Row = MemoryColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// Rows of `memory`: two stores to one word, and a load of it; a store and a load across words; a byte.
const FIRST: usize = 0;
const SECOND: usize = 1;
const LOAD: usize = 2;
const SHIFTED: usize = 3;
const SHIFTED_LOAD: usize = 4;
const BYTE: usize = 5;

pub fn sample() -> Run {
    run_of(&[
        store(MSTORE, 1, 0),
        store(MSTORE, 2, 0),
        load(0),
        store(MSTORE, 3, 36),
        load(37),
        store(MSTORE8, 4, 40),
        load(0),
    ])
}

fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

fn row(run: &mut Run, row: usize) -> &mut Row {
    run.row("memory", row)
}

/// Forges a row of the sample.
fn forged(label: &str, at: usize, forge: impl FnOnce(&mut Row)) {
    let mut run = sample();
    forge(row(&mut run, at));
    found(&run, label);
}

/// Puts another word on the stack where the load at `at` pushes, and everybody who pops it agrees.
fn loaded(run: &mut Run, at: usize, value: [Felt; 8]) {
    row(run, at).value = value;
    let clock = row(run, at).step.clock;
    let steps = run.execution.steps.iter();
    let next = steps.take_while(|step| felt(step.clock) != clock).count() + 1;
    let pop: &mut EvmColumns<Felt> = run.row("evm", next);
    assert_eq!(pop.opcode, Felt::from_canonical_u8(POP));
    pop.a = value;
}

#[test]
fn reading_what_was_not_written_last() {
    let mut run = sample();
    let (first, second) = (row(&mut run, FIRST).value, row(&mut run, SECOND).value);
    assert_ne!(first, second);
    // Out of thin air, with and without a word in memory that agrees.
    let mut forged = sample();
    loaded(&mut forged, LOAD, [felt(7); 8]);
    found(&forged, "memory/read");
    let mut forged = sample();
    loaded(&mut forged, LOAD, [felt(7); 8]);
    row(&mut forged, LOAD).before = [felt(7); 8];
    found(&forged, "MemoryWord");
    // The first store's, as the second store also received it.
    let times = |run: &mut Run| {
        let clock = row(run, FIRST).step.clock;
        clock + clock + Felt::ONE
    };
    let mut forged = sample();
    let stored = times(&mut forged);
    loaded(&mut forged, LOAD, first);
    row(&mut forged, LOAD).before = first;
    row(&mut forged, LOAD).accessed = stored;
    found(&forged, "MemoryWord");
    // The load before the second store in the chain of versions: at a time before the write.
    let loads = row(&mut forged, LOAD).step.clock;
    row(&mut forged, SECOND).accessed = loads + loads;
    let later = row(&mut forged, SECOND).step.clock;
    let later = later + later + Felt::ONE;
    let last = row(&mut forged, 6);
    (last.before, last.accessed) = (last.value, later);
    let findings = forged.findings();
    assert_eq!(Vec::from_iter(findings), ["Clock"]);
}

#[test]
fn reading_other_bytes() {
    // By an aligned access that is none: the word is a fraction.
    forged("MemoryWord", SHIFTED_LOAD, |row| {
        (row.aligned, row.shifted) = (Felt::ONE, Felt::ZERO);
        row.before = row.value;
        row.accessed = row.step.clock;
    });
    let mut run = sample();
    loaded(&mut run, SHIFTED_LOAD, [felt(7); 8]);
    found(&run, "MemoryWindow");
    let window: &mut WindowColumns<Felt> = run.row("window", 1);
    window.value = [felt(7); 8];
    found(&run, "ByteShift");
    // A window shifted by another amount.
    let mut run = sample();
    let window: &mut WindowColumns<Felt> = run.row("window", 0);
    window.shift.swap(1, 2);
    found(&run, "MemoryWindow");
    let mut run = sample();
    let window: &mut WindowColumns<Felt> = run.row("window", 0);
    window.shift.swap(1, 2);
    window.index -= felt(8).inverse();
    found(&run, "MemoryWord");
    let mut run = sample();
    let window: &mut WindowColumns<Felt> = run.row("window", 1);
    window.bytes += Felt::ONE;
    found(&run, "ByteShift");
    found(&run, "MemoryWindow");
}

#[test]
fn writing_something_else() {
    forged("StackWord", SECOND, |row| row.value[0] += Felt::ONE);
    forged("MemoryWindow", SHIFTED, |row| row.value[0] += Felt::ONE);
    forged("MemoryByte", BYTE, |row| row.value[0] += Felt::ONE);
    // Not at all, or twice.
    forged("memory/access of a word", SHIFTED, |row| {
        row.shifted = Felt::ZERO
    });
    forged("memory/access of a byte", BYTE, |row| {
        row.shifted = Felt::ONE
    });
    forged("memory/access", SHIFTED, |row| row.aligned = Felt::ONE);
    forged("memory/access", SHIFTED, |row| row.shifted = felt(2));
    // A load that stores.
    forged("Step", LOAD, |row| {
        (row.loads, row.stores) = (Felt::ZERO, Felt::ONE)
    });
    type Flag = fn(&mut Row) -> &mut Felt;
    let flags: [(&str, Flag); 9] = [
        ("memory/opcode", |row| &mut row.loads),
        ("memory/opcode", |row| &mut row.stores),
        ("memory/opcode", |row| &mut row.stores_byte),
        ("memory/case", |row| &mut row.fits),
        ("memory/case", |row| &mut row.grows),
        ("memory/case", |row| &mut row.lacks),
        ("memory/case", |row| &mut row.far),
        ("memory/access", |row| &mut row.aligned),
        ("memory/access", |row| &mut row.shifted),
    ];
    let mut run = sample();
    let honest = *row(&mut run, LOAD);
    for (label, flag) in flags {
        *flag(row(&mut run, LOAD)) = felt(2);
        found(&run, label);
        *row(&mut run, LOAD) = honest;
    }
    forged("memory/one opcode", LOAD, |row| row.stores = Felt::ONE);
}

#[test]
fn memory_of_another_frame() {
    forged("Step", FIRST, |row| row.step.frame += Felt::ONE);
    forged("MemoryWord", FIRST, |row| row.step.frame += Felt::ONE);
    let mut run = sample();
    let window: &mut WindowColumns<Felt> = run.row("window", 0);
    window.frame += Felt::ONE;
    found(&run, "MemoryWindow");
    found(&run, "MemoryWord");
}

#[test]
fn two_first_versions_of_a_word() {
    let mut run = sample();
    // The load has a zero of its own.
    loaded(&mut run, LOAD, [Felt::ZERO; 8]);
    let load = row(&mut run, LOAD);
    (load.before, load.accessed) = ([Felt::ZERO; 8], Felt::ZERO);
    let used = run.execution.cells.len();
    let first = *run.row::<CellsColumns<Felt>>("cells", 0);
    assert!(run.trace("cells").height() > used);
    let again: &mut CellsColumns<Felt> = run.row("cells", used);
    *again = CellsColumns {
        last: [Felt::ZERO; 8],
        ..first
    };
    // As the first of a frame once more: the numbers of frames grow.
    found(&run, "Clock");
    let again: &mut CellsColumns<Felt> = run.row("cells", used);
    again.continues = Felt::ONE;
    found(&run, "cells/index");
    // None at all.
    let mut run = sample();
    run.row::<CellsColumns<Felt>>("cells", used - 1).used = Felt::ZERO;
    found(&run, "MemoryWord");
}

#[test]
fn growth_that_is_not_paid() {
    // All as if nothing grew.
    forged("U16", FIRST, |row| {
        (row.fits, row.grows) = (Felt::ONE, Felt::ZERO);
        row.next_words = row.step.words;
        row.growth = Felt::ZERO;
        row.excess = [Felt::ZERO - felt(32), Felt::ZERO, Felt::ZERO];
    });
    for limb in 0..3 {
        forged("U16", LOAD, |row| row.excess[limb] = Felt::NEG_ONE);
    }
    forged("memory/fits", FIRST, |row| {
        (row.fits, row.grows) = (Felt::ONE, Felt::ZERO);
        row.next_words = row.step.words;
        row.growth = Felt::ZERO;
    });
    forged("memory/words", LOAD, |row| row.next_words += Felt::ONE);
    forged("memory/growth", LOAD, |row| row.growth -= Felt::ONE);
    // Growth for nothing, or for less, by the table that knows what it costs.
    for (words, gas) in [(0, 1), (1, 0)] {
        forged("MemoryGrowth", FIRST, |row| {
            row.next_words -= felt(words);
            row.growth -= felt(gas);
        });
    }
    forged("Step", FIRST, |row| row.growth -= Felt::ONE);
    let mut run = run_of(&[load(100_000)]);
    let growth: &mut GrowthColumns<Felt> = run.row("growth", 0);
    growth.next_square.quotient[0] -= Felt::ONE;
    growth.next_square.remainder += felt(512);
    row(&mut run, 0).growth -= Felt::ONE;
    found(&run, "U16");
    let growth: &mut GrowthColumns<Felt> = run.row("growth", 0);
    growth.next_square.remainder -= felt(512);
    found(&run, "growth/square");
}

/// Halts the step of a run's row of `memory`, everything about it agreeing; `fill` gives the reason.
fn halted(run: &mut Run, at: usize, fill: impl FnOnce(&mut Row)) {
    let clock = row(run, at).step.clock;
    let steps = run.execution.steps.iter();
    let step = steps.take_while(|step| felt(step.clock) != clock).count();
    run.row::<EvmColumns<Felt>>("evm", step).operation = Operation::halting();
    let row = row(run, at);
    (row.fits, row.grows) = (Felt::ZERO, Felt::ZERO);
    (row.aligned, row.shifted) = (Felt::ZERO, Felt::ZERO);
    fill(row);
}

#[test]
fn out_of_gas_that_is_none() {
    // There is gas for it.
    let mut run = sample();
    halted(&mut run, LOAD, |row| row.lacks = Felt::ONE);
    found(&run, "memory/lacks");
    let mut run = sample();
    halted(&mut run, LOAD, |row| {
        row.lacks = Felt::ONE;
        row.excess = [felt(2) - row.step.gas(), Felt::ZERO, Felt::ZERO];
    });
    found(&run, "U16");
    // Not far away.
    let mut run = sample();
    halted(&mut run, LOAD, |row| row.far = Felt::ONE);
    found(&run, "memory/far");
    // Growth called more than it is.
    let (code, gas) = (load(0), 21_008);
    let mut run = Run::of(&call_traces(code, gas));
    halted(&mut run, 0, |row| {
        row.lacks = Felt::ONE;
        row.growth = felt(4);
        row.excess = [Felt::ZERO; 3];
    });
    found(&run, "MemoryGrowth");
    // Gas, and what is missing, in limbs.
    let (code, gas) = out_of_gas().swap_remove(2);
    let mut run = Run::of(&call_traces(code, gas));
    let honest = *row(&mut run, 0);
    for limb in 0..4 {
        row(&mut run, 0).step.gas[limb] = Felt::NEG_ONE;
        found(&run, "U16");
        *row(&mut run, 0) = honest;
    }
    for limb in 0..3 {
        row(&mut run, 0).excess[limb] = felt(1 << 16);
        found(&run, "U16");
        *row(&mut run, 0) = honest;
    }
    // A reason that is another, two or none.
    for (label, program, forge) in [
        (
            "memory/far",
            5,
            (|row| (row.lacks, row.far) = (Felt::ZERO, Felt::ONE)) as fn(&mut Row),
        ),
        ("memory/near", 9, |row| {
            (row.lacks, row.far) = (Felt::ONE, Felt::ZERO)
        }),
        ("memory/one case", 5, |row| row.far = Felt::ONE),
        ("memory/one case", 5, |row| row.lacks = Felt::ZERO),
        ("memory/case", 5, |row| {
            (row.lacks, row.far) = (felt(2), Felt::NEG_ONE)
        }),
        ("Leave", 5, |row| row.step.gas[0] += Felt::ONE),
        // Gas that was spent twice over.
        ("U16", 2, |row| row.step.gas[0] -= felt(9)),
        ("memory/access", 5, |row| row.aligned = Felt::ONE),
        ("StackWord", 5, |row| row.offset[0] += Felt::ONE),
        ("FrameEnd", 5, |row| row.step.writes += Felt::ONE),
    ] {
        let (code, gas) = out_of_gas().swap_remove(program);
        let mut run = Run::of(&call_traces(code, gas));
        let last = run.execution.steps.iter();
        let last = last.filter(|step| [MLOAD, MSTORE, MSTORE8].contains(&step.opcode));
        let at = last.count() - 1;
        forge(row(&mut run, at));
        found(&run, label);
    }
}

/// A step that lacks gas called one that does not: its gas is negative then, which whoever ends the frame refuses; here nobody goes on.
#[test]
fn lacking_gas_and_going_on() {
    let (code, gas) = out_of_gas().swap_remove(2);
    let mut run = Run::of(&call_traces(code, gas));
    let row = row(&mut run, 0);
    (row.lacks, row.grows) = (Felt::ZERO, Felt::ONE);
    row.aligned = Felt::ONE;
    found(&run, "Leave");
    found(&run, "Step");
}

#[test]
fn operands_are_those_on_the_stack() {
    forged("StackWord", SECOND, |row| row.offset[0] += felt(32));
    forged("memory/near", LOAD, |row| row.offset[1] = Felt::ONE);
    forged("StackWord", SECOND, |row| row.value_pushed -= Felt::ONE);
    let late: [fn(&mut Row); 3] = [
        |row| row.offset_pushed = row.step.clock + row.step.clock,
        |row| row.value_pushed = row.step.clock + row.step.clock,
        |row| row.accessed = row.step.clock + row.step.clock + Felt::ONE,
    ];
    for late in late {
        forged("Clock", SECOND, late);
    }
    forged("StackWord", LOAD, |row| row.step.sp += Felt::ONE);
    forged("Step", LOAD, |row| row.step.clock += Felt::ONE);
}

#[test]
fn padding_says_nothing() {
    // Seven rows are used.
    let mut run = sample();
    assert_eq!(run.trace("memory").height(), 8);
    let copied = *row(&mut run, LOAD);
    *row(&mut run, 7) = copied;
    found(&run, "Step");
    for (label, forge) in [
        (
            "memory/one case",
            (|row| row.fits = Felt::ONE) as fn(&mut Row),
        ),
        ("memory/one case", |row| row.loads = Felt::ONE),
        ("memory/access", |row| row.aligned = Felt::ONE),
    ] {
        let mut run = sample();
        forge(row(&mut run, 7));
        found(&run, label);
    }
    // Words, and no more than these, are needed for it.
    let run = run_of(&[push_word(1), push(0), vec![MSTORE]]);
    assert_eq!(run.execution.cells.len(), 1);
}
