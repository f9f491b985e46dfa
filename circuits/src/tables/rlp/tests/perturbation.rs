//! Every column changed on a row of every item and form is caught by a constraint of its own.

use std::collections::BTreeSet;

use braid_stark::check::row_of;
use braid_stark::table::Collected;
use braid_stark::{AnyTable, Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::given::may_give;
use super::support::{Fields, Kind, findings};
use crate::tables::rlp::columns::RlpColumns;
use crate::tables::rlp::{Rlp, generate};

/// Labels that fail on `row` or on the row before, the only ones that see it; `"U8"` for a lookup of no byte.
fn labels_around(trace: &Trace, row: usize) -> BTreeSet<&'static str> {
    let fixed = Trace::zero(0, trace.height());
    let mut labels = BTreeSet::new();
    let before = (row + trace.height() - 1) % trace.height();
    for index in [before, row] {
        let mut out = Collected::default();
        Rlp.eval_row(row_of(trace, &fixed, index), &mut out);
        for (label, value) in out.constraints {
            if value != Felt::ZERO {
                labels.insert(label);
            }
        }
        for interaction in out.interactions {
            if interaction.multiplicity != Felt::ZERO
                && interaction.message.tag.name == "U8"
                && interaction.message.payload[0].to_canonical_u64() > 255
            {
                labels.insert("U8");
            }
        }
    }
    labels
}

/// The first row of each combination of item, form and place in the item, and one padding row.
fn used_rows(trace: &Trace) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let is_new = |row: &usize| {
        let columns: &RlpColumns<Felt> = RlpColumns::from_slice(trace.row(*row));
        let place = [
            columns.start,
            columns.end,
            columns.item_end,
            columns.first_of_run,
            columns.only_of_run,
            columns.is_zero,
            columns.protected,
            columns.gives,
        ];
        let items = columns.items.as_slice().iter();
        let flags = items.chain(columns.forms.as_slice()).chain(&place);
        seen.insert(flags.map(|x| x.to_canonical_u64()).collect::<Vec<_>>())
    };
    (0..trace.height()).filter(is_new).collect()
}

fn trace() -> Trace {
    let mut rng = StdRng::seed_from_u64(20);
    let mut events = Vec::new();
    for kind in [
        Kind::Protected,
        Kind::DynamicFee,
        Kind::Unprotected,
        Kind::AccessList,
    ] {
        for length in [1usize, 2, 60, 300] {
            let mut fields = Fields::random(&mut rng, kind);
            fields.data = (0..length).map(|i| (i % 2) as u8).collect();
            fields.access = vec![length % 7, 2];
            fields.chain_id = 1 + 300 * u64::from(length == 2);
            events.push(fields.sample().event());
        }
    }
    let mut trace = generate(3, &events).unwrap();
    let height = trace.height().next_power_of_two();
    AnyTable::pad(&Rlp, &mut trace, height);
    assert_eq!(findings(&trace), Vec::<&str>::new());
    trace
}

/// The constraints that own a column: on every row one of them catches a change.
fn owners(name: &str) -> &'static [&'static str] {
    if name.starts_with("items.") {
        return &["rlp/one item"];
    }
    if name.starts_with("forms.") {
        return &["rlp/one form", "rlp/form is boolean", "rlp/one item"];
    }
    match name {
        "register[0]" => return &["rlp/register takes byte"],
        _ if name.starts_with("register") => return &["rlp/register shifts"],
        _ => {}
    }
    match name {
        "ordinal" => &["rlp/ordinal is constant", "rlp/padding is zero"],
        "access_list_kind" | "dynamic_fee_kind" => &["rlp/kind is constant", "rlp/padding is zero"],
        "protected" => &["rlp/protected is constant", "rlp/padding is zero"],
        "published_start" => &["rlp/published start is constant", "rlp/padding is zero"],
        "published_length" => &["rlp/published length is constant", "rlp/padding is zero"],
        "signing_length" => &["rlp/signing length is constant", "rlp/padding is zero"],
        "access_end" => &["rlp/access end is constant", "rlp/padding is zero"],
        "start" | "item_end" => &["rlp/prefix follows item end"],
        "end" => &["rlp/end"],
        "byte" | "is_zero" => &["rlp/zero byte", "rlp/non-zero byte", "rlp/padding is zero"],
        "byte_inverse" => &[
            "rlp/non-zero byte",
            "rlp/byte inverse",
            "rlp/padding is zero",
        ],
        "left" => &[
            "rlp/short length",
            "rlp/long length",
            "rlp/length countdown",
            "rlp/content countdown",
            "rlp/content has the told length",
            "rlp/item ends at zero left",
            "rlp/padding is zero",
        ],
        "first_of_run" => &["rlp/first of run"],
        "only_of_run" => &["rlp/only of run"],
        "left_inverse" => &["rlp/left inverse", "rlp/only of run"],
        "bounded" => &[
            "rlp/single is below 0x80",
            "rlp/short length is in range",
            "rlp/long length is in range",
            "rlp/first byte is canonical",
            "rlp/bounded is unused",
            "rlp/padding is zero",
        ],
        "payload_length" => &["rlp/payload length"],
        "published_position" => &["rlp/published position"],
        "signing_position" => &["rlp/signing position"],
        "entry_end" => &[
            "rlp/entry end changes with the entry",
            "rlp/entry end starts at zero",
            "rlp/padding is zero",
        ],
        // What may be told may be left out, too: see the tests of what is given.
        "gives" => &["rlp/gives is boolean", "rlp/gives calldata or an entry"],
        "zero_bytes" => &["rlp/zero bytes"],
        "nonzero_bytes" => &["rlp/non-zero bytes"],
        "access_addresses" => &["rlp/access addresses"],
        "access_keys" => &["rlp/access keys"],
        _ => &[],
    }
}

#[test]
fn every_column_is_bound_on_every_sort_of_row() {
    let mut rng = StdRng::seed_from_u64(21);
    let mut trace = trace();
    let rows = used_rows(&trace);
    assert!(rows.len() > 100, "{}", rows.len());
    for (column, name) in AnyTable::column_names(&Rlp).iter().enumerate() {
        for &row in &rows {
            let saved = trace.row(row)[column];
            let random = Felt::from_noncanonical_u64(rng.r#gen());
            let may_give = name == "gives" && may_give(RlpColumns::from_slice(trace.row(row)));
            for changed in [saved + Felt::ONE, saved - Felt::ONE, random] {
                if may_give && [Felt::ZERO, Felt::ONE].contains(&changed) {
                    continue;
                }
                trace.row_mut(row)[column] = changed;
                let labels = labels_around(&trace, row);
                let owned = owners(name).iter().any(|owner| labels.contains(owner));
                assert!(owned, "{name} on row {row}: {labels:?}");
                trace.row_mut(row)[column] = saved;
            }
        }
    }
}
