//! Frames: calls of all kinds, what they are refused for, and how frames end.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256};
use braid_circuits::bus::tag;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{FrameResult, Halt, Refused};
use braid_circuits::execution::{DEEPEST, FrameOpening};
use braid_circuits::tables::block_value::BlockValueTable;
use braid_circuits::tables::call::{Call, CallColumns};
use braid_circuits::tables::environment::EnvironmentTable;
use braid_circuits::tables::finish::{Finish, FinishColumns};
use braid_circuits::tables::frame::FrameTable;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt};
use plonky2::field::types::Field;

use crate::support::{Contract, MAIN, Run, call_traces, push, traces_of};

/// Hands back what its input says, or reverts with it, or halts; see [`callee`].
pub const CALLEE: Address = Address::repeat_byte(0xc3);
/// Calls [`CALLEE`] with value, then stores, and reverts if it is asked to.
pub const NESTED: Address = Address::repeat_byte(0xc4);
/// Does not exist.
const ABSENT: Address = Address::repeat_byte(0xc5);

/// An address that is a small number.
fn small(number: u64) -> Address {
    Address::from_word(U256::from(number).into())
}

/// One call.
#[derive(Clone, Copy)]
pub struct Calling {
    pub opcode: u8,
    pub target: Address,
    pub value: u64,
    pub gas: U256,
    pub input: [u64; 2],
    pub output: [u64; 2],
}

impl Calling {
    pub fn new(opcode: u8, target: Address) -> Self {
        Self {
            opcode,
            target,
            value: 0,
            gas: U256::from(50_000),
            input: [0, 0],
            output: [0, 0],
        }
    }

    /// The instructions, which leave the result on the stack.
    pub fn code(&self) -> Vec<u8> {
        let mut code = Vec::new();
        let [input, output] = [self.input, self.output];
        for value in [output[1], output[0], input[1], input[0]] {
            code.extend(push(value));
        }
        if matches!(self.opcode, CALL | CALLCODE) {
            code.extend(push(self.value));
        }
        code.push(PUSH20);
        code.extend(self.target);
        code.push(PUSH32);
        code.extend(self.gas.to_be_bytes::<32>());
        code.push(self.opcode);
        code
    }
}

/// With the first byte of its input 0 it hands 40 bytes back, with 1 it reverts with 8, otherwise it halts; first it stores the number of bytes of its input.
fn callee() -> Vec<u8> {
    let choose = [push(0), vec![CALLDATALOAD, PUSH0, BYTE]].concat();
    let mut code = [vec![CALLDATASIZE, PUSH0, MSTORE], choose].concat();
    let jump = |to: u64| [vec![DUP1], push(to), vec![JUMPI]].concat();
    let place = code.len() + jump(0xff).len();
    let returns = [push(40), push(3), vec![RETURN]].concat();
    let others = (place + returns.len()) as u64;
    code.extend(jump(others));
    code.extend(returns);
    code.extend([JUMPDEST, PUSH1, 1, EQ, ISZERO]);
    let place = code.len() + 3;
    let reverts = [push(8), push(1), vec![REVERT]].concat();
    code.extend([push((place + reverts.len()) as u64), vec![JUMPI]].concat());
    code.extend(reverts);
    code.extend([JUMPDEST, INVALID]);
    code
}

/// Calls [`CALLEE`] with value, stores, and halts if it has any input.
fn nested() -> Vec<u8> {
    let inner = Calling {
        value: 1,
        ..Calling::new(CALL, CALLEE)
    };
    let mut code = inner.code();
    code.extend([push(7), push(7), vec![SSTORE]].concat());
    code.extend([CALLDATASIZE, PUSH1, 0xff, JUMPI, STOP]);
    code
}

