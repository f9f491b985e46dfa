//! What accesses to slots cost, and give back.

use alloy_primitives::U256;

use crate::event::opcode::{SLOAD, SSTORE, TLOAD, TSTORE};

/// Gas of an access to a slot that is warm, and of one to a slot of transient storage (EIP-2929, EIP-1153).
pub const WARM_GAS: u64 = 100;
/// What SLOAD costs more where the slot is cold (EIP-2929).
pub const COLD_LOAD_GAS: u64 = 2_000;
/// What SSTORE costs more where the slot is cold (EIP-2929).
pub const COLD_STORE_GAS: u64 = 2_100;
/// What the first change of a slot in a transaction costs more, if the slot is zero (EIP-2200).
pub const SET_GAS: u64 = 19_900;
/// The same if it is not.
pub const RESET_GAS: u64 = 2_800;
/// What is given back where a slot becomes zero that was not (EIP-3529).
pub const CLEAR_REFUND: u64 = 4_800;
/// SSTORE halts with this much gas or less (EIP-2200).
pub const SENTRY_GAS: u64 = 2_300;

/// Whether the opcode does nothing but read or write a slot.
pub fn accesses_storage(opcode: u8) -> bool {
    matches!(opcode, SLOAD | SSTORE | TLOAD | TSTORE)
}

/// The least gas with which such an opcode looks at the slot at all: with less it halts whatever the slot is.
pub fn least_gas(opcode: u8) -> u64 {
    match opcode {
        SSTORE => SENTRY_GAS + 1,
        _ => WARM_GAS,
    }
}

/// What SSTORE costs beyond [`WARM_GAS`] and what a cold slot costs, and how it changes the refund counter (EIP-2200, EIP-3529).
pub fn store_gas(original: U256, present: U256, new: U256) -> (u64, i64) {
    if new == present {
        return (0, 0);
    }
    let first_change = if original.is_zero() {
        SET_GAS
    } else {
        RESET_GAS
    };
    let mut refund = 0;
    if !original.is_zero() {
        let clears = i64::from(new.is_zero()) - i64::from(present.is_zero());
        refund += clears * CLEAR_REFUND as i64;
    }
    if original == new {
        refund += first_change as i64;
    }
    match original == present {
        true => (first_change, refund),
        false => (0, refund),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-3529: a slot's values before the transaction and after each of its stores, all warm, with the gas of all stores and what they give back.
    #[test]
    fn stores_cost_what_the_proposal_says() {
        let examples: &[(u64, &[u64], u64, i64)] = &[
            (0, &[0, 0], 200, 0),
            (0, &[0, 1], 20_100, 0),
            (0, &[1, 0], 20_100, 19_900),
            (0, &[1, 2], 20_100, 0),
            (0, &[1, 1], 20_100, 0),
            (1, &[0, 0], 3_000, 4_800),
            (1, &[0, 1], 3_000, 2_800),
            (1, &[0, 2], 3_000, 0),
            (1, &[2, 0], 3_000, 4_800),
            (1, &[2, 3], 3_000, 0),
            (1, &[2, 1], 3_000, 2_800),
            (1, &[2, 2], 3_000, 0),
            (1, &[1, 0], 3_000, 4_800),
            (1, &[1, 2], 3_000, 0),
            (1, &[1, 1], 200, 0),
            (0, &[1, 0, 1], 40_100, 19_900),
            (1, &[0, 1, 0], 5_900, 7_600),
        ];
        // The last two come back to where they were: the third store is a first change again.
        for (original, values, gas, refund) in examples {
            let mut present = U256::from(*original);
            let (mut all, mut back) = (0, 0);
            for value in *values {
                let new = U256::from(*value);
                let (more, change) = store_gas(U256::from(*original), present, new);
                all += WARM_GAS + more;
                back += change;
                present = new;
            }
            assert_eq!((all, back), (*gas, *refund), "{original} {values:?}");
        }
    }
}
