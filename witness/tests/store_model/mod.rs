//! Random blocks on a model of the state as plain maps, for the tests of the store.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_circuits::event::NumberedHash;
use braid_circuits::state_hash::{
    Digest, account_key, block_hash_key, block_hash_value, storage_key,
};
use braid_witness::Rules;
use braid_witness::block_file::{AllocAccount, Parent};
use braid_witness::execution::{
    AccountState, AccountStateChange, SlotChange, StateChanges, StateReader,
};
use braid_witness::state::State;
use braid_witness::store::{AppliedBlock, Genesis, StoreView};
use braid_witness::tree::StateTree;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use revm::state::Bytecode;

pub const CHAIN_ID: u64 = 77;
pub const PARENT: Parent = Parent {
    number: 1000,
    timestamp: 5,
    block_hash: B256::repeat_byte(1),
};

/// Accounts with their slots that are not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    pub accounts: BTreeMap<Address, (AccountState, BTreeMap<U256, U256>)>,
}

pub fn address(seed: u64) -> Address {
    Address::from_word(keccak256(seed.to_be_bytes()))
}

fn code(seed: u8) -> Bytes {
    vec![seed; usize::from(seed) * 40].into()
}

/// The codes that there are.
pub fn codes() -> BTreeMap<B256, Bytes> {
    (1..4)
        .map(|seed| (keccak256(code(seed)), code(seed)))
        .collect()
}

impl Model {
    /// The state before the first block.
    pub fn genesis(count: u64) -> Self {
        let account = |seed| AccountState {
            nonce: 0,
            balance: U256::from(seed + 1),
            ..AccountState::EMPTY
        };
        let accounts = (0..count).map(|seed| (address(seed), (account(seed), BTreeMap::new())));
        Self {
            accounts: accounts.collect(),
        }
    }

    /// The same as in a block file. No account has code yet.
    pub fn alloc(&self) -> BTreeMap<Address, AllocAccount> {
        let accounts = self.accounts.iter().map(|(address, (account, storage))| {
            let given = AllocAccount {
                balance: account.balance,
                nonce: account.nonce,
                code: Bytes::new(),
                storage: storage.clone(),
            };
            (*address, given)
        });
        accounts.collect()
    }

    /// Goes through block `number` of the history with this seed.
    pub fn step(&mut self, seed: u64, number: u64, addresses: u64) -> (AppliedBlock, StateChanges) {
        let mut random = StdRng::seed_from_u64(seed ^ (number << 20));
        let before = self.clone();
        for _ in 0..random.gen_range(0..addresses / 2) {
            self.change(address(random.gen_range(0..addresses)), &mut random);
        }
        let block = AppliedBlock {
            number,
            timestamp: number,
            block_hash: keccak256(number.to_be_bytes()),
        };
        (block, before.changes_to(self))
    }

