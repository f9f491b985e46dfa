//! Forged encodings: rows filled coherently for bytes that are no such transaction.

use alloy_primitives::U256;
use braid_stark::Felt;
use plonky2::field::types::Field;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::forged::{columns, fails, fields, layout, row_where, trace_of};
use super::support::{Kind, findings};
use crate::tables::rlp::decode::{Item, Layout, decode, list_header, set_signing_header};

/// Makes the headers of the published list and of the signing payload fit the items.
fn set_headers(layout: &mut Layout) {
    let published = layout.items.iter().filter(|(item, _)| {
        item.is_published() && !matches!(item, Item::TypeByte | Item::PublishedHeader)
    });
    let header = list_header(published.map(|(_, bytes)| bytes.len()).sum());
    *first(layout, Item::PublishedHeader) = header;
    set_signing_header(layout);
}

fn first(layout: &mut Layout, wanted: Item) -> &mut Vec<u8> {
    let mut items = layout.items.iter_mut();
    &mut items.find(|(item, _)| *item == wanted).unwrap().1
}

/// Replaces the first `item` of a transaction by `bytes`, with fitting outer headers, and expects `label`.
fn item_fails(kind: Kind, item: Item, bytes: &[u8], label: &str) {
    let mut layout = layout(kind);
    *first(&mut layout, item) = bytes.to_vec();
    set_headers(&mut layout);
    fails(&trace_of(&layout), label);
}

fn string(prefix: &[u8], length: usize) -> Vec<u8> {
    [prefix, &vec![0xaa; length]].concat()
}

#[test]
fn unforged_layouts_hold() {
    for kind in [
        Kind::Unprotected,
        Kind::Protected,
        Kind::AccessList,
        Kind::DynamicFee,
    ] {
        let mut layout = layout(kind);
        set_headers(&mut layout);
        assert_eq!(findings(&trace_of(&layout)), Vec::<&str>::new());
    }
}

/// The encodings of the published items.
fn published(layout: &Layout) -> Vec<Vec<u8>> {
    let items = layout.items.iter().filter(|(item, _)| item.is_published());
    items.map(|(_, bytes)| bytes.clone()).collect()
}

