//! Tests of the native arithmetic, against k256 and big integers.

use alloy_primitives::{U256, uint};
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use k256::{ProjectivePoint, Scalar};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::offset::{BASE_POINTS, OFFSETS};
use super::scalar::{DIGIT_SURPLUS, digits_of, halve, split};
use super::{Affine, GENERATOR, N, P, mul, signed_limbs};

fn scalar(value: U256) -> Scalar {
    Scalar::from_repr(value.to_be_bytes::<32>().into()).unwrap()
}

fn affine(point: ProjectivePoint) -> Affine {
    let encoded = point.to_affine().to_encoded_point(false);
    Affine {
        x: U256::from_be_slice(encoded.x().unwrap()),
        y: U256::from_be_slice(encoded.y().unwrap()),
    }
}

#[test]
fn products() {
    let mut rng = StdRng::seed_from_u64(2);
    let edge = [
        U256::ZERO,
        U256::ONE,
        P - U256::ONE,
        P - U256::from(2),
        P >> 1,
        U256::MAX - P,
    ];
    for a in edge {
        for b in edge {
            assert_eq!(mul(a, b), a.mul_mod(b, P));
        }
    }
    for _ in 0..1000 {
        let (a, b) = (U256::from_limbs(rng.r#gen()), U256::from_limbs(rng.r#gen()));
        assert_eq!(mul(a, b), a.mul_mod(b, P));
    }
}

#[test]
fn sums_agree_with_k256() {
    let g = ProjectivePoint::GENERATOR;
    let two = GENERATOR.doubled().unwrap();
    assert_eq!(two, affine(g.double()));
    assert_eq!(two.plus(&GENERATOR).unwrap(), affine(g.double() + g));
    assert_eq!(Affine::decompress(two.x, two.y.bit(0)), Some(two));
    assert!(two.is_on_curve() && two.negated().is_on_curve());
    assert_eq!(two.plus(&two.negated()), None);
    assert_eq!(
        Affine::decompress(U256::from(5), false),
        None,
        "5^3 + 7 is no square"
    );
}

#[test]
fn signed_limbs_are_the_number_modulo_p() {
    let mut rng = StdRng::seed_from_u64(3);
    for value in [
        U256::ZERO,
        P - U256::ONE,
        P >> 1,
        (P >> 1) + U256::ONE,
        U256::from_limbs(rng.r#gen()),
    ] {
        let value = value % P;
        let limbs = signed_limbs(value);
        let mut sum = U256::ZERO;
        for limb in limbs.iter().rev() {
            assert!((-(1 << 15)..1 << 15).contains(limb));
            sum = sum.mul_mod(U256::from(1 << 16), P);
            sum = sum.add_mod(P - U256::from(1 << 15), P);
            sum = sum.add_mod(U256::from(limb + (1 << 15)), P);
        }
        assert_eq!(sum, value);
    }
}

#[test]
fn fixed_points() {
    let shift = scalar(U256::ONE << 128);
    for (high, low) in [(0u64, 0u64), (0, 15), (15, 0), (7, 9)] {
        let expected = scalar(U256::from(low + 1)) + scalar(U256::from(high + 1)) * shift;
        let expected = affine(ProjectivePoint::GENERATOR * expected);
        assert_eq!(BASE_POINTS[high as usize][low as usize], expected);
    }
    for offset in OFFSETS.iter() {
        assert!(offset.end.is_on_curve() && offset.end != GENERATOR);
        let four = offset.end.doubled().unwrap().doubled().unwrap();
        assert_eq!(offset.start, four);
        assert_eq!(offset.start.plus(&offset.window).unwrap(), offset.end);
    }
}

#[test]
fn halves() {
    let mut rng = StdRng::seed_from_u64(4);
    let mut scalars = vec![
        U256::ONE,
        N - U256::ONE,
        U256::from(2),
        U256::ONE << 128,
        (U256::ONE << 128) - U256::ONE,
    ];
    scalars.extend((0..200).map(|_| U256::from_limbs(rng.r#gen()) % N));
    for u in scalars {
        let halves = halve(u);
        assert!(
            halves.z > U256::ZERO && halves.z >> 128 == U256::ZERO && halves.v >> 128 == U256::ZERO
        );
        let v = if halves.negative {
            N - halves.v
        } else {
            halves.v
        };
        assert_eq!(halves.z.mul_mod(u, N), v % N);
    }
}

#[test]
fn digits() {
    for w in [U256::ZERO, DIGIT_SURPLUS, N - U256::ONE, U256::from(5)] {
        assert_eq!(digits_of(w).add_mod(DIGIT_SURPLUS, N), w);
        let (low, high) = split(w);
        assert_eq!(U256::from(low) + (U256::from(high) << 128), w);
    }
}

/// Computed by another implementation of the recipe.
#[test]
fn offsets_are_pinned() {
    let pinned = [
        uint!(0x44c78299abdb92d2154162291b80f215f6cb14be0668ead7d7467123fa4f35f9_U256),
        uint!(0x4d69b052e275344b206ac3e3a5ec05daf5f85d127626525c7b8ef05912ba31f7_U256),
        uint!(0x6641ab15db8194ee46996fa6f2727430e961b2cdbe8d7859d7a166a88fc17f27_U256),
        uint!(0x666d03df94834d1479f697a336c12012ec7bd325d237e36b31a95afa3ba618ba_U256),
    ];
    for (offset, x) in OFFSETS.iter().zip(pinned) {
        assert_eq!(offset.end.x, x);
        assert!(!offset.end.y.bit(0));
    }
}
