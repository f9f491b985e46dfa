//! Accounts as they are before a chunk, and what those around the tables of accounts say of them.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::log::Action;
use braid_circuits::event::opcode::EXTCODESIZE;
use braid_circuits::event::trace::TransactionTrace;
use braid_circuits::event::{Account, AccountEvent, Code, TreePath};
use braid_circuits::execution::Execution;
use braid_circuits::state_hash::EMPTY;

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
        address,
        before,
        after: before,
        path: TreePath {
            siblings: Vec::new(),
            neighbour: None,
            sibling_children: None,
        },
    };
    accounts.into_iter().map(event).collect()
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
