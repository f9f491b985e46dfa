//! Constraints and messages of `refund`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Row, Table};

use super::columns::RefundColumns;
use crate::access::{is_earlier, writes_at};
use crate::bus::Message;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refund;

impl Table for Refund {
    fn name(&self) -> &'static str {
        "refund"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<RefundColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &RefundColumns<B::X> = row.local();
        let used = local.used;
        builder.assert_bool("refund/used", used);
        let claim = Message::Refund {
            clock: local.clock,
            transaction: local.transaction,
            undone_at: local.undone_at,
            number: local.number,
            change: local.change,
        };
        builder.receive(claim, used);
        let version = |refund, timestamp| Message::RefundVersion {
            transaction: local.transaction,
            refund,
            timestamp,
        };
        let (before, after) = (local.before, local.before + local.change);
        let now = writes_at(local.clock);
        is_earlier(builder, used, local.accessed, now);
        builder.receive(version(before, local.accessed), used);
        builder.send(version(after, now), used);

        let undoing = &local.undoing;
        undoing.constrain(builder, "refund/undone", used, local.undone_at);
        let undone = undoing.undone;
        let then = local.undone_at - local.number;
        is_earlier(builder, undone, undoing.accessed, then);
        builder.receive(version(after, undoing.accessed), undone);
        builder.send(version(before, then), undone);
    }
}
