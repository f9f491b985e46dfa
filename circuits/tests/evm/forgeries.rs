//! A cheating prover's steps, each with the label that stops it.

use std::collections::BTreeSet;

use braid_circuits::event::opcode::*;
use braid_circuits::tables::evm::EvmColumns;
use braid_circuits::tables::narrow::{Comparison, NarrowColumns};
use braid_circuits::tables::opcode::Operation;
use braid_stark::{Columns, Felt};
use plonky2::field::types::{Field, PrimeField64};

use crate::support::{Run, call_traces, sample};

type Row = EvmColumns<Felt>;

/// Forges the row of the first step of an opcode; `label` must be among what is found.
fn forged(label: &str, opcode: u8, forge: impl FnOnce(&mut Row)) {
    let mut run = sample();
    let row = run.find(opcode);
    forge(run.row("evm", row));
    found(&run, label);
}

/// Forges anything, given the row of the first step of an opcode.
fn all_forged(label: &str, opcode: u8, forge: impl FnOnce(&mut Run, usize)) {
    let mut run = sample();
    let row = run.find(opcode);
    forge(&mut run, row);
    found(&run, label);
}

fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

fn row(run: &mut Run, row: usize) -> &mut Row {
    run.row("evm", row)
}

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

#[test]
fn a_pop_of_a_later_push() {
    // The version of a word that is pushed after the pop.
    forged("Clock", SUB, |row| row.a_pushed = row.clock + row.clock);
    forged("StackWord", SUB, |row| row.a_pushed -= felt(2));
    forged("StackWord", SUB, |row| row.b[0] += Felt::ONE);
}

#[test]
fn another_instruction() {
    forged("Instruction", SUB, |row| {
        row.opcode = Felt::from_canonical_u8(ADD);
        row.operation = Operation::of(ADD).expect("an opcode");
    });
    // The opcode as it is, done as another.
    forged("Opcode", SUB, |row| {
        row.operation = Operation::of(POP).expect("an opcode")
    });
    forged("Opcode", SUB, |row| row.operation.cost = Felt::ZERO);
    forged("Instruction", SUB, |row| row.code += Felt::ONE);
    forged("evm/code", SUB, |row| row.code += Felt::ONE);
}

#[test]
fn another_result() {
    forged("Compute", SUB, |row| row.c[0] += Felt::ONE);
    forged("Compute", PUSH32, |row| row.c[7] += Felt::ONE);
    forged("evm/place", PUSH32, |row| row.a[0] += Felt::ONE);
    forged("evm/place", PUSH32, |row| row.a[1] += Felt::ONE);
    forged("evm/place", PUSH32, |row| row.a[2] += Felt::ONE);
    forged("evm/environment", CALLER, |row| row.a[0] += Felt::ONE);
    forged("evm/environment", CALLER, |row| row.a[1] += Felt::ONE);
    // The word that SWAP and DUP move.
    forged("evm/moved", SWAP16, |row| row.c[2] += Felt::ONE);
    forged("StackWord", SWAP16, |row| row.a[2] += Felt::ONE);
    forged("evm/moved", DUP16, |row| row.c[0] += Felt::ONE);
    forged("evm/again", DUP16, |row| row.a[0] += Felt::ONE);
    forged("StackWord", DUP16, |row| {
        [row.a, row.b, row.c] = [[felt(99); 8]; 3];
    });
}

/// ISZERO pops one word, and the other cells of the row are nobody's: limbs that add up to zero and are none of them zero must not be compared in its place.
#[test]
fn zero_that_is_compared_with_what_nobody_popped() {
    let mut run = Run::of(&call_traces(vec![PUSH0, ISZERO, POP, STOP], 30_000));
    assert_eq!(run.findings(), BTreeSet::new());
    let at = run.find(ISZERO);
    let other = [-felt(5), felt(5)];
    // Zero is not zero, and what follows believes it.
    let step = row(&mut run, at);
    step.b[..2].copy_from_slice(&other);
    step.c[0] = Felt::ZERO;
    row(&mut run, at + 1).a[0] = Felt::ZERO;
    let claim: &mut NarrowColumns<Felt> = run.row("narrow", 0);
    claim.b[..2].copy_from_slice(&other);
    claim.bits[1] = Felt::ONE;
    let comparison: &mut Comparison<Felt> = Comparison::from_slice_mut(&mut claim.result);
    (comparison.less, comparison.difference[0]) = (Felt::ONE, felt(4));
    assert_eq!(
        run.findings(),
        BTreeSet::from(["narrow/one operand".to_owned()])
    );
}

#[test]
fn gas_that_is_not_paid() {
    all_forged("evm/gas", ADD, |run, at| {
        row(run, at + 1).before.gas += Felt::ONE
    });
    all_forged("evm/gas", GAS, |run, at| {
        row(run, at).before.gas += Felt::ONE
    });
    // Gas of a delegated step is in the message to who does it.
    all_forged("Step", GAS, |run, at| {
        row(run, at + 1).before.gas += Felt::ONE
    });
}

#[test]
fn memory_and_writes_that_change_by_themselves() {
    all_forged("evm/words", ADD, |run, at| {
        row(run, at + 1).before.words += Felt::ONE
    });
    all_forged("evm/writes", ADD, |run, at| {
        row(run, at + 1).before.writes += Felt::ONE
    });
    all_forged("Step", MSTORE, |run, at| {
        row(run, at + 1).before.words -= Felt::ONE
    });
}

