//! Constraints of the transaction table: what is signed and where it runs. What is paid is in `paying`.

mod paying;

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{Environment, Kind, TransactionColumns};
use crate::bus::{Message, field, string};
use crate::gas::{TOP, gas_of_limbs};
use crate::word::widen;

/// Gas limits below two to the power of this have a row, and so have a few above: gas is then an integer well below the field's order.
pub const GAS_LIMIT_BITS: usize = 63;

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
        paying::eval(tx, builder);
        eval_invocation(tx, builder);
        eval_no_precompile(tx, builder);
        eval_hash(tx, builder);
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
        gas: gas_of_limbs(gas.given, TOP),
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
