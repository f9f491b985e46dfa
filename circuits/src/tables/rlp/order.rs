//! Constraints on the order of items: see [`super::Rlp`].

use braid_stark::{ConstraintBuilder, Expression};

use super::columns::RlpColumns;

/// Items come in the order of the kind. Each item is either the one of the row before, if that row did not end it, or
/// the one that follows it.
pub(super) fn sequence_of_items<B: ConstraintBuilder>(
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let typed = local.typed();
    let legacy = typed.not();
    let dynamic = local.dynamic_fee_kind;
    let (now, then) = (&local.items, &next.items);
    let ends = local.item_end;
    let stays = local.forms.active() - ends;

    builder.assert_eq(
        "rlp/type byte comes first",
        then.type_byte,
        next.start * next.typed(),
    );
    builder.assert_eq(
        "rlp/order of items",
        then.published_header,
        stays * now.published_header + ends * now.type_byte + next.start * next.typed().not(),
    );
    for (item, before, what_ends) in [
        (
            then.signing_header,
            now.signing_header,
            now.published_header,
        ),
        (then.chain_id, now.chain_id, now.signing_header * typed),
        (
            then.nonce,
            now.nonce,
            now.signing_header * legacy + now.chain_id,
        ),
        (
            then.max_priority_fee,
            now.max_priority_fee,
            now.nonce * dynamic,
        ),
        (
            then.max_fee,
            now.max_fee,
            now.nonce * dynamic.not() + now.max_priority_fee,
        ),
        (then.gas_limit, now.gas_limit, now.max_fee),
        (then.to, now.to, now.gas_limit),
        (then.value, now.value, now.to),
        (then.data, now.data, now.value),
        (then.access_header, now.access_header, now.data * typed),
        (then.entry_address, now.entry_address, now.entry_header),
        (then.keys_header, now.keys_header, now.entry_address),
        (then.r, now.r, now.v),
        (then.s, now.s, now.r),
        (
            then.signing_chain_id,
            now.signing_chain_id,
            now.s * (local.protected - typed),
        ),
        (then.first_zero, now.first_zero, now.signing_chain_id),
        (then.second_zero, now.second_zero, now.first_zero),
    ] {
        builder.assert_eq(
            "rlp/order of items",
            item,
            stays * before + ends * what_ends,
        );
    }
    // Three items leave a choice. It is settled by positions, see `access_list`. After legacy calldata there is none:
    // all but `v` are excluded, and there is exactly one item.
    for (item, before, what_ends) in [
        (then.key, now.key, now.keys()),
        (
            then.entry_header,
            now.entry_header,
            now.access_header + now.keys(),
        ),
        (then.v, now.v, now.access_header + now.keys() + now.data),
    ] {
        builder.assert_eq_when("rlp/item goes on", stays, item, before);
        builder.assert_zero("rlp/order of items", ends * item * what_ends.not());
    }
}

/// The access list and its entries end exactly where their headers tell. Positions only grow, so that an end that is
/// passed by, or told to lie behind, is never met, and the list could not be left.
pub(super) fn access_list<B: ConstraintBuilder>(
    local: &RlpColumns<B::X>,
    next: &RlpColumns<B::X>,
    builder: &mut B,
) {
    let (now, then) = (&local.items, &next.items);
    let after = local.published_position + B::X::one();
    builder.assert_eq_when(
        "rlp/access list length",
        local.item_end * now.access_header,
        local.access_end,
        after + local.payload_length,
    );
    builder.assert_eq_when(
        "rlp/entry length",
        local.item_end * now.entry_header,
        local.entry_end,
        after + local.payload_length,
    );
    // The list of keys is the entry's last item: both end at the same place.
    builder.assert_eq_when(
        "rlp/keys length",
        local.item_end * now.keys_header,
        local.entry_end,
        after + local.payload_length,
    );
    builder.assert_eq_when(
        "rlp/entry ends",
        now.keys() * (then.entry_header + then.v),
        local.entry_end,
        after,
    );
    builder.assert_eq_when(
        "rlp/access list ends",
        (now.access_header + now.keys()) * then.v,
        local.access_end,
        after,
    );
    builder.assert_zero(
        "rlp/entry end changes with the entry",
        (next.continues() - then.entry_header * next.forms.prefix())
            * (next.entry_end - local.entry_end),
    );
    builder.assert_zero(
        "rlp/entry end starts at zero",
        local.start * local.entry_end,
    );
}
