//! What the events of a trace lead to against what revm changed.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::map::HashMap;
use alloy_primitives::{Address, U256};
use braid_circuits::event::log::Action;
use braid_circuits::event::trace::TransactionTrace;
use braid_witness::execution::AccountState;

use super::Ran;

/// Carries out a trace's events and compares what follows with what the run changed.
pub fn compare_effects(trace: &TransactionTrace, ran: &Ran) -> Result<(), String> {
    let mut before: HashMap<Address, Option<AccountState>> = HashMap::default();
    let mut slots_before: HashMap<(Address, U256), U256> = HashMap::default();
    let mut now: BTreeMap<Address, AccountState> = BTreeMap::new();
    let mut slots: BTreeMap<(Address, U256), U256> = BTreeMap::new();
    let (mut touched, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for event in trace.events() {
        let event = event.map_err(|error| error.to_string())?;
        if event.reverted {
            continue;
        }
        let wrong = |what: &str| Err(format!("{what}: {event:?}"));
        let of = |address| *now.get(&address).unwrap_or(&AccountState::EMPTY);
        match event.action {
            Action::AccountLoad { address, value } => {
                let value = value.map(|value| AccountState {
                    nonce: value.nonce,
                    balance: value.balance,
                    code_hash: value.code_hash,
                });
                if before.insert(address, value).is_some() {
                    return wrong("loaded twice");
                }
                now.insert(address, value.unwrap_or(AccountState::EMPTY));
            }
            Action::StorageLoad {
                address,
                slot,
                value,
            } => {
                if slots_before.insert((address, slot), value).is_some() {
                    return wrong("loaded twice");
                }
                slots.insert((address, slot), value);
            }
            Action::StorageRead {
                address,
                slot,
                value,
            } => {
                let known = slots.get(&(address, slot)).copied().unwrap_or_default();
                if known != value {
                    return wrong("reads another value");
                }
            }
            Action::StorageWrite {
                address,
                slot,
                before,
                after,
            } => {
                let known = slots.insert((address, slot), after).unwrap_or_default();
                if known != before {
                    return wrong("replaces another value");
                }
            }
            Action::NonceChange {
                address,
                before,
                after,
            } => {
                let mut account = of(address);
                if account.nonce != before {
                    return wrong("another nonce");
                }
                account.nonce = after;
                now.insert(address, account);
                touched.insert(address);
            }
            Action::BalanceTransfer { from, to, value } => {
                let mut account = of(from);
                let Some(less) = account.balance.checked_sub(value) else {
                    return wrong("not so much wei");
                };
                account.balance = less;
                now.insert(from, account);
                let mut account = *now.get(&to).unwrap_or(&AccountState::EMPTY);
                account.balance += value;
                now.insert(to, account);
                touched.extend([from, to]);
            }
            Action::FeeCharge { address, value } | Action::BalanceBurn { address, value } => {
                let mut account = of(address);
                let Some(less) = account.balance.checked_sub(value) else {
                    return wrong("not so much wei");
                };
                account.balance = less;
                now.insert(address, account);
            }
            Action::FeeReturn { address, value } => {
                let mut account = of(address);
                account.balance += value;
                now.insert(address, account);
            }
            Action::AccountTouch { address } => {
                touched.insert(address);
            }
            Action::AccountCreate { address } => {
                let mut account = of(address);
                account.nonce = 1;
                now.insert(address, account);
                touched.insert(address);
            }
            Action::CodeSet { address, hash } => {
                let mut account = of(address);
                account.code_hash = hash;
                now.insert(address, account);
            }
            Action::SelfDestruct {
                address,
                removed: true,
                ..
            } => {
                removed.insert(address);
            }
            _ => {}
        }
    }
    let mut accounts = BTreeMap::new();
    for (address, state) in &now {
        let gone = removed.contains(address) || (state.is_empty() && touched.contains(address));
        let state = (!gone).then_some(*state);
        let known = before.get(address).copied().flatten();
        // An account that was neither there nor touched is empty, which is the same.
        let same =
            state == known || (state.is_some_and(|state| state.is_empty()) && known.is_none());
        if !same {
            accounts.insert(*address, state);
        }
    }
    if accounts != ran.accounts {
        return Err(format!(
            "accounts are {accounts:?} after the events, and are {:?}",
            ran.accounts
        ));
    }
    slots.retain(|(address, slot), value| {
        let original = slots_before.get(&(*address, *slot)).copied();
        let gone = removed.contains(address) || matches!(accounts.get(address), Some(None));
        !gone && original.unwrap_or_default() != *value
    });
    if slots != ran.storage {
        return Err(format!(
            "slots are {slots:?} after the events, and are {:?}",
            ran.storage
        ));
    }
    Ok(())
}
