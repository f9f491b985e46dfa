//! Runs a transaction over a state with revm, notes what it read, and compares its trace with what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use alloy_primitives::map::HashMap;
use alloy_primitives::{Address, B256, U256, keccak256};
use braid_circuits::event::log::Action;
use braid_circuits::event::steps::Steps;
use braid_circuits::event::trace::TransactionTrace;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{
    AccountState, BlockContext, Machine, Read, Receipt, StateReader, Status,
};
use braid_witness::state::State;
use braid_witness::trace::{CodeSource, TraceInput, Tracer};
use braid_witness::transaction::SignedTransaction;
use revm::Database;
use revm::context::result::{ExecutionResult, Output};
use revm::handler::MainnetContext;
use revm::inspector::Inspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::Jumps;
use revm::interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter};
use revm::state::{AccountInfo, Bytecode};

/// The state as revm reads it, with a note of every read.
pub struct Recording<'a> {
    state: &'a State,
    pub reads: Vec<Read>,
}

impl<'a> Recording<'a> {
    pub fn new(state: &'a State) -> Self {
        Self {
            state,
            reads: Vec::new(),
        }
    }
}

impl Database for Recording<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        let value = StateReader::account(self.state, &address).unwrap();
        self.reads.push(Read::Account { address, value });
        Ok(value.map(|state| AccountInfo {
            balance: state.balance,
            nonce: state.nonce,
            code_hash: state.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(StateReader::code(self.state, &hash).unwrap())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        let value = StateReader::storage(self.state, &address, &slot).unwrap();
        self.reads.push(Read::Storage {
            address,
            slot,
            value,
        });
        Ok(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        let value = keccak256(number.to_string());
        self.reads.push(Read::BlockHash { number, value });
        Ok(value)
    }
}

/// Bytecode of a state.
pub struct StateCodes<'a>(pub &'a State);

impl CodeSource for StateCodes<'_> {
    fn code(&self, hash: &B256) -> braid_witness::Result<Bytecode> {
        StateReader::code(self.0, hash)
    }
}

/// What a run did.
pub struct Ran {
    pub reads: Vec<Read>,
    pub receipt: Receipt,
    /// Accounts that it changed, as they are afterwards.
    pub accounts: BTreeMap<Address, Option<AccountState>>,
    /// Slots that it changed, as they are afterwards, of accounts that it did not remove.
    pub storage: BTreeMap<(Address, U256), U256>,
}

/// Runs a transaction with revm alone; `None` if it is refused.
pub fn run(context: BlockContext, state: &State, transaction: &SignedTransaction) -> Option<Ran> {
    let mut machine = Machine::new(context, Recording::new(state));
    let result = machine
        .run(transaction_input(transaction, context.chain_id))
        .ok()?;
    let (mut accounts, mut storage) = (BTreeMap::new(), BTreeMap::new());
    for (address, account) in machine.drain_accounts().collect::<Vec<_>>() {
        if !account.is_touched() {
            continue;
        }
        let state_of = |info: &AccountInfo| AccountState {
            nonce: info.nonce,
            balance: info.balance,
            code_hash: info.code_hash,
        };
        let before =
            (!account.is_loaded_as_not_existing()).then(|| state_of(&account.original_info()));
        let after = state_of(&account.info);
        let after = (!account.is_selfdestructed() && !after.is_empty()).then_some(after);
        if before != after {
            accounts.insert(address, after);
        }
        if after.is_some() {
            for (slot, value) in &account.storage {
                if value.is_changed() {
                    storage.insert((address, *slot), value.present_value);
                }
            }
        }
    }
    let gas_used = result.tx_gas_used();
    let (status, logs, output) = match result {
        ExecutionResult::Success { logs, output, .. } => (Status::Success, logs, Some(output)),
        ExecutionResult::Revert { output, .. } => {
            (Status::Revert, Vec::new(), Some(Output::Call(output)))
        }
        ExecutionResult::Halt { reason, .. } => (Status::Halt(reason), Vec::new(), None),
    };
    Some(Ran {
        reads: machine.database().reads.clone(),
        receipt: Receipt {
            status,
            gas_used,
            logs,
            created: output.as_ref().and_then(|output| output.address().copied()),
            output: output.map(Output::into_data).unwrap_or_default(),
        },
        accounts,
        storage,
    })
}

/// Sees every step of a run and compares it with the step that a trace decodes to.
struct Comparing<'a> {
    steps: Steps<'a>,
    /// The refund counter of each open frame.
    refunds: Vec<i64>,
    gas: u64,
    cost: u64,
    count: u64,
    fault: Option<String>,
}

