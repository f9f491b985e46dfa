//! Constraints and messages of `invocation`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::FIFTH_TOP;
use super::columns::{InvocationColumns, Opening};
use crate::access::{AccountFields, StampedAccess, StampedFields, access_stamped};
use crate::bus::{Message, opening};
use crate::event::code::DELEGATION;
use crate::event::opcode::{GASPRICE, ORIGIN};
use crate::execution::TRANSFER_WRITES;
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::range_check_when;
use crate::tables::transaction::{REFUND_QUOTIENT, Touch};
use crate::word::{AddressLimbs, Word, widen};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Invocation;

impl Table for Invocation {
    fn name(&self) -> &'static str {
        "invocation"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<InvocationColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &InvocationColumns<B::X> = row.local();
        builder.assert_bool("invocation/used", local.used);
        claimed(local, builder);
        bytecode(&local.opening, local.used, builder);
        opens(local, builder);
        refund(local, builder);
        pays_back(local, builder);
        values(local, builder);
    }
}

/// The claim.
fn claimed<B: ConstraintBuilder>(local: &InvocationColumns<B::X>, builder: &mut B) {
    let opening = &local.opening;
    let claim = Message::Invocation {
        ordinal: local.ordinal,
        clock: local.clock,
        next_clock: local.closed + B::X::from_u64(2),
        sender: opening.sender,
        to: opening.to,
        coinbase: local.coinbase,
        value: opening.value,
        code: opening.digest,
        input_length: opening.input_length,
        listed: local.listed,
        gas_limit: local.gas_limit,
        gas: opening.gas,
        spent: local.spent,
        used: local.gas_limit - B::X::from_limbs(&local.unused, 32),
        price: local.price,
        reward: local.reward,
    };
    builder.receive(claim, local.used);
    // The sender, the recipient and the coinbase are accessed before.
    let list = Message::AccessListStart {
        transaction: local.ordinal,
        timestamp: local.clock.scale(2) + B::X::from_u64(3),
    };
    builder.assert_zero("invocation/listed", local.used.not() * local.listed);
    builder.send(list, local.listed);
}

/// Which bytecode runs.
fn bytecode<B: ConstraintBuilder>(opening: &Opening<B::X>, used: B::X, builder: &mut B) {
    let claim = Message::Code {
        code: opening.code,
        digest: opening.digest,
        keccak: opening.keccak,
        size: opening.size,
    };
    builder.send(claim, used);
    let first = Message::CodeByte {
        code: opening.code,
        position: B::X::zero(),
        byte: opening.first_byte,
    };
    builder.send(first, used);
    let other = opening.first_byte - B::X::from_u64(DELEGATION.into());
    let shown = other * opening.byte_inverse;
    builder.assert_eq_when("invocation/delegation", used, shown, B::X::one());
}

/// When the first frame opens.
fn opened<X: Expression>(local: &InvocationColumns<X>) -> X {
    local.clock + local.listed + X::from_u64(2)
}

/// The first frame opens, value moves, and its result is taken.
fn opens<B: ConstraintBuilder>(local: &InvocationColumns<B::X>, builder: &mut B) {
    let (opening, zero) = (&local.opening, B::X::zero());
    let (moves, opened) = (opening.moves, opened(local));
    builder.assert_bool("invocation/moves", moves);
    builder.assert_zero("invocation/moves", moves * local.used.not());
    let sum: B::X = opening.value.into_iter().sum();
    let nothing = local.used - moves;
    builder.assert_zero("invocation/no value", nothing * sum);
    let shown = sum * opening.value_inverse;
    builder.assert_eq_when("invocation/value", moves, shown, B::X::one());
    let start = Message::FrameStart {
        frame: local.frame,
        transaction: local.ordinal,
        parent: zero,
        depth: B::X::one(),
        is_static: zero,
        address: opening.to,
        caller: opening.sender,
        value: opening.value,
        opening: B::X::from_u64(opening::CODE),
        code: opening.code,
        input_frame: zero,
        input_offset: zero,
        input_length: opening.input_length,
        gas: opening.gas,
        opened,
        writes: zero,
        first_writes: moves.scale(TRANSFER_WRITES),
    };
    builder.send(start, local.used);
    let transfer = Message::Transfer {
        opened,
        frame: local.frame,
        writes: zero,
        from: opening.sender,
        to: opening.to,
        value: opening.value,
    };
    builder.send(transfer, moves);
    let result = Message::FrameResult {
        frame: local.frame,
        outcome: local.outcome,
        gas: local.gas_left,
        writes: local.writes,
        offset: local.offset,
        length: local.length,
        closed: local.closed,
    };
    builder.receive(result, local.used);
}

