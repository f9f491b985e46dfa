//! Other addresses for the accounts of a state test, wherever they stand.

use std::collections::BTreeMap;

use alloy_primitives::map::AddressMap;
use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256, keccak256};
use braid_witness::block_file::AllocAccount;
use braid_witness::transaction::SignedTransaction;

/// Addresses with fewer bytes that are not zero are numbers as well, which a new address cannot stand for.
const FEWEST_BYTES: usize = 10;

/// An injective map of addresses. Others stay as they are.
#[derive(Clone, Debug, Default)]
pub struct Relocation {
    map: AddressMap<Address>,
}

/// The address that an account of a case gets. Its zero bytes stand where they were, so that it costs as much gas as calldata.
pub fn fresh(case: usize, address: Address) -> Address {
    let hash = keccak256([&case.to_be_bytes()[..], address.as_slice()].concat());
    let mut fresh = Address::from_word(hash);
    let keep_zeros = address.iter().filter(|byte| **byte != 0).count() >= FEWEST_BYTES;
    for (byte, old) in fresh.iter_mut().zip(address) {
        if keep_zeros && old == 0 {
            *byte = 0;
        } else if *byte == 0 {
            *byte = 1;
        }
    }
    fresh
}

impl Relocation {
    /// Moves an account.
    pub fn insert(&mut self, from: Address, to: Address) {
        self.map.insert(from, to);
    }

    /// Old and new addresses.
    pub fn pairs(&self) -> impl Iterator<Item = (&Address, &Address)> {
        self.map.iter()
    }

    /// The way back; `None` if two accounts have the same new address.
    pub fn inverse(&self) -> Option<Self> {
        let map: AddressMap<Address> = self.map.iter().map(|(from, to)| (*to, *from)).collect();
        (map.len() == self.map.len()).then_some(Self { map })
    }

    /// The new address of an account.
    pub fn address(&self, address: Address) -> Address {
        self.map.get(&address).copied().unwrap_or(address)
    }

    /// Bytes with every address in them moved, at whatever place it stands.
    pub fn bytes(&self, bytes: &[u8]) -> Bytes {
        let mut out = bytes.to_vec();
        let mut first = [false; 256];
        for address in self.map.keys() {
            first[usize::from(address[0])] = true;
        }
        let mut place = 0;
        while let Some(window) = out.get_mut(place..place + Address::len_bytes()) {
            let found = first[usize::from(window[0])]
                .then(|| self.map.get(&Address::from_slice(window)))
                .flatten();
            if let Some(to) = found {
                window.copy_from_slice(to.as_slice());
                place += window.len();
            } else {
                place += 1;
            }
        }
        out.into()
    }

    /// A word with the address in it moved.
    pub fn word(&self, word: B256) -> B256 {
        B256::from_slice(&self.bytes(word.as_slice()))
    }

    /// A number with the address in it moved.
    pub fn number(&self, number: U256) -> U256 {
        self.word(number.into()).into()
    }

    /// Accounts at their new places.
    pub fn accounts(
        &self,
        accounts: &BTreeMap<Address, AllocAccount>,
    ) -> BTreeMap<Address, AllocAccount> {
        let moved = accounts
            .iter()
            .map(|(address, account)| (self.address(*address), self.account(account)));
        moved.collect()
    }

    /// What an account has, with the addresses in it moved.
    pub fn account(&self, account: &AllocAccount) -> AllocAccount {
        let storage = account.storage.iter();
        AllocAccount {
            balance: account.balance,
            nonce: account.nonce,
            code: self.bytes(&account.code),
            storage: storage
                .map(|(slot, value)| (self.number(*slot), self.number(*value)))
                .collect(),
        }
    }

    /// A transaction of another sender to another place. Nobody signed it, and its hash is that of the old one and the new sender.
    pub fn transaction(&self, transaction: &SignedTransaction) -> SignedTransaction {
        let sender = self.address(transaction.sender);
        let mut access_list = transaction.access_list.clone();
        for item in &mut access_list.0 {
            item.address = self.address(item.address);
            for key in &mut item.storage_keys {
                *key = self.word(*key);
            }
        }
        SignedTransaction {
            raw: Bytes::new(),
            signing_payload: Bytes::new(),
            hash: keccak256([transaction.hash.as_slice(), sender.as_slice()].concat()),
            sender,
            to: transaction.to.map(|to| self.address(to)),
            data: self.bytes(&transaction.data),
            access_list,
            ..transaction.clone()
        }
    }

    /// A log with the addresses in it moved.
    pub fn log(&self, log: &Log) -> Log {
        let topics = log.data.topics().iter().map(|topic| self.word(*topic));
        Log {
            address: self.address(log.address),
            data: LogData::new_unchecked(topics.collect(), self.bytes(&log.data.data)),
        }
    }
}

#[test]
fn addresses_move_wherever_they_stand_and_back() {
    let old = Address::repeat_byte(0xaa);
    let new = fresh(7, old);
    assert_ne!(new, fresh(8, old));
    let mut relocation = Relocation::default();
    relocation.insert(old, new);
    let code = [&[0x73][..], old.as_slice(), &[0xaa, 0x31]].concat();
    let moved = relocation.bytes(&code);
    assert_eq!(moved, [&[0x73][..], new.as_slice(), &[0xaa, 0x31]].concat());
    assert_eq!(relocation.word(old.into_word()), new.into_word());
    let back = relocation.inverse().unwrap();
    assert_eq!(back.bytes(&moved), code);
    relocation.insert(Address::ZERO, new);
    assert!(relocation.inverse().is_none());
}
