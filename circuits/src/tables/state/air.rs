//! Constraints and messages.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{SideColumns, StateColumns};
use crate::bus::Message;
use crate::state_hash::{Domain, EMPTY_CODE_DIGEST, RATE};
use crate::word::AddressLimbs;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct State;

impl Table for State {
    fn name(&self) -> &'static str {
        "state"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<StateColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &StateColumns<B::X> = row.local();
        order(&row, builder);
        side(&local.before, local.used, builder);
        side(&local.after, local.used, builder);

        let mut input = [B::X::zero(); RATE];
        input[..5].copy_from_slice(&address_of(local));
        claim(Domain::AccountKey, input, local.key, local.used, builder);
        let zero = B::X::zero();
        builder.send(version(local, &local.before, [zero; 2]), local.used);
        let (transaction, timestamp) = (local.last_transaction, local.last_timestamp);
        let last = version(local, &local.after, [transaction, timestamp]);
        builder.receive(last, local.used);
        let update = Message::TreeUpdate {
            step: local.step,
            key: local.key,
            present_before: local.before.empty.not(),
            before: local.before.value,
            present_after: local.after.empty.not(),
            after: local.after.value,
        };
        builder.send(update, local.used);
        for value in local.address.into_iter().chain(local.gap) {
            builder.send(Message::U16 { value }, local.used);
        }
    }
}

/// Used rows come first, are counted, and ascend strictly by address.
fn order<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &StateColumns<B::X> = row.local();
    let next: &StateColumns<B::X> = row.next();
    let continues = row.transition * next.used;
    builder.assert_bool("state/used", local.used);
    builder.assert_zero("state/used_first", continues * local.used.not());
    let counted = local.step + B::X::one();
    builder.assert_eq_when("state/step", continues, next.step, counted);

    let differs: B::X = local.differs.into_iter().sum();
    builder.assert_eq_when("state/differs", row.transition, differs, next.used);
    let (limbs, next_limbs) = (address_of(local), address_of(next));
    let mut lower = B::X::zero();
    let mut growth = B::X::zero();
    for i in 0..5 {
        let flag = local.differs[i];
        builder.assert_bool("state/differs", flag);
        // The last row has no next.
        builder.assert_zero("state/differs", row.last * flag);
        // Where a lower limb is the one that differs, this one is equal.
        builder.assert_eq_when("state/order", lower, next_limbs[i], limbs[i]);
        growth = growth + flag * (next_limbs[i] - limbs[i] - B::X::one());
        lower = lower + flag;
    }
    builder.assert_eq("state/order", growth, B::X::from_limbs(&local.gap, 16));
}

/// One side's limbs, emptiness and value hash.
fn side<B: ConstraintBuilder>(side: &SideColumns<B::X>, used: B::X, builder: &mut B) {
    let limbs = side.balance.into_iter().chain(side.nonce);
    for value in limbs.clone() {
        builder.send(Message::U16 { value }, used);
    }
    let sum: B::X = limbs.clone().sum();
    builder.assert_bool("state/empty", side.empty);
    builder.assert_zero("state/empty", side.empty * used.not());
    builder.assert_zero("state/empty_numbers", side.empty * sum);
    let mut shown = sum * side.factors[0];
    for (i, no_code) in EMPTY_CODE_DIGEST.into_iter().enumerate() {
        let difference = side.code[i] - B::X::from_u64(no_code);
        builder.assert_zero("state/empty_code", side.empty * difference);
        builder.assert_zero("state/empty_value", side.empty * side.numbers[i]);
        builder.assert_zero("state/empty_value", side.empty * side.value[i]);
        shown = shown + difference * side.factors[i + 1];
    }
    builder.assert_eq_when("state/not_empty", used, shown, side.empty.not());

    let present = used - side.empty;
    let limbs: Vec<B::X> = limbs.collect();
    let mut pieces = [B::X::zero(); RATE];
    for (piece, limbs) in pieces.iter_mut().zip(limbs.chunks(3)) {
        *piece = B::X::from_limbs(limbs, 16);
    }
    let numbers = side.numbers;
    claim(Domain::AccountNumbers, pieces, numbers, present, builder);
    let mut input = [B::X::zero(); RATE];
    input[..4].copy_from_slice(&numbers);
    input[4..].copy_from_slice(&side.code);
    claim(Domain::AccountValue, input, side.value, present, builder);
}

fn claim<B: ConstraintBuilder>(
    domain: Domain,
    input: [B::X; RATE],
    output: [B::X; 4],
    multiplicity: B::X,
    builder: &mut B,
) {
    let mut state = [B::X::zero(); 12];
    state[..RATE].copy_from_slice(&input);
    state[RATE] = B::X::from_u64(domain as u64);
    let message = Message::Poseidon {
        input: state,
        output,
    };
    builder.send(message, multiplicity);
}

/// Pairs of 16-bit limbs as 32-bit limbs.
fn joined<X: Expression, const N: usize>(limbs: &[X]) -> [X; N] {
    core::array::from_fn(|i| X::from_limbs(&limbs[2 * i..2 * i + 2], 16))
}

fn address_of<X: Expression>(row: &StateColumns<X>) -> AddressLimbs<X> {
    joined(&row.address)
}

fn version<X: Expression>(
    row: &StateColumns<X>,
    side: &SideColumns<X>,
    [transaction, timestamp]: [X; 2],
) -> Message<X> {
    Message::StampedAccount {
        address: address_of(row),
        nonce: joined(&side.nonce),
        balance: joined(&side.balance),
        code: side.code,
        transaction,
        timestamp,
    }
}
