//! Blocks that run contract code, and their traces.

use super::accounts::COINBASE;
use alloy_primitives::{Address, U256};
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{Frame, TransactionTrace};
use braid_circuits::event::{BlockEnvironment, TransactionEvent};
use braid_witness::block_file::{AllocAccount, Block, BlockFile};
use braid_witness::execution::blocks::{Settings, execute_file};
use braid_witness::sample::{Draft, SampleKey};
use braid_witness::state::State;
use braid_witness::trace::{BlockCodes, TraceInput, TraceOptions, trace_block};

/// The traces of a file's only block, whose tips go to [`COINBASE`]; `None` if it is invalid.
pub fn traces(file: &BlockFile) -> Option<Vec<TransactionTrace>> {
    sent(file).map(|sent| sent.traces)
}

/// What a block's transactions are, and what they do.
pub struct SentBlock {
    pub environment: BlockEnvironment,
    pub transactions: Vec<TransactionEvent>,
    pub traces: Vec<TransactionTrace>,
}

/// The transactions of a file's only block, whose tips go to [`COINBASE`]; `None` if it is invalid.
pub fn sent(file: &BlockFile) -> Option<SentBlock> {
    let mut file = file.clone();
    for block in &mut file.blocks {
        block.environment.coinbase = COINBASE;
    }
    let file = &file;
    let (executed, _) = execute_file(file, Settings::default()).ok()?;
    let block = executed.blocks.first()?;
    let state = State::by_rules(&file.alloc, file.rules).ok()?;
    let outcomes = block.transactions.iter().zip(&block.execution.transactions);
    let reads: Vec<_> = outcomes
        .map(|(transaction, outcome)| TraceInput {
            transaction,
            reads: &outcome.access().expect("accesses").reads,
            receipt: Some(&outcome.receipt),
        })
        .collect();
    let codes = BlockCodes {
        state: &state,
        created: &block.execution.changes.codes,
    };
    let mut traces = Vec::new();
    let context = block.context(executed.chain_id);
    trace_block(
        context,
        &reads,
        &codes,
        TraceOptions::default(),
        &mut traces,
    )
    .expect("traces");
    let events = block.transactions.iter().zip(&traces);
    let events = events.map(|(transaction, trace)| {
        let runs_code = trace.frames.first().is_some_and(Frame::has_steps);
        let event = transaction.to_event().expect("a recipient");
        TransactionEvent { runs_code, ..event }
    });
    let transactions = match block.transactions.iter().all(|sent| sent.to.is_some()) {
        true => events.collect(),
        false => Vec::new(),
    };
    Some(SentBlock {
        environment: block.environment,
        transactions,
        traces,
    })
}

/// What transactions call.
pub const MAIN: Address = Address::repeat_byte(0xc1);
/// What that calls.
pub const CALLED: Address = Address::repeat_byte(0xc2);

/// Bytes of a PUSH with its data.
pub fn push(value: u64) -> Vec<u8> {
    let bytes = U256::from(value).to_be_bytes_trimmed_vec();
    [vec![PUSH0 + bytes.len() as u8], bytes].concat()
}

/// A loop of arithmetic that goes round five times, then everything else that the step table does itself, then three calls: of code that stores, and of code that halts in two ways.
fn main_code() -> Vec<u8> {
    let mut code = push(5);
    let start = code.len() as u64;
    code.push(JUMPDEST);
    // i -> i - 1, while i != 0.
    code.extend([push(1), vec![SWAP1, SUB, DUP1], push(start), vec![JUMPI]].concat());
    code.extend([
        CALLER, ADDRESS, DUP2, XOR, SWAP2, ISZERO, POP, PC, POP, LT, POP,
    ]);
    // A jump over a byte that looks like a JUMPDEST inside of a PUSH.
    let target = code.len() as u64 + 5;
    code.extend([push(target), vec![JUMP, PUSH1, JUMPDEST, JUMPDEST]].concat());
    // A condition that does not hold.
    code.extend([push(0), push(7), vec![JUMPI]].concat());
    // A push of 32 bytes, high ones included; memory; DUP16 and SWAP16.
    code.push(PUSH32);
    code.extend([0xab; 32]);
    code.extend([push(64), vec![MSTORE]].concat());
    (0..17).for_each(|value| code.extend(push(value)));
    code.extend([DUP16, SWAP16, GAS, MSIZE, ADD]);
    code.extend([POP; 19]);
    for selector in 0..3u64 {
        // One byte of input says what to do.
        code.extend([push(selector), push(0), vec![MSTORE8]].concat());
        for value in [0, 0, 1, 0, 0] {
            code.extend(push(value));
        }
        code.push(PUSH20);
        code.extend(CALLED);
        code.extend([push(30_000), vec![CALL, POP]].concat());
    }
    // The code ends without a STOP, with something left on the stack.
    code.extend(push(3));
    code
}

