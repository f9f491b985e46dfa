//! Filling of [`super::Rlp`].

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{Items, RlpColumns};
use super::decode::{Item, Layout, decode};
use super::{MAX_LENGTH_BYTES, MAX_SHORT_LENGTH};
use crate::error::Error;
use crate::event::TransactionEvent;
use crate::execution::WORD_BYTES;

/// The rows of the transactions in order, from their published bytes and whether they run code; the first byte is at position `start` of those of the chunk.
///
/// # Errors
/// When the bytes of a transaction are not what the table can prove.
pub fn generate(start: u64, events: &[TransactionEvent]) -> Result<Trace, Error> {
    let mut start = start;
    let mut trace = Trace::new(RlpColumns::<Felt>::WIDTH);
    for (ordinal, event) in events.iter().enumerate() {
        let layout = decode(&event.raw)?;
        fill(
            &mut trace,
            (ordinal as u64, start),
            &layout,
            event.runs_code,
        );
        start += event.raw.len() as u64;
    }
    Ok(trace)
}

/// How many rows a transaction with these published bytes takes.
///
/// # Errors
/// When the bytes are not what the table can prove.
pub fn rows(raw: &[u8]) -> Result<usize, Error> {
    Ok(decode(raw)?.rows())
}

/// The flag of an item.
fn flag(items: &mut Items<Felt>, item: Item) -> &mut Felt {
    match item {
        Item::TypeByte => &mut items.type_byte,
        Item::PublishedHeader => &mut items.published_header,
        Item::SigningHeader => &mut items.signing_header,
        Item::ChainId => &mut items.chain_id,
        Item::Nonce => &mut items.nonce,
        Item::MaxPriorityFee => &mut items.max_priority_fee,
        Item::MaxFee => &mut items.max_fee,
        Item::GasLimit => &mut items.gas_limit,
        Item::To => &mut items.to,
        Item::Value => &mut items.value,
        Item::Data => &mut items.data,
        Item::AccessHeader => &mut items.access_header,
        Item::EntryHeader => &mut items.entry_header,
        Item::EntryAddress => &mut items.entry_address,
        Item::KeysHeader => &mut items.keys_header,
        Item::Key => &mut items.key,
        Item::V => &mut items.v,
        Item::R => &mut items.r,
        Item::S => &mut items.s,
        Item::SigningChainId => &mut items.signing_chain_id,
        Item::FirstZero => &mut items.first_zero,
        Item::SecondZero => &mut items.second_zero,
    }
}

/// A possibly negative small number.
fn signed(value: i64) -> Felt {
    if value < 0 {
        -Felt::from_canonical_u64(value.unsigned_abs())
    } else {
        Felt::from_canonical_u64(value.unsigned_abs())
    }
}

fn inverse(value: Felt) -> Felt {
    value.try_inverse().unwrap_or(Felt::ZERO)
}

/// What one row of an item is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Single,
    Short,
    Long,
    Length,
    Content,
}

/// Where the next row stands: what is counted from row to row.
#[derive(Clone, Copy, Default)]
struct Progress {
    published: u64,
    signing: u64,
    entry_end: u64,
    zero_bytes: u64,
    nonzero_bytes: u64,
    addresses: u64,
    keys: u64,
}

/// Appends the rows of one transaction, whose first published byte is at position `start`, which give its calldata and its access list if it runs code. Any items are accepted; the
/// constraints hold if they are those of a canonical encoding.
pub(super) fn fill(
    trace: &mut Trace,
    (ordinal, start): (u64, u64),
    layout: &Layout,
    runs_code: bool,
) {
    let number = Felt::from_canonical_u64;
    let length_of = |included: fn(Item) -> bool| -> u64 {
        let items = layout.items.iter().filter(|(item, _)| included(*item));
        items.map(|(_, bytes)| bytes.len() as u64).sum()
    };
    let published_length = length_of(Item::is_published);
    let signing_length = length_of(Item::is_signed);
    let access_end = published_position_after(layout, |item| {
        matches!(
            item,
            Item::AccessHeader
                | Item::EntryHeader
                | Item::EntryAddress
                | Item::KeysHeader
                | Item::Key
        )
    });
    let mut progress = Progress::default();
    let mut register = [Felt::ZERO; 32];
    let last_item = layout.items.len().saturating_sub(1);
    for (index, (item, bytes)) in layout.items.iter().enumerate() {
        match item {
            Item::EntryHeader => progress.entry_end = entry_end(layout, index, progress.published),
            Item::EntryAddress => progress.addresses += 1,
            Item::Key => progress.keys += 1,
            _ => {}
        }
        for (offset, &byte) in bytes.iter().enumerate() {
            let place = Place::of(*item, bytes, offset);
            let form = place.form;
            let item_end = offset + 1 == bytes.len();
            let data_byte = *item == Item::Data && matches!(form, Form::Single | Form::Content);
            if data_byte {
                if byte == 0 {
                    progress.zero_bytes += 1;
                } else {
                    progress.nonzero_bytes += 1;
                }
            }
            let whole_word =
                (progress.zero_bytes + progress.nonzero_bytes).is_multiple_of(WORD_BYTES);
            let wanted = match item {
                Item::Data => data_byte && (whole_word || item_end),
                Item::EntryAddress | Item::Key => item_end,
                _ => false,
            };
            if matches!(form, Form::Length | Form::Content) {
                register.rotate_right(1);
            } else {
                register = [Felt::ZERO; 32];
            }
            register[0] = match form {
                Form::Short | Form::Long => Felt::ZERO,
                _ => number(u64::from(byte)),
            };

            let row: &mut RlpColumns<Felt> = trace.push();
            row.ordinal = number(ordinal);
            row.access_list_kind = Felt::from_bool(layout.kind == 1);
            row.dynamic_fee_kind = Felt::from_bool(layout.kind == 2);
            row.protected = Felt::from_bool(layout.protected);
            row.published_start = number(start);
            row.published_length = number(published_length);
            row.signing_length = number(signing_length);
            row.access_end = number(access_end);
            row.start = Felt::from_bool(index == 0 && offset == 0);
            row.end = Felt::from_bool(index == last_item && item_end);
            row.item_end = Felt::from_bool(item_end);
            row.gives = Felt::from_bool(runs_code && wanted);
            *flag(&mut row.items, *item) = Felt::ONE;
            match form {
                Form::Single => row.forms.single = Felt::ONE,
                Form::Short => row.forms.short = Felt::ONE,
                Form::Long => row.forms.long = Felt::ONE,
                Form::Length => row.forms.length = Felt::ONE,
                Form::Content => row.forms.content = Felt::ONE,
            }
            row.byte = number(u64::from(byte));
            row.is_zero = Felt::from_bool(byte == 0);
            row.byte_inverse = inverse(row.byte);
            row.left = signed(place.left);
            row.first_of_run = Felt::from_bool(place.first_of_run);
            row.only_of_run = Felt::from_bool(place.first_of_run && place.left == 0);
            row.left_inverse = row.first_of_run * inverse(row.left);
            row.bounded = signed(place.bounded);
            row.payload_length = signed(place.payload_length);
            row.register = register;
            row.published_position = number(progress.published);
            row.signing_position = number(progress.signing);
            row.entry_end = number(progress.entry_end);
            row.zero_bytes = number(progress.zero_bytes);
            row.nonzero_bytes = number(progress.nonzero_bytes);
            row.access_addresses = number(progress.addresses);
            row.access_keys = number(progress.keys);

            progress.published += u64::from(item.is_published());
            progress.signing += u64::from(item.is_signed());
        }
    }
}

