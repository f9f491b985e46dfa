//! What a transaction pays: gas, fees, and the three accounts that are touched outside of its frames.

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use super::plain;
use crate::access::{AccountFields, StampedAccess, StampedFields, access_stamped};
use crate::bus::Message;
use crate::execution::{FLOOR_GAS, GAS_CAP, INTRINSIC_GAS};
use crate::gas::{TOP, gas_of_limbs};
use crate::precompile::RuleFlags;
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::tables::transaction::columns::{Touch, TransactionColumns};
use crate::word::{AddressLimbs, WORD_LIMBS, widen};

pub(super) fn eval<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    eval_gas(tx, builder);
    eval_fees(tx, builder);
    eval_balances(tx, builder);
}

/// Claims about words, proved by `arith`.
struct Claims<'a, B: ConstraintBuilder> {
    builder: &'a mut B,
    flag: B::X,
}

impl<B: ConstraintBuilder> Claims<'_, B> {
    fn add(&mut self, a: &[B::X], b: &[B::X], c: &[B::X]) {
        let (a, b, c) = (widen(a), widen(b), widen(c));
        self.builder.send(Message::Add { a, b, c }, self.flag);
    }

    fn mul(&mut self, a: &[B::X], b: &[B::X], c: &[B::X]) {
        let (a, b, c) = (widen(a), widen(b), widen(c));
        self.builder.send(Message::Mul { a, b, c }, self.flag);
    }
}

/// The sum of counts of what costs gas, times the gas.
fn cost<X: Expression, const N: usize>(counts: [X; N], gas: [u64; N]) -> X {
    let counts = counts.into_iter().zip(gas);
    counts.map(|(count, gas)| count.scale(gas)).sum()
}

fn eval_gas<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let (gas, signed, used) = (&tx.gas, &tx.signed, tx.used);
    let RuleFlags { prague, osaka } = tx.environment.rules;
    // Counts are below 2^30 each (they count rows of `rlp`), so that both sums are below 2^43.
    let (zeros, nonzeros) = (signed.zero_bytes, signed.nonzero_bytes);
    let (addresses, keys) = (signed.access_addresses, signed.access_keys);
    let intrinsic = cost([used, zeros, nonzeros, addresses, keys], INTRINSIC_GAS);
    let floor = cost([used, zeros, nonzeros], FLOOR_GAS);
    builder.assert_eq("transaction/floor", gas.floor, prague * floor);
    builder.assert_eq_when("transaction/intrinsic gas", plain(tx), gas.spent, intrinsic);

    // One of both is paid, and the other is not more.
    builder.assert_bool("transaction/floor binds", gas.floor_binds);
    let paid = B::X::from_limbs(&gas.used, 32);
    let more = gas.floor_binds * (gas.floor - gas.spent);
    builder.assert_eq("transaction/gas used", paid, gas.spent + more);
    let [.., high] = gas.used;
    let below = B::X::from_u64(u32::MAX.into()) - high;
    builder.assert_eq("transaction/one gas used", below * gas.used_inverse, used);
    let apart = gas_of_limbs(gas.apart, TOP);
    let less = gas.floor + gas.spent - paid;
    builder.assert_eq("transaction/floor", apart, paid - less);
    // A floor is below 2^43: with a larger difference, what was used would go round the field.
    let [.., most] = gas.apart;
    builder.assert_zero("transaction/floor apart", gas.floor_binds * most);

    let limit = B::X::from_limbs(&signed.gas_limit, 32);
    let given = gas_of_limbs(gas.given, TOP);
    builder.assert_eq("transaction/gas given", given, limit - intrinsic);
    let above = gas_of_limbs(gas.above_floor, TOP);
    builder.assert_eq("transaction/limit above floor", above, limit - gas.floor);
    let below = B::X::from_limbs(&gas.below_cap, 16);
    let cap = B::X::from_u64(GAS_CAP);
    builder.assert_eq_when("transaction/gas cap", osaka * used, below, cap - limit);
    for limb in gas.below_cap {
        builder.assert_zero("transaction/cap unused", osaka.not() * limb);
    }
    let limbs = [&gas.apart[..], &gas.given, &gas.above_floor, &gas.below_cap];
    // The limit is not larger by the field's order: its high limb is that of what is given and less than 2^16 more.
    let [_, _, third, most] = gas.given;
    let more = signed.gas_limit[1] - third - most.scale(TOP >> 32);
    let bounded = limbs.into_iter().flatten().copied();
    for value in bounded.chain([more]) {
        builder.send(Message::U16 { value }, used);
    }

    let mut claims = Claims {
        builder,
        flag: used,
    };
    claims.add(&gas.used_before, &signed.gas_limit, &gas.claimed);
    claims.add(&gas.claimed, &gas.left_in_block, &tx.environment.gas_limit);
    claims.add(&gas.used_before, &gas.used, &gas.used_after);
}

