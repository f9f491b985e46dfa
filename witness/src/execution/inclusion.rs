//! Ethereum's rules of inclusion that a transaction's own bytes do not decide; those are in [`crate::transaction`].

use alloy_primitives::{Address, U512};
use braid_circuits::event::BlockEnvironment;
use braid_circuits::precompile::precompile;
use braid_text::Rules;

use super::machine::{blob_base_fee, max_excess_blob_gas};
use super::outcome::AccountState;
use super::reader::BlockHashes;
use crate::block_file::Block;
use crate::error::{BlockFault, TransactionFault};
use crate::transaction::SignedTransaction;

/// Whether these rules have a precompiled contract at an address.
pub fn is_precompile(address: Address, rules: Rules) -> bool {
    precompile(address, rules).is_some()
}

/// Every rule that a block breaks by itself, beside its parent, given by number and timestamp, and the hashes that are known before it, to which it adds its own.
pub fn block_faults(
    block: &Block,
    rules: Rules,
    (parent_number, parent_timestamp): (u64, u64),
    hashes: &mut BlockHashes,
) -> Vec<BlockFault> {
    let environment = &block.environment;
    let mut faults = Vec::new();
    match parent_number.checked_add(1) {
        None => faults.push(BlockFault::NumberOverflow),
        Some(expected) if environment.number != expected => {
            faults.push(BlockFault::Number { expected });
        }
        Some(_) => {}
    }
    if environment.timestamp < parent_timestamp {
        faults.push(BlockFault::Timestamp {
            timestamp: environment.timestamp,
            parent: parent_timestamp,
        });
    }
    if environment.gas_limit == 0 {
        faults.push(BlockFault::ZeroGasLimit);
    }
    if blob_base_fee(rules, block.excess_blob_gas).is_none() {
        faults.push(BlockFault::ExcessBlobGas {
            given: block.excess_blob_gas,
            limit: max_excess_blob_gas(rules),
        });
    }
    faults.extend(hashes.add_older_or_faults(environment.number, &block.older_hashes));
    faults
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

/// Whether the sender may send this transaction: it has no code (EIP-3607), unless that `is_delegation` (EIP-7702), the nonce is its next, and its balance covers value and highest fee.
///
/// # Errors
/// The first rule that is broken.
pub fn check_sender(
    transaction: &SignedTransaction,
    sender: &AccountState,
    is_delegation: bool,
) -> core::result::Result<(), TransactionFault> {
    if sender.has_code() && !is_delegation {
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
