//! What transactions pay for gas.

use alloy_primitives::U256;

use crate::error::Error;
use crate::event::{Rules, TransactionEvent};

/// Gas of every transaction, and per zero byte, non-zero byte, listed address and listed key (EIP-2028, EIP-2930).
pub const INTRINSIC_GAS: [u64; 5] = [21_000, 4, 16, 2_400, 1_900];
/// Gas of every transaction, and per zero and non-zero byte, that is paid at least (EIP-7623).
pub const FLOOR_GAS: [u64; 3] = [21_000, 10, 40];
/// The most gas that a transaction may have (EIP-7825).
pub const GAS_CAP: u64 = 1 << 24;

fn bytes(event: &TransactionEvent) -> [u64; 2] {
    let zeros = event.data.iter().filter(|byte| **byte == 0).count() as u64;
    [zeros, event.data.len() as u64 - zeros]
}

fn sum<const N: usize>(counts: [u64; N], gas: [u64; N]) -> u64 {
    let products = counts.into_iter().zip(gas);
    products.fold(0, |sum, (count, gas)| {
        sum.saturating_add(count.saturating_mul(gas))
    })
}

/// Gas that is used before any code runs.
pub fn intrinsic_gas(event: &TransactionEvent) -> u64 {
    let [zeros, nonzeros] = bytes(event);
    let listed = [event.access_addresses(), event.access_keys()];
    sum([1, zeros, nonzeros, listed[0], listed[1]], INTRINSIC_GAS)
}

/// Gas that is paid whatever was used (EIP-7623); 0 where the rules know no such thing.
pub fn floor_gas(event: &TransactionEvent, rules: Rules) -> u64 {
    let [zeros, nonzeros] = bytes(event);
    match rules {
        Rules::Cancun => 0,
        Rules::Prague | Rules::Osaka => sum([1, zeros, nonzeros], FLOOR_GAS),
    }
}

/// Prices of gas (EIP-1559), in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasPrice {
    /// What the fee cap leaves above the base fee.
    pub headroom: U256,
    /// What the coinbase gets.
    pub tip: U256,
    /// What the sender pays.
    pub price: U256,
}

impl GasPrice {
    /// What gas costs a transaction in a block with this base fee.
    ///
    /// # Errors
    /// [`Error::Events`] if its fee cap is below the base fee.
    pub fn of(event: &TransactionEvent, base_fee: U256) -> Result<Self, Error> {
        let headroom = sub(event.max_fee, base_fee, "the fee cap")?;
        let tip = headroom.min(event.max_priority_fee);
        let price = add(base_fee, tip, "the gas price")?;
        Ok(Self {
            headroom,
            tip,
            price,
        })
    }
}

/// `a + b`.
///
/// # Errors
/// [`Error::Events`] if `what` is 2^256 or more.
pub(crate) fn add(a: U256, b: U256, what: &str) -> Result<U256, Error> {
    a.checked_add(b)
        .ok_or_else(|| Error::Events(format!("{what} overflows")))
}

/// `a - b`.
///
/// # Errors
/// [`Error::Events`] if `what` is less than what is asked of it.
pub(crate) fn sub(a: U256, b: U256, what: &str) -> Result<U256, Error> {
    a.checked_sub(b)
        .ok_or_else(|| Error::Events(format!("{what} does not suffice")))
}

/// `a * b`.
///
/// # Errors
/// [`Error::Events`] if `what` is 2^256 or more.
pub(crate) fn mul(a: U256, b: U256, what: &str) -> Result<U256, Error> {
    a.checked_mul(b)
        .ok_or_else(|| Error::Events(format!("{what} overflows")))
}
