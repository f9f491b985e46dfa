//! The constraints of `ecdsa`.

use core::array::from_fn;

use alloy_primitives::U256;
use braid_stark::columns::names_of;
use braid_stark::{Columns, ConstraintBuilder, Expression, Felt, Row, Table, Trace};
use plonky2::field::types::Field;

use super::Ecdsa;
use super::columns::{EcdsaColumns, Fixed, Point};
use crate::bus::{Message, operand, place, string};
use crate::limbs::{LIMBS, constant_word, join_limbs, product, range_check, signed_felt, square};
use crate::secp256k1::offset::{OFFSETS, Offset};
use crate::secp256k1::scalar::DIGIT_SURPLUS;
use crate::secp256k1::{Affine, N, P, folded, signed_limbs};
use crate::word::{WORD_LIMBS, Word};

impl Table for Ecdsa {
    fn name(&self) -> &'static str {
        "ecdsa"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<EcdsaColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::zero(Fixed::<Felt>::WIDTH, height);
        for (index, row) in trace.rows_mut().enumerate() {
            Fixed::from_slice_mut(row).signature = Felt::from_canonical_usize(index + 1);
        }
        trace
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &EcdsaColumns<B::X> = row.local();
        let signature = row.fixed::<Fixed<B::X>>().signature;
        flags(local, builder);
        curve_point(&local.nonce_point, local.active, builder);
        curve_point(&local.key, local.active, builder);
        parity(local, builder);
        not_zero(local, builder);
        total(local, builder);
        ranges(local, builder);
        scalars(local, builder);
        ladder(local, signature, builder);
        address(local, signature, builder);
    }
}

/// Which of an offset's points is meant.
type Selection = fn(&Offset) -> Affine;

fn flags<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, builder: &mut B) {
    for flag in [local.active, local.odd_y, local.negative, local.w_reduced] {
        builder.assert_bool("ecdsa/flag", flag);
    }
    builder.assert_bool("ecdsa/infinite", local.infinite);
    // Of what is left no part is the key's.
    let sign = local.active.not() + local.negative;
    builder.assert_zero("ecdsa/infinite sign", local.infinite * sign);
    for limb in local.v {
        builder.assert_zero("ecdsa/infinite v", local.infinite * limb);
    }
    for choice in local.offset {
        builder.assert_bool("ecdsa/offset", choice);
    }
    builder.assert_eq(
        "ecdsa/one offset",
        local.offset.into_iter().sum(),
        local.active,
    );
    // So that it may be a multiplicity by itself.
    builder.assert_zero("ecdsa/idle sign", local.active.not() * local.negative);
}

/// `y^2 = x^3 + 7`.
fn curve_point<B: ConstraintBuilder>(point: &Point<B::X>, active: B::X, builder: &mut B) {
    for cells in [&point.x, &point.y, &point.x_squared] {
        range_check(builder, cells);
    }
    let x_squared = square(&point.x);
    let claimed: Word<_> = join_limbs(&point.x_squared);
    let linear = claimed.map(|limb| -limb);
    folded::assert_zero(
        builder,
        "ecdsa/x squared",
        &x_squared,
        &linear,
        &point.square_carries,
    );

    let y_squared = square(&point.y);
    let cube = product(&point.x_squared, &point.x);
    let products = from_fn(|k| y_squared[k] - cube[k]);
    let mut linear = [B::X::zero(); WORD_LIMBS];
    linear[0] = -active.scale(7);
    folded::assert_zero(
        builder,
        "ecdsa/curve",
        &products,
        &linear,
        &point.curve_carries,
    );
}

fn parity<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, builder: &mut B) {
    // Both sides are below 2^18, so that the parity of the number is `odd_y`.
    range_check(builder, &[local.half_y]);
    builder.assert_eq(
        "ecdsa/parity",
        local.nonce_point.y[0],
        local.half_y.scale(2) + local.odd_y,
    );
}

/// Sums of eight or sixteen limbs are below 2^36: they vanish in the field only if all limbs do.
fn not_zero<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, builder: &mut B) {
    let sums: [B::X; 3] = [
        local.z.into_iter().sum(),
        local.nonce_point.x.into_iter().sum(),
        local.s.into_iter().sum(),
    ];
    for (sum, inverse) in sums.into_iter().zip(local.inverses) {
        builder.assert_eq("ecdsa/not zero", sum * inverse, local.active);
    }
}

/// `digits + surplus = w + n` or `= w`, over the integers: all limbs are below 2^32 and carries within 1.
fn total<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, builder: &mut B) {
    let (surplus, order): (Word<B::X>, Word<B::X>) =
        (constant_word(DIGIT_SURPLUS), constant_word(N));
    let mut carry_in = B::X::zero();
    for k in 0..WORD_LIMBS {
        let carry_out = local.w_carries.get(k).copied().unwrap_or_else(B::X::zero);
        builder.assert_zero(
            "ecdsa/w carry",
            carry_out * (carry_out - B::X::one()) * (carry_out + B::X::one()),
        );
        builder.assert_eq(
            "ecdsa/w",
            local.digits[k] + local.active * surplus[k] + carry_in,
            local.w[k] + local.w_reduced * order[k] + carry_out.scale(1 << 32),
        );
        carry_in = carry_out;
    }
}

