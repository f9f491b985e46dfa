//! Small programs, and what runs them.

mod setting;

use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::opcode::*;

pub use setting::{CONTRACT, NOBODY, OTHER, SENDER, context, state, transaction};

/// Instructions one after the other.
#[derive(Clone, Default)]
pub struct Code(pub Vec<u8>);

impl Code {
    pub fn op(mut self, opcodes: &[u8]) -> Self {
        self.0.extend_from_slice(opcodes);
        self
    }

    pub fn push(mut self, value: impl TryInto<U256>) -> Self {
        let value: U256 = value.try_into().ok().unwrap();
        let bytes = value.to_be_bytes_trimmed_vec();
        self.0.push(PUSH0 + bytes.len() as u8);
        self.0.extend(bytes);
        self
    }

    pub fn address(self, address: Address) -> Self {
        self.push(U256::from_be_bytes(address.into_word().0))
    }

    /// Stores these bytes in memory from 0 on.
    pub fn memory(mut self, bytes: &[u8]) -> Self {
        for (index, word) in bytes.chunks(32).enumerate() {
            let mut padded = [0; 32];
            padded[..word.len()].copy_from_slice(word);
            self = self
                .push(U256::from_be_bytes(padded))
                .push(U256::from(32 * index))
                .op(&[MSTORE]);
        }
        self
    }

    /// Calls with all gas; `value` is pushed for CALL and CALLCODE only.
    pub fn call(mut self, kind: u8, to: Address, value: u64, input: u64, output: u64) -> Self {
        self = self.push(U256::from(output)).push(U256::from(0));
        self = self.push(U256::from(input)).push(U256::from(0));
        if matches!(kind, CALL | CALLCODE) {
            self = self.push(U256::from(value));
        }
        self.address(to).op(&[GAS, kind])
    }
}

/// Counts down from `times` and hashes, stores and loads on the way.
pub fn counting_loop(times: u64) -> Vec<u8> {
    let start = Code::default().push(U256::from(times));
    let target = start.0.len() as u64;
    start
        .op(&[JUMPDEST, DUP1])
        .push(U256::from(0))
        .op(&[MSTORE])
        .push(U256::from(32))
        .push(U256::from(0))
        .op(&[KECCAK256, DUP2, XOR])
        .push(U256::from(32))
        .op(&[MSTORE])
        .push(U256::from(32))
        .op(&[MLOAD, POP])
        .push(U256::from(1))
        .op(&[SWAP1, SUB, DUP1])
        .push(U256::from(target))
        .op(&[JUMPI, STOP])
        .0
}

/// Init code that deploys this code.
pub fn deploying(code: &[u8]) -> Vec<u8> {
    Code::default()
        .memory(code)
        .push(U256::from(code.len()))
        .push(U256::from(0))
        .op(&[RETURN])
        .0
}

