//! Filling `account_read`.

use std::collections::HashMap;

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::COLD_GAS;
use super::columns::{AccountReadColumns, ReadAccount, ReadingFrame};
use crate::access::AccountFields;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::Account;
use crate::event::opcode::{BALANCE, EXTCODEHASH, EXTCODESIZE, SELFBALANCE, gas_of};
use crate::event::trace::Halt;
use crate::execution::{
    AccountTouch, AccountUse, Execution, PerformedFrame, PerformedStep, reads_account,
};
use crate::word::{address, word};

/// Whether this table does the step, or shows that it lacks gas.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    reads_account(step.opcode) && matches!(step.halt, None | Some(Halt::OutOfGas))
}

/// A row for each step that this table does, or shows to lack gas.
///
/// # Errors
/// [`Error::Events`] when a step does what its opcode cannot do.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let touches = execution.accounts.touches.iter();
    let touches = touches.filter(|touch| matches!(touch.by, AccountUse::Step | AccountUse::View));
    let touches: HashMap<u64, &AccountTouch> = touches.map(|touch| (touch.clock, touch)).collect();
    let mut trace = Trace::new(AccountReadColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        if has_row(step) {
            let frame = execution.frame(step.frame)?;
            let touch = touches.get(&step.clock).copied();
            fill(trace.push(), step, frame, touch).ok_or_else(|| step.refused())?;
        }
    }
    Ok(trace)
}

/// Fills a row; `None` if the step is another.
fn fill(
    row: &mut AccountReadColumns<Felt>,
    step: &PerformedStep,
    frame: &PerformedFrame,
    touch: Option<&AccountTouch>,
) -> Option<()> {
    let flag = match step.opcode {
        BALANCE => &mut row.balance,
        EXTCODESIZE => &mut row.size,
        EXTCODEHASH => &mut row.hash,
        SELFBALANCE => &mut row.own,
        _ => return None,
    };
    *flag = Felt::ONE;
    row.step = Delegated::of(step);
    if let Some(operand) = step.popped.first() {
        row.operand = word(operand.value);
        row.operand_pushed = Felt::from_noncanonical_u64(operand.pushed);
        let (address, _) = row.operand.split_first_chunk()?;
        row.address = *address;
    } else {
        row.address = address(frame.address);
        row.context = context(frame);
    }
    let own = step.opcode == SELFBALANCE;
    let warm = own || touch?.was_warm();
    let cost = gas_of(step.opcode) + if warm { 0 } else { COLD_GAS };
    if let Some(touch) = touch {
        row.account = account(touch);
    }
    if step.halt.is_some() {
        let missing = cost.checked_sub(step.before.gas + 1)?;
        row.missing = Felt::from_noncanonical_u64(missing);
    } else {
        row.done = Felt::ONE;
        if step.after?.gas + cost != step.before.gas {
            return None;
        }
    }
    row.result = match step.opcode {
        BALANCE | SELFBALANCE => row.account.balance,
        EXTCODESIZE => {
            let mut size = [Felt::ZERO; 8];
            size[0] = row.account.size;
            size
        }
        _ => row.account.keccak.map(|limb| limb * row.account.exists),
    };
    let pushed = step.pushed.map(word);
    (step.halt.is_some() || pushed == Some(row.result)).then_some(())
}

fn context(frame: &PerformedFrame) -> ReadingFrame<Felt> {
    let felt = Felt::from_noncanonical_u64;
    ReadingFrame {
        transaction: felt(frame.transaction),
        depth: felt(frame.depth),
        is_static: Felt::from_bool(frame.is_static),
        undone_at: felt(frame.undone_at),
    }
}

fn account(touch: &AccountTouch) -> ReadAccount<Felt> {
    let Account { balance, code, .. } = touch.before.account;
    let fields = AccountFields::from(&touch.before.account);
    ReadAccount {
        was_warm: Felt::from_bool(touch.was_warm()),
        exists: Felt::from_bool(!touch.before.account.is_empty()),
        is_precompile: Felt::from_bool(touch.is_precompile),
        balance: word(balance),
        code: fields.code,
        keccak: word(code.keccak.into()),
        size: Felt::from_canonical_u32(code.size),
    }
}
