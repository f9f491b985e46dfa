//! From what execution found to what chunks are cut from: every account and slot that a transaction touches, as it was and as it is then.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use alloy_primitives::{Address, U256};
use braid_circuits::event::TransactionEvent;

use super::run::Touching;
use super::{AccountChange, ExecutedBlock, ExecutedTransaction};
use crate::chain::Chain;
use crate::error::{Error, Result};
use crate::execution::blocks::ExecutedBlock as AnyBlock;
use crate::execution::{AccountState, SlotChange, StateReader, Status, TransactionOutcome};

/// Accounts and slots between two transactions of a block that is committed already.
struct Ledger<'a, S: ?Sized> {
    /// The state after the block.
    after: &'a S,
    /// What the block changes, as it is now.
    accounts: HashMap<Address, Option<AccountState>>,
    slots: HashMap<(Address, U256), U256>,
}

impl<'a, S: StateReader + ?Sized> Ledger<'a, S> {
    /// Before the first transaction.
    fn new(after: &'a S, block: &AnyBlock) -> Self {
        let changes = &block.execution.changes;
        let accounts = changes.accounts.iter();
        let slots = changes.storage.iter();
        Self {
            after,
            accounts: accounts
                .map(|change| (change.address, change.before))
                .collect(),
            slots: slots
                .map(|change| ((change.address, change.slot), change.before))
                .collect(),
        }
    }

    /// An account, unless it is empty.
    fn account(&self, address: Address) -> Result<Option<AccountState>> {
        let account = match self.accounts.get(&address) {
            Some(account) => *account,
            None => self.after.account(&address)?,
        };
        Ok(account.filter(|account| !account.is_empty()))
    }

    fn slot(&self, address: Address, slot: U256) -> Result<U256> {
        match self.slots.get(&(address, slot)) {
            Some(value) => Ok(*value),
            None => self.after.storage(&address, &slot),
        }
    }
}

fn internal(what: &str) -> Error {
    Error::Internal(what.to_owned())
}

/// A block of which every transaction can be proved; `runs` are those that run code, by their places.
pub(super) fn performed(
    chain: &impl Chain,
    block: &AnyBlock,
    mut runs: BTreeMap<usize, Touching>,
) -> Result<ExecutedBlock> {
    let execution = &block.execution;
    let mut ledger = Ledger::new(chain, block);
    let mut transactions = Vec::with_capacity(block.transactions.len());
    let coinbases = execution.coinbase_after_each()?;
    let outcomes = execution.transactions.iter().zip(coinbases);
    let pairs = block.transactions.iter().zip(outcomes).enumerate();
    for (place, (transaction, (outcome, coinbase))) in pairs {
        let event = transaction.to_event();
        let event = event.ok_or_else(|| internal("a creation is taken to be provable"))?;
        let run = runs.remove(&place);
        let event = TransactionEvent {
            runs_code: run.is_some(),
            ..event
        };
        if run.is_none() && did_run(outcome)? {
            return Err(internal("a transfer did what only code can do"));
        }
        let (run, accounts, slots, block_hashes) = match run {
            Some(touching) => {
                let Touching {
                    run,
                    accounts,
                    slots,
                    block_hashes,
                } = touching;
                (Some(run), accounts, slots, block_hashes)
            }
            None => {
                let own = [event.sender, event.to, block.environment.coinbase];
                let own = BTreeSet::from(own).into_iter().collect();
                (None, own, Vec::new(), Vec::new())
            }
        };
        let after = (block.environment.coinbase, coinbase);
        transactions.push(ExecutedTransaction {
            event,
            gas_used: outcome.receipt.gas_used,
            logs: outcome.receipt.logs.clone(),
            accounts: account_changes(chain, &mut ledger, outcome, &accounts, after)?,
            slots: slot_changes(&mut ledger, outcome, &slots)?,
            block_hashes,
            run,
        });
    }
    Ok(ExecutedBlock {
        environment: block.environment,
        transactions,
        end: block.end,
    })
}

/// Whether a transaction did what only code can do.
fn did_run(outcome: &TransactionOutcome) -> Result<bool> {
    let receipt = &outcome.receipt;
    let changes = !outcome.access()?.storage.is_empty();
    Ok(receipt.status != Status::Success || !receipt.logs.is_empty() || changes)
}

/// What a transaction does to the accounts that it touches, which are ascending; moves the ledger on.
fn account_changes(
    chain: &impl Chain,
    ledger: &mut Ledger<'_, impl StateReader + ?Sized>,
    outcome: &TransactionOutcome,
    touched: &[Address],
    (coinbase, coinbase_after): (Address, Option<AccountState>),
) -> Result<Vec<AccountChange>> {
    let changes = outcome.access()?.accounts.iter();
    let mut after: HashMap<_, _> = changes
        .map(|change| (change.address, change.after))
        .collect();
    // Its tip is not among the changes.
    after.insert(coinbase, coinbase_after);
    let mut all = Vec::with_capacity(touched.len());
    for address in touched {
        let before = ledger.account(*address)?;
        let after = after.remove(address).unwrap_or(before);
        ledger.accounts.insert(*address, after);
        all.push(AccountChange {
            address: *address,
            before: chain.committed(before)?,
            after: chain.committed(after)?,
        });
    }
    match after.is_empty() {
        true => Ok(all),
        false => Err(internal(
            "a transaction changed an account that it does not touch",
        )),
    }
}

/// The same of slots.
fn slot_changes(
    ledger: &mut Ledger<'_, impl StateReader + ?Sized>,
    outcome: &TransactionOutcome,
    touched: &[(Address, U256)],
) -> Result<Vec<SlotChange>> {
    let changes = outcome.access()?.storage.iter();
    let mut after: HashMap<_, _> = changes
        .map(|change| ((change.address, change.slot), change.after))
        .collect();
    let mut all = Vec::with_capacity(touched.len());
    for (address, slot) in touched {
        let place = (*address, *slot);
        let before = ledger.slot(*address, *slot)?;
        let after = after.remove(&place).unwrap_or(before);
        ledger.slots.insert(place, after);
        all.push(SlotChange {
            address: *address,
            slot: *slot,
            before,
            after,
        });
    }
    match after.is_empty() {
        true => Ok(all),
        false => Err(internal(
            "a transaction changed a slot that it does not access",
        )),
    }
}
