//! Constraints of the transaction table.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table};
use plonky2::field::types::Field;

use super::columns::{Environment, Kind, Touch, TransactionColumns};
use crate::access::{AccountFields, StampedAccess, StampedFields, access_stamped};
use crate::bus::{Message, field, string};
use crate::execution::{FLOOR_GAS, GAS_CAP, INTRINSIC_GAS};
use crate::precompile::RuleFlags;
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::word::{AddressLimbs, WORD_LIMBS, widen};

/// A gas limit is below two to the power of this: gas is then an integer well below the field's order.
pub const GAS_LIMIT_BITS: usize = 45;

/// The transaction table.
#[derive(Clone, Copy, Debug)]
pub struct TransactionTable;

impl Table for TransactionTable {
    fn name(&self) -> &'static str {
        "transaction"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<TransactionColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let tx: &TransactionColumns<B::X> = row.local();
        builder.assert_bool("transaction/used", tx.used);
        eval_kind(tx, builder);
        eval_signature(tx, builder);
        eval_environment(tx, builder);
        eval_gas(tx, builder);
        eval_fees(tx, builder);
        eval_balances(tx, builder);
        eval_invocation(tx, builder);
        eval_no_precompile(tx, builder);
        eval_hash(tx, builder);
    }
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

impl<X: Expression> Kind<X> {
    /// Whether the transaction is an EIP-2718 one.
    fn is_typed(&self) -> X {
        self.access_list + self.dynamic_fee
    }
}

/// The kind, and the fields and the shape that the kind has.
fn eval_kind<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let kind = &tx.kind;
    for flag in kind.as_slice() {
        builder.assert_bool("transaction/kind", *flag);
    }
    builder.assert_eq(
        "transaction/kind",
        kind.as_slice().iter().copied().sum(),
        tx.used,
    );

    let signed = &tx.signed;
    builder.receive(
        Message::TransactionShape {
            ordinal: tx.ordinal,
            start: tx.published,
            kind: kind.access_list + kind.dynamic_fee.scale(2),
            protected: tx.used - kind.legacy_plain,
            length: signed.length,
            signing_length: signed.signing_length,
            zero_bytes: signed.zero_bytes,
            nonzero_bytes: signed.nonzero_bytes,
            access_addresses: signed.access_addresses,
            access_keys: signed.access_keys,
        },
        tx.used,
    );
    let bytes = signed.zero_bytes + signed.nonzero_bytes;
    let entries = signed.access_addresses + signed.access_keys;
    let mut receive = |field: u64, limbs: &[B::X], flag: B::X| {
        // The signature comes after calldata and access list, everything else before.
        let after = matches!(
            field,
            field::V | field::R | field::S | field::SIGNING_CHAIN_ID
        );
        let read = |count: B::X| if after { count } else { B::X::zero() };
        let message = Message::TransactionField {
            ordinal: tx.ordinal,
            field: B::X::from_u64(field),
            bytes: read(bytes),
            entries: read(entries),
            value: widen(limbs),
        };
        builder.receive(message, flag);
    };
    receive(field::NONCE, &signed.nonce, tx.used);
    receive(field::MAX_FEE, &signed.max_fee, tx.used);
    receive(field::GAS_LIMIT, &signed.gas_limit, tx.used);
    receive(field::TO, &signed.to, tx.used);
    receive(field::VALUE, &signed.value, tx.used);
    receive(field::V, &signed.v, tx.used);
    receive(field::R, &signed.r, tx.used);
    receive(field::S, &signed.s, tx.used);
    receive(
        field::MAX_PRIORITY_FEE,
        &signed.max_priority_fee,
        kind.dynamic_fee,
    );
    receive(field::CHAIN_ID, &tx.environment.chain_id, kind.is_typed());
    receive(
        field::SIGNING_CHAIN_ID,
        &tx.environment.chain_id,
        kind.legacy_protected,
    );
    for (priority, max) in signed.max_priority_fee.into_iter().zip(signed.max_fee) {
        // Before EIP-1559 the whole price above the base fee is the tip.
        let condition = tx.used - kind.dynamic_fee;
        builder.assert_eq_when(
            "transaction/priority of gas price",
            condition,
            priority,
            max,
        );
    }
}

