//! One execution of one transaction: a plain transfer is computed, everything else goes through revm.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::{EVMError, ExecutionResult, Output};
use revm::database_interface::DBErrorMarker;
use revm::state::{Account, AccountInfo, Bytecode};

use super::memory::{CodeHash, Trouble};
use super::reads::Reads;
use super::shared::{Attempt, Credit, Ran, Shared};
use super::writers::Reader;
use crate::error::{Error, NotProvable, TransactionFault};
use crate::execution::inclusion::{check_fee, check_sender, is_precompile};
use crate::execution::machine::{Machine, effective_gas_price, fee_fits, tip, transaction_input};
use crate::execution::outcome::{
    AccountState, AccountStateChange, Read, Receipt, SlotChange, Status,
};
use crate::execution::statistics::Location;
use crate::transaction::{Refusal, SignedTransaction};

/// Why an execution did not come to its end.
#[derive(Debug)]
pub(super) enum Interruption {
    /// It needs a value that this transaction is about to write again.
    Blocked { on: usize, at: Location },
    /// Credits that are not settled yet make a balance of 2^256 or more.
    Overflow { at: Location },
    /// The store, or a fault of this program.
    Fatal(Error),
}

/// What revm is told when a read is interrupted; the reason stays in the view.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a read was interrupted")]
pub(super) struct Interrupted;

impl DBErrorMarker for Interrupted {}

/// The state as one transaction sees it.
pub(super) struct View<'a> {
    shared: &'a Shared<'a>,
    place: usize,
    reader: Reader,
    reads: Reads,
    sender: Option<(Address, Option<AccountState>)>,
    interruption: Option<Interruption>,
    /// Why the transaction cannot be part of the rollup, if it got that far.
    refused: Option<NotProvable>,
}

impl<'a> View<'a> {
    fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            place: 0,
            reader: Reader::Final,
            reads: Reads::default(),
            sender: None,
            interruption: None,
            refused: None,
        }
    }

    fn begin(&mut self, place: usize, reader: Reader) {
        self.place = place;
        self.reader = reader;
        self.reads = Reads::default();
        self.sender = None;
        self.interruption = None;
        self.refused = None;
    }

    fn settle<T>(&mut self, found: Result<T, Trouble>, at: Location) -> Result<T, Interrupted> {
        found.map_err(|trouble| {
            self.interruption = Some(match trouble {
                Trouble::Blocked(on) => Interruption::Blocked { on, at },
                Trouble::Overflow => Interruption::Overflow { at },
                Trouble::Store(error) => Interruption::Fatal(error),
            });
            Interrupted
        })
    }

    fn account(&mut self, address: Address) -> Result<Option<AccountState>, Interrupted> {
        let (shared, place) = (self.shared, self.place);
        let found = if address == shared.context.environment.coinbase {
            shared.coinbase_account(place).map(|value| (value, false))
        } else {
            let memory = &shared.memory;
            let reader = self.reader;
            let found = memory.account(memory.hash(&address), &address, place, reader);
            found.map(|found| (found.value, found.from_base))
        };
        let (value, from_base) = self.settle(found, Location::Account(address))?;
        self.reads.push(Read::Account { address, value }, from_base);
        Ok(value)
    }

    fn sender(&mut self, address: Address) -> Result<Option<AccountState>, Interrupted> {
        let value = self.account(address)?;
        self.sender = Some((address, value));
        Ok(value)
    }

    fn code_hash(&mut self, address: Address) -> Result<CodeHash, Interrupted> {
        let (memory, place) = (&self.shared.memory, self.place);
        let reader = self.reader;
        let found = memory.code_hash(memory.hash(&address), &address, place, reader);
        let found = self.settle(found, Location::Account(address))?;
        let value = found.value;
        self.reads
            .push(Read::CodeHash { address, value }, found.base.is_some());
        Ok(found)
    }

    fn slot(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        let (memory, place) = (&self.shared.memory, self.place);
        let key = (address, slot);
        let found = memory.storage(memory.hash(&key), &key, place, self.reader);
        let found = self.settle(found, Location::Storage(address, slot))?;
        let value = found.value;
        self.reads.push(
            Read::Storage {
                address,
                slot,
                value,
            },
            found.from_base,
        );
        Ok(value)
    }
}

