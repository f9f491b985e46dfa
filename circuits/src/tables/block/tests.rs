use alloy_primitives::{B256, U256, address, keccak256};
use braid_stark::check::{check_table, interactions_of};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::chunk::logged;
use super::{BlockColumns, BlockTable, Logged, Progress, generate};
use crate::bus::tag;
use crate::chunk::Claims;
use crate::event::{BlockEnvironment, Checkpoint, ChunkEvents, ParentHashEvent, Rules, TreePath};
use crate::statement::CheckpointLimbs;
use crate::tables::log::{Log, LogColumns};
use crate::tables::log_chain::{LogChain, LogChainColumns};

/// An element whose high limb is full: the canonical one of the two splits must be taken.
const FULL_HIGH_LIMB: u64 = 0xffff_ffff_0000_0000;

fn environment() -> BlockEnvironment {
    BlockEnvironment {
        number: 6,
        timestamp: 1_005,
        coinbase: address!("2adc25665018aa1fe0e6bc666dac8fc2697ff9ba"),
        gas_limit: 30_000_000,
        base_fee: U256::from(7),
        prev_randao: B256::repeat_byte(0xab),
        blob_base_fee: U256::from(11),
    }
}

fn closed() -> Checkpoint {
    let block = BlockEnvironment {
        number: 5,
        timestamp: 1_000,
        ..Default::default()
    };
    Checkpoint {
        state_root: [1, 2, 3, 4],
        block_hash: B256::repeat_byte(1),
        block,
        ..Default::default()
    }
}

/// A block that ran two transactions.
fn open() -> Checkpoint {
    Checkpoint {
        block: environment(),
        open: true,
        tx_count: 2,
        gas_used: 42_000,
        tx_chain: B256::repeat_byte(8),
        log_chain: [9, FULL_HIGH_LIMB - 1, 10, 11],
        ..closed()
    }
}

/// What chunks log in which a block is open: the chain has an element whose high limb is full.
const LOGGED: Logged = Logged {
    count: 3,
    timestamp: 77,
    chain: [12, 13, FULL_HIGH_LIMB, 14],
};

/// The header's hash as `docs/statement.md` defines it.
fn header_hash(before: &Checkpoint, state_root: [u64; 4]) -> B256 {
    let block = &before.block;
    let number = |n: u64| U256::from(n).to_be_bytes();
    let digest = |elements: [u64; 4]| -> [u8; 32] {
        let bytes = elements.map(u64::to_be_bytes).concat();
        bytes.try_into().unwrap()
    };
    let words: [[u8; 32]; 12] = [
        before.block_hash.0,
        number(block.number),
        number(block.timestamp),
        block.coinbase.into_word().0,
        number(block.gas_limit),
        block.base_fee.to_be_bytes(),
        block.prev_randao.0,
        block.blob_base_fee.to_be_bytes(),
        before.tx_chain.0,
        digest(before.log_chain),
        number(before.gas_used),
        digest(state_root),
    ];
    keccak256(words.concat())
}

/// A leaf whose place the parent's hash takes.
pub(super) fn parent_hash() -> ParentHashEvent {
    ParentHashEvent {
        before: [21, 22, 23, 24],
        path: TreePath {
            siblings: Vec::new(),
            neighbour: None,
            sibling_children: None,
        },
    }
}

fn chunk(start: Checkpoint, opens: Option<BlockEnvironment>, seals: bool) -> ChunkEvents {
    let mut end = Checkpoint {
        state_root: [FULL_HIGH_LIMB, 5, 6, 7],
        ..start
    };
    if let Some(block) = opens {
        end.block = block;
        end.open = true;
    }
    if end.open {
        end.log_chain = LOGGED.chain;
    }
    if seals {
        let block_hash = header_hash(&end, end.state_root);
        let BlockEnvironment {
            number, timestamp, ..
        } = end.block;
        let block = BlockEnvironment {
            number,
            timestamp,
            ..Default::default()
        };
        end = Checkpoint {
            state_root: end.state_root,
            block_hash,
            block,
            ..Default::default()
        };
    }
    ChunkEvents {
        chain_id: 1,
        rules: Rules::Osaka,
        start,
        opens,
        parent_hash: opens.map(|_| parent_hash()),
        transactions: Vec::new(),
        executions: Vec::new(),
        codes: Vec::new(),
        accounts: Vec::new(),
        slots: Vec::new(),
        block_hashes: Vec::new(),
        seals,
        end,
    }
}

