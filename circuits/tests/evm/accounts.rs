//! What contracts read of accounts, and value that moves: real traces balance, and what a cheating prover would write is found.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use braid_circuits::bus::tag;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::execution::{AccountTouch, AccountUse};
use braid_circuits::tables::account::{AccountColumns, AccountTable};
use braid_circuits::tables::account_read::{AccountRead, AccountReadColumns};
use braid_circuits::tables::code_identity::{CodeIdentityColumns, CodeIdentityTable};
use braid_circuits::tables::transfer::{TransferColumns, TransferTable};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt, Table};
use plonky2::field::types::Field;

use crate::support::{Contract, MAIN, Run, push, traces_of};

const OTHER: Address = Address::repeat_byte(0xd1);
const ABSENT: Address = Address::repeat_byte(0xd2);
const FAILING: Address = Address::repeat_byte(0xd3);

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn push_address(address: Address) -> Vec<u8> {
    [&[PUSH20], address.as_slice()].concat()
}

/// An opcode that reads an account, and drops what it finds.
fn read(opcode: u8, address: Address) -> Vec<u8> {
    [push_address(address), vec![opcode, POP]].concat()
}

/// A call with so much value and enough gas, whose result is dropped.
fn call(opcode: u8, address: Address, value: u64) -> Vec<u8> {
    let words: Vec<u8> = [0, 0, 0, 0, value].into_iter().flat_map(push).collect();
    [
        words,
        push_address(address),
        push(60_000),
        vec![opcode, POP],
    ]
    .concat()
}

fn contracts(code: Vec<u8>) -> Vec<Contract> {
    // Reads what nobody has read before, passes value on, and fails.
    let failing = [
        read(BALANCE, ABSENT),
        read(BALANCE, OTHER),
        vec![SELFBALANCE, POP],
        call(CALL, OTHER, 3),
        vec![INVALID],
    ];
    vec![
        (MAIN, code, 1_000),
        (OTHER, vec![PUSH0, POP], 77),
        (FAILING, failing.concat(), 5),
    ]
}

fn run_with(code: Vec<u8>, gas: u64) -> Run {
    Run::of(&traces_of(contracts(code), &[gas; 2]))
}

/// Two transactions of: reads of all kinds, cold and warm; a failing call that reads, and the same accounts again; transfers, to itself too, and what is not there to transfer.
pub fn sample() -> Run {
    let code = [
        read(BALANCE, OTHER),
        read(BALANCE, OTHER),
        read(EXTCODESIZE, OTHER),
        read(EXTCODEHASH, OTHER),
        vec![SELFBALANCE, POP],
        call(CALL, FAILING, 2),
        read(BALANCE, ABSENT),
        read(EXTCODEHASH, ABSENT),
        read(EXTCODESIZE, ABSENT),
        read(BALANCE, Address::with_last_byte(4)),
        read(EXTCODEHASH, Address::with_last_byte(10)),
        read(BALANCE, Address::with_last_byte(11)),
        read(BALANCE, Address::ZERO),
        read(EXTCODEHASH, MAIN),
        call(CALL, OTHER, 9),
        call(CALL, MAIN, 9),
        call(CALLCODE, OTHER, 9),
        call(CALL, OTHER, 1 << 40),
        call(CALLCODE, OTHER, 1 << 40),
        vec![SELFBALANCE, POP],
        // More than an address is dropped.
        vec![PUSH32],
        vec![0xd1; 32],
        vec![BALANCE, POP],
    ];
    let run = run_with(guarded(&code.concat()), 900_000);
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// Stops at once where the code calls itself.
fn guarded(body: &[u8]) -> Vec<u8> {
    let start = 7;
    let guard = vec![CALLER, ADDRESS, SUB, PUSH1, start, JUMPI, STOP, JUMPDEST];
    assert_eq!(guard[usize::from(start)], JUMPDEST);
    [guard, body.to_vec()].concat()
}

/// Programs whose last step lacks gas, and what they are called with: cold and warm, by one and by all.
fn out_of_gas() -> Vec<(Vec<u8>, u64)> {
    let warm = [read(BALANCE, OTHER), read(EXTCODEHASH, OTHER)].concat();
    vec![
        (read(BALANCE, OTHER), 21_000 + 3 + 2_599),
        (read(EXTCODESIZE, OTHER), 21_000 + 3),
        (warm.clone(), 21_000 + 3 + 2_600 + 2 + 3 + 99),
        (
            read(EXTCODEHASH, Address::with_last_byte(1)),
            21_000 + 3 + 99,
        ),
        (vec![SELFBALANCE], 21_000 + 4),
        (vec![SELFBALANCE], 21_000),
    ]
}

#[test]
fn reads_and_transfers_balance() {
    let run = sample();
    let touches = &run.execution.accounts.touches;
    let count = |is: fn(&AccountTouch) -> bool| touches.iter().filter(|touch| is(touch)).count();
    assert!(count(|touch| touch.by == AccountUse::Step && touch.undone.is_some()) >= 4);
    assert!(count(|touch| touch.by == AccountUse::Credit && touch.undone.is_some()) >= 2);
    assert!(count(|touch| touch.by == AccountUse::Credit && touch.undone.is_none()) >= 2);
    assert!(count(|touch| matches!(touch.by, AccountUse::Funds(_))) >= 6);
    // What a failing call has read is cold again.
    let absent = touches.iter().filter(|touch| touch.address == ABSENT);
    let cold = absent.filter(|touch| !touch.was_warm()).count();
    assert_eq!(cold, 4);
}

#[test]
fn out_of_gas_is_shown() {
    for (program, (code, gas)) in out_of_gas().into_iter().enumerate() {
        let run = run_with(code, gas);
        assert_eq!(run.findings(), BTreeSet::new(), "program {program}");
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, Some(Halt::OutOfGas), "program {program}");
    }
}

