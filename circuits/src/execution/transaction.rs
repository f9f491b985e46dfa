//! Transactions around their frames: what they access before the first one opens, and after it is closed.
//!
//! A transaction begins at a clock `c`. Its sender is accessed at `2 c`, its recipient at `2 c + 1`, the coinbase at `2 c + 2`. If it runs code, the entries of its access list follow, one each, its first frame
//! opens at `c + 2` plus the number of entries, and when that is closed it ends, one clock later: at twice that its sender gets back what it did not use, and then the coinbase its tip. The next one begins one clock after that. Without code it is over at `c + 1`.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256};

use super::accounts::AccountTouch;
use super::fees::{GasPrice, add, floor_gas, intrinsic_gas, mul};
use super::storage::SlotAccess;
use crate::error::Error;
use crate::event::log::Action;
use crate::event::trace::TransactionTrace;
use crate::event::{ChunkEvents, TransactionEvent};

/// An access to an entry of an access list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedTouch {
    /// An account.
    Account(AccountTouch),
    /// A slot.
    Slot(SlotAccess),
}

/// A transaction in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerformedTransaction {
    /// Its place among the chunk's transactions, from 0.
    pub ordinal: u64,
    /// The clock at which it begins.
    pub begins: u64,
    /// The clock at which it ends; without code the one after `begins`.
    pub ends: u64,
    /// The sender pays and counts its nonce up.
    pub sender: AccountTouch,
    /// The recipient is warm, and without code gets the value.
    pub recipient: AccountTouch,
    /// The coinbase is warm, and without code gets the tip.
    pub coinbase: AccountTouch,
    /// If it runs code, the entries of its access list, in their order.
    pub listed: Vec<ListedTouch>,
    /// If it runs code, what comes of that.
    pub run: Option<PerformedRun>,
}

impl PerformedTransaction {
    /// When the first entry of the access list is accessed, if it has one: after the sender, the recipient and the coinbase.
    pub fn lists_from(&self) -> u64 {
        2 * self.begins + 3
    }
}

/// The code of a transaction has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerformedRun {
    /// The number of its first frame.
    pub frame: u64,
    /// The sender gets back what was paid for gas that is not used.
    pub sender: AccountTouch,
    /// The coinbase gets the tip.
    pub coinbase: AccountTouch,
}

/// An entry of an access list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Account(Address),
    Slot(Address, U256),
}

/// What is known of a transaction before it runs.
pub(super) struct Sent<'a> {
    pub(super) ordinal: u64,
    pub(super) sender: Address,
    pub(super) to: Address,
    /// What the sender pays first: for all gas that it may use, or without code for all.
    pub(super) charge: U256,
    /// What the recipient gets at once, in a transaction without code.
    pub(super) value: U256,
    /// What the coinbase gets at once, in a transaction without code.
    pub(super) reward: U256,
    pub(super) listed: Vec<Listed>,
    pub(super) trace: Option<&'a TransactionTrace>,
}

/// The transactions of a chunk, in order.
///
/// # Errors
/// [`Error::Events`] where a transaction cannot pay, or there are more or fewer traces than transactions that run code.
pub(super) fn sent(events: &ChunkEvents) -> Result<Vec<Sent<'_>>, Error> {
    let block = events.opens.unwrap_or(events.start.block);
    if events.transactions.is_empty() {
        let traces = (0..).zip(&events.executions);
        let sent = traces.map(|(ordinal, trace)| traced(ordinal, trace, block.coinbase));
        return sent.collect();
    }
    let mut traces = events.executions.iter();
    let mut sent = Vec::with_capacity(events.transactions.len());
    for (ordinal, event) in (0..).zip(&events.transactions) {
        let price = GasPrice::of(event, block.base_fee)?;
        sent.push(match event.runs_code {
            true => {
                let trace = traces.next();
                let missing =
                    || Error::Events("a transaction that runs code has no trace".to_owned());
                running(ordinal, event, trace.ok_or_else(missing)?, &price)?
            }
            false => {
                let used = intrinsic_gas(event).max(floor_gas(event, events.rules));
                plain(ordinal, event, used, &price)?
            }
        });
    }
    match traces.next() {
        None => Ok(sent),
        Some(_) => Err(Error::Events(
            "there are more traces than transactions that run code".to_owned(),
        )),
    }
}

fn running<'a>(
    ordinal: u64,
    event: &TransactionEvent,
    trace: &'a TransactionTrace,
    price: &GasPrice,
) -> Result<Sent<'a>, Error> {
    let mut listed = Vec::new();
    for entry in &event.access_list {
        listed.push(Listed::Account(entry.address));
        let slots = entry.slots.iter();
        listed.extend(slots.map(|slot| Listed::Slot(entry.address, *slot)));
    }
    Ok(Sent {
        ordinal,
        sender: event.sender,
        to: event.to,
        charge: mul(U256::from(event.gas_limit), price.price, "the fee")?,
        value: U256::ZERO,
        reward: U256::ZERO,
        listed,
        trace: Some(trace),
    })
}

fn plain(
    ordinal: u64,
    event: &TransactionEvent,
    used: u64,
    price: &GasPrice,
) -> Result<Sent<'static>, Error> {
    let used = U256::from(used);
    let fee = mul(used, price.price, "the fee")?;
    Ok(Sent {
        ordinal,
        sender: event.sender,
        to: event.to,
        charge: add(fee, event.value, "the cost")?,
        value: event.value,
        reward: mul(used, price.tip, "the tip")?,
        listed: Vec::new(),
        trace: None,
    })
}

/// A transaction of which only the trace is known: its access list is what the trace says is warm from the start.
fn traced(ordinal: u64, trace: &TransactionTrace, coinbase: Address) -> Result<Sent<'_>, Error> {
    let first = trace.frames.first();
    let first = first.ok_or_else(|| Error::Events("a trace without frames".to_owned()))?;
    let (mut charge, mut listed, mut accounts) = (U256::ZERO, Vec::new(), BTreeSet::new());
    for event in trace.events() {
        let event = event?;
        match event.action {
            _ if event.step.is_some() => {}
            Action::FeeCharge { value, .. } => charge = value,
            Action::AccountWarm { address } => {
                accounts.insert(address);
            }
            Action::StorageWarm { address, slot } => listed.push(Listed::Slot(address, slot)),
            _ => {}
        }
    }
    for known in [trace.sender, first.address, coinbase] {
        accounts.remove(&known);
    }
    listed.extend(accounts.into_iter().map(Listed::Account));
    Ok(Sent {
        ordinal,
        sender: trace.sender,
        to: first.address,
        charge,
        value: U256::ZERO,
        reward: U256::ZERO,
        listed,
        trace: Some(trace),
    })
}