/// Every kind of chunk that there is.
pub(super) fn chunks() -> [ChunkEvents; 5] {
    [
        chunk(closed(), None, false),
        chunk(closed(), Some(environment()), false),
        chunk(closed(), Some(environment()), true),
        chunk(open(), None, false),
        chunk(open(), None, true),
    ]
}

pub(super) fn filled(chunk: &ChunkEvents) -> Trace {
    let logged = match chunk.start.open || chunk.opens.is_some() {
        true => LOGGED,
        false => Logged::default(),
    };
    let mut trace = generate(chunk, &Progress::first(&chunk.start), &logged, [0; 8]);
    BlockTable.pad(&mut trace, 4);
    trace
}

#[test]
fn degrees_are_supported() {
    assert_eq!(SymbolicTable::of(&BlockTable).excessive_degrees(), vec![]);
}

#[test]
fn every_kind_of_chunk_ends_where_it_should() {
    for chunk in chunks() {
        let trace = filled(&chunk);
        assert_eq!(check_table(&BlockTable, &trace), vec![]);
        let end = CheckpointLimbs::from(&chunk.end).to_array();
        let spoken = interactions_of(&BlockTable, &trace);
        assert!(spoken.iter().all(|(row, _)| *row == 0));
        let ends: Vec<_> = spoken
            .iter()
            .filter(|(_, i)| i.message.tag == tag::ChunkEnd)
            .collect();
        assert_eq!(ends.len(), 1);
        assert_eq!(ends[0].1.message.payload, end);
    }
}

#[test]
fn the_header_is_hashed_word_for_word() {
    let chunk = chunk(open(), None, true);
    let mut bytes = vec![0; 384];
    let mut digests = 0;
    for (_, interaction) in interactions_of(&BlockTable, &filled(&chunk)) {
        let payload: Vec<_> = interaction
            .message
            .payload
            .iter()
            .map(|x| x.to_canonical_u64())
            .collect();
        if interaction.message.tag == tag::HashLimb {
            let position = payload[2] as usize;
            let limb = u32::try_from(payload[3]).unwrap();
            bytes[position..position + 4].copy_from_slice(&limb.to_be_bytes());
        } else if interaction.message.tag == tag::Digest {
            digests += 1;
            assert_eq!(payload[2], 384);
        }
    }
    assert_eq!(digests, 1);
    assert_eq!(keccak256(&bytes), chunk.end.block_hash);
}

#[test]
fn every_column_is_bound() {
    let ignored = [tag::U16, tag::U8];
    let unnoticed =
        chunks().map(|chunk| unnoticed_columns(&BlockTable, &filled(&chunk), &[0], &ignored));
    for columns in unnoticed {
        assert_eq!(columns, Vec::<String>::new());
    }
}

pub(super) fn assert_forgery(
    chunk: &ChunkEvents,
    label: &str,
    forge: impl Fn(&mut BlockColumns<Felt>),
) {
    let mut trace = filled(chunk);
    forge(BlockColumns::from_slice_mut(trace.row_mut(0)));
    let violations = check_table(&BlockTable, &trace);
    assert!(
        violations.iter().any(|v| v.label == label),
        "{label}: {violations:?}"
    );
}