/// `a < limit` as `a + (2^256 - limit)` without overflow.
fn ranges<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, builder: &mut B) {
    let claims = [
        (join_limbs(&local.nonce_point.x), N, local.r_room),
        (local.s, (N >> 1) + U256::ONE, local.s_room),
        (join_limbs(&local.nonce_point.y), P, local.nonce_y_room),
        (join_limbs(&local.key.x), P, local.key_x_room),
        (join_limbs(&local.key.y), P, local.key_y_room),
    ];
    for (a, limit, c) in claims {
        let b = constant_word(U256::ZERO.wrapping_sub(limit));
        builder.send(Message::Add { a, b, c }, local.active);
    }
}

fn scalars<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, builder: &mut B) {
    let m: Word<B::X> = constant_word(N);
    let zero = B::X::zero();
    let half = |limbs: &[B::X; 4]| from_fn(|k| limbs.get(k).copied().unwrap_or(zero));
    let (z, v): (Word<_>, Word<_>) = (half(&local.z), half(&local.v));
    let claims = [
        (local.s, local.w, local.hash_product),
        (z, local.hash, local.hash_product),
        (z, join_limbs(&local.nonce_point.x), local.r_product),
        (local.s, v, local.v_product),
    ];
    for (a, b, c) in claims {
        builder.send(Message::MulMod { a, b, m, c }, local.active);
    }
    let (a, b) = (local.r_product, local.v_product);
    builder.send(Message::Add { a, b, c: m }, local.negative);
    for (a, b) in a.into_iter().zip(b) {
        let same = local.negative.not() - local.infinite;
        builder.assert_eq_when("ecdsa/v", same, a, b);
    }
}

fn ladder<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, signature: B::X, builder: &mut B) {
    let sign = B::X::one() - local.negative.scale(2);
    let key_y: Word<_> = join_limbs(&local.key.y).map(|limb| sign * limb);
    let nonce_y: Word<_> = join_limbs(&local.nonce_point.y);
    let negated = |y: Word<B::X>| y.map(|limb| -limb);
    // How often each is added in a block: see the ladder's schedule.
    let operands = [
        (operand::KEY, local.key.x, key_y, 6),
        (operand::KEY_NEGATED, local.key.x, negated(key_y), 6),
        (
            operand::NONCE_POINT_NEGATED,
            local.nonce_point.x,
            negated(nonce_y),
            3,
        ),
    ];
    for (operand, x, y, count) in operands {
        let (a, b) = (B::X::zero(), B::X::zero());
        let operand = B::X::from_u64(operand);
        let message = Message::LadderPoint {
            signature,
            operand,
            a,
            b,
            x,
            y,
        };
        builder.receive(message, local.active.scale(count));
    }
    let places: [(u64, Selection); 3] = [
        (place::TABLE, |offset| offset.window),
        (place::START, |offset| offset.start),
        (place::END, |offset| offset.end),
    ];
    for (place, point) in places {
        let limbs = |coordinate: fn(Affine) -> U256| -> [B::X; LIMBS] {
            let choices = OFFSETS
                .each_ref()
                .map(|o| signed_limbs(coordinate(point(o))));
            from_fn(|i| {
                let terms = choices.iter().zip(local.offset);
                terms
                    .map(|(limbs, flag)| flag * B::X::constant(signed_felt(i128::from(limbs[i]))))
                    .sum()
            })
        };
        let message = Message::Accumulator {
            signature,
            place: B::X::from_u64(place),
            x: limbs(|point| point.x),
            y: limbs(|point| point.y),
        };
        builder.receive(message, local.active);
    }
    for position in 0..4 {
        let limb = 3 - position;
        let message = Message::LadderScalars {
            signature,
            position: B::X::from_u64(position as u64),
            z: local.z[limb],
            v: local.v[limb],
            low: local.digits[limb],
            high: local.digits[4 + limb],
        };
        builder.receive(message, local.active);
    }
}

fn address<B: ConstraintBuilder>(local: &EcdsaColumns<B::X>, signature: B::X, builder: &mut B) {
    let kind = B::X::from_u64(string::PUBLIC_KEY);
    let index = signature;
    let (x, y): (Word<_>, Word<_>) = (join_limbs(&local.key.x), join_limbs(&local.key.y));
    // Big-endian: the highest limb comes first.
    let limbs = x.into_iter().rev().chain(y.into_iter().rev());
    for (place, limb) in limbs.enumerate() {
        let position = B::X::from_u64(4 * place as u64);
        builder.send(
            Message::HashLimb {
                kind,
                index,
                position,
                limb,
            },
            local.active,
        );
    }
    let length = B::X::from_u64(64);
    let digest = local.digest;
    builder.send(
        Message::Digest {
            kind,
            index,
            length,
            digest,
        },
        local.active,
    );
    let (hash, odd_y, s) = (local.hash, local.odd_y, local.s);
    let r = join_limbs(&local.nonce_point.x);
    let recover = Message::Recover {
        hash,
        odd_y,
        r,
        s,
        address: from_fn(|k| digest[k]),
    };
    builder.receive(recover, local.active - local.infinite);
    let nothing = Message::RecoverNothing { hash, odd_y, r, s };
    builder.receive(nothing, local.infinite);
}
