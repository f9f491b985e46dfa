//! What a cheating prover would write about steps that move bytes.

use alloy_primitives::U256;
use braid_circuits::event::opcode::*;
use braid_circuits::execution::moves_bytes;
use braid_circuits::tables::moves::{Cases, MovesColumns};
use braid_circuits::word::word;
use braid_stark::Felt;
use plonky2::field::types::Field;

use crate::copies::{everything, halting};
use crate::support::{Run, call_traces, zero};

type Row = MovesColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// Demands that the so-manyth step of this opcode, forged, is found out by this.
fn caught(label: &str, (opcode, place): (u8, usize), forge: impl FnOnce(&mut Row)) {
    let mut run = everything();
    let steps = run.execution.steps.iter();
    let steps = steps.filter(|step| moves_bytes(step.opcode));
    let mut rows = steps.enumerate().filter(|(_, step)| step.opcode == opcode);
    let (row, _) = rows.nth(place).expect("a step");
    forge(run.row("moves", row));
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

/// The same of a program that halts: its last step.
fn caught_halting(label: &str, opcode: u8, place: usize, forge: impl FnOnce(&mut Row)) {
    let of_opcode = |run: &Run| {
        run.execution
            .steps
            .last()
            .is_some_and(|step| step.opcode == opcode)
    };
    let runs = halting().into_iter();
    let runs = runs.map(|(code, gas, _)| Run::of(&call_traces(code, gas)));
    let mut run = runs.filter(of_opcode).nth(place).expect("a program");
    forge(run.row("moves", 0));
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

/// The case that is not any of the others.
fn case(set: impl FnOnce(&mut Cases<Felt>)) -> Cases<Felt> {
    let mut case: Cases<Felt> = zero();
    set(&mut case);
    case
}

#[test]
fn another_opcode_or_case() {
    caught("moves/opcode", (MCOPY, 0), |row| {
        row.opcode.memory_copy = felt(2)
    });
    caught("moves/one opcode", (MCOPY, 0), |row| {
        row.opcode.code_copy = Felt::ONE
    });
    caught("moves/case", (MCOPY, 0), |row| row.case.fits = felt(2));
    caught("moves/one case", (MCOPY, 0), |row| {
        row.case.plain = Felt::ONE
    });
    caught("moves/one case", (MCOPY, 0), |row| row.case = zero());
    caught("Step", (MCOPY, 0), |row| {
        row.opcode = zero();
        row.opcode.code_copy = Felt::ONE;
    });
    // A length that is said to be none, one that is none said to be some.
    caught("moves/no length", (MCOPY, 0), |row| {
        row.case = case(|case| case.plain = Felt::ONE)
    });
    // CALLDATALOAD pops no length: limbs that add up to nothing are none all the same.
    caught("moves/no length", (CALLDATALOAD, 0), |row| {
        row.length.value[0] = felt(32);
        row.length.value[1] = -felt(32);
    });
    caught("moves/length", (MCOPY, 2), |row| {
        row.case = case(|case| case.fits = Felt::ONE)
    });
    caught("Copy", (MCOPY, 0), |row| {
        row.case = case(|case| case.plain = Felt::ONE)
    });
    caught("moves/plain", (CALLDATALOAD, 0), |row| {
        row.case = case(|case| case.fits = Felt::ONE)
    });
    caught("moves/over", (MCOPY, 0), |row| {
        row.case = case(|case| case.over = Felt::ONE)
    });
    caught("Step", (MCOPY, 0), |row| {
        row.case = case(|case| case.lacks = Felt::ONE)
    });
}

/// Words that are not paid for, memory that is not.
#[test]
fn moves_are_paid_for() {
    for opcode in [MCOPY, CODECOPY, CALLDATACOPY, RETURNDATACOPY, KECCAK256] {
        caught("moves/cost", (opcode, 0), |row| row.cost -= Felt::ONE);
        caught("moves/last", (opcode, 0), |row| {
            row.last[0] -= Felt::ONE;
            row.cost -= felt(if opcode == KECCAK256 { 6 } else { 3 });
        });
        caught("U8", (opcode, 0), |row| {
            row.last[0] -= Felt::ONE;
            row.rest += felt(32);
            row.cost -= felt(if opcode == KECCAK256 { 6 } else { 3 });
        });
        caught("Step", (opcode, 0), |row| row.cost = Felt::ZERO);
    }
    // The copy of 4,000 bytes makes memory grow.
    caught("moves/growth", (CODECOPY, 1), |row| {
        row.case = case(|case| case.fits = Felt::ONE);
    });
    caught("moves/fits", (CODECOPY, 1), |row| {
        row.cost -= row.growth;
        (row.growth, row.next_words) = (Felt::ZERO, row.step.words);
        row.case = case(|case| case.fits = Felt::ONE);
    });
    caught("U16", (CODECOPY, 1), |row| {
        row.cost -= row.growth;
        (row.growth, row.next_words) = (Felt::ZERO, row.step.words);
        row.case = case(|case| case.fits = Felt::ONE);
        row.excess[0] = row.step.words * felt(32) - felt(4_007);
    });
    caught("MemoryGrowth", (CODECOPY, 1), |row| row.growth -= Felt::ONE);
    caught("moves/words", (MCOPY, 0), |row| row.next_words += Felt::ONE);
    caught("moves/reach", (MCOPY, 0), |row| row.reach = Felt::ZERO);
    // The nearer of the two places.
    caught("moves/farthest", (MCOPY, 0), |row| {
        (row.farther, row.reach) = (Felt::ONE, row.source.value[0]);
    });
    caught("U16", (MCOPY, 0), |row| {
        (row.farther, row.reach) = (Felt::ONE, row.source.value[0]);
        row.margin[0] = row.reach - row.target.value[0];
    });
    caught("moves/farther", (MCOPY, 0), |row| row.farther = felt(2));
    caught("moves/farther source", (KECCAK256, 0), |row| {
        row.farther = Felt::ONE
    });
}

/// The bytes of another frame, of another code, of the transaction in place of the call.
#[test]
fn sources_are_what_they_should_be() {
    caught("moves/own memory", (MCOPY, 0), |row| {
        row.origin += Felt::ONE
    });
    caught("moves/own memory", (KECCAK256, 0), |row| {
        row.origin += Felt::ONE
    });
    caught("moves/base", (MCOPY, 0), |row| row.base = felt(32));
    caught("moves/base", (CODECOPY, 0), |row| row.base = felt(32));
    caught("FrameCode", (CODECOPY, 0), |row| row.origin += Felt::ONE);
    caught("CodeLength", (CODECOPY, 1), |row| row.bytes += felt(32));
    // The first CALLDATALOAD is the transaction's, the second is of the call.
    let (outer, inner) = ((CALLDATALOAD, 0), (CALLDATALOAD, 1));
    for at in [outer, inner, (CALLDATACOPY, 0), (CALLDATACOPY, 1)] {
        caught("FrameInput", at, |row| row.bytes += Felt::ONE);
        caught("FrameInput", at, |row| row.base += Felt::ONE);
        caught("FrameInput", at, |row| row.transaction += Felt::ONE);
        caught("FrameInput", at, |row| row.input_frame += Felt::ONE);
        caught("Copy", at, |row| row.origin += Felt::ONE);
    }
    caught("moves/transaction", outer, |row| row.origin += Felt::ONE);
    caught("moves/input frame", inner, |row| row.origin += Felt::ONE);
    caught("moves/caller", outer, |row| row.outer = Felt::ZERO);
    caught("moves/no caller", inner, |row| row.outer = Felt::ONE);
    caught("moves/outer", outer, |row| row.outer = felt(2));
    caught("moves/outer input", (CODECOPY, 0), |row| {
        row.outer = Felt::ONE
    });
    // A source that is said to be too far, or is and is not said to be.
    caught("moves/far constant", outer, |row| row.distant = Felt::ONE);
    caught("moves/near constant", (CALLDATACOPY, 2), |row| {
        row.distant = Felt::ZERO
    });
    caught("moves/distant", outer, |row| row.distant = felt(2));
    caught("moves/distant source", (MCOPY, 0), |row| {
        row.distant = Felt::ONE
    });
    caught_halting("moves/distant done", CALLDATACOPY, 0, |row| {
        row.distant = Felt::ONE
    });
    // A place in memory that is taken by its lowest limb.
    for place in 3..5 {
        caught_halting("Leave", MCOPY, place, |row| {
            row.case = case(|case| case.fits = Felt::ONE)
        });
    }
    caught_halting("moves/near target", MCOPY, 3, |row| {
        row.case = case(|case| case.lacks = Felt::ONE)
    });
    caught_halting("moves/near length", MCOPY, 4, |row| {
        row.case = case(|case| case.lacks = Felt::ONE)
    });
    caught_halting("moves/near source", MCOPY, 6, |row| {
        row.case = case(|case| case.lacks = Felt::ONE)
    });
}

#[test]
fn operands_are_those_on_the_stack() {
    for (opcode, place) in [(MCOPY, 0), (CODECOPY, 0)] {
        for change in [
            (|row: &mut Row| row.target.value[0] += Felt::ONE) as fn(&mut Row),
            |row| row.source.value[0] += Felt::ONE,
            |row| row.length.value[0] += Felt::ONE,
            |row| row.target.pushed -= Felt::ONE,
            |row| row.source.pushed -= Felt::ONE,
            |row| row.length.pushed -= Felt::ONE,
        ] {
            caught("StackWord", (opcode, place), change);
        }
    }
    caught("Clock", (MCOPY, 0), |row| {
        row.length.pushed = row.step.clock * felt(2)
    });
}

/// What is pushed.
#[test]
fn results_are_right() {
    let other = |row: &mut Row| row.result[3] += Felt::ONE;
    caught("Digest", (KECCAK256, 0), other);
    caught("Digest", (KECCAK256, 1), other);
    caught("moves/empty hash", (KECCAK256, 2), other);
    caught("StringWord", (CALLDATALOAD, 0), other);
    caught("StringWord", (CALLDATALOAD, 1), other);
    caught("moves/size", (RETURNDATASIZE, 0), other);
    for opcode in [KECCAK256, CALLDATALOAD, RETURNDATASIZE] {
        caught("StackWord", (opcode, 0), other);
    }
    // Another register: of what is returned there.
    for at in [(RETURNDATASIZE, 0), (RETURNDATACOPY, 0)] {
        caught("MemoryWord", at, |row| row.bytes += Felt::ONE);
        caught("MemoryWord", at, |row| row.base += Felt::ONE);
        caught("MemoryWord", at, |row| row.origin += Felt::ONE);
        caught("MemoryWord", at, |row| row.accessed -= Felt::ONE);
    }
}

/// RETURNDATACOPY beyond its bounds that is done, and one within that halts.
#[test]
fn bounds_of_return_data() {
    // Programs 0 to 2: one byte beyond, without and with a length, and far beyond.
    for place in 0..3 {
        let done = |row: &mut Row| {
            let named = row.length.value[0] != Felt::ZERO;
            row.case = case(|case| match named {
                true => case.grows = Felt::ONE,
                false => case.plain = Felt::ONE,
            });
        };
        caught_halting("moves/bounds", RETURNDATACOPY, place, done);
        caught_halting("Leave", RETURNDATACOPY, place, done);
        caught_halting("U16", RETURNDATACOPY, place, |row| {
            done(row);
            row.margin[0] = row.bytes - row.source.value[0] - row.length.value[0];
        });
    }
    // From 2^32 on, as if from 0.
    caught_halting("moves/near return data", RETURNDATACOPY, 4, |row| {
        row.case = case(|case| case.plain = Felt::ONE);
    });
    // Within, by one byte and by all.
    let within = (RETURNDATACOPY, 0);
    caught("moves/over by", within, |row| {
        row.case = case(|case| case.over = Felt::ONE)
    });
    caught("U16", within, |row| {
        row.case = case(|case| case.over = Felt::ONE);
        row.excess = [Felt::ZERO; 3];
        row.excess[0] = row.source.value[0] + row.length.value[0] - row.bytes - Felt::ONE;
    });
    caught("moves/far over", within, |row| {
        row.case = case(|case| case.far_over = Felt::ONE);
    });
    caught("Step", within, |row| {
        row.case = case(|case| case.over = Felt::ONE)
    });
    caught("moves/bounds", within, |row| row.margin[0] += Felt::ONE);
}

/// Out of gas that is none.
#[test]
fn gas_that_is_there() {
    caught("moves/lacks", (MCOPY, 0), |row| {
        row.case = case(|case| case.lacks = Felt::ONE)
    });
    caught("moves/far", (MCOPY, 0), |row| {
        row.case = case(|case| case.far = Felt::ONE)
    });
    caught("U16", (MCOPY, 0), |row| {
        row.case = case(|case| case.lacks = Felt::ONE);
        row.excess = [
            row.cost - row.step.gas() - Felt::ONE,
            Felt::ZERO,
            Felt::ZERO,
        ];
    });
    for (opcode, place) in [(CODECOPY, 2), (KECCAK256, 0), (CALLDATACOPY, 1)] {
        caught_halting("moves/lacks", opcode, place, |row| {
            row.excess[0] += Felt::ONE
        });
        caught_halting("moves/cost", opcode, place, |row| {
            row.cost += Felt::ONE;
            row.excess[0] += Felt::ONE;
        });
        // Gas that is negative.
        caught_halting("U16", opcode, place, |row| {
            row.step.gas = [Felt::NEG_ONE, Felt::ZERO, Felt::ZERO, Felt::ZERO];
        });
    }
    caught_halting("moves/high", MCOPY, 0, |row| row.high = Felt::ONE);
    caught_halting("moves/far", MCOPY, 3, |row| row.high_inverse += Felt::ONE);
    caught_halting("FrameEnd", MCOPY, 0, |row| row.step.writes += Felt::ONE);
}

#[test]
fn padding_says_nothing() {
    let mut run = everything();
    let rows = run.trace("moves").height();
    let steps = run.execution.steps.iter();
    let used = steps.filter(|step| moves_bytes(step.opcode)).count();
    assert!(used < rows);
    let row: &mut Row = run.row("moves", used);
    row.result = word(U256::MAX);
    assert!(run.findings().is_empty());
    for (label, forge) in [
        (
            "moves/one case",
            (|row| row.case.plain = Felt::ONE) as fn(&mut Row),
        ),
        ("moves/one case", |row| row.opcode.load = Felt::ONE),
        ("moves/distant source", |row| row.distant = Felt::ONE),
        ("moves/outer input", |row| row.outer = Felt::ONE),
    ] {
        let mut run = everything();
        forge(run.row("moves", used));
        let found = run.findings();
        assert!(found.contains(label), "expected {label}, found {found:?}");
    }
}
