//! What a transaction costs, by parts.

use revm::context::result::ResultGas;

/// Gas of any transaction before calldata.
pub const TRANSACTION_GAS: u64 = 21_000;
/// Most gas that one transaction may have (EIP-7825).
pub const MAX_TRANSACTION_GAS: u64 = 1 << 24;
/// Most bytes of a contract (EIP-170).
pub const MAX_CONTRACT_BYTES: usize = 24_576;

/// The bytes of a calldata, counted by what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CalldataBytes {
    /// Zero bytes.
    pub zero: u64,
    /// All others.
    pub nonzero: u64,
}

impl CalldataBytes {
    /// Counts.
    pub fn of(calldata: &[u8]) -> Self {
        let zero = calldata.iter().filter(|byte| **byte == 0).count() as u64;
        Self {
            zero,
            nonzero: calldata.len() as u64 - zero,
        }
    }

    /// All bytes.
    pub fn total(self) -> u64 {
        self.zero + self.nonzero
    }

    /// Gas for the calldata where execution costs enough (EIP-2028): 4 a zero byte, 16 any other.
    pub fn gas(self) -> u64 {
        4 * self.zero + 16 * self.nonzero
    }

    /// The least that a transaction with this calldata costs, whatever it executes (EIP-7623): 10 a zero byte, 40 any other.
    pub fn floor(self) -> u64 {
        TRANSACTION_GAS + 10 * self.zero + 40 * self.nonzero
    }
}

/// What a call cost. `total` is the larger of `intrinsic + execution - refund` and `floor`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GasReport {
    /// The calldata.
    pub calldata: CalldataBytes,
    /// Before the first step: the transaction itself, calldata, and for a creation what it costs to create.
    pub intrinsic: u64,
    /// Steps; for a creation also the code that is stored.
    pub execution: u64,
    /// For storage that is cleared.
    pub refund: u64,
    /// The least that the calldata costs (EIP-7623).
    pub floor: u64,
    /// What is paid.
    pub total: u64,
}

impl GasReport {
    /// From what the EVM counted.
    pub(crate) fn new(calldata: &[u8], creates: bool, counted: &ResultGas) -> Self {
        let bytes = CalldataBytes::of(calldata);
        // EIP-3860: 2 gas for each word of init code.
        let creation = if creates {
            32_000 + 2 * bytes.total().div_ceil(32)
        } else {
            0
        };
        let intrinsic = TRANSACTION_GAS + bytes.gas() + creation;
        Self {
            calldata: bytes,
            intrinsic,
            execution: counted.total_gas_spent().saturating_sub(intrinsic),
            refund: counted.inner_refunded(),
            floor: bytes.floor(),
            total: counted.tx_gas_used(),
        }
    }
}