/// One that calls in all ways, and asks for all of its environment.
pub fn main_code() -> Vec<u8> {
    let mut code = [push(0x0102), push(30), vec![MSTORE]].concat();
    // Byte 60 is 1 and byte 61 is 2.
    let to = |opcode, first: u64| Calling {
        input: [first, 1],
        output: [64, 16],
        ..Calling::new(opcode, CALLEE)
    };
    let plain = |opcode, target| Calling::new(opcode, target);
    let with = |value, call: Calling| Calling { value, ..call };
    let calls = [
        // 0: hands back more bytes than there is room for, and less.
        to(CALL, 0),
        Calling {
            output: [96, 50],
            ..with(5, to(CALL, 0))
        },
        with(3, to(CALLCODE, 0)),
        to(DELEGATECALL, 60),
        to(STATICCALL, 61),
        // 5: reverts in an inner frame of one that fails, and in one that does not.
        with(4, plain(CALL, NESTED)),
        Calling {
            input: [0, 1],
            gas: U256::from(90_000),
            ..with(4, plain(CALL, NESTED))
        },
        // The static frame must not.
        plain(STATICCALL, NESTED),
        // 8: without code: new, zero, just above the precompiles, and a precompile.
        with(1, plain(CALL, ABSENT)),
        plain(CALL, small(0)),
        plain(CALL, small(11)),
        Calling {
            input: [60, 4],
            output: [0, 4],
            ..plain(STATICCALL, small(4))
        },
        // 12: more than it has.
        with(1 << 40, plain(CALL, CALLEE)),
        with(1 << 40, plain(CALLCODE, CALLEE)),
        // 14: all gas, in numbers of three sizes, and none.
        Calling {
            gas: U256::from(1u64 << 47),
            ..plain(CALL, CALLEE)
        },
        Calling {
            gas: U256::from(u64::MAX),
            ..plain(CALL, CALLEE)
        },
        Calling {
            gas: U256::MAX,
            ..plain(CALL, CALLEE)
        },
        Calling {
            gas: U256::ZERO,
            ..plain(CALL, CALLEE)
        },
    ];
    for call in calls {
        code.extend(call.code());
        code.push(POP);
    }
    let environment = [
        ADDRESS,
        CALLER,
        CALLVALUE,
        CALLDATASIZE,
        CODESIZE,
        ORIGIN,
        GASPRICE,
    ];
    let of_block = [
        COINBASE,
        TIMESTAMP,
        NUMBER,
        PREVRANDAO,
        GASLIMIT,
        CHAINID,
        BASEFEE,
        BLOBBASEFEE,
    ];
    for opcode in environment.into_iter().chain(of_block) {
        code.extend([opcode, POP]);
    }
    code.extend([ADDRESS, POP]);
    code.extend([PUSH1, 3, BLOBHASH, POP]);
    code.extend([push(7), push(31), vec![RETURN]].concat());
    code
}

/// The first row of `call` that is as wanted.
pub fn row_of(run: &Run, wanted: impl Fn(&CallColumns<Felt>) -> bool) -> usize {
    let trace = run.trace("call");
    let rows = 0..trace.height();
    let mut rows = rows.filter(|row| {
        let row: &CallColumns<Felt> = CallColumns::from_slice(trace.row(*row));
        row.at.clock != Felt::ZERO && wanted(row)
    });
    rows.next().expect("such a call")
}

fn contracts(main: Vec<u8>) -> Vec<Contract> {
    vec![
        (MAIN, main, 1000),
        (CALLEE, callee(), 1),
        (NESTED, nested(), 10),
    ]
}

