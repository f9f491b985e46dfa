//! Gas of 2^44 and much more: real traces balance.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256};
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{FrameResult, Halt, TransactionTrace};
use braid_circuits::execution::{Execution, lacks_unshown};
use braid_circuits::gas::{SMALL_GAS, TOP};
use braid_circuits::tables::call::CallColumns;
use braid_circuits::tables::invocation::InvocationColumns;
use braid_circuits::tables::register::RegisterColumns;
use braid_stark::Felt;
use braid_witness::sample::Draft;
use plonky2::field::types::Field;

use crate::frames::{CALLEE, Calling, main_code, row_of, run_with};
use crate::support::{
    CALLED, MAIN, Run, block_of, call_of_main, call_traces, codes_of, events_of, push,
};

/// Gas that many of Ethereum's tests have, and of which no limb of [`braid_circuits::gas`] is zero.
pub const MUCH: u64 = (1 << 52) + (1 << 40) + (1 << 20) + 5;
/// Nearly as much as frames have where steps that name as much memory as is never executed are carried out, to lack gas.
pub const EXECUTED: u64 = 1 << 42;
/// The largest gas limit that there is.
pub const MOST: u64 = (1 << 63) - 1;

/// An opcode with these operands, the topmost first.
pub fn with(opcode: u8, operands: &[U256]) -> Vec<u8> {
    let pushed = operands.iter().rev().flat_map(|word| {
        let bytes = word.to_be_bytes_trimmed_vec();
        [vec![PUSH0 + bytes.len() as u8], bytes].concat()
    });
    pushed.chain([opcode]).collect()
}

/// By table, a step that names memory at `offset` or as many bytes.
pub fn steps_at(offset: U256) -> Vec<(&'static str, Vec<u8>)> {
    let (zero, one) = (U256::ZERO, U256::ONE);
    let main = U256::from_be_bytes(MAIN.into_word().0);
    let call = |opcode, input: [U256; 2], output: [U256; 2]| {
        let value = matches!(opcode, CALL | CALLCODE).then_some(zero);
        let operands = [one, main].into_iter().chain(value);
        let operands = operands.chain(input).chain(output);
        with(opcode, &operands.collect::<Vec<_>>())
    };
    vec![
        ("memory", with(MLOAD, &[offset])),
        ("memory", with(MSTORE, &[offset, one])),
        ("memory", with(MSTORE8, &[offset, one])),
        ("finish", with(RETURN, &[offset, one])),
        ("finish", with(REVERT, &[zero, offset])),
        ("log", with(LOG0, &[offset, one])),
        ("log", with(LOG1, &[zero, offset, one])),
        ("moves", with(KECCAK256, &[offset, one])),
        ("moves", with(MCOPY, &[zero, offset, one])),
        ("moves", with(MCOPY, &[offset, zero, one])),
        ("moves", with(CALLDATACOPY, &[offset, zero, one])),
        ("moves", with(CODECOPY, &[zero, zero, offset])),
        (
            "external_code",
            with(EXTCODECOPY, &[main, offset, zero, one]),
        ),
        (
            "external_code",
            with(EXTCODECOPY, &[main, zero, zero, offset]),
        ),
        ("call", call(STATICCALL, [offset, one], [zero; 2])),
        ("call", call(DELEGATECALL, [zero; 2], [offset, one])),
        ("call", call(CALL, [zero, offset], [zero, one])),
        ("call", call(CALLCODE, [zero, one], [zero, offset])),
        ("call", call(CALL, [offset, one], [offset, one])),
    ]
}

/// Whether a step lacks gas as no table shows.
pub fn is_unshown(traces: &[TransactionTrace]) -> bool {
    let events = events_of(traces, codes_of(traces));
    let execution = Execution::of(&events).expect("an execution");
    execution.steps.iter().any(lacks_unshown)
}

#[test]
fn frames_with_much_gas_balance() {
    for gas in [SMALL_GAS, 1 << 45, TOP, 1 << 48, MUCH, 1 << 62, MOST] {
        let run = run_with(main_code(), gas);
        assert!(run.execution.frames[0].result.is_success());
    }
}

/// A call of all ways to ask for gas where there is much of it.
#[test]
fn much_gas_is_shared_out() {
    let asks = [
        U256::from(50_000),
        U256::from(MUCH / 2),
        U256::from(MUCH),
        U256::from(MOST),
        U256::from(MOST) + U256::ONE,
        U256::from(u64::MAX),
        U256::from(u64::MAX) + U256::ONE,
        U256::MAX,
    ];
    for limit in [MUCH, MOST] {
        let calls = asks.map(|gas| Calling {
            gas,
            ..Calling::new(CALL, CALLEE)
        });
        let code = calls.map(|call| [call.code(), vec![POP]].concat());
        let run = run_with(code.concat(), limit);
        for (gas, child) in asks.into_iter().zip(&run.execution.frames[1..]) {
            let most = U256::from(limit / 64 * 63);
            let given = U256::from(child.gas);
            assert!(given == gas || gas > most && given <= most, "{gas}");
        }
        let far = row_of(&run, |row| row.gas.asked_top == Felt::ONE);
        let mut run = run;
        let row: &mut CallColumns<Felt> = run.row("call", far);
        assert_eq!(row.gas.asks_far, Felt::ONE);
    }
}

