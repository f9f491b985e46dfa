//! Addresses of precompiled contracts by the rules: which they are, and the constraints that show whether an address is one.
//!
//! Cancun has 1 to 10 (point evaluation, EIP-4844), Prague 11 to 17 besides (BLS12-381, EIP-2537), Osaka 256 too (P256VERIFY, EIP-7951).
//!
//! **Why the constraints suffice.** Limbs of an address are below 2^32, and so are those of every case: exactly one case holds of a used row. Each excludes by itself what it must: `is_high` by a factor that shows
//! that the sum of the higher limbs is not zero in the field, so some limb is not; `is_zero`, `is_between` and `is_above` by the lowest limb alone, which is 0, or above the last of the range and below 256, or above 256,
//! by differences that are looked up to be below 2^16 (two limbs of that for `is_above`). `is_verify` says that the address is 256, and the caller's `is_low` that it is in the range from 1 to the last; in both the sum of the higher limbs is zero.

use alloy_primitives::{Address, U256};
use braid_stark::{Columns, ConstraintBuilder, Expression, Felt};
use plonky2::field::types::{Field, PrimeField64};

use crate::bus::Message;
use crate::event::Rules;
use crate::limbs::{felts, low_limbs, range_check_when};
use crate::word::{AddressLimbs, address as limbs_of};

/// The last of the range that starts at 1, by Cancun's rules.
const LAST: u64 = 10;
/// How many more there are by Prague's and later rules.
const MORE: u64 = 7;
/// The one that is apart, by Osaka's rules.
const VERIFY: u64 = 256;

/// The number of the precompiled contract at this address; `None` if there is none by these rules.
pub fn precompile(address: Address, rules: Rules) -> Option<u64> {
    let number = u64::try_from(U256::from_be_bytes(address.into_word().0)).ok()?;
    let more = if rules >= Rules::Prague { MORE } else { 0 };
    let known = (1..=LAST + more).contains(&number) || rules >= Rules::Osaka && number == VERIFY;
    known.then_some(number)
}

braid_stark::columns! {
    /// The rules, as flags.
    pub struct RuleFlags<T> {
        /// They are Prague's or later: calldata has a floor (EIP-7623).
        pub prague: T,
        /// They are Osaka's: gas limits have a cap (EIP-7825).
        pub osaka: T,
    }
}

impl<X: Expression> RuleFlags<X> {
    /// The number of the rules ([`Rules::number`]).
    pub fn number(&self) -> X {
        self.prague + self.osaka
    }

    /// The flags are those of a number: boolean, and the second asks for the first.
    pub fn constrain<B: ConstraintBuilder<X = X>>(&self, builder: &mut B, label: &'static str) {
        builder.assert_bool(label, self.prague);
        builder.assert_bool(label, self.osaka);
        builder.assert_zero(label, self.osaka * self.prague.not());
    }
}

impl RuleFlags<Felt> {
    /// The flags of rules.
    pub fn of(rules: Rules) -> Self {
        Self {
            prague: Felt::from_bool(rules >= Rules::Prague),
            osaka: Felt::from_bool(rules >= Rules::Osaka),
        }
    }
}

braid_stark::columns! {
    /// Where an address lies that is in the range of precompiles from 1, or one of these.
    pub struct AddressKind<T> {
        /// A limb but the lowest is not zero.
        pub is_high: T,
        /// The lowest limb is zero.
        pub is_zero: T,
        /// The lowest limb is above the range and below 256.
        pub is_between: T,
        /// It is 256.
        pub is_verify: T,
        /// The lowest limb is above 256.
        pub is_above: T,
        /// The inverse of the sum of the higher limbs, where it is high; else zero.
        pub high_inverse: T,
        /// How far the lowest limb is above the range and below 256, or in the range below its last and above 1; or how far above 257, in limbs of 16 bits; else zero.
        pub distance: [T; 2],
    }
}

impl<X: Expression> AddressKind<X> {
    /// Shows where `address` lies if `used` is 1; `is_low` says that it is in the range from 1, and is boolean by the caller. Gives whether it is a precompile. All of it is zero where `used` is 0.
    pub fn constrain<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        address: &AddressLimbs<X>,
        (used, is_low): (X, X),
        rules: &RuleFlags<X>,
    ) -> X {
        let cases = [
            self.is_high,
            self.is_zero,
            self.is_between,
            self.is_verify,
            self.is_above,
        ];
        for flag in cases {
            builder.assert_bool("precompile/kind", flag);
        }
        let all = cases.into_iter().sum::<X>() + is_low;
        builder.assert_eq("precompile/one kind", all, used);

        let [low, high @ ..] = *address;
        let high: X = high.into_iter().sum();
        let shown = high * self.high_inverse;
        builder.assert_eq_when("precompile/high", self.is_high, shown, X::one());
        let unused = self.is_high.not() * self.high_inverse;
        builder.assert_zero("precompile/inverse unused", unused);
        builder.assert_zero("precompile/zero", self.is_zero * low);
        let alone = is_low + self.is_verify;
        builder.assert_zero("precompile/no higher limbs", alone * high);
        let verify = X::from_u64(VERIFY);
        builder.assert_eq_when("precompile/verify", self.is_verify, low, verify);

        let last = X::from_u64(LAST) + rules.prague.scale(MORE);
        let [first, second] = self.distance;
        let far = X::from_u64(VERIFY + 1) + X::from_limbs(&self.distance, 16);
        builder.assert_eq_when("precompile/above", self.is_above, low, far);
        let between = self.is_between;
        let beyond = last + X::one();
        builder.assert_eq_when("precompile/between", between, first, low - beyond);
        let below = X::from_u64(VERIFY - 1) - low;
        builder.assert_eq_when("precompile/between", between, second, below);
        builder.assert_eq_when("precompile/low", is_low, first, last - low);
        builder.assert_eq_when("precompile/low", is_low, second, low - X::one());
        let near = self.is_above + between + is_low;
        range_check_when(builder, &self.distance, near);
        for limb in self.distance {
            builder.assert_zero("precompile/distance unused", near.not() * limb);
        }
        is_low + self.is_verify * rules.osaka
    }
}

impl AddressKind<Felt> {
    /// Where an address lies by these rules, and whether it is in the range from 1.
    pub fn of(address: Address, rules: Rules) -> (Self, bool) {
        let mut kind = *Self::from_slice(&[Felt::ZERO; AddressKind::<Felt>::WIDTH]);
        let [low, high @ ..] = limbs_of(address);
        let high: Felt = high.into_iter().sum();
        let low = low.to_canonical_u64();
        let last = if rules >= Rules::Prague {
            LAST + MORE
        } else {
            LAST
        };
        if let Some(inverse) = high.try_inverse() {
            kind.is_high = Felt::ONE;
            kind.high_inverse = inverse;
            return (kind, false);
        }
        match low {
            0 => kind.is_zero = Felt::ONE,
            VERIFY => kind.is_verify = Felt::ONE,
            _ if low > VERIFY => {
                kind.is_above = Felt::ONE;
                kind.distance = low_limbs(low - VERIFY - 1);
            }
            _ if low > last => {
                kind.is_between = Felt::ONE;
                kind.distance = felts([low - last - 1, VERIFY - 1 - low]);
            }
            _ => {
                kind.distance = felts([last - low, low - 1]);
                return (kind, true);
            }
        }
        (kind, false)
    }
}

impl<X> From<RuleFlags<X>> for Message<X>
where
    X: Expression,
{
    fn from(flags: RuleFlags<X>) -> Self {
        let rules = flags.number();
        Self::Rules { rules }
    }
}

#[cfg(test)]
mod tests;
