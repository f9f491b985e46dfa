//! The state before a block, as execution reads it, from memory or from a store.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, keccak256};
use revm::state::Bytecode;

use super::outcome::AccountState;
use crate::error::{BlockFault, Result};

/// A state that does not change while it is read. Workers read it at the same time. No account in it has storage that is empty by EIP-161: block files and stores are checked for it.
pub trait StateReader: Sync {
    /// An account; `None` if it does not exist.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn account(&self, address: &Address) -> Result<Option<AccountState>>;

    /// A slot, zero if it was never written.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn storage(&self, address: &Address, slot: &U256) -> Result<U256>;

    /// Bytecode by its Keccak-256.
    ///
    /// # Errors
    /// When the store cannot be read or does not have it.
    fn code(&self, hash: &B256) -> Result<Bytecode>;

    /// Says that these accounts will soon be asked for, most of them. What lies far away in memory is better looked for at once than one after the other.
    fn expect(&self, accounts: &mut dyn Iterator<Item = Address>) {
        let _ = accounts;
    }

    /// Whether this is known to be a state as a chain has it: all balances add up to less than 2^256, and no account has storage that has neither code nor a
    /// nonce. Transactions keep it so. What holds in other states takes longer to find out.
    fn is_ordinary(&self) -> bool {
        false
    }

    /// The slots of an account that are not zero.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn slots(&self, address: &Address) -> Result<Vec<U256>>;

    /// The lowest of [`Self::slots`], where no contract can be created because of it (EIP-7610): always `None` if the state [is ordinary](Self::is_ordinary), where only accounts with code
    /// or a nonce have slots.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn first_slot(&self, address: &Address) -> Result<Option<U256>> {
        match self.is_ordinary() {
            true => Ok(None),
            false => Ok(self.slots(address)?.into_iter().min()),
        }
    }
}

/// Blocks before it whose hashes a block can ask for (BLOCKHASH).
pub const BLOCK_HASHES: u64 = 256;

/// The hashes of earlier blocks, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockHashes {
    /// Hash by number.
    pub known: BTreeMap<u64, B256>,
    /// The rule of Ethereum's state tests: the hash of a block is the Keccak-256 of its number in decimal.
    pub of_state_tests: bool,
}

impl BlockHashes {
    /// The hash of a block, unless it is unknown.
    pub fn get(&self, number: u64) -> Option<B256> {
        if self.of_state_tests {
            return Some(hash_in_tests(number));
        }
        self.known.get(&number).copied()
    }

    /// Takes over hashes that a block gives of blocks before it.
    ///
    /// # Errors
    /// [`BlockFault::OlderHashNumber`] unless they are of the [`BLOCK_HASHES`] blocks before block `number`, [`BlockFault::OlderHash`] if one is known to be another.
    pub fn add_older(
        &mut self,
        number: u64,
        older: &BTreeMap<u64, B256>,
    ) -> Result<(), BlockFault> {
        let faults = self.add_older_or_faults(number, older);
        faults.into_iter().next().map_or(Ok(()), Err)
    }

    /// As [`Self::add_older`], with every hash that is refused.
    pub(crate) fn add_older_or_faults(
        &mut self,
        number: u64,
        older: &BTreeMap<u64, B256>,
    ) -> Vec<BlockFault> {
        let mut faults = Vec::new();
        for (&earlier, &given) in older {
            let is_before = earlier < number && number - earlier <= BLOCK_HASHES;
            if !is_before {
                faults.push(BlockFault::OlderHashNumber { number: earlier });
                continue;
            }
            let known = *self.known.entry(earlier).or_insert(given);
            if known != given {
                faults.push(BlockFault::OlderHash {
                    number: earlier,
                    given,
                    known,
                });
            }
        }
        faults
    }

    /// Takes over the hash of a block. Zero says that nobody gave it, as in a block file whose parent is known by number only: Keccak-256 gives it for no block,
    /// and BLOCKHASH would answer with it as if the block lay too far back.
    pub(crate) fn learn(&mut self, number: u64, hash: B256) {
        if !hash.is_zero() {
            self.known.insert(number, hash);
        }
    }

    /// Takes over the hash of a block, if it is not zero, and forgets those that no block after it asks for.
    pub fn add_block(&mut self, number: u64, hash: B256) {
        self.learn(number, hash);
        let first = number.saturating_sub(BLOCK_HASHES - 1);
        self.known = self.known.split_off(&first);
    }
}

/// The hash of a block in Ethereum's state tests: the Keccak-256 of its number in decimal.
pub fn hash_in_tests(number: u64) -> B256 {
    keccak256(number.to_string())
}
