//! A cheating prover's accesses to slots, each with the label that stops it.

use braid_circuits::event::opcode::*;
use braid_circuits::tables::storage_access::StorageAccessColumns;
use braid_stark::Felt;
use plonky2::field::types::Field;

use crate::storage::{load, out_of_gas, rows_of, run_of, sample, store};
use crate::support::Run;

pub type Row = StorageAccessColumns<Felt>;

pub fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

pub fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

pub fn row(run: &mut Run, row: usize) -> &mut Row {
    run.row("storage_access", row)
}

/// The first row that is so.
pub fn first(run: &mut Run, wanted: impl Fn(&Row) -> bool) -> usize {
    let rows = 0..rows_of(run);
    let mut rows = rows.filter(|index| wanted(row(run, *index)));
    rows.next().expect("such a row")
}

/// Forges the first row of a run that is so.
pub fn forged_in(
    mut run: Run,
    label: &str,
    wanted: impl Fn(&Row) -> bool,
    forge: impl FnOnce(&mut Row),
) {
    let index = first(&mut run, wanted);
    forge(row(&mut run, index));
    found(&run, label);
}

/// Forges the first row of the sample that is so.
pub fn forged(label: &str, wanted: impl Fn(&Row) -> bool, forge: impl FnOnce(&mut Row)) {
    forged_in(sample(), label, wanted, forge);
}

pub fn is(flag: Felt) -> bool {
    flag == Felt::ONE
}

pub fn is_done(row: &Row) -> bool {
    !is(row.short) && !is(row.lacks) && !is(row.violates)
}

pub fn is_undone(row: &Row) -> bool {
    is(row.undoing.undone)
}

pub fn stays(row: &Row) -> bool {
    is(row.changes) && !is_undone(row)
}

#[test]
fn undoing_is_as_the_frame_says() {
    // Left out; and as if the frame had not failed.
    let skip = |row: &mut Row| row.undoing.undone = Felt::ZERO;
    forged("storage_access/undone", is_undone, skip);
    forged("FrameContext", is_undone, |row| {
        skip(row);
        row.undone_at = Felt::ZERO;
    });
    // The slot then keeps what was written.
    forged("StorageVersion", is_undone, skip);
    // What was not undone: at a time below zero, and at one that its frame does not say.
    let undo = |row: &mut Row| {
        row.undoing.undone = Felt::ONE;
        row.undoing.accessed = row.step.clock + row.step.clock + Felt::ONE;
    };
    forged("Clock", stays, undo);
    forged("FrameContext", stays, |row| {
        undo(row);
        row.undone_at = row.undoing.accessed + row.step.writes + felt(2);
    });
    // By a flag that is none; of what changes nothing.
    forged("storage_access/undone", stays, |row| {
        row.undoing.undone = felt(2)
    });
    let reads_only = |row: &Row| is(row.loads_transient) && is_done(row);
    forged("storage_access/undone", reads_only, |row| {
        row.undoing.undone = Felt::ONE
    });
}

/// Two stores to a slot that are both undone.
#[test]
fn undoing_in_another_order() {
    let mut run = sample();
    let one = first(&mut run, |row| is_undone(row) && is(row.stores));
    let (earlier, later) = (*row(&mut run, one), *row(&mut run, one + 1));
    assert_eq!((earlier.slot, later.slot), (later.slot, earlier.slot));
    assert!(is_undone(&later));
    // Each takes what the other should.
    row(&mut run, one).undoing.accessed = later.undoing.accessed;
    row(&mut run, one + 1).undoing.accessed = earlier.undoing.accessed;
    found(&run, "StorageVersion");
    found(&run, "Clock");
    // The numbers of writes are exchanged besides.
    row(&mut run, one).step.writes = later.step.writes;
    row(&mut run, one + 1).step.writes = earlier.step.writes;
    found(&run, "Step");
}

