//! From block files to chunks: outcomes against plain arithmetic, checkpoints, refusals.

mod all_refusals;
mod collisions;
mod context;
mod files;
mod refusals;
mod rules;
mod set_code;
#[path = "../support/mod.rs"]
mod support;
mod unprovable;

use std::collections::BTreeMap;

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, Log, U256, U512, keccak256};
use braid_circuits::bus::tag;
use braid_circuits::chunk::Demand;
use braid_circuits::event::{Account, Checkpoint, ChunkEvents, NumberedHash};
use braid_circuits::state_hash::logs::{log_chain, log_data};
use braid_circuits::state_hash::{
    EMPTY, account_key, account_value, block_hash_key, block_hash_value,
};
use braid_circuits::{registry, shapes};
use braid_witness::block_file::{AllocAccount, Block};
use braid_witness::chain::{Chain, MemoryChain};
use braid_witness::error::{BlockFault, NotProvable, TransactionFault, Unprovable};
use braid_witness::execution::blocks::advance;
use braid_witness::execution::seal::block_hash;
use braid_witness::execution::{Settings, execute_file};
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleConfig, SampleKey, sample};
use braid_witness::signature::CURVE_ORDER;
use braid_witness::transaction::SignedTransaction;
use braid_witness::transaction::TransactionKind;
use braid_witness::tree::root_of_path;
use braid_witness::{BlockFile, Error, ErrorKind, chunks, chunks_of, execute};
use support::fitting;

fn key() -> SampleKey {
    SampleKey::new(9, 0).unwrap()
}

fn file(transactions: Vec<Bytes>) -> BlockFile {
    let mut file = sample(&SampleConfig::new(9, 0)).unwrap();
    file.blocks[0].transactions = transactions;
    file
}

fn draft() -> Draft {
    Draft {
        chain_id: SAMPLE_CHAIN_ID,
        to: Some(Address::repeat_byte(0x77)),
        ..Draft::default()
    }
}

fn samples() -> Vec<BlockFile> {
    let configs = [
        SampleConfig::new(1, 24),
        SampleConfig {
            blocks: 3,
            ..SampleConfig::new(2, 50)
        },
        SampleConfig {
            blocks: 4,
            ..SampleConfig::new(3, 2)
        },
        SampleConfig {
            senders: 1,
            calldata: 500,
            ..SampleConfig::new(4, 30)
        },
    ];
    configs
        .iter()
        .map(|config| sample(config).unwrap())
        .collect()
}

