//! The price of blob gas, which BLOBBASEFEE shows (EIP-4844, EIP-7516), in arithmetic that does not overflow.
//!
//! revm's own multiplies in 128 bits without a check: its price is wrong well before it leaves 128 bits, and takes very long for a large excess.

use alloy_primitives::U256;
use braid_text::Rules;

/// What the rules say of blobs.
struct Blobs {
    /// How slowly the price follows the excess.
    fraction: u64,
    /// As many of a block leave the price as it is.
    target: u64,
    /// Most of a block.
    most: u64,
    /// Most of a transaction.
    most_of_one: u64,
}

/// EIP-4844, EIP-7691, EIP-7594. Osaka begins with Prague's numbers; what changes them later (EIP-7892) are no rules of their own here.
fn blobs(rules: Rules) -> Blobs {
    match rules {
        Rules::Cancun => Blobs {
            fraction: 3_338_477,
            target: 3,
            most: 6,
            most_of_one: 6,
        },
        Rules::Prague => Blobs {
            fraction: 5_007_716,
            target: 6,
            most: 9,
            most_of_one: 9,
        },
        Rules::Osaka => Blobs {
            most_of_one: 6,
            ..blobs(Rules::Prague)
        },
    }
}

/// Gas of a blob.
const BLOB_GAS: u64 = 1 << 17;
/// Gas whose price that of a blob does not fall below for long (EIP-7918).
const BLOB_BASE_COST: u64 = 1 << 13;

/// Most blobs that a transaction may have: revm is asked about such transactions, which are none of the rollup's, in tests alone.
pub(super) fn max_blobs(rules: Rules) -> u64 {
    blobs(rules).most_of_one
}

/// The excess blob gas of a block whose parent had this excess, used so much blob gas, and had this base fee (EIP-4844, EIP-7918); `None` if it is 2^64 or more.
pub fn next_excess_blob_gas(rules: Rules, excess: u64, used: u64, base_fee: u64) -> Option<u64> {
    let Blobs { target, most, .. } = blobs(rules);
    let sum = u128::from(excess) + u128::from(used);
    let Some(above) = sum.checked_sub((target * BLOB_GAS).into()) else {
        return Some(0);
    };
    let reserve = u128::from(BLOB_BASE_COST) * u128::from(base_fee);
    // A price of more than 128 bits is above any reserve.
    let price = blob_base_fee(rules, excess).unwrap_or(u128::MAX);
    let is_cheap = rules >= Rules::Osaka && reserve > price.saturating_mul(BLOB_GAS.into());
    let next = match is_cheap {
        true => {
            u128::from(excess) + u128::from(used) * u128::from(most - target) / u128::from(most)
        }
        false => above,
    };
    next.try_into().ok()
}

/// The largest excess blob gas whose price has 128 bits, all that revm's block takes.
pub fn max_excess_blob_gas(rules: Rules) -> u64 {
    match rules {
        Rules::Cancun => 296_199_157,
        Rules::Prague | Rules::Osaka => 444_298_780,
    }
}

/// Wei a unit of blob gas: EIP-4844's `fake_exponential` with the rules' update fraction; `None` above [`max_excess_blob_gas`].
pub fn blob_base_fee(rules: Rules, excess_blob_gas: u64) -> Option<u128> {
    let fraction = blobs(rules).fraction;
    let (excess, fraction) = (U256::from(excess_blob_gas), U256::from(fraction));
    let (mut sum, mut term, mut step) = (U256::ZERO, fraction, U256::ZERO);
    while !term.is_zero() {
        sum = sum.checked_add(term)?;
        // No term exceeds the sum, which ends below 2^151: the next product stays below 2^215.
        u128::try_from(sum / fraction).ok()?;
        step += U256::ONE;
        term = term.checked_mul(excess)? / (fraction * step);
    }
    u128::try_from(sum / fraction).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_excess_has_a_price_and_the_next_has_none() {
        for rules in Rules::ALL {
            let largest = max_excess_blob_gas(rules);
            assert!(blob_base_fee(rules, largest).is_some(), "{rules}");
            assert_eq!(blob_base_fee(rules, largest + 1), None, "{rules}");
            assert_eq!(blob_base_fee(rules, u64::MAX), None, "{rules}");
        }
    }

    #[test]
    fn excess_follows_from_the_parent() {
        use alloy_eips::eip7840::BlobParams;
        let blobs = [0, 1, 3, 4, 6, 7, 9].map(|blobs| blobs * BLOB_GAS);
        let all = [
            (Rules::Cancun, BlobParams::cancun()),
            (Rules::Prague, BlobParams::prague()),
            (Rules::Osaka, BlobParams::osaka()),
        ];
        for (rules, parameters) in all {
            for excess in [0, 1, BLOB_GAS, 5 * BLOB_GAS, 9 * BLOB_GAS, 40_000_000] {
                for used in blobs {
                    for base_fee in [0, 1, 16, 17, 1_000, 1_000_000_000] {
                        let expected =
                            parameters.next_block_excess_blob_gas_osaka(excess, used, base_fee);
                        let found = next_excess_blob_gas(rules, excess, used, base_fee);
                        assert_eq!(found, Some(expected), "{rules} {excess} {used} {base_fee}");
                    }
                }
            }
            assert_eq!(
                next_excess_blob_gas(rules, u64::MAX, u64::MAX, u64::MAX),
                None
            );
        }
        // Below the reserve a full block raises the excess by a third of what it used.
        let full = 9 * BLOB_GAS;
        assert_eq!(
            next_excess_blob_gas(Rules::Prague, 0, full, 1_000),
            Some(3 * BLOB_GAS)
        );
        assert_eq!(
            next_excess_blob_gas(Rules::Osaka, 0, 6 * BLOB_GAS, 1_000),
            Some(2 * BLOB_GAS)
        );
        assert_eq!(
            next_excess_blob_gas(Rules::Osaka, 0, 6 * BLOB_GAS, 16),
            Some(0)
        );
    }

    #[test]
    fn prices_are_those_of_the_fraction() {
        // e to the power of 10 in whole numbers.
        for (rules, excess) in [
            (Rules::Cancun, 33_384_770),
            (Rules::Prague, 50_077_160),
            (Rules::Osaka, 50_077_160),
        ] {
            assert_eq!(blob_base_fee(rules, excess), Some(22_026), "{rules}");
            assert_eq!(blob_base_fee(rules, 0), Some(1), "{rules}");
        }
    }
}
