//! Constraints on one item: prefix, length, content. See [`super::Rlp`].

use braid_stark::{ConstraintBuilder, Expression};

use super::columns::RlpColumns;
use super::{MAX_LENGTH_BYTES, MAX_SHORT_LENGTH};

/// Which prefixes each item may have, and what they tell.
pub(super) fn prefixes<B: ConstraintBuilder>(local: &RlpColumns<B::X>, builder: &mut B) {
    let constant = B::X::from_u64;
    let (items, forms) = (&local.items, &local.forms);
    let lists = items.lists();
    let integers = items.short_integers() + items.long_integers();

    // The type byte: 1 or 2.
    builder.assert_zero(
        "rlp/type byte is single",
        items.type_byte * forms.single.not(),
    );
    builder.assert_eq_when(
        "rlp/type byte",
        items.type_byte,
        local.byte,
        local.access_list_kind + local.dynamic_fee_kind.scale(2),
    );

    // A single byte is below 0x80 and not a zero integer, which is the empty string.
    builder.assert_zero("rlp/list has no single form", forms.single * lists);
    builder.assert_zero("rlp/single ends item", forms.single * local.item_end.not());
    builder.assert_eq_when(
        "rlp/single is below 0x80",
        forms.single,
        local.bounded,
        local.byte + constant(0x80),
    );
    builder.assert_zero(
        "rlp/zero integer is empty",
        forms.single * integers * local.is_zero,
    );

    // A short prefix tells a length of at most 55, 32 or 8: `bounded` reaches 256 above that. A byte below the range would
    // tell a negative length, which a string never counts down from and a list's end never meets.
    let short_length = local.byte - constant(0x80) - lists.scale(0x40);
    let slack = constant(0xff - MAX_SHORT_LENGTH)
        + items.long_integers().scale(MAX_SHORT_LENGTH - 32)
        + items.short_integers().scale(MAX_SHORT_LENGTH - 8);
    builder.assert_eq_when(
        "rlp/short length is in range",
        forms.short,
        local.bounded,
        short_length + slack,
    );
    builder.assert_eq_when(
        "rlp/short length",
        forms.short,
        local.left,
        short_length * lists.not(),
    );
    builder.assert_zero(
        "rlp/short list header ends item",
        forms.short * lists * local.item_end.not(),
    );

    // A long prefix tells 1 to 3 length bytes: more than 3 are excluded here, fewer than 1 are never counted down from.
    builder.assert_zero(
        "rlp/only lists and calldata are long",
        forms.long * (lists + items.data).not(),
    );
    builder.assert_eq_when(
        "rlp/long length",
        forms.long,
        local.left,
        local.byte - constant(0xb7) - lists.scale(0x40),
    );
    builder.assert_eq_when(
        "rlp/long length is in range",
        forms.long,
        local.bounded,
        local.left + constant(0xff - MAX_LENGTH_BYTES),
    );

    // Items of one length only.
    let prefix = forms.prefix();
    builder.assert_eq_when(
        "rlp/address has 20 bytes",
        (items.to + items.entry_address) * prefix,
        local.byte,
        constant(0x80 + 20),
    );
    builder.assert_eq_when(
        "rlp/key has 32 bytes",
        items.key * prefix,
        local.byte,
        constant(0x80 + 32),
    );
    builder.assert_eq_when(
        "rlp/closing zeros",
        items.first_zero + items.second_zero,
        local.byte,
        constant(0x80),
    );
}

/// After a prefix come the bytes that it tells, counted down by `left`.
///
/// A row that ends its item has `left` = 0, and nothing but the end of the item stops the countdown; so a run that misses
/// 0 would need as many rows as the field has elements.
pub(super) fn runs<B: ConstraintBuilder>(
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let (now, then) = (&local.forms, &next.forms);
    let one = B::X::one();
    let lists = local.items.lists();
    builder.assert_zero("rlp/item ends at zero left", local.item_end * local.left);
    builder.assert_zero("rlp/list has no content", now.content * lists);
    builder.assert_zero(
        "rlp/length does not end a string",
        local.item_end * now.length * lists.not(),
    );

    builder.assert_zero(
        "rlp/length follows long prefix",
        now.long * then.length.not(),
    );
    builder.assert_zero(
        "rlp/long prefix does not end item",
        now.long * local.item_end,
    );
    builder.assert_zero(
        "rlp/length goes on",
        then.length * (now.long + now.length).not(),
    );
    builder.assert_zero(
        "rlp/content goes on",
        then.content * (now.short + now.length + now.content).not(),
    );
    builder.assert_eq_when(
        "rlp/length countdown",
        then.length,
        next.left,
        local.left - one,
    );
    builder.assert_eq_when(
        "rlp/content countdown",
        then.content * now.length.not(),
        next.left,
        local.left - one,
    );
    builder.assert_zero(
        "rlp/length is complete",
        then.content * now.length * local.left,
    );
    builder.assert_eq_when(
        "rlp/content has the told length",
        then.content * now.length,
        next.left,
        local.payload_length - one,
    );
    let told_by_length = B::X::from_limbs(&local.register[..3], 8);
    let told_by_prefix = local.byte - B::X::from_u64(0xc0);
    builder.assert_eq(
        "rlp/payload length",
        local.payload_length,
        now.length * told_by_length + now.short * lists * told_by_prefix,
    );

    // The first row of a run, and whether it is the only one.
    builder.assert_eq(
        "rlp/first of run",
        next.first_of_run,
        now.short * then.content + now.long,
    );
    builder.assert_zero("rlp/only is zero left", local.only_of_run * local.left);
    builder.assert_eq(
        "rlp/only of run",
        local.left * local.left_inverse,
        local.first_of_run - local.only_of_run,
    );
    builder.assert_zero(
        "rlp/left inverse",
        (local.first_of_run - local.only_of_run).not() * local.left_inverse,
    );
}

/// The bytes themselves: canonical lengths and integers, and the register.
pub(super) fn contents<B: ConstraintBuilder>(
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let (items, forms) = (&local.items, &local.forms);
    let integers = items.short_integers() + items.long_integers();
    let integer_content = forms.content * integers;
    // The least first byte of a run, such that `bounded`, the byte minus it, is a byte: a length has no leading zero and
    // is at least 56; an integer has no leading zero; a string of one byte below 0x80 is encoded as itself.
    builder.assert_zero(
        "rlp/first byte is canonical",
        local.first_of_run * (local.bounded - local.byte + forms.length + integer_content)
            + local.only_of_run
                * (forms.length.scale(55) + forms.content.scale(0x80) - integer_content),
    );
    builder.assert_zero(
        "rlp/bounded is unused",
        (forms.length + forms.content - local.first_of_run) * local.bounded,
    );

    builder.assert_zero("rlp/zero byte", local.byte * local.is_zero);
    builder.assert_eq(
        "rlp/non-zero byte",
        local.byte * local.byte_inverse,
        forms.active() - local.is_zero,
    );
    builder.assert_zero("rlp/byte inverse", local.is_zero * local.byte_inverse);

    builder.assert_eq(
        "rlp/register takes byte",
        local.register[0],
        (forms.single + forms.length + forms.content) * local.byte,
    );
    for (&older, &newer) in next.register[1..].iter().zip(&local.register) {
        builder.assert_eq(
            "rlp/register shifts",
            older,
            (next.forms.length + next.forms.content) * newer,
        );
    }
}
