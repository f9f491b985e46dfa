//! The price of blob gas, which BLOBBASEFEE shows (EIP-4844, EIP-7516), in arithmetic that does not overflow.
//!
//! revm's own multiplies in 128 bits without a check: its price is wrong well before it leaves 128 bits, and takes very long for a large excess.

use alloy_primitives::U256;
use revm::primitives::eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_CANCUN;

/// The largest excess blob gas whose price has 128 bits, all that revm's block takes.
pub const MAX_EXCESS_BLOB_GAS: u64 = 296_199_157;

/// Wei a unit of blob gas: EIP-4844's `fake_exponential` with Cancun's update fraction; `None` above [`MAX_EXCESS_BLOB_GAS`].
pub fn blob_base_fee(excess_blob_gas: u64) -> Option<u128> {
    let (excess, fraction) = (
        U256::from(excess_blob_gas),
        U256::from(BLOB_BASE_FEE_UPDATE_FRACTION_CANCUN),
    );
    let (mut sum, mut term, mut step) = (U256::ZERO, fraction, U256::ZERO);
    while !term.is_zero() {
        sum = sum.checked_add(term)?;
        // No term exceeds the sum, which ends below 2^150: the next product stays below 2^214.
        u128::try_from(sum / fraction).ok()?;
        step += U256::ONE;
        term = term.checked_mul(excess)? / (fraction * step);
    }
    u128::try_from(sum / fraction).ok()
}
