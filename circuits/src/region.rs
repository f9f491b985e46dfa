//! A region of memory as two words of the stack name it: where it begins, and its length.
//!
//! A region without bytes is nowhere, wherever it begins. One with bytes is *near* if both words are below 2^32, and *far* otherwise. The memory that a far one needs costs 2^44 or more beyond what is paid for already ([`crate::gas`]), and if it is *beyond*, since one of the words is 2^64 or more, then more than any gas. So a step that halts for that shows one of two: that its region is
//! beyond, or that its gas is small ([`Distance::constrain`]).

use core::ops::Add;

use alloy_primitives::U256;
use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::access::pop;
use crate::execution::Popped;
use crate::gas::SMALL_GAS;
use crate::word::{Word, word};

braid_stark::columns! {
    /// A region.
    pub struct Region<T> {
        /// It has bytes, and both words are below 2^32.
        pub near: T,
        /// It has bytes, and one of the words is not.
        pub far: T,
        /// Where it begins.
        pub offset: Word<T>,
        /// When that was pushed.
        pub offset_pushed: T,
        /// Its bytes.
        pub length: Word<T>,
        /// When that was pushed.
        pub length_pushed: T,
        /// The inverse of the sum of the limbs of `length`, where that is not zero.
        pub length_inverse: T,
        /// It is far, and shown to be so far that one of the words is 2^64 or more.
        pub beyond: T,
        /// The inverse of the sum of all limbs but the lowest of both words, where the region is far; but the two lowest, where it is `beyond`.
        pub high_inverse: T,
        /// The first byte if it is near, or 0.
        pub start: T,
    }
}

/// The first byte of a region and how many it has, if it has any and both numbers are below 2^32.
pub fn near_bytes(offset: U256, length: U256) -> Option<[u64; 2]> {
    let [offset, length] = [offset, length].map(|number| u32::try_from(number).ok());
    let (offset, length) = (offset?, length?);
    (length > 0).then(|| [offset, length].map(u64::from))
}

/// The constraints of a region, by name.
pub struct RegionLabels {
    /// It is near, far or neither.
    pub kind: &'static str,
    /// It has bytes or none.
    pub length: &'static str,
    /// It is as far as it says.
    pub distance: &'static str,
    /// Its first byte.
    pub start: &'static str,
}

/// How far words are: sums of their limbs, all of which are below 2^32, so that a sum is zero only if all are.
#[derive(Clone, Copy, Debug)]
pub struct Distance<X> {
    /// Of all but the lowest.
    pub high: X,
    /// Of all but the two lowest.
    pub higher: X,
}

impl<X: Expression> Add for Distance<X> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            high: self.high + other.high,
            higher: self.higher + other.higher,
        }
    }
}

impl<X: Expression> Distance<X> {
    /// Of one word.
    pub fn of(word: &Word<X>) -> Self {
        let sum = |skipped: usize| word.iter().copied().skip(skipped).sum();
        Self {
            high: sum(1),
            higher: sum(2),
        }
    }

    /// The one rule for what costs more than there is, since it names memory at 2^32 or beyond: where `far` is 1, a word is 2^32 or more; where `beyond` is, which is boolean and 0 where `far` is not, one is 2^64 or more. Then no gas pays for it.
    /// Where `far - beyond` is 1, the step must show that its gas is small ([`crate::delegated::Delegated::halts_far`]).
    ///
    /// `far` is boolean and of degree 1, as are the sums.
    pub fn constrain<B: ConstraintBuilder<X = X>>(
        self,
        builder: &mut B,
        far: X,
        beyond: X,
        inverse: X,
        label: &'static str,
    ) {
        builder.assert_bool(label, beyond);
        builder.assert_zero(label, beyond * far.not());
        let shown = self.high * inverse;
        builder.assert_eq_when(label, far - beyond, shown, X::one());
        let shown = self.higher * inverse;
        builder.assert_eq_when(label, beyond, shown, X::one());
    }
}

impl Distance<Felt> {
    /// What a step shows that halts with this gas for want of more ([`Distance::constrain`]): `beyond`, and the inverse. `None` if no table shows it.
    pub fn shown(self, gas: u64) -> Option<(Felt, Felt)> {
        let (beyond, sum) = match gas < SMALL_GAS {
            true => (Felt::ZERO, self.high),
            false => (Felt::ONE, self.higher),
        };
        Some((beyond, sum.try_inverse()?))
    }
}

