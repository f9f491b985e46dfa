//! Accounts: each access of a transaction that runs code, with the version that it takes, and the undoing of what frames did that failed.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, U256};

use super::frame::PerformedFrame;
use super::step::{PerformedStep, is_call};
use super::storage::Undo;
use super::transaction::Sent;
use crate::error::Error;
use crate::event::log::Action;
use crate::event::opcode::{BALANCE, EXTCODECOPY, EXTCODEHASH, EXTCODESIZE, SELFBALANCE};
use crate::event::trace::{FrameKind, FrameResult, Halt, Refused, TransactionTrace};
use crate::event::{Account, AccountEvent, Rules};
use crate::precompile::precompile;

/// Whether the opcode does nothing but read an account.
pub fn reads_account(opcode: u8) -> bool {
    matches!(opcode, BALANCE | EXTCODESIZE | EXTCODEHASH | SELFBALANCE)
}

/// What an account was after an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountVersion {
    /// The account.
    pub account: Account,
    /// 1 plus the transaction that accessed it last; 0 if none of the chunk did.
    pub transaction: u64,
    /// When it was accessed; 0 for the first version.
    pub timestamp: u64,
}

/// Why an account is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountUse {
    /// By a transaction outside of its frames: fees, nonce, and what is warm from the start.
    Transaction,
    /// By a step that asks for it, or calls it.
    Step,
    /// By such a step that halts: nothing changes.
    View,
    /// It pays when a frame opens.
    Debit,
    /// It is paid when a frame opens.
    Credit,
    /// It is to have a value of this size when a frame opens.
    Funds(U256),
}

/// An access to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTouch {
    /// Why.
    pub by: AccountUse,
    /// The step, or when the frame opens; half the time for transactions.
    pub clock: u64,
    /// The frame that undoes it if it fails; 0 for transactions.
    pub frame: u64,
    /// 1 plus the transaction.
    pub transaction: u64,
    /// Its number among the chunk's writes; 0 for what cannot be undone.
    pub number: u64,
    /// The account.
    pub address: Address,
    /// It is a precompiled contract.
    pub is_precompile: bool,
    /// What the access before left.
    pub before: AccountVersion,
    /// What this one leaves.
    pub after: AccountVersion,
    /// How it was undone, if it was.
    pub undone: Option<Undo>,
}

impl AccountTouch {
    /// Whether the account is warm already (EIP-2929): accessed by the transaction, or a precompile.
    pub fn was_warm(&self) -> bool {
        self.before.transaction == self.transaction || self.is_precompile
    }
}

/// What the transactions of a chunk do to accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountAccesses {
    /// In the order of time.
    pub touches: Vec<AccountTouch>,
    /// First and last versions of all accounts, ascending.
    pub touched: Vec<(Address, AccountVersion, AccountVersion)>,
}

/// The accounts that were accessed so far.
pub(super) struct Accounts {
    /// As they are before the chunk.
    known: HashMap<Address, Account>,
    /// Who gets the tips.
    coinbase: Address,
    rules: Rules,
    versions: BTreeMap<Address, (AccountVersion, AccountVersion)>,
    touches: Vec<AccountTouch>,
    /// What the transaction's open frames did: numbers, and places in the list.
    writes: Vec<(u64, usize)>,
    /// 1 plus the transaction.
    stamp: u64,
}

impl Accounts {
    /// Nothing yet, in a chunk that touches these accounts.
    pub(super) fn new(accounts: &[AccountEvent], coinbase: Address, rules: Rules) -> Self {
        let known = accounts.iter();
        let known = known.map(|event| (event.address, event.before.unwrap_or(Account::EMPTY)));
        Self {
            known: known.collect(),
            coinbase,
            rules,
            versions: BTreeMap::new(),
            touches: Vec::new(),
            writes: Vec::new(),
            stamp: 0,
        }
    }

    fn version(&mut self, address: Address) -> AccountVersion {
        let known = self.known.get(&address).copied();
        let first = AccountVersion {
            account: known.unwrap_or(Account::EMPTY),
            transaction: 0,
            timestamp: 0,
        };
        self.versions.entry(address).or_insert((first, first)).1
    }

    fn set(&mut self, address: Address, version: AccountVersion) {
        if let Some((_, last)) = self.versions.get_mut(&address) {
            *last = version;
        }
    }

    /// Makes an access; `change` makes what it leaves of the version before.
    fn touch(
        &mut self,
        by: AccountUse,
        at: (u64, u64),
        writer: (u64, u64),
        address: Address,
        change: impl FnOnce(&mut AccountVersion),
    ) -> AccountTouch {
        let ((clock, timestamp), (frame, number)) = (at, writer);
        let before = self.version(address);
        let mut after = AccountVersion {
            timestamp,
            ..before
        };
        change(&mut after);
        if number != 0 {
            self.writes.push((number, self.touches.len()));
        }
        self.set(address, after);
        let touch = AccountTouch {
            by,
            clock,
            frame,
            transaction: self.stamp,
            number,
            address,
            is_precompile: precompile(address, self.rules).is_some(),
            before,
            after,
            undone: None,
        };
        self.touches.push(touch);
        touch
    }

