//! Forged rows: lies about the bytes of a good transaction.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::forged::{columns, fails, layout, row_where, trace_of};
use super::support::{Kind, findings};
use crate::tables::rlp::columns::RlpColumns;
use crate::tables::rlp::generation::fill;

#[test]
fn told_ends_of_lists_must_be_met() {
    // The prover bends its own ends instead of the headers' computation.
    let good = trace_of(&layout(Kind::DynamicFee));
    let mut trace = good.clone();
    for row in 0..trace.height() {
        if columns(&mut trace, row).ordinal == Felt::ZERO {
            columns(&mut trace, row).published_length += Felt::ONE;
        }
    }
    fails(&trace, "rlp/published bytes end");
    let mut trace = good.clone();
    for row in 0..trace.height() {
        columns(&mut trace, row).signing_length += Felt::ONE;
    }
    fails(&trace, "rlp/signing payload ends");
    let mut trace = good.clone();
    for row in 0..trace.height() {
        columns(&mut trace, row).access_end += Felt::ONE;
    }
    fails(&trace, "rlp/access list ends");
    let mut trace = good;
    for row in 0..trace.height() {
        columns(&mut trace, row).entry_end += Felt::ONE;
    }
    fails(&trace, "rlp/entry ends");
}

#[test]
fn the_signed_bytes_are_the_published_ones() {
    // A byte that is in both strings cannot differ; one that is in one only cannot be left out or given to the other.
    let good = trace_of(&layout(Kind::Protected));
    let row = row_where(&good, |row| row.items.signing_chain_id == Felt::ONE);
    let mut trace = good.clone();
    for later in row..trace.height() {
        let columns = columns(&mut trace, later);
        if columns.signing_position != Felt::ZERO {
            columns.signing_position -= Felt::ONE;
        }
    }
    fails(&trace, "rlp/signing position");
    let row = row_where(&good, |row| row.items.v == Felt::ONE);
    let mut trace = good.clone();
    for later in row..trace.height() {
        let columns = columns(&mut trace, later);
        if columns.published_position != Felt::ZERO {
            columns.published_position -= Felt::ONE;
        }
    }
    fails(&trace, "rlp/published position");
    // The value that is told is that of the bytes.
    let row = row_where(&good, |row| {
        row.items.signing_chain_id == Felt::ONE && row.item_end == Felt::ONE
    });
    let mut trace = good.clone();
    columns(&mut trace, row).register[0] += Felt::ONE;
    fails(&trace, "rlp/register takes byte");
    let mut trace = good;
    columns(&mut trace, row).register[31] = Felt::ONE;
    fails(&trace, "rlp/register shifts");
}

#[test]
fn calldata_and_access_list_are_counted() {
    let good = trace_of(&layout(Kind::DynamicFee));
    let data = row_where(&good, |row| {
        row.items.data == Felt::ONE && row.forms.content == Felt::ONE
    });
    // A zero byte as a non-zero one, everything after it in step.
    let mut trace = good.clone();
    columns(&mut trace, data).is_zero = Felt::ZERO;
    fails(&trace, "rlp/non-zero byte");
    let mut trace = good.clone();
    columns(&mut trace, data + 1).is_zero = Felt::ONE;
    columns(&mut trace, data + 1).byte_inverse = Felt::ZERO;
    fails(&trace, "rlp/zero byte");
    for (label, change) in [
        (
            "rlp/zero bytes",
            (|row| &mut row.zero_bytes) as fn(&mut RlpColumns<Felt>) -> &mut Felt,
        ),
        ("rlp/non-zero bytes", |row| &mut row.nonzero_bytes),
        ("rlp/access addresses", |row| &mut row.access_addresses),
        ("rlp/access keys", |row| &mut row.access_keys),
    ] {
        let mut trace = good.clone();
        for later in data..trace.height() {
            *change(columns(&mut trace, later)) += Felt::ONE;
        }
        fails(&trace, label);
        let mut trace = good.clone();
        for later in 0..trace.height() {
            *change(columns(&mut trace, later)) += Felt::ONE;
        }
        fails(&trace, label);
    }
}

