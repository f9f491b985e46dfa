//! Constraints and messages of `environment`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::EnvironmentColumns;
use crate::bus::Message;
use crate::event::opcode::{ADDRESS, CALLDATASIZE, CALLER, CALLVALUE, CODESIZE, GASPRICE, ORIGIN};
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvironmentTable;

impl Table for EnvironmentTable {
    fn name(&self) -> &'static str {
        "environment"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<EnvironmentColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &EnvironmentColumns<B::X> = row.local();
        let opcodes = opcodes(local);
        for (flag, _) in opcodes {
            builder.assert_bool("environment/opcode", flag);
        }
        let used: B::X = opcodes.into_iter().map(|(flag, _)| flag).sum();
        builder.assert_bool("environment/one opcode", used);
        builder.assert_zero("environment/count", local.count * used.not());
        claim(local, builder);
        frame(local, builder);
        beyond(local, builder);
    }
}

/// The flags with their opcodes.
fn opcodes<X: Copy>(local: &EnvironmentColumns<X>) -> [(X, u8); 7] {
    [
        (local.is_address, ADDRESS),
        (local.is_caller, CALLER),
        (local.is_value, CALLVALUE),
        (local.is_input_size, CALLDATASIZE),
        (local.is_code_size, CODESIZE),
        (local.is_origin, ORIGIN),
        (local.is_gas_price, GASPRICE),
    ]
}

/// What is claimed.
fn claim<B: ConstraintBuilder>(local: &EnvironmentColumns<B::X>, builder: &mut B) {
    let is_account = local.is_address + local.is_caller;
    let is_amount = local.is_value + local.is_origin + local.is_gas_price;
    let is_size = local.is_input_size + local.is_code_size;
    let mut c = local.amount.map(|limb| is_amount * limb);
    for (limb, account) in c.iter_mut().zip(local.account) {
        *limb = *limb + is_account * account;
    }
    c[0] = c[0] + is_size * local.size;
    let opcodes = opcodes(local).into_iter();
    let claim = Message::Compute {
        opcode: opcodes.map(|(flag, of)| flag.scale(u64::from(of))).sum(),
        a: widen(&[local.frame]),
        b: widen(&[]),
        c,
    };
    builder.receive(claim, local.count);
}

/// What the frame says.
fn frame<B: ConstraintBuilder>(local: &EnvironmentColumns<B::X>, builder: &mut B) {
    let frame = local.frame;
    let asked = Message::FrameContext {
        frame,
        transaction: local.transaction,
        depth: local.depth,
        is_static: local.is_static,
        address: local.account,
        undone_at: local.undone_at,
    };
    builder.send(asked, local.is_address);
    let asked = Message::FrameCaller {
        frame,
        caller: local.account,
        value: local.amount,
    };
    builder.send(asked, local.is_caller + local.is_value);
    let asked = Message::FrameInput {
        frame,
        input_frame: local.input_frame,
        offset: local.input_offset,
        length: local.size,
        transaction: local.transaction,
    };
    let of_transaction = local.is_origin + local.is_gas_price;
    builder.send(asked, local.is_input_size + of_transaction);
    let code = local.code;
    builder.send(Message::FrameCode { frame, code }, local.is_code_size);
}

/// What the frame's transaction and code say.
fn beyond<B: ConstraintBuilder>(local: &EnvironmentColumns<B::X>, builder: &mut B) {
    let asked = Message::CodeLength {
        code: local.code,
        size: local.size,
    };
    builder.send(asked, local.is_code_size);
    let opcodes = [(local.is_origin, ORIGIN), (local.is_gas_price, GASPRICE)].into_iter();
    let asked = Message::TransactionValue {
        transaction: local.transaction,
        opcode: opcodes.map(|(flag, of)| flag.scale(u64::from(of))).sum(),
        value: local.amount,
    };
    builder.send(asked, local.is_origin + local.is_gas_price);
}