#[test]
fn samples_have_every_kind() {
    let executed = execute(
        &sample(&SampleConfig {
            blocks: 2,
            ..SampleConfig::new(1, 60)
        })
        .unwrap(),
    )
    .unwrap();
    let mut kinds = BTreeMap::new();
    let (mut data, mut listed, mut zero, mut own, mut to_coinbase, mut from_coinbase) =
        (0, 0, 0, 0, 0, 0);
    let mut new = 0;
    for block in &executed.blocks {
        for transaction in &block.transactions {
            let event = &transaction.event;
            *kinds.entry(format!("{:?}", event.kind)).or_insert(0) += 1;
            data += usize::from(!event.data.is_empty());
            listed += usize::from(event.access_keys() > 0);
            zero += usize::from(event.value.is_zero());
            own += usize::from(event.to == event.sender);
            to_coinbase += usize::from(event.to == block.environment.coinbase);
            from_coinbase += usize::from(event.sender == block.environment.coinbase);
            new += usize::from(
                transaction
                    .accounts
                    .iter()
                    .any(|a| a.before.is_none() && a.address == event.to),
            );
        }
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    for count in [data, listed, zero, own, to_coinbase, from_coinbase, new] {
        assert!(count > 0);
    }
}

#[test]
fn files_survive_the_round_trip() {
    for file in samples() {
        let json = file.to_json();
        assert_eq!(BlockFile::from_json(json.as_bytes()).unwrap(), file);
    }
    // The same seed gives the same file on every machine.
    let json = sample(&SampleConfig {
        blocks: 2,
        ..SampleConfig::new(7, 20)
    })
    .unwrap()
    .to_json();
    assert_eq!(
        keccak256(json).to_string(),
        "0xe302597f52f0c0a252e9330191dcbb1e8794300b6029307cebd734585c409631"
    );
}

/// Balances and nonces by plain arithmetic.
#[test]
fn outcomes_agree_with_plain_arithmetic() {
    for file in samples() {
        let executed = execute(&file).unwrap();
        let mut accounts: BTreeMap<Address, (u64, U256)> = file
            .alloc
            .iter()
            .map(|(a, x)| (*a, (x.nonce, x.balance)))
            .collect();
        for (block, given) in executed.blocks.iter().zip(&file.blocks) {
            let base_fee = block.environment.base_fee;
            for (transaction, raw) in block.transactions.iter().zip(&given.transactions) {
                let event = &transaction.event;
                let envelope = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap();
                assert_eq!(envelope.recover_signer().unwrap(), event.sender);
                assert_eq!(*envelope.tx_hash(), event.hash);
                assert_eq!(envelope.signature_hash(), event.signing_hash);
                assert_eq!(keccak256(&event.signing_payload), event.signing_hash);
                let zeros = event.data.iter().filter(|b| **b == 0).count() as u64;
                let gas = 21_000 + 16 * event.data.len() as u64 - 12 * zeros
                    + 2_400 * event.access_addresses()
                    + 1_900 * event.access_keys();
                assert_eq!(transaction.gas_used, gas);
                let price = event.max_fee.min(base_fee + event.max_priority_fee);
                let sender = accounts.entry(event.sender).or_default();
                sender.0 += 1;
                sender.1 -= event.value + price * U256::from(gas);
                accounts.entry(event.to).or_default().1 += event.value;
                let tip = (price - base_fee) * U256::from(gas);
                accounts.entry(block.environment.coinbase).or_default().1 += tip;
                let touched: Vec<_> = transaction.accounts.iter().map(|a| a.address).collect();
                for address in [event.sender, event.to, block.environment.coinbase] {
                    assert!(touched.contains(&address));
                }
            }
        }
        let (_, after) = execute_file(&file, Settings::default()).unwrap();
        for (address, (nonce, balance)) in accounts {
            let account = after.state().account(address).unwrap_or(Account::EMPTY);
            assert_eq!(
                (account.nonce, account.balance),
                (nonce, balance),
                "{address}"
            );
        }
    }
}

/// Chunks lead from checkpoint to checkpoint, and every path from root to root.
fn check_chunks(file: &BlockFile, chunks: &[ChunkEvents]) {
    let mut position = chunks[0].start;
    let mut hashes = Vec::new();
    let mut open: Option<Checkpoint> = None;
    for chunk in chunks {
        assert_eq!(chunk.start, position);
        assert_eq!(chunk.opens.is_some(), open.is_none());
        let mut expected = chunk.start;
        if let Some(environment) = chunk.opens {
            expected.block = environment;
            expected.open = true;
        }
        let mut root = chunk.start.state_root;
        assert_eq!(chunk.parent_hash.is_some(), chunk.opens.is_some());
        if let Some(parent) = &chunk.parent_hash {
            let number = chunk.start.block.number;
            let hash = chunk.start.block_hash;
            let key = block_hash_key(number);
            assert_eq!(root_of_path(&parent.path, &key, parent.before), root);
            let value = block_hash_value(&NumberedHash { number, hash });
            root = root_of_path(&parent.path, &key, value);
        }
        let mut previous: Option<Address> = None;
        for account in &chunk.accounts {
            assert!(previous.is_none_or(|previous| previous < account.address));
            previous = Some(account.address);
            let key = account_key(account.address);
            let value = |account: &Option<Account>| account.as_ref().map_or(EMPTY, account_value);
            assert_eq!(
                root_of_path(&account.path, &key, value(&account.before)),
                root
            );
            root = root_of_path(&account.path, &key, value(&account.after));
        }
        for event in &chunk.transactions {
            hashes.push(event.hash);
            expected.tx_count += 1;
            expected.published.absorb(&event.raw);
        }
        expected.state_root = root;
        expected.gas_used = expected.gas_used.max(chunk.end.gas_used);
        if chunk.seals {
            assert!(!chunk.end.open);
            assert_eq!(chunk.end.block.gas_limit, 0);
            assert_eq!(
                chunk.end.published,
                braid_circuits::event::PublishedSponge::default()
            );
            assert_eq!(chunk.end.state_root, root);
            open = None;
        } else {
            assert_eq!(chunk.end, expected);
            open = Some(chunk.end);
        }
        position = chunk.end;
    }
    assert!(open.is_none());
    let given: Vec<_> = file
        .blocks
        .iter()
        .flat_map(|b| b.transactions.iter().map(keccak256))
        .collect();
    assert_eq!(hashes, given);
}

#[test]
fn chunks_lead_from_checkpoint_to_checkpoint() {
    for file in samples() {
        let executed = execute(&file).unwrap();
        let mut ends = Vec::new();
        for most in [1, 3, 7, 1000] {
            let chunks = chunks_of(&executed, most).unwrap();
            check_chunks(&file, &chunks);
            let expected: usize = file
                .blocks
                .iter()
                .map(|b| b.transactions.len().div_ceil(most).max(1))
                .sum();
            assert_eq!(chunks.len(), expected);
            ends.push(chunks.last().unwrap().end);
        }
        assert!(ends.iter().all(|end| *end == ends[0]));
        assert_eq!(
            ends[0].state_root,
            execute_file(&file, Settings::default())
                .unwrap()
                .1
                .tree()
                .root()
        );
        // Whatever the capacity is, no chunk is above it.
        let capacity = |demand: &Demand<'_>| {
            fitting(
                demand.tree_levels <= 60
                    && demand.claims().of(tag::KeccakInput) <= 40
                    && demand.published_bytes <= 2_000,
            )
        };
        let tables = registry::tables();
        for chunk in chunks(&executed, "small", capacity).unwrap() {
            assert!(capacity(&Demand::of(&tables, &chunk).unwrap()).is_ok());
        }
    }
}