/// [`Run`] of a call of this code, beside the other contracts.
pub fn run_with(main: Vec<u8>, gas_limit: u64) -> Run {
    let run = Run::of(&traces_of(contracts(main), &[gas_limit]));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

pub fn sample() -> Run {
    run_with(main_code(), 2_000_000)
}

fn rows(run: &Run, table: &str) -> Vec<usize> {
    let trace = run.trace(table);
    let used = |row: &usize| trace.row(*row).iter().any(|cell| *cell != Felt::ZERO);
    (0..trace.height()).filter(used).collect()
}

#[test]
fn frames_of_all_kinds_balance() {
    let run = sample();
    let frames = &run.execution.frames;
    let openings: Vec<_> = frames.iter().map(|frame| frame.opening()).collect();
    for opening in [
        FrameOpening::Code,
        FrameOpening::Empty,
        FrameOpening::Refused,
        FrameOpening::Precompile,
    ] {
        assert!(openings.contains(&opening), "{opening:?}");
    }
    assert!(frames[0].result.is_success(), "{:?}", frames[0].result);
    let results: Vec<_> = frames.iter().map(|frame| frame.result).collect();
    let expected = [
        FrameResult::Success,
        FrameResult::Revert,
        FrameResult::Refused(Refused::Funds),
        FrameResult::Halt(Halt::InvalidOpcode),
        FrameResult::Halt(Halt::InvalidJump),
        FrameResult::Halt(Halt::StaticViolation),
    ];
    for result in expected {
        assert!(results.contains(&result), "{result:?} among {results:?}");
    }
    // One that succeeds within one that fails.
    let inherits = |frame: &&braid_circuits::execution::PerformedFrame| {
        frame.result.is_success() && frame.undone_at != 0
    };
    assert!(frames.iter().any(|frame| inherits(&frame)));
    assert_eq!(frames.iter().filter(|frame| frame.parent == 1).count(), 18);
}

#[test]
fn degrees_are_supported() {
    let symbolic = [
        SymbolicTable::of(&FrameTable),
        SymbolicTable::of(&Finish),
        SymbolicTable::of(&EnvironmentTable),
        SymbolicTable::of(&BlockValueTable),
        SymbolicTable::of(&Call),
    ];
    for table in symbolic {
        assert!(table.excessive_degrees().is_empty());
        assert!(braid_stark::bus::BusPlan::of(&table).is_ok());
    }
}

#[test]
fn every_column_is_bound() {
    let runs = [sample(), deep(), lacking(), far_end(), far_output()];
    let tables: [&dyn AnyTable; 5] = [
        &FrameTable,
        &Finish,
        &EnvironmentTable,
        &BlockValueTable,
        &Call,
    ];
    for table in tables {
        let mut free: Option<BTreeSet<String>> = None;
        for run in &runs {
            let trace = run.trace(table.name());
            let rows: Vec<_> = rows(run, table.name()).into_iter().take(64).collect();
            // A prover can ask these tables for something else.
            let ignored = [tag::U16, tag::U8, tag::Clock];
            let found = unnoticed_columns(table, trace, &rows, &ignored)
                .into_iter()
                .collect();
            free = Some(match free {
                None => found,
                Some(before) => before.intersection(&found).cloned().collect(),
            });
        }
        // A part of a limb, which is looked up as the rest is.
        let parts = ["gas.asked_high".to_owned()];
        let parts = parts.into_iter().filter(|_| table.name() == Call.name());
        assert_eq!(free, Some(parts.collect()), "{}", table.name());
    }
}

/// A contract that calls itself with all its gas, until it is too deep.
pub fn deep() -> Run {
    let code = vec![PUSH0, PUSH0, PUSH0, PUSH0, PUSH0, ADDRESS, GAS, CALL];
    let run = run_with(code, 1 << 40);
    assert_eq!(run.execution.frames.len() as u64, DEEPEST + 1);
    run
}

#[test]
fn calls_are_too_deep_after_1024() {
    let run = deep();
    let last = run.execution.frames.last().expect("frames");
    assert_eq!(last.result, FrameResult::Refused(Refused::Depth));
    assert_eq!(last.depth, DEEPEST + 1);
    let refused = row_of(&run, |row| row.too_deep == Felt::ONE);
    let row: &CallColumns<Felt> = CallColumns::from_slice(run.trace("call").row(refused));
    assert_eq!(row.caller.depth, Felt::from_canonical_u64(DEEPEST));
}

/// What [`lacking`] would need: pushes, four words of memory, a cold account, value, a new account.
const ENOUGH: u64 = 21_000 + 18 + 12 + 2600 + 9000 + 25_000;

/// A call with value of an account that does not exist, one gas short.
pub fn lacking() -> Run {
    let call = Calling {
        value: 1,
        input: [0, 100],
        ..Calling::new(CALL, ABSENT)
    };
    run_with(call.code(), ENOUGH - 1)
}

/// A RETURN of a byte that no gas pays for, after a call whose input is as far.
pub fn far_end() -> Run {
    let call = Calling {
        input: [1 << 32, 1],
        ..Calling::new(STATICCALL, MAIN)
    };
    let ends = [push(1), push(1 << 32), vec![RETURN]].concat();
    let main = [Calling::new(CALL, NESTED).code(), call.code()].concat();
    let run = Run::of(&traces_of(
        vec![(MAIN, main, 0), (NESTED, ends, 0)],
        &[100_000],
    ));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

fn far_output() -> Run {
    let call = Calling {
        output: [1 << 32, 1],
        ..Calling::new(STATICCALL, MAIN)
    };
    run_with(call.code(), 100_000)
}

#[test]
fn calls_that_lack_gas_halt() {
    let call = Calling {
        value: 1,
        input: [0, 100],
        ..Calling::new(CALL, ABSENT)
    };
    for (gas_limit, calls) in [
        (ENOUGH - 20_000, 0),
        (ENOUGH - 1, 0),
        (ENOUGH, 1),
        (ENOUGH + 1, 1),
    ] {
        let run = run_with(call.code(), gas_limit);
        assert_eq!(run.execution.frames.len(), 1 + calls, "{gas_limit}");
        let row: &CallColumns<Felt> = CallColumns::from_slice(run.trace("call").row(0));
        assert_eq!(row.lacks, Felt::from_bool(calls == 0), "{gas_limit}");
    }
    // No gas pays for memory that far: the offset, the length, or both; the input or the output.
    let far = 1u64 << 32;
    for region in [[far, 1], [0, far], [far, far], [u64::MAX, 1]] {
        for output in [false, true] {
            let mut call = Calling::new(STATICCALL, CALLEE);
            *(if output {
                &mut call.output
            } else {
                &mut call.input
            }) = region;
            let run = run_with(call.code(), 100_000);
            let row: &CallColumns<Felt> = CallColumns::from_slice(run.trace("call").row(0));
            assert_eq!(row.far, Felt::ONE);
        }
    }
    // Nothing is nowhere.
    let call = Calling {
        input: [far, 0],
        output: [u64::MAX, 0],
        ..Calling::new(DELEGATECALL, CALLEE)
    };
    let run = run_with(call.code(), 100_000);
    assert_eq!(run.execution.frames.len(), 2);
}

#[test]
fn ends_that_lack_gas_halt() {
    for opcode in [RETURN, REVERT] {
        let ends = |offset: u64, length: u64| [push(length), push(offset), vec![opcode]].concat();
        for (gas, halts) in [(21_000 + 6 + 8, true), (21_000 + 6 + 9, false)] {
            let run = Run::of(&call_traces(ends(60, 10), gas));
            assert_eq!(run.findings(), BTreeSet::new());
            let row: &FinishColumns<Felt> = FinishColumns::from_slice(run.trace("finish").row(0));
            assert_eq!(row.lacks, Felt::from_bool(halts));
        }
        for (offset, length) in [(1u64 << 32, 1), (0, 1 << 32), (u64::MAX, u64::MAX)] {
            let run = Run::of(&call_traces(ends(offset, length), 100_000));
            assert_eq!(run.findings(), BTreeSet::new());
            let row: &FinishColumns<Felt> = FinishColumns::from_slice(run.trace("finish").row(0));
            assert_eq!(row.region.far, Felt::ONE);
        }
        let run = Run::of(&call_traces(ends(u64::MAX, 0), 100_000));
        assert_eq!(run.findings(), BTreeSet::new());
    }
}