#[test]
fn forged_chunks_fail() {
    let [idle, opening, whole, running, sealing] = chunks();
    assert_forgery(&running, "block/active once", |row| row.opens = Felt::ONE);
    assert_forgery(&idle, "block/seals what is open", |row| {
        row.seals = Felt::ONE
    });
    assert_forgery(&idle, "block/closed runs nothing", |row| {
        row.transactions = Felt::ONE
    });
    assert_forgery(&idle, "block/closed runs nothing", |row| {
        row.gas_used[0] = Felt::ONE
    });
    assert_forgery(&running, "block/environment kept", |row| {
        row.block.base_fee[0] -= Felt::ONE
    });
    assert_forgery(&running, "block/environment kept", |row| {
        row.block.timestamp[0] += Felt::ONE
    });
    assert_forgery(&running, "block/closed is zero", |row| {
        row.is_open = Felt::ZERO
    });
    assert_forgery(&idle, "block/open has gas", |row| row.is_open = Felt::ONE);
    assert_forgery(&opening, "block/hash kept", |row| {
        row.block_hash[0] += Felt::ONE
    });
    assert_forgery(&opening, "block/open has gas", |row| {
        row.block.gas_limit = [Felt::ZERO; 2]
    });
    assert_forgery(&whole, "block/state root limbs", |row| {
        row.state_root[1] += Felt::ONE
    });
    assert_forgery(&sealing, "block/state root limbs unused", |row| {
        row.seals = Felt::ZERO
    });
    assert_forgery(&running, "block/nothing suspended", |row| {
        row.start.suspended[2] = Felt::ONE
    });
    assert_forgery(&idle, "block/used", |row| row.used = Felt::TWO);
    assert_forgery(&idle, "block/closed logs nothing", |row| {
        row.logs = Felt::ONE
    });
    assert_forgery(&idle, "block/closed logs nothing", |row| {
        row.logged = Felt::ONE
    });
    assert_forgery(&idle, "block/closed logs nothing", |row| {
        row.log_chain[3] = Felt::ONE
    });
    assert_forgery(&whole, "block/log chain limbs", |row| {
        row.log_chain[2] += Felt::ONE
    });
    assert_forgery(&sealing, "block/log chain limbs unused", |row| {
        row.seals = Felt::ZERO
    });
}

/// What the row says of logs: kind, count and whether it sends.
fn said_of_logs(chunk: &ChunkEvents) -> Vec<(&'static str, Vec<u64>, bool)> {
    let said = interactions_of(&BlockTable, &filled(chunk)).into_iter();
    let said = said.map(|(_, said)| said);
    let said = said.filter(|said| [tag::LogCount, tag::LogChain].contains(&said.message.tag));
    let numbers = |payload: Vec<Felt>| payload.into_iter().map(|x| x.to_canonical_u64());
    said.map(|said| {
        let sends = said.multiplicity == Felt::ONE;
        assert!(sends || said.multiplicity == Felt::NEG_ONE);
        let payload = numbers(said.message.payload).collect();
        (said.message.tag.name, payload, sends)
    })
    .collect()
}

#[test]
fn logs_go_from_the_start_to_the_end() {
    let [idle, opening, _, running, _] = chunks();
    assert_eq!(said_of_logs(&idle), vec![]);
    for chunk in [opening, running] {
        let first = [&[0][..], &chunk.start.log_chain].concat();
        let last = [&[LOGGED.count][..], &LOGGED.chain].concat();
        let expected = vec![
            ("LogCount", vec![0, 0], true),
            ("LogCount", vec![LOGGED.count, LOGGED.timestamp], false),
            ("LogChain", first, true),
            ("LogChain", last, false),
        ];
        assert_eq!(said_of_logs(&chunk), expected);
    }
}

#[test]
fn values_are_those_of_the_header_as_often_as_they_are_asked_for() {
    let chunk = chunk(open(), None, true);
    let asked = [1, 2, 3, 4, 5, 6, 7, 8];
    let mut trace = generate(
        &chunk,
        &Progress::first(&chunk.start),
        &Logged::default(),
        asked,
    );
    BlockTable.pad(&mut trace, 4);
    let said = interactions_of(&BlockTable, &trace).into_iter();
    let said = said.filter(|(_, said)| said.message.tag == tag::BlockValue);
    let said = said.map(|(_, said)| {
        let limbs = said.message.payload[1..].iter().rev();
        let value = limbs.fold(U256::ZERO, |value, limb| {
            (value << 32) + U256::from(limb.to_canonical_u64())
        });
        let opcode = said.message.payload[0].to_canonical_u64() as u8;
        (opcode, value, -said.multiplicity)
    });
    let block = environment();
    let values = [
        U256::from_be_bytes(block.coinbase.into_word().0),
        U256::from(1_005),
        U256::from(6),
        U256::from_be_bytes([0xab; 32]),
        U256::from(30_000_000),
        U256::from(1),
        U256::from(7),
        U256::from(11),
    ];
    let expected = super::BLOCK_VALUES.into_iter().zip(values).zip(asked);
    let expected =
        expected.map(|((opcode, value), count)| (opcode, value, Felt::from_canonical_u64(count)));
    assert_eq!(Vec::from_iter(said), Vec::from_iter(expected));
    let mut forged = trace.clone();
    let row: &mut BlockColumns<Felt> = BlockColumns::from_slice_mut(forged.row_mut(1));
    row.values_asked[2] = Felt::ONE;
    let row: &mut BlockColumns<Felt> = BlockColumns::from_slice_mut(forged.row_mut(2));
    row.rules_asked = Felt::ONE;
    let violations = check_table(&BlockTable, &forged);
    assert_eq!(violations.len(), 2);
    assert!(violations.iter().all(|found| found.label == "block/asked"));
}

