//! Vectors of machine integers, as wide as [`Packed`].

use crate::packed::Packed;

#[cfg(all(
    target_arch = "x86_64",
    target_feature = "avx512bw",
    target_feature = "avx512cd",
    target_feature = "avx512dq",
    target_feature = "avx512f",
    target_feature = "avx512vl"
))]
#[allow(unsafe_code)]
mod vectors {
    use core::arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmplt_epu64_mask,
        _mm512_mask_add_epi64, _mm512_mullo_epi64, _mm512_set1_epi64, _mm512_slli_epi64,
        _mm512_srli_epi64, _mm512_sub_epi64,
    };
    use core::mem::transmute;

    use super::Packed;

    /// One integer per lane; sums and products wrap around. (Left to itself, the compiler turns loops over lanes into gathers.)
    #[derive(Clone, Copy)]
    pub(in crate::prove) struct Integers(__m512i);

    // SAFETY of all calls below: the module exists only where the whole build has AVX-512.
    // SAFETY of the conversions: `Packed` is then eight 64-bit integers, any of which is a valid field element.
    impl Integers {
        #[inline(always)]
        fn broadcast(value: u64) -> Self {
            Self(unsafe { _mm512_set1_epi64(value.cast_signed()) })
        }

        #[inline(always)]
        pub(in crate::prove) fn zero() -> Self {
            Self::broadcast(0)
        }

        #[inline(always)]
        pub(in crate::prove) fn plus(self, other: Self) -> Self {
            Self(unsafe { _mm512_add_epi64(self.0, other.0) })
        }

        /// The sum in the field, where `2^64 = 2^32 - 1`, if one of the two is below `2^64 - 2^32`.
        #[inline(always)]
        pub(in crate::prove) fn plus_modulo(self, other: Self) -> Self {
            let sum = self.plus(other).0;
            let overflow = unsafe { _mm512_cmplt_epu64_mask(sum, other.0) };
            let rest = Self::broadcast(0xffff_ffff).0;
            Self(unsafe { _mm512_mask_add_epi64(sum, overflow, sum, rest) })
        }

        #[inline(always)]
        pub(in crate::prove) fn minus(self, other: Self) -> Self {
            Self(unsafe { _mm512_sub_epi64(self.0, other.0) })
        }

        #[inline(always)]
        pub(in crate::prove) fn times(self, factor: u64) -> Self {
            Self(unsafe { _mm512_mullo_epi64(self.0, Self::broadcast(factor).0) })
        }

        #[inline(always)]
        pub(in crate::prove) fn plus_constant(self, constant: u64) -> Self {
            self.plus(Self::broadcast(constant))
        }

        /// The lower 32 bits.
        #[inline(always)]
        pub(in crate::prove) fn low(self) -> Self {
            Self(unsafe { _mm512_and_si512(self.0, Self::broadcast(0xffff_ffff).0) })
        }

        #[inline(always)]
        pub(in crate::prove) fn right<const BITS: u32>(self) -> Self {
            Self(unsafe { _mm512_srli_epi64::<BITS>(self.0) })
        }

        #[inline(always)]
        pub(in crate::prove) fn left<const BITS: u32>(self) -> Self {
            Self(unsafe { _mm512_slli_epi64::<BITS>(self.0) })
        }

        #[inline(always)]
        pub(in crate::prove) fn from_packed(packed: Packed) -> Self {
            Self(unsafe { transmute::<Packed, __m512i>(packed) })
        }

        /// As field elements, which need not be reduced.
        #[inline(always)]
        pub(in crate::prove) fn packed(self) -> Packed {
            unsafe { transmute::<__m512i, Packed>(self.0) }
        }
    }
}

#[cfg(not(all(
    target_arch = "x86_64",
    target_feature = "avx512bw",
    target_feature = "avx512cd",
    target_feature = "avx512dq",
    target_feature = "avx512f",
    target_feature = "avx512vl"
)))]
mod vectors {
    use plonky2::field::packed::PackedField;

    use super::Packed;
    use crate::expression::Expression;

    /// One integer per lane; sums and products wrap around.
    #[derive(Clone, Copy)]
    pub(in crate::prove) struct Integers([u64; Packed::WIDTH]);

    impl Integers {
        fn map(self, f: impl Fn(u64) -> u64) -> Self {
            Self(self.0.map(f))
        }

        pub(in crate::prove) fn zero() -> Self {
            Self([0; Packed::WIDTH])
        }

        pub(in crate::prove) fn plus(mut self, other: Self) -> Self {
            for (lane, other) in self.0.iter_mut().zip(other.0) {
                *lane = lane.wrapping_add(other);
            }
            self
        }

        /// The sum in the field, where `2^64 = 2^32 - 1`, if one of the two is below `2^64 - 2^32`.
        pub(in crate::prove) fn plus_modulo(mut self, other: Self) -> Self {
            for (lane, other) in self.0.iter_mut().zip(other.0) {
                let (sum, overflow) = lane.overflowing_add(other);
                *lane = sum.wrapping_add(if overflow { 0xffff_ffff } else { 0 });
            }
            self
        }

        pub(in crate::prove) fn minus(mut self, other: Self) -> Self {
            for (lane, other) in self.0.iter_mut().zip(other.0) {
                *lane = lane.wrapping_sub(other);
            }
            self
        }

        pub(in crate::prove) fn times(self, factor: u64) -> Self {
            self.map(|lane| lane.wrapping_mul(factor))
        }

        pub(in crate::prove) fn plus_constant(self, constant: u64) -> Self {
            self.map(|lane| lane.wrapping_add(constant))
        }

        /// The lower 32 bits.
        pub(in crate::prove) fn low(self) -> Self {
            self.map(|lane| lane & 0xffff_ffff)
        }

        pub(in crate::prove) fn right<const BITS: u32>(self) -> Self {
            self.map(|lane| lane >> BITS)
        }

        pub(in crate::prove) fn left<const BITS: u32>(self) -> Self {
            self.map(|lane| lane << BITS)
        }

        pub(in crate::prove) fn from_packed(packed: Packed) -> Self {
            let mut integers = Self::zero();
            for (integer, value) in integers.0.iter_mut().zip(packed.0.as_slice()) {
                *integer = value.0;
            }
            integers
        }

        /// As field elements, which need not be reduced.
        pub(in crate::prove) fn packed(self) -> Packed {
            let mut packed = Packed::zero();
            for (value, &integer) in packed.0.as_slice_mut().iter_mut().zip(&self.0) {
                value.0 = integer;
            }
            packed
        }
    }
}

pub(super) use vectors::Integers;
