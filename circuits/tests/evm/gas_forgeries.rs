//! What a cheating prover writes of much gas, each with the label that stops it.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_circuits::event::opcode::*;
use braid_circuits::gas::{TOP, gas_limbs, gas_of_limbs};
use braid_circuits::tables::call::{CallColumns, KEPT_TOP, LESS_TOP};
use braid_circuits::tables::external_code::ExternalCodeColumns;
use braid_circuits::tables::finish::FinishColumns;
use braid_circuits::tables::halt::HaltColumns;
use braid_circuits::tables::identity::IdentityColumns;
use braid_circuits::tables::invocation::InvocationColumns;
use braid_circuits::tables::log::LogColumns;
use braid_circuits::tables::memory::MemoryColumns;
use braid_circuits::tables::moves::MovesColumns;
use braid_circuits::tables::register::RegisterColumns;
use braid_circuits::tables::storage_access::StorageAccessColumns;
use braid_stark::Felt;
use plonky2::field::types::{Field, Field64, PrimeField64};

use crate::call_forgeries::found;
use crate::frames::{CALLEE, Calling, run_with};
use crate::gas::{MOST, MUCH, block, steps_at};
use crate::identity;
use crate::memory::load;
use crate::support::{Run, call_traces, push};

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// Nothing that is called so is found.
pub fn not_found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(!findings.contains(label), "found {findings:?}");
}

/// Limbs of a number plus the field's order: the top one takes what others cannot.
fn once_round(value: u64, top: u64) -> [Felt; 4] {
    let sum = u128::from(value) + u128::from(Felt::ORDER);
    let most = sum / u128::from(top);
    let [low, middle, high, _] = gas_limbs((sum % u128::from(top)) as u64, top);
    [low, middle, high, felt(most as u64)]
}

/// Limbs of a number below zero.
fn below_zero(missing: u64) -> [Felt; 4] {
    gas_limbs((-felt(missing)).to_canonical_u64(), TOP)
}

/// A halted frame had used more than it was given: its gas is below zero, in limbs of which one is none, or all are and the number is another.
#[test]
fn gas_below_zero_at_a_halt() {
    for negative in [1, 21_000, 1 << 45, (1 << 62) + (1 << 44)] {
        let mut run = Run::of(&call_traces(vec![INVALID], MUCH));
        let row: &mut HaltColumns<Felt> = run.row("halt", 0);
        row.step.gas = below_zero(negative);
        assert_eq!(row.step.gas(), -felt(negative));
        found(&run, "U16");
        // The same, with the top limb no larger than lookups take.
        let row: &mut HaltColumns<Felt> = run.row("halt", 0);
        row.step.gas[3] = felt((1 << 16) - 1);
        assert_ne!(row.step.gas(), -felt(negative));
        not_found(&run, "U16");
        found(&run, "Leave");
    }
    // Gas that goes round the field once is the same element.
    let mut run = Run::of(&call_traces(vec![INVALID], MUCH));
    let row: &mut HaltColumns<Felt> = run.row("halt", 0);
    let gas = row.step.gas();
    row.step.gas = once_round(gas.to_canonical_u64(), TOP);
    assert_eq!(row.step.gas(), gas);
    found(&run, "U16");
}

#[test]
fn words_of_gas_that_are_larger_by_the_fields_order() {
    let mut run = run_with(vec![GAS, POP], MUCH);
    let row: &mut RegisterColumns<Felt> = run.row("register", 0);
    row.limbs = once_round(gas_of_limbs(row.limbs, TOP).to_canonical_u64(), TOP);
    found(&run, "U16");
    not_found(&run, "register/gas");
    for limb in 0..4 {
        for value in [Felt::NEG_ONE, felt(1 << 16)] {
            let mut run = run_with(vec![GAS, POP], MUCH);
            run.row::<RegisterColumns<Felt>>("register", 0).limbs[limb] = value;
            found(&run, "U16");
        }
    }
}

#[test]
fn callers_that_keep_what_is_no_64th() {
    let call = Calling {
        gas: U256::MAX,
        ..Calling::new(CALL, CALLEE)
    };
    // What is left is larger by the field's order, and so is its 64th.
    let mut run = run_with(call.code(), MUCH);
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    let left = gas_of_limbs(row.gas.kept, KEPT_TOP) * felt(64) + row.gas.remainder;
    let round = u128::from(left.to_canonical_u64()) + u128::from(Felt::ORDER);
    row.gas.kept = gas_limbs((round / 64) as u64, KEPT_TOP);
    row.gas.remainder = felt((round % 64) as u64);
    found(&run, "U16");
    not_found(&run, "call/gas");
    for limb in 0..4 {
        for value in [Felt::NEG_ONE, felt(1 << 16)] {
            let mut run = run_with(call.code(), MUCH);
            run.row::<CallColumns<Felt>>("call", 0).gas.kept[limb] = value;
            found(&run, "U16");
        }
    }
}

