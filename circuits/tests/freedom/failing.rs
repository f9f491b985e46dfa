//! Steps that lack gas or may not be done, and calls of ECRECOVER that find no address for each of its reasons.

use alloy_primitives::{Address, B256, Bytes, U256, uint};
use braid_circuits::event::opcode::*;
use braid_witness::BlockFile;
use braid_witness::block_file::AllocAccount;

use crate::programs::{file, small, with};

/// Contracts that fail have the addresses from this on.
const FAILS: u64 = 0x8000;
/// An account that nobody has heard of.
const NOBODY: u64 = 0x7001;
/// x of the generator of the group.
const GENERATOR_X: U256 =
    uint!(0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798_U256);

/// The opcode with 128 bytes of input and 32 of output; `value` counts where the opcode takes one.
fn call(opcode: u8, gas: u64, to: u64, value: u64, output: u64) -> Vec<u8> {
    let value = matches!(opcode, CALL | CALLCODE).then_some(value);
    let operands = [gas, to].into_iter().chain(value);
    let operands: Vec<_> = operands.chain([0, 128, output, 32]).collect();
    small(opcode, &operands)
}

/// Codes, the opcode by which each is called, and the gas that it gets.
fn fails() -> Vec<(Vec<u8>, u8, u64)> {
    let mut fails = vec![
        (call(CALL, 0, NOBODY, 1, 0), STATICCALL, 50_000),
        (call(CALLCODE, 0, NOBODY, 1, 0), STATICCALL, 50_000),
        (small(BALANCE, &[NOBODY]), CALL, 50),
        (small(BALANCE, &[FAILS]), CALL, 50),
        (small(EXTCODESIZE, &[NOBODY]), CALL, 2_000),
        (small(EXTCODEHASH, &[FAILS + 1]), CALL, 50),
        (vec![SELFBALANCE], CALL, 3),
        (small(ADDMOD, &[5, 6, 7]), CALL, 12),
        (small(MULMOD, &[5, 6, 7]), CALL, 12),
        (small(EXP, &[3, 300]), CALL, 50),
        (call(CALL, 0, NOBODY, 1, 1 << 40), CALL, 50_000),
        (call(DELEGATECALL, 0, NOBODY, 0, 1 << 40), CALL, 50_000),
    ];
    for opcode in [CALL, CALLCODE, DELEGATECALL, STATICCALL] {
        fails.push((call(opcode, 5, NOBODY, 1, 0), CALL, 60));
    }
    fails
}

fn called(code: &mut Vec<u8>, opcode: u8, gas: u64, to: u64) {
    code.extend(call(opcode, gas, to, 0, 0));
    code.push(POP);
}

/// Calls of contracts that fail.
fn failing() -> Vec<u8> {
    let mut code = Vec::new();
    for (place, (_, opcode, gas)) in (FAILS..).zip(fails()) {
        called(&mut code, opcode, gas, place);
    }
    code
}

/// Calls of ECRECOVER.
fn recovering() -> Vec<u8> {
    let (one, even, odd) = (U256::ONE, U256::from(27), U256::from(28));
    let s = U256::from(77);
    let inputs = [
        [s, one, GENERATOR_X, s],
        [s, U256::MAX, GENERATOR_X, s],
        [s, even, U256::ZERO, s],
        [s, even, GENERATOR_X, U256::ZERO],
        [s, even, U256::MAX, s],
        [s, even, GENERATOR_X, U256::MAX],
        [s, odd, U256::from(5), s],
        [s, even, GENERATOR_X, s],
        [s, odd, GENERATOR_X, s],
        [s, odd, GENERATOR_X, (U256::MAX >> 1) + s],
    ];
    let mut code = Vec::new();
    for input in inputs {
        for (place, word) in (0..).zip(input) {
            code.extend(with(MSTORE, &[U256::from(32 * place), word]));
        }
        called(&mut code, STATICCALL, 50_000, 1);
    }
    code
}

/// Blocks in which these are done.
pub fn files() -> [(&'static str, BlockFile); 2] {
    let mut failing = file(failing());
    for (place, (code, ..)) in (FAILS..).zip(fails()) {
        let account = AllocAccount {
            balance: U256::from(1_000),
            nonce: 1,
            code: Bytes::from(code),
            ..AllocAccount::default()
        };
        let address = Address::from_word(B256::from(U256::from(place)));
        failing.alloc.insert(address, account);
    }
    [("failing", failing), ("recovering", file(recovering()))]
}
