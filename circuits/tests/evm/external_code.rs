//! EXTCODECOPY: real traces balance, and what a cheating prover would write is found.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::tables::external_code::{ExternalCode, ExternalCodeColumns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt};
use plonky2::field::types::Field;

use crate::copies::{filled, free_columns};
use crate::memory::load;
use crate::support::{MAIN, Run, push, traces_of};

type Row = ExternalCodeColumns<Felt>;

const OTHER: Address = Address::repeat_byte(0xd1);
const ABSENT: Address = Address::repeat_byte(0xd2);
const PLAIN: Address = Address::repeat_byte(0xd3);
const FAILING: Address = Address::repeat_byte(0xd4);

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// A copy from an account's code, with 2^`shift` in place of the operand at this place after the account.
fn copy_far(address: Address, operands: [u64; 3], far: Option<(usize, u64)>) -> Vec<u8> {
    let words = operands.iter().enumerate().rev();
    let words = words.flat_map(|(place, word)| match far {
        Some((index, shift)) if index == place => [push(1), push(shift), vec![SHL]].concat(),
        _ => push(*word),
    });
    let account = [PUSH20].into_iter().chain(address);
    words.chain(account).chain([EXTCODECOPY]).collect()
}

/// A copy from an account's code: target, source, length.
fn copy(address: Address, operands: [u64; 3]) -> Vec<u8> {
    copy_far(address, operands, None)
}

/// A call of the account that fails.
fn call_of_failing() -> Vec<u8> {
    let account = [PUSH20].into_iter().chain(FAILING);
    let words = [PUSH0; 5].into_iter().chain(account).chain(push(60_000));
    words.chain([CALL, POP]).collect()
}

pub fn run_with(code: Vec<u8>, gas: u64) -> Run {
    // Code that is never run: its bytes are all different, and none is a multiple of a word.
    let other = (0..77u8).map(|byte| byte * 3 + 1).collect();
    // Copies what nobody has touched before, and fails: it is cold again.
    let failing = [
        copy(PLAIN, [0, 0, 40]),
        copy(OTHER, [3, 5, 40]),
        vec![INVALID],
    ];
    let contracts = vec![
        (MAIN, code, 1_000),
        (OTHER, other, 77),
        (PLAIN, Vec::new(), 5),
        (FAILING, failing.concat(), 0),
    ];
    Run::of(&traces_of(contracts, &[gas]))
}

/// The steps of the sample, in order: what each copies from.
pub fn sample() -> Run {
    let parts = [
        filled(),
        call_of_failing(),
        copy(OTHER, [9, 5, 50]),
        copy(OTHER, [500, 70, 64]),
        copy(ABSENT, [3, 0, 33]),
        copy(PLAIN, [65, 9, 32]),
        copy_far(OTHER, [3, 0, 70], Some((1, 255))),
        copy(OTHER, [1 << 40, 1 << 50, 0]),
        copy(MAIN, [0, 0, 32]),
        load(9),
        load(500),
    ];
    let run = run_with(parts.concat(), 1_000_000);
    assert_eq!(run.findings(), BTreeSet::new());
    assert_eq!(run.execution.steps.last().map(|step| step.halt), Some(None));
    run
}

/// Rows of the sample by what they copy. The first two are those of the call that fails.
const READS: usize = 2;
const ABSENT_READ: usize = 4;
const DISTANT: usize = 6;
const NOTHING: usize = 7;

#[test]
fn external_code_is_copied() {
    let run = sample();
    let rows = (0..).map_while(|row| {
        let mut run = sample();
        let row: &mut Row = run.row("external_code", row);
        (row.used == Felt::ONE).then_some((row.reads, row.no_code, row.distant))
    });
    let (one, zero) = (Felt::ONE, Felt::ZERO);
    let expected = [
        (zero, one, zero),
        (one, zero, zero),
        (one, zero, zero),
        (one, zero, zero),
        (zero, one, zero),
        (zero, one, zero),
        (zero, zero, one),
        (zero, zero, zero),
        (one, zero, zero),
    ];
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    // The failing call made both accounts cold again.
    let cold = |touch: &&braid_circuits::execution::AccountTouch| {
        touch.address == OTHER && touch.number > 0 && !touch.was_warm()
    };
    assert_eq!(
        run.execution.accounts.touches.iter().filter(cold).count(),
        2
    );
}

