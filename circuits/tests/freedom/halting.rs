//! Steps that halt since memory, gas or the stack's words do not allow them, and steps that move no bytes, or bytes of nothing.

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_circuits::event::opcode::*;
use braid_witness::BlockFile;
use braid_witness::block_file::AllocAccount;

use crate::programs::{file, small};

/// Contracts that halt have the addresses from this on.
const HALTS: u64 = 0x9000;
/// A contract with code.
const CODED: u64 = 0x6000;
/// An account that nobody has heard of.
const NOBODY: u64 = 0x7002;
/// More than the lowest limb of a word holds.
const FAR: u64 = 1 << 40;
/// Memory that costs more than a contract here gets.
const DEAR: u64 = 1 << 22;

/// Codes that halt wherever memory is `at`.
fn beyond(at: u64) -> [Vec<u8>; 24] {
    [
        small(MSTORE, &[at, 1]),
        small(MSTORE8, &[at, 1]),
        small(MLOAD, &[at]),
        small(CALLDATACOPY, &[at, 0, 1]),
        small(CALLDATACOPY, &[0, 0, at]),
        small(CODECOPY, &[at, 0, 1]),
        small(MCOPY, &[at, 0, 1]),
        small(MCOPY, &[0, at, 1]),
        small(KECCAK256, &[at, 1]),
        small(KECCAK256, &[0, at]),
        small(RETURNDATACOPY, &[at, 0, 0]),
        small(RETURNDATACOPY, &[0, at, 0]),
        small(RETURNDATACOPY, &[0, 0, at]),
        small(EXTCODECOPY, &[CODED, at, 0, 1]),
        small(EXTCODECOPY, &[NOBODY, at, 0, 1]),
        small(LOG0, &[at, 1]),
        small(LOG3, &[at, 1, 5, 6, 7]),
        small(RETURN, &[at, 1]),
        small(REVERT, &[at, 1]),
        small(RETURN, &[0, at]),
        small(JUMP, &[at]),
        small(JUMPI, &[at, 1]),
        small(JUMP, &[0]),
        small(JUMPI, &[0, 1]),
    ]
}

/// Codes with too little gas for their last step.
fn short() -> [(u64, Vec<u8>); 16] {
    [
        (50, small(SLOAD, &[5])),
        (1_000, small(SLOAD, &[5])),
        (50, small(SSTORE, &[5, 1])),
        (2_400, small(SSTORE, &[5, 1])),
        (50, small(TLOAD, &[5])),
        (50, small(TSTORE, &[5, 1])),
        (4, small(CALLDATALOAD, &[5])),
        (1, vec![RETURNDATASIZE]),
        (8, small(CALLDATACOPY, &[0, 0, 0])),
        (8, small(CODECOPY, &[0, 0, 0])),
        (8, small(RETURNDATACOPY, &[0, 0, 0])),
        (8, small(MCOPY, &[0, 0, 0])),
        (30, small(KECCAK256, &[0, 0])),
        (14, small(CALLDATACOPY, &[0, 0, 1])),
        (100, small(EXTCODECOPY, &[CODED, 0, 0, 0])),
        (500, small(LOG1, &[0, 0, 1])),
    ]
}

/// Codes that write.
fn writing() -> [Vec<u8>; 4] {
    [
        small(SSTORE, &[5, 1]),
        small(TSTORE, &[5, 1]),
        small(LOG0, &[0, 0]),
        small(LOG4, &[0, 0, 1, 2, 3, 4]),
    ]
}

/// All of these: the opcode that calls, the gas that is given, the code.
fn halts() -> Vec<(u8, u64, Vec<u8>)> {
    let beyond = [FAR, DEAR].into_iter().flat_map(beyond);
    let short = short().into_iter();
    let writing = writing().into_iter();
    beyond
        .map(|code| (CALL, 20_000, code))
        .chain(short.map(|(gas, code)| (CALL, gas, code)))
        .chain(writing.map(|code| (STATICCALL, 20_000, code)))
        .collect()
}

/// Calls of all of them.
fn halting() -> Vec<u8> {
    let calls = (HALTS..).zip(halts()).map(|(to, (opcode, gas, _))| {
        let operands: &[u64] = match opcode {
            CALL => &[gas, to, 0, 0, 0, 0, 0],
            _ => &[gas, to, 0, 0, 0, 0],
        };
        [small(opcode, operands), vec![POP]].concat()
    });
    calls.flatten().collect()
}

/// Copies of nothing, and of what is not there.
fn empty() -> Vec<u8> {
    [
        small(CALLDATACOPY, &[FAR, 0, 0]),
        small(CALLDATACOPY, &[0, FAR, 0]),
        small(CALLDATACOPY, &[0, FAR, 9]),
        small(CODECOPY, &[FAR, 0, 0]),
        small(CODECOPY, &[0, FAR, 0]),
        small(CODECOPY, &[0, FAR, 9]),
        small(EXTCODECOPY, &[CODED, FAR, 0, 0]),
        small(EXTCODECOPY, &[CODED, 0, FAR, 9]),
        small(EXTCODECOPY, &[NOBODY, 0, FAR, 9]),
        small(EXTCODECOPY, &[NOBODY, 0, 3, 9]),
        small(EXTCODECOPY, &[NOBODY, 0, 3, 0]),
        small(RETURNDATACOPY, &[0, 0, 0]),
        small(LOG0, &[FAR, 0]),
        small(LOG1, &[0, 0, 1]),
        small(MCOPY, &[FAR, FAR, 0]),
        small(SSTORE, &[2, 0]),
        small(SSTORE, &[3, 0]),
        small(RETURN, &[FAR, 0]),
    ]
    .concat()
}

/// Blocks in which these are done.
pub fn files() -> [(&'static str, BlockFile); 2] {
    let mut halting = file(halting());
    for (number, (.., code)) in (HALTS..).zip(halts()) {
        let account = AllocAccount {
            balance: U256::from(1_000),
            nonce: 1,
            code: Bytes::from(code),
            ..AllocAccount::default()
        };
        let address = Address::from_word(B256::from(U256::from(number)));
        halting.alloc.insert(address, account);
    }
    [("halting", halting), ("copying nothing", file(empty()))]
}