impl Comparing<'_> {
    fn compare(&mut self, interpreter: &Interpreter<EthInterpreter>) -> Result<(), String> {
        *self.refunds.last_mut().unwrap() = interpreter.gas.refunded();
        let refund: i64 = self.refunds.iter().sum();
        let step = self.steps.next_step().map_err(|error| error.to_string())?;
        let step = step.ok_or("too few steps")?;
        let memory = interpreter.memory.context_memory();
        let return_data: &[u8] = &interpreter.return_data.0;
        let same = step.index == self.count
            && step.pc == interpreter.bytecode.pc() as u64
            && step.opcode == interpreter.bytecode.opcode()
            && step.gas == interpreter.gas.remaining()
            && step.refund == refund as u64
            && step.depth as usize == self.refunds.len()
            && step.stack == interpreter.stack.data().as_slice()
            && step.memory == &*memory
            && step.return_data == return_data;
        if !same {
            return Err(format!(
                "step {} is at {}, opcode {:#x}, gas {}, refund {refund}, depth {}, stack {:?}, {} bytes of memory, {} of return data (memory equal: {}), decoded as {:?}",
                self.count,
                interpreter.bytecode.pc(),
                interpreter.bytecode.opcode(),
                interpreter.gas.remaining(),
                self.refunds.len(),
                interpreter.stack.data(),
                memory.len(),
                return_data.len(),
                step.memory == &*memory,
                (
                    step.index,
                    step.pc,
                    step.opcode,
                    step.gas,
                    step.refund,
                    step.depth,
                    step.stack,
                    step.memory.len(),
                    step.return_data.len()
                ),
            ));
        }
        self.gas = step.gas;
        self.cost = step.gas_cost;
        self.count += 1;
        Ok(())
    }
}

impl<'a> Inspector<MainnetContext<Recording<'a>>, EthInterpreter> for Comparing<'_> {
    fn step(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        _: &mut MainnetContext<Recording<'a>>,
    ) {
        if self.fault.is_none() {
            self.fault = self.compare(interpreter).err();
        }
    }

    fn step_end(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        _: &mut MainnetContext<Recording<'a>>,
    ) {
        let cost = self.gas - interpreter.gas.remaining().min(self.gas);
        if self.fault.is_none() && cost != self.cost {
            self.fault = Some(format!(
                "step {} costs {cost}, decoded as {}",
                self.count - 1,
                self.cost
            ));
        }
    }

    fn call(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &mut CallInputs,
    ) -> Option<CallOutcome> {
        self.refunds.push(0);
        None
    }

    fn call_end(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &CallInputs,
        _: &mut CallOutcome,
    ) {
        self.refunds.pop();
    }

    fn create(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &mut CreateInputs,
    ) -> Option<CreateOutcome> {
        self.refunds.push(0);
        None
    }

    fn create_end(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &CreateInputs,
        _: &mut CreateOutcome,
    ) {
        self.refunds.pop();
    }
}

/// Runs a transaction once more and compares each step with that of the trace, in full.
pub fn compare_steps(
    context: BlockContext,
    state: &State,
    transaction: &SignedTransaction,
    trace: &TransactionTrace,
) -> Result<(), String> {
    let inspector = Comparing {
        steps: trace.steps().with_memory_limit(1 << 32),
        refunds: Vec::new(),
        gas: 0,
        cost: 0,
        count: 0,
        fault: None,
    };
    let mut machine = Machine::with_inspector(context, Recording::new(state), inspector);
    let input = transaction_input(transaction, context.chain_id);
    machine.inspect(input).map_err(|error| error.to_string())?;
    let seen = machine.inspector();
    if let Some(fault) = seen.fault.take() {
        return Err(fault);
    }
    match seen.steps.next_step() {
        Ok(None) if seen.count == trace.steps.count() => Ok(()),
        Ok(_) => Err("too many steps".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

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

/// Traces a transaction and compares everything with runs of revm. `None` if revm refuses it.
pub fn check(
    context: BlockContext,
    state: &State,
    transaction: &SignedTransaction,
) -> Result<Option<TransactionTrace>, String> {
    let Some(ran) = run(context, state, transaction) else {
        return Ok(None);
    };
    let codes = StateCodes(state);
    let mut tracer = Tracer::new(context, &codes, None);
    let input = TraceInput {
        transaction,
        reads: &ran.reads,
        receipt: Some(&ran.receipt),
    };
    let trace = tracer.trace(7, input).map_err(|error| error.to_string())?;
    compare_steps(context, state, transaction, &trace)?;
    compare_effects(&trace, &ran)?;
    Ok(Some(trace))
}