#[test]
fn the_other_split_of_a_state_root_fails() {
    let [.., sealing] = chunks();
    // 0 is also p = (2^32 - 1) * 2^32 + 1.
    let zero = ChunkEvents {
        end: Checkpoint {
            state_root: [0; 4],
            ..sealing.end
        },
        ..sealing
    };
    let forge = |row: &mut BlockColumns<Felt>, claims_full: bool| {
        let split = &mut row.state_root_limbs[2];
        split.limbs = [Felt::ONE, Felt::from_canonical_u32(u32::MAX)];
        split.high_is_full = Felt::from_bool(claims_full);
        split.inverse = Felt::ZERO;
    };
    assert_forgery(&zero, "block/state root limbs", |row| forge(row, true));
    assert_forgery(&zero, "block/state root limbs", |row| forge(row, false));
    // The same of the log chain.
    let forge = |row: &mut BlockColumns<Felt>, claims_full: bool| {
        let split = &mut row.log_chain_limbs[0];
        (row.log_chain[0], split.inverse) = (Felt::ZERO, Felt::ZERO);
        split.limbs = [Felt::ONE, Felt::from_canonical_u32(u32::MAX)];
        split.high_is_full = Felt::from_bool(claims_full);
    };
    assert_forgery(&zero, "block/log chain limbs", |row| forge(row, true));
    assert_forgery(&zero, "block/log chain limbs", |row| forge(row, false));
}

/// Read off what the tables of logs say, in whatever order their rows are.
#[test]
fn filling_takes_the_last_count_and_chain() {
    let start = open();
    let kinds = [tag::LogCount, tag::LogChain];
    let mut claims = Claims::new(kinds);
    let none = Logged {
        chain: start.log_chain,
        ..Logged::default()
    };
    assert_eq!(logged(&claims, &start), none);
    let mut logs = Trace::new(LogColumns::<Felt>::WIDTH);
    for (number, clock) in [(0, 10), (2, 30), (1, 20)] {
        let row: &mut LogColumns<Felt> = logs.push();
        row.survives = Felt::ONE;
        row.number = Felt::from_canonical_u64(number);
        row.at.clock = Felt::from_canonical_u64(clock);
    }
    claims.read(&Log, &logs);
    let mut chains = Trace::new(LogChainColumns::<Felt>::WIDTH);
    for number in [0, 2, 1] {
        let row: &mut LogChainColumns<Felt> = chains.push();
        row.used = Felt::ONE;
        row.number = Felt::from_canonical_u64(number);
        row.topics[3].after = [number, 1, 2, 3].map(Felt::from_canonical_u64);
    }
    claims.read(&LogChain, &chains);
    let expected = Logged {
        count: 3,
        timestamp: 61,
        chain: [2, 1, 2, 3],
    };
    assert_eq!(logged(&claims, &start), expected);
}

#[test]
fn opening_counts_and_does_not_run_back() {
    let [_, opening, ..] = chunks();
    let trace = filled(&opening);
    let claims: Vec<_> = interactions_of(&BlockTable, &trace)
        .into_iter()
        .filter(|(_, i)| i.message.tag == tag::Add)
        .map(|(_, i)| {
            i.message
                .payload
                .iter()
                .map(|x| x.to_canonical_u64())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(claims.len(), 7);
    // number + 1, time + what passed.
    assert_eq!((claims[0][0], claims[0][8], claims[0][16]), (5, 1, 6));
    assert_eq!(
        (claims[1][0], claims[1][8], claims[1][16]),
        (1_000, 5, 1_005)
    );
}