/// Less and more of what is asked for, where the difference is as large as it gets.
#[test]
fn gas_that_is_given_at_the_edge() {
    let run_of = |gas, limit| {
        let call = Calling {
            gas: U256::from(gas),
            ..Calling::new(CALL, CALLEE)
        };
        run_with(call.code(), limit)
    };
    // All that can be given, though nothing is asked for.
    let mut run = run_of(0, MOST);
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    let most = gas_of_limbs(row.gas.kept, KEPT_TOP) * felt(63) + row.gas.remainder;
    (row.gas.asks_less, row.gas.asks_more) = (Felt::ZERO, Felt::ONE);
    row.gas.difference = gas_limbs((-most).to_canonical_u64(), TOP);
    row.gas.given = most;
    found(&run, "U16");
    not_found(&run, "call/asks more");
    // What is asked for, though it is 2^63 more than there is: its highest bit is in the limb below.
    let asked = (1 << 63) + (1 << 40);
    let mut run = run_of(asked, 100_000);
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    let most = gas_of_limbs(row.gas.kept, KEPT_TOP) * felt(63) + row.gas.remainder;
    (row.gas.asked_top, row.gas.asked_high) = (Felt::ZERO, felt((1 << 16) - 1));
    (row.gas.asks_far, row.gas.asks_more) = (Felt::ZERO, Felt::ONE);
    row.gas.difference = gas_limbs((felt(asked) - most).to_canonical_u64() - TOP, TOP);
    row.gas.difference[2] += felt(TOP >> 32);
    // So far it is right.
    assert_eq!(run.findings(), BTreeSet::new());
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    (row.gas.asks_more, row.gas.asks_less) = (Felt::ZERO, Felt::ONE);
    let difference = (most - felt(asked)).to_canonical_u64();
    row.gas.difference = gas_limbs(difference, LESS_TOP);
    row.gas.given = felt(asked);
    found(&run, "U16");
    not_found(&run, "call/asks less");
    // With the top limb of other differences it would do.
    let most = gas_limbs(difference, TOP)[3];
    assert!(most.to_canonical_u64() < 1 << 16);
}

/// Sets whether the only row of a table shows that its step names memory at 2^64 or beyond.
pub fn set_beyond(run: &mut Run, table: &str, beyond: Felt) {
    match table {
        "memory" => run.row::<MemoryColumns<Felt>>(table, 0).beyond = beyond,
        "finish" => run.row::<FinishColumns<Felt>>(table, 0).region.beyond = beyond,
        "log" => run.row::<LogColumns<Felt>>(table, 0).region.beyond = beyond,
        "moves" => run.row::<MovesColumns<Felt>>(table, 0).beyond = beyond,
        "external_code" => {
            let row: &mut ExternalCodeColumns<Felt> = run.row(table, 0);
            row.region.beyond = beyond;
        }
        "call" => {
            let row: &mut CallColumns<Felt> = run.row(table, 0);
            let input = row.input.far == Felt::ONE;
            let region = if input {
                &mut row.input
            } else {
                &mut row.output
            };
            region.beyond = beyond;
        }
        other => panic!("{other}"),
    }
}