fn used(run: &Run, table: &str) -> Vec<usize> {
    let trace = run.trace(table);
    let used = |row: &usize| trace.row(*row).iter().any(|cell| *cell != Felt::ZERO);
    (0..trace.height()).filter(used).collect()
}

fn bound<T: Table + AnyTable>(table: T) {
    assert!(SymbolicTable::of(&table).excessive_degrees().is_empty());
    let ignored = [tag::U16, tag::Clock, tag::Poseidon];
    let name = AnyTable::name(&table);
    let mut unnoticed = BTreeSet::from_iter(AnyTable::column_names(&table));
    let halted = out_of_gas().into_iter();
    let halted = halted.map(|(code, gas)| run_with(code, gas));
    for run in halted.chain([sample()]) {
        let rows = used(&run, name);
        let here = unnoticed_columns(&table, run.trace(name), &rows, &ignored);
        let here = BTreeSet::from_iter(here);
        unnoticed.retain(|name| rows.is_empty() || here.contains(name));
    }
    assert_eq!(unnoticed, BTreeSet::new(), "{name}");
}

#[test]
fn every_column_is_bound() {
    bound(AccountTable);
    bound(AccountRead);
    bound(TransferTable);
}

fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

/// A label, and what is put there.
type Change<'a, R> = (&'a str, fn(&mut R));

/// A label, which row, and what is put there.
type Forgery<'a, R> = (&'a str, fn(&R) -> bool, fn(&mut R));

/// Forges the first row of `table` that `is` one of these.
fn forged<C: Columns<Felt>>(
    label: &str,
    table: &str,
    is: impl Fn(&C) -> bool,
    forge: impl FnOnce(&mut C),
) {
    let mut run = sample();
    let row = used(&run, table).into_iter();
    let row = row.into_iter().find(|row| is(run.row(table, *row)));
    forge(run.row(table, row.expect("such a row")));
    found(&run, label);
}

