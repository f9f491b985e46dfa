//! The constraints and messages of [`super::Rlp`].

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::Rlp;
use super::columns::RlpColumns;
use super::encoding::{contents, prefixes, runs};
use super::order::{access_list, sequence_of_items};
use crate::bus::{Message, field, string};

impl Table for Rlp {
    fn name(&self) -> &'static str {
        "rlp"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<RlpColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &RlpColumns<B::X> = row.local();
        let next: &RlpColumns<B::X> = row.next();
        flags(local, builder);
        sequence_of_rows(&row, local, next, builder);
        constants_of_transaction(&row, local, next, builder);
        sequence_of_items(local, next, builder);
        access_list(local, next, builder);
        prefixes(local, builder);
        runs(local, next, builder);
        contents(local, next, builder);
        gives(local, builder);
        counters(local, next, builder);
        messages(local, builder);
    }
}

/// Every flag is boolean; forms exclude each other, and so do items; padding is all zero where a value could matter.
fn flags<B: ConstraintBuilder>(local: &RlpColumns<B::X>, builder: &mut B) {
    let active = local.forms.active();
    for &form in local.forms.as_slice() {
        builder.assert_bool("rlp/form is boolean", form);
    }
    builder.assert_bool("rlp/one form", active);
    let mut sum = B::X::zero();
    for &item in local.items.as_slice() {
        builder.assert_bool("rlp/item is boolean", item);
        sum = sum + item;
    }
    builder.assert_eq("rlp/one item", sum, active);
    builder.assert_bool("rlp/start is boolean", local.start);
    builder.assert_bool("rlp/item end is boolean", local.item_end);
    builder.assert_bool("rlp/kind is boolean", local.access_list_kind);
    builder.assert_bool("rlp/kind is boolean", local.dynamic_fee_kind);
    builder.assert_bool("rlp/one kind", local.typed());
    builder.assert_bool("rlp/protected is boolean", local.protected);
    builder.assert_zero(
        "rlp/typed is protected",
        local.typed() * local.protected.not(),
    );
    // The columns that no other constraint makes zero on a padding row.
    for value in [
        local.ordinal,
        local.access_list_kind,
        local.dynamic_fee_kind,
        local.protected,
        local.published_start,
        local.published_length,
        local.signing_length,
        local.access_end,
        local.entry_end,
        local.item_end,
        local.byte,
        local.byte_inverse,
        local.left,
        local.bounded,
    ] {
        builder.assert_zero("rlp/padding is zero", active.not() * value);
    }
}

/// Transactions follow each other without gaps from the first row on; padding comes last.
fn sequence_of_rows<B: ConstraintBuilder>(
    row: &Row<'_, B::X>,
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let active = local.forms.active();
    let next_active = next.forms.active();
    builder.assert_zero("rlp/first row starts", row.first * (active - local.start));
    builder.assert_zero("rlp/last row ends", row.last * (active - local.end));
    builder.assert_zero(
        "rlp/padding is last",
        row.transition * active.not() * next_active,
    );
    // In mid-transaction the next row continues; after an end or padding an active row starts.
    builder.assert_zero(
        "rlp/transaction goes on",
        (active - local.end) * (next_active.not() + next.start),
    );
    builder.assert_zero(
        "rlp/transaction starts",
        (active.not() + local.end) * (next_active - next.start),
    );
    // A row is a prefix if and only if it follows the last row of an item or starts a transaction.
    builder.assert_eq(
        "rlp/prefix follows item end",
        next.forms.prefix(),
        local.item_end - local.end + next.start,
    );
    // `protected - typed` is 1 for protected legacy transactions only.
    let last_item =
        local.items.s * (local.protected - local.typed()).not() + local.items.second_zero;
    builder.assert_eq("rlp/end", local.end, local.item_end * last_item);
}

