//! State tests moved to addresses of their own, so that many of them fit into one state.

use std::collections::BTreeMap;
use std::convert::Infallible;

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_witness::Rules;
use braid_witness::block_file::AllocAccount;
use braid_witness::ethereum_tests::{block_context, logs_hash};
use braid_witness::execution::inclusion::is_precompile;
use braid_witness::execution::machine::{StorageOwners, effective_gas_price, transaction_input};
use braid_witness::execution::{
    BlockContext, BlockHashes, Machine, Options, Read, StateReader, Stop, TransactionOutcome,
    execute_block,
};
use braid_witness::import::{StateTestCase, TEST_CHAIN_ID};
use braid_witness::senders::prepare;
use braid_witness::state::State;
use braid_witness::transaction::{Refusal, SignedTransaction};
use revm::context::CreateScheme;
use revm::context_interface::JournalTr;
use revm::handler::MainnetContext;
use revm::inspector::Inspector;
use revm::interpreter::{CreateInputs, CreateOutcome};
use revm::state::{AccountInfo, Bytecode};

use crate::relocation::{Relocation, fresh};

/// Most gas of a case in a block of many, which has twice as much and so room for all.
const CASE_GAS: u64 = 1 << 63;

/// The block hashes of state tests.
pub fn block_hashes() -> BlockHashes {
    BlockHashes::of_state_tests()
}

/// What a moved case does when it is alone.
#[derive(Clone, Debug)]
pub enum Alone {
    /// It is refused, as the test expects.
    Refused(Refusal),
    /// It has the outcome that the test expects, and meets no account of another case.
    Faithful,
    /// It is executed, and why its outcome must not be held against the test's.
    Unfaithful(&'static str),
}

/// A case at addresses of its own.
#[derive(Clone, Debug)]
pub struct Moved {
    pub name: String,
    pub context: BlockContext,
    pub transaction: SignedTransaction,
    /// Its accounts before; not the coinbase.
    pub accounts: BTreeMap<Address, AllocAccount>,
    pub alone: Alone,
    /// Whether it has or changes an account that other cases may have too: a precompile's, or one whose address its code makes up.
    pub shares: bool,
    /// Wei a unit of gas.
    price: U256,
    /// Gas that it has more than the test for its calldata.
    calldata_gas: u64,
    /// Gas that it uses where the test has it.
    gas_used: u64,
    relocation: Relocation,
    back: Relocation,
    coinbase: Option<AllocAccount>,
    root: B256,
    logs: B256,
}

/// Moves a case; the error says why it cannot be part of a block of many.
pub fn move_case(number: usize, case: &StateTestCase) -> Result<Moved, &'static str> {
    let mut context = block_context(case).ok_or("no block")?;
    let raw = case.block_file.blocks.iter().flat_map(|b| &b.transactions);
    let raw: Vec<Bytes> = raw.cloned().collect();
    let transaction = prepare(&raw, TEST_CHAIN_ID, Rules::Cancun, None)
        .pop()
        .ok_or("empty")?;
    let transaction = transaction.map_err(|_| "refused before execution")?;
    if transaction.gas_limit > CASE_GAS {
        return Err("more gas than a block of many has");
    }
    let (relocation, back, gas_used) = relocate(number, case, context, &transaction)?;
    context.environment.gas_limit = u64::MAX;
    let mut moved = relocation.transaction(&transaction);
    let mut accounts = relocation.accounts(&case.block_file.alloc);
    let coinbase = accounts.get(&context.environment.coinbase);
    let coinbase = coinbase.map(|account| back.account(account));
    // New addresses may have fewer zero bytes, so that they cost more gas as calldata. The transaction gets that much more gas, and its sender the wei for
    // it, so that everything else stays as it was.
    let price = effective_gas_price(&transaction, context.environment.base_fee);
    let gas = moved
        .intrinsic_gas()
        .checked_sub(transaction.intrinsic_gas());
    let gas = gas.ok_or("its calldata has more zeros when moved")?;
    let calldata_gas = u64::try_from(gas).unwrap();
    moved.gas_limit += calldata_gas;
    if let Some(sender) = accounts.get_mut(&moved.sender) {
        sender.balance += price * U256::from(calldata_gas);
    }
    let mut moved = Moved {
        name: format!("{} {}", case.name, case.variant),
        context,
        transaction: moved,
        accounts,
        price,
        calldata_gas,
        gas_used,
        alone: Alone::Faithful,
        shares: false,
        relocation,
        back,
        coinbase,
        root: case.root,
        logs: case.logs,
    };
    moved.alone = moved.run_alone()?;
    if matches!(moved.alone, Alone::Refused(_)) != case.expect_exception.is_some() {
        return Err("validity depends on gas limit or calldata");
    }
    moved.accounts.remove(&context.environment.coinbase);
    Ok(moved)
}