#[test]
fn forged_accesses() {
    type Row = AccountColumns<Felt>;
    type Is = fn(&Row) -> bool;
    const COLD: Is = |row| row.stamped == Felt::ZERO && row.kind.is_high == Felt::ONE;
    const WARM: Is = |row| row.stamped == Felt::ONE;
    const UNDONE: Is = |row| row.undoing.undone == Felt::ONE;
    const KEPT: Is = |row| row.undoing.undone == Felt::ZERO;
    const PRECOMPILE: Is = |row| row.is_low == Felt::ONE;
    const BETWEEN: Is = |row| row.kind.is_between == Felt::ONE;
    const ZERO: Is = |row| row.kind.is_zero == Felt::ONE;
    const EXISTS: Is = |row| row.exists == Felt::ONE;
    const EMPTY: Is = |row| row.exists == Felt::ZERO;
    let cases: &[Forgery<Row>] = &[
        // Cold called warm, and warm called cold.
        ("account/warm", COLD, |row| row.stamped = Felt::ONE),
        ("account/cold", WARM, |row| row.stamped = Felt::ZERO),
        ("account/stamped", WARM, |row| row.stamped = felt(2)),
        // As if neither held: between warm and cold.
        ("account/stamped", COLD, |row| {
            row.stamped = felt(2).inverse();
            row.stamp_inverse = felt(2).inverse() * row.stamp_inverse
        }),
        ("StampedAccount", COLD, |row| {
            (row.stamped, row.before.transaction) = (Felt::ONE, row.transaction + Felt::ONE)
        }),
        ("FrameUndone", COLD, |row| row.transaction += Felt::ONE),
        // A cold account called a precompile, and the other way round.
        ("precompile/no higher limbs", COLD, |row| {
            (row.kind.is_high, row.is_low) = (Felt::ZERO, Felt::ONE)
        }),
        ("U16", BETWEEN, |row| {
            (row.kind.is_between, row.is_low) = (Felt::ZERO, Felt::ONE);
            row.is_precompile = Felt::ONE;
            row.kind.distance = [Felt::NEG_ONE, felt(10)];
        }),
        ("U16", ZERO, |row| {
            (row.kind.is_zero, row.is_low) = (Felt::ZERO, Felt::ONE);
            row.is_precompile = Felt::ONE;
            row.kind.distance = [felt(10), Felt::NEG_ONE];
        }),
        ("precompile/high", PRECOMPILE, |row| {
            (row.is_low, row.kind.is_high) = (Felt::ZERO, Felt::ONE)
        }),
        ("precompile/zero", PRECOMPILE, |row| {
            (row.is_low, row.kind.is_zero) = (Felt::ZERO, Felt::ONE)
        }),
        ("precompile/above", PRECOMPILE, |row| {
            (row.is_low, row.kind.is_above) = (Felt::ZERO, Felt::ONE)
        }),
        ("precompile/one kind", PRECOMPILE, |row| {
            row.is_low = Felt::ZERO
        }),
        ("precompile/kind", PRECOMPILE, |row| {
            (row.is_low, row.kind.is_zero) = (felt(2), Felt::NEG_ONE)
        }),
        ("account/low", PRECOMPILE, |row| row.is_low = felt(2)),
        ("account/precompile", PRECOMPILE, |row| {
            row.is_precompile = Felt::ZERO
        }),
        ("account/precompile", COLD, |row| {
            row.is_precompile = Felt::ONE
        }),
        // Other rules than the statement's.
        ("Rules", COLD, |row| row.rules.prague = Felt::ONE),
        ("account/rules", COLD, |row| row.rules.osaka = Felt::ONE),
        // Undoing left out, made up, and at another time.
        ("account/undo", UNDONE, |row| {
            row.undoing.undone = Felt::ZERO
        }),
        ("FrameUndone", UNDONE, |row| {
            (row.undoing.undone, row.undone_at) = (Felt::ZERO, Felt::ZERO)
        }),
        ("Clock", KEPT, |row| row.undoing.undone = Felt::ONE),
        ("AccountAccess", UNDONE, |row| row.number -= Felt::ONE),
        ("StampedAccount", UNDONE, |row| {
            row.undoing.accessed -= Felt::ONE
        }),
        // What there is not, and the reverse.
        ("account/empty", EXISTS, |row| row.exists = Felt::ZERO),
        ("account/not empty", EMPTY, |row| row.exists = Felt::ONE),
        ("account/exists", EMPTY, |row| row.exists = felt(2)),
        ("StampedAccount", EXISTS, |row| {
            row.before.account.balance[1] += Felt::ONE
        }),
        ("StampedAccount", EXISTS, |row| {
            row.before.account.code[1] += Felt::ONE
        }),
        ("StampedAccount", EXISTS, |row| row.address[2] += Felt::ONE),
        ("Clock", WARM, |row| row.accessed = row.clock.double()),
        ("AccountAccess", WARM, |row| row.clock += Felt::ONE),
        ("account/used", WARM, |row| row.views = Felt::ONE),
        ("AccountAccess", WARM, |row| {
            (row.accesses, row.views) = (Felt::ZERO, Felt::ONE)
        }),
        ("AccountView", WARM, |row| {
            (row.accesses, row.views) = (Felt::ZERO, Felt::ONE)
        }),
    ];
    for (label, is, forge) in cases {
        forged::<Row>(label, "account", is, forge);
    }
    // Padding that acts.
    let mut run = sample();
    let rows = used(&run, "account").len();
    assert!(rows < run.trace("account").height());
    let row: &mut Row = run.row("account", rows);
    row.stamped = Felt::ONE;
    row.exists = Felt::ONE;
    found(&run, "account/stamped unused");
    found(&run, "account/exists unused");
}

