//! Forged rows: lies about the bytes of a good transaction.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::forged::{columns, fails, fields, layout, row_where, trace_of};
use super::support::{Kind, findings};
use crate::tables::rlp::columns::RlpColumns;
use crate::tables::rlp::decode::decode;
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
    fill(&mut trace, (0, 0), &layouts[0], true);
    let first_length = trace.height();
    fill(&mut trace, (1, 99), &layouts[1], false);
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
        fill(&mut trace, (ordinals[0], 0), &layouts[0], false);
        trace.resize(first_length + gap);
        fill(&mut trace, (ordinals[1], 99), &layouts[1], true);
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

/// One lie each about the first row of some sort, for the rules that no forgery above runs into by name.
#[test]
fn forms_and_flags_keep_their_rules() {
    type Columns = RlpColumns<Felt>;
    type Case = (&'static str, fn(&Columns) -> bool, fn(&mut Columns));
    const ONE: Felt = Felt::ONE;
    const ZERO: Felt = Felt::ZERO;
    let mut fields = fields(Kind::DynamicFee);
    fields.data = vec![7; 300];
    let good = trace_of(&decode(&fields.sample().raw).unwrap());
    let cases: &[Case] = &[
        (
            "rlp/item is boolean",
            |c| c.start == ONE,
            |c| c.items.type_byte = ONE + ONE,
        ),
        (
            "rlp/item end is boolean",
            |c| c.item_end == ONE,
            |c| c.item_end = ONE + ONE,
        ),
        (
            "rlp/start is boolean",
            |c| c.start == ONE,
            |c| c.start = ONE + ONE,
        ),
        (
            "rlp/kind is boolean",
            |c| c.start == ONE,
            |c| c.dynamic_fee_kind = ONE + ONE,
        ),
        (
            "rlp/kind is boolean",
            |c| c.start == ONE,
            |c| c.access_list_kind = -ONE,
        ),
        (
            "rlp/protected is boolean",
            |c| c.start == ONE,
            |c| c.protected = ONE + ONE,
        ),
        (
            "rlp/transaction starts",
            |c| c.start == ONE,
            |c| c.start = ZERO,
        ),
        (
            "rlp/single ends item",
            |c| c.items.type_byte == ONE,
            |c| c.item_end = ZERO,
        ),
        (
            "rlp/short list header ends item",
            |c| c.items.keys_header == ONE && c.forms.short == ONE,
            |c| c.item_end = ZERO,
        ),
        (
            "rlp/list has no single form",
            |c| c.items.keys_header == ONE,
            |c| {
                (c.forms.short, c.forms.long, c.forms.single) = (ZERO, ZERO, ONE);
            },
        ),
        (
            "rlp/list has no content",
            |c| c.items.keys_header == ONE,
            |c| {
                (c.forms.short, c.forms.long, c.forms.content) = (ZERO, ZERO, ONE);
            },
        ),
        // After the type byte.
        (
            "rlp/content goes on",
            |c| c.items.published_header == ONE,
            |c| {
                (c.forms.short, c.forms.long, c.forms.content) = (ZERO, ZERO, ONE);
            },
        ),
        (
            "rlp/length goes on",
            |c| c.items.to == ONE && c.forms.content == ONE,
            |c| (c.forms.content, c.forms.length) = (ZERO, ONE),
        ),
        (
            "rlp/item goes on",
            |c| c.items.to == ONE && c.forms.content == ONE,
            |c| (c.items.to, c.items.v) = (ZERO, ONE),
        ),
        (
            "rlp/length follows long prefix",
            |c| c.items.data == ONE && c.forms.length == ONE,
            |c| (c.forms.length, c.forms.content) = (ZERO, ONE),
        ),
        (
            "rlp/length is complete",
            |c| c.items.data == ONE && c.forms.length == ONE && c.left == ZERO,
            |c| (c.forms.length, c.forms.content) = (ZERO, ONE),
        ),
        (
            "rlp/length does not end a string",
            |c| c.items.data == ONE && c.forms.length == ONE && c.left == ZERO,
            |c| c.item_end = ONE,
        ),
        (
            "rlp/long prefix does not end item",
            |c| c.items.data == ONE && c.forms.long == ONE,
            |c| c.item_end = ONE,
        ),
        (
            "rlp/only is zero left",
            |c| c.items.to == ONE && c.first_of_run == ONE,
            |c| c.only_of_run = ONE,
        ),
    ];
    for (label, is, lie) in cases {
        let mut trace = good.clone();
        let row = row_where(&good, is);
        lie(columns(&mut trace, row));
        fails(&trace, label);
    }
    let mut trace = trace_of(&layout(Kind::Protected));
    for row in 0..trace.height() {
        columns(&mut trace, row).access_end = ONE;
    }
    fails(&trace, "rlp/legacy has no access list");
}

fn from_rows(rows: &[Vec<Felt>]) -> Trace {
    let mut trace = Trace::new(RlpColumns::<Felt>::WIDTH);
    for (index, row) in rows.iter().enumerate() {
        trace.push::<RlpColumns<Felt>>();
        trace.row_mut(index).copy_from_slice(row);
    }
    trace
}
