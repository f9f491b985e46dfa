//! Traces of small programs: every step as revm takes it, plain transfers, incomplete reads, and decoders that meet any bytes.

use alloy_primitives::{Address, B256, U256, keccak256};
use braid_circuits::event::log::{Action, Event};
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{FrameResult, Halt, TransactionTrace};
use braid_witness::Error;
use braid_witness::block_file::AllocAccount;
use braid_witness::error::ReplayFault;
use braid_witness::execution::{
    AccountState, BlockHashes, Options, Read, StateReader, execute_block,
};
use braid_witness::state::State;
use braid_witness::trace::{TraceInput, Tracer};
use proptest::prelude::*;

use crate::programs::*;
use crate::support::{Ran, StateCodes, check, run};

fn events(trace: &TransactionTrace) -> Vec<Event> {
    trace.events().collect::<Result<_, _>>().unwrap()
}

#[test]
fn programs_are_traced_step_by_step() {
    for (name, code, other, value, gas) in programs() {
        let state = state(&[(CONTRACT, code), (OTHER, other)]);
        let transaction = transaction(Some(CONTRACT), value, vec![7; 40], gas);
        let trace = check(context(), &state, &transaction)
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let trace = trace.unwrap_or_else(|| panic!("{name}: refused"));
        assert!(trace.steps.count() > 0, "{name}");
        if name == "loop" {
            let bytes = trace.steps.encoded_length();
            println!("{name}: {} steps in {bytes} bytes", trace.steps.count());
            assert_eq!(bytes, 0, "all of a pure loop can be computed");
        }
    }
}

#[test]
fn creations_are_traced_step_by_step() {
    let state = state(&[]);
    let code = [PUSH1, 1, PUSH0, SSTORE, STOP];
    for (init, expected) in [
        (deploying(&code), FrameResult::Success),
        (vec![PUSH0, PUSH0, REVERT], FrameResult::Revert),
        (vec![INVALID], FrameResult::Halt(Halt::InvalidOpcode)),
        (deploying(&[0xef]), FrameResult::Halt(Halt::CodePrefix)),
        (vec![], FrameResult::Success),
    ] {
        let transaction = transaction(None, 11, init, 200_000);
        let trace = check(context(), &state, &transaction).unwrap().unwrap();
        assert_eq!(trace.receipt.status, expected);
        assert_eq!(trace.receipt.created.is_some(), expected.is_success());
        assert_eq!(trace.frames[0].result, expected);
    }
}

/// Code of [`CONTRACT`] that creates the same contract twice, and the address. A 64th of the gas is left each time.
fn creating_twice(opcode: u8) -> (Vec<u8>, Address) {
    let creation = [PUSH0, PUSH0, PUSH0, PUSH0, opcode, POP];
    // CREATE takes no salt, which is left on the stack.
    let code = [&creation[..], &creation, &[GAS, STOP]].concat();
    let address = match opcode {
        CREATE2 => CONTRACT.create2(B256::ZERO, keccak256([])),
        _ => CONTRACT.create(1),
    };
    (code, address)
}

#[test]
fn creations_that_meet_storage_are_traced() {
    let collided = FrameResult::Halt(Halt::Collision);
    for (opcode, frames) in [
        (None, vec![collided]),
        (
            Some(CREATE),
            vec![FrameResult::Success, collided, FrameResult::Success],
        ),
        (
            Some(CREATE2),
            vec![FrameResult::Success, collided, collided],
        ),
    ] {
        let (code, met) = match opcode {
            Some(opcode) => creating_twice(opcode),
            None => (vec![], SENDER.create(5)),
        };
        let alloc = [
            (
                SENDER,
                AllocAccount {
                    balance: U256::from(10).pow(U256::from(20)),
                    nonce: 5,
                    ..AllocAccount::default()
                },
            ),
            (
                CONTRACT,
                AllocAccount {
                    nonce: 1,
                    code: code.into(),
                    ..AllocAccount::default()
                },
            ),
            (
                met,
                AllocAccount {
                    balance: U256::from(1),
                    storage: [(U256::from(9), U256::from(6))].into(),
                    ..AllocAccount::default()
                },
            ),
        ];
        let state = State::new(&alloc.into()).unwrap();
        let to = opcode.map(|_| CONTRACT);
        let transaction = transaction(to, 0, vec![], 9_000_000);
        let trace = check(context(), &state, &transaction).unwrap().unwrap();
        let found: Vec<_> = trace.frames.iter().map(|frame| frame.result).collect();
        assert_eq!(found, frames);
        let loaded = events(&trace).into_iter().filter(|event| {
            matches!(
                event.action,
                Action::StorageLoad { address, slot, value }
                    if address == met && slot == U256::from(9) && value == U256::from(6)
            )
        });
        assert_eq!(loaded.count(), 1);

        // The same from what the executor says was read.
        let executed = execute_block(
            context(),
            &BlockHashes::default(),
            core::slice::from_ref(&transaction),
            &state,
            Options::default(),
        );
        let executed = executed.unwrap();
        let [outcome] = executed.transactions.as_slice() else {
            panic!("not one outcome");
        };
        let codes = StateCodes(&state);
        let mut tracer = Tracer::new(context(), &codes, None);
        let reads = &outcome.access().unwrap().reads;
        let mut input = TraceInput {
            transaction: &transaction,
            reads,
            receipt: Some(&outcome.receipt),
        };
        assert_eq!(tracer.trace(7, input).unwrap(), trace);

        // Without the slot the creation would succeed.
        let others = reads
            .iter()
            .filter(|read| !matches!(read, Read::Storage { address, .. } if *address == met));
        let others: Vec<Read> = others.copied().collect();
        input.reads = &others;
        let mut tracer = Tracer::new(context(), &codes, None);
        assert!(tracer.trace(7, input).is_err());
    }
}