#[test]
fn forged_transfers() {
    type Row = TransferColumns<Felt>;
    type Is = fn(&Row) -> bool;
    const MOVES: Is = |row| row.moves == Felt::ONE;
    const UNDONE: Is = |row| row.payee.undoing.undone == Felt::ONE;
    const KEPT: Is = |row| row.moves == Felt::ONE && row.payee.undoing.undone == Felt::ZERO;
    const ENOUGH: Is = |row| row.enough == Felt::ONE;
    const LACKS: Is = |row| row.lacks == Felt::ONE;
    let cases: &[Forgery<Row>] = &[
        // Value from nothing, or that disappears.
        ("Add", MOVES, |row| row.balance[0] += Felt::ONE),
        ("Add", MOVES, |row| row.difference[0] += Felt::ONE),
        ("Transfer", MOVES, |row| row.value[0] += Felt::ONE),
        ("Transfer", MOVES, |row| row.payee.address[0] += Felt::ONE),
        ("Transfer", MOVES, |row| row.payer.address[0] += Felt::ONE),
        ("StampedAccount", MOVES, |row| {
            row.payee.before.account.balance[0] += Felt::ONE;
            row.balance[0] += Felt::ONE;
        }),
        ("StampedAccount", MOVES, |row| {
            row.payer.before.account.nonce[0] += Felt::ONE
        }),
        ("Clock", MOVES, |row| {
            row.payer.accessed = row.opened.double()
        }),
        // One side undone and not the other, and what was not undone in truth.
        ("transfer/undo", UNDONE, |row| {
            row.payee.undoing.undone = Felt::ZERO
        }),
        ("transfer/undo", UNDONE, |row| {
            row.payer.undoing.undone = Felt::ZERO
        }),
        ("FrameUndone", UNDONE, |row| {
            row.undone_at = Felt::ZERO;
            row.payer.undoing.undone = Felt::ZERO;
            row.payee.undoing.undone = Felt::ZERO;
        }),
        ("Clock", KEPT, |row| row.payee.undoing.undone = Felt::ONE),
        ("Transfer", UNDONE, |row| row.writes -= Felt::ONE),
        // Funds that are there called lacking, and the reverse.
        ("Funds", ENOUGH, |row| {
            (row.enough, row.lacks) = (Felt::ZERO, Felt::ONE)
        }),
        ("Funds", LACKS, |row| {
            (row.enough, row.lacks) = (Felt::ONE, Felt::ZERO)
        }),
        ("Add", LACKS, |row| {
            (row.enough, row.lacks) = (Felt::ONE, Felt::ZERO)
        }),
        ("transfer/lacks", ENOUGH, |row| {
            (row.enough, row.lacks) = (Felt::ZERO, Felt::ONE)
        }),
        ("transfer/used", MOVES, |row| row.enough = Felt::ONE),
    ];
    for (label, is, forge) in cases {
        forged::<Row>(label, "transfer", is, forge);
    }
}

