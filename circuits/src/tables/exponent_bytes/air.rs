//! The constraints of `exponent_bytes`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::ExponentBytes;
use super::columns::{ExponentBytesColumns, LIMB_BYTES};
use crate::bus::Message;
use crate::limbs::range_check;

impl Table for ExponentBytes {
    fn name(&self) -> &'static str {
        "exponent_bytes"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ExponentBytesColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ExponentBytesColumns<B::X> = row.local();
        let zero = B::X::zero();
        builder.assert_bool("exponent_bytes/used", local.used);
        for flag in local.highest.into_iter().chain(local.limb_bytes) {
            builder.assert_bool("exponent_bytes/flag", flag);
        }
        let has_bytes: B::X = local.highest.into_iter().sum();
        let is_zero = local.used - has_bytes;
        builder.assert_bool("exponent_bytes/one limb", is_zero);
        let sum: B::X = local.exponent.into_iter().sum();
        builder.assert_zero("exponent_bytes/zero", is_zero * sum);
        let marked = local.limb_bytes.into_iter().sum();
        builder.assert_eq("exponent_bytes/limb bytes", marked, has_bytes);

        let (mut lower, mut limb, mut bytes) = (zero, zero, zero);
        for (k, (flag, value)) in local.highest.into_iter().zip(local.exponent).enumerate() {
            // The lowest limb has none below that could be the highest.
            if k > 0 {
                builder.assert_zero("exponent_bytes/highest", lower * value);
            }
            limb = limb + flag * value;
            bytes = bytes + flag.scale((LIMB_BYTES * k) as u64);
            lower = lower + flag;
        }
        let mut factor = zero;
        for (count, flag) in (1..).zip(local.limb_bytes) {
            factor = factor + flag.scale(1 << (8 * (LIMB_BYTES - count)));
            bytes = bytes + flag.scale(count as u64);
        }
        let shifted = B::X::from_limbs(&local.shifted, 16);
        builder.assert_eq("exponent_bytes/shifted", limb * factor, shifted);
        // The highest of the four bytes is not zero.
        let [low, high] = local.shifted;
        range_check(builder, &[low, high, high - has_bytes.scale(1 << 8)]);
        let exponent = local.exponent;
        builder.receive(Message::ExponentBytes { exponent, bytes }, local.used);
    }
}