impl revm::Database for View<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        let value = match self.sender {
            Some((sender, value)) if sender == address => value,
            _ => self.account(address)?,
        };
        Ok(value.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: None,
            account_id: None,
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Interrupted> {
        self.shared.memory.code(&hash).map_err(|error| {
            self.interruption = Some(Interruption::Fatal(error));
            Interrupted
        })
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        self.slot(address, slot)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Interrupted> {
        let Some(value) = self.shared.hashes.get(number) else {
            self.refused = Some(NotProvable::UnknownBlockHash(number));
            return Err(Interrupted);
        };
        self.reads.push(Read::BlockHash { number, value }, true);
        Ok(value)
    }
}

/// What a worker executes with, one transaction after the other.
pub(super) struct Runner<'a> {
    shared: &'a Shared<'a>,
    /// For plain transfers.
    view: View<'a>,
    /// For everything else; made when first needed.
    machine: Option<Machine<View<'a>>>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            view: View::new(shared),
            machine: None,
        }
    }

    /// Executes the transaction at a place of the block on what those before it have written so far. Plain transfers are credited without reading
    /// the recipient's balance if `commutative`.
    pub(super) fn run(
        &mut self,
        place: usize,
        reader: Reader,
        commutative: bool,
    ) -> Result<Attempt, Interruption> {
        let shared = self.shared;
        let Some(transaction) = shared.transactions.get(place) else {
            return Err(Interruption::Fatal(Error::Internal(format!(
                "there is no transaction {place}"
            ))));
        };
        self.view.begin(place, reader);
        let end = self.check(transaction);
        let end = match self.open(end)? {
            Err(refusal) => Err(refusal),
            Ok(sender) => match self.transfer(transaction, sender, commutative) {
                Some(outcome) => Ok(self.open(outcome)?),
                None => return self.evm(transaction),
            },
        };
        Ok(Attempt {
            reads: core::mem::take(&mut self.view.reads),
            end,
        })
    }

    fn open<T>(&mut self, outcome: Result<T, Interrupted>) -> Result<T, Interruption> {
        let view = &mut self.view;
        outcome.map_err(|Interrupted| interruption(view))
    }

    /// The rules of inclusion that depend on the state before the transaction; gives its sender.
    fn check(
        &mut self,
        transaction: &SignedTransaction,
    ) -> Result<Result<AccountState, Refusal>, Interrupted> {
        if let Err(fault) = check_fee(transaction, &self.shared.context.environment) {
            return Ok(Err(fault.into()));
        }
        let sender = self.view.sender(transaction.sender)?;
        let sender = sender.unwrap_or(AccountState::EMPTY);
        if let Err(fault) = check_sender(transaction, &sender) {
            return Ok(Err(fault.into()));
        }
        if !fee_fits(transaction) {
            return Ok(Err(Refusal::NotProvable(NotProvable::FeeTooLarge)));
        }
        Ok(Ok(sender))
    }

    /// A transaction that runs no code, if it is one. The rules that revm applies to it: it uses its intrinsic gas, the sender pays for it and for the
    /// value, its nonce grows by one.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        sender: AccountState,
        commutative: bool,
    ) -> Option<Result<Ran, Interrupted>> {
        let to = transaction
            .to
            .filter(|to| commutative && !is_precompile(*to))?;
        let found = match self.view.code_hash(to) {
            Err(interrupted) => return Some(Err(interrupted)),
            Ok(found) => found,
        };
        if found.value != KECCAK_EMPTY {
            // revm will read the whole account.
            self.view.reads.pop();
            return None;
        }
        let base_fee = self.shared.context.environment.base_fee;
        let gas_used = u64::try_from(transaction.intrinsic_gas()).ok()?;
        let price = effective_gas_price(transaction, base_fee);
        let fee = price.checked_mul(U256::from(gas_used))?;
        let is_to_self = to == transaction.sender;
        let cost = if is_to_self {
            fee
        } else {
            fee.checked_add(transaction.value)?
        };
        let after = AccountState {
            nonce: sender.nonce.checked_add(1)?,
            balance: sender.balance.checked_sub(cost)?,
            ..sender
        };
        // Room for the recipient.
        let mut accounts = Vec::with_capacity(2);
        accounts.push(AccountStateChange {
            address: transaction.sender,
            // As it was read: an empty account that is there is not an absent one.
            before: self.view.sender.and_then(|(_, account)| account),
            after: Some(after),
        });
        Some(Ok(Ran {
            receipt: Receipt {
                status: Status::Success,
                gas_used,
                logs: Vec::new(),
                output: Default::default(),
                created: None,
            },
            accounts,
            credit: (!is_to_self).then_some(Credit {
                to,
                wei: transaction.value,
                base: found.base,
            }),
            storage: Vec::new(),
            tip: tip(transaction, base_fee, gas_used),
        }))
    }

    fn evm(&mut self, transaction: &SignedTransaction) -> Result<Attempt, Interruption> {
        let shared = self.shared;
        let machine = self
            .machine
            .get_or_insert_with(|| Machine::new(shared.context, View::new(shared)));
        // The sender was read already.
        core::mem::swap(machine.database(), &mut self.view);
        let result = machine.run(transaction_input(transaction, shared.context.chain_id));
        let end = match result {
            Ok(result) => Ok(ran(shared, transaction, machine, result)?),
            Err(EVMError::Transaction(reason)) => {
                Err(TransactionFault::Reference(reason.to_string()).into())
            }
            Err(EVMError::Database(Interrupted)) => match machine.database().refused.take() {
                Some(reason) => Err(Refusal::NotProvable(reason)),
                None => return Err(interruption(machine.database())),
            },
            Err(other) => {
                return Err(Interruption::Fatal(Error::Internal(format!(
                    "revm: {other}"
                ))));
            }
        };
        Ok(Attempt {
            reads: core::mem::take(&mut machine.database().reads),
            end,
        })
    }
}

