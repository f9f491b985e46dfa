//! Gas in limbs: numbers below 2^63 and somewhat above, shown by four lookups.
//!
//! **Limbs.** Three have 16 bits, and a fourth one, the top, counts [`TOP`]s. All four are looked up to be below 2^16, and what is shown is below `2^48 + 2^16 TOP`, which is 2^63 + 2^48: as large as any gas.
//! A number may have several such limbs. They all come to the same integer, as the sum is below the field's order.
//!
//! **Not negative.** In the field, `-x` is `p - x`. That is a number which limbs show only if `x` is 2^63 - 2^49 or more. Gas is never so far below zero: a frame begins with gas that is not negative, and its gas is shown again when it calls and when it ends.
//! In between are steps of one chunk, fewer than 2^26. Beside memory each costs less than 2^36 (a log of 2^32 bytes costs most). Memory costs less than 2^44 in all, as nobody pays for more than [`PAID_WORDS`](crate::tables::growth::PAID_WORDS) words.
//! Together that is less than 2^62 + 2^44. So whoever has spent too much has no limbs.
//!
//! **Lacking.** Whoever halts for want of gas shows two numbers: the gas, which is not negative, and `cost - gas - 1`. No cost is 2^48 or more, so the second one has no top limb: it is below 2^48, where `p - x` is for no `x` up to 2^63 + 2^49.
//! With a top limb much gas could be called too little.
//!
//! **Far.** Memory of 2^32 bytes has a cost that no table counts. It is more than [`SMALL_GAS`] beyond all that can be paid for before, so less gas than that does not pay for it; and memory of 2^64 bytes costs more than any gas ([`crate::region`]).

use braid_stark::{Expression, Felt};
use plonky2::field::types::Field;

use crate::limbs::low_limbs;

/// What the top limb of gas counts: half of what the limb below it reaches, so that 2^16 of it are 2^63.
pub const TOP: u64 = 1 << 47;

/// Memory of 2^32 bytes costs more than this beyond what a frame has paid for, so that less gas does not pay for it.
pub const SMALL_GAS: u64 = 1 << 44;

/// What makes the third limb of gas below [`SMALL_GAS`] a number below 2^16.
pub(crate) const SMALL_SCALE: u64 = 1 << (16 + 32 - 44);

/// The number with these limbs, the top one of which counts `top`.
pub fn gas_of_limbs<X: Expression>([low, middle, high, most]: [X; 4], top: u64) -> X {
    X::from_limbs(&[low, middle, high], 16) + most.scale(top)
}

/// The limbs of a number. A top limb of 2^16 or more is one that no lookup takes.
pub fn gas_limbs(value: u64, top: u64) -> [Felt; 4] {
    let [low, middle, high] = low_limbs(value % top);
    let most = Felt::from_canonical_u64(value / top);
    [low, middle, high, most]
}

/// The limbs of a number below 2^48, of which the top one is zero: what is lacking, less 1.
pub fn little_limbs(value: u64) -> [Felt; 4] {
    let [low, middle, high] = low_limbs(value);
    [low, middle, high, Felt::from_canonical_u64(value >> 48)]
}

#[cfg(test)]
mod tests {
    use braid_stark::AnyTable;
    use plonky2::field::types::{Field64, PrimeField64};

    use super::*;
    use crate::event::steps::gas_of_words;
    use crate::tables::call::{KEPT_TOP, LESS_TOP};
    use crate::tables::evm::Evm;
    use crate::tables::growth::PAID_WORDS;
    use crate::tables::invocation::FIFTH_TOP;
    use crate::tables::transaction::GAS_LIMIT_BITS;
    use crate::{registry, shapes};

    /// The largest number that is shown with a top limb that counts `top`.
    fn largest(top: u64) -> u128 {
        let most = (1 << 16) - 1;
        (1 << 48) - 1 + most * u128::from(top)
    }

    /// How far below zero gas can be before it is shown.
    const NEGATIVE: u128 = (1 << 62) + (1 << 44);

    #[test]
    fn no_number_below_zero_is_shown() {
        let order = u128::from(Felt::ORDER);
        assert!(largest(TOP) < (1 << 63) + (1 << 48));
        assert!(largest(TOP) < order - NEGATIVE);
        // A limit is what is given and an intrinsic gas below 2^43; so much is the gas of a frame at most.
        let gas = largest(TOP) + (1 << 43);
        assert!(gas < (1 << 63) + (1 << 49));
        // What is left is 64 times what is kept, and a remainder.
        let left = 64 * largest(KEPT_TOP) + 63;
        assert!(left < order - NEGATIVE);
        // What is asked for has an upper limb below 2^31 + 2^16, unless it is more than can be given.
        let (asked, most) = ((1 << 63) + (1 << 48), gas - gas / 64);
        assert!(most < 1 << 63);
        assert!(largest(LESS_TOP) < order - asked);
        assert!(largest(TOP) < order - most);
        // Five times what is a fifth.
        assert!(5 * largest(FIFTH_TOP) + 4 < order);
    }

    /// A gas limit below 2^63 has limbs, and so has all that follows from it.
    #[test]
    fn gas_below_the_limit_has_limbs() {
        let limit = 1u128 << GAS_LIMIT_BITS;
        let has = |value: u128, top: u64| value / u128::from(top) < 1 << 16;
        assert!(has(limit - 1, TOP));
        assert!(has((limit - 1) / 64, KEPT_TOP));
        assert!(has(limit - limit / 64, LESS_TOP));
        assert!(has(limit / 5, FIFTH_TOP));
    }

    /// What can be lacking has limbs without a top one: the most that memory below 2^32 costs, and a log of it.
    #[test]
    fn what_is_lacking_has_three_limbs() {
        let most = gas_of_words(1 << 28).map(|memory| memory + (8 << 32) + (1 << 16));
        let most = most.expect("a cost");
        assert!(most < 1 << 48);
        for value in [0, TOP - 1, TOP, most] {
            let limbs = little_limbs(value);
            assert_eq!(gas_of_limbs(limbs, TOP), Felt::from_canonical_u64(value));
            assert_eq!(limbs[3], Felt::ZERO);
        }
    }

    /// Why gas is never further below zero: no chunk has so many steps, none of which costs so much.
    #[test]
    fn few_steps_cost_little() {
        let shapes = shapes::all(&registry::tables());
        let steps = shapes
            .iter()
            .filter_map(|shape| shape.log_height_of(Evm.name()));
        assert!(steps.max().is_some_and(|most| most < 26));
        let cost = |words| gas_of_words(words).map_or(u128::MAX, u128::from);
        let memory = cost(PAID_WORDS);
        assert!(memory < 1 << 44);
        assert!((1 << 26) * (1 << 36) + memory < NEGATIVE);
        // What no gas pays for that is small, beyond memory that is paid for already.
        assert!(cost(1 << 27) - memory > u128::from(SMALL_GAS));
    }

    #[test]
    fn limbs_are_small_and_come_to_the_number() {
        let edges = [0, 1, TOP - 1, TOP, 1 << 52, (1 << 63) - 1];
        for (top, most) in [
            (TOP, 1 << 63),
            (KEPT_TOP, 1 << 57),
            (LESS_TOP, 1 << 62),
            (FIFTH_TOP, 1 << 61),
        ] {
            for value in edges.into_iter().filter(|value| *value < most) {
                let limbs = gas_limbs(value, top);
                let small = |limb: &Felt| limb.to_canonical_u64() < 1 << 16;
                assert!(limbs.iter().all(small), "{value} in {top}");
                assert_eq!(gas_of_limbs(limbs, top), Felt::from_canonical_u64(value));
            }
        }
    }
}
