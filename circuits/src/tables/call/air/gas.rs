//! What a call costs, and what the frame is given (EIP-150).

use braid_stark::{ConstraintBuilder, Expression};

use super::{CallColumns, opens};
use crate::bus::Message;
use crate::execution::{CALL_VALUE, COLD_ACCESS, NEW_ACCOUNT, WARM_GAS};
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::range_check_when;
use crate::tables::call::{KEPT_TOP, LESS_TOP};

pub(super) fn eval<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let opens = opens(local);
    let gas = &local.gas;
    let left = left(local);
    let paid = local.at.gas() - cost(local);
    builder.assert_eq_when("call/gas", opens, left, paid);
    range_check_when(builder, &gas.kept, opens);
    for value in [gas.remainder, gas.remainder.scale(4)] {
        builder.send(Message::U8 { value }, opens);
    }
    let difference = gas_of_limbs(gas.difference, TOP);
    let missing = cost(local) - local.at.gas() - B::X::one();
    builder.assert_eq_when("call/lacks", local.lacks, missing, difference);
    let [.., most] = gas.difference;
    builder.assert_zero("call/lacks little", local.lacks * most);
    range_check_when(builder, &gas.difference, opens + local.lacks);
    share(local, left - gas_of_limbs(gas.kept, KEPT_TOP), builder);
}

/// What is left when the call is paid for.
pub(super) fn left<X: Expression>(local: &CallColumns<X>) -> X {
    gas_of_limbs(local.gas.kept, KEPT_TOP).scale(64) + local.gas.remainder
}

/// What the call costs beside what it gives.
fn cost<X: Expression>(local: &CallColumns<X>) -> X {
    let cheaper = local.account.was_warm.scale(COLD_ACCESS - WARM_GAS);
    let creates = local.sends * local.account.exists.not();
    let access = X::from_u64(COLD_ACCESS) - cheaper;
    let value = local.pays.scale(CALL_VALUE) + creates.scale(NEW_ACCOUNT);
    local.input_growth + local.output_growth + access + value
}

/// The frame is given what is asked for, but at most `most`.
fn share<B: ConstraintBuilder>(local: &CallColumns<B::X>, most: B::X, builder: &mut B) {
    let (opens, gas) = (opens(local), &local.gas);
    let ways = [gas.asks_less, gas.asks_more, gas.asks_far];
    for flag in ways {
        builder.assert_bool("call/asks", flag);
    }
    builder.assert_eq("call/one way", ways.into_iter().sum(), opens);
    let [low, second, high @ ..] = local.asked;
    let high: B::X = high.into_iter().sum::<B::X>() + gas.asked_top;
    builder.assert_bool("call/asked top", gas.asked_top);
    let asked = low + second.scale(1 << 32);
    let asks_near = gas.asks_less + gas.asks_more;
    builder.assert_zero("call/asks near", asks_near * high);
    let second_low = second - gas.asked_top.scale(1 << 31) - gas.asked_high.scale(1 << 15);
    range_check_when(builder, &[second_low, gas.asked_high], opens);
    let shown = high * gas.asked_inverse;
    builder.assert_eq_when("call/asks far", gas.asks_far, shown, B::X::one());
    let less = most - asked;
    let difference = gas_of_limbs(gas.difference, LESS_TOP);
    builder.assert_eq_when("call/asks less", gas.asks_less, less, difference);
    let more = asked - most;
    let difference = gas_of_limbs(gas.difference, TOP);
    builder.assert_eq_when("call/asks more", gas.asks_more, more, difference);
    builder.assert_eq_when("call/given", gas.asks_less, gas.given, asked);
    let all = gas.asks_more + gas.asks_far;
    builder.assert_eq_when("call/given", all, gas.given, most);
}
