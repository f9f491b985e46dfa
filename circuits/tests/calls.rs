//! Whole chunks whose transactions run code: all tables, filled from the events that blocks give, by the checker.

mod common;

use alloy_primitives::{Address, U256, uint};
use braid_circuits::event::opcode::*;
use braid_circuits::event::{BlockEnvironment, ChunkEvents};
use braid_circuits::tables::invocation::InvocationColumns;
use braid_circuits::tables::transaction::TransactionColumns;
use braid_stark::Felt;
use braid_witness::block_file::{AllocAccount, Block};
use braid_witness::sample::{Draft, SampleKey};
use braid_witness::workload::{Preset, generate};
use braid_witness::{BlockFile, chunks_of, execute};
use common::Filled;
use plonky2::field::types::Field;

/// The chunks of a file's blocks, of at most so many transactions.
fn chunks(file: &BlockFile, most: usize) -> Vec<ChunkEvents> {
    let executed = execute(file).expect("a provable block");
    chunks_of(&executed, most).expect("chunks")
}

fn assert_passes(chunks: &[ChunkEvents]) {
    for events in chunks {
        let report = Filled::of(events).report();
        assert!(report.is_ok(), "{report}");
    }
}

fn workload(preset: Preset, transactions: usize) -> BlockFile {
    generate(&preset.config(transactions, 7))
        .expect("a workload")
        .file
}

#[test]
fn workloads_pass_in_one_chunk_and_in_several() {
    for preset in Preset::ALL {
        // So many that each kind of transaction is among them.
        let transactions = match preset {
            Preset::Market | Preset::Lending | Preset::Staking | Preset::Options => 9,
            Preset::Game => 14,
            Preset::Defi => 24,
            _ => 5,
        };
        let file = workload(preset, transactions);
        for most in [transactions, transactions.div_ceil(3)] {
            let chunks = chunks(&file, most);
            assert!(!chunks.is_empty());
            assert_passes(&chunks);
        }
    }
}

/// A chunk of token transfers and plain ones.
fn mixed() -> ChunkEvents {
    let mut chunks = chunks(&workload(Preset::Mixed, 6), 6);
    assert_eq!(chunks.len(), 1);
    chunks.remove(0)
}

/// Lets `forge` change the filled tables; `label` must be among what the checker finds.
fn assert_forged(label: &str, forge: impl FnOnce(&mut Filled)) {
    let mut filled = Filled::of(&mixed());
    forge(&mut filled);
    let report = filled.report();
    assert!(report.mentions(label), "expected {label}, found:\n{report}");
}

#[test]
fn forged_chunks_fail() {
    assert_forged("SourceWord", |filled| filled.clear("calldata", 0));
    assert_forged("RefundVersion", |filled| {
        let row: &mut InvocationColumns<Felt> = filled.row("invocation", 0);
        row.refund.counter += Felt::ONE;
    });
    assert_forged("LogChain", |filled| filled.clear("log_chain", 0));
    assert_forged("Invocation", |filled| filled.clear("invocation", 0));
    assert_forged("BlockProgress", |filled| {
        let row: &mut TransactionColumns<Felt> = filled.row("transaction", 0);
        row.next_clock += Felt::ONE;
    });
    assert_forged("TreeUpdate", |filled| filled.clear("storage", 0));
}

const MAIN: Address = Address::repeat_byte(0xc1);
/// Its code is copied and never run.
const OTHER: Address = Address::repeat_byte(0xc2);

fn push(word: U256) -> Vec<u8> {
    let bytes = word.to_be_bytes_trimmed_vec();
    [vec![PUSH0 + bytes.len() as u8], bytes].concat()
}

/// An opcode with these operands, the topmost first.
fn with(opcode: u8, operands: &[U256]) -> Vec<u8> {
    let pushed = operands.iter().rev().flat_map(|word| push(*word));
    pushed.chain([opcode]).collect()
}

fn small(opcode: u8, operands: &[u64]) -> Vec<u8> {
    let operands: Vec<_> = operands.iter().map(|word| U256::from(*word)).collect();
    with(opcode, &operands)
}