#[test]
fn forged_reads() {
    type Row = AccountReadColumns<Felt>;
    type Is = fn(&Row) -> bool;
    const BALANCES: Is = |row| row.balance == Felt::ONE;
    const SIZES: Is = |row| row.size == Felt::ONE;
    const HASHES: Is = |row| row.hash == Felt::ONE;
    const NOTHING: Is = |row| row.hash == Felt::ONE && row.account.exists == Felt::ZERO;
    const OWN: Is = |row| row.own == Felt::ONE;
    let cases: &[Forgery<Row>] = &[
        ("account_read/balance", BALANCES, |row| {
            row.result[0] += Felt::ONE
        }),
        ("account_read/balance", OWN, |row| {
            row.result[0] += Felt::ONE
        }),
        ("account_read/size", SIZES, |row| row.result[0] += Felt::ONE),
        ("account_read/hash", HASHES, |row| {
            row.result[0] += Felt::ONE
        }),
        ("account_read/hash", NOTHING, |row| {
            row.result = row.account.keccak
        }),
        ("AccountAccess", BALANCES, |row| {
            row.account.balance[0] += Felt::ONE;
            row.result[0] += Felt::ONE;
        }),
        ("CodeIdentity", SIZES, |row| {
            row.account.size += Felt::ONE;
            row.result[0] += Felt::ONE;
        }),
        ("CodeIdentity", HASHES, |row| {
            row.account.keccak[3] += Felt::ONE
        }),
        // A cold access for the price of a warm one.
        ("Step", BALANCES, |row| row.account.was_warm = Felt::ONE),
        ("AccountAccess", BALANCES, |row| {
            row.account.was_warm = Felt::ONE
        }),
        ("AccountAccess", BALANCES, |row| {
            row.step.writes += Felt::ONE
        }),
        ("account_read/address", BALANCES, |row| {
            row.address[1] += Felt::ONE
        }),
        ("FrameContext", OWN, |row| row.address[1] += Felt::ONE),
        ("StackWord", BALANCES, |row| row.operand[7] += Felt::ONE),
        ("Clock", BALANCES, |row| {
            row.operand_pushed = row.step.clock.double()
        }),
        ("account_read/lacks", BALANCES, |row| row.done = Felt::ZERO),
        ("AccountView", BALANCES, |row| row.done = Felt::ZERO),
        ("account_read/done", BALANCES, |row| row.done = felt(2)),
        ("account_read/one opcode", BALANCES, |row| {
            row.own = Felt::ONE
        }),
        ("account_read/opcode", BALANCES, |row| {
            (row.balance, row.size) = (felt(2), Felt::NEG_ONE)
        }),
        ("U16", OWN, |row| row.step.sp = felt(1024)),
    ];
    for (label, is, forge) in cases {
        forged::<Row>(label, "account_read", is, forge);
    }
    let mut run = sample();
    let rows = used(&run, "account_read").len();
    run.row::<Row>("account_read", rows).done = Felt::ONE;
    found(&run, "account_read/done used");
}

#[test]
fn forged_identities_of_code() {
    type Row = CodeIdentityColumns<Felt>;
    assert!(
        SymbolicTable::of(&CodeIdentityTable)
            .excessive_degrees()
            .is_empty()
    );
    let is = |row: &Row| row.used == Felt::ONE;
    let cases: &[Change<Row>] = &[
        ("Poseidon", |row| row.keccak[3] += Felt::ONE),
        ("Poseidon", |row| row.size[0] += Felt::ONE),
        ("Poseidon", |row| row.poseidon[0] += Felt::ONE),
        ("Poseidon", |row| row.digest[0] += Felt::ONE),
        // The same size in limbs that are none.
        ("U16", |row| {
            row.size[0] += felt(1 << 16);
            row.size[1] -= Felt::ONE;
        }),
        ("code_identity/used", |row| row.used = felt(2)),
        ("code_identity/count", |row| {
            (row.used, row.count) = (Felt::ZERO, Felt::ONE)
        }),
    ];
    for (label, forge) in cases {
        forged::<Row>(label, "code_identity", is, forge);
    }
}