/// What objects to gas of the table's step that is not small, and to memory that is not beyond.
fn labels(table: &str) -> (&'static str, &'static [&'static str]) {
    match table {
        "memory" => ("memory/small gas", &["memory/far"]),
        "finish" => ("finish/small gas", &["finish/distance"]),
        "log" => ("log/small gas", &["log/distance"]),
        "moves" => ("moves/small gas", &["moves/far"]),
        "external_code" => ("external_code/small gas", &["external_code/distance"]),
        "call" => (
            "call/small gas",
            &["call/input distance", "call/output distance"],
        ),
        other => panic!("{other}"),
    }
}

#[test]
fn memory_that_could_be_paid_for_called_far() {
    // One limb is 1, so that its inverse is 1, whichever limb counts.
    for (table, code) in steps_at(U256::from(1u128 << 64)) {
        let (small, _) = labels(table);
        // Much gas called little, and gas of which the third limb alone tells.
        for (gas, label) in [(MUCH, small), (1 << 45, "U16")] {
            let mut run = run_with(code.clone(), gas);
            not_found(&run, label);
            set_beyond(&mut run, table, Felt::ZERO);
            found(&run, label);
        }
    }
    for (table, code) in steps_at(U256::from(1u64 << 32)) {
        let (_, distance) = labels(table);
        let mut run = run_with(code, 100_000);
        set_beyond(&mut run, table, Felt::ONE);
        let findings = run.findings();
        let label = distance.iter().find(|label| findings.contains(**label));
        assert!(label.is_some(), "{table}: {findings:?}");
    }
    // Neither is a part of one.
    for (table, code) in steps_at(U256::from(1u128 << 64)) {
        let (_, distance) = labels(table);
        let mut run = run_with(code, 100_000);
        set_beyond(&mut run, table, Felt::TWO);
        let findings = run.findings();
        assert!(distance.iter().any(|label| findings.contains(*label)));
    }
    // Nor of memory that is paid for.
    let mut run = run_with([load(0), push(1), push(0), vec![KECCAK256]].concat(), MUCH);
    run.row::<MemoryColumns<Felt>>("memory", 0).beyond = Felt::ONE;
    found(&run, "memory/far");
    run.row::<MovesColumns<Felt>>("moves", 0).beyond = Felt::ONE;
    found(&run, "moves/far");
    run.row::<MovesColumns<Felt>>("moves", 0).higher = Felt::ONE;
    found(&run, "moves/higher");
}

#[test]
fn one_region_of_a_call_is_beyond() {
    let region = [1 << 32, 1];
    let call = Calling {
        input: region,
        output: region,
        ..Calling::new(STATICCALL, CALLEE)
    };
    let mut run = run_with(call.code(), 100_000);
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    (row.input.beyond, row.output.beyond) = (Felt::ONE, Felt::ONE);
    found(&run, "call/beyond");
}

/// Gas so near to 2^63 that what it lacks, below zero, is a number with four limbs: only that it has three stops a prover who halts the step.
#[test]
fn much_gas_called_too_little() {
    let returns = [push(1), push(0), vec![RETURN]].concat();
    let call = Calling::new(CALL, CALLEE).code();
    let loads = [push(0), vec![SLOAD, POP, GAS, POP]].concat();
    let code = [loads, call, vec![POP], returns].concat();
    let small = |limbs: [Felt; 4]| {
        let mut limbs = limbs.iter();
        assert!(limbs.all(|limb| limb.to_canonical_u64() < 1 << 16));
    };
    let sample = || run_with(code.clone(), MOST);
    let caught = |run: Run, limbs: [Felt; 4], equation: &str, label: &str| {
        small(limbs);
        not_found(&run, equation);
        found(&run, label);
    };

    let mut run = sample();
    let row: &mut RegisterColumns<Felt> = run.row("register", 0);
    row.done = Felt::ZERO;
    let missing = felt(2) - row.step.gas() - Felt::ONE;
    row.limbs = gas_limbs(missing.to_canonical_u64(), TOP);
    let limbs = row.limbs;
    caught(run, limbs, "register/lacks", "register/lacks little");

    let mut run = sample();
    // The first one is the callee's.
    let row: &mut FinishColumns<Felt> = run.row("finish", 1);
    (row.done, row.lacks) = (Felt::ZERO, Felt::ONE);
    let missing = row.growth - row.at.gas() - Felt::ONE;
    row.rest = gas_limbs(missing.to_canonical_u64(), TOP);
    let limbs = row.rest;
    caught(run, limbs, "finish/lacks", "finish/lacks little");

    let mut run = sample();
    let row: &mut StorageAccessColumns<Felt> = run.row("storage_access", 0);
    row.lacks = Felt::ONE;
    let missing = row.cost - row.step.gas() - Felt::ONE;
    row.excess = gas_limbs(missing.to_canonical_u64(), TOP);
    let limbs = row.excess;
    let label = "storage_access/lacks little";
    caught(run, limbs, "storage_access/gas", label);

    let mut run = sample();
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    (row.runs, row.lacks) = (Felt::ZERO, Felt::ONE);
    let left = gas_of_limbs(row.gas.kept, KEPT_TOP) * felt(64) + row.gas.remainder;
    let missing = -left - Felt::ONE;
    row.gas.difference = gas_limbs(missing.to_canonical_u64(), TOP);
    let limbs = row.gas.difference;
    caught(run, limbs, "call/lacks", "call/lacks little");
}

/// A 64th is kept of what calls are given, so that a precompile's gas leaves more room.
#[test]
fn precompiles_with_much_gas_that_lack_it() {
    let mut run = run_with(identity::call(CALL, 4, (0, 1), (0, 1), MOST, false), MOST);
    let row: &mut IdentityColumns<Felt> = run.row("identity", 0);
    (row.done, row.lacks) = (Felt::ZERO, Felt::ONE);
    let missing = felt(18) - row.gas - Felt::ONE;
    row.difference = gas_limbs(missing.to_canonical_u64(), TOP);
    not_found(&run, "identity/lacks");
    found(&run, "identity/lacks little");
    found(&run, "U16");
}

/// What is not used, with the field's order on top: the sender would get that much more.
#[test]
fn unused_gas_that_is_larger_by_the_fields_order() {
    let mut run = block();
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 2);
    row.unused = [Felt::ONE, felt(u32::MAX.into())];
    found(&run, "invocation/one unused");
    not_found(&run, "Invocation");
}
