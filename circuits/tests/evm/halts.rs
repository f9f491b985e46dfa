//! Steps that halt their frame: all reasons are shown, and none is that does not hold.

use std::collections::BTreeSet;

use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::tables::evm::EvmColumns;
use braid_circuits::tables::halt::{HaltColumns, HaltTable};
use braid_circuits::tables::opcode::{Needs, Operation};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Trace};
use plonky2::field::types::Field;

use crate::support::{Run, call_traces, push};

type Row = HaltColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// A program for each way to halt, and the gas that it is called with.
pub fn programs() -> Vec<(Vec<u8>, u64)> {
    const ENOUGH: u64 = 100_000;
    let program = |parts: &[&[u8]]| (parts.concat(), ENOUGH);
    let far = [vec![PUSH5, 1, 0, 0, 0, 0], vec![JUMP]].concat();
    // After PUSH1 to the data of which it jumps.
    let data = [PUSH1, 1, JUMP];
    let data = [&[PUSH1, JUMPDEST, POP, PUSH1, 1, JUMP], &data[..]].concat();
    vec![
        // 0: two pushes of 3 gas each, with 5 gas.
        (vec![PUSH1, 1, PUSH1, 2, ADD], 21_005),
        program(&[&push(1), &[ADD]]),
        program(&[&[PUSH0; 1025]]),
        program(&[&[0x0c]]),
        program(&[&[INVALID]]),
        // 5: far, beyond the end, at its end, data, another instruction.
        (far, ENOUGH),
        program(&[&push(3_000_000), &[JUMP]]),
        program(&[&push(3), &[JUMP]]),
        (data, ENOUGH),
        program(&[&push(0), &[JUMP]]),
        // 10: the same with conditions, of which the first does not hold.
        program(&[&push(0), &push(9), &[JUMPI], &push(7), &push(99), &[JUMPI]]),
        program(&[&[PUSH32], &[0x80; 32], &push(1), &[JUMPI]]),
        // 12: what other tables do, with too few words.
        program(&[&push(1), &[MSTORE]]),
        program(&[&push(1), &[DUP2]]),
        program(&[&push(1), &[SWAP1]]),
        program(&[&[PUSH0; 1024], &[GAS]]),
        program(&[&[PUSH0; 1024], &[DUP1]]),
        // 17: there is no such opcode yet.
        program(&[&push(1), &[CLZ]]),
    ]
}