/// Items bent at random, most of them with fitting headers, hold if and only if they are what strict decoding finds in their
/// published bytes.
#[test]
fn bent_items_hold_only_as_canonical_encodings() {
    let mut rng = StdRng::seed_from_u64(31);
    let (mut held, mut failed) = (0, 0);
    for _ in 0..4000 {
        let kind = [
            Kind::Unprotected,
            Kind::Protected,
            Kind::AccessList,
            Kind::DynamicFee,
        ][rng.gen_range(0..4)];
        let mut layout = layout(kind);
        let position = rng.gen_range(0..layout.items.len());
        let item = layout.items[position].0;
        let tail = [Item::SigningChainId, Item::FirstZero, Item::SecondZero];
        if tail.contains(&item) || item == Item::V && layout.kind == 0 {
            // Not in the published bytes; or decoding is stricter, since it settles what is signed.
            continue;
        }
        let bytes = &mut layout.items[position].1;
        match rng.gen_range(0..6) {
            0 | 1 => {
                let position = rng.gen_range(0..bytes.len());
                bytes[position] = rng.r#gen();
            }
            2 => bytes[0] = bytes[0].wrapping_add_signed(rng.gen_range(-2..=2)),
            3 => bytes.insert(rng.gen_range(0..=bytes.len()), rng.gen_range(0..4)),
            4 => *bytes = vec![rng.r#gen()],
            _ => {
                let length = rng.gen_range(0..60);
                *bytes = string(&[0x80 + length], usize::from(length));
            }
        }
        if rng.gen_range(0..4) != 0 {
            set_headers(&mut layout);
        }
        let raw = published(&layout).concat();
        let canonical = decode(&raw).is_ok_and(|found| published(&found) == published(&layout));
        let mut fitting = layout.clone();
        set_signing_header(&mut fitting);
        let holds = findings(&trace_of(&layout)).is_empty();
        assert_eq!(
            holds,
            canonical && fitting.items == layout.items,
            "{layout:?}"
        );
        held += usize::from(holds);
        failed += usize::from(!holds);
    }
    assert!(held > 500 && failed > 500, "{held} {failed}");
}

#[test]
fn integers_are_canonical() {
    for (kind, item) in [
        (Kind::DynamicFee, Item::ChainId),
        (Kind::Protected, Item::Nonce),
        (Kind::DynamicFee, Item::MaxPriorityFee),
        (Kind::AccessList, Item::MaxFee),
        (Kind::Unprotected, Item::GasLimit),
        (Kind::Unprotected, Item::Value),
        (Kind::Unprotected, Item::V),
        (Kind::AccessList, Item::R),
        (Kind::AccessList, Item::S),
        (Kind::Protected, Item::SigningChainId),
    ] {
        item_fails(kind, item, &[0x82, 0, 5], "U8");
        item_fails(kind, item, &[0x81, 0], "U8");
        item_fails(kind, item, &[0x81, 5], "U8");
        item_fails(kind, item, &[0], "rlp/zero integer is empty");
        item_fails(kind, item, &[0xc0], "U8");
        item_fails(
            kind,
            item,
            &string(&[0xb8, 56], 56),
            "rlp/only lists and calldata are long",
        );
        let most = item.integer_bytes().unwrap();
        let prefix = 0x80 + most as u8 + 1;
        item_fails(kind, item, &string(&[prefix], most + 1), "U8");
    }
}

#[test]
fn there_is_a_recipient_of_20_bytes() {
    for kind in [
        Kind::Unprotected,
        Kind::Protected,
        Kind::AccessList,
        Kind::DynamicFee,
    ] {
        let label = "rlp/address has 20 bytes";
        item_fails(kind, Item::To, &[0x80], label);
        item_fails(kind, Item::To, &[0], label);
        item_fails(kind, Item::To, &string(&[0x93], 19), label);
        item_fails(kind, Item::To, &string(&[0x95], 21), label);
        item_fails(kind, Item::To, &string(&[0xd4], 20), label);
    }
}

#[test]
fn lengths_are_minimal_and_short_enough() {
    let kind = Kind::Unprotected;
    item_fails(kind, Item::Data, &string(&[0xb8, 5], 5), "U8");
    item_fails(kind, Item::Data, &string(&[0xb8, 55], 55), "U8");
    item_fails(kind, Item::Data, &string(&[0xb9, 0, 200], 200), "U8");
    item_fails(kind, Item::Data, &string(&[0xbb, 0, 0, 1, 0], 256), "U8");
    item_fails(kind, Item::Data, &[0x81, 5], "U8");
    item_fails(kind, Item::Data, &[0x81, 0x7f], "U8");
    // The outer lists in a form that is too long for them.
    let mut small = fields(kind);
    (small.value, small.r, small.s) = (U256::ZERO, U256::from(1), U256::from(2));
    let small = decode(&small.sample().raw).unwrap();
    for item in [Item::PublishedHeader, Item::SigningHeader] {
        for long in [0, 1] {
            let mut layout = small.clone();
            let header = first(&mut layout, item);
            let length = header[0] - 0xc0;
            *header = if long == 0 {
                vec![0xf8, length]
            } else {
                vec![0xf9, 0, length]
            };
            fails(&trace_of(&layout), "U8");
        }
    }
    // A prefix below the range, its length negative: the string cannot end.
    let mut trace = trace_of(&layout(kind));
    let row = row_where(&trace, |row| row.items.nonce == Felt::ONE);
    let nonce = columns(&mut trace, row);
    nonce.byte = Felt::from_canonical_u64(0x7f);
    nonce.left = -Felt::ONE;
    nonce.bounded = nonce.left + Felt::from_canonical_u64(247);
    nonce.item_end = Felt::ONE;
    fails(&trace, "rlp/item ends at zero left");
}

#[test]
fn list_lengths_are_exact() {
    for (kind, item, label) in [
        (
            Kind::Unprotected,
            Item::PublishedHeader,
            "rlp/published list length",
        ),
        (
            Kind::DynamicFee,
            Item::PublishedHeader,
            "rlp/published list length",
        ),
        (
            Kind::Protected,
            Item::SigningHeader,
            "rlp/signing list length",
        ),
        (
            Kind::AccessList,
            Item::SigningHeader,
            "rlp/signing list length",
        ),
        (
            Kind::DynamicFee,
            Item::AccessHeader,
            "rlp/access list length",
        ),
        (Kind::DynamicFee, Item::EntryHeader, "rlp/entry length"),
        (Kind::AccessList, Item::KeysHeader, "rlp/keys length"),
    ] {
        let mut good = layout(kind);
        for change in [-1i8, 1, 32, -32] {
            let mut layout = good.clone();
            let last = first(&mut layout, item).last_mut().unwrap();
            *last = last.wrapping_add_signed(change);
            fails(&trace_of(&layout), label);
        }
        // The same length in a string's header.
        let header = first(&mut good, item);
        header[0] -= 0x40;
        assert_ne!(findings(&trace_of(&good)), Vec::<&str>::new());
    }
    item_fails(
        Kind::AccessList,
        Item::AccessHeader,
        &[0x80],
        "rlp/access list length",
    );
    item_fails(
        Kind::AccessList,
        Item::KeysHeader,
        &[0x00],
        "rlp/keys length",
    );
}

#[test]
fn an_entry_has_an_address_and_keys_only() {
    let kind = Kind::AccessList;
    let label = "rlp/address has 20 bytes";
    item_fails(kind, Item::EntryAddress, &string(&[0x93], 19), label);
    item_fails(kind, Item::EntryAddress, &string(&[0x95], 21), label);
    item_fails(
        kind,
        Item::Key,
        &string(&[0x9f], 31),
        "rlp/key has 32 bytes",
    );
    item_fails(
        kind,
        Item::Key,
        &string(&[0xa1], 33),
        "rlp/key has 32 bytes",
    );
    for missing in [Item::EntryHeader, Item::EntryAddress, Item::KeysHeader] {
        let mut layout = layout(kind);
        let position = layout.items.iter().position(|(item, _)| *item == missing);
        layout.items.remove(position.unwrap());
        set_headers(&mut layout);
        fails(&trace_of(&layout), "rlp/order of items");
    }
    // A key after the lists' ends, or an entry without end.
    let mut layout = layout(kind);
    let position = layout
        .items
        .iter()
        .rposition(|(item, _)| *item == Item::Key);
    let key = layout.items[position.unwrap()].clone();
    layout.items.insert(position.unwrap(), key);
    set_headers(&mut layout);
    fails(&trace_of(&layout), "rlp/keys length");
}

#[test]
fn no_other_type() {
    for kind in [Kind::AccessList, Kind::DynamicFee] {
        for byte in [0, 1, 2, 3, 4, 0x7e] {
            let mut layout = layout(kind);
            let bytes = first(&mut layout, Item::TypeByte);
            if bytes[0] != byte {
                bytes[0] = byte;
                fails(&trace_of(&layout), "rlp/type byte");
            }
        }
        let mut layout = layout(kind);
        *first(&mut layout, Item::TypeByte) = vec![0x81, 0x83];
        fails(&trace_of(&layout), "rlp/type byte is single");
        // No kind, but a type byte; and a list where a type byte belongs.
        layout.kind = 3;
        fails(&trace_of(&layout), "rlp/type byte comes first");
    }
    let mut legacy = layout(Kind::Protected);
    legacy.kind = 1;
    fails(&trace_of(&legacy), "rlp/type byte comes first");
    // Both kinds at once would make type 3.
    let mut layout = layout(Kind::DynamicFee);
    first(&mut layout, Item::TypeByte)[0] = 3;
    let mut trace = trace_of(&layout);
    for row in 0..trace.height() {
        columns(&mut trace, row).access_list_kind = columns(&mut trace, row).dynamic_fee_kind;
    }
    fails(&trace, "rlp/one kind");
    assert!(!findings(&trace).contains(&"rlp/type byte"));
}

#[test]
fn items_are_those_of_the_kind_in_their_order() {
    for kind in [
        Kind::Unprotected,
        Kind::Protected,
        Kind::AccessList,
        Kind::DynamicFee,
    ] {
        let good = layout(kind);
        for position in 0..good.items.len() {
            let item = good.items[position].0;
            // Skipped.
            let mut skipped = good.clone();
            skipped.items.remove(position);
            if !matches!(item, Item::PublishedHeader) {
                set_signing_header(&mut skipped);
            }
            let found = findings(&trace_of(&skipped));
            assert!(
                found.iter().any(|label| matches!(
                    *label,
                    "rlp/order of items"
                        | "rlp/type byte comes first"
                        | "rlp/end"
                        | "rlp/keys length"
                        | "rlp/transaction goes on"
                )),
                "{item:?} skipped: {found:?}"
            );
            // Said twice.
            let mut twice = good.clone();
            twice.items.insert(position, good.items[position].clone());
            let found = findings(&trace_of(&twice));
            assert!(
                found.iter().any(|label| matches!(
                    *label,
                    "rlp/order of items"
                        | "rlp/type byte comes first"
                        | "rlp/end"
                        | "rlp/keys length"
                )),
                "{item:?} twice: {found:?}"
            );
        }
        // An access list is for typed transactions, a priority fee for kind 2.
        let mut other = good.clone();
        other.kind = match good.kind {
            0 | 2 => 1,
            _ => 2,
        };
        let found = findings(&trace_of(&other));
        assert!(found.contains(&"rlp/order of items") || found.contains(&"rlp/type byte"));
    }
    let mut layout = layout(Kind::Unprotected);
    let data = layout
        .items
        .iter()
        .position(|(item, _)| *item == Item::Data);
    layout
        .items
        .insert(data.unwrap() + 1, (Item::AccessHeader, vec![0xc0]));
    set_headers(&mut layout);
    fails(&trace_of(&layout), "rlp/order of items");
}

#[test]
fn protection_is_what_the_signing_payload_has() {
    let mut layout_ = layout(Kind::Protected);
    layout_.protected = false;
    fails(&trace_of(&layout_), "rlp/end");
    let mut layout_ = layout(Kind::Unprotected);
    layout_.protected = true;
    fails(&trace_of(&layout_), "rlp/end");
    let mut layout_ = layout(Kind::DynamicFee);
    layout_.protected = false;
    fails(&trace_of(&layout_), "rlp/typed is protected");
    item_fails(Kind::Protected, Item::FirstZero, &[1], "rlp/closing zeros");
    item_fails(
        Kind::Protected,
        Item::SecondZero,
        &[0x81, 0x80],
        "rlp/closing zeros",
    );
}