/// Every alignment, and every kind of end.
#[test]
fn every_place_is_copied() {
    let mut parts = vec![filled()];
    for to in [0, 1, 31, 32, 36, 61] {
        for (from, length) in [
            (0, 77),
            (1, 32),
            (31, 33),
            (60, 17),
            (60, 18),
            (76, 1),
            (77, 4),
        ] {
            parts.push(copy(OTHER, [to, from, length]));
            parts.push(load(to + length / 2));
        }
    }
    for from in [78, 1_000, 0xffff_ffff, 1 << 32, u64::MAX] {
        parts.push(copy(OTHER, [3, from, 70]));
        parts.push(load(10));
    }
    let run = run_with(parts.concat(), 1_000_000);
    assert_eq!(run.findings(), BTreeSet::new());
    assert_eq!(run.execution.steps.last().map(|step| step.halt), Some(None));
}

/// Programs whose last step lacks gas: cold and warm, without bytes, with memory that is far or dear.
pub fn halting() -> Vec<(Vec<u8>, u64)> {
    let twice = [copy(OTHER, [0, 0, 0]), copy(OTHER, [0, 0, 64])].concat();
    // PUSH0 is cheaper than other pushes.
    let (none, some) = (21_000 + 11, 21_000 + 12);
    vec![
        (copy(OTHER, [1, 1, 0]), none + 2_600 - 1),
        (copy(OTHER, [1, 1, 0]), none + 100 - 1),
        (copy(OTHER, [1, 1, 64]), some + 2_600 + 6 + 9 - 1),
        (twice, 21_000 + 9 + 2_600 + 10 + 100 + 6 + 6 - 1),
        (copy_far(OTHER, [1, 1, 64], Some((0, 32))), 100_000),
        (copy_far(OTHER, [1, 1, 64], Some((2, 200))), 100_000),
        (copy(OTHER, [0xffff_ffff, 1, 0xffff_ffff]), 100_000),
    ]
}

#[test]
fn missing_gas_is_shown() {
    for (program, (code, gas)) in halting().into_iter().enumerate() {
        let run = run_with(code, gas);
        let last = run.execution.steps.last().expect("a step");
        let found = (last.opcode, last.halt);
        assert_eq!(found, (EXTCODECOPY, Some(Halt::OutOfGas)), "{program}");
        assert_eq!(run.findings(), BTreeSet::new(), "{program}");
    }
    // Of the first programs, a unit of gas more suffices.
    for place in [0, 2] {
        let (code, gas) = halting().remove(place);
        let run = run_with(code, gas + 1);
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, None, "{place}");
        assert_eq!(run.findings(), BTreeSet::new(), "{place}");
    }
}

#[test]
fn every_column_is_bound() {
    let symbolic = SymbolicTable::of(&ExternalCode);
    assert!(symbolic.excessive_degrees().is_empty());
    let mut runs = vec![sample()];
    runs.extend(halting().into_iter().map(|(code, gas)| run_with(code, gas)));
    assert_eq!(free_columns(&ExternalCode, &runs), BTreeSet::new());
    assert_eq!(Row::WIDTH, runs[0].trace("external_code").width());
}

/// A change of a row.
type Change = fn(&mut Row);

