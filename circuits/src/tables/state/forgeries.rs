//! What a cheating prover tries, and what catches it.

use braid_stark::check::check;
use braid_stark::{Columns, Felt, Table};
use plonky2::field::types::Field;

use super::StateColumns;
use super::tests::{
    ACCESSOR, AccessorColumns, POSEIDON, ROOTS, STATE, TREE, assert_caught, sample,
};
use crate::tables::tree::Tree;

#[test]
fn duplicate_and_unordered_accounts() {
    let chunk = sample();
    let trace = &chunk.traces[STATE];
    // A second first version of an account, with every choice of order columns.
    for differs in 0..5 {
        let mut forged = trace.clone();
        let first = trace.row(0).to_vec();
        forged.row_mut(1).copy_from_slice(&first);
        let row: &mut StateColumns<Felt> = StateColumns::from_slice_mut(forged.row_mut(1));
        row.step = Felt::ONE;
        let row: &mut StateColumns<Felt> = StateColumns::from_slice_mut(forged.row_mut(0));
        row.differs = core::array::from_fn(|i| Felt::from_bool(i == differs));
        row.gap = [Felt::NEG_ONE, Felt::ZERO];
        assert_caught(&chunk.with_state(forged.clone()), "U16");
        let row: &mut StateColumns<Felt> = StateColumns::from_slice_mut(forged.row_mut(0));
        row.gap = [Felt::ZERO; 2];
        assert_caught(&chunk.with_state(forged), "state/order");
    }
    assert_caught(
        &chunk.with(0, |row| row.differs = [Felt::ZERO; 5]),
        "state/differs",
    );
    // Descending by a low limb, hidden by flagging it although a higher limb differs.
    let high = |row: &mut StateColumns<Felt>| row.differs.reverse();
    assert_caught(&chunk.with(0, high), "state/order");
}

#[test]
fn rows_start_at_the_top_and_are_counted() {
    let chunk = sample();
    let unused = |row: &mut StateColumns<Felt>| row.used = Felt::ZERO;
    assert_caught(&chunk.with(0, unused), "state/used_first");
    assert_caught(&chunk.with(0, |row| row.step = Felt::ONE), "state/step");
    assert_caught(&chunk.with(2, |row| row.step += Felt::ONE), "state/step");
    // The last row left out: nobody has the account's versions.
    let last = chunk.traces[STATE].height() - 1;
    let last = (0..=last)
        .rev()
        .find(|row| chunk.traces[STATE].row(*row)[0] == Felt::ONE);
    let mut forged = chunk.traces[STATE].clone();
    forged.row_mut(last.unwrap()).fill(Felt::ZERO);
    assert_caught(&chunk.with_state(forged), "StampedAccount");
}

#[test]
fn emptiness_cannot_be_lied_about() {
    let chunk = sample();
    // Row 0 is account 1, present on both sides; row 1 is account 2, empty after; row 2 is account 7, empty before.
    let nothing = [Felt::ZERO; 4];
    let gone = |row: &mut StateColumns<Felt>| {
        row.after.empty = Felt::ONE;
        (row.after.numbers, row.after.value, row.after.factors) =
            (nothing, nothing, [Felt::ZERO; 5]);
    };
    assert_caught(&chunk.with(0, gone), "state/empty_numbers");
    let report = chunk.with(1, |row| row.after.empty = Felt::ZERO);
    assert_caught(&report, "state/not_empty");
    let report = chunk.with(2, |row| {
        row.before.empty = Felt::ZERO;
        row.before.factors = [Felt::ONE; 5];
    });
    assert_caught(&report, "state/not_empty");
    // An account with code and nothing else is not empty.
    let report = chunk.with(1, |row| {
        row.after.code[2] += Felt::ONE;
    });
    assert_caught(&report, "state/empty_code");
    // Nonzero limbs whose sum in the field is zero are out of range.
    let report = chunk.with(1, |row| {
        row.after.balance[0] = Felt::ONE;
        row.after.balance[1] = Felt::NEG_ONE;
    });
    assert!(report.violations.is_empty(), "{report}");
    assert_caught(&report, "U16");
}

