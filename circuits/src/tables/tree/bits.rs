//! Proofs of claims about the bits of a key's element.

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use super::columns::KeyBitsColumns;
use crate::bus::Message;

const HALF_MAX: u64 = 0xffff_ffff;

/// Proves the row's claim.
///
/// Limbs are below 2^16 by lookup. The element as a number is below the order `2^64 - 2^32 + 1` unless its high half is `2^32 - 1` and its
/// low half is not zero. In the limb that is cut, `scale * rest_scale = 2^16` with both in `1..=2^16` by lookup, `part *
/// rest_scale < 2^16` gives `part < scale`, and `part + scale * rest` is a division with remainder: all products are below
/// 2^33, far from wrapping.
pub(super) fn prove<B: ConstraintBuilder>(columns: &KeyBitsColumns<B::X>, builder: &mut B) {
    let [limb0, limb1, limb2, limb3] = columns.limbs;
    let [cut0, cut1, cut2, cut3] = columns.cut;
    let one = B::X::one();
    builder.assert_bool("tree/bits_used", columns.used);
    for cut in columns.cut {
        builder.assert_bool("tree/bits_cut", cut);
    }
    builder.assert_eq("tree/bits_cut", cut0 + cut1 + cut2 + cut3, columns.used);

    let low_half = B::X::from_limbs(&[limb0, limb1], 16);
    let high_half = B::X::from_limbs(&[limb2, limb3], 16);
    let below_max = B::X::from_u64(HALF_MAX) - high_half;
    let is_max = one - below_max * columns.high_inverse;
    builder.assert_zero("tree/bits_canonical", low_half * is_max);

    let cut_limb = cut0 * limb0 + cut1 * limb1 + cut2 * limb2 + cut3 * limb3;
    let divided = columns.part + columns.scale * columns.rest;
    builder.assert_eq("tree/bits_part", cut_limb, divided);
    let scales = columns.scale * columns.rest_scale;
    builder.assert_eq("tree/bits_scale", scales, columns.used.scale(1 << 16));
    let lookups = [
        limb0,
        limb1,
        limb2,
        limb3,
        columns.part,
        columns.part * columns.rest_scale,
        columns.rest,
        columns.scale - one,
        columns.rest_scale - one,
    ];
    for value in lookups {
        builder.send(Message::U16 { value }, columns.used);
    }

    let high = cut2 + cut3;
    let in_second_limb = cut1 + cut3;
    let shift = B::X::from_u64(1 << 16);
    let whole_limb = cut1 * limb0 + cut3 * limb2;
    let unit = (columns.used - in_second_limb) + in_second_limb * shift;
    let claim = Message::KeyBits {
        element: B::X::from_limbs(&columns.limbs, 16),
        high,
        low: high * low_half,
        prefix: whole_limb + unit * columns.part,
        power: unit * columns.scale,
    };
    builder.receive(claim, columns.used);
}

/// Fills the proof of the first `count` bits (1 to 64) of `element`, which is below the order.
pub(super) fn fill(columns: &mut KeyBitsColumns<Felt>, element: u64, count: usize) {
    let limb = |index: usize| (element >> (16 * index)) & 0xffff;
    let felt = Felt::from_canonical_u64;
    let cut = count.saturating_sub(1) / 16;
    let kept = count - 16 * cut;
    columns.used = Felt::ONE;
    columns.limbs = core::array::from_fn(|index| felt(limb(index)));
    let below_max = felt(HALF_MAX - (element >> 32));
    columns.high_inverse = below_max.try_inverse().unwrap_or(Felt::ZERO);
    columns.cut = core::array::from_fn(|index| Felt::from_bool(index == cut));
    columns.part = felt(limb(cut) & ((1 << kept) - 1));
    columns.rest = felt(limb(cut) >> kept);
    columns.scale = felt(1 << kept);
    columns.rest_scale = felt(1 << (16 - kept));
}
