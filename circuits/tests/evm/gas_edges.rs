//! Where gas is one more or less than what counts, or a number is another that the same lookups could take: each with the label that stops it.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_circuits::event::opcode::*;
use braid_circuits::gas::{SMALL_GAS, TOP, gas_limbs, gas_of_limbs};
use braid_circuits::tables::call::{CallColumns, KEPT_TOP};
use braid_circuits::tables::invocation::{FIFTH_TOP, InvocationColumns};
use braid_circuits::tables::transaction::TransactionColumns;
use braid_stark::Felt;
use plonky2::field::types::{Field, Field64, PrimeField64};

use crate::call_forgeries::found;
use crate::frames::{CALLEE, Calling, run_with};
use crate::gas::{MOST, MUCH, block, steps_at};
use crate::gas_forgeries::{not_found, set_beyond};
use crate::invocations;
use crate::support::{MAIN, Run, block_of, call_of_main};

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// A 16-bit limb.
fn is_limb(limb: &Felt) -> bool {
    limb.to_canonical_u64() < 1 << 16
}

/// The least gas that is not small has a third limb that is one too large for its multiple.
#[test]
fn gas_that_is_just_not_small() {
    for (table, code) in steps_at(U256::from(1u128 << 64)) {
        // What the step has, but for the intrinsic gas.
        let used = run_with(code.clone(), MUCH);
        let last = used.execution.steps.last().expect("a step");
        let before = MUCH - last.before.gas;
        for (gas, is_small) in [(SMALL_GAS, false), (SMALL_GAS - 1, true)] {
            let mut run = run_with(code.clone(), gas + before);
            set_beyond(&mut run, table, Felt::ZERO);
            match is_small {
                true => assert_eq!(run.findings(), BTreeSet::new(), "{table}"),
                false => found(&run, "U16"),
            }
        }
    }
}

/// What is left beyond 64 times what is kept is a quarter of a byte, so that four times it is one: the 64th is 2^56 too large.
#[test]
fn remainders_are_no_quarters() {
    let call = Calling {
        gas: U256::MAX,
        ..Calling::new(CALL, CALLEE)
    };
    let mut run = run_with(call.code(), 100_000);
    let row: &mut CallColumns<Felt> = run.row("call", 0);
    let left = gas_of_limbs(row.gas.kept, KEPT_TOP) * felt(64) + row.gas.remainder;
    let left = u128::from(left.to_canonical_u64());
    let quarter = (4 * left + 1) % 256;
    let kept = (4 * left + u128::from(Felt::ORDER) - quarter) / 256;
    row.gas.kept = gas_limbs(kept as u64, KEPT_TOP);
    row.gas.remainder = felt(quarter as u64) * felt(4).inverse();
    row.gas.given = gas_of_limbs(row.gas.kept, KEPT_TOP) * felt(63) + row.gas.remainder;
    assert!(row.gas.kept.iter().all(is_limb));
    found(&run, "U8");
    for label in ["call/gas", "call/given", "U16"] {
        not_found(&run, label);
    }
}

/// A fifth of what was used that is larger by a fifth of the field's order would cap nothing.
#[test]
fn fifths_that_are_larger_by_the_fields_order() {
    let mut run = invocations::run();
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 0);
    let consumed = u128::from((row.gas_limit - row.gas_left).to_canonical_u64());
    let round = consumed + u128::from(Felt::ORDER);
    let (fifth, top) = (round / 5, u128::from(FIFTH_TOP));
    row.refund.fifth = gas_limbs((fifth % top) as u64, FIFTH_TOP);
    row.refund.fifth[3] = felt((fifth / top) as u64);
    row.refund.rest = felt((round % 5) as u64);
    // The whole counter is taken off.
    let spent = felt(consumed as u64) - row.refund.counter;
    let fifth = gas_of_limbs(row.refund.fifth, FIFTH_TOP);
    (row.refund.is_capped, row.spent) = (Felt::ZERO, spent);
    let beyond = (fifth - row.refund.counter).to_canonical_u64();
    row.refund.beyond = gas_limbs(beyond, TOP);
    assert!(row.refund.beyond.iter().all(is_limb));
    found(&run, "U16");
    for label in ["invocation/fifth", "invocation/refund", "invocation/least"] {
        not_found(&run, label);
    }
}

/// One more than a fifth, with less than nothing left over.
#[test]
fn fifths_that_are_rounded_up() {
    let mut run = invocations::run();
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 0);
    row.refund.fifth[0] += Felt::ONE;
    row.refund.rest -= felt(5);
    row.refund.beyond[0] -= Felt::ONE;
    row.spent -= Felt::ONE;
    found(&run, "U16");
    for label in ["invocation/fifth", "invocation/refund", "invocation/least"] {
        not_found(&run, label);
    }
}

/// A counter that is below the cap called above it: the fifth would be taken off.
#[test]
fn refunds_that_were_not_earned() {
    let mut run = block();
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 0);
    let fifth = gas_of_limbs(row.refund.fifth, FIFTH_TOP);
    assert_eq!(row.refund.is_capped, Felt::ZERO);
    row.refund.is_capped = Felt::ONE;
    row.spent -= fifth - row.refund.counter;
    let beyond = (row.refund.counter - fifth).to_canonical_u64();
    row.refund.beyond = gas_limbs(beyond, TOP);
    found(&run, "U16");
    for label in ["invocation/refund", "invocation/least"] {
        not_found(&run, label);
    }
}

/// Nearly 2^63 gas was used, and the floor, which is none, is called more: below zero the difference is a number with four limbs.
#[test]
fn much_gas_that_is_not_paid() {
    let contracts = vec![(MAIN, vec![INVALID], Vec::new())];
    let mut run = Run::of_block(&block_of(contracts, vec![call_of_main(MOST)]));
    assert_eq!(run.findings(), BTreeSet::new());
    let row: &mut TransactionColumns<Felt> = run.row("transaction", 0);
    let gas = &mut row.gas;
    assert_eq!((gas.floor, gas.spent), (Felt::ZERO, felt(MOST)));
    gas.floor_binds = Felt::ONE;
    gas.used = [Felt::ZERO; 2];
    gas.used_inverse = felt(u32::MAX.into()).inverse();
    gas.apart = gas_limbs((-gas.spent).to_canonical_u64(), TOP);
    assert!(gas.apart.iter().all(is_limb));
    found(&run, "transaction/floor apart");
    let labels = ["transaction/floor", "transaction/gas used", "U16"];
    for label in labels.into_iter().chain(["transaction/one gas used"]) {
        not_found(&run, label);
    }
}