impl Moved {
    fn run_alone(&mut self) -> Result<Alone, &'static str> {
        let mut state = State::new(&self.accounts).map_err(|_| "state")?;
        let transactions = core::slice::from_ref(&self.transaction);
        let options = Options {
            workers: 1,
            ..Options::default()
        };
        let executed = execute_block(self.context, &block_hashes(), transactions, &state, options);
        let executed = match executed {
            Ok(executed) => executed,
            Err(Stop::Refused { index: 0, refusal }) => return Ok(Alone::Refused(refusal)),
            Err(stop) => panic!("{}: {stop:?}", self.name),
        };
        let [outcome] = executed.transactions.as_slice() else {
            panic!("{}: one outcome", self.name);
        };
        let coinbase = self.context.environment.coinbase;
        let own = |address: &Address| self.back.address(*address) != *address;
        let foreign = |address: &Address| *address != coinbase && !own(address);
        let access = outcome.access().unwrap();
        let changed = access.accounts.iter();
        let mut changed = changed.filter(|change| change.before != change.after);
        self.shares =
            self.accounts.keys().any(foreign) || changed.any(|change| foreign(&change.address));
        let read = access.reads.iter().filter_map(|read| match read {
            Read::Account { address, .. }
            | Read::CodeHash { address, .. }
            | Read::Storage { address, .. } => Some(*address),
            Read::BlockHash { .. } => None,
        });
        state.apply(&executed.changes).map_err(|_| "changes")?;
        let reason = if read.clone().any(|address| address == coinbase) {
            "it looks at the coinbase"
        } else if self.shares {
            "it shares an account that it changes"
        } else if self.holds(&state, outcome).is_err() {
            "its outcome depends on its addresses or the block's gas limit"
        } else {
            return Ok(Alone::Faithful);
        };
        Ok(Alone::Unfaithful(reason))
    }

    /// Whether the case's accounts can be merged with those of thousands like it into a state that a chain could have.
    pub fn is_poor(&self) -> bool {
        let few = U256::MAX >> 16;
        let is_poor = self.accounts.values().all(|account| account.balance < few);
        is_poor && State::new(&self.accounts).is_ok_and(|state| state.is_ordinary())
    }

    /// Whether a block, with this outcome of the case and this state after it, leaves the case's accounts and logs as the test expects; else what differs.
    pub fn holds(&self, after: &State, outcome: &TransactionOutcome) -> Result<(), String> {
        let mut accounts = BTreeMap::new();
        for (from, to) in self.relocation.pairs() {
            let Some(account) = StateReader::account(after, to).unwrap() else {
                continue;
            };
            let code = after.code(account.code_hash);
            let slots = after.slots(to).unwrap().into_iter();
            let moved = AllocAccount {
                balance: account.balance,
                nonce: account.nonce,
                code: code.map_or_else(Bytes::new, |code| code.bytecode.original_bytes()),
                storage: slots
                    .map(|slot| (slot, after.storage(to, &slot).unwrap()))
                    .collect(),
            };
            accounts.insert(*from, self.back.account(&moved));
        }
        // Refunds are at most a fifth of the gas used (EIP-3529), so that calldata may cost so much less.
        let used = outcome.receipt.gas_used;
        let extra = used.checked_sub(self.gas_used).unwrap_or(u64::MAX);
        let cheaper = self.calldata_gas.checked_sub(extra);
        let Some(cheaper) = cheaper.filter(|gas| *gas <= self.calldata_gas / 5 + 1) else {
            return Err(format!("{}: gas {used}", self.name));
        };
        if let Some(sender) = accounts.get_mut(&self.back.address(self.transaction.sender)) {
            sender.balance -= self.price * U256::from(cheaper);
        }
        // Of the coinbase's account each case has nothing but its own tip, which touches it: it disappears if it is empty (EIP-161).
        let tip = self.price - self.context.environment.base_fee;
        let mut coinbase = self.coinbase.clone().unwrap_or_default();
        coinbase.balance += outcome.access().unwrap().tip - tip * U256::from(extra);
        if coinbase.nonce != 0 || !coinbase.balance.is_zero() || !coinbase.code.is_empty() {
            accounts.insert(self.context.environment.coinbase, coinbase);
        }
        let logs = outcome.receipt.logs.iter().map(|log| self.back.log(log));
        let logs = logs_hash(&logs.collect::<Vec<_>>());
        let root = State::new(&accounts).unwrap().ethereum_root();
        if (root, logs) == (self.root, self.logs) {
            return Ok(());
        }
        Err(format!("{}: root {root}, logs hash {logs}", self.name))
    }
}