    fn change(&mut self, address: Address, random: &mut StdRng) {
        match random.gen_range(0..10) {
            0 => {
                self.accounts.remove(&address);
                return;
            }
            1 => {
                // An account that is there and empty: no leaf. It can have no slots.
                let empty = (AccountState::EMPTY, BTreeMap::new());
                self.accounts.insert(address, empty);
                return;
            }
            _ => {}
        }
        let (account, storage) = self
            .accounts
            .entry(address)
            .or_insert((AccountState::EMPTY, BTreeMap::new()));
        account.nonce += 1;
        account.balance = U256::from(random.r#gen::<u64>()) << random.gen_range(0..192);
        if random.gen_bool(0.2) {
            let known = codes();
            account.code_hash = *known.keys().nth(random.gen_range(0..known.len())).unwrap();
        }
        for _ in 0..random.gen_range(0..4) {
            let slot = U256::from(random.gen_range(0..6u64)) << random.gen_range(0..250);
            if random.gen_bool(0.3) {
                storage.remove(&slot);
            } else {
                storage.insert(slot, U256::from(random.gen_range(1..1000u64)));
            }
        }
    }

    fn changes_to(&self, after: &Self) -> StateChanges {
        let mut changes = StateChanges::default();
        let none = BTreeMap::new();
        let addresses: BTreeSet<Address> = self
            .accounts
            .keys()
            .chain(after.accounts.keys())
            .copied()
            .collect();
        let known: BTreeSet<B256> = self.accounts.values().map(|(a, _)| a.code_hash).collect();
        for address in addresses {
            let (old, new) = (self.accounts.get(&address), after.accounts.get(&address));
            let accounts = [old, new].map(|found| found.map(|(account, _)| *account));
            if accounts[0] != accounts[1] {
                changes.accounts.push(AccountStateChange {
                    address,
                    before: accounts[0],
                    after: accounts[1],
                });
            }
            let [old, new] = [old, new].map(|found| found.map_or(&none, |(_, storage)| storage));
            let slots: BTreeSet<U256> = old.keys().chain(new.keys()).copied().collect();
            for slot in slots {
                let value =
                    |map: &BTreeMap<U256, U256>| map.get(&slot).copied().unwrap_or_default();
                if value(old) != value(new) {
                    changes.storage.push(SlotChange {
                        address,
                        slot,
                        before: value(old),
                        after: value(new),
                    });
                }
            }
        }
        let used: BTreeSet<B256> = after.accounts.values().map(|(a, _)| a.code_hash).collect();
        for (hash, bytes) in codes() {
            if used.contains(&hash) && !known.contains(&hash) {
                changes.codes.push((hash, Bytecode::new_legacy(bytes)));
            }
        }
        changes
    }

    /// The state in memory with this content.
    pub fn state(&self) -> State {
        let mut alloc = self.alloc();
        for (address, (account, _)) in &self.accounts {
            if account.has_code() {
                alloc.get_mut(address).unwrap().code = codes()[&account.code_hash].clone();
            }
        }
        State::new(&alloc).unwrap()
    }

    /// The state tree after block `number`, with this content. Blocks have hashes as [`Model::step`] gives them.
    pub fn tree(&self, number: u64) -> StateTree {
        let mut leaves = self.state().leaves();
        let first = PARENT.number.max(number.saturating_sub(256));
        leaves.extend((first..number).map(hash_leaf));
        StateTree::build(leaves)
    }

    /// Every account, slot and path of a view is that of the model, and so is the root.
    pub fn assert_is(&self, view: &StoreView, addresses: u64) {
        let tree = self.tree(view.block().number);
        assert_eq!(view.block().state_root, tree.root());
        let none = BTreeMap::new();
        for seed in 0..addresses {
            let address = address(seed);
            let found = self.accounts.get(&address);
            let account = found.map(|(account, _)| *account);
            assert_eq!(view.account(&address), Ok(account));
            let storage = found.map_or(&none, |(_, storage)| storage);
            let slots: Vec<U256> = storage.keys().copied().collect();
            assert_eq!(view.slots(&address), Ok(slots));
            for (slot, value) in storage {
                assert_eq!(view.storage(&address, slot), Ok(*value));
            }
            assert_eq!(view.storage(&address, &U256::MAX), Ok(U256::ZERO));
            if let Some(account) = account.filter(AccountState::has_code) {
                let code = view.code(&account.code_hash).unwrap();
                assert_eq!(code.original_bytes(), codes()[&account.code_hash]);
            }
            let keys = storage.keys().map(|slot| storage_key(address, *slot));
            for key in keys.chain([account_key(address)]) {
                let path = view.path(&key).unwrap();
                assert_eq!(path, (tree.get(&key).unwrap(), tree.path(&key).unwrap()));
            }
        }
    }
}

/// The leaf of the state tree for the hash of a block.
pub fn hash_leaf(number: u64) -> (Digest, Digest) {
    let hash = match number == PARENT.number {
        true => PARENT.block_hash,
        false => keccak256(number.to_be_bytes()),
    };
    let value = block_hash_value(&NumberedHash { number, hash });
    (block_hash_key(number), value)
}

pub fn genesis(alloc: &BTreeMap<Address, AllocAccount>) -> Genesis<'_> {
    Genesis {
        chain_id: CHAIN_ID,
        rules: Rules::Cancun,
        parent: PARENT,
        alloc,
        older_hashes: BTreeMap::new(),
    }
}
