//! Accounts as they are before a chunk, and what those around the tables of accounts say of them.

use std::collections::{BTreeMap, HashSet};

use alloy_primitives::{Address, B256, U256};
use braid_circuits::access::StampedFields;
use braid_circuits::bus::Message;
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::log::Action;
use braid_circuits::event::opcode::EXTCODESIZE;
use braid_circuits::event::trace::TransactionTrace;
use braid_circuits::event::{Account, AccountEvent, Code, TreePath};
use braid_circuits::execution::{AccountTouch, AccountUse, AccountVersion, Execution, ListedTouch};
use braid_circuits::state_hash::EMPTY;
use braid_circuits::word::{address as address_limbs, word};
use braid_stark::{Felt, Message as BusMessage};
use plonky2::field::types::Field;

use super::{Balance, add};

/// Who gets the tips: nobody whom contracts ask for.
pub const COINBASE: Address = Address::repeat_byte(0xcb);

/// The code part of accounts with this hash. Where the chunk does not have the bytecode, a size and a digest that fit nothing else.
fn code_of(hash: B256, codes: &[CodeEvent]) -> Code {
    let known = codes.iter().find(|code| code.keccak == hash);
    match known {
        _ if hash == Code::NONE.keccak => Code::NONE,
        Some(known) => Code::of(&known.bytes).expect("a short code"),
        None => Code {
            keccak: hash,
            poseidon: EMPTY,
            size: 0,
        },
    }
}

/// All accounts that traces load, as they are before the first of them.
pub fn of(traces: &[TransactionTrace], codes: &[CodeEvent]) -> Vec<AccountEvent> {
    let mut accounts = BTreeMap::new();
    for trace in traces {
        // Events that contradict themselves are for others to find.
        for event in trace.events().map_while(Result::ok) {
            let (address, account) = match event.action {
                Action::AccountLoad { address, value } => {
                    let account = value.map(|value| Account {
                        nonce: value.nonce,
                        balance: value.balance,
                        code: code_of(value.code_hash, codes),
                    });
                    (address, account)
                }
                Action::CodeHashLoad { address, value } => {
                    let account = Account {
                        nonce: 0,
                        balance: U256::ZERO,
                        code: code_of(value, codes),
                    };
                    (address, Some(account))
                }
                _ => continue,
            };
            accounts.entry(address).or_insert(account);
        }
    }
    let event = |(address, before)| AccountEvent {
        before,
        after: before,
        ..absent(address)
    };
    accounts.into_iter().map(event).collect()
}

/// An account without leaf.
pub fn absent(address: Address) -> AccountEvent {
    AccountEvent {
        address,
        before: None,
        after: None,
        path: TreePath {
            siblings: Vec::new(),
            neighbour: None,
            sibling_children: None,
        },
    }
}

/// Sets the sizes that steps have found of bytecodes that the chunk does not have.
pub fn set_sizes(accounts: &mut [AccountEvent], execution: &Execution) {
    for step in &execution.steps {
        if let (EXTCODESIZE, Some(size)) = (step.opcode, step.pushed) {
            let address = Address::from_word(step.popped[0].value.into());
            let account = accounts.iter_mut().find(|event| event.address == address);
            if let Some(account) = account.and_then(|event| event.before.as_mut()) {
                account.code.size = size.to();
            }
        }
    }
}

fn version(address: Address, version: &AccountVersion) -> BusMessage<Felt> {
    let fields = StampedFields::from(version);
    let timestamp = Felt::from_canonical_u64(version.timestamp);
    fields.version(address_limbs(address), timestamp).into()
}

/// What others say: the state has each account's first version and takes its last, transactions access accounts outside of their frames.
///
/// Where there are tables of what is `around` frames, they do but for access lists.
pub fn others_on_accounts(execution: &Execution, around: bool, balance: &mut Balance) {
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    let accounts = &execution.accounts;
    for (address, first, last) in &accounts.touched {
        add(balance, send, version(*address, first));
        add(balance, receive, version(*address, last));
    }
    let listed = execution.transactions.iter().flat_map(|sent| &sent.listed);
    let listed = listed.filter_map(|listed| match listed {
        ListedTouch::Account(touch) => Some(touch.after.timestamp),
        ListedTouch::Slot(_) => None,
    });
    let listed = HashSet::<u64>::from_iter(listed);
    for touch in &accounts.touches {
        match touch.by {
            AccountUse::Transaction if around && !listed.contains(&touch.after.timestamp) => {}
            AccountUse::Transaction => {
                add(balance, receive, version(touch.address, &touch.before));
                add(balance, send, version(touch.address, &touch.after));
            }
            AccountUse::Debit if around => {}
            _ => calls(execution, touch, balance),
        }
    }
}

/// What transactions and creations claim of accounts when they open a frame.
fn calls(execution: &Execution, touch: &AccountTouch, balance: &mut Balance) {
    let felt = Felt::from_canonical_u64;
    let (clock, frame, address) = (
        felt(touch.clock),
        felt(touch.frame),
        address_limbs(touch.address),
    );
    let opened = execution.frame(touch.frame).expect("a frame");
    let called = opened.parent > 0 && !opened.kind.is_create();
    let claim = match touch.by {
        AccountUse::Funds(value) if !called => Message::Funds {
            clock,
            address,
            value: word(value),
            enough: Felt::from_bool(touch.before.account.balance >= value),
        },
        AccountUse::Debit if !called => Message::Transfer {
            opened: clock,
            frame,
            writes: felt(opened.writes),
            from: address,
            to: address_limbs(opened.address),
            value: word(opened.value),
        },
        _ => return,
    };
    add(balance, Felt::ONE, claim.into());
}
