//! What happened to the state and beside it, in order, each with the step and the frame in which it did.

use alloy_primitives::map::{AddressMap, HashMap};
use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

use super::codec::{Fault, Reader, put_number, put_signed, put_word};
use super::trace::Frame;
use crate::Error;

/// An account as it was before the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountValue {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
    /// Keccak-256 of the bytecode.
    pub code_hash: B256,
}

/// What is hashed with Keccak-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hashed {
    /// The published transaction: its hash.
    Transaction,
    /// What was signed.
    SigningPayload,
    /// The sender's public key, x and y: the last 20 bytes are the sender.
    PublicKey,
    /// Memory, by the opcode KECCAK256.
    Memory,
    /// RLP of creator and nonce: the last 20 bytes are the address of CREATE.
    CreateAddress,
    /// 0xff, creator, salt and hash of the init code: the last 20 bytes are the address of CREATE2 (EIP-1014).
    Create2Address,
    /// Init code: its hash is part of the address of CREATE2.
    InitCode,
    /// The code of a created contract.
    Code,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "type"
)]
pub enum Action {
    /// The transaction came to need an account, which was so before it.
    AccountLoad {
        /// Which.
        address: Address,
        /// Before the transaction; `None` if it did not exist.
        value: Option<AccountValue>,
    },
    /// The transaction came to need the code hash of an account and nothing else of it.
    CodeHashLoad {
        /// Whose.
        address: Address,
        /// Before the transaction; that of no bytes if the account did not exist.
        value: B256,
    },
    /// The transaction came to need a slot, which was so before it.
    StorageLoad {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Before the transaction.
        value: U256,
    },
    /// A step asked for something of an account, or called its code.
    AccountRead {
        /// Which.
        address: Address,
    },
    /// An account was touched (EIP-161): if it is empty in the end it is removed.
    AccountTouch {
        /// Which.
        address: Address,
    },
    /// A contract came into being: its nonce is 1 now, its storage empty.
    AccountCreate {
        /// Which.
        address: Address,
    },
    /// SLOAD.
    StorageRead {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Its value.
        value: U256,
    },
    /// SSTORE, of the value that it has already too.
    StorageWrite {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Before.
        before: U256,
        /// After.
        after: U256,
    },
    /// TLOAD (EIP-1153).
    TransientRead {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Its value.
        value: U256,
    },
    /// TSTORE (EIP-1153).
    TransientWrite {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Before.
        before: U256,
        /// After.
        after: U256,
    },
    /// BLOCKHASH of a block that it knows.
    BlockHashRead {
        /// The block.
        number: u64,
        /// Its hash.
        value: B256,
    },
    /// Wei went from one account to another.
    BalanceTransfer {
        /// From here.
        from: Address,
        /// To here.
        to: Address,
        /// Wei.
        value: U256,
    },
    /// The sender paid for all gas that the transaction may use.
    FeeCharge {
        /// The sender.
        address: Address,
        /// Wei.
        value: U256,
    },
    /// The sender got back what it paid for gas that was not used, refunds included.
    FeeReturn {
        /// The sender.
        address: Address,
        /// Wei.
        value: U256,
    },
    /// Wei disappeared: a contract destroyed itself in favour of itself.
    BalanceBurn {
        /// Whose.
        address: Address,
        /// Wei.
        value: U256,
    },
    /// A nonce grew.
    NonceChange {
        /// Whose.
        address: Address,
        /// Before.
        before: u64,
        /// After.
        after: u64,
    },
    /// A contract got its code.
    CodeSet {
        /// Which.
        address: Address,
        /// Keccak-256 of the code.
        hash: B256,
    },
    /// SELFDESTRUCT. The balance's transfer or burning is an event of its own.
    SelfDestruct {
        /// The contract.
        address: Address,
        /// Who gets the balance.
        beneficiary: Address,
        /// The contract's balance in wei.
        balance: U256,
        /// Whether the contract disappears at the transaction's end, as it was created in it (EIP-6780).
        removed: bool,
    },
    /// An account became warm (EIP-2929).
    AccountWarm {
        /// Which.
        address: Address,
    },
    /// A slot became warm (EIP-2929).
    StorageWarm {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
    },
    /// The refund counter changed (EIP-3529).
    Refund {
        /// By how much gas.
        change: i64,
    },
    /// Something was hashed.
    Hash {
        /// What.
        of: Hashed,
        /// Bytes.
        length: u64,
        /// Keccak-256 of them.
        digest: B256,
    },
}

/// Something that happened, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The step in which it happened; `None` before the first and after the last one. What opening a frame does belongs to the step that opens it.
    pub step: Option<u64>,
    /// The frame that undoes it if it fails; `None` for what no frame undoes.
    pub frame: Option<u32>,
    /// Whether it was undone.
    pub reverted: bool,
    /// What happened.
    #[serde(flatten)]
    pub action: Action,
}

/// Events in order, encoded: step and frame as differences, addresses and slots by their index once they occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventLog {
    count: u64,
    #[serde(with = "super::steps::bytes")]
    bytes: Vec<u8>,
}

impl EventLog {
    /// How many events there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.bytes.capacity()
    }

    /// Bytes that encode the events.
    pub fn encoded_length(&self) -> usize {
        self.bytes.len()
    }

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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    step: Option<u64>,
    frame: Option<u32>,
}

impl Place {
    /// As differences are taken of it: 0 for none.
    fn numbers(self) -> (u64, u64) {
        let frame = self.frame.map_or(0, |frame| u64::from(frame) + 1);
        (self.step.map_or(0, |step| step.saturating_add(1)), frame)
    }
}

/// The bit of an event's first byte that says that step and frame are as for the event before.
const SAME_PLACE: u8 = 0x80;

/// The kinds of event, as the low bits of their first byte.
mod tag {
    pub const ACCOUNT_LOAD: u8 = 0;
    pub const ACCOUNT_LOAD_ABSENT: u8 = 1;
    pub const CODE_HASH_LOAD: u8 = 2;
    pub const STORAGE_LOAD: u8 = 3;
    pub const ACCOUNT_READ: u8 = 4;
    pub const ACCOUNT_TOUCH: u8 = 5;
    pub const ACCOUNT_CREATE: u8 = 6;
    pub const STORAGE_READ: u8 = 7;
    pub const STORAGE_WRITE: u8 = 8;
    pub const TRANSIENT_READ: u8 = 9;
    pub const TRANSIENT_WRITE: u8 = 10;
    pub const BLOCK_HASH_READ: u8 = 11;
    pub const BALANCE_TRANSFER: u8 = 12;
    pub const FEE_CHARGE: u8 = 13;
    pub const FEE_RETURN: u8 = 14;
    pub const BALANCE_BURN: u8 = 15;
    pub const NONCE_CHANGE: u8 = 16;
    pub const CODE_SET: u8 = 17;
    pub const SELF_DESTRUCT: u8 = 18;
    pub const SELF_DESTRUCT_REMOVED: u8 = 19;
    pub const ACCOUNT_WARM: u8 = 20;
    pub const STORAGE_WARM: u8 = 21;
    pub const REFUND: u8 = 22;
    /// Plus what is hashed.
    pub const HASH: u8 = 32;
}

const HASHED: [Hashed; 8] = [
    Hashed::Transaction,
    Hashed::SigningPayload,
    Hashed::PublicKey,
    Hashed::Memory,
    Hashed::CreateAddress,
    Hashed::Create2Address,
    Hashed::InitCode,
    Hashed::Code,
];

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
        Error::Trace {
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

const UNKNOWN: Fault = "there is no such kind of event";
