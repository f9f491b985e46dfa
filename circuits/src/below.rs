//! Shows that one word is below another: cheaper than adding up their difference, which has sixteen limbs of 16 bits to look up.

use alloy_primitives::U256;
use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::{Field, PrimeField64};

use crate::limbs::range_check;
use crate::word::{WORD_LIMBS, Word, word};

braid_stark::columns! {
    /// How a word is below another. All zero where nothing is shown.
    pub struct Below<T> {
        /// Marks the most significant limb in which they differ.
        pub differs: [T; WORD_LIMBS],
        /// By how much the limbs there differ, less 1: limbs of 16 bits.
        pub gap: [T; 2],
    }
}

impl<X: Expression> Below<X> {
    /// Where this is 1, the one word is shown to be below the other; where it is 0, nothing is shown. Other values must be ruled out by the table.
    pub fn shown(&self) -> X {
        self.differs.into_iter().sum()
    }

    /// Demands what [`Self::shown`] promises. All limbs must be known to be below 2^32.
    ///
    /// Above the marked limb the words are equal. There, `greater - lesser - 1` is the gap, which is at least 0 by its two lookups; none of these numbers is large enough to
    /// wrap in the field.
    pub fn demand<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        label: &'static str,
        lesser: &Word<X>,
        greater: &Word<X>,
    ) {
        let limbs = self.differs.into_iter().zip(greater.iter().zip(lesser));
        let limbs = limbs.map(|(flag, (greater, lesser))| (flag, *greater - *lesser));
        let mut growth = X::zero();
        // The sum of the marks of lower limbs; the lowest has none below.
        let mut lower: Option<X> = None;
        for (flag, difference) in limbs {
            builder.assert_bool(label, flag);
            if let Some(lower) = lower {
                builder.assert_zero(label, lower * difference);
            }
            growth = growth + flag * (difference - X::one());
            lower = Some(lower.map_or(flag, |lower| lower + flag));
        }
        builder.assert_eq(label, growth, X::from_limbs(&self.gap, 16));
        range_check(builder, &self.gap);
    }
}

impl Below<Felt> {
    /// Shows that `lesser` is below `greater`; nothing, if it is not.
    pub fn new(lesser: U256, greater: U256) -> Self {
        let mut below = Self {
            differs: [Felt::ZERO; WORD_LIMBS],
            gap: [Felt::ZERO; 2],
        };
        if lesser >= greater {
            return below;
        }
        let (lesser, greater) = (word(lesser), word(greater));
        let limbs = below.differs.iter_mut().zip(greater).zip(lesser);
        let mut limbs = limbs.rev();
        if let Some(((flag, greater), lesser)) =
            limbs.find(|((_, greater), lesser)| greater != lesser)
        {
            *flag = Felt::ONE;
            let gap = (greater - lesser - Felt::ONE).to_canonical_u64();
            below.gap = [gap & 0xffff, gap >> 16].map(Felt::from_canonical_u64);
        }
        below
    }
}
