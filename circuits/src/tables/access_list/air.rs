//! Constraints and messages of `access_list`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::AccessListColumns;
use crate::access::{AccountFields, SlotFields, SlotPlace, StampedFields, is_earlier};
use crate::bus::{Message, field};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessListTable;

impl Table for AccessListTable {
    fn name(&self) -> &'static str {
        "access_list"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<AccessListColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &AccessListColumns<B::X> = row.local();
        let next: &AccessListColumns<B::X> = row.next();
        builder.assert_bool("access_list/account", local.account);
        builder.assert_bool("access_list/key", local.key);
        builder.assert_bool("access_list/one kind", used(local));
        follows(local, next, builder);
        entry(local, builder);
        is_earlier(builder, used(local), local.accessed, time(local));
        account(local, builder);
        slot(local, builder);
    }
}

/// Whether the row is an entry.
fn used<X: Expression>(local: &AccessListColumns<X>) -> X {
    local.account + local.key
}

/// When the entry is accessed.
fn time<X: Expression>(local: &AccessListColumns<X>) -> X {
    local.start + local.index
}

/// 1 plus the transaction.
fn stamp<X: Expression>(local: &AccessListColumns<X>) -> X {
    local.transaction + X::one()
}

/// The next row is the first of a run, or has the next entry of the same list.
fn follows<B: ConstraintBuilder>(
    local: &AccessListColumns<B::X>,
    next: &AccessListColumns<B::X>,
    builder: &mut B,
) {
    let later = next.index;
    builder.assert_zero("access_list/after an entry", later * used(local).not());
    let index = local.index + B::X::one();
    builder.assert_eq_when("access_list/next entry", later, next.index, index);
    builder.assert_eq_when(
        "access_list/transaction",
        later,
        next.transaction,
        local.transaction,
    );
    for (address, before) in next.address.into_iter().zip(local.address) {
        builder.assert_eq_when("access_list/same address", next.key, address, before);
    }
}

/// The entry is as it was read, and its list begins when it does.
fn entry<B: ConstraintBuilder>(local: &AccessListColumns<B::X>, builder: &mut B) {
    let kinds = [
        (local.account, field::LISTED_ADDRESS),
        (local.key, field::LISTED_KEY),
    ];
    let read = Message::TransactionField {
        ordinal: local.transaction,
        field: kinds.map(|(flag, kind)| flag.scale(kind)).into_iter().sum(),
        bytes: local.bytes,
        entries: local.index + B::X::one(),
        value: local.entry,
    };
    builder.receive(read, used(local));
    // An address that was read has nothing above.
    for (limb, read) in local.address.into_iter().zip(local.entry) {
        builder.assert_eq_when("access_list/address", local.account, limb, read);
    }
    let start = Message::AccessListStart {
        transaction: local.transaction,
        timestamp: local.start,
    };
    builder.receive(start, used(local));
}

/// The account is as before, and of this transaction.
fn account<B: ConstraintBuilder>(local: &AccessListColumns<B::X>, builder: &mut B) {
    let [low, high, code @ .., _, _] = local.rest;
    let before = StampedFields {
        account: AccountFields {
            nonce: [low, high],
            balance: local.amount,
            code,
        },
        transaction: local.stamp,
    };
    let after = StampedFields {
        transaction: stamp(local),
        ..before
    };
    let version = before.version(local.address, local.accessed);
    builder.receive(version, local.account);
    let version = after.version(local.address, time(local));
    builder.send(version, local.account);
}

/// The slot has the value that it had, which is the original one now, and is of this transaction.
fn slot<B: ConstraintBuilder>(local: &AccessListColumns<B::X>, builder: &mut B) {
    let place = SlotPlace {
        space: B::X::zero(),
        address: local.address,
        slot: local.entry,
    };
    let before = SlotFields {
        value: local.amount,
        original: local.rest,
        transaction: local.stamp,
    };
    let after = SlotFields {
        value: local.amount,
        original: local.amount,
        transaction: stamp(local),
    };
    builder.receive(place.version(&before, local.accessed), local.key);
    builder.send(place.version(&after, time(local)), local.key);
}
