//! ADDMOD, MULMOD, EXP, GAS and MSIZE: real traces balance, and what a cheating prover would write is found.

use std::collections::BTreeSet;

use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::tables::arithmetic::{Arithmetic, ArithmeticColumns};
use braid_circuits::tables::register::{Register, RegisterColumns};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Felt, Table};
use plonky2::field::types::Field;

use crate::memory::{load, push_word, run_of};
use crate::support::{Run, call_traces, push};

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// An opcode of these operands, the last one on top.
fn apply(opcode: u8, operands: &[Vec<u8>]) -> Vec<u8> {
    [operands.concat(), vec![opcode, POP]].concat()
}

/// Rows 0 to 5 of `arithmetic`: ADDMOD, MULMOD, by zero too, and EXP with exponents of 2, 0 and 32 bytes. Rows 0 to 2 of `register`: MSIZE, GAS, MSIZE.
pub fn sample() -> Run {
    run_of(&[
        apply(ADDMOD, &[push(1000), push_word(1), push_word(9)]),
        apply(MULMOD, &[push_word(3), push_word(1), push_word(9)]),
        apply(MULMOD, &[push(0), push_word(1), push_word(9)]),
        apply(EXP, &[push(300), push(3)]),
        apply(EXP, &[push(0), push(0)]),
        apply(EXP, &[push_word(5), push_word(2)]),
        vec![MSIZE, POP],
        load(70),
        vec![GAS, POP, MSIZE, POP],
    ])
}

/// Programs whose last step lacks gas, and what they are called with: by one, and by all.
fn out_of_gas() -> Vec<(Vec<u8>, u64)> {
    let exp = apply(EXP, &[push(300), push(3)]);
    let modular = apply(MULMOD, &[push(9), push(3), push(3)]);
    vec![
        (exp.clone(), 21_000 + 6 + 109),
        (exp, 21_000 + 6),
        (modular.clone(), 21_000 + 9 + 7),
        (modular, 21_000 + 9),
        (vec![GAS], 21_001),
        (vec![MSIZE], 21_000),
    ]
}

#[test]
fn steps_balance() {
    let run = sample();
    let rows = |opcodes: &[u8]| {
        let steps = run.execution.steps.iter();
        steps.filter(|step| opcodes.contains(&step.opcode)).count()
    };
    assert_eq!((rows(&[ADDMOD, MULMOD, EXP]), rows(&[GAS, MSIZE])), (6, 3));
}

#[test]
fn out_of_gas_is_shown() {
    for (program, (code, gas)) in out_of_gas().into_iter().enumerate() {
        let run = Run::of(&call_traces(code, gas));
        assert_eq!(run.findings(), BTreeSet::new(), "program {program}");
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, Some(Halt::OutOfGas), "program {program}");
    }
}

/// A stack without room for GAS is `halt`'s.
#[test]
fn a_full_stack_has_no_room_for_gas() {
    let code = [vec![PUSH0; 1024], vec![GAS]].concat();
    let run = Run::of(&call_traces(code, 100_000));
    assert_eq!(run.findings(), BTreeSet::new());
    let last = run.execution.steps.last().expect("a step");
    assert_eq!(last.halt, Some(Halt::StackOverflow));
    let run = run_of(&[vec![PUSH0; 1023], vec![GAS]]);
    assert_eq!(
        run.execution.steps.last().map(|step| step.before.sp),
        Some(1024)
    );
}

fn bound<T: Table + AnyTable>(table: T) {
    assert!(SymbolicTable::of(&table).excessive_degrees().is_empty());
    let ignored = [
        braid_circuits::bus::tag::U16,
        braid_circuits::bus::tag::Clock,
    ];
    let name = AnyTable::name(&table);
    let mut unnoticed = BTreeSet::from_iter(AnyTable::column_names(&table));
    let halted = out_of_gas().into_iter();
    let halted = halted.map(|(code, gas)| Run::of(&call_traces(code, gas)));
    for run in halted.chain([sample()]) {
        let trace = run.trace(name);
        let used = |row: &usize| trace.row(*row).iter().any(|cell| *cell != Felt::ZERO);
        let rows: Vec<_> = (0..trace.height()).filter(used).collect();
        let here = BTreeSet::from_iter(unnoticed_columns(&table, trace, &rows, &ignored));
        unnoticed.retain(|name| rows.is_empty() || here.contains(name));
    }
    assert_eq!(unnoticed, BTreeSet::new());
}