/// Whether a step that lacks the gas for memory does so for words of 2^32 or more, with too much gas to show it and none of the words beyond: no table shows that. `regions` are all that it names, as offset and length.
pub fn is_unshown(gas: u64, regions: impl IntoIterator<Item = [U256; 2]>) -> bool {
    let bytes = regions.into_iter().filter(|[_, length]| !length.is_zero());
    let bits = bytes.flatten().map(|word| word.bit_len()).max();
    gas >= SMALL_GAS && bits.is_some_and(|bits| (33..=64).contains(&bits))
}

impl<X: Expression> Region<X> {
    /// Bytes, if it is near or has none.
    pub fn bytes(&self) -> X {
        self.length[0]
    }

    /// Where this is 1, a step that halts since the region is far must show that its gas is small.
    pub fn small(&self) -> X {
        self.far - self.beyond
    }

    /// As [`Region::take_at`], of words one below the other, the offset at `index` of the stack.
    pub fn take<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        used: X,
        frame: X,
        index: X,
        clock: X,
        labels: &RegionLabels,
    ) {
        let places = [index, index - X::one()];
        self.take_at(builder, used, frame, places, clock, labels);
    }

    /// Where `used` is 1: the words are popped by step `clock` of `frame`, offset and length at these indices of the stack, and the flags say what they are. Both flags are zero where `used`, which is boolean and of degree 1, is.
    ///
    /// All limbs are below 2^32, so that sums of them are zero only if all are.
    pub fn take_at<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        used: X,
        frame: X,
        [index, below]: [X; 2],
        clock: X,
        labels: &RegionLabels,
    ) {
        let (near, far) = (self.near, self.far);
        let (offset, length) = (self.offset, self.length);
        pop(
            builder,
            used,
            frame,
            index,
            offset,
            self.offset_pushed,
            clock,
        );
        pop(
            builder,
            used,
            frame,
            below,
            length,
            self.length_pushed,
            clock,
        );
        for flag in [near, far, used - near - far] {
            builder.assert_bool(labels.kind, flag);
        }
        let sum: X = length.into_iter().sum();
        let shown = sum * self.length_inverse;
        builder.assert_eq_when(labels.length, near + far, shown, X::one());
        builder.assert_zero(labels.length, (used - near - far) * sum);
        let [first, ..] = offset;
        let distance = Distance::of(&offset) + Distance::of(&length);
        builder.assert_zero(labels.distance, near * distance.high);
        distance.constrain(
            builder,
            far,
            self.beyond,
            self.high_inverse,
            labels.distance,
        );
        builder.assert_eq(labels.start, self.start, near * first);
    }
}

impl Region<Felt> {
    /// The region that two words name which were popped.
    pub fn new(offset: &Popped, length: &Popped) -> Self {
        let (offset_limbs, length_limbs) = (word(offset.value), word(length.value));
        let sum = |limbs: &[Felt]| limbs.iter().copied().sum::<Felt>();
        let high = sum(&offset_limbs[1..]) + sum(&length_limbs[1..]);
        let has_bytes = length.value != U256::ZERO;
        let near = near_bytes(offset.value, length.value).is_some();
        let far = has_bytes && !near;
        let inverse = |value: Felt| value.try_inverse().unwrap_or_default();
        Self {
            near: Felt::from_bool(near),
            far: Felt::from_bool(far),
            offset: offset_limbs,
            offset_pushed: Felt::from_noncanonical_u64(offset.pushed),
            length: length_limbs,
            length_pushed: Felt::from_noncanonical_u64(length.pushed),
            length_inverse: inverse(sum(&length_limbs)),
            beyond: Felt::ZERO,
            high_inverse: inverse(if far { high } else { Felt::ZERO }),
            start: if near { offset_limbs[0] } else { Felt::ZERO },
        }
    }

    /// Fills what a step shows that halts with this gas for want of more, since this region is far. `None` if it is not, or that cannot be shown.
    pub fn show_far(&mut self, gas: u64) -> Option<()> {
        let distance = Distance::of(&self.offset) + Distance::of(&self.length);
        let shown = distance.shown(gas).filter(|_| self.far == Felt::ONE);
        (self.beyond, self.high_inverse) = shown?;
        Some(())
    }
}
