//! Constraints of the transaction table.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{Environment, Gas, Kind, Touch, TransactionColumns};
use crate::access::{AccountFields, access_account};
use crate::bus::{Message, field, string};
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::word::{AddressLimbs, WORD_LIMBS, Word, widen};

/// The highest precompile address of Cancun: point evaluation (EIP-4844).
pub const HIGHEST_PRECOMPILE: u64 = 10;

/// Gas of every transaction, and per zero byte, non-zero byte, listed address and listed key (EIP-2028, EIP-2930).
const INTRINSIC_GAS: [u64; 5] = [21_000, 4, 16, 2_400, 1_900];

/// Accesses to accounts per transaction.
pub(super) const ACCESSES: u64 = 3;

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
        eval_no_precompile(tx, builder);
        eval_hashes(tx, builder);
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

fn eval_environment<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let Environment {
        chain_id,
        coinbase,
        gas_limit,
        base_fee,
    } = tx.environment;
    let claim = Message::Environment {
        chain_id,
        coinbase,
        gas_limit,
        base_fee,
    };
    builder.send(claim, tx.used);
    builder.receive(
        Message::BlockProgress {
            ordinal: tx.ordinal,
            gas_used: tx.gas.used_before,
            tx_chain: tx.tx_chain_before,
        },
        tx.used,
    );
    builder.send(
        Message::BlockProgress {
            ordinal: tx.ordinal + B::X::one(),
            gas_used: tx.gas.used_after,
            tx_chain: tx.tx_chain_after,
        },
        tx.used,
    );
}

fn eval_gas<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let Gas {
        intrinsic,
        unused,
        claimed,
        left_in_block,
        used_before,
        used_after,
    } = &tx.gas;
    let signed = &tx.signed;
    // Counts are below 2^30 each (they count rows of `rlp`), so that the sum is below 2^43: it has one representation
    // whose high limb is below 2^16.
    let counts = [
        tx.used,
        signed.zero_bytes,
        signed.nonzero_bytes,
        signed.access_addresses,
        signed.access_keys,
    ];
    let cost = counts
        .into_iter()
        .zip(INTRINSIC_GAS)
        .map(|(count, gas)| count.scale(gas))
        .sum();
    builder.assert_eq(
        "transaction/intrinsic gas",
        B::X::from_limbs(intrinsic, 32),
        cost,
    );
    builder.send(
        Message::U16 {
            value: intrinsic[1],
        },
        tx.used,
    );

    let mut claims = Claims {
        builder,
        flag: tx.used,
    };
    claims.add(intrinsic, unused, &signed.gas_limit);
    claims.add(used_before, &signed.gas_limit, claimed);
    claims.add(claimed, left_in_block, &tx.environment.gas_limit);
    claims.add(used_before, intrinsic, used_after);
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
        &tx.sender.before.balance,
    );
    claims.mul(&tx.gas.intrinsic, &fees.price, &fees.gas_cost);
    claims.add(&fees.gas_cost, &signed.value, &fees.cost);
    claims.mul(&tx.gas.intrinsic, &fees.tip, &fees.reward);
}

