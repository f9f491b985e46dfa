//! Constraints and messages of `register`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::RegisterColumns;
use crate::access::push;
use crate::bus::Message;
use crate::delegated::After;
use crate::event::opcode::{GAS, MSIZE, gas_of};
use crate::execution::WORD_BYTES;
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::range_check_when;
use crate::tables::evm::LAST_INDEX;
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Register;

impl Table for Register {
    fn name(&self) -> &'static str {
        "register"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<RegisterColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &RegisterColumns<B::X> = row.local();
        let used = local.gas + local.size;
        for flag in [local.gas, local.size] {
            builder.assert_bool("register/opcode", flag);
        }
        builder.assert_bool("register/one opcode", used);
        builder.assert_bool("register/done", local.done);
        builder.assert_zero("register/done used", local.done * used.not());
        step(local, builder);
        pushed(local, builder);
    }
}

/// What this number of each opcode adds up to.
fn of_opcode<X: Expression>(local: &RegisterColumns<X>, number: impl Fn(u8) -> u64) -> X {
    local.gas.scale(number(GAS)) + local.size.scale(number(MSIZE))
}

/// The step is paid for, or the gas is missing.
fn step<B: ConstraintBuilder>(local: &RegisterColumns<B::X>, builder: &mut B) {
    let one = B::X::one();
    let lacks = local.gas + local.size - local.done;
    let cost = of_opcode(local, gas_of);
    let after = After {
        sp: local.step.sp + one,
        ..local.step.paid(cost)
    };
    let opcode = of_opcode(local, u64::from);
    local.step.goes_on(builder, local.done, opcode, after);
    local.step.halts(builder, lacks, opcode);
    let shown = gas_of_limbs(local.limbs, TOP);
    let missing = cost - local.step.gas() - one;
    builder.assert_eq_when("register/lacks", lacks, missing, shown);
    let [.., most] = local.limbs;
    builder.assert_zero("register/lacks little", lacks * most);
    let reads = local.done * local.gas;
    builder.assert_zero("register/gas", reads * (after.gas - shown));
    range_check_when(builder, &local.limbs, local.gas + local.size);
}

fn pushed<B: ConstraintBuilder>(local: &RegisterColumns<B::X>, builder: &mut B) {
    let [low, middle, high, most] = local.limbs;
    let gas = B::X::from_limbs(&[low, middle], 16);
    let high = high + most.scale(TOP >> 32);
    let size = local.step.words.scale(WORD_BYTES);
    let value = [local.gas * gas + local.size * size, local.gas * high];
    let (frame, index, clock) = (local.step.frame, local.step.sp, local.step.clock);
    push(builder, local.done, frame, index, widen(&value), clock);
    let room = B::X::from_u64(LAST_INDEX) - index;
    builder.send(Message::U16 { value: room }, local.done);
}