#[test]
fn a_field_is_told_once_where_it_ends() {
    let good = trace_of(&layout(Kind::DynamicFee));
    let row = row_where(&good, |row| {
        row.items.value == Felt::ONE && row.left == Felt::from_canonical_u64(3)
    });
    let mut trace = good.clone();
    columns(&mut trace, row).item_end = Felt::ONE;
    fails(&trace, "rlp/item ends at zero left");
    let last = row_where(&good, |row| {
        row.items.value == Felt::ONE && row.item_end == Felt::ONE
    });
    let mut trace = good;
    columns(&mut trace, last).item_end = Felt::ZERO;
    fails(&trace, "rlp/prefix follows item end");
}

#[test]
fn rows_are_whole_transactions_one_after_the_other() {
    let layouts = [layout(Kind::Protected), layout(Kind::DynamicFee)];
    let mut trace = Trace::new(RlpColumns::<Felt>::WIDTH);
    fill(&mut trace, 0, &layouts[0]);
    let first_length = trace.height();
    fill(&mut trace, 1, &layouts[1]);
    let total = trace.height();
    assert_eq!(findings(&trace), Vec::<&str>::new());

    // Cut off.
    for height in [first_length - 1, first_length + 1, total - 1] {
        let mut cut = trace.clone();
        cut.resize(height);
        fails(&cut, "rlp/last row ends");
        cut.resize(height + 1);
        fails(&cut, "rlp/transaction goes on");
    }
    // Beginning in the middle, the end wrapped to the beginning.
    let mut turned = Trace::new(RlpColumns::<Felt>::WIDTH);
    for row in 0..total {
        let source = trace.row((row + 5) % total);
        turned.push::<RlpColumns<Felt>>();
        turned.row_mut(row).copy_from_slice(source);
    }
    fails(&turned, "rlp/first row starts");
    fails(&turned, "rlp/last row ends");
    // A row left out, a row said twice.
    for row in [
        1,
        10,
        first_length - 1,
        first_length,
        first_length + 1,
        total - 2,
    ] {
        let mut rows: Vec<Vec<Felt>> = (0..total).map(|row| trace.row(row).to_vec()).collect();
        let again = rows[row].clone();
        rows.remove(row);
        assert_ne!(
            findings(&from_rows(&rows)),
            Vec::<&str>::new(),
            "{row} left out"
        );
        rows.insert(row, again.clone());
        rows.insert(row, again);
        assert_ne!(
            findings(&from_rows(&rows)),
            Vec::<&str>::new(),
            "{row} twice"
        );
    }
    // Padding in between, ordinals that skip, repeat or start elsewhere.
    let filled = |ordinals: [u64; 2], gap: usize| {
        let mut trace = Trace::new(RlpColumns::<Felt>::WIDTH);
        fill(&mut trace, ordinals[0], &layouts[0]);
        trace.resize(first_length + gap);
        fill(&mut trace, ordinals[1], &layouts[1]);
        trace
    };
    fails(&filled([0, 1], 1), "rlp/padding is last");
    fails(&filled([0, 2], 0), "rlp/next ordinal");
    fails(&filled([0, 0], 0), "rlp/next ordinal");
    fails(&filled([1, 2], 0), "rlp/first ordinal");
    // A padding row cannot speak.
    let mut spoken = trace.clone();
    spoken.resize(total + 1);
    columns(&mut spoken, total).end = Felt::ONE;
    fails(&spoken, "rlp/end");
    columns(&mut spoken, total).forms.single = Felt::ONE;
    columns(&mut spoken, total).start = Felt::ONE;
    fails(&spoken, "rlp/one item");
}

fn from_rows(rows: &[Vec<Felt>]) -> Trace {
    let mut trace = Trace::new(RlpColumns::<Felt>::WIDTH);
    for (index, row) in rows.iter().enumerate() {
        trace.push::<RlpColumns<Felt>>();
        trace.row_mut(index).copy_from_slice(row);
    }
    trace
}
