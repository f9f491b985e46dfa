//! SLOAD, SSTORE, TLOAD and TSTORE in real traces.

use std::collections::BTreeSet;

use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::{Address, B256, U256};
use braid_circuits::bus::tag;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::execution::ListedTouch;
use braid_circuits::tables::refund::RefundColumns;
use braid_circuits::tables::storage_access::{StorageAccessColumns, StorageAccessTable};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Felt};
use braid_witness::sample::Draft;
use plonky2::field::types::Field;

use crate::support::{CALLED, MAIN, Run, block_traces, call_of_main, push, steps_on_storage};

/// SSTORE or TSTORE.
pub fn store(opcode: u8, slot: u64, value: u64) -> Vec<u8> {
    [push(value), push(slot), vec![opcode]].concat()
}

/// SLOAD or TLOAD of what is dropped then.
pub fn load(opcode: u8, slot: u64) -> Vec<u8> {
    [push(slot), vec![opcode, POP]].concat()
}

/// A call of [`CALLED`] with a byte of calldata.
pub fn call(opcode: u8, branch: u64, gas: u64) -> Vec<u8> {
    let mut code = [push(branch), push(0), vec![MSTORE8]].concat();
    let operands: &[u64] = match opcode {
        CALL => &[0, 0, 1, 0, 0],
        _ => &[0, 0, 1, 0],
    };
    operands.iter().for_each(|word| code.extend(push(*word)));
    code.push(PUSH20);
    code.extend(CALLED);
    [code, push(gas), vec![opcode, POP]].concat()
}

/// Code that does one of these, as its calldata's first byte says.
pub fn branches(parts: &[Vec<u8>]) -> Vec<u8> {
    const HEADER: usize = 12;
    let mut target = HEADER * parts.len() + 1;
    let (mut code, mut bodies) = (Vec::new(), Vec::new());
    for (branch, part) in (0..).zip(parts) {
        let [high, low] = (target as u16).to_be_bytes();
        let header = [PUSH0, CALLDATALOAD, PUSH1, 248, SHR, PUSH1, branch, EQ];
        code.extend(header);
        code.extend([PUSH1 + 1, high, low, JUMPI]);
        bodies.push(JUMPDEST);
        bodies.extend(part);
        target += 1 + part.len();
    }
    [code, vec![STOP], bodies].concat()
}

/// Two stores to a slot, and more that gives gas back, all undone.
pub const FAILS: u64 = 1;
/// Calls the one that fails and the one that does not, and fails.
const FAILS_AROUND: u64 = 4;

fn called_code() -> Vec<u8> {
    let fails = [
        store(SSTORE, 1, 7),
        store(SSTORE, 1, 0),
        store(TSTORE, 1, 9),
        load(SLOAD, 2),
        store(SSTORE, 3, 1),
        store(SSTORE, 3, 0),
        load(TLOAD, 1),
        vec![PUSH0, PUSH0, REVERT],
    ];
    let around = [
        call(CALL, FAILS, 200_000),
        call(CALL, 0, 200_000),
        load(TLOAD, 1),
        store(SSTORE, 1, 3),
        vec![INVALID],
    ];
    branches(&[
        [store(SSTORE, 1, 5), vec![STOP]].concat(),
        fails.concat(),
        [store(SSTORE, 4, 1), vec![STOP]].concat(),
        [store(TSTORE, 1, 1), vec![STOP]].concat(),
        around.concat(),
        [load(SLOAD, 9), load(TLOAD, 1), vec![STOP]].concat(),
    ])
}

fn main_code() -> Vec<u8> {
    let parts = [
        store(SSTORE, 2, 0),
        store(TSTORE, 1, 2),
        call(CALL, 0, 100_000),
        call(CALL, FAILS, 100_000),
        load(SLOAD, 1),
        call(CALL, FAILS_AROUND, 500_000),
        call(DELEGATECALL, FAILS, 100_000),
        call(DELEGATECALL, 0, 100_000),
        call(STATICCALL, 2, 30_000),
        call(STATICCALL, 3, 30_000),
        call(STATICCALL, 5, 30_000),
        load(SLOAD, 1),
        load(SLOAD, 2),
        load(TLOAD, 1),
        store(SSTORE, 2, 6),
        store(SSTORE, 8, 1),
        store(SSTORE, 8, 0),
    ];
    parts.concat()
}

