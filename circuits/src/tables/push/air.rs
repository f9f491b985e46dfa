//! Constraints and messages.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::PushColumns;
use crate::bus::Message;
use crate::event::opcode::{PC, PUSH0};
use crate::word::{WORD_LIMBS, widen};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Push;

impl Table for Push {
    fn name(&self) -> &'static str {
        "push"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<PushColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let limb = B::X::from_limbs(&row.local::<PushColumns<B::X>>().bytes, 8);
        runs(&row, limb, builder);
        let local = row.local();
        bytes(local, builder);
        value(local, limb, builder);
    }
}

/// A row that continues hands on what it has made to the next, which takes a whole limb; others hand on nothing.
fn runs<B: ConstraintBuilder>(row: &Row<'_, B::X>, limb: B::X, builder: &mut B) {
    let local: &PushColumns<B::X> = row.local();
    let next: &PushColumns<B::X> = row.next();
    let continues = local.continues;
    builder.assert_bool("push/continues", continues);
    builder.assert_zero("push/continues_last", row.last * continues);
    builder.assert_eq_when("push/same_code", continues, next.code, local.code);
    builder.assert_eq_when("push/same_pc", continues, next.pc, local.pc);
    let [.., whole] = next.takes;
    builder.assert_zero("push/whole_limb", continues * whole.not());
    let takes: B::X = next.takes.into_iter().sum();
    builder.assert_eq("push/taken", next.taken, continues * local.taken + takes);
    let made = core::iter::once(limb).chain(local.high);
    for (handed_on, made) in next.high.into_iter().zip(made) {
        builder.assert_eq("push/high", handed_on, continues * made);
    }
}

/// The bytes that are taken are the code's; the others are zero, or the position for PC.
fn bytes<B: ConstraintBuilder>(local: &PushColumns<B::X>, builder: &mut B) {
    let is_pc = local.is_pc;
    builder.assert_bool("push/is_pc", is_pc);
    let [takes_any, ..] = local.takes;
    builder.assert_zero("push/pc_takes", is_pc * takes_any);
    builder.assert_zero("push/pc_continues", is_pc * local.continues);
    let mut below = B::X::one();
    let mut otherwise = is_pc * local.pc;
    for (offset, (takes, byte)) in (0..).zip(local.takes.into_iter().zip(local.bytes)) {
        builder.assert_bool("push/takes", takes);
        builder.assert_zero("push/takes_order", takes * below.not());
        builder.assert_eq("push/untaken", byte * takes.not(), otherwise);
        let position = local.pc + local.taken - B::X::from_u64(offset);
        let code = local.code;
        let asked = Message::CodeByte {
            code,
            position,
            byte,
        };
        builder.send(asked, takes);
        below = takes;
        otherwise = B::X::zero();
    }
}

/// The value is offered; there is a PUSH with so many bytes of data.
fn value<B: ConstraintBuilder>(local: &PushColumns<B::X>, limb: B::X, builder: &mut B) {
    let (push0, pc) = (u64::from(PUSH0), u64::from(PC));
    let opcode = B::X::from_u64(push0) + local.taken;
    let [takes_any, ..] = local.takes;
    let asked = Message::PushLength {
        opcode,
        length: local.taken,
    };
    builder.send(asked, takes_any);
    let mut c = [limb; WORD_LIMBS];
    c[1..].copy_from_slice(&local.high);
    let offered = Message::Compute {
        opcode: opcode - local.is_pc.scale(push0 - pc),
        a: widen(&[local.pc, local.code]),
        b: widen(&[]),
        c,
    };
    builder.receive(offered, local.count);
}