/// Jumps to where its input says: to a STOP after a store, to INVALID, or to what is no JUMPDEST.
fn called_code() -> Vec<u8> {
    // calldata[0] >> 248: 0, 1, 2.
    let mut code = [push(0), vec![CALLDATALOAD], push(248), vec![SHR]].concat();
    let (stores, halts) = (15, 21);
    code.extend(
        [
            vec![DUP1],
            push(halts),
            vec![JUMPI],
            push(stores),
            vec![JUMP],
        ]
        .concat(),
    );
    code.resize(stores as usize, INVALID);
    code.extend([vec![JUMPDEST], push(9), push(0), vec![SSTORE, STOP]].concat());
    assert_eq!(code.len(), halts as usize);
    // 1: INVALID; 2: a jump to the data of the PUSH before it.
    code.extend(
        [
            vec![JUMPDEST],
            push(2),
            vec![EQ],
            push(30),
            vec![JUMPI, INVALID],
        ]
        .concat(),
    );
    code.resize(30, INVALID);
    code.extend([JUMPDEST, PUSH1, JUMPDEST, POP, PUSH1, 32, JUMP]);
    code
}

/// A contract: where it is, what it runs, and its balance in wei.
pub type Contract = (Address, Vec<u8>, u64);

/// A contract: where, its code, and its storage.
pub type Storing = (Address, Vec<u8>, Vec<(u64, u64)>);

/// A contract.
#[derive(Default)]
struct Account {
    address: Address,
    code: Vec<u8>,
    balance: u64,
    storage: Vec<(u64, u64)>,
}

/// Traces of a block with these transactions, whose nonces follow, in a state with these contracts.
pub fn block_traces(contracts: Vec<Storing>, drafts: Vec<Draft>) -> Vec<TransactionTrace> {
    let account = |(address, code, storage)| Account {
        address,
        code,
        storage,
        ..Account::default()
    };
    traces_in(contracts.into_iter().map(account), drafts)
}

/// Traces of a block with these calls of [`MAIN`], in a state with these contracts.
pub fn traces_of(contracts: Vec<Contract>, calls: &[u64]) -> Vec<TransactionTrace> {
    let account = |(address, code, balance)| Account {
        address,
        code,
        balance,
        ..Account::default()
    };
    let calls = calls.iter().copied().map(call_of_main);
    traces_in(contracts.into_iter().map(account), calls.collect())
}

fn traces_in(accounts: impl Iterator<Item = Account>, drafts: Vec<Draft>) -> Vec<TransactionTrace> {
    traces(&file_of(accounts, drafts)).expect("a valid block")
}

/// A block with these transactions, whose nonces follow, in a state with these contracts.
pub fn block_of(contracts: Vec<Storing>, drafts: Vec<Draft>) -> SentBlock {
    let account = |(address, code, storage)| Account {
        address,
        code,
        storage,
        ..Account::default()
    };
    let file = file_of(contracts.into_iter().map(account), drafts);
    sent(&file).expect("a valid block")
}

fn file_of(accounts: impl Iterator<Item = Account>, drafts: Vec<Draft>) -> BlockFile {
    let key = SampleKey::new(1, 1).expect("a key");
    let gas_limit = drafts.iter().map(|draft| draft.gas_limit).sum();
    let account = |code: Vec<u8>, balance: u128| AllocAccount {
        balance: U256::from(balance),
        code: code.into(),
        nonce: 1,
        ..AllocAccount::default()
    };
    let mut file = BlockFile {
        chain_id: 1,
        ..BlockFile::default()
    };
    file.alloc
        .insert(key.address(), account(Vec::new(), u128::MAX));
    for contract in accounts {
        let storage = contract.storage.into_iter();
        let storage = storage.map(|(slot, value)| (U256::from(slot), U256::from(value)));
        let alloc = AllocAccount {
            storage: storage.collect(),
            ..account(contract.code, contract.balance.into())
        };
        file.alloc.insert(contract.address, alloc);
    }
    let transactions = (1..).zip(drafts).map(|(nonce, draft)| {
        let draft = Draft { nonce, ..draft };
        draft.sign(&key).expect("a signature")
    });
    let block = Block {
        environment: BlockEnvironment {
            number: 1,
            timestamp: 1,
            gas_limit: 30_000_000.max(gas_limit),
            base_fee: U256::from(7),
            ..BlockEnvironment::default()
        },
        transactions: transactions.collect(),
        ..Block::default()
    };
    file.blocks.push(block);
    file
}

/// A call of [`MAIN`] with this gas limit.
pub fn call_of_main(gas_limit: u64) -> Draft {
    Draft {
        to: Some(MAIN),
        gas_limit,
        ..Draft::default()
    }
}

/// Traces of a block with calls of [`MAIN`] with this input and these gas limits, in a state with these contracts.
pub fn traces_of_calls(
    contracts: Vec<(Address, Vec<u8>)>,
    input: Vec<u8>,
    calls: &[u64],
) -> Vec<TransactionTrace> {
    let contracts = contracts.into_iter();
    let contracts = contracts.map(|(address, code)| (address, code, Vec::new()));
    let calls = calls.iter().map(|gas| Draft {
        data: input.clone().into(),
        ..call_of_main(*gas)
    });
    block_traces(contracts.collect(), calls.collect())
}

/// Traces of a call of this code with this gas limit.
pub fn call_traces(code: Vec<u8>, gas_limit: u64) -> Vec<TransactionTrace> {
    traces_of_calls(vec![(MAIN, code)], Vec::new(), &[gas_limit])
}

/// Traces of a block with calls of all that.
pub fn sample_traces() -> Vec<TransactionTrace> {
    let contracts = vec![(MAIN, main_code()), (CALLED, called_code())];
    traces_of_calls(contracts, Vec::new(), &[400_000; 2])
}