#[test]
fn every_column_is_bound() {
    bound(Arithmetic);
    bound(Register);
}

/// A label, a row, and what is put there.
type Forgery<'a, R> = (&'a str, usize, fn(&mut R));

fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

#[test]
fn forged_arithmetic() {
    type Row = ArithmeticColumns<Felt>;
    let cases: &[Forgery<Row>] = &[
        ("Compute3", 0, |row| row.c[0] += Felt::ONE),
        ("Compute3", 0, |row| {
            (row.adds, row.multiplies) = (Felt::ZERO, Felt::ONE)
        }),
        ("Step", 0, |row| {
            (row.adds, row.multiplies) = (Felt::ZERO, Felt::ONE)
        }),
        ("Compute", 3, |row| row.c[0] += Felt::ONE),
        // Cheaper, or dearer, than it is.
        ("ExponentBytes", 3, |row| row.bytes = Felt::ONE),
        ("Step", 3, |row| row.bytes = Felt::ONE),
        ("arithmetic/no exponent", 0, |row| row.bytes = Felt::ONE),
        // Other operands than those on the stack.
        ("StackWord", 0, |row| row.m[0] += Felt::ONE),
        ("StackWord", 1, |row| row.a_pushed += Felt::ONE),
        ("Clock", 1, |row| row.b_pushed = row.step.clock.double()),
        ("StackWord", 3, |row| row.b[1] += Felt::ONE),
        ("StackWord", 2, |row| row.step.sp += Felt::ONE),
        // Out of gas that is none, and a step that is neither done nor halts.
        ("arithmetic/lacks", 0, |row| row.done = Felt::ZERO),
        ("FrameEnd", 0, |row| row.done = Felt::ZERO),
        ("arithmetic/done", 0, |row| row.done = felt(2)),
        ("arithmetic/opcode", 0, |row| {
            (row.adds, row.multiplies) = (felt(2), Felt::NEG_ONE)
        }),
        ("arithmetic/one opcode", 0, |row| row.raises = Felt::ONE),
        // Padding that acts.
        ("arithmetic/done used", 6, |row| row.done = Felt::ONE),
        ("Step", 6, |row| {
            (row.raises, row.done) = (Felt::ONE, Felt::ONE)
        }),
    ];
    for (label, at, forge) in cases {
        let mut run = sample();
        forge(run.row("arithmetic", *at));
        found(&run, label);
    }
    // One more gas than there was: no gas is missing.
    let (code, gas) = out_of_gas().swap_remove(0);
    let mut run = Run::of(&call_traces(code, gas));
    let row: &mut Row = run.row("arithmetic", 0);
    assert_eq!(row.missing, Felt::ZERO);
    row.step.gas[0] += Felt::ONE;
    row.missing -= Felt::ONE;
    found(&run, "U16");
    found(&run, "Leave");
}

#[test]
fn forged_registers() {
    type Row = RegisterColumns<Felt>;
    let cases: &[Forgery<Row>] = &[
        ("register/gas", 1, |row| row.limbs[0] += Felt::ONE),
        // The same gas in limbs that are no words.
        ("U16", 1, |row| {
            row.limbs[0] += felt(1 << 16);
            row.limbs[1] -= Felt::ONE;
        }),
        ("StackWord", 0, |row| row.step.words += Felt::ONE),
        ("Step", 0, |row| row.step.words += Felt::ONE),
        ("register/gas", 0, |row| {
            (row.gas, row.size) = (Felt::ONE, Felt::ZERO)
        }),
        ("U16", 0, |row| row.step.sp = felt(1024)),
        ("register/lacks", 1, |row| row.done = Felt::ZERO),
        ("FrameEnd", 1, |row| row.done = Felt::ZERO),
        ("register/done", 1, |row| row.done = felt(2)),
        ("register/opcode", 1, |row| {
            (row.gas, row.size) = (felt(2), Felt::NEG_ONE)
        }),
        ("register/one opcode", 1, |row| row.size = Felt::ONE),
        ("register/done used", 3, |row| row.done = Felt::ONE),
    ];
    for (label, at, forge) in cases {
        let mut run = sample();
        forge(run.row("register", *at));
        found(&run, label);
    }
    // Gas that is negative cannot be pushed.
    let (code, gas) = out_of_gas().swap_remove(4);
    let mut run = Run::of(&call_traces(code, gas));
    let row: &mut Row = run.row("register", 0);
    row.done = Felt::ONE;
    row.limbs[0] = Felt::NEG_ONE;
    found(&run, "U16");
}