#[test]
fn cold_and_warm() {
    let cold = |row: &Row| is(row.cold) && is(row.loads);
    let warm = |row: &Row| is_done(row) && !is(row.cold) && is(row.loads);
    forged("storage_access/warm", cold, |row| {
        row.cold = Felt::ZERO;
        row.cost = felt(100);
        row.original = row.before.original;
    });
    // With a version that says so.
    forged("StorageVersion", cold, |row| {
        row.cold = Felt::ZERO;
        row.cost = felt(100);
        row.original = row.before.original;
        row.before.transaction = row.transaction + Felt::ONE;
    });
    forged("FrameContext", cold, |row| row.transaction += Felt::ONE);
    for inverse in [Felt::ZERO, Felt::ONE] {
        forged("storage_access/cold", warm, |row| {
            row.cold = Felt::ONE;
            row.cold_inverse = inverse;
            row.original = row.before.value;
            row.cost = felt(2_100);
        });
    }
    forged("storage_access/cold flag", cold, |row| row.cold = felt(2));
    let halts = |row: &Row| is(row.violates);
    forged("storage_access/cold flag", halts, |row| {
        row.cold = Felt::ONE
    });
    forged("storage_access/cost", cold, |row| row.cost -= Felt::ONE);
    forged("Step", cold, |row| row.cost -= Felt::ONE);
}

#[test]
fn what_was_not_written_last() {
    // Everybody who pops it agrees.
    let loads = |row: &Row| is(row.loads) && is_done(row) && !is(row.cold);
    forged("storage_access/read", loads, |row| {
        row.value[0] += Felt::ONE
    });
    forged("StorageVersion", loads, |row| {
        row.value[0] += Felt::ONE;
        row.before.value[0] += Felt::ONE;
    });
    forged("StackWord", loads, |row| row.value[0] += Felt::ONE);
    // An earlier version, or one to come.
    forged("StorageVersion", loads, |row| row.accessed = Felt::ZERO);
    forged("Clock", loads, |row| {
        row.accessed = row.step.clock + row.step.clock + Felt::ONE
    });
    let stores = |row: &Row| is(row.stores) && stays(row);
    forged("StackWord", stores, |row| row.value[1] += Felt::ONE);
    forged("StackWord", stores, |row| row.slot[1] += Felt::ONE);
    for late in [
        |row: &mut Row| row.slot_pushed = row.step.clock + row.step.clock,
        |row: &mut Row| row.value_pushed = row.step.clock + row.step.clock,
    ] {
        forged("Clock", stores, late);
    }
}

#[test]
fn a_slot_of_another_account_or_space() {
    let any = |row: &Row| stays(row);
    forged("FrameContext", any, |row| row.address[0] += Felt::ONE);
    forged("StorageVersion", any, |row| row.address[0] += Felt::ONE);
    let transient = |row: &Row| is(row.loads_transient);
    for space in [0, 7] {
        forged("storage_access/space", transient, |row| {
            row.space = felt(space)
        });
    }
    forged("FrameContext", transient, |row| {
        row.transaction += Felt::ONE;
        row.space += Felt::ONE;
    });
    forged(
        "storage_access/space",
        |row| is(row.loads),
        |row| row.space = Felt::ONE,
    );
    // Another opcode than the step's.
    forged("Step", transient, |row| {
        (row.loads_transient, row.loads) = (Felt::ZERO, Felt::ONE);
        row.space = Felt::ZERO;
    });
    forged("Step", any, |row| row.step.frame += Felt::ONE);
}

#[test]
fn writing_in_a_static_frame() {
    for transient in [false, true] {
        let violates = |row: &Row| is(row.violates) && is(row.stores_transient) == transient;
        forged("storage_access/static", violates, |row| {
            (row.violates, row.changes) = (Felt::ZERO, Felt::ONE);
        });
        forged("FrameContext", violates, |row| {
            (row.violates, row.changes) = (Felt::ZERO, Felt::ONE);
            row.is_static = Felt::ZERO;
        });
    }
    // A violation that is none.
    let violates = |row: &mut Row| (row.violates, row.changes) = (Felt::ONE, Felt::ZERO);
    forged("storage_access/not static", stays, violates);
    forged("FrameContext", stays, |row| {
        violates(row);
        row.is_static = Felt::ONE;
    });
    let reads = |row: &Row| is(row.loads) && is(row.is_static);
    forged("storage_access/violates", reads, violates);
}