    /// A transaction begins at this clock. See [`super::transaction`] for what it accesses when.
    pub(super) fn begin(&mut self, sent: &Sent<'_>, clock: u64) -> [AccountTouch; 3] {
        self.stamp = sent.ordinal + 1;
        self.writes.clear();
        let Sent {
            charge,
            value,
            reward,
            ..
        } = *sent;
        let coinbase = self.coinbase;
        let sender = self.own(sent.sender, 2 * clock, |account| {
            account.balance = account.balance.wrapping_sub(charge);
            account.nonce = account.nonce.wrapping_add(1);
        });
        let recipient = self.own(sent.to, 2 * clock + 1, paid(value));
        [
            sender,
            recipient,
            self.own(coinbase, 2 * clock + 2, paid(reward)),
        ]
    }

    /// The access to an account of the transaction's access list.
    pub(super) fn list(&mut self, address: Address, timestamp: u64) -> AccountTouch {
        self.own(address, timestamp, |_| {})
    }

    /// A transaction ends at this clock: its sender gets back what was not used, and the coinbase its tip.
    pub(super) fn end(
        &mut self,
        sent: &Sent<'_>,
        trace: &TransactionTrace,
        clock: u64,
    ) -> Result<[AccountTouch; 2], Error> {
        let mut back = U256::ZERO;
        for event in trace.events() {
            if let Action::FeeReturn { value, .. } = event?.action {
                back = value;
            }
        }
        let coinbase = self.coinbase;
        let sender = self.own(sent.sender, 2 * clock, paid(back));
        Ok([sender, self.own(coinbase, 2 * clock + 1, paid(trace.tip))])
    }

    /// An access by the transaction outside of its frames.
    fn own(
        &mut self,
        address: Address,
        timestamp: u64,
        change: impl FnOnce(&mut Account),
    ) -> AccountTouch {
        let (stamp, by) = (self.stamp, AccountUse::Transaction);
        let at = (timestamp / 2, timestamp);
        self.touch(by, at, (0, 0), address, |after| {
            change(&mut after.account);
            after.transaction = stamp;
        })
    }

    /// A frame opens.
    pub(super) fn open(&mut self, frame: &PerformedFrame) {
        let (clock, value) = (frame.opened, frame.value);
        let at = (clock, 2 * clock);
        let refused = match frame.result {
            FrameResult::Refused(refused) => Some(refused),
            _ => None,
        };
        // CALLCODE leaves the value where it is.
        let asks = frame.kind == FrameKind::CallCode && !value.is_zero() && refused.is_none();
        if asks || refused == Some(Refused::Funds) {
            let by = AccountUse::Funds(value);
            self.touch(by, at, (frame.number, 0), frame.caller, |_| {});
        } else if frame.first_writes > frame.writes {
            let debit = (frame.number, frame.writes + 1);
            self.touch(AccountUse::Debit, at, debit, frame.caller, |after| {
                after.account.balance = after.account.balance.wrapping_sub(value);
            });
            let (at, credit) = ((clock, 2 * clock + 1), (frame.number, frame.writes + 2));
            self.touch(AccountUse::Credit, at, credit, frame.address, |after| {
                after.account.balance = after.account.balance.wrapping_add(value);
            });
        }
    }

    /// Makes the access of a step, if it makes one; `writes` are those before it.
    pub(super) fn step(&mut self, step: &PerformedStep, frame: &PerformedFrame) {
        let opcode = step.opcode;
        let place = match opcode {
            SELFBALANCE => None,
            BALANCE | EXTCODESIZE | EXTCODEHASH | EXTCODECOPY => Some(0),
            _ if is_call(opcode) => Some(1),
            _ => return,
        };
        let word = place.map(|place| step.popped.get(place).map(|word| word.value));
        let address = match word {
            None => frame.address,
            Some(Some(word)) => Address::from_word(word.into()),
            // A step that halts before it has looked at its operands.
            Some(None) => return,
        };
        let (clock, stamp) = (step.clock, self.stamp);
        let at = (clock, 2 * clock);
        match step.halt {
            None => {
                let writer = (step.frame, step.before.writes + 1);
                self.touch(AccountUse::Step, at, writer, address, |after| {
                    after.transaction = stamp;
                });
            }
            Some(Halt::OutOfGas) if opcode != SELFBALANCE => {
                let writer = (step.frame, 0);
                self.touch(AccountUse::View, at, writer, address, |_| {});
            }
            _ => {}
        }
    }

    /// Undoes what a frame did that has failed, and the frames in it: the last write first.
    pub(super) fn undo(&mut self, frame: &PerformedFrame) {
        while let Some((number, place)) = self.writes.pop() {
            if number <= frame.writes {
                self.writes.push((number, place));
                return;
            }
            let timestamp = frame.undone_at.saturating_sub(number);
            let Some(touch) = self.touches.get_mut(place) else {
                return;
            };
            let (address, before) = (touch.address, touch.before);
            if let Some((_, last)) = self.versions.get_mut(&address) {
                touch.undone = Some(Undo {
                    accessed: last.timestamp,
                    timestamp,
                });
                *last = AccountVersion {
                    timestamp,
                    ..before
                };
            }
        }
    }

    /// All of it.
    pub(super) fn finish(self) -> AccountAccesses {
        let touched = self.versions.into_iter();
        let touched = touched.map(|(address, (first, last))| (address, first, last));
        AccountAccesses {
            touches: self.touches,
            touched: touched.collect(),
        }
    }
}

/// An account gets this much.
fn paid(value: U256) -> impl FnOnce(&mut Account) {
    move |account| account.balance = account.balance.wrapping_add(value)
}