/// Frames that lack gas while their caller has much, steps that lack it though there is much, GAS, and frames that end in other ways.
#[test]
fn halts_with_much_gas_balance() {
    // The callee halts for want of gas; the caller goes on.
    let lacking = Calling {
        gas: U256::from(5),
        ..Calling::new(CALL, CALLEE)
    };
    let halts = [vec![GAS, POP], lacking.code(), vec![POP, GAS, POP, INVALID]].concat();
    let run = run_with(halts, MUCH);
    let results = run.execution.frames.iter().map(|frame| frame.result);
    let (lacks, invalid) = (Halt::OutOfGas, Halt::InvalidOpcode);
    let expected = [invalid, lacks].map(FrameResult::Halt);
    assert_eq!(Vec::from_iter(results), expected);
    // The most that memory can lack, which is more than 2^47: twice as far as one operand reaches.
    let far = U256::from(u32::MAX);
    let main = U256::from_be_bytes(MAIN.into_word().0);
    let zero = U256::ZERO;
    for code in [
        with(RETURN, &[far, far]),
        with(LOG0, &[far, far]),
        with(KECCAK256, &[far, far]),
        with(MCOPY, &[far, zero, far]),
        with(EXTCODECOPY, &[main, far, zero, far]),
        with(STATICCALL, &[zero, main, far, far, zero, zero]),
        with(DELEGATECALL, &[zero, main, zero, zero, far, far]),
    ] {
        for gas in [21_000 + 30, EXECUTED] {
            let run = run_with(code.clone(), gas);
            let last = run.execution.steps.last().expect("a step");
            assert_eq!(last.halt, Some(Halt::OutOfGas));
        }
    }
    // Memory below 2^32 that costs more than 2^45.
    for (table, code) in steps_at(U256::from(u32::MAX)) {
        let run = run_with(code, EXECUTED);
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, Some(Halt::OutOfGas), "{table}");
    }
}

#[test]
fn gas_is_pushed_as_it_is() {
    for gas in [TOP - 1 + 21_002, MUCH, MOST] {
        let mut run = run_with(vec![GAS, POP], gas);
        let left = gas - 21_002;
        assert_eq!(run.execution.steps[0].pushed, Some(U256::from(left)));
        // Other limbs come to the same number, and to the same word.
        let row: &mut RegisterColumns<Felt> = run.row("register", 0);
        if row.limbs[3] != Felt::ZERO {
            row.limbs[3] -= Felt::ONE;
            row.limbs[2] += Felt::from_canonical_u64(TOP >> 32);
            assert_eq!(run.findings(), BTreeSet::new());
        }
    }
}

/// What lacks gas for memory at 2^32 or beyond: with less than 2^44 gas, or at 2^64 or beyond.
#[test]
fn far_memory_is_shown_or_named() {
    for offset in [1 << 32, 1 << 40, u64::MAX] {
        for (table, code) in steps_at(U256::from(offset)) {
            let run = run_with(code, EXECUTED);
            let last = run.execution.steps.last().expect("a step");
            assert_eq!(last.halt, Some(Halt::OutOfGas), "{table}");
        }
    }
    for offset in [U256::from(1u128 << 64), U256::MAX] {
        for (table, code) in steps_at(offset) {
            for gas in [100_000, 1 << 45, MUCH, MOST] {
                let run = run_with(code.clone(), gas);
                let last = run.execution.steps.last().expect("a step");
                assert_eq!(last.halt, Some(Halt::OutOfGas), "{table}");
                assert!(!run.execution.steps.iter().any(lacks_unshown), "{table}");
            }
        }
    }
    // What a step costs by its length lacks much gas before memory does.
    let (zero, long) = (U256::ZERO, U256::from(u64::MAX));
    let unshown = [
        with(KECCAK256, &[zero, long]),
        with(CODECOPY, &[zero, zero, long]),
        with(MCOPY, &[zero, zero, long]),
        with(EXTCODECOPY, &[zero, zero, zero, long]),
        with(LOG0, &[zero, long]),
    ];
    for code in unshown {
        assert!(is_unshown(&call_traces(code.clone(), MUCH)));
        assert!(is_unshown(&call_traces(code.clone(), SMALL_GAS + 100_000)));
        assert!(!is_unshown(&call_traces(code.clone(), SMALL_GAS)));
        run_with(code, SMALL_GAS);
    }
}

/// Transactions with and without code, of all limits, in a block.
pub fn block() -> Run {
    let stores = [push(7), push(1), vec![SSTORE]].concat();
    let calls = Calling::new(CALL, CALLED).code();
    let clears = [push(0), push(2), vec![SSTORE]].concat();
    let main = [calls, stores, clears].concat();
    let contracts = vec![
        (MAIN, main, vec![(2, 9)]),
        (CALLED, vec![INVALID], Vec::new()),
    ];
    let plain = |gas_limit| Draft {
        to: Some(Address::repeat_byte(0x77)),
        value: U256::from(1_000),
        ..call_of_main(gas_limit)
    };
    let drafts = vec![
        call_of_main(MUCH),
        plain(MUCH),
        call_of_main(MOST),
        plain(1 << 45),
        call_of_main(21_000 + 50),
    ];
    Run::of_block(&block_of(contracts, drafts))
}

#[test]
fn transactions_with_much_gas_balance() {
    let mut run = block();
    assert_eq!(run.findings(), BTreeSet::new());
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 0);
    let limit = Felt::from_canonical_u64(MUCH);
    assert_eq!(row.gas_limit, limit);
    assert!(row.unused[1] != Felt::ZERO);
    // The last one lacks gas.
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 2);
    assert_eq!(row.unused, [Felt::ZERO; 2]);
}
