//! Whole chunks whose code asks for hashes of earlier blocks: all tables, by the checker.

mod common;

use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::opcode::*;
use braid_circuits::event::{BlockEnvironment, ChunkEvents};
use braid_circuits::hash_leaf::{LeafKey, LeafValue};
use braid_circuits::state_hash::block_hash_key;
use braid_circuits::tables::block::BlockColumns;
use braid_circuits::tables::block_hash::BlockHashColumns;
use braid_circuits::tables::tree::TreeColumns;
use braid_circuits::word::hash_word;
use braid_stark::Felt;
use braid_witness::block_file::{AllocAccount, Block, Parent};
use braid_witness::provable::execute_in_memory;
use braid_witness::sample::{Draft, SampleKey};
use braid_witness::{BlockFile, chunks_of};
use common::Filled;
use plonky2::field::types::Field;

const CONTRACT: Address = Address::repeat_byte(0xc1);

/// The block behind which the chain begins.
const FIRST: u64 = 1_000;

fn given(number: u64) -> B256 {
    B256::from(U256::from(number) << 100)
}

/// `for each word of calldata: storage[word] = blockhash(word)`, of two words.
fn code() -> Vec<u8> {
    let one = |offset: u8| {
        let load = [PUSH1, offset, CALLDATALOAD];
        [&load[..], &[BLOCKHASH], &load[..], &[SSTORE]].concat()
    };
    [one(0), one(32)].concat()
}

/// What each block asks for: transactions with two numbers each.
fn asked() -> Vec<Vec<[U256; 2]>> {
    let number = U256::from;
    vec![
        // The parent, the open block; one that is given, the parent again; one that is none, and one that was given and whose leaf the parent has.
        vec![
            [number(FIRST), number(FIRST + 1)],
            [number(FIRST - 3), number(FIRST)],
            [U256::MAX, number(FIRST - 256)],
        ],
        vec![],
        // The blocks before, the oldest whose leaf has been overwritten by now, and one of the same leaf.
        vec![
            [number(FIRST + 1), number(FIRST + 2)],
            [number(FIRST - 254), number(FIRST + 2)],
            [number(FIRST + 2 + (1 << 40)), number(FIRST + 3)],
        ],
    ]
}

fn file() -> BlockFile {
    let key = SampleKey::new(1, 1).expect("a key");
    let mut file = BlockFile {
        chain_id: 1,
        parent: Parent {
            number: FIRST,
            timestamp: 5,
            block_hash: given(FIRST),
        },
        ..BlockFile::default()
    };
    let sender = AllocAccount {
        balance: U256::from(u128::MAX),
        ..AllocAccount::default()
    };
    let contract = AllocAccount {
        nonce: 1,
        code: code().into(),
        ..AllocAccount::default()
    };
    file.alloc = [(key.address(), sender), (CONTRACT, contract)].into();
    let mut nonce = 0;
    for (number, asked) in (FIRST + 1..).zip(asked()) {
        let transactions = asked.iter().map(|words| {
            let draft = Draft {
                nonce,
                to: Some(CONTRACT),
                gas_limit: 100_000,
                data: words.map(|word| word.to_be_bytes::<32>()).concat().into(),
                ..Draft::default()
            };
            nonce += 1;
            draft.sign(&key).expect("a signature")
        });
        file.blocks.push(Block {
            environment: BlockEnvironment {
                number,
                timestamp: number,
                gas_limit: 1_000_000,
                base_fee: U256::from(7),
                ..BlockEnvironment::default()
            },
            transactions: transactions.collect(),
            ..Block::default()
        });
    }
    let known = [256, 254, 3, 1].map(|back| (FIRST - back, given(FIRST - back)));
    file.blocks[0].older_hashes = known.into();
    file
}

fn chunks(most: usize) -> Vec<ChunkEvents> {
    let (executed, _) = execute_in_memory(&file()).expect("provable blocks");
    chunks_of(&executed, most).expect("chunks")
}