#[test]
fn a_stack_of_another_height() {
    all_forged("evm/sp", ADD, |run, at| {
        row(run, at + 1).before.sp += Felt::ONE
    });
    // A frame whose stack starts so high that it grows beyond 1024 words.
    let mut run = sample();
    let first = run.execution.steps[0].frame;
    let same = run
        .execution
        .steps
        .iter()
        .take_while(|step| step.frame == first);
    for at in 0..same.count() {
        row(&mut run, at).before.sp += felt(1023);
    }
    found(&run, "U16");
    found(&run, "Enter");
}

#[test]
fn jumps_elsewhere() {
    // To another instruction, to the byte in the data of a PUSH that looks like a JUMPDEST.
    all_forged("evm/target", JUMP, |run, at| {
        row(run, at + 1).pc += Felt::ONE
    });
    all_forged("Instruction", JUMP, |run, at| {
        let target = row(run, at).a[0] - Felt::ONE;
        row(run, at).a[0] = target;
        row(run, at + 1).pc = target;
    });
    all_forged("evm/target", JUMP, |run, at| {
        // To an instruction that is no JUMPDEST: the one after the target.
        let target = row(run, at).a[0] + Felt::ONE;
        row(run, at).a[0] = target;
        let after = *row(run, at + 2);
        *row(run, at + 1) = after;
    });
    forged("evm/target", JUMP, |row| row.a[1] = Felt::ONE);
    forged("evm/target", JUMPI, |row| row.a[7] = Felt::ONE);
}

#[test]
fn conditions_that_are_not_those() {
    // The loop goes round at first: a condition that holds.
    forged("evm/taken", JUMPI, |row| row.c[0] = Felt::ZERO);
    forged("evm/taken", JUMPI, |row| {
        [row.c[0], row.c[1]] = [Felt::ZERO; 2]
    });
    forged("evm/taken", JUMPI, |row| row.c[0] = felt(2));
    let mut run = sample();
    let fails = |index: &usize| {
        let step = &run.execution.steps[*index];
        step.opcode == JUMPI && step.popped[1].value.is_zero()
    };
    let at = (0..run.execution.steps.len())
        .find(fails)
        .expect("a condition that fails");
    row(&mut run, at).c[0] = Felt::ONE;
    found(&run, "evm/taken");
    // And goes on behind.
    all_forged("evm/target", JUMPI, |run, at| {
        let follows = row(run, at).pc + Felt::ONE;
        row(run, at + 1).pc = follows;
    });
}

#[test]
fn instructions_left_out() {
    all_forged("evm/pc", ADD, |run, at| row(run, at + 1).pc += Felt::ONE);
    all_forged("evm/successor", ADD, |run, at| {
        row(run, at).used = Felt::ZERO;
    });
    all_forged("evm/clock", ADD, |run, at| {
        row(run, at + 1).clock += Felt::ONE
    });
    all_forged("evm/frame", ADD, |run, at| {
        row(run, at + 1).frame += Felt::ONE
    });
}

#[test]
fn frames_that_go_on_after_their_end() {
    all_forged("Opcode", STOP, |run, at| {
        row(run, at).operation.leaves = Felt::ZERO
    });
    all_forged("evm/successor", STOP, |run, at| {
        row(run, at + 1).enters = Felt::ZERO
    });
    // A frame that nobody opened.
    all_forged("Enter", ADD, |run, at| row(run, at).enters = Felt::ONE);
    all_forged("evm/successor", ADD, |run, at| {
        row(run, at).enters = Felt::ONE
    });
}

#[test]
fn frames_that_halt_without_reason() {
    // Whoever receives it demands the reason.
    let halt = |row: &mut Row| row.operation = Operation::halting();
    forged("Leave", ADD, halt);
    forged("evm/successor", ADD, halt);
    // A step that halts called one that does not.
    let mut run = sample();
    let halts = run
        .execution
        .steps
        .iter()
        .position(|step| step.halt.is_some());
    let at = halts.expect("a step that halts");
    row(&mut run, at).operation.halts = Felt::ZERO;
    found(&run, "Opcode");
}

#[test]
fn padding_that_acts() {
    let mut run = sample();
    let padding = run.execution.steps.len();
    assert!(row(&mut run, padding).used.to_canonical_u64() == 0);
    let acts: [fn(&mut Row); 11] = [
        |row| row.enters = Felt::ONE,
        |row| row.operation.pops_a = Felt::ONE,
        |row| row.operation.pops_b = Felt::ONE,
        |row| row.operation.pushes = Felt::ONE,
        |row| row.operation.keeps = Felt::ONE,
        |row| row.operation.computes = Felt::ONE,
        |row| row.operation.immediate = Felt::ONE,
        |row| row.operation.environment = Felt::ONE,
        |row| row.operation.steps = Felt::ONE,
        |row| row.operation.leaves = Felt::ONE,
        |row| row.operation.halts = Felt::ONE,
    ];
    for act in acts {
        let mut run = sample();
        act(row(&mut run, padding));
        found(&run, "evm/unused");
    }
    // A step out of nowhere.
    let copied = *row(&mut run, 3);
    *row(&mut run, padding) = copied;
    found(&run, "evm/successor");
    row(&mut run, padding).used = felt(2);
    found(&run, "evm/used");
    row(&mut run, padding).enters = felt(2);
    found(&run, "evm/enters");
}