/// The three accesses: the sender pays and counts its nonce up, the recipient gets the value, the coinbase the tip.
fn eval_balances<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let (signed, fees) = (&tx.signed, &tx.fees);
    let mut claims = Claims {
        builder: &mut *builder,
        flag: tx.used,
    };
    claims.add(
        &tx.sender.balance_after,
        &fees.cost,
        &tx.sender.before.balance,
    );
    claims.add(
        &tx.recipient.before.balance,
        &signed.value,
        &tx.recipient.balance_after,
    );
    claims.add(
        &tx.coinbase.before.balance,
        &fees.reward,
        &tx.coinbase.balance_after,
    );
    // The sum has two limbs, so that a nonce of 2^64 - 1 has no successor (EIP-2681).
    claims.add(&signed.nonce, &[B::X::one()], &tx.nonce_after);

    for (limb, expected) in tx.sender.before.nonce.into_iter().zip(signed.nonce) {
        builder.assert_eq_when("transaction/nonce", tx.used, limb, expected);
    }
    for (limb, expected) in EMPTY_CODE_DIGEST.into_iter().enumerate() {
        let expected = tx.used.scale(expected);
        let (sender, recipient) = (tx.sender.before.code[limb], tx.recipient.before.code[limb]);
        builder.assert_eq("transaction/sender has no code", sender, expected);
        builder.assert_eq("transaction/recipient has no code", recipient, expected);
    }

    let mut touch = |address: AddressLimbs<B::X>, touch: &Touch<B::X>, nonce_after, position| {
        let after = AccountFields {
            nonce: nonce_after,
            balance: touch.balance_after,
            code: touch.before.code,
        };
        let timestamp = tx.ordinal.scale(ACCESSES) + B::X::from_u64(position);
        access_account(
            builder,
            tx.used,
            address,
            &touch.before,
            &after,
            timestamp,
            &touch.access,
            "transaction/account order",
        );
    };
    touch(tx.sender_address, &tx.sender, tx.nonce_after, 1);
    touch(signed.to, &tx.recipient, tx.recipient.before.nonce, 2);
    touch(
        tx.environment.coinbase,
        &tx.coinbase,
        tx.coinbase.before.nonce,
        3,
    );
}

/// The recipient is none of the addresses 1 to [`HIGHEST_PRECOMPILE`]. Each case excludes them by itself, so that it does not
/// matter if two cases hold.
fn eval_no_precompile<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let case = &tx.no_precompile;
    let cases = [case.is_high, case.low_is_zero, case.low_is_above];
    for flag in cases {
        builder.assert_bool("transaction/precompile case", flag);
    }
    builder.assert_eq(
        "transaction/precompile case",
        cases.into_iter().sum(),
        tx.used,
    );

    // A sum of four limbs below 2^32 is zero in the field only if all are.
    let [low, high @ ..] = tx.signed.to;
    let high: B::X = high.into_iter().sum();
    let label = "transaction/recipient is no precompile";
    builder.assert_eq_when(label, case.is_high, high * case.high_inverse, B::X::one());
    builder.assert_zero(label, case.low_is_zero * low);
    let above = B::X::from_u64(HIGHEST_PRECOMPILE + 1) + B::X::from_limbs(&case.distance, 16);
    builder.assert_eq_when(label, case.low_is_above, low, above);
    builder.assert_zero(
        "transaction/precompile inverse unused",
        case.is_high.not() * case.high_inverse,
    );
    for limb in case.distance {
        builder.assert_zero(
            "transaction/precompile distance unused",
            case.low_is_above.not() * limb,
        );
        builder.send(Message::U16 { value: limb }, case.low_is_above);
    }
}

fn eval_hashes<B: ConstraintBuilder>(tx: &TransactionColumns<B::X>, builder: &mut B) {
    let chained = tx.tx_chain_before.iter().rev().chain(tx.hash.iter().rev());
    for (position, limb) in (0u64..).step_by(4).zip(chained) {
        builder.send(
            Message::HashLimb {
                kind: B::X::from_u64(string::TX_CHAIN),
                index: tx.ordinal,
                position: B::X::from_u64(position),
                limb: *limb,
            },
            tx.used,
        );
    }
    let mut digest = |kind: u64, length: B::X, digest: Word<B::X>| {
        let (kind, index) = (B::X::from_u64(kind), tx.ordinal);
        builder.send(
            Message::Digest {
                kind,
                index,
                length,
                digest,
            },
            tx.used,
        );
    };
    digest(string::TRANSACTION, tx.signed.length, tx.hash);
    digest(
        string::SIGNING_PAYLOAD,
        tx.signed.signing_length,
        tx.signing_hash,
    );
    digest(string::TX_CHAIN, B::X::from_u64(64), tx.tx_chain_after);
}