/// What the contract stored is what the hashes are by the rule of the Yellow Paper; of each chunk all tables balance, however blocks are cut.
#[test]
fn hashes_are_told_in_whole_blocks_and_in_parts() {
    let (executed, after) = execute_in_memory(&file()).expect("provable blocks");
    let mut sealed: Vec<_> = [256, 254, 3, 1]
        .map(|back| (FIRST - back, given(FIRST - back)))
        .into();
    sealed.push((FIRST, given(FIRST)));
    let mut expected = std::collections::BTreeMap::new();
    for (block, asked) in executed.blocks.iter().zip(asked()) {
        let number = block.environment.number;
        for word in asked.into_iter().flatten() {
            let earlier = sealed.iter().filter(|(known, _)| number - known <= 256);
            let mut found = earlier.filter(|(known, _)| U256::from(*known) == word);
            let hash = found.next().map_or(B256::ZERO, |(_, hash)| *hash);
            expected.insert(word, U256::from_be_bytes(hash.0));
        }
        sealed.push((number, block.end.block_hash));
    }
    expected.retain(|_, value| !value.is_zero());
    assert_eq!(expected.len(), 4);
    let accounts = after.state().accounts();
    let stored = accounts.filter(|(address, _)| **address == CONTRACT);
    let stored: std::collections::BTreeMap<_, _> = stored
        .flat_map(|(_, account)| account.storage.clone())
        .collect();
    assert_eq!(stored, expected);
    for most in [3, 1] {
        let chunks = chunks(most);
        assert_eq!(chunks.len(), if most == 3 { 3 } else { 7 });
        for events in &chunks {
            let report = Filled::of(events).report();
            assert!(report.is_ok(), "{report}");
        }
        let last = chunks.last().map(|chunk| chunk.end.state_root);
        assert_eq!(last, Some(after.tree().root()));
    }
}

/// Lets `forge` change the filled tables of a chunk; `label` must be among what the checker finds.
fn assert_forged(events: &ChunkEvents, label: &str, forge: impl FnOnce(&mut Filled)) {
    let mut filled = Filled::of(events);
    forge(&mut filled);
    let report = filled.report();
    assert!(report.mentions(label), "expected {label}, found:\n{report}");
}

fn tree_rows(filled: &Filled) -> usize {
    filled.used[filled.system.position("tree").expect("a table")]
}

#[test]
fn forged_chunks_fail() {
    let chunks = chunks(3);
    let third = &chunks[2];
    // A leaf is read before opening has written it: a second update 0, for which there is no root.
    for table in ["TreeUpdate", "StateRoot"] {
        assert_forged(third, table, |filled| {
            let row: &mut BlockHashColumns<Felt> = filled.row("block_hash", 0);
            let step = row.step;
            row.step = Felt::ZERO;
            if table == "StateRoot" {
                for index in 0..tree_rows(filled) {
                    let row: &mut TreeColumns<Felt> = filled.row("tree", index);
                    if row.step == step {
                        row.step = Felt::ZERO;
                    }
                }
            }
        });
    }
    // Opening writes no leaf, or writes it twice.
    assert_forged(third, "TreeUpdate", |filled| {
        for index in 0..tree_rows(filled) {
            let row: &mut TreeColumns<Felt> = filled.row("tree", index);
            if row.step == Felt::ZERO {
                filled.clear("tree", index);
            }
        }
    });
    assert_forged(third, "TreeUpdate", |filled| {
        let rows = tree_rows(filled);
        let end = (0..rows).find(|index| {
            let row: &mut TreeColumns<Felt> = filled.row("tree", *index);
            row.end == Felt::ONE
        });
        let end: TreeColumns<Felt> = *filled.row("tree", end.expect("a row"));
        *filled.row("tree", rows) = end;
    });
    // It writes the hash of the open block's number, another hash, or under another number.
    let number = third.start.block.number;
    assert_forged(third, "block/parent index", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.parent_key = LeafKey::of(number + 1);
    });
    assert_forged(third, "Poseidon", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.parent_key.key = block_hash_key(number + 1).map(Felt::from_noncanonical_u64);
    });
    assert_forged(third, "Poseidon", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.parent_after = LeafValue::of(&braid_circuits::event::NumberedHash {
            number,
            hash: third.end.block_hash,
        });
    });
    // A chunk that starts inside a block writes none.
    let inside = self::chunks(1).remove(1);
    assert!(inside.opens.is_none());
    assert_forged(&inside, "block/parent unused", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.parent_after.value[0] = Felt::ONE;
    });
    // The hash of the block that is open, as it will be sealed: nothing in the tree has it.
    let open = third
        .block_hashes
        .iter()
        .position(|it| it.asked == U256::from(number + 1));
    let open = open.expect("a number that is asked for");
    assert_forged(third, "block_hash/same number", |filled| {
        let row: &mut BlockHashColumns<Felt> = filled.row("block_hash", open);
        row.hash = hash_word(third.end.block_hash);
        (row.same, row.inverse) = (Felt::ONE, Felt::ZERO);
        row.differs = Default::default();
    });
    // What code gets is what the table says.
    assert_forged(third, "Compute", |filled| {
        let row: &mut BlockHashColumns<Felt> = filled.row("block_hash", open);
        row.count = Felt::ZERO;
    });
}
