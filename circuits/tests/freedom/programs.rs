//! A block whose contract runs every opcode that is proved, with operands of many kinds, and calls code that ends in every way.

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, U256, uint};
use braid_circuits::event::BlockEnvironment;
use braid_circuits::event::opcode::*;
use braid_witness::BlockFile;
use braid_witness::block_file::{AllocAccount, Block, Parent};
use braid_witness::sample::{Draft, SampleKey};

const MAIN: Address = Address::repeat_byte(0xc1);

/// What a part of the code is called, and the code.
pub type NamedCode = (&'static str, fn() -> Vec<u8>);

/// Parts of what is run, each a block of its own.
pub const PARTS: &[NamedCode] = &[
    ("computing", computes),
    ("reading", reads),
    ("keeping", keeps),
    ("calling", calls),
];

/// Contracts that end in some way have the addresses from this on.
const ENDS: u64 = 0x5000;
/// A contract that is called in every way, and stores.
const STORES: u64 = 0x6000;
/// An account that nobody has heard of.
const NOBODY: u64 = 0x7000;

/// A signature and the digest that was signed, as ECRECOVER takes them.
const SIGNED: [U256; 4] = [
    uint!(0x456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3_U256),
    uint!(28_U256),
    uint!(0x9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608_U256),
    uint!(0x4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada_U256),
];

fn push(word: U256) -> Vec<u8> {
    let bytes = word.to_be_bytes_trimmed_vec();
    [vec![PUSH0 + bytes.len() as u8], bytes].concat()
}

/// An opcode with these operands, the topmost first.
pub fn with(opcode: u8, operands: &[U256]) -> Vec<u8> {
    let pushed = operands.iter().rev().flat_map(|word| push(*word));
    pushed.chain([opcode]).collect()
}

pub fn small(opcode: u8, operands: &[u64]) -> Vec<u8> {
    let operands: Vec<_> = operands.iter().map(|word| U256::from(*word)).collect();
    with(opcode, &operands)
}

/// The same, whose result is dropped.
fn tried(opcode: u8, operands: &[U256]) -> Vec<u8> {
    [with(opcode, operands), vec![POP]].concat()
}

/// All opcodes that compute, with large and small words, negative ones, zeros and equal ones.
fn computes() -> Vec<u8> {
    let large = uint!(0xfedcba9876543210_0123456789abcdef_0f1e2d3c4b5a6978_8796a5b4c3d2e1f1_U256);
    let other = uint!(0x0000000000000000_00000000deadbeef_cafebabe12345678_9abcdef055aa55aa_U256);
    let (zero, one) = (U256::ZERO, U256::ONE);
    let pairs = [
        (large, other),
        (other, large),
        (U256::MAX, one),
        (zero, other),
        (large, zero),
        (other, other),
    ];
    let two = [
        ADD, MUL, SUB, DIV, SDIV, MOD, SMOD, LT, GT, SLT, SGT, EQ, AND, OR, XOR,
    ];
    let mut code = Vec::new();
    for opcode in two {
        for (a, b) in pairs {
            code.extend(tried(opcode, &[a, b]));
        }
    }
    for opcode in [ISZERO, NOT] {
        for a in [zero, one, large] {
            code.extend(tried(opcode, &[a]));
        }
    }
    for opcode in [ADDMOD, MULMOD] {
        for m in [zero, one, other, large] {
            code.extend(tried(opcode, &[large, U256::MAX - other, m]));
        }
    }
    for (base, exponent) in [(3, 0), (0, 5), (3, 300), (7, 1)] {
        code.extend(tried(EXP, &[U256::from(base), U256::from(exponent)]));
    }
    code.extend(tried(EXP, &[large, other]));
    for opcode in [SHL, SHR, SAR, BYTE, SIGNEXTEND] {
        for by in [0, 1, 5, 16, 31, 33, 255, 256] {
            code.extend(tried(opcode, &[U256::from(by), large]));
        }
        code.extend(tried(opcode, &[large, large]));
        code.extend(tried(opcode, &[U256::from(7), other]));
    }
    code
}

/// Opcodes that read the frame, the block and other accounts.
fn reads() -> Vec<u8> {
    let mut code = Vec::new();
    for opcode in [
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
    ] {
        code.extend([opcode, POP]);
    }
    for address in [ENDS, NOBODY, STORES, 4, NOBODY] {
        for opcode in [BALANCE, EXTCODESIZE, EXTCODEHASH] {
            code.extend([small(opcode, &[address]), vec![POP]].concat());
        }
    }
    for offset in [0, 3, 64, 1 << 20] {
        code.extend([small(CALLDATALOAD, &[offset]), vec![POP]].concat());
    }
    code.extend(tried(CALLDATALOAD, &[U256::MAX]));
    code.extend([small(BLOCKHASH, &[1_000]), vec![POP]].concat());
    code.extend([small(BLOCKHASH, &[2_000]), vec![POP]].concat());
    code.extend([small(BLOBHASH, &[0]), vec![POP]].concat());
    // A jump over what looks like the data of a PUSH.
    let target = code.len() as u64 + 7;
    code.extend(
        [
            &[
                PUSH1 + 1,
                (target >> 8) as u8,
                target as u8,
                JUMP,
                INVALID,
                INVALID,
                INVALID,
            ][..],
            &[JUMPDEST],
        ]
        .concat(),
    );
    code.extend(
        [
            small(JUMPI, &[0, 0]),
            small(DUP1, &[5]),
            vec![SWAP1, POP, POP],
        ]
        .concat(),
    );
    code
}

/// Memory, storage, logs and everything that copies.
fn keeps() -> Vec<u8> {
    let word = uint!(0x0102030405060708_1112131415161718_2122232425262728_3132333435363738_U256);
    let mut code = Vec::new();
    for offset in [0, 33, 66, 127, 160] {
        code.extend(with(MSTORE, &[U256::from(offset), word]));
        code.extend([small(MLOAD, &[offset + 1]), vec![POP]].concat());
    }
    code.extend(small(MSTORE8, &[37, 0x1234]));
    code.extend(small(MCOPY, &[3, 40, 70]));
    code.extend(small(CALLDATACOPY, &[200, 1, 90]));
    code.extend(small(CODECOPY, &[300, 5, 33]));
    code.extend(small(EXTCODECOPY, &[STORES, 340, 2, 64]));
    code.extend(small(CODECOPY, &[300, 1 << 20, 5]));
    code.extend(small(MCOPY, &[0, 0, 0]));
    code.extend([small(KECCAK256, &[0, 0]), vec![POP]].concat());
    code.extend([small(KECCAK256, &[5, 150]), vec![POP]].concat());
    for (slot, value) in [(1, 5), (1, 5), (1, 0), (2, 0), (3, 9), (3, 7), (4, 1)] {
        code.extend(small(SSTORE, &[slot, value]));
        code.extend([small(SLOAD, &[slot]), vec![POP]].concat());
    }
    code.extend(small(TSTORE, &[9, 8]));
    code.extend([small(TLOAD, &[9]), vec![POP]].concat());
    code.extend([small(TLOAD, &[10]), vec![POP]].concat());
    for topics in 0..5u64 {
        let operands: Vec<_> = [3, 40 * topics]
            .into_iter()
            .chain(100..100 + topics)
            .collect();
        code.extend(small(LOG0 + topics as u8, &operands));
    }
    code
}

/// Calls of everything, in all ways.
fn calls() -> Vec<u8> {
    let call = |opcode: u8, gas: u64, to: u64, value: u64, input: [u64; 2], output: [u64; 2]| {
        let valued = matches!(opcode, CALL | CALLCODE).then_some(value);
        let operands: Vec<_> = [gas, to]
            .into_iter()
            .chain(valued)
            .chain(input)
            .chain(output)
            .collect();
        [small(opcode, &operands), vec![POP]].concat()
    };
    let mut code = Vec::new();
    for (index, _) in ends().iter().enumerate() {
        code.extend(call(
            CALL,
            30_000,
            ENDS + index as u64,
            0,
            [0, 4],
            [400, 32],
        ));
        code.extend([RETURNDATASIZE, POP]);
    }
    for opcode in [CALL, CALLCODE, DELEGATECALL, STATICCALL] {
        code.extend(call(opcode, 60_000, STORES, 0, [10, 40], [400, 50]));
        code.extend(small(RETURNDATACOPY, &[420, 0, 0]));
    }
    code.extend(call(CALL, 60_000, STORES, 3, [10, 40], [400, 50]));
    code.extend(call(CALL, 60_000, NOBODY, 1, [0, 0], [0, 0]));
    code.extend(call(CALL, 60_000, NOBODY + 1, 0, [0, 0], [0, 0]));
    code.extend(call(CALL, 60_000, ENDS, 1 << 60, [0, 0], [0, 0]));
    for (place, word) in (0..).zip(SIGNED) {
        code.extend(with(MSTORE, &[U256::from(32 * place), word]));
    }
    code.extend(call(CALL, 50_000, 1, 0, [0, 128], [128, 32]));
    code.extend(call(STATICCALL, 50_000, 1, 0, [0, 96], [128, 32]));
    code.extend(call(STATICCALL, 100, 1, 0, [0, 128], [128, 32]));
    code.extend(call(CALL, 50_000, 4, 0, [3, 70], [160, 60]));
    code.extend(small(RETURNDATACOPY, &[420, 5, 40]));
    code.extend(call(STATICCALL, 2, 4, 0, [3, 70], [160, 60]));
    code
}

/// Codes that end in some way each.
fn ends() -> Vec<Vec<u8>> {
    vec![
        vec![STOP],
        vec![],
        vec![INVALID],
        vec![ADD],
        small(JUMP, &[1]),
        small(MLOAD, &[1 << 40]),
        small(MLOAD, &[1 << 20]),
        [small(MSTORE, &[0, 77]), small(REVERT, &[3, 40])].concat(),
        [small(MSTORE, &[0, 77]), small(RETURN, &[3, 40])].concat(),
        small(RETURNDATACOPY, &[0, 0, 1]),
        // What it does is undone.
        [
            small(SSTORE, &[1, 1]),
            small(LOG1, &[0, 10, 5]),
            small(TSTORE, &[1, 2]),
            small(SSTORE, &[2, 1]),
            small(REVERT, &[0, 0]),
        ]
        .concat(),
        [
            small(SSTORE, &[1, 1]),
            small(SSTORE, &[1, 0]),
            vec![INVALID],
        ]
        .concat(),
        // A STOP at the end that is not there, after a PUSH that lacks data.
        vec![PUSH1 + 3, 1],
    ]
}

fn stores() -> Vec<u8> {
    [
        small(SLOAD, &[1]),
        vec![CALLVALUE, ADD, CALLER, POP],
        small(CALLDATALOAD, &[3]),
        vec![ADD],
        push(U256::from(1)),
        vec![SSTORE],
        small(CALLDATACOPY, &[0, 0, 50]),
        small(LOG2, &[0, 50, 7, 8]),
        small(RETURN, &[0, 45]),
    ]
    .concat()
}

/// A block whose transactions call this code, and others.
pub fn file(code: Vec<u8>) -> BlockFile {
    let key = SampleKey::new(1, 1).expect("a key");
    let account = |code: Vec<u8>| AllocAccount {
        balance: U256::from(1_000),
        nonce: 1,
        code: code.into(),
        ..AllocAccount::default()
    };
    let at = |number: u64| Address::from_word(B256::from(U256::from(number)));
    let mut file = BlockFile {
        chain_id: 1,
        parent: Parent {
            number: 1_000,
            timestamp: 5,
            block_hash: B256::repeat_byte(0xbb),
        },
        ..BlockFile::default()
    };
    let sender = AllocAccount {
        balance: U256::from(u128::MAX / 4),
        ..account(Vec::new())
    };
    let main = AllocAccount {
        storage: [
            (U256::from(2), U256::from(6)),
            (U256::from(3), U256::from(9)),
        ]
        .into(),
        ..account(code)
    };
    file.alloc = [
        (key.address(), sender),
        (MAIN, main),
        (at(STORES), account(stores())),
    ]
    .into();
    for (number, code) in (ENDS..).zip(ends()) {
        file.alloc.insert(at(number), account(code));
    }
    let listed = AccessListItem {
        address: at(STORES),
        storage_keys: vec![B256::from(U256::from(1)), B256::from(U256::from(2))],
    };
    let drafts = [
        Draft {
            to: Some(MAIN),
            value: U256::from(12),
            gas_limit: 4_000_000,
            data: (0..77).collect::<Vec<u8>>().into(),
            access_list: AccessList(vec![listed]),
            ..Draft::default()
        },
        Draft {
            to: Some(at(STORES)),
            gas_limit: 100_000,
            ..Draft::default()
        },
        Draft {
            to: Some(at(ENDS + 2)),
            gas_limit: 50_000,
            ..Draft::default()
        },
        Draft {
            to: Some(at(NOBODY)),
            value: U256::from(1),
            gas_limit: 50_000,
            ..Draft::default()
        },
    ];
    let transactions = (1..).zip(drafts).map(|(nonce, draft)| {
        let draft = Draft { nonce, ..draft };
        draft.sign(&key).expect("a signature")
    });
    file.blocks.push(Block {
        environment: BlockEnvironment {
            number: 1_001,
            timestamp: 6,
            coinbase: Address::repeat_byte(0xcb),
            gas_limit: 30_000_000,
            base_fee: U256::from(7),
            ..BlockEnvironment::default()
        },
        transactions: transactions.collect(),
        ..Block::default()
    });
    file
}