/// A signature and who made it.
const SIGNED: [U256; 4] = [
    uint!(0x456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3_U256),
    uint!(28_U256),
    uint!(0x9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608_U256),
    uint!(0x4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada_U256),
];
const SIGNER: U256 = uint!(0x7156526fbd7a3c72969b54f64e42c10fbb768c8a_U256);

/// Two calls of a contract that looks at a signature, at what is none, copies by the identity, and hashes code that never runs. It stores what it finds.
fn precompiles(gas_limit: u64) -> BlockFile {
    let store = |word: U256, place: u64| with(MSTORE, &[U256::from(place), word]);
    let signature: Vec<u8> = (0..)
        .zip(SIGNED)
        .flat_map(|(place, word)| store(word, 32 * place))
        .collect();
    let call = |number: u64, length: u64, output: u64| {
        let operands = [50_000, number, 0, 0, length, output, 32];
        [small(CALL, &operands), vec![POP]].concat()
    };
    let keep = |slot: u64, opcode: u8, operands: &[u64]| {
        [
            small(opcode, operands),
            push(U256::from(slot)),
            vec![SSTORE],
        ]
        .concat()
    };
    let code = [
        signature,
        call(1, 128, 128),
        keep(1, MLOAD, &[128]),
        // Without its last byte the signature is another's; without s it is none.
        call(1, 127, 128),
        call(1, 96, 128),
        call(4, 128, 160),
        keep(2, MLOAD, &[160]),
        with(
            EXTCODECOPY,
            &[
                U256::from_be_bytes(OTHER.into_word().0),
                U256::from(5),
                U256::from(1),
                U256::from(50),
            ],
        ),
        keep(3, KECCAK256, &[0, 64]),
    ];
    let key = SampleKey::new(1, 1).expect("a key");
    let account = |code: Vec<u8>| AllocAccount {
        balance: U256::from(u128::MAX / 4),
        nonce: 1,
        code: code.into(),
        ..AllocAccount::default()
    };
    let mut file = BlockFile {
        chain_id: 1,
        ..BlockFile::default()
    };
    file.alloc.insert(key.address(), account(Vec::new()));
    file.alloc.insert(MAIN, account(code.concat()));
    file.alloc.insert(OTHER, account((1..=60).collect()));
    let transactions = (1..3).map(|nonce| {
        let draft = Draft {
            to: Some(MAIN),
            gas_limit,
            nonce,
            ..Draft::default()
        };
        draft.sign(&key).expect("a signature")
    });
    file.blocks.push(Block {
        environment: BlockEnvironment {
            number: 1,
            timestamp: 1,
            coinbase: Address::repeat_byte(0xcb),
            gas_limit: 2 * gas_limit,
            base_fee: U256::from(7),
            ..BlockEnvironment::default()
        },
        transactions: transactions.collect(),
        ..Block::default()
    });
    file
}

/// The tables of signatures take those that code looks at after those of transactions.
#[test]
fn signatures_and_code_that_contracts_look_at() {
    let file = precompiles(400_000);
    for most in [2, 1] {
        let chunks = chunks(&file, most);
        assert_eq!(chunks.len(), 2 / most);
        for events in &chunks {
            let found = events.slots.iter().map(|slot| slot.after);
            let found: Vec<_> = found.collect();
            assert_eq!(found[..2], [SIGNER, SIGNED[0]]);
            assert_eq!(events.codes.len(), 2);
        }
        assert_passes(&chunks);
    }
    let [events] = chunks(&file, 2).try_into().expect("a chunk");
    for (label, table, row) in [
        ("Precompile", "ecrecover", 0),
        ("Precompile", "identity", 1),
        ("Step", "external_code", 0),
        // Rows of ecdsa are those of two transactions, and then those of the calls.
        ("Recover", "ecdsa", 2),
        ("Recover", "ecdsa", 3),
    ] {
        let mut filled = Filled::of(&events);
        filled.clear(table, row);
        let report = filled.report();
        assert!(report.mentions(label), "expected {label}, found:\n{report}");
    }
}

/// Gas limits that Ethereum's tests have, and the largest.
#[test]
fn transactions_with_much_gas_pass() {
    for gas_limit in [1 << 44, 1 << 52, (1 << 63) - 1] {
        assert_passes(&chunks(&precompiles(gas_limit), 2));
    }
}