/// Fresh addresses for all accounts that a case has, looks at or creates, but for the coinbase and precompiles; and the way back.
fn relocate(
    number: usize,
    case: &StateTestCase,
    context: BlockContext,
    transaction: &SignedTransaction,
) -> Result<(Relocation, Relocation, u64), &'static str> {
    let state = State::new(&case.block_file.alloc).map_err(|_| "state")?;
    let mut machine = Machine::with_inspector(context, View(&state), Creations::default());
    // Of a transaction that is refused nothing is known but what it says.
    let result = machine.inspect(transaction_input(transaction, TEST_CHAIN_ID));
    let gas_used = result.map_or(0, |result| result.tx_gas_used());
    let mut addresses: Vec<_> = case.block_file.alloc.keys().copied().collect();
    addresses.extend(machine.drain_accounts().map(|(address, _)| address));
    addresses.extend(transaction.to);
    let coinbase = context.environment.coinbase;
    addresses.retain(|address| !is_precompile(*address, Rules::Cancun) && *address != coinbase);
    addresses.push(transaction.sender);
    let mut relocation = Relocation::default();
    for address in addresses {
        relocation.insert(address, fresh(number, address));
    }
    // A created contract's address follows from its creator's.
    for creation in &machine.inspector().done {
        let creator = relocation.address(creation.creator);
        let to = match &creation.how {
            How::Nonce(nonce) => creator.create(*nonce),
            How::Salt(salt, code) => creator
                .create2_from_code(relocation.word(B256::from(*salt)), relocation.bytes(code)),
        };
        relocation.insert(creation.address, to);
    }
    let back = relocation.inverse().ok_or("two of its accounts meet")?;
    Ok((relocation, back, gas_used))
}

/// A contract that came into being, or would have.
struct Creation {
    creator: Address,
    how: How,
    address: Address,
}

enum How {
    Nonce(u64),
    Salt(U256, Bytes),
}

/// Notes creations.
#[derive(Default)]
struct Creations {
    /// The creator's nonce, when each creation that has not ended began.
    open: Vec<u64>,
    done: Vec<Creation>,
}

impl<'a> Inspector<MainnetContext<View<'a>>> for Creations {
    fn create(
        &mut self,
        context: &mut MainnetContext<View<'a>>,
        inputs: &mut CreateInputs,
    ) -> Option<CreateOutcome> {
        let creator = context.journaled_state.evm_state().get(&inputs.caller());
        self.open
            .push(creator.map_or(0, |account| account.info.nonce));
        None
    }

    fn create_end(
        &mut self,
        _: &mut MainnetContext<View<'a>>,
        inputs: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        let nonce = self.open.pop().unwrap_or_default();
        let Some(address) = outcome.address else {
            return;
        };
        let creator = inputs.caller();
        let how = match inputs.scheme() {
            CreateScheme::Create2 { salt } => How::Salt(salt, inputs.init_code().clone()),
            // The first call's creator has paid and counted already.
            _ if creator.create(nonce) == address => How::Nonce(nonce),
            _ => How::Nonce(nonce.wrapping_sub(1)),
        };
        self.done.push(Creation {
            creator,
            how,
            address,
        });
    }
}

/// The state as revm reads it.
struct View<'a>(&'a State);

impl StorageOwners for View<'_> {
    fn first_slot(&mut self, address: Address) -> Result<Option<U256>, Infallible> {
        Ok(StateReader::first_slot(self.0, &address).unwrap())
    }
}

impl revm::Database for View<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        let account = StateReader::account(self.0, &address).unwrap();
        Ok(account.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: None,
            account_id: None,
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(StateReader::code(self.0, &hash).unwrap())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        Ok(StateReader::storage(self.0, &address, &slot).unwrap())
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(block_hashes().get(number).unwrap())
    }
}