fn caught(label: &str, row: usize, forge: Change) {
    let mut run = sample();
    forge(run.row("external_code", row));
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

fn caught_halting(label: &str, program: usize, forge: Change) {
    let (code, gas) = halting().remove(program);
    let mut run = run_with(code, gas);
    let last = run.execution.steps.iter();
    let rows = last.filter(|step| step.opcode == EXTCODECOPY).count();
    forge(run.row("external_code", rows - 1));
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn forged_sources() {
    // Zeros in place of code, and the reverse.
    caught("external_code/no code", READS, |row| {
        (row.reads, row.no_code) = (Felt::ZERO, Felt::ONE)
    });
    caught("external_code/distant", READS, |row| {
        (row.reads, row.distant) = (Felt::ZERO, Felt::ONE)
    });
    caught("external_code/near source", DISTANT, |row| {
        (row.distant, row.reads) = (Felt::ZERO, Felt::ONE)
    });
    caught("Code", ABSENT_READ, |row| {
        (row.no_code, row.reads) = (Felt::ZERO, Felt::ONE);
        row.account.code = Felt::ONE;
    });
    // The code of another account, that account's digest and its size.
    caught("Code", READS, |row| row.account.code += Felt::ONE);
    caught("AccountAccess", READS, |row| {
        row.account.digest[0] += Felt::ONE
    });
    caught("Code", READS, |row| row.account.size += felt(32));
    caught("Code", READS, |row| row.account.keccak[7] += Felt::ONE);
    caught("StackWord", READS, |row| row.target[0] += Felt::ONE);
    caught("Copy", READS, |row| row.source[0] += Felt::ONE);
    caught("external_code/one source", READS, |row| {
        row.reads = Felt::ZERO
    });
    caught("external_code/one source", NOTHING, |row| {
        row.no_code = Felt::ONE
    });
    caught("external_code/source", READS, |row| row.reads = felt(2));
}

#[test]
fn forged_costs() {
    // A cold access called warm, and the reverse.
    caught("AccountAccess", READS, |row| {
        row.account.was_warm = Felt::ONE
    });
    caught("AccountAccess", READS + 1, |row| {
        row.account.was_warm = Felt::ZERO
    });
    caught("Step", READS, |row| row.account.was_warm = Felt::ONE);
    caught("external_code/words", READS, |row| row.last[0] -= Felt::ONE);
    caught("U8", READS, |row| {
        row.last[0] -= Felt::ONE;
        row.rest += felt(32);
    });
    // The same number with limbs beyond 16 bits.
    caught("U16", READS, |row| {
        row.last[0] += felt(1 << 16);
        row.last[1] -= Felt::ONE;
    });
    // The second copy makes memory grow.
    caught("MemoryGrowth", READS + 1, |row| row.growth -= Felt::ONE);
    caught("MemoryGrowth", READS + 1, |row| row.next_words -= Felt::ONE);
    caught("external_code/no growth", NOTHING, |row| {
        row.growth = Felt::NEG_ONE
    });
    caught("external_code/no growth", NOTHING, |row| {
        row.next_words = Felt::ZERO
    });
    caught("Step", READS, |row| row.at.writes += Felt::ONE);
    caught("AccountAccess", READS, |row| row.at.writes += Felt::ONE);
}

#[test]
fn forged_cases() {
    caught("external_code/case", READS, |row| row.used = felt(2));
    caught("external_code/one case", READS, |row| row.used = Felt::ZERO);
    caught("Step", READS, |row| {
        (row.used, row.done) = (Felt::ZERO, Felt::ZERO)
    });
    // Gas that is there.
    caught("external_code/lacks", READS, |row| {
        (row.done, row.lacks) = (Felt::ZERO, Felt::ONE)
    });
    caught("external_code/distance", READS, |row| {
        (row.done, row.reads) = (Felt::ZERO, Felt::ZERO);
        (row.region.near, row.region.far) = (Felt::ZERO, Felt::ONE);
    });
    // Bytes that are none, none that are some, and from another place on.
    caught("external_code/region", READS, |row| {
        row.region.near = felt(2)
    });
    caught("external_code/length", READS, |row| {
        (row.region.near, row.reads) = (Felt::ZERO, Felt::ZERO);
        (row.region.start, row.growth) = (Felt::ZERO, Felt::ZERO);
        row.next_words = row.at.words;
    });
    caught("external_code/length", NOTHING, |row| {
        (row.region.near, row.reads) = (Felt::ONE, Felt::ONE)
    });
    caught("external_code/start", READS, |row| {
        row.region.start += Felt::ONE
    });
    caught_halting("external_code/lacks", 0, |row| row.missing[0] += Felt::ONE);
    // One unit is missing: said to be none, or warm.
    caught_halting("Leave", 0, |row| {
        (row.lacks, row.done) = (Felt::ZERO, Felt::ONE)
    });
    caught_halting("AccountView", 1, |row| row.account.was_warm = Felt::ONE);
    caught_halting("AccountView", 0, |row| row.account.exists += Felt::ONE);
    caught_halting("external_code/distance", 4, |row| {
        (row.region.near, row.region.far) = (Felt::ONE, Felt::ZERO);
        row.lacks = Felt::ONE;
    });
    caught_halting("external_code/lacks", 5, |row| {
        (row.region.far, row.lacks) = (Felt::ZERO, Felt::ONE)
    });
    caught_halting("U16", 0, |row| {
        row.at.gas = [Felt::NEG_ONE, Felt::ZERO, Felt::ZERO, Felt::ZERO]
    });
    caught_halting("U16", 0, |row| {
        row.missing[0] += felt(1 << 16);
        row.missing[1] -= Felt::ONE;
    });
}