#[test]
fn values_out_of_nowhere() {
    let chunk = sample();
    assert_caught(
        &chunk.with(0, |row| row.before.balance[0] += Felt::ONE),
        "StampedAccount",
    );
    assert_caught(
        &chunk.with(0, |row| row.after.nonce[0] += Felt::ONE),
        "Poseidon",
    );
    // The same number in other limbs.
    let report = chunk.with(0, |row| {
        row.after.balance[1] -= Felt::ONE;
        row.after.balance[0] += Felt::from_canonical_u64(1 << 16);
        let limbs = row.after.balance.into_iter().chain(row.after.nonce);
        row.after.factors[0] = limbs.sum::<Felt>().inverse();
    });
    assert!(report.violations.is_empty(), "{report}");
    assert_caught(&report, "U16");
    // The key of another account.
    let other = *StateColumns::from_slice(chunk.traces[STATE].row(1));
    let other: StateColumns<Felt> = other;
    assert_caught(&chunk.with(0, |row| row.key = other.key), "Poseidon");
    assert_caught(&chunk.with(0, |row| row.key = other.key), "TreeUpdate");
}

#[test]
fn stale_reads_and_skipped_writes() {
    let chunk = sample();
    // The second access to account 1 (row 2) reads the first version again.
    let mut traces = chunk.traces.clone();
    let first: AccessorColumns<Felt> = *AccessorColumns::from_slice(traces[ACCESSOR].row(0));
    let row: &mut AccessorColumns<Felt> =
        AccessorColumns::from_slice_mut(traces[ACCESSOR].row_mut(2));
    row.before = first.before;
    row.accessed = first.accessed;
    let report = check(&chunk.system, &traces, &[]).unwrap();
    assert_caught(&report, "StampedAccount");
    // The first access reads what the second leaves, which is later.
    let mut traces = chunk.traces.clone();
    let row: &mut AccessorColumns<Felt> =
        AccessorColumns::from_slice_mut(traces[ACCESSOR].row_mut(0));
    row.accessed = Felt::from_canonical_u64(7);
    let report = check(&chunk.system, &traces, &[]).unwrap();
    assert_caught(&report, "Clock");
    // An access by another transaction than the one that made it.
    let mut traces = chunk.traces.clone();
    let row: &mut AccessorColumns<Felt> =
        AccessorColumns::from_slice_mut(traces[ACCESSOR].row_mut(2));
    row.before.transaction = Felt::TWO;
    let report = check(&chunk.system, &traces, &[]).unwrap();
    assert_caught(&report, "StampedAccount");
    // A first version that is warm, and a last one of another transaction.
    let report = chunk.with(0, |row| row.last_transaction = Felt::ONE);
    assert_caught(&report, "StampedAccount");
    // The state keeps an account as it was after an earlier access.
    let report = chunk.with(0, |row| row.last_timestamp = Felt::ONE);
    assert_caught(&report, "StampedAccount");
}

#[test]
fn roots_and_hashes_are_bound() {
    let chunk = sample();
    for (table, row, expected) in [
        (ROOTS, 0, "StateRoot"),
        (ROOTS, 1, "StateRoot"),
        (TREE, 0, "StateRoot"),
    ] {
        let mut traces = chunk.traces.clone();
        let column = if table == TREE {
            Tree.column_names()
                .iter()
                .position(|name| name == "old[0]")
                .unwrap()
        } else {
            1
        };
        traces[table].row_mut(row)[column] += Felt::ONE;
        assert_caught(&check(&chunk.system, &traces, &[]).unwrap(), expected);
    }
    let mut traces = chunk.traces.clone();
    traces[POSEIDON].row_mut(0)[0] = Felt::ZERO;
    assert_caught(&check(&chunk.system, &traces, &[]).unwrap(), "Poseidon");
}

#[test]
fn flags_are_flags() {
    let chunk = sample();
    let padding = (0..chunk.traces[STATE].height())
        .find(|row| chunk.traces[STATE].row(*row)[0] == Felt::ZERO)
        .unwrap();
    assert_caught(&chunk.with(0, |row| row.used = Felt::TWO), "state/used");
    assert_caught(
        &chunk.with(0, |row| row.after.empty = Felt::TWO),
        "state/empty",
    );
    let empty = |row: &mut StateColumns<Felt>| row.before.empty = Felt::ONE;
    assert_caught(&chunk.with(padding, empty), "state/empty");
    // A leaf that is not there has no value: row 2 is account 7, empty before.
    let value = |row: &mut StateColumns<Felt>| row.before.value[3] = Felt::ONE;
    assert_caught(&chunk.with(2, value), "state/empty_value");
    let numbers = |row: &mut StateColumns<Felt>| row.before.numbers[0] = Felt::ONE;
    assert_caught(&chunk.with(2, numbers), "state/empty_value");
}