#[test]
fn out_of_gas_that_is_none() {
    let gas = |row: &Row| row.step.gas();
    let done = |row: &Row| is(row.loads) && stays(row);
    let lacking = |row: &mut Row| (row.lacks, row.changes) = (Felt::ONE, Felt::ZERO);
    forged("storage_access/gas", done, lacking);
    forged("U16", done, |row| {
        lacking(row);
        row.excess = [
            row.cost - gas(row) - Felt::ONE,
            Felt::ZERO,
            Felt::ZERO,
            Felt::ZERO,
        ];
    });
    let short = |row: &mut Row| {
        (row.short, row.changes) = (Felt::ONE, Felt::ZERO);
        (row.cold, row.cost) = (Felt::ZERO, Felt::ZERO);
    };
    forged("storage_access/short", done, short);
    forged("U16", done, |row| {
        short(row);
        row.excess = [felt(99) - gas(row), Felt::ZERO, Felt::ZERO, Felt::ZERO];
    });
    // The sentry: with 2,300 gas a store is not done, with 2,301 it is.
    let stores = store(SSTORE, 1, 0);
    let warmed = [load(SLOAD, 1), stores].concat();
    let spent = 21_000 + 2_105 + 5;
    let store_row = |row: &Row| is(row.stores);
    for excess in [Felt::ZERO, Felt::NEG_ONE] {
        let shown = |label| if excess == Felt::ZERO { label } else { "U16" };
        let label = shown("storage_access/sentry");
        let run = run_of(warmed.clone(), 1, spent + 2_300);
        forged_in(run, label, store_row, |row| {
            (row.short, row.changes, row.priced) = (Felt::ZERO, Felt::ONE, Felt::ONE);
            row.excess = [excess, Felt::ZERO, Felt::ZERO, Felt::ZERO];
        });
        let label = shown("storage_access/short");
        let run = run_of(warmed.clone(), 1, spent + 2_301);
        forged_in(run, label, store_row, |row| {
            (row.short, row.changes, row.priced) = (Felt::ONE, Felt::ZERO, Felt::ZERO);
            row.cost = Felt::ZERO;
            row.excess = [excess, Felt::ZERO, Felt::ZERO, Felt::ZERO];
        });
    }
    // A transient store cannot cost more than it costs.
    let transient = |row: &Row| is(row.stores_transient) && stays(row);
    forged("storage_access/lacks", transient, lacking);
    // Gas that was spent twice over.
    let (code, limit) = out_of_gas().swap_remove(4);
    let run = run_of(code, 1, limit);
    forged_in(
        run,
        "U16",
        |row| is(row.lacks),
        |row| {
            row.step.gas[0] -= felt(2_100);
        },
    );
}

#[test]
fn flags_are_flags() {
    type Flag = fn(&mut Row) -> &mut Felt;
    let flags: [(&str, Flag); 9] = [
        ("storage_access/opcode", |row| &mut row.loads),
        ("storage_access/opcode", |row| &mut row.stores),
        ("storage_access/opcode", |row| &mut row.loads_transient),
        ("storage_access/opcode", |row| &mut row.stores_transient),
        ("storage_access/case", |row| &mut row.short),
        ("storage_access/case", |row| &mut row.lacks),
        ("storage_access/case", |row| &mut row.violates),
        ("storage_access/changes", |row| &mut row.changes),
        ("storage_access/priced", |row| &mut row.priced),
    ];
    let mut run = sample();
    let index = first(&mut run, |row| is(row.stores) && stays(row));
    let honest = *row(&mut run, index);
    for (label, flag) in flags {
        *flag(row(&mut run, index)) = felt(2);
        found(&run, label);
        *row(&mut run, index) = honest;
    }
    row(&mut run, index).loads = Felt::ONE;
    found(&run, "storage_access/one opcode");
    *row(&mut run, index) = honest;
    (row(&mut run, index).short, row(&mut run, index).lacks) = (Felt::ONE, Felt::ONE);
    found(&run, "storage_access/one case");
}

#[test]
fn padding_says_nothing() {
    let mut run = run_of(
        [load(SLOAD, 1), load(TLOAD, 1), store(SSTORE, 1, 2)].concat(),
        1,
        90_000,
    );
    assert!(run.trace("storage_access").height() > 3);
    let honest = *row(&mut run, 3);
    let copied = *row(&mut run, 0);
    *row(&mut run, 3) = copied;
    found(&run, "Step");
    for (label, forge) in [
        (
            "storage_access/one case",
            (|row| row.short = Felt::ONE) as fn(&mut Row),
        ),
        ("storage_access/case", |row| {
            (row.short, row.lacks) = (Felt::ONE, Felt::NEG_ONE)
        }),
        ("storage_access/changes", |row| row.changes = Felt::ONE),
        ("storage_access/priced", |row| row.priced = Felt::ONE),
        ("storage_access/refunds", |row| row.refunds = Felt::ONE),
        ("storage_access/undone", |row| {
            row.undoing.undone = Felt::ONE
        }),
    ] {
        *row(&mut run, 3) = honest;
        forge(row(&mut run, 3));
        found(&run, label);
    }
}