/// `v` or `y_parity`, and who signed.
fn eval_signature<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let (kind, signed) = (&tx.kind, &tx.signed);
    let [v_low, v_middle, v_high] = signed.v;
    builder.assert_bool("transaction/odd_y", tx.odd_y);
    builder.assert_zero("transaction/odd_y", tx.used.not() * tx.odd_y);

    builder.assert_eq_when("transaction/y_parity", kind.is_typed(), v_low, tx.odd_y);
    let v_plain = B::X::from_u64(27) + tx.odd_y;
    builder.assert_eq_when(
        "transaction/v unprotected",
        kind.legacy_plain,
        v_low,
        v_plain,
    );
    let short = tx.used - kind.legacy_protected;
    builder.assert_zero("transaction/v is short", short * v_middle);
    builder.assert_zero("transaction/v is short", short * v_high);

    // EIP-155, limb by limb. Limbs are below 2^32 and carries below 2^16, so that the sums are those of integers.
    let [carry_low, carry_high] = tx.v_carry;
    let [chain_low, chain_high] = tx.environment.chain_id;
    let protected = kind.legacy_protected;
    let sum_low = chain_low.scale(2) + B::X::from_u64(35) + tx.odd_y;
    let sum_high = chain_high.scale(2) + carry_low;
    let limb = |low: B::X, carry: B::X| low + carry.scale(1 << 32);
    let label = "transaction/v protected";
    builder.assert_eq_when(label, protected, limb(v_low, carry_low), sum_low);
    builder.assert_eq_when(label, protected, limb(v_middle, carry_high), sum_high);
    builder.assert_eq_when(label, protected, v_high, carry_high);
    for carry in tx.v_carry {
        builder.assert_zero("transaction/v carry unused", protected.not() * carry);
        builder.send(Message::U16 { value: carry }, protected);
    }

    builder.send(
        Message::Recover {
            hash: tx.signing_hash,
            odd_y: tx.odd_y,
            r: signed.r,
            s: signed.s,
            address: tx.sender_address,
        },
        tx.used,
    );
}

/// Whether no code runs.
fn plain<X: Expression>(tx: &TransactionColumns<X>) -> X {
    tx.used - tx.runs_code
}

fn eval_environment<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let Environment {
        chain_id,
        coinbase,
        gas_limit,
        base_fee,
        rules,
    } = tx.environment;
    rules.constrain(builder, "transaction/rules");
    let claim = Message::Environment {
        chain_id,
        coinbase,
        gas_limit,
        base_fee,
        rules: rules.number(),
    };
    builder.send(claim, tx.used);
    builder.receive(
        Message::BlockProgress {
            ordinal: tx.ordinal,
            gas_used: tx.gas.used_before,
            published: tx.published,
            clock: tx.clock,
        },
        tx.used,
    );
    builder.send(
        Message::BlockProgress {
            ordinal: tx.ordinal + B::X::one(),
            gas_used: tx.gas.used_after,
            published: tx.published + tx.signed.length,
            clock: tx.next_clock,
        },
        tx.used,
    );
    // Three accesses take two clocks.
    let next = tx.clock + B::X::from_u64(2);
    builder.assert_eq_when("transaction/next clock", plain(tx), tx.next_clock, next);
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
    let apart = B::X::from_limbs(&gas.apart, 16);
    let less = gas.floor + gas.spent - paid;
    builder.assert_eq("transaction/floor", apart, paid - less);

    let limit = B::X::from_limbs(&signed.gas_limit, 32);
    let given = B::X::from_limbs(&gas.given, 16);
    builder.assert_eq("transaction/gas given", given, limit - intrinsic);
    let above = B::X::from_limbs(&gas.above_floor, 16);
    builder.assert_eq("transaction/limit above floor", above, limit - gas.floor);
    let below = B::X::from_limbs(&gas.below_cap, 16);
    let cap = B::X::from_u64(GAS_CAP);
    builder.assert_eq_when("transaction/gas cap", osaka * used, below, cap - limit);
    for limb in gas.below_cap {
        builder.assert_zero("transaction/cap unused", osaka.not() * limb);
    }
    let limbs = [&gas.apart[..], &gas.given, &gas.above_floor, &gas.below_cap];
    let short = signed.gas_limit[1].scale(1 << (64 - GAS_LIMIT_BITS - 16));
    let bounded = limbs.into_iter().flatten().copied();
    for value in bounded.chain([gas.used[1], short]) {
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

/// What its code does is claimed.
fn eval_invocation<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    builder.assert_bool("transaction/runs code", tx.runs_code);
    builder.assert_zero("transaction/runs code", tx.runs_code * tx.used.not());
    let (signed, gas) = (&tx.signed, &tx.gas);
    let claim = Message::Invocation {
        ordinal: tx.ordinal,
        clock: tx.clock,
        next_clock: tx.next_clock,
        sender: tx.sender_address,
        to: signed.to,
        coinbase: tx.environment.coinbase,
        value: signed.value,
        code: tx.recipient.before.account.code,
        input_length: signed.zero_bytes + signed.nonzero_bytes,
        listed: signed.access_addresses + signed.access_keys,
        gas_limit: B::X::from_limbs(&signed.gas_limit, 32),
        gas: B::X::from_limbs(&gas.given, 16),
        spent: gas.spent,
        used: B::X::from_limbs(&gas.used, 32),
        price: tx.fees.price,
        reward: tx.fees.reward,
    };
    builder.send(claim, tx.runs_code);
}

/// The recipient is no precompile by the rules.
fn eval_no_precompile<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let (kind, rules) = (&tx.recipient_kind, &tx.environment.rules);
    let in_no_range = (tx.used, B::X::zero());
    let is_precompile = kind.constrain(builder, &tx.signed.to, in_no_range, rules);
    builder.assert_zero("transaction/recipient is no precompile", is_precompile);
}

fn eval_hash<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let claim = Message::Digest {
        kind: B::X::from_u64(string::SIGNING_PAYLOAD),
        index: tx.ordinal,
        length: tx.signed.signing_length,
        digest: tx.signing_hash,
    };
    builder.send(claim, tx.used);
}
