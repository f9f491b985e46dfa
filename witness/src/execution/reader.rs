//! The state before a block, as execution reads it, from memory or from a store.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, U256, keccak256};
use braid_circuits::event::NumberedHash;
use braid_circuits::state_hash::{Digest, block_hash_key, block_hash_value};
use revm::state::Bytecode;

use super::outcome::AccountState;
use crate::block_file::Parent;
use crate::error::{BlockFault, Result};

pub use braid_circuits::state_hash::BLOCK_HASHES;

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

/// The hashes of earlier blocks: those that leaves of the state tree have, and that of the last sealed block, which gets its leaf when the next one is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockHashes {
    /// Hash by number.
    pub known: BTreeMap<u64, B256>,
    /// Blocks whose hash nobody knows, such as the one behind which a chain begins: their leaves have the hash zero, which is not their own.
    nameless: BTreeSet<u64>,
    /// The rule of Ethereum's state tests: the hash of a block is the Keccak-256 of its number in decimal.
    pub of_state_tests: bool,
}

impl BlockHashes {
    /// The rule of Ethereum's state tests.
    pub fn of_state_tests() -> Self {
        Self {
            of_state_tests: true,
            ..Self::default()
        }
    }

    /// Before the first block of a chain: with the hash of its parent, and those of blocks before it that are given, as far as leaves have them.
    pub fn at_start(parent: &Parent, given: BTreeMap<u64, B256>) -> Self {
        let mut hashes = Self {
            known: given,
            ..Self::default()
        };
        hashes.known.retain(|number, _| *number < parent.number);
        hashes.add_block(parent.number, parent.block_hash);
        hashes
    }

    /// The hash of a block, unless it is unknown.
    pub fn get(&self, number: u64) -> Option<B256> {
        if self.of_state_tests {
            return Some(hash_in_tests(number));
        }
        self.known.get(&number).copied()
    }

    /// All of them; zero for that of a block whose hash nobody knows.
    pub fn all(&self) -> impl Iterator<Item = NumberedHash> {
        let known = self.known.iter().map(|(number, hash)| (*number, *hash));
        let nameless = self.nameless.iter().map(|number| (*number, B256::ZERO));
        let all = known.chain(nameless);
        all.map(|(number, hash)| NumberedHash { number, hash })
    }

    /// The leaves of the state tree where `last` is the last sealed block: key and value hash of each.
    pub fn leaves(&self, last: u64) -> impl Iterator<Item = (Digest, Digest)> {
        let leaves = self.all().filter(move |leaf| leaf.number < last);
        leaves.map(|leaf| block_hash_leaf(&leaf))
    }

    /// The hashes of blocks before `last`, as a file gives them that begins behind this block.
    pub(crate) fn before(&self, last: u64) -> BTreeMap<u64, B256> {
        let earlier = self.all().filter(|block| block.number < last);
        earlier.map(|block| (block.number, block.hash)).collect()
    }

    /// Takes over hashes that a block gives of blocks before it.
    ///
    /// # Errors
    /// [`BlockFault::OlderHashNumber`] unless they are of blocks before block `number` of which the state can have the hash, [`BlockFault::OlderHash`] if one is known to be another, [`BlockFault::OlderHashNameless`] if
    /// the chain has zero for one since nobody gave it when it began, and [`BlockFault::OlderHashUnknown`] if the state does not have one that it could have.
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
        let last = self.all().map(|block| block.number).max();
        let mut faults = Vec::new();
        for (&earlier, &given) in older {
            if let Err(fault) = check_older(number, earlier) {
                faults.push(fault);
                continue;
            }
            let is_nameless = self.nameless.contains(&earlier);
            match self.known.get(&earlier).copied() {
                // The proof is of a state and of a block behind one that have zero there, so that another hash would be nobody's.
                None if is_nameless && given.is_zero() => {}
                None if is_nameless => faults.push(BlockFault::OlderHashNameless {
                    number: earlier,
                    given,
                }),
                Some(known) if known == given => {}
                Some(known) => faults.push(BlockFault::OlderHash {
                    number: earlier,
                    given,
                    known,
                }),
                // Of a block that is not executed here.
                None if last.is_none_or(|last| earlier > last) => {
                    self.known.insert(earlier, given);
                }
                None => faults.push(BlockFault::OlderHashUnknown { number: earlier }),
            }
        }
        faults
    }

    /// Takes over the hash of a block. Zero says that nobody gave it, as in a block file whose parent is known by number only: Keccak-256 gives it for no block,
    /// and BLOCKHASH would answer with it as if the block lay too far back.
    pub(crate) fn learn(&mut self, number: u64, hash: B256) {
        if hash.is_zero() {
            self.nameless.insert(number);
        } else {
            self.known.insert(number, hash);
        }
    }

    /// Takes over the hash of a block, and forgets those that have no leaf any more then.
    pub fn add_block(&mut self, number: u64, hash: B256) {
        self.learn(number, hash);
        let first = number.saturating_sub(BLOCK_HASHES);
        self.known = self.known.split_off(&first);
        self.nameless = self.nameless.split_off(&first);
    }
}

/// Whether block `number` may give the hash of block `earlier`: it is one of the [`BLOCK_HASHES`] before it, or the one before these, which the state before it still has.
///
/// # Errors
/// [`BlockFault::OlderHashNumber`].
pub(crate) fn check_older(number: u64, earlier: u64) -> Result<(), BlockFault> {
    let is_before = earlier < number && number - earlier <= BLOCK_HASHES + 1;
    let fault = BlockFault::OlderHashNumber { number: earlier };
    is_before.then_some(()).ok_or(fault)
}

/// The leaf of the state tree for the hash of a block: key and value hash.
pub(crate) fn block_hash_leaf(block: &NumberedHash) -> (Digest, Digest) {
    (block_hash_key(block.number), block_hash_value(block))
}

/// The hash of a block in Ethereum's state tests: the Keccak-256 of its number in decimal.
pub fn hash_in_tests(number: u64) -> B256 {
    keccak256(number.to_string())
}
