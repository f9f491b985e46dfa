//! The loop against revm's own, on code that nobody would write and with every amount of gas.

use alloy_primitives::{Address, Bytes, U256};
use braid_circuits::event::BlockEnvironment;
use proptest::prelude::*;
use revm::bytecode::{Bytecode, opcode as op};
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::TxKind;
use revm::state::{AccountInfo, EvmState};
use revm::{ExecuteEvm, MainBuilder};

use super::super::{BlockContext, Machine, StorageOwners, context};
use super::IN_LINE;

const INTRINSIC_GAS: u64 = 21_000;
const CONTRACT: Address = Address::repeat_byte(0xc0);

fn block() -> BlockContext {
    BlockContext {
        chain_id: 1,
        rules: braid_text::Rules::Cancun,
        environment: BlockEnvironment {
            gas_limit: 30_000_000,
            ..BlockEnvironment::default()
        },
        excess_blob_gas: 0,
    }
}

fn database(code: &[u8]) -> CacheDB<EmptyDB> {
    let mut database = CacheDB::new(EmptyDB::new());
    let code = Bytecode::new_raw(Bytes::copy_from_slice(code));
    database.insert_account_info(CONTRACT, AccountInfo::default().with_code(code));
    database
}

impl StorageOwners for CacheDB<EmptyDB> {
    fn first_slot(&mut self, _: Address) -> Result<Option<U256>, Self::Error> {
        Ok(None)
    }
}

fn call(gas: u64) -> TxEnv {
    TxEnv {
        gas_limit: INTRINSIC_GAS + gas,
        kind: TxKind::Call(CONTRACT),
        data: Bytes::new(),
        chain_id: Some(1),
        ..TxEnv::default()
    }
}

type Outcome = (ExecutionResult, EvmState);

fn by_revm(code: &[u8], gas: u64) -> Outcome {
    let mut evm = context(block(), database(code)).build_mainnet();
    let outcome = evm.transact(call(gas)).expect("a valid transaction");
    (outcome.result, outcome.state)
}

/// But for the coinbase, which revm loads to give it a tip of nothing.
fn here(code: &[u8], gas: u64) -> Outcome {
    let mut machine = Machine::new(block(), database(code));
    let result = machine.run(call(gas)).expect("a valid transaction");
    (result, machine.drain_accounts().collect())
}

fn assert_same(code: &[u8], gas: u64) -> ExecutionResult {
    let (expected, mut expected_state) = by_revm(code, gas);
    let (found, mut found_state) = here(code, gas);
    let coinbase = block().environment.coinbase;
    expected_state.remove(&coinbase);
    found_state.remove(&coinbase);
    let shown = alloy_primitives::hex::encode(code);
    assert_eq!(found, expected, "{shown} with {gas} gas");
    assert_eq!(found_state, expected_state, "{shown} with {gas} gas");
    found
}

/// Code whose jumps go to numbered marks.
#[derive(Default)]
struct Assembler {
    code: Vec<u8>,
    marks: Vec<(u8, usize)>,
    uses: Vec<(u8, usize)>,
}

impl Assembler {
    fn put(mut self, code: &[u8]) -> Self {
        self.code.extend(code);
        self
    }

    /// A JUMPDEST.
    fn mark(mut self, name: u8) -> Self {
        self.marks.push((name, self.code.len()));
        self.put(&[op::JUMPDEST])
    }

    /// Pushes a mark's offset, by PUSH1 or PUSH2.
    fn push_mark(mut self, push: u8, name: u8) -> Self {
        self = self.put(match push {
            op::PUSH2 => &[op::PUSH2, 0],
            _ => &[op::PUSH1],
        });
        self.uses.push((name, self.code.len()));
        self.put(&[0])
    }

    fn finish(mut self) -> Vec<u8> {
        for (name, place) in self.uses {
            let mark = self.marks.iter().find(|mark| mark.0 == name);
            self.code[place] = mark
                .expect("a mark that is used")
                .1
                .try_into()
                .expect("short code");
        }
        self.code
    }
}

/// A loop that counts down, and jumps of every kind; then it stores a number.
fn countdown() -> Vec<u8> {
    Assembler::default()
        .put(&[op::PUSH1, 3])
        .mark(0)
        .put(&[op::PUSH1, 1, op::SWAP1, op::SUB])
        .put(&[op::DUP1, op::DUP1, op::DUP1, op::POP, op::POP])
        .push_mark(op::PUSH2, 0)
        .put(&[op::JUMPI])
        .push_mark(op::PUSH2, 1)
        .put(&[op::JUMP, op::INVALID])
        .mark(1)
        .push_mark(op::PUSH1, 2)
        .put(&[op::JUMP, op::INVALID])
        .mark(2)
        .put(&[op::PUSH0])
        .push_mark(op::PUSH1, 3)
        .put(&[op::JUMPI, op::PUSH1, 7])
        .mark(3)
        .put(&[op::PUSH0, op::SSTORE, op::STOP])
        .finish()
}

