//! Constraints and messages of `cells`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::CellsColumns;
use crate::bus::Message;
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cells;

impl Table for Cells {
    fn name(&self) -> &'static str {
        "cells"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CellsColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        flags(&row, builder);
        order(&row, builder);
        versions(row.local(), builder);
    }
}

/// Words come first, and a frame goes on only where there is one.
fn flags<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CellsColumns<B::X> = row.local();
    let next: &CellsColumns<B::X> = row.next();
    builder.assert_bool("cells/used", local.used);
    builder.assert_bool("cells/continues", local.continues);
    builder.assert_zero("cells/continues used", local.continues * local.used.not());
    builder.assert_zero("cells/continues first", row.first * local.continues);
    let appears = next.used * local.used.not();
    builder.assert_zero("cells/gap", row.transition * appears);
}

/// Each word is after the one before.
fn order<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CellsColumns<B::X> = row.local();
    let next: &CellsColumns<B::X> = row.next();
    let one = B::X::one();
    builder.assert_eq_when("cells/frame", next.continues, next.frame, local.frame);
    let above = next.continues * (local.index + one);
    let gap = B::X::from_limbs(&next.gap, 16);
    builder.assert_eq("cells/index", next.index, above + gap);
    for value in local.gap {
        builder.send(Message::U16 { value }, local.used);
    }
    let value = next.frame - local.frame - one;
    let opens = next.used - next.continues;
    builder.send(Message::Clock { value }, row.transition * opens);
}

fn versions<B: ConstraintBuilder>(local: &CellsColumns<B::X>, builder: &mut B) {
    let (frame, index) = (local.frame, local.index);
    let first = Message::MemoryWord {
        frame,
        index,
        value: widen(&[]),
        timestamp: B::X::zero(),
    };
    builder.send(first, local.used);
    let last = Message::MemoryWord {
        frame,
        index,
        value: local.last,
        timestamp: local.accessed,
    };
    builder.receive(last, local.used);
}