/// Blocks of one file, each in a file of its own on the state that the ones before it left.
#[test]
fn blocks_can_be_taken_apart() {
    for file in samples() {
        let settings = Settings::default();
        let (whole, end) = execute_file(&file, settings).unwrap();
        let mut chain = MemoryChain::new(&file).unwrap();
        assert_eq!(chain.next_file(file.blocks.clone()), file);
        for (block, expected) in file.blocks.iter().zip(&whole.blocks) {
            let alone = chain.next_file(vec![block.clone()]);
            let (executed, after) = execute_file(&alone, settings).unwrap();
            assert_eq!(executed.end(), expected.end);
            chain = after;
        }
        assert_eq!(chain.position(), end.position());
    }
}

#[test]
fn sealing_hashes_twelve_words() {
    let mut open = Checkpoint {
        state_root: [1, 2, 3, 4],
        gas_used: 6,
        log_chain: [7, 8, 9, 10],
        ..Checkpoint::default()
    };
    open.block.number = 5;
    open.block.blob_base_fee = U256::from(11);
    open.published.absorb(b"two transactions");
    let mut bytes = vec![0u8; 384];
    bytes[63] = 5;
    bytes[7 * 32 + 31] = 11;
    bytes[10 * 32 + 31] = 6;
    for (index, value) in [1, 2, 3, 4].into_iter().enumerate() {
        bytes[352 + 8 * index + 7] = value;
        bytes[288 + 8 * index + 7] = value + 6;
    }
    let transactions = keccak256(b"two transactions");
    bytes[8 * 32..9 * 32].copy_from_slice(transactions.as_slice());
    assert_eq!(block_hash(&open), keccak256(bytes));
}

#[test]
fn logs_of_receipts_extend_the_chain() {
    let topics: Vec<B256> = (1..3).map(B256::repeat_byte).collect();
    let log = |data: &'static [u8]| {
        let address = Address::repeat_byte(5);
        Log::new_unchecked(address, topics.clone(), Bytes::from_static(data))
    };
    let (first, second) = (log(b"first"), log(b"second"));
    let mut open = Checkpoint::default();
    advance(&mut open, &[], 0, std::slice::from_ref(&first));
    advance(&mut open, &[], 0, &[]);
    advance(&mut open, &[], 0, std::slice::from_ref(&second));
    let chain = [first, second].iter().fold([0; 4], |chain, log| {
        let data = log_data(&log.data.data);
        log_chain(chain, log.address, log.topics(), data)
    });
    assert_eq!(open.log_chain, chain);
    assert_ne!(chain, [0; 4]);
}

#[test]
fn touched_empty_accounts_disappear() {
    let empty = Address::repeat_byte(0x55);
    let untouched = Address::repeat_byte(0x56);
    let transfer = Draft {
        to: Some(empty),
        ..draft()
    }
    .sign(&key())
    .unwrap();
    let mut file = file(vec![transfer]);
    file.alloc.insert(empty, AllocAccount::default());
    file.alloc.insert(untouched, AllocAccount::default());
    let executed = execute(&file).unwrap();
    let (_, after) = execute_file(&file, Settings::default()).unwrap();
    let is_there = |account| {
        after
            .state()
            .accounts()
            .any(|(address, _)| *address == account)
    };
    assert!(!is_there(empty));
    assert!(is_there(untouched));
    // No leaf before or after, and yet touched: the chunk shows its path.
    let chunk = chunks_of(&executed, 9).unwrap().remove(0);
    let account = chunk
        .accounts
        .iter()
        .find(|account| account.address == empty)
        .unwrap();
    assert_eq!((account.before, account.after), (None, None));
    let key = account_key(empty);
    assert_eq!(executed.tree.get(&key), Ok(EMPTY));
}