#[test]
fn code_ends_alike_with_every_amount_of_gas() {
    let code = countdown();
    let (mut halted, mut succeeded) = (0, 0);
    // Storing costs 22,100 gas; gas that is short of it by little leaves the last steps undone.
    for gas in (0..400).chain(22_000..22_500) {
        match assert_same(&code, gas) {
            ExecutionResult::Success { .. } => succeeded += 1,
            _ => halted += 1,
        }
    }
    assert!(halted > 300 && succeeded > 100, "{halted}, {succeeded}");
}

/// Returns as many words from the stack.
fn show(words: usize) -> Vec<u8> {
    let stores = (0..words).flat_map(|word| {
        let offset = u16::try_from(32 * word).expect("few words").to_be_bytes();
        [op::PUSH2, offset[0], offset[1], op::MSTORE]
    });
    let length = u16::try_from(32 * words).expect("few words").to_be_bytes();
    let end = [op::PUSH2, length[0], length[1], op::PUSH0, op::RETURN];
    stores.chain(end).collect()
}

#[test]
fn stacks_end_alike_at_every_depth() {
    for &instruction in IN_LINE {
        let mut shown = 0;
        for depth in 0..18_u8 {
            let mut code: Vec<u8> = (0..depth).flat_map(|value| [op::PUSH1, value]).collect();
            code.push(instruction);
            for words in usize::from(depth).saturating_sub(2)..usize::from(depth) + 2 {
                let result = assert_same(&[&code[..], &show(words)].concat(), 100_000);
                shown += usize::from(result.is_success() && words > 0);
            }
        }
        let jumps = [op::JUMP, op::JUMPI].contains(&instruction);
        assert!(
            jumps || shown > 12,
            "{instruction:#x} was seen {shown} times"
        );
        for depth in [1_022, 1_023, 1_024] {
            let mut code = vec![op::PUSH0; depth];
            code.push(instruction);
            assert_same(&code, 100_000);
            code.extend([op::POP, op::POP, op::POP]);
            assert_same(&code, 100_000);
        }
    }
}

#[test]
fn jumps_to_nowhere_end_alike() {
    for jump in [op::JUMP, op::JUMPI] {
        for target in [0_u8, 4, 5, 6, 200] {
            for push in [&[op::PUSH1][..], &[op::PUSH2, 0]] {
                let mut code = vec![op::PUSH1, 1];
                code.extend(push);
                // A JUMPDEST that is none, since it is pushed, and one that is.
                code.extend([target, jump, op::PUSH1, op::JUMPDEST, op::JUMPDEST]);
                assert_same(&code, 1_000);
            }
        }
    }
}

/// Pieces that make code more likely to get somewhere than bytes by chance.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let in_line = prop::sample::select(IN_LINE).prop_map(|instruction| vec![instruction]);
    let small = (0_u8..80).prop_map(|value| vec![op::PUSH1, value]);
    let target = (0_u8..120, prop::sample::select(&[op::JUMP, op::JUMPI][..]))
        .prop_map(|(target, jump)| vec![op::PUSH2, 0, target, jump]);
    let again = Just(vec![
        op::PUSH0,
        op::PUSH0,
        op::PUSH0,
        op::PUSH0,
        op::PUSH0,
        op::ADDRESS,
        op::GAS,
        op::CALL,
    ]);
    prop_oneof![
        8 => in_line,
        8 => small,
        4 => Just(vec![op::JUMPDEST]),
        3 => target,
        1 => again,
        1 => Just(vec![op::SLOAD]),
        1 => Just(vec![op::SSTORE]),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn any_code_ends_alike(pieces in prop::collection::vec(piece(), 0..60), gas in 0_u64..60_000) {
        assert_same(&[pieces.concat(), show(2)].concat(), gas);
    }
}

#[test]
fn a_contract_without_code_ends_alike() {
    assert!(assert_same(&[], 0).is_success());
}

#[test]
fn a_returned_value_is_seen_by_the_frame_outside() {
    // Without data it calls itself with a byte of data and adds one to what comes back; with data it returns 41.
    let code = Assembler::default()
        .put(&[op::CALLDATASIZE])
        .push_mark(op::PUSH2, 0)
        .put(&[op::JUMPI])
        .put(&[op::PUSH1, 32, op::PUSH0, op::PUSH1, 1, op::PUSH0, op::PUSH0])
        .put(&[op::ADDRESS, op::GAS, op::CALL])
        .put(&[op::PUSH0, op::MLOAD, op::ADD, op::PUSH0, op::MSTORE])
        .push_mark(op::PUSH2, 1)
        .put(&[op::JUMP])
        .mark(0)
        .put(&[op::PUSH1, 41, op::PUSH0, op::MSTORE])
        .mark(1)
        .put(&[op::PUSH1, 32, op::PUSH0, op::RETURN])
        .finish();
    let result = assert_same(&code, 50_000);
    let output = result.output().cloned().unwrap_or_default();
    assert_eq!(U256::from_be_slice(&output), U256::from(42));
}