fn eval_fees<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let (fees, signed) = (&tx.fees, &tx.signed);
    let base_fee = &tx.environment.base_fee;

    // The tip is not above either bound and equals one of them: it is the lesser.
    builder.assert_bool("transaction/tip choice", fees.tip_is_headroom);
    builder.assert_zero(
        "transaction/tip choice",
        tx.used.not() * fees.tip_is_headroom,
    );
    for limb in 0..WORD_LIMBS {
        let (below_headroom, below_priority) =
            (fees.tip_below_headroom[limb], fees.tip_below_priority[limb]);
        builder.assert_zero("transaction/tip", fees.tip_is_headroom * below_headroom);
        builder.assert_zero(
            "transaction/tip",
            fees.tip_is_headroom.not() * below_priority,
        );
    }

    let mut claims = Claims {
        builder,
        flag: tx.used,
    };
    claims.add(base_fee, &fees.headroom, &signed.max_fee);
    claims.add(
        &signed.max_priority_fee,
        &fees.priority_slack,
        &signed.max_fee,
    );
    claims.add(
        &fees.tip,
        &fees.tip_below_priority,
        &signed.max_priority_fee,
    );
    claims.add(&fees.tip, &fees.tip_below_headroom, &fees.headroom);
    claims.add(base_fee, &fees.tip, &fees.price);
    claims.mul(&signed.gas_limit, &signed.max_fee, &fees.max_gas_cost);
    claims.add(&fees.max_gas_cost, &signed.value, &fees.max_cost);
    claims.add(
        &fees.max_cost,
        &fees.balance_slack,
        &tx.sender.before.account.balance,
    );
    claims.mul(&tx.gas.used, &fees.tip, &fees.reward);
    claims.flag = plain(tx);
    claims.mul(&tx.gas.used, &fees.price, &fees.gas_cost);
    claims.add(&fees.gas_cost, &signed.value, &fees.cost);
    claims.flag = tx.runs_code;
    claims.mul(&signed.gas_limit, &fees.price, &fees.gas_cost);
    for (cost, gas_cost) in fees.cost.into_iter().zip(fees.gas_cost) {
        builder.assert_eq_when("transaction/cost", tx.runs_code, cost, gas_cost);
    }
}

/// The three accesses: the sender pays and counts its nonce up; without code the recipient gets the value and the coinbase the tip.
fn eval_balances<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let (signed, fees) = (&tx.signed, &tx.fees);
    let [sender, recipient, coinbase] =
        [&tx.sender, &tx.recipient, &tx.coinbase].map(|touch| &touch.before.account);
    let mut claims = Claims {
        builder: &mut *builder,
        flag: tx.used,
    };
    claims.add(&tx.sender.balance_after, &fees.cost, &sender.balance);
    // The sum has two limbs, so that a nonce of 2^64 - 1 has no successor (EIP-2681).
    claims.add(&signed.nonce, &[B::X::one()], &tx.nonce_after);
    claims.flag = plain(tx);
    let after = &tx.recipient.balance_after;
    claims.add(&recipient.balance, &signed.value, after);
    let after = &tx.coinbase.balance_after;
    claims.add(&coinbase.balance, &fees.reward, after);
    for touch in [&tx.recipient, &tx.coinbase] {
        let (before, after) = (touch.before.account.balance, touch.balance_after);
        for (before, after) in before.into_iter().zip(after) {
            builder.assert_eq_when("transaction/only warm", tx.runs_code, after, before);
        }
    }

    for (limb, expected) in sender.nonce.into_iter().zip(signed.nonce) {
        builder.assert_eq_when("transaction/nonce", tx.used, limb, expected);
    }
    for (limb, expected) in EMPTY_CODE_DIGEST.into_iter().enumerate() {
        let expected = B::X::constant(Felt::from_canonical_u64(expected));
        let (sender, recipient) = (sender.code[limb], recipient.code[limb]);
        builder.assert_eq_when("transaction/sender has no code", tx.used, sender, expected);
        let label = "transaction/recipient has no code";
        builder.assert_eq_when(label, plain(tx), recipient, expected);
    }

    let first = tx.clock.scale(2);
    let mut touch = |address: AddressLimbs<B::X>, touch: &Touch<B::X>, nonce, position| {
        let after = StampedFields {
            account: AccountFields {
                nonce,
                balance: touch.balance_after,
                code: touch.before.account.code,
            },
            transaction: tx.ordinal + B::X::one(),
        };
        let access = StampedAccess {
            address,
            before: touch.before,
            accessed: touch.accessed,
            after,
            timestamp: first + B::X::from_u64(position),
        };
        access_stamped(builder, tx.used, &access);
    };
    touch(tx.sender_address, &tx.sender, tx.nonce_after, 0);
    touch(signed.to, &tx.recipient, recipient.nonce, 1);
    touch(tx.environment.coinbase, &tx.coinbase, coinbase.nonce, 2);
}