/// What was used, and what is taken off it.
fn refund<B: ConstraintBuilder>(local: &InvocationColumns<B::X>, builder: &mut B) {
    let (refund, used) = (&local.refund, local.used);
    let version = |counter, timestamp| Message::RefundVersion {
        transaction: local.ordinal,
        refund: counter,
        timestamp,
    };
    let first = opened(local).scale(2);
    builder.send(version(B::X::zero(), first), used);
    builder.receive(version(refund.counter, refund.changed), used);

    let consumed = local.gas_limit - local.gas_left;
    let fifth = gas_of_limbs(refund.fifth, FIFTH_TOP);
    let parts = fifth.scale(REFUND_QUOTIENT) + refund.rest;
    builder.assert_eq("invocation/fifth", parts, consumed);
    let highest = used.scale(REFUND_QUOTIENT - 1);
    range_check_when(builder, &refund.fifth, used);
    range_check_when(builder, &[refund.rest, highest - refund.rest], used);
    builder.assert_bool("invocation/capped", refund.is_capped);
    builder.assert_zero("invocation/capped", refund.is_capped * used.not());
    let less = fifth - refund.counter;
    let taken = local.gas_limit - local.gas_left - local.spent;
    let expected = refund.counter + refund.is_capped * less;
    builder.assert_eq("invocation/refund", taken, expected);
    let other = fifth + refund.counter - taken;
    let beyond = gas_of_limbs(refund.beyond, TOP);
    builder.assert_eq("invocation/least", beyond, other - taken);
    range_check_when(builder, &refund.beyond, used);
}

/// The sender gets back what is not used, and the coinbase its tip.
fn pays_back<B: ConstraintBuilder>(local: &InvocationColumns<B::X>, builder: &mut B) {
    let used = local.used;
    let (a, b, c) = (widen(&local.unused), local.price, local.back);
    builder.send(Message::Mul { a, b, c }, used);
    let [.., high] = local.unused;
    let below = B::X::from_u64(u32::MAX.into()) - high;
    let shown = below * local.unused_inverse;
    builder.assert_eq("invocation/one unused", shown, used);
    let first = local.closed.scale(2) + B::X::from_u64(2);
    let second = first + B::X::one();
    let (sender, coinbase) = (local.opening.sender, local.coinbase);
    paid(
        local,
        sender,
        &local.sender_paid,
        local.back,
        first,
        builder,
    );
    let touch = &local.coinbase_paid;
    paid(local, coinbase, touch, local.reward, second, builder);
}

/// An account gets an amount.
fn paid<B: ConstraintBuilder>(
    local: &InvocationColumns<B::X>,
    address: AddressLimbs<B::X>,
    touch: &Touch<B::X>,
    amount: Word<B::X>,
    timestamp: B::X,
    builder: &mut B,
) {
    let before = touch.before.account;
    let sum = Message::Add {
        a: before.balance,
        b: amount,
        c: touch.balance_after,
    };
    builder.send(sum, local.used);
    let after = StampedFields {
        account: AccountFields {
            balance: touch.balance_after,
            ..before
        },
        transaction: local.ordinal + B::X::one(),
    };
    let access = StampedAccess {
        address,
        before: touch.before,
        accessed: touch.accessed,
        after,
        timestamp,
    };
    access_stamped(builder, local.used, &access);
}

/// What code asks of the transaction.
fn values<B: ConstraintBuilder>(local: &InvocationColumns<B::X>, builder: &mut B) {
    let asked = [
        (ORIGIN, widen(&local.opening.sender), local.origin_asked),
        (GASPRICE, local.price, local.price_asked),
    ];
    for (opcode, value, count) in asked {
        builder.assert_zero("invocation/asked", local.used.not() * count);
        let value = Message::TransactionValue {
            transaction: local.ordinal,
            opcode: B::X::from_u64(opcode.into()),
            value,
        };
        builder.receive(value, count);
    }
}
