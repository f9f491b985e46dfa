//! Constraints and messages of `account_read`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::COLD_GAS;
use super::columns::AccountReadColumns;
use crate::access::{pop, push};
use crate::bus::Message;
use crate::delegated::After;
use crate::event::opcode::{BALANCE, EXTCODEHASH, EXTCODESIZE, SELFBALANCE, gas_of};
use crate::tables::evm::LAST_INDEX;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountRead;

impl Table for AccountRead {
    fn name(&self) -> &'static str {
        "account_read"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<AccountReadColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &AccountReadColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        address(local, builder);
        account(local, builder);
        result(local, builder);
    }
}

/// Whether the row is a step that takes an address.
fn asks<X: Expression>(local: &AccountReadColumns<X>) -> X {
    local.balance + local.size + local.hash
}

/// Whether the row is a step.
fn used<X: Expression>(local: &AccountReadColumns<X>) -> X {
    asks(local) + local.own
}

/// What this number of each opcode adds up to.
fn of_opcode<X: Expression>(local: &AccountReadColumns<X>, number: impl Fn(u8) -> u64) -> X {
    local.balance.scale(number(BALANCE))
        + local.size.scale(number(EXTCODESIZE))
        + local.hash.scale(number(EXTCODEHASH))
        + local.own.scale(number(SELFBALANCE))
}

fn flags<B: ConstraintBuilder>(local: &AccountReadColumns<B::X>, builder: &mut B) {
    for flag in [local.balance, local.size, local.hash, local.own] {
        builder.assert_bool("account_read/opcode", flag);
    }
    builder.assert_bool("account_read/one opcode", used(local));
    builder.assert_bool("account_read/done", local.done);
    let unused = used(local).not();
    builder.assert_zero("account_read/done used", local.done * unused);
}

/// The step is paid for, or the gas is missing.
fn step<B: ConstraintBuilder>(local: &AccountReadColumns<B::X>, builder: &mut B) {
    let lacks = used(local) - local.done;
    let cold = asks(local) * local.account.was_warm.not();
    let cost = of_opcode(local, gas_of) + cold.scale(COLD_GAS);
    let after = After {
        sp: local.step.sp + local.own,
        writes: local.step.writes + B::X::one(),
        ..local.step.paid(cost)
    };
    let opcode = of_opcode(local, u64::from);
    local.step.goes_on(builder, local.done, opcode, after);
    local.step.halts(builder, lacks, opcode);
    let missing = cost - local.step.gas() - B::X::one();
    builder.assert_zero("account_read/lacks", lacks * (missing - local.missing));
    let value = local.missing;
    builder.send(Message::U16 { value }, lacks);
}

/// Which account.
fn address<B: ConstraintBuilder>(local: &AccountReadColumns<B::X>, builder: &mut B) {
    let (frame, clock, asks) = (local.step.frame, local.step.clock, asks(local));
    let top = local.step.sp - B::X::one();
    let (operand, pushed) = (local.operand, local.operand_pushed);
    pop(builder, asks, frame, top, operand, pushed, clock);
    for (limb, operand) in local.address.into_iter().zip(operand) {
        builder.assert_eq_when("account_read/address", asks, limb, operand);
    }
    let context = &local.context;
    let own = Message::FrameContext {
        frame,
        transaction: context.transaction,
        depth: context.depth,
        is_static: context.is_static,
        address: local.address,
        undone_at: context.undone_at,
    };
    builder.send(own, local.own);
}

/// What it is.
fn account<B: ConstraintBuilder>(local: &AccountReadColumns<B::X>, builder: &mut B) {
    let (clock, frame, address) = (local.step.clock, local.step.frame, local.address);
    let account = &local.account;
    let accessed = Message::AccountAccess {
        clock,
        frame,
        number: local.step.writes + B::X::one(),
        address,
        was_warm: account.was_warm,
        exists: account.exists,
        is_precompile: account.is_precompile,
        balance: account.balance,
        code: account.code,
    };
    builder.send(accessed, local.done);
    let viewed = Message::AccountView {
        clock,
        frame,
        address,
        was_warm: account.was_warm,
        exists: account.exists,
    };
    builder.send(viewed, asks(local) * local.done.not());
    let identity = Message::CodeIdentity {
        digest: account.code,
        keccak: account.keccak,
        size: account.size,
    };
    builder.send(identity, (local.size + local.hash) * local.done);
}

/// What is pushed.
fn result<B: ConstraintBuilder>(local: &AccountReadColumns<B::X>, builder: &mut B) {
    let account = &local.account;
    let balance = local.balance + local.own;
    for (limb, result) in local.result.into_iter().enumerate() {
        let expected = account.balance[limb];
        builder.assert_eq_when("account_read/balance", balance, result, expected);
        let zero = B::X::zero();
        let size = if limb == 0 { account.size } else { zero };
        builder.assert_eq_when("account_read/size", local.size, result, size);
        let hash = account.exists * account.keccak[limb];
        builder.assert_zero("account_read/hash", local.hash * (result - hash));
    }
    let (frame, clock) = (local.step.frame, local.step.clock);
    let index = local.step.sp + local.own - B::X::one();
    push(builder, local.done, frame, index, local.result, clock);
    let room = B::X::from_u64(LAST_INDEX) - index;
    builder.send(Message::U16 { value: room }, local.own * local.done);
}