fn run_of(program: usize) -> Run {
    let (code, gas) = programs().swap_remove(program);
    let run = Run::of(&call_traces(code, gas));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

#[test]
fn every_reason_is_shown() {
    let mut reasons = BTreeSet::new();
    for (code, gas) in programs() {
        let run = Run::of(&call_traces(code.clone(), gas));
        assert_eq!(run.findings(), BTreeSet::new(), "{code:x?}");
        let last = run.execution.steps.last().expect("a step");
        let halt = last.halt.expect("a step that halts");
        let rows: &Trace = run.trace("halt");
        let used = (0..rows.height()).map(|row| rows.row(row));
        let used = used.filter(|row| row.iter().any(|cell| *cell != Felt::ZERO));
        assert_eq!(used.count(), 1, "{code:x?}");
        reasons.insert(format!("{halt:?}"));
    }
    let expected = [
        Halt::OutOfGas,
        Halt::StackUnderflow,
        Halt::StackOverflow,
        Halt::UndefinedOpcode,
        Halt::InvalidOpcode,
        Halt::InvalidJump,
    ];
    assert_eq!(
        reasons,
        expected.iter().map(|halt| format!("{halt:?}")).collect()
    );
}

/// Columns that no change of a used row is noticed in, in any of the programs.
#[test]
fn every_column_is_bound() {
    let ignored = [
        braid_circuits::bus::tag::U16,
        braid_circuits::bus::tag::Clock,
    ];
    let mut unnoticed: Option<BTreeSet<String>> = None;
    for program in [0, 1, 2, 3, 5, 6, 8, 10, 17] {
        let run = run_of(program);
        let here = unnoticed_columns(&HaltTable, run.trace("halt"), &[0], &ignored);
        let here = BTreeSet::from_iter(here);
        unnoticed = Some(match unnoticed {
            None => here,
            Some(before) => before.intersection(&here).cloned().collect(),
        });
    }
    assert_eq!(unnoticed, Some(BTreeSet::new()));
    assert!(SymbolicTable::of(&HaltTable).excessive_degrees().is_empty());
}

/// Forges the row of a program's halt; `label` must be among what is found.
fn forged(label: &str, program: usize, forge: impl FnOnce(&mut Row)) {
    let mut run = run_of(program);
    forge(run.row("halt", 0));
    found(&run, label);
}

fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

#[test]
fn reasons_that_do_not_hold() {
    // Another reason than the one that there is.
    type Set = fn(&mut Row);
    let others: [(&str, Set); 7] = [
        ("halt/too early", |row| row.too_early = Felt::ONE),
        ("halt/gas", |row| row.out_of_gas = Felt::ONE),
        ("halt/underflow", |row| row.underflow = Felt::ONE),
        ("halt/overflow", |row| row.overflow = Felt::ONE),
        ("halt/undefined", |row| row.undefined = Felt::ONE),
        ("halt/jump", |row| row.jumps = Felt::ONE),
        ("halt/jump", |row| row.jumps_if = Felt::ONE),
    ];
    // Too few words for an addition; too many words are not too few.
    for (label, set) in &others {
        let program = if *label == "halt/underflow" { 2 } else { 1 };
        forged(label, program, |row| {
            (row.underflow, row.overflow) = (Felt::ZERO, Felt::ZERO);
            set(row);
        });
    }
    // Two reasons, or a reason twice.
    forged("halt/one reason", 1, |row| row.overflow = Felt::ONE);
    forged("halt/reason", 1, |row| row.underflow = felt(2));
    forged("halt/one reason", 1, |row| row.underflow = felt(2));
    // None: nobody is told that the frame has ended.
    forged("Leave", 1, |row| row.underflow = Felt::ZERO);
    forged("FrameEnd", 1, |row| row.underflow = Felt::ZERO);
}

/// CLZ is no opcode by the statement's rules, and not by others.
#[test]
fn rules_that_are_not_the_statements() {
    forged("halt/rules", 17, |row| row.rules = Felt::TWO);
    forged("Rules", 17, |row| row.rules = Felt::ONE);
    // `opcode` has it.
    forged("halt/undefined", 17, |row| {
        (row.too_early, row.undefined) = (Felt::ZERO, Felt::ONE)
    });
}

/// A frame that has enough gas, and one that has used more than it was given.
#[test]
fn out_of_gas_that_is_none() {
    forged("U16", 0, |row| {
        // A push of 3 gas with 3 left; `evm` says that there are 2, too.
        row.step.gas[0] = felt(3);
        row.excess[0] = Felt::NEG_ONE;
    });
    forged("Leave", 0, |row| row.step.gas[0] = Felt::ZERO);
    forged("U16", 0, |row| {
        row.step.gas[0] -= felt(4);
        row.excess[0] += felt(4);
    });
    forged("OpcodeNeeds", 0, |row| {
        row.needs.cost += felt(7);
        row.excess[0] += felt(7);
    });
    // What another table does is for that table to refuse.
    let mut run = run_of(12);
    let row: &mut Row = run.row("halt", 0);
    (row.underflow, row.out_of_gas) = (Felt::ZERO, Felt::ONE);
    found(&run, "halt/own gas");
}

#[test]
fn stacks_that_are_high_or_low_enough() {
    forged("Leave", 1, |row| {
        row.step.sp = Felt::ZERO;
        row.excess[0] += Felt::ONE;
    });
    forged("OpcodeNeeds", 1, |row| {
        row.needs.inputs += Felt::ONE;
        row.excess[0] += Felt::ONE;
    });
    forged("OpcodeNeeds", 2, |row| {
        row.needs.outputs += Felt::ONE;
        row.excess[0] += Felt::ONE;
    });
    forged("OpcodeNeeds", 3, |row| row.needs = Needs::of(ADD));
}

#[test]
fn jumps_that_are_valid() {
    // The target of the first condition, which does not hold, is the program's last instruction but three: a PUSH. Calling it a jump anyway:
    let mut run = run_of(10);
    let at = run.find(JUMPI);
    let step = run.execution.steps[at].clone();
    let evm: &mut EvmColumns<Felt> = run.row("evm", at);
    evm.operation = Operation::halting();
    let row: &mut Row = run.row("halt", 0);
    row.step.clock = felt(step.clock);
    row.step.pc = felt(step.pc);
    row.step.gas[0] = felt(step.before.gas & 0xffff);
    row.step.gas[1] = felt(step.before.gas >> 16);
    row.condition = [Felt::ZERO; 8];
    found(&run, "halt/condition");
    // The words are those on the stack.
    forged("StackWord", 10, |row| row.target[0] += Felt::ONE);
    forged("StackWord", 10, |row| row.condition[0] += Felt::ONE);
    forged("StackWord", 10, |row| row.target_pushed -= Felt::ONE);
    forged("Clock", 10, |row| {
        row.condition_pushed = row.step.clock + row.step.clock
    });
    // A target is none for the reason that holds.
    forged("halt/far", 6, |row| {
        (row.far, row.beyond) = (Felt::ONE, Felt::ZERO)
    });
    forged("halt/far", 5, |row| row.inverse += Felt::ONE);
    forged("halt/beyond", 9, |row| {
        (row.beyond, row.other, row.size) = (Felt::ONE, Felt::ZERO, felt(2));
    });
    forged("CodeLength", 6, |row| {
        row.size -= Felt::ONE;
        row.excess[0] += Felt::ONE;
    });
    forged("halt/one target", 6, |row| row.beyond = Felt::ZERO);
    forged("halt/target", 6, |row| row.beyond = felt(2));
    // Within the code, but called beyond its end.
    forged("U16", 9, |row| {
        (row.beyond, row.other) = (Felt::ONE, Felt::ZERO);
        row.size = felt(2);
        row.excess = [Felt::ZERO - felt(2), Felt::ZERO];
    });
    // What is there is what the code has there.
    forged("Instruction", 9, |row| {
        row.found = felt(u64::from(STOP));
        row.inverse = (row.found - felt(u64::from(JUMPDEST))).inverse();
    });
    forged("halt/other", 9, |row| row.inverse += Felt::ONE);
    forged("Instruction", 8, |row| {
        // Data called an instruction of another kind.
        row.found -= felt(braid_circuits::bus::DATA);
    });
    // Another opcode that would not jump.
    forged("halt/jump", 9, |row| row.opcode = felt(u64::from(JUMPI)));
}

#[test]
fn padding_says_nothing() {
    let mut run = run_of(1);
    assert!(run.trace("halt").height() > 1);
    let copied = *run.row::<Row>("halt", 0);
    *run.row("halt", 1) = copied;
    found(&run, "Leave");
    found(&run, "FrameEnd");
    let mut run = run_of(1);
    run.row::<Row>("halt", 1).beyond = Felt::ONE;
    found(&run, "halt/one target");
}
