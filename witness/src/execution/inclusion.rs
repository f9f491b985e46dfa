//! Ethereum's rules of inclusion (Cancun) that a transaction's own bytes do not decide; those are in [`crate::transaction`].

use alloy_primitives::{Address, U512};
use braid_circuits::event::BlockEnvironment;

use super::outcome::AccountState;
use crate::error::{BlockFault, Error, Result, TransactionFault};
use crate::transaction::SignedTransaction;

/// The addresses of Cancun's precompiled contracts: 0x01 to 0x0a.
pub fn is_precompile(address: Address) -> bool {
    let (last, rest) = match address.as_slice().split_last() {
        Some((last, rest)) => (*last, rest),
        None => return false,
    };
    rest.iter().all(|byte| *byte == 0) && (1..=10).contains(&last)
}

/// Whether a block follows its parent, given by number and timestamp.
///
/// # Errors
/// [`Error::InvalidBlock`] with the rule that is broken.
pub fn check_environment(
    environment: &BlockEnvironment,
    (parent_number, parent_timestamp): (u64, u64),
) -> Result<()> {
    let fault = |reason| Error::InvalidBlock {
        block: environment.number,
        reason,
    };
    let expected = parent_number
        .checked_add(1)
        .ok_or_else(|| fault(BlockFault::NumberOverflow))?;
    if environment.number != expected {
        return Err(fault(BlockFault::Number { expected }));
    }
    if environment.timestamp < parent_timestamp {
        return Err(fault(BlockFault::Timestamp {
            timestamp: environment.timestamp,
            parent: parent_timestamp,
        }));
    }
    if environment.gas_limit == 0 {
        return Err(fault(BlockFault::ZeroGasLimit));
    }
    Ok(())
}

/// Whether the block has enough gas left after `gas_used`.
///
/// # Errors
/// [`TransactionFault::BlockGas`].
pub fn check_block_gas(
    transaction: &SignedTransaction,
    environment: &BlockEnvironment,
    gas_used: u64,
) -> core::result::Result<(), TransactionFault> {
    let available = environment.gas_limit.saturating_sub(gas_used);
    if transaction.gas_limit > available {
        return Err(TransactionFault::BlockGas {
            gas_limit: transaction.gas_limit,
            available,
        });
    }
    Ok(())
}

/// Whether the fee cap covers the base fee.
///
/// # Errors
/// [`TransactionFault::FeeBelowBaseFee`].
pub fn check_fee(
    transaction: &SignedTransaction,
    environment: &BlockEnvironment,
) -> core::result::Result<(), TransactionFault> {
    if transaction.max_fee < environment.base_fee {
        return Err(TransactionFault::FeeBelowBaseFee {
            cap: transaction.max_fee,
            base_fee: environment.base_fee,
        });
    }
    Ok(())
}

/// Whether the sender may send this transaction: it has no code (EIP-3607), the nonce is its next, and its balance covers value and highest fee.
///
/// # Errors
/// The first rule that is broken.
pub fn check_sender(
    transaction: &SignedTransaction,
    sender: &AccountState,
) -> core::result::Result<(), TransactionFault> {
    if sender.has_code() {
        return Err(TransactionFault::SenderHasCode(transaction.sender));
    }
    let (found, expected) = (transaction.nonce, sender.nonce);
    if found < expected {
        return Err(TransactionFault::NonceTooLow { found, expected });
    }
    if found > expected {
        return Err(TransactionFault::NonceTooHigh { found, expected });
    }
    let needed = transaction.highest_cost();
    if U512::from(sender.balance) < needed {
        return Err(TransactionFault::Balance {
            sender: transaction.sender,
            balance: sender.balance,
            needed: Box::new(needed),
        });
    }
    Ok(())
}
