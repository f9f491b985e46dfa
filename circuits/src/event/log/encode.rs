//! From events to bytes.

use alloy_primitives::map::{AddressMap, HashMap};
use alloy_primitives::{Address, U256};

use super::super::codec::{put_number, put_signed, put_word};
use super::{Action, EventLog, HASHED, Place, SAME_PLACE, tag};

/// Makes an [`EventLog`].
#[derive(Debug, Default)]
pub struct EventLogBuilder {
    log: EventLog,
    place: Place,
    addresses: AddressMap<u64>,
    slots: HashMap<U256, u64>,
}

impl EventLogBuilder {
    /// Appends an event.
    pub fn push(&mut self, step: Option<u64>, frame: Option<u32>, action: Action) {
        let place = Place { step, frame };
        let start = self.log.bytes.len();
        self.log.bytes.push(0);
        if place != self.place {
            let (step, frame) = place.numbers();
            let (last_step, last_frame) = self.place.numbers();
            put_signed(&mut self.log.bytes, step.wrapping_sub(last_step) as i64);
            put_signed(&mut self.log.bytes, frame.wrapping_sub(last_frame) as i64);
        }
        let mut tag = self.body(action);
        if place == self.place {
            tag |= SAME_PLACE;
        }
        if let Some(first) = self.log.bytes.get_mut(start) {
            *first = tag;
        }
        self.place = place;
        self.log.count += 1;
    }

    fn body(&mut self, action: Action) -> u8 {
        match action {
            Action::AccountLoad { address, value } => {
                self.address(address);
                let Some(value) = value else {
                    return tag::ACCOUNT_LOAD_ABSENT;
                };
                put_number(&mut self.log.bytes, value.nonce);
                self.word(value.balance);
                self.word(value.code_hash.into());
                tag::ACCOUNT_LOAD
            }
            Action::CodeHashLoad { address, value } => {
                self.address(address);
                self.word(value.into());
                tag::CODE_HASH_LOAD
            }
            Action::StorageLoad {
                address,
                slot,
                value,
            } => self.slot(tag::STORAGE_LOAD, address, slot, &[value]),
            Action::AccountRead { address } => self.address_only(tag::ACCOUNT_READ, address),
            Action::AccountTouch { address } => self.address_only(tag::ACCOUNT_TOUCH, address),
            Action::AccountCreate { address } => self.address_only(tag::ACCOUNT_CREATE, address),
            Action::StorageRead {
                address,
                slot,
                value,
            } => self.slot(tag::STORAGE_READ, address, slot, &[value]),
            Action::StorageWrite {
                address,
                slot,
                before,
                after,
            } => self.slot(tag::STORAGE_WRITE, address, slot, &[before, after]),
            Action::TransientRead {
                address,
                slot,
                value,
            } => self.slot(tag::TRANSIENT_READ, address, slot, &[value]),
            Action::TransientWrite {
                address,
                slot,
                before,
                after,
            } => self.slot(tag::TRANSIENT_WRITE, address, slot, &[before, after]),
            Action::BlockHashRead { number, value } => {
                put_number(&mut self.log.bytes, number);
                self.log.bytes.extend_from_slice(value.as_slice());
                tag::BLOCK_HASH_READ
            }
            Action::BalanceTransfer { from, to, value } => {
                self.address(from);
                self.address(to);
                self.word(value);
                tag::BALANCE_TRANSFER
            }
            Action::FeeCharge { address, value } => self.amount(tag::FEE_CHARGE, address, value),
            Action::FeeReturn { address, value } => self.amount(tag::FEE_RETURN, address, value),
            Action::BalanceBurn { address, value } => {
                self.amount(tag::BALANCE_BURN, address, value)
            }
            Action::NonceChange {
                address,
                before,
                after,
            } => {
                self.address(address);
                put_number(&mut self.log.bytes, before);
                put_number(&mut self.log.bytes, after);
                tag::NONCE_CHANGE
            }
            Action::CodeSet { address, hash } => {
                self.address(address);
                self.log.bytes.extend_from_slice(hash.as_slice());
                tag::CODE_SET
            }
            Action::SelfDestruct {
                address,
                beneficiary,
                balance,
                removed,
            } => {
                self.address(address);
                self.address(beneficiary);
                self.word(balance);
                match removed {
                    true => tag::SELF_DESTRUCT_REMOVED,
                    false => tag::SELF_DESTRUCT,
                }
            }
            Action::AccountWarm { address } => self.address_only(tag::ACCOUNT_WARM, address),
            Action::StorageWarm { address, slot } => {
                self.slot(tag::STORAGE_WARM, address, slot, &[])
            }
            Action::Refund { change } => {
                put_signed(&mut self.log.bytes, change);
                tag::REFUND
            }
            Action::Hash { of, length, digest } => {
                put_number(&mut self.log.bytes, length);
                self.log.bytes.extend_from_slice(digest.as_slice());
                let index = HASHED.iter().position(|known| *known == of);
                tag::HASH + index.unwrap_or_default() as u8
            }
        }
    }

    fn address(&mut self, address: Address) {
        let next = self.addresses.len() as u64;
        let index = *self.addresses.entry(address).or_insert(next);
        put_number(&mut self.log.bytes, index);
        if index == next {
            self.log.bytes.extend_from_slice(address.as_slice());
        }
    }

    fn word(&mut self, value: U256) {
        put_word(&mut self.log.bytes, value);
    }

    fn address_only(&mut self, tag: u8, address: Address) -> u8 {
        self.address(address);
        tag
    }

    fn amount(&mut self, tag: u8, address: Address, value: U256) -> u8 {
        self.address(address);
        self.word(value);
        tag
    }

    fn slot(&mut self, tag: u8, address: Address, slot: U256, values: &[U256]) -> u8 {
        self.address(address);
        let next = self.slots.len() as u64;
        let index = *self.slots.entry(slot).or_insert(next);
        put_number(&mut self.log.bytes, index);
        if index == next {
            self.word(slot);
        }
        values.iter().for_each(|value| self.word(*value));
        tag
    }

    /// Bytes of memory so far.
    pub fn size(&self) -> usize {
        const ADDRESS_ENTRY: usize = 2 * size_of::<(Address, u64)>();
        const SLOT_ENTRY: usize = 2 * size_of::<(U256, u64)>();
        self.log.size() + self.addresses.len() * ADDRESS_ENTRY + self.slots.len() * SLOT_ENTRY
    }

    /// The log; the builder is as new afterwards.
    pub fn finish(&mut self) -> EventLog {
        self.addresses.clear();
        self.slots.clear();
        self.place = Place::default();
        let mut log = core::mem::take(&mut self.log);
        log.bytes.shrink_to_fit();
        log
    }
}