/// What holds for all rows of a transaction; the lengths are those that the list headers tell and the bytes reach.
fn constants_of_transaction<B: ConstraintBuilder>(
    row: &Row<'_, B::X>,
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let continues = next.continues();
    for (label, now, then) in [
        ("rlp/ordinal is constant", local.ordinal, next.ordinal),
        (
            "rlp/kind is constant",
            local.access_list_kind,
            next.access_list_kind,
        ),
        (
            "rlp/kind is constant",
            local.dynamic_fee_kind,
            next.dynamic_fee_kind,
        ),
        ("rlp/protected is constant", local.protected, next.protected),
        (
            "rlp/published start is constant",
            local.published_start,
            next.published_start,
        ),
        (
            "rlp/published length is constant",
            local.published_length,
            next.published_length,
        ),
        (
            "rlp/signing length is constant",
            local.signing_length,
            next.signing_length,
        ),
        (
            "rlp/access end is constant",
            local.access_end,
            next.access_end,
        ),
    ] {
        builder.assert_eq_when(label, continues, then, now);
    }
    builder.assert_zero("rlp/first ordinal", row.first * local.ordinal);
    builder.assert_zero(
        "rlp/next ordinal",
        row.transition * next.start * (next.ordinal - local.ordinal - B::X::one()),
    );
    builder.assert_zero(
        "rlp/legacy has no access list",
        local.start * local.typed().not() * local.access_end,
    );

    let after_published = local.published_position + local.published();
    let after_signed = local.signing_position + local.signed();
    let items = &local.items;
    builder.assert_eq_when(
        "rlp/published list length",
        local.item_end * items.published_header,
        local.published_length,
        after_published + local.payload_length,
    );
    builder.assert_eq_when(
        "rlp/signing list length",
        local.item_end * items.signing_header,
        local.signing_length,
        after_signed + local.payload_length,
    );
    builder.assert_eq_when(
        "rlp/published bytes end",
        local.end,
        local.published_length,
        after_published,
    );
    builder.assert_eq_when(
        "rlp/signing payload ends",
        local.end,
        local.signing_length,
        after_signed,
    );
}

/// What may be told of calldata and access list: at any of its bytes the last ones of the calldata, and an entry where it ends. Each is
/// true, and there is one place to tell it.
fn gives<B: ConstraintBuilder>(local: &RlpColumns<B::X>, builder: &mut B) {
    builder.assert_bool("rlp/gives is boolean", local.gives);
    let entry = local.item_end * (local.items.entry_address + local.items.key);
    let there_is = local.data_byte() + entry;
    builder.assert_zero(
        "rlp/gives calldata or an entry",
        local.gives * there_is.not(),
    );
}

/// Positions and counts start at zero in each transaction.
fn counters<B: ConstraintBuilder>(
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let continues = next.continues();
    builder.assert_eq(
        "rlp/published position",
        next.published_position,
        continues * (local.published_position + local.published()),
    );
    builder.assert_eq(
        "rlp/signing position",
        next.signing_position,
        continues * (local.signing_position + local.signed()),
    );
    let data_byte = next.data_byte();
    builder.assert_eq(
        "rlp/zero bytes",
        next.zero_bytes,
        continues * local.zero_bytes + data_byte * next.is_zero,
    );
    builder.assert_eq(
        "rlp/non-zero bytes",
        next.nonzero_bytes,
        continues * local.nonzero_bytes + data_byte * next.is_zero.not(),
    );
    let prefix = next.forms.prefix();
    builder.assert_eq(
        "rlp/access addresses",
        next.access_addresses,
        continues * local.access_addresses + next.items.entry_address * prefix,
    );
    builder.assert_eq(
        "rlp/access keys",
        next.access_keys,
        continues * local.access_keys + next.items.key * prefix,
    );
}

fn messages<B: ConstraintBuilder>(local: &RlpColumns<B::X>, builder: &mut B) {
    let constant = B::X::from_u64;
    let active = local.forms.active();
    builder.send(Message::U8 { value: local.byte }, active);
    builder.send(
        Message::U8 {
            value: local.bounded,
        },
        active,
    );
    builder.send(
        Message::HashByte {
            kind: constant(string::PUBLISHED),
            index: B::X::zero(),
            position: local.published_start + local.published_position,
            byte: local.byte,
        },
        local.published(),
    );
    builder.send(
        Message::HashByte {
            kind: constant(string::SIGNING_PAYLOAD),
            index: local.ordinal,
            position: local.signing_position,
            byte: local.byte,
        },
        local.signed(),
    );
    let (fields, given) = (local.items.fields(), local.items.given());
    let ids = fields.iter().chain(&given);
    let ids: B::X = ids.map(|&(flag, id)| flag.scale(id)).sum();
    // Only calldata is told before its item ends.
    let before_end = local.item_end.not();
    let before_end = before_end.scale(field::CALLDATA_WORD - field::CALLDATA_END);
    builder.send(
        Message::TransactionField {
            ordinal: local.ordinal,
            field: ids + before_end,
            bytes: local.zero_bytes + local.nonzero_bytes,
            entries: local.access_addresses + local.access_keys,
            value: local.word(),
        },
        local.item_end * fields.iter().map(|&(flag, _)| flag).sum() + local.gives,
    );
    builder.send(
        Message::TransactionShape {
            ordinal: local.ordinal,
            start: local.published_start,
            kind: local.access_list_kind + local.dynamic_fee_kind.scale(2),
            protected: local.protected,
            length: local.published_length,
            signing_length: local.signing_length,
            zero_bytes: local.zero_bytes,
            nonzero_bytes: local.nonzero_bytes,
            access_addresses: local.access_addresses,
            access_keys: local.access_keys,
        },
        local.end,
    );
}
