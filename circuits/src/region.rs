//! A region of memory as two words of the stack name it: where it begins, and its length.
//!
//! A region without bytes is nowhere, wherever it begins. One with bytes is *near* if both words are below 2^32, and *far* otherwise: no gas pays for the memory that it needs.

use alloy_primitives::U256;
use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::access::pop;
use crate::execution::Popped;
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
        /// The inverse of the sum of all limbs but the lowest of both words, where the region is far.
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

impl<X: Expression> Region<X> {
    /// Bytes, if it is near or has none.
    pub fn bytes(&self) -> X {
        self.length[0]
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
        let ([first, offset @ ..], [_, length @ ..]) = (offset, length);
        let high: X = offset.into_iter().chain(length).sum();
        builder.assert_zero(labels.distance, near * high);
        let shown = high * self.high_inverse;
        builder.assert_eq_when(labels.distance, far, shown, X::one());
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
            high_inverse: inverse(if far { high } else { Felt::ZERO }),
            start: if near { offset_limbs[0] } else { Felt::ZERO },
        }
    }
}
