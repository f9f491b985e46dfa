//! Constraints and messages of `account`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::AccountColumns;
use crate::access::{StampedAccess, StampedFields, access_stamped, reads_at, undo_stamped};
use crate::bus::Message;
use crate::state_hash::EMPTY_CODE_DIGEST;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountTable;

impl Table for AccountTable {
    fn name(&self) -> &'static str {
        "account"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<AccountColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &AccountColumns<B::X> = row.local();
        for flag in [local.accesses, local.views, used(local)] {
            builder.assert_bool("account/used", flag);
        }
        claim(local, builder);
        access(local, builder);
        warm(local, builder);
        exists(local, builder);
        kind(local, builder);
    }
}

fn used<X: Expression>(local: &AccountColumns<X>) -> X {
    local.accesses + local.views
}

fn claim<B: ConstraintBuilder>(local: &AccountColumns<B::X>, builder: &mut B) {
    let is_precompile = local.is_precompile;
    // Where both are 1, the product is taken off again.
    let was_warm = local.stamped + is_precompile - local.stamped * is_precompile;
    let (clock, frame, address, exists) = (local.clock, local.frame, local.address, local.exists);
    let accessed = Message::AccountAccess {
        clock,
        frame,
        number: local.number,
        address,
        was_warm,
        exists,
        is_precompile,
        balance: local.before.account.balance,
        code: local.before.account.code,
    };
    builder.receive(accessed, local.accesses);
    let viewed = Message::AccountView {
        clock,
        frame,
        address,
        was_warm,
        exists,
    };
    builder.receive(viewed, local.views);
    let context = Message::FrameUndone {
        frame,
        transaction: local.transaction,
        undone_at: local.undone_at,
    };
    builder.send(context, used(local));
}

/// The access, and its undoing.
fn access<B: ConstraintBuilder>(local: &AccountColumns<B::X>, builder: &mut B) {
    let stamp = local.transaction + B::X::one();
    let kept = local.before.transaction;
    let access = StampedAccess {
        address: local.address,
        before: local.before,
        accessed: local.accessed,
        after: StampedFields {
            account: local.before.account,
            transaction: kept + local.accesses * (stamp - kept),
        },
        timestamp: reads_at(local.clock),
    };
    access_stamped(builder, used(local), &access);
    local
        .undoing
        .constrain(builder, "account/undo", local.accesses, local.undone_at);
    let undone = StampedAccess {
        after: StampedFields {
            account: local.before.account,
            transaction: stamp,
        },
        ..access
    };
    let timestamp = local.undone_at - local.number;
    undo_stamped(builder, &local.undoing, &undone, timestamp);
}

/// Whether the transaction has accessed it before.
fn warm<B: ConstraintBuilder>(local: &AccountColumns<B::X>, builder: &mut B) {
    builder.assert_bool("account/stamped", local.stamped);
    let difference = local.before.transaction - local.transaction - B::X::one();
    builder.assert_zero("account/warm", local.stamped * difference);
    let cold = used(local) - local.stamped;
    let shown = difference * local.stamp_inverse;
    builder.assert_eq_when("account/cold", cold, shown, B::X::one());
    let unused = used(local).not();
    builder.assert_zero("account/stamped unused", unused * local.stamped);
}

/// Whether it is empty (EIP-161).
fn exists<B: ConstraintBuilder>(local: &AccountColumns<B::X>, builder: &mut B) {
    let account = &local.before.account;
    builder.assert_bool("account/exists", local.exists);
    let limbs = account.nonce.into_iter().chain(account.balance);
    let sum: B::X = limbs.sum();
    let empty = used(local) - local.exists;
    builder.assert_zero("account/exists unused", used(local).not() * local.exists);
    builder.assert_zero("account/empty", empty * sum);
    let [factor, factors @ ..] = local.factors;
    let mut shown = sum * factor;
    let digest = account.code.into_iter().zip(EMPTY_CODE_DIGEST);
    for ((element, none), factor) in digest.zip(factors) {
        let difference = element - B::X::from_u64(none);
        builder.assert_zero("account/empty", empty * difference);
        shown = shown + difference * factor;
    }
    builder.assert_eq_when("account/not empty", local.exists, shown, B::X::one());
}

/// Whether it is a precompile by the rules.
fn kind<B: ConstraintBuilder>(local: &AccountColumns<B::X>, builder: &mut B) {
    let used = used(local);
    local.rules.constrain(builder, "account/rules");
    let rules = local.rules.number();
    builder.send(Message::Rules { rules }, used);
    builder.assert_bool("account/low", local.is_low);
    let (kind, where_it_is) = (&local.kind, (used, local.is_low));
    let shown = kind.constrain(builder, &local.address, where_it_is, &local.rules);
    builder.assert_eq("account/precompile", local.is_precompile, shown);
}
