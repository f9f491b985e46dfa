//! From bytes to events. Any bytes are taken; what no encoder writes is an error.

use alloy_primitives::{Address, U256};

use super::super::codec::{Fault, Reader};
use super::{AccountValue, Action, Event, EventLog, HASHED, Place, SAME_PLACE, tag};
use crate::Error;
use crate::event::trace::Frame;

const UNKNOWN: Fault = "there is no such kind of event";

impl EventLog {
    /// Decodes the events of a transaction with these frames.
    pub fn iter<'a>(&'a self, frames: &[Frame]) -> Events<'a> {
        let mut reverted: Vec<bool> = Vec::with_capacity(frames.len());
        for frame in frames {
            let parent = frame
                .parent
                .and_then(|parent| reverted.get(parent as usize));
            let parent = parent.copied().unwrap_or_default();
            reverted.push(parent || !frame.result.is_success());
        }
        Events {
            reader: Reader::new(&self.bytes),
            left: self.count,
            item: 0,
            reverted,
            place: Place::default(),
            addresses: Vec::new(),
            slots: Vec::new(),
        }
    }
}

/// The events of a transaction in order. Ends after an error.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    reader: Reader<'a>,
    left: u64,
    item: u64,
    reverted: Vec<bool>,
    place: Place,
    addresses: Vec<Address>,
    slots: Vec<U256>,
}

impl Iterator for Events<'_> {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            if self.reader.is_empty() {
                return None;
            }
            self.reader = Reader::new(&[]);
            return Some(Err(self.error("bytes follow the last event")));
        }
        match self.event() {
            Ok(event) => {
                self.left -= 1;
                self.item += 1;
                Some(Ok(event))
            }
            Err(fault) => {
                self.left = 0;
                self.reader = Reader::new(&[]);
                Some(Err(self.error(fault)))
            }
        }
    }
}

impl Events<'_> {
    fn error(&self, fault: Fault) -> Error {
        Error::ExecutionTrace {
            item: self.item,
            fault,
        }
    }

    fn event(&mut self) -> Result<Event, Fault> {
        let first = self.reader.byte()?;
        if first & SAME_PLACE == 0 {
            let (step, frame) = self.place.numbers();
            let step = step.wrapping_add(self.reader.signed()? as u64);
            let frame = frame.wrapping_add(self.reader.signed()? as u64);
            let frame = frame.checked_sub(1).map(u32::try_from).transpose();
            self.place = Place {
                step: step.checked_sub(1),
                frame: frame.map_err(|_| "there is no such frame")?,
            };
        }
        let Place { step, frame } = self.place;
        let reverted = match frame {
            None => false,
            Some(frame) => *self
                .reverted
                .get(frame as usize)
                .ok_or("there is no such frame")?,
        };
        Ok(Event {
            step,
            frame,
            reverted,
            action: self.action(first & !SAME_PLACE)?,
        })
    }

    fn action(&mut self, kind: u8) -> Result<Action, Fault> {
        if let Some(of) = kind.checked_sub(tag::HASH) {
            return Ok(Action::Hash {
                of: *HASHED.get(usize::from(of)).ok_or(UNKNOWN)?,
                length: self.reader.number()?,
                digest: self.reader.hash()?,
            });
        }
        match kind {
            tag::BLOCK_HASH_READ => {
                return Ok(Action::BlockHashRead {
                    number: self.reader.number()?,
                    value: self.reader.hash()?,
                });
            }
            tag::REFUND => {
                return Ok(Action::Refund {
                    change: self.reader.signed()?,
                });
            }
            _ => {}
        }
        let address = self.address()?;
        Ok(match kind {
            tag::ACCOUNT_LOAD => Action::AccountLoad {
                address,
                value: Some(AccountValue {
                    nonce: self.reader.number()?,
                    balance: self.reader.word()?,
                    code_hash: self.reader.word()?.into(),
                }),
            },
            tag::ACCOUNT_LOAD_ABSENT => Action::AccountLoad {
                address,
                value: None,
            },
            tag::CODE_HASH_LOAD => Action::CodeHashLoad {
                address,
                value: self.reader.word()?.into(),
            },
            tag::STORAGE_LOAD => Action::StorageLoad {
                address,
                slot: self.slot()?,
                value: self.reader.word()?,
            },
            tag::ACCOUNT_READ => Action::AccountRead { address },
            tag::ACCOUNT_TOUCH => Action::AccountTouch { address },
            tag::ACCOUNT_CREATE => Action::AccountCreate { address },
            tag::STORAGE_READ => Action::StorageRead {
                address,
                slot: self.slot()?,
                value: self.reader.word()?,
            },
            tag::STORAGE_WRITE => Action::StorageWrite {
                address,
                slot: self.slot()?,
                before: self.reader.word()?,
                after: self.reader.word()?,
            },
            tag::TRANSIENT_READ => Action::TransientRead {
                address,
                slot: self.slot()?,
                value: self.reader.word()?,
            },
            tag::TRANSIENT_WRITE => Action::TransientWrite {
                address,
                slot: self.slot()?,
                before: self.reader.word()?,
                after: self.reader.word()?,
            },
            tag::BALANCE_TRANSFER => Action::BalanceTransfer {
                from: address,
                to: self.address()?,
                value: self.reader.word()?,
            },
            tag::FEE_CHARGE => Action::FeeCharge {
                address,
                value: self.reader.word()?,
            },
            tag::FEE_RETURN => Action::FeeReturn {
                address,
                value: self.reader.word()?,
            },
            tag::BALANCE_BURN => Action::BalanceBurn {
                address,
                value: self.reader.word()?,
            },
            tag::NONCE_CHANGE => Action::NonceChange {
                address,
                before: self.reader.number()?,
                after: self.reader.number()?,
            },
            tag::CODE_SET => Action::CodeSet {
                address,
                hash: self.reader.hash()?,
            },
            tag::SELF_DESTRUCT | tag::SELF_DESTRUCT_REMOVED => Action::SelfDestruct {
                address,
                beneficiary: self.address()?,
                balance: self.reader.word()?,
                removed: kind == tag::SELF_DESTRUCT_REMOVED,
            },
            tag::ACCOUNT_WARM => Action::AccountWarm { address },
            tag::STORAGE_WARM => Action::StorageWarm {
                address,
                slot: self.slot()?,
            },
            _ => return Err(UNKNOWN),
        })
    }

    fn address(&mut self) -> Result<Address, Fault> {
        let index = self.reader.number()?;
        if index == self.addresses.len() as u64 {
            let address = self.reader.address()?;
            self.addresses.push(address);
            return Ok(address);
        }
        let known = usize::try_from(index).ok();
        let known = known.and_then(|index| self.addresses.get(index));
        known.copied().ok_or("there is no such address")
    }

    fn slot(&mut self) -> Result<U256, Fault> {
        let index = self.reader.number()?;
        if index == self.slots.len() as u64 {
            let slot = self.reader.word()?;
            self.slots.push(slot);
            return Ok(slot);
        }
        let known = usize::try_from(index).ok();
        let known = known.and_then(|index| self.slots.get(index));
        known.copied().ok_or("there is no such slot")
    }
}
