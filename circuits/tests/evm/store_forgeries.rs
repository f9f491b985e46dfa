//! A cheating prover's stores: what they are to the values before, and what they give back.

use braid_circuits::event::opcode::*;
use braid_circuits::tables::refund::RefundColumns;
use braid_circuits::tables::storage_access::ZeroTest;
use braid_stark::Felt;
use plonky2::field::types::Field;

use crate::storage::{out_of_gas, run_of, sample, store};
use crate::storage_forgeries::{
    Row, felt, first, forged, forged_in, found, is, is_done, is_undone, row, stays,
};

#[test]
fn an_original_that_is_a_later_value() {
    let wanted = |row: &Row| {
        is(row.stores) && is_done(row) && !is(row.cold) && row.original != row.before.value
    };
    let mut run = sample();
    let index = first(&mut run, wanted);
    row(&mut run, index).original = row(&mut run, index).before.value;
    found(&run, "storage_access/original");
    // Agreed with what is found.
    let value = row(&mut run, index).before.value;
    row(&mut run, index).before.original = value;
    found(&run, "StorageVersion");
    // Of a cold slot.
    forged(
        "storage_access/original",
        |row| is(row.cold) && is(row.stores),
        |row| row.original[3] += Felt::ONE,
    );
}

/// A store called one of another kind, with the factors that it has.
#[test]
fn stores_of_another_kind() {
    type Kind = fn(&mut Row);
    let kinds: [(&str, Kind); 4] = [
        ("storage_access/same", |row| row.same = Felt::ONE),
        ("storage_access/first", |row| row.first = Felt::ONE),
        ("storage_access/resets", |row| row.resets = Felt::ONE),
        ("storage_access/third value", |_| {}),
    ];
    let kind_of = |row: &Row| {
        let flags = [row.same, row.first, row.resets];
        flags.iter().position(|flag| is(*flag)).unwrap_or(3)
    };
    let code = [
        store(SSTORE, 1, 0),
        store(SSTORE, 1, 1),
        store(SSTORE, 1, 2),
        store(SSTORE, 1, 0),
    ];
    for truth in 0..4 {
        for (lie, (label, set)) in kinds.iter().enumerate() {
            if lie == truth {
                continue;
            }
            let mut run = run_of(code.concat(), 1, 100_000);
            let index = first(&mut run, |row| is(row.priced) && kind_of(row) == truth);
            let row = row(&mut run, index);
            (row.same, row.first, row.resets) = (Felt::ZERO, Felt::ZERO, Felt::ZERO);
            set(row);
            // From the same value there is no way to another.
            let label = match (truth, lie) {
                (0, 1 | 3) => "storage_access/changed",
                // A slot that is zero all along has its original value; a store of that is no change to it.
                (0, 2) => "storage_access/changed",
                _ => label,
            };
            found(&run, label);
        }
    }
    let mut run = run_of(code.concat(), 1, 100_000);
    row(&mut run, 2).factors[0] += Felt::ONE;
    found(&run, "storage_access/changed");
    row(&mut run, 2).position += Felt::ONE;
    found(&run, "storage_access/position");
    for flag in [
        |row: &mut Row| row.same = felt(2),
        |row: &mut Row| row.first = felt(2),
        |row: &mut Row| row.resets = felt(2),
        |row: &mut Row| (row.first, row.resets) = (Felt::ONE, Felt::ONE),
    ] {
        let mut run = run_of(code.concat(), 1, 100_000);
        flag(row(&mut run, 2));
        found(&run, "storage_access/kind of store");
    }
}

#[test]
fn words_called_zero_or_not() {
    type Flag = fn(&mut Row) -> &mut ZeroTest<Felt>;
    let tests: [Flag; 3] = [
        |row| &mut row.original_zero,
        |row| &mut row.found_zero,
        |row| &mut row.written_zero,
    ];
    for test in tests {
        let is_zero = |row: &Row| is(test(&mut row.clone()).is_zero);
        let is_not = |row: &Row| is(row.priced) && !is(test(&mut row.clone()).is_zero);
        forged("storage_access/not zero", is_zero, |row| {
            test(row).is_zero = Felt::ZERO;
            test(row).inverse = Felt::ONE;
        });
        forged("storage_access/zero", is_not, |row| {
            test(row).is_zero = Felt::ONE
        });
        forged("storage_access/zero flag", is_zero, |row| {
            test(row).is_zero = felt(2)
        });
        let other = |row: &Row| !is(row.priced);
        forged("storage_access/zero flag", other, |row| {
            test(row).is_zero = Felt::ONE
        });
    }
}

#[test]
fn refunds_are_claimed() {
    let refunds = |row: &Row| is(row.refunds) && stays(row);
    forged("storage_access/refund left out", refunds, |row| {
        row.refunds = Felt::ZERO
    });
    forged("storage_access/change", refunds, |row| {
        row.refunds = Felt::ZERO;
        row.change = Felt::ZERO;
    });
    forged("storage_access/change", refunds, |row| {
        row.change += felt(4_800)
    });
    forged("storage_access/refunds", refunds, |row| {
        row.refunds = felt(2)
    });
    forged(
        "storage_access/refunds",
        |row| is(row.loads),
        |row| row.refunds = Felt::ONE,
    );
    let (code, gas) = out_of_gas().swap_remove(8);
    forged_in(
        run_of(code, 1, gas),
        "storage_access/refunds",
        |row| is(row.lacks),
        |row| row.refunds = Felt::ONE,
    );
    // Of a write that is undone, as if it stayed: by both tables.
    let mut run = sample();
    let index = first(&mut run, |row| is(row.refunds) && is_undone(row));
    let clock = row(&mut run, index).step.clock;
    row(&mut run, index).undone_at = Felt::ZERO;
    let count = run.execution.storage.refunds.len();
    for index in 0..count {
        let refund: &mut RefundColumns<Felt> = run.row("refund", index);
        if refund.clock == clock {
            refund.undone_at = Felt::ZERO;
            refund.undoing.undone = Felt::ZERO;
        }
    }
    found(&run, "FrameContext");
    found(&run, "RefundVersion");
}