/// Opcodes as programs have them: jumps and calls now and then, arithmetic mostly.
fn random_code() -> impl Strategy<Value = Vec<u8>> {
    let instruction = prop_oneof![
        6 => (0_u8..0x20).prop_map(|opcode| vec![opcode]),
        6 => any::<u8>().prop_map(|byte| vec![PUSH1, byte]),
        3 => any::<[u8; 32]>().prop_map(|word| [&[PUSH32], &word[..]].concat()),
        1 => Just(vec![PUSH0, NOT]),
        3 => (0x30_u8..0x60).prop_map(|opcode| vec![opcode]),
        3 => (0x80_u8..0xa5).prop_map(|opcode| vec![opcode]),
        1 => Just([&[PUSH1, 64, PUSH0, PUSH1, 64, PUSH0, PUSH0, PUSH20], OTHER.as_slice(), &[PUSH2, 40, 0, CALL]].concat()),
        1 => Just(vec![PUSH1, 16, PUSH1, 32, MSTORE, PUSH1, 32, PUSH1, 16, KECCAK256]),
        1 => any::<u8>().prop_map(|opcode| vec![opcode]),
    ];
    prop::collection::vec(instruction, 1..60).prop_map(|parts| {
        // Operands for whatever follows.
        let mut code = Code::default();
        for value in 1..20_u64 {
            code = code.push(U256::from(value * value * value));
        }
        [code.0, parts.concat()].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn random_programs_are_traced_step_by_step(code in random_code(), other in random_code(), gas in 25_000_u64..200_000) {
        let state = state(&[(CONTRACT, code), (OTHER, other)]);
        let transaction = transaction(Some(CONTRACT), 3, vec![1; 50], gas);
        check(context(), &state, &transaction).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arithmetic_is_that_of_revm(words in prop::collection::vec(word(), 3)) {
        let mut code = Code::default();
        for opcode in (ADD..=SIGNEXTEND).chain(LT..=SAR) {
            for word in &words {
                code = code.push(*word);
            }
            code = code.op(&[opcode]);
        }
        let state = state(&[(CONTRACT, code.0)]);
        let transaction = transaction(Some(CONTRACT), 0, Vec::new(), 200_000);
        let trace = check(context(), &state, &transaction).map_err(TestCaseError::fail)?.unwrap();
        prop_assert!(trace.receipt.status.is_success());
    }
}

/// Words of all sizes, with those where signs and shifts change.
fn word() -> impl Strategy<Value = U256> {
    let edge = prop::sample::select(vec![
        U256::ZERO,
        U256::ONE,
        U256::from(31),
        U256::from(32),
        U256::from(255),
        U256::from(256),
        U256::MAX,
        U256::MAX >> 1,
        U256::ONE << 255,
        U256::MAX << 8,
    ]);
    let any =
        (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, bits)| U256::from_limbs(limbs) >> bits);
    prop_oneof![edge, any]
}

fn traced(
    contracts: &[(Address, Vec<u8>)],
    reads: impl FnOnce(&Ran) -> Vec<Read>,
) -> Result<TransactionTrace, Error> {
    let state = state(contracts);
    let transaction = transaction(Some(CONTRACT), 1, Vec::new(), 100_000);
    let ran = run(context(), &state, &transaction).unwrap();
    let reads = reads(&ran);
    let codes = StateCodes(&state);
    Tracer::new(context(), &codes, None).trace(
        0,
        TraceInput {
            transaction: &transaction,
            reads: &reads,
            receipt: Some(&ran.receipt),
        },
    )
}

#[test]
fn every_read_is_needed() {
    let code = vec![
        PUSH1, 1, SLOAD, PUSH1, 250, BLOCKHASH, PUSH1, 99, BALANCE, STOP,
    ];
    let contracts = [(CONTRACT, code)];
    let mut count = 0;
    traced(&contracts, |ran| {
        count = ran.reads.len();
        // The order does not matter.
        ran.reads.iter().rev().copied().collect()
    })
    .unwrap();
    assert_eq!(count, 5);
    for missing in 0..count {
        let mut expected = None;
        let result = traced(&contracts, |ran| {
            let mut reads = ran.reads.clone();
            expected = Some(match reads.remove(missing) {
                Read::Account { address, .. } => ReplayFault::Account(address),
                Read::Storage { address, slot, .. } => ReplayFault::Storage(address, slot),
                Read::BlockHash { number, .. } => ReplayFault::BlockHash(number),
                Read::CodeHash { .. } => unreachable!(),
            });
            reads
        });
        match result {
            Err(Error::Replay { fault, .. }) => assert_eq!(Some(*fault), expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_trace_that_does_something_else_is_refused() {
    let code = vec![PUSH1, 1, SLOAD, PUSH1, 8, JUMPI, INVALID, STOP, JUMPDEST];
    let result = traced(&[(CONTRACT, code)], |ran| {
        let mut reads = ran.reads.clone();
        for read in &mut reads {
            if let Read::Storage { value, .. } = read {
                *value = U256::ZERO;
            }
        }
        reads
    });
    let Err(Error::Replay { fault, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(*fault, ReplayFault::Differs("status"));
}

#[test]
fn a_plain_transfer_needs_no_evm() {
    let state = state(&[]);
    let codes = StateCodes(&state);
    for (value, to) in [(5, NOBODY), (0, NOBODY)] {
        let transaction = transaction(Some(to), value, vec![0, 1], 50_000);
        let ran = run(context(), &state, &transaction).unwrap();
        let sender = StateReader::account(&state, &SENDER).unwrap();
        let trace = |reads: &[Read]| {
            let input = TraceInput {
                transaction: &transaction,
                reads,
                receipt: Some(&ran.receipt),
            };
            Tracer::new(context(), &codes, None).trace(0, input)
        };
        let executed = trace(&ran.reads).unwrap();
        let code_hash = AccountState::EMPTY.code_hash;
        let reads = [
            Read::Account {
                address: SENDER,
                value: sender,
            },
            Read::CodeHash {
                address: to,
                value: code_hash,
            },
        ];
        let mut plain = trace(&reads).unwrap();
        assert_eq!(plain.steps.count(), 0);
        let expected: Vec<Event> = events(&executed)
            .into_iter()
            .map(|mut event| {
                if let Action::AccountLoad { address, .. } = event.action
                    && address == to
                {
                    event.action = Action::CodeHashLoad {
                        address,
                        value: code_hash,
                    };
                }
                event
            })
            .collect();
        // revm notes again that the sender is touched when wei leaves it; that says nothing new.
        assert_eq!(events(&plain), expected);
        plain.events = executed.events.clone();
        assert_eq!(plain, executed);
        let refused = trace(&reads[1..]).unwrap_err();
        assert!(matches!(refused, Error::Replay { .. }), "{refused}");
    }
}

#[test]
fn what_a_failed_frame_did_is_marked() {
    let other = vec![PUSH1, 9, PUSH1, 1, SSTORE, PUSH0, PUSH0, REVERT];
    let code = Code::default()
        .call(CALL, OTHER, 4, 0, 0)
        .op(&[PUSH1, 7, PUSH1, 1, SSTORE])
        .0;
    let state = state(&[(CONTRACT, code), (OTHER, other)]);
    let transaction = transaction(Some(CONTRACT), 1, Vec::new(), 200_000);
    let trace = check(context(), &state, &transaction).unwrap().unwrap();
    let writes: Vec<_> = events(&trace)
        .into_iter()
        .filter_map(|event| match event.action {
            Action::StorageWrite {
                address,
                before,
                after,
                ..
            } => Some((event.frame, event.reverted, address, before, after)),
            Action::BalanceTransfer { from, to, value } => {
                assert!(!event.reverted || (from, to, value) == (CONTRACT, OTHER, U256::from(4)));
                None
            }
            _ => None,
        })
        .collect();
    let word = |value: u64| U256::from(value);
    assert_eq!(
        writes,
        [
            (Some(1), true, OTHER, word(1), word(9)),
            (Some(0), false, CONTRACT, word(1), word(7)),
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Damaged traces decode to something or to an error, in bounded time.
    #[test]
    fn decoders_take_any_bytes(program in 0_usize..20, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let (_, code, other, value, _) = programs().swap_remove(program);
        let state = state(&[(CONTRACT, code), (OTHER, other)]);
        let transaction = transaction(Some(CONTRACT), value, vec![7; 40], 150_000);
        let trace = check(context(), &state, &transaction).map_err(TestCaseError::fail)?.unwrap();
        let mut bytes = bincode::serde::encode_to_vec(&trace, bincode::config::standard()).unwrap();
        for (index, byte) in damage {
            *index.get_mut(&mut bytes) = byte;
        }
        let config = bincode::config::standard().with_limit::<{ 1 << 24 }>();
        if let Ok((mut damaged, _)) = bincode::serde::decode_from_slice::<TransactionTrace, _>(&bytes, config) {
            for (hash, code) in trace.codes.iter() {
                damaged.codes.insert(*hash, || code.clone());
            }
            let mut steps = damaged.steps().with_memory_limit(1 << 24);
            let mut count = 0;
            while let Ok(Some(_)) = steps.next_step() {
                count += 1;
                if count > 1_000_000 {
                    break;
                }
            }
            damaged.events().for_each(drop);
        }
    }
}