/// What a row's place in its item determines.
struct Place {
    form: Form,
    left: i64,
    first_of_run: bool,
    bounded: i64,
    payload_length: i64,
}

impl Place {
    /// The place of the byte at `offset` of an item's encoding.
    fn of(item: Item, bytes: &[u8], offset: usize) -> Self {
        let byte_at = |position: usize| bytes.get(position).map_or(0, |byte| i64::from(*byte));
        let byte = byte_at(offset);
        let told = told_by_prefix(item, byte_at(0));
        let form = form_at(told, offset);
        let left = match form {
            Form::Single => 0,
            Form::Short if item.is_list() => 0,
            Form::Short | Form::Long => told.length,
            Form::Length => told.length - offset as i64,
            Form::Content => bytes.len() as i64 - 1 - offset as i64,
        };
        let first_of_run = offset == 1;
        let least = match (form, left) {
            (Form::Length, 0) => MAX_SHORT_LENGTH as i64 + 1,
            (Form::Content, 0) => 0x80,
            (Form::Length, _) => 1,
            _ => i64::from(item.integer_bytes().is_some()),
        };
        let bounded = match form {
            Form::Single => byte + 0x80,
            Form::Short => {
                let most = item.integer_bytes().unwrap_or(MAX_SHORT_LENGTH as usize);
                told.length + 0xff - most as i64
            }
            Form::Long => told.length + 0xff - MAX_LENGTH_BYTES as i64,
            _ if first_of_run => byte - least,
            _ => 0,
        };
        let payload_length = match form {
            Form::Length => (1..=offset).fold(0, |sum, position| sum << 8 | byte_at(position)),
            Form::Short if item.is_list() => told.length,
            _ => 0,
        };
        Self {
            form,
            left,
            first_of_run,
            bounded,
            payload_length,
        }
    }
}

/// What a prefix tells.
#[derive(Clone, Copy)]
struct Told {
    form: Form,
    /// Bytes of the payload after a short prefix, bytes of the length after a long one.
    length: i64,
}

fn told_by_prefix(item: Item, prefix: i64) -> Told {
    if prefix < 0x80 && !item.is_list() {
        return Told {
            form: Form::Single,
            length: 0,
        };
    }
    let length = prefix - if item.is_list() { 0xc0 } else { 0x80 };
    if length > MAX_SHORT_LENGTH as i64 {
        Told {
            form: Form::Long,
            length: length - MAX_SHORT_LENGTH as i64,
        }
    } else {
        Told {
            form: Form::Short,
            length,
        }
    }
}

/// The form of the byte at `offset` of an item with this prefix.
fn form_at(told: Told, offset: usize) -> Form {
    match told.form {
        form if offset == 0 => form,
        Form::Long if offset as i64 <= told.length => Form::Length,
        _ => Form::Content,
    }
}

/// The published position just after the last of these items; 0 if there are none.
fn published_position_after(layout: &Layout, includes: fn(Item) -> bool) -> u64 {
    let Some(last) = layout.items.iter().rposition(|(item, _)| includes(*item)) else {
        return 0;
    };
    let before = layout.items.iter().take(last + 1);
    let published = before.filter(|(item, _)| item.is_published());
    published.map(|(_, bytes)| bytes.len() as u64).sum()
}

/// Where the entry ends whose header is item `index`, at published position `position`.
fn entry_end(layout: &Layout, index: usize, position: u64) -> u64 {
    let rest = layout.items.get(index + 1..).unwrap_or_default();
    let header = layout.items.get(index).into_iter();
    let within = rest
        .iter()
        .take_while(|(item, _)| matches!(item, Item::EntryAddress | Item::KeysHeader | Item::Key));
    let lengths = header.chain(within).map(|(_, bytes)| bytes.len() as u64);
    position + lengths.sum::<u64>()
}