fn listed(address: Address, slots: &[u64]) -> AccessListItem {
    let keys = slots.iter().map(|slot| B256::from(U256::from(*slot)));
    AccessListItem {
        address,
        storage_keys: keys.collect(),
    }
}

/// Two transactions, of which the second has an access list, with calls that fail within calls that fail.
pub fn sample() -> Run {
    let contracts = vec![
        (MAIN, main_code(), vec![(2, 6)]),
        (CALLED, called_code(), vec![(1, 4), (2, 1), (3, 8)]),
    ];
    let listing = Draft {
        access_list: vec![
            listed(MAIN, &[2, 77, 2]),
            listed(CALLED, &[9, 3]),
            listed(MAIN, &[77]),
        ]
        .into(),
        ..call_of_main(2_000_000)
    };
    let run = Run::of(&block_traces(
        contracts,
        vec![call_of_main(2_000_000), listing],
    ));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// A run of calls of this code, all with this gas.
pub fn run_of(code: Vec<u8>, calls: usize, gas: u64) -> Run {
    let contracts = vec![(MAIN, code, vec![(100, 3)])];
    let run = Run::of(&block_traces(contracts, vec![call_of_main(gas); calls]));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// Rows of the table that are steps.
pub fn rows_of(run: &Run) -> usize {
    let steps = run.execution.steps.iter();
    steps.filter(|step| steps_on_storage(step)).count()
}

#[test]
fn frames_that_fail_are_undone() {
    let run = sample();
    let storage = &run.execution.storage;
    let undone = storage.accesses.iter();
    let undone = undone.filter(|access| access.undone.is_some());
    assert!(undone.count() > 20);
    let refunds = storage.refunds.iter();
    let (undone, kept): (Vec<_>, Vec<_>) =
        refunds.copied().partition(|change| change.undone.is_some());
    assert!(undone.len() > 5 && kept.len() > 3);
    let sent = run.execution.transactions.iter();
    let listed = sent.flat_map(|sent| &sent.listed);
    let slots = listed.filter(|listed| matches!(listed, ListedTouch::Slot(_)));
    assert_eq!(slots.count(), 4);
    // The listed slot that nobody uses has versions too.
    assert!(storage.touched.iter().any(|slot| slot.key.slot == 77));
    assert!(storage.touched.iter().any(|slot| slot.key.space == 2));
    let reasons = run.execution.steps.iter().filter_map(|step| step.halt);
    assert_eq!(
        reasons
            .filter(|halt| *halt == Halt::StaticViolation)
            .count(),
        4
    );
}

/// Every order of three values, from every original.
fn all_orders() -> Vec<u8> {
    let mut code = Vec::new();
    for slot in 0..27 {
        for value in [slot % 3, slot / 3 % 3, slot / 9] {
            code.extend(store(SSTORE, slot, value));
        }
    }
    code
}

/// Stores of words of which all bytes differ, one after the other.
fn wide() -> Vec<u8> {
    let word = |seed: u8| {
        let bytes = (0..32).map(|byte: u8| byte.wrapping_mul(7).wrapping_add(seed));
        let word = [PUSH32].into_iter().chain(bytes);
        [word.collect(), push(1), vec![SSTORE]].concat()
    };
    [1, 2, 3, 3, 1, 2].map(word).concat()
}

#[test]
fn every_order_of_values_balances() {
    run_of(wide(), 2, 2_000_000);
    // The second call finds what the first one left, and the third one that all is as it was.
    let run = run_of(all_orders(), 3, 2_000_000);
    assert_eq!(rows_of(&run), 3 * 81);
    let changes = run.execution.storage.refunds.iter();
    let changes: BTreeSet<i64> = changes.map(|change| change.change).collect();
    assert_eq!(
        changes,
        BTreeSet::from([-4_800, -2_000, 2_800, 4_800, 19_900])
    );
}

/// Programs whose last step halts for lack of gas: with one less than it takes, and how much that is.
pub fn out_of_gas() -> Vec<(Vec<u8>, u64)> {
    // A transaction costs 21,000, a push of a number 3, PUSH0 2.
    let cases: [(Vec<u8>, u64); 10] = [
        // 0: too little to look at the slot.
        (load(SLOAD, 1), 3 + 100),
        (load(TLOAD, 1), 3 + 100),
        (store(TSTORE, 1, 1), 6 + 100),
        (store(SSTORE, 1, 1), 6 + 2_301),
        // 4: cold: of SLOAD, and of stores that set, that reset and that change nothing.
        (load(SLOAD, 1), 3 + 2_100),
        (store(SSTORE, 1, 1), 6 + 22_100),
        (store(SSTORE, 100, 4), 6 + 5_000),
        // 7: warm.
        (
            [load(SLOAD, 1), store(SSTORE, 1, 1)].concat(),
            2_105 + 6 + 20_000,
        ),
        (
            [load(SLOAD, 100), store(SSTORE, 100, 0)].concat(),
            2_105 + 5 + 2_900,
        ),
        ([load(SLOAD, 1), load(SLOAD, 1)].concat(), 2_105 + 3 + 100),
    ];
    cases.map(|(code, gas)| (code, 21_000 + gas - 1)).to_vec()
}

#[test]
fn out_of_gas_is_shown() {
    for (program, (code, gas)) in out_of_gas().into_iter().enumerate() {
        let run = run_of(code.clone(), 1, gas);
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, Some(Halt::OutOfGas), "program {program}");
        let accesses = run.execution.storage.accesses.len();
        let looks = !matches!(program, 0..=3 | 9);
        assert_eq!(
            rows_of(&run) - accesses,
            usize::from(!looks),
            "program {program}"
        );
        // One more is enough for it, or to look at the slot.
        let run = run_of(code, 1, gas + 1);
        let last = run.execution.steps.last().expect("a step");
        assert!(
            !steps_on_storage(last) || matches!(program, 0 | 3),
            "program {program}"
        );
    }
}

/// With too few words on the stack, and in a static frame that lacks gas besides.
#[test]
fn other_reasons_come_first() {
    for opcode in [SLOAD, SSTORE, TLOAD, TSTORE] {
        for gas in [50_000, 21_001] {
            let run = run_of(vec![opcode], 1, gas);
            assert_eq!(rows_of(&run), 0);
        }
    }
    let mut code = Vec::new();
    for gas in [2_000, 2_330, 20_000] {
        code.extend(call(STATICCALL, 2, gas));
        code.extend(call(STATICCALL, 3, gas));
    }
    for gas in [100, 160, 2_000, 2_200] {
        code.extend(call(STATICCALL, 5, gas));
        code.extend(call(STATICCALL, 3, gas));
    }
    let contracts = vec![
        (MAIN, code, Vec::new()),
        (CALLED, called_code(), Vec::new()),
    ];
    let run = Run::of(&block_traces(contracts, vec![call_of_main(500_000)]));
    assert_eq!(run.findings(), BTreeSet::new());
}

#[test]
fn every_column_is_bound() {
    let degrees = SymbolicTable::of(&StorageAccessTable).excessive_degrees();
    assert!(degrees.is_empty(), "{degrees:?}");
    let ignored = [tag::U16, tag::Clock];
    let mut unnoticed = BTreeSet::from_iter(StorageAccessTable.column_names());
    let mut runs = vec![sample(), run_of(wide(), 2, 2_000_000)];
    for (code, gas) in out_of_gas() {
        runs.push(run_of(code, 1, gas));
    }
    for run in runs {
        let rows: Vec<_> = (0..rows_of(&run)).collect();
        let trace = run.trace("storage_access");
        let here = unnoticed_columns(&StorageAccessTable, trace, &rows, &ignored);
        let here = BTreeSet::from_iter(here);
        unnoticed.retain(|name| here.contains(name));
    }
    assert_eq!(unnoticed, BTreeSet::new());
}

/// Rows hold what the execution says.
#[test]
fn refunds_are_rows() {
    let mut run = sample();
    let refunds = run.execution.storage.refunds.clone();
    for (index, change) in refunds.iter().enumerate() {
        let row: &mut RefundColumns<Felt> = run.row("refund", index);
        assert_eq!(row.number, Felt::from_canonical_u64(change.number));
        assert_eq!(row.undoing.undone, Felt::from_bool(change.undone.is_some()));
    }
    let row: &mut StorageAccessColumns<Felt> = run.row("storage_access", rows_of(&sample()));
    assert_eq!(row.loads + row.stores, Felt::ZERO);
}
