//! Constraints and messages of `transfer`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{Side, TransferColumns};
use crate::access::{
    AccountFields, StampedAccess, StampedFields, access_stamped, reads_at, undo_stamped, writes_at,
};
use crate::bus::Message;
use crate::word::Word;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransferTable;

impl Table for TransferTable {
    fn name(&self) -> &'static str {
        "transfer"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<TransferColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &TransferColumns<B::X> = row.local();
        for flag in [local.moves, local.enough, local.lacks, used(local)] {
            builder.assert_bool("transfer/used", flag);
        }
        claims(local, builder);
        amounts(local, builder);
        accesses(local, builder);
    }
}

fn used<X: Expression>(local: &TransferColumns<X>) -> X {
    local.moves + local.enough + local.lacks
}

fn claims<B: ConstraintBuilder>(local: &TransferColumns<B::X>, builder: &mut B) {
    let (opened, frame, value) = (local.opened, local.frame, local.value);
    let transfer = Message::Transfer {
        opened,
        frame,
        writes: local.writes,
        from: local.payer.address,
        to: local.payee.address,
        value,
    };
    builder.receive(transfer, local.moves);
    let funds = Message::Funds {
        clock: opened,
        address: local.payer.address,
        value,
        enough: local.enough,
    };
    builder.receive(funds, local.enough + local.lacks);
    let context = Message::FrameUndone {
        frame,
        transaction: local.transaction,
        undone_at: local.undone_at,
    };
    builder.send(context, local.moves);
}

fn amounts<B: ConstraintBuilder>(local: &TransferColumns<B::X>, builder: &mut B) {
    let (value, difference) = (local.value, local.difference);
    let has = local.payer.before.account.balance;
    let left = Message::Add {
        a: difference,
        b: value,
        c: has,
    };
    builder.send(left, local.moves + local.enough);
    let missing = Message::Add {
        a: difference,
        b: has,
        c: value,
    };
    builder.send(missing, local.lacks);
    let sum: B::X = difference.into_iter().sum();
    let shown = sum * local.inverse;
    builder.assert_eq_when("transfer/lacks", local.lacks, shown, B::X::one());
    let paid = Message::Add {
        a: local.payee.before.account.balance,
        b: value,
        c: local.balance,
    };
    builder.send(paid, local.moves);
}

/// A side's access that leaves this balance.
fn access<X: Expression>(side: &Side<X>, balance: Word<X>, timestamp: X) -> StampedAccess<X> {
    StampedAccess {
        address: side.address,
        before: side.before,
        accessed: side.accessed,
        after: StampedFields {
            account: AccountFields {
                balance,
                ..side.before.account
            },
            transaction: side.before.transaction,
        },
        timestamp,
    }
}

/// The accesses, and their undoing.
fn accesses<B: ConstraintBuilder>(local: &TransferColumns<B::X>, builder: &mut B) {
    let (payer, payee) = (&local.payer, &local.payee);
    let reads = reads_at(local.opened);
    let kept = access(payer, payer.before.account.balance, reads);
    access_stamped(builder, local.enough + local.lacks, &kept);
    let debit = access(payer, local.difference, reads);
    let credit = access(payee, local.balance, writes_at(local.opened));
    for (number, (side, access)) in (1..).zip([(payer, debit), (payee, credit)]) {
        access_stamped(builder, local.moves, &access);
        let undone_at = local.undone_at;
        side.undoing
            .constrain(builder, "transfer/undo", local.moves, undone_at);
        let timestamp = undone_at - local.writes - B::X::from_u64(number);
        undo_stamped(builder, &side.undoing, &access, timestamp);
    }
}