/// Name, code of [`CONTRACT`], code of [`OTHER`], value, gas.
pub type Program = (&'static str, Vec<u8>, Vec<u8>, u64, u64);

/// Programs that between them use every kind of frame, event and ending.
pub fn programs() -> Vec<Program> {
    let returning = Code::default()
        .push(U256::from(1))
        .op(&[SLOAD])
        .push(U256::from(0))
        .op(&[MSTORE])
        .push(U256::from(64))
        .push(U256::from(0))
        .op(&[RETURN])
        .0;
    let writing = Code::default()
        .push(U256::from(9))
        .push(U256::from(1))
        .op(&[SSTORE])
        .push(U256::from(3))
        .push(U256::from(2))
        .op(&[TSTORE]);
    let reverting = writing
        .clone()
        .push(U256::from(32))
        .push(U256::from(0))
        .op(&[REVERT])
        .0;
    let kinds = Code::default()
        .memory(&[7; 70])
        .call(CALL, OTHER, 5, 68, 32)
        .call(CALLCODE, OTHER, 5, 40, 96)
        .call(DELEGATECALL, OTHER, 0, 0, 32)
        .call(STATICCALL, OTHER, 0, 32, 0)
        .op(&[RETURNDATASIZE])
        .push(U256::from(0))
        .push(U256::from(128))
        .op(&[RETURNDATACOPY])
        .push(U256::from(1))
        .op(&[SLOAD, STOP])
        .0;
    let init = deploying(&returning);
    let length = U256::from(init.len());
    let creating = |opcode: u8, value: u64, init: &[u8]| {
        let code = Code::default().memory(init);
        let code = match opcode {
            CREATE2 => code.push(U256::from(77)),
            _ => code,
        };
        code.push(U256::from(init.len()))
            .push(U256::from(0))
            .push(U256::from(value))
            .op(&[opcode])
    };
    let creates = creating(CREATE, 3, &init)
        // Calls what was created.
        .push(U256::from(32))
        .op(&[PUSH0, PUSH0, PUSH0, PUSH0, DUP6, GAS, CALL, POP])
        .op(&creating(CREATE2, 0, &init).0)
        // The same address again: collision.
        .op(&creating(CREATE2, 0, &init).0)
        .op(&[DUP3, EXTCODEHASH, DUP4, EXTCODESIZE])
        .push(length)
        .op(&[PUSH0, PUSH0, DUP6, EXTCODECOPY, STOP])
        .0;
    let bad_init: Vec<Vec<u8>> = vec![
        deploying(&[0xef, 1]),
        Code::default()
            .push(U256::from(25_000))
            .push(U256::from(0))
            .op(&[RETURN])
            .0,
        Code::default()
            .push(U256::from(32))
            .push(U256::from(0))
            .op(&[REVERT])
            .0,
        Code::default().address(SENDER).op(&[SELFDESTRUCT]).0,
        vec![ADDRESS, SELFDESTRUCT],
        vec![INVALID],
        vec![],
    ];
    let fails = bad_init
        .iter()
        .fold(Code::default(), |code, init| {
            code.op(&creating(CREATE, 1, init).0)
                .op(&[POP, RETURNDATASIZE])
        })
        // More wei than there is.
        .op(&creating(CREATE, 1 << 40, &init).0)
        .call(CALL, OTHER, 1 << 40, 0, 0)
        .op(&[STOP])
        .0;
    let precompiles = (1..=10_u64)
        .fold(Code::default().memory(&[9; 320]), |code, index| {
            let address = Address::from_word(B256::from(U256::from(index)));
            code.call(CALL, address, index % 2, 192, 64)
                .op(&[POP, RETURNDATASIZE])
        })
        .op(&[STOP])
        .0;
    let environment = vec![
        ADDRESS,
        ORIGIN,
        CALLER,
        CALLVALUE,
        CALLDATASIZE,
        CODESIZE,
        GASPRICE,
        RETURNDATASIZE,
        COINBASE,
        TIMESTAMP,
        NUMBER,
        PREVRANDAO,
        GASLIMIT,
        CHAINID,
        SELFBALANCE,
        BASEFEE,
        BLOBBASEFEE,
        PC,
        MSIZE,
        GAS,
        CALLER,
        BALANCE,
        PUSH1,
        0,
        BLOBHASH,
        PUSH2,
        1,
        0x2b,
        BLOCKHASH,
        PUSH1,
        3,
        BLOCKHASH,
        PUSH1,
        4,
        CALLDATALOAD,
        PUSH1,
        99,
        CALLDATALOAD,
        PUSH1,
        40,
        PUSH1,
        2,
        PUSH1,
        1,
        CALLDATACOPY,
        PUSH1,
        40,
        PUSH1,
        90,
        PUSH1,
        7,
        CODECOPY,
        PUSH1,
        33,
        PUSH1,
        1,
        PUSH1,
        45,
        MCOPY,
        PUSH1,
        5,
        PUSH1,
        77,
        MSTORE8,
        PUSH1,
        10,
        PUSH1,
        3,
        LOG0,
        PUSH1,
        1,
        PUSH1,
        2,
        PUSH1,
        3,
        PUSH1,
        4,
        PUSH1,
        32,
        PUSH1,
        64,
        LOG4,
        PUSH32,
        1,
    ];
    let storage = writing
        .clone()
        .push(U256::from(2))
        .op(&[TLOAD])
        .push(U256::from(1))
        .op(&[SLOAD])
        // Clears, and takes the refund back.
        .op(&[
            PUSH0, PUSH1, 1, SSTORE, PUSH1, 4, PUSH1, 1, SSTORE, PUSH0, PUSH1, 1, SSTORE,
        ])
        .op(&[PUSH0, PUSH1, 2, TSTORE, PUSH0, PUSH1, 8, SSTORE, STOP])
        .0;
    let nested = Code::default()
        .call(CALL, OTHER, 0, 0, 32)
        .op(&[PUSH1, 1, SLOAD, STOP])
        .0;
    let statically = Code::default()
        .call(STATICCALL, OTHER, 0, 0, 0)
        .op(&[RETURNDATASIZE, PUSH1, 1, ADD, PUSH0, PUSH0, RETURNDATACOPY])
        .0;
    let itself = Code::default().call(CALL, CONTRACT, 0, 0, 0).op(&[STOP]).0;
    vec![
        (
            "kinds of call",
            kinds.clone(),
            returning.clone(),
            0,
            500_000,
        ),
        (
            "with calldata and value",
            kinds,
            reverting.clone(),
            9,
            500_000,
        ),
        ("creations", creates.clone(), vec![], 0, 2_000_000),
        ("creations without gas", creates, vec![], 0, 130_000),
        ("creations that fail", fails, vec![], 0, 9_000_000),
        ("precompiles", precompiles, vec![], 0, 2_000_000),
        ("environment", environment, vec![], 1, 200_000),
        ("storage", storage.clone(), vec![], 0, 200_000),
        (
            "reverted child",
            nested.clone(),
            reverting.clone(),
            0,
            200_000,
        ),
        (
            "child out of gas",
            nested.clone(),
            vec![JUMPDEST, PUSH0, JUMP],
            0,
            100_000,
        ),
        (
            "child destroys itself",
            nested.clone(),
            vec![CALLER, SELFDESTRUCT],
            0,
            100_000,
        ),
        ("static violation", statically, storage.clone(), 0, 200_000),
        ("recursion", itself, vec![], 0, 5_000_000),
        ("reverts", reverting, vec![], 2, 200_000),
        ("out of gas", storage, vec![], 0, 26_000),
        ("stack underflow", vec![PUSH0, ADD], vec![], 0, 100_000),
        (
            "stack overflow",
            vec![JUMPDEST, PUSH0, PUSH0, JUMP],
            vec![],
            0,
            100_000,
        ),
        ("invalid jump", vec![PUSH1, 77, JUMP], vec![], 0, 100_000),
        ("undefined opcode", vec![PUSH0, 0x0c], vec![], 0, 100_000),
        (
            "memory without end",
            vec![PUSH0, NOT, MLOAD],
            vec![],
            0,
            100_000,
        ),
        ("loop", counting_loop(1000), vec![], 0, 1_000_000),
    ]
}
