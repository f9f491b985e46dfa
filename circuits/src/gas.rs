//! Gas in limbs: numbers below 2^63 and somewhat above, shown by four lookups.
//!
//! Three limbs have 16 bits, and a fourth one, the top, counts [`TOP`]s. So no limb needs a bound other than 2^16, and what is shown is below `2^48 + 2^16 TOP`, which is 2^63 + 2^48: a number as large as any gas, and one that
//! no negative number is in the field, unless it is below -2^63 + 2^49. A number may have several such limbs; they all come to the same.
//!
//! Gas itself is never so far below zero. Until a frame's gas is shown again, the steps of a chunk, fewer than 2^26, cost less than 2^36 each beside memory, and
//! memory of [`PAID_WORDS`](crate::tables::growth::PAID_WORDS) words less than 2^44 in all: together less than 2^62 + 2^44.

use braid_stark::{Expression, Felt};
use plonky2::field::types::Field;

use crate::limbs::low_limbs;

/// What the top limb of gas counts.
pub const TOP: u64 = 1 << 47;

/// Memory of 2^32 bytes costs more than this beyond what a frame has paid for, so that less gas does not pay for it.
pub const SMALL_GAS: u64 = 1 << 44;

/// What makes the third limb of gas below [`SMALL_GAS`] a number below 2^16.
pub(crate) const SMALL_SCALE: u64 = 1 << (16 + 32 - 44);

/// The number with these limbs, the top one of which counts `top`.
pub fn gas_of<X: Expression>([low, middle, high, most]: [X; 4], top: u64) -> X {
    X::from_limbs(&[low, middle, high], 16) + most.scale(top)
}

/// The limbs of a number. A top limb of 2^16 or more is one that no lookup takes.
pub fn gas_limbs(value: u64, top: u64) -> [Felt; 4] {
    let [low, middle, high] = low_limbs(value % top);
    let most = Felt::from_canonical_u64(value / top);
    [low, middle, high, most]
}

#[cfg(test)]
mod tests {
    use plonky2::field::types::PrimeField64;

    use super::*;

    #[test]
    fn limbs_are_small_and_come_to_the_number() {
        let edges = [0, 1, TOP - 1, TOP, 1 << 52, (1 << 63) - 1];
        for (top, most) in [(TOP, 1 << 63), (1 << 45, 1 << 61), (TOP - (1 << 40), 1 << 62)] {
            for value in edges.into_iter().filter(|value| *value < most) {
                let limbs = gas_limbs(value, top);
                let small = |limb: &Felt| limb.to_canonical_u64() < 1 << 16;
                assert!(limbs.iter().all(small), "{value} in {top}");
                assert_eq!(gas_of(limbs, top), Felt::from_canonical_u64(value));
            }
        }
    }
}