fn interruption(view: &mut View<'_>) -> Interruption {
    let missing = || {
        Interruption::Fatal(Error::Internal(
            "a read broke off without reason".to_owned(),
        ))
    };
    view.interruption.take().unwrap_or_else(missing)
}

/// What revm did, without what it only looked at.
fn ran(
    shared: &Shared<'_>,
    transaction: &SignedTransaction,
    machine: &mut Machine<View<'_>>,
    result: ExecutionResult,
) -> Result<Ran, Interruption> {
    let gas_used = result.tx_gas_used();
    let mut tip = tip(transaction, shared.context.environment.base_fee, gas_used);
    let (mut accounts, mut storage) = (Vec::with_capacity(2), Vec::new());
    // Creation makes the slots zero that were there before the contract, whatever the contract then makes of them.
    let mut left_over = Vec::new();
    for (address, account) in machine.drain_accounts() {
        if !account.is_touched() {
            continue;
        }
        let before = state_before(&account);
        let after = state_after(&account);
        if account.is_selfdestructed() && address == shared.context.environment.coinbase {
            // It is destroyed with the tip.
            tip = U256::ZERO;
        }
        if before != after || address == transaction.sender {
            accounts.push(AccountStateChange {
                address,
                before,
                after,
            });
        }
        let mut old_slots = Vec::new();
        if account.is_created() {
            let slots = shared.memory.base.slots(&address);
            old_slots = slots.map_err(Interruption::Fatal)?;
            old_slots.sort_unstable();
            for &slot in &old_slots {
                let value = account.storage.get(&slot).filter(|_| after.is_some());
                let value = value.map_or(U256::ZERO, |value| value.present_value);
                left_over.push((address, slot, value));
            }
            if let (Some(after), Some(code)) = (after, &account.info.code)
                && after.has_code()
            {
                shared.memory.add_code(after.code_hash, code.clone());
            }
        }
        if after.is_some() {
            let slots = account.storage.iter().filter(|(slot, value)| {
                value.is_changed() && old_slots.binary_search(slot).is_err()
            });
            storage.extend(slots.map(|(slot, value)| SlotChange {
                address,
                slot: *slot,
                before: value.original_value,
                after: value.present_value,
            }));
        }
    }
    for (address, slot, after) in left_over {
        let view = machine.database();
        let before = view
            .slot(address, slot)
            .map_err(|Interrupted| interruption(view))?;
        if before != after {
            storage.push(SlotChange {
                address,
                slot,
                before,
                after,
            });
        }
    }
    accounts.sort_unstable_by_key(|change| change.address);
    storage.sort_unstable_by_key(|change| (change.address, change.slot));
    let (status, logs, output) = match result {
        ExecutionResult::Success { logs, output, .. } => (Status::Success, logs, Some(output)),
        // Logs of what is rolled back do not survive.
        ExecutionResult::Revert { output, .. } => {
            (Status::Revert, Vec::new(), Some(Output::Call(output)))
        }
        ExecutionResult::Halt { reason, .. } => (Status::Halt(reason), Vec::new(), None),
    };
    Ok(Ran {
        receipt: Receipt {
            created: output.as_ref().and_then(|output| output.address().copied()),
            output: output.map(Output::into_data).unwrap_or_default(),
            status,
            gas_used,
            logs,
        },
        accounts,
        credit: None,
        storage,
        tip,
    })
}

fn state_of(info: &AccountInfo) -> AccountState {
    AccountState {
        nonce: info.nonce,
        balance: info.balance,
        code_hash: info.code_hash,
    }
}

fn state_before(account: &Account) -> Option<AccountState> {
    (!account.is_loaded_as_not_existing()).then(|| state_of(&account.original_info()))
}

/// Accounts that a transaction destroys, or touches and leaves empty, disappear (EIP-6780, EIP-161).
fn state_after(account: &Account) -> Option<AccountState> {
    let state = state_of(&account.info);
    (!account.is_selfdestructed() && !state.is_empty()).then_some(state)
}
