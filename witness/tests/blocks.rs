//! From block files to chunks: outcomes against plain arithmetic, checkpoints, refusals.

use std::collections::BTreeMap;

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_circuits::event::{Account, Checkpoint, ChunkEvents, TransactionKind};
use braid_circuits::state_hash::{EMPTY, account_key, account_value};
use braid_witness::block_file::{AllocAccount, Block};
use braid_witness::chain::{Chain, MemoryChain};
use braid_witness::error::{BlockFault, NotProvable, TransactionFault};
use braid_witness::execution::seal::block_hash;
use braid_witness::execution::{Settings, execute_file};
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleConfig, SampleKey, sample};
use braid_witness::signature::CURVE_ORDER;
use braid_witness::transaction::SignedTransaction;
use braid_witness::tree::root_of_path;
use braid_witness::{BlockFile, Error, ErrorKind, Resources, chunks, chunks_of, execute};

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
            listed += usize::from(event.access_keys > 0);
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
                    + 2_400 * u64::from(event.access_addresses)
                    + 1_900 * u64::from(event.access_keys);
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
        for (address, (nonce, balance)) in accounts {
            let account = executed.state.account(address).unwrap_or(Account::EMPTY);
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
            expected.tx_chain = keccak256([expected.tx_chain.0, event.hash.0].concat());
        }
        expected.state_root = root;
        expected.gas_used = expected.gas_used.max(chunk.end.gas_used);
        if chunk.seals {
            assert!(!chunk.end.open);
            assert_eq!(chunk.end.block.gas_limit, 0);
            assert_eq!(chunk.end.tx_chain, B256::ZERO);
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
        assert_eq!(ends[0].state_root, executed.state.tree().root());
        // Whatever the capacity is, no chunk is above it.
        let capacity = |r: &Resources| {
            r.tree_levels <= 60 && r.keccak_permutations <= 40 && r.rlp_bytes <= 2_000
        };
        for chunk in chunks(&executed, capacity).unwrap() {
            assert!(capacity(&Resources::of(&chunk)));
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
fn sealing_hashes_eleven_words() {
    let mut open = Checkpoint {
        state_root: [1, 2, 3, 4],
        gas_used: 6,
        ..Checkpoint::default()
    };
    open.block.number = 5;
    let mut bytes = vec![0u8; 352];
    bytes[63] = 5;
    bytes[9 * 32 + 31] = 6;
    for (index, value) in [1, 2, 3, 4].into_iter().enumerate() {
        bytes[320 + 8 * index + 7] = value;
    }
    assert_eq!(block_hash(&open), keccak256(bytes));
}

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

/// What a block says whose second transaction is this one.
fn refusal(second: Bytes) -> Error {
    let first = draft().sign(&key()).unwrap();
    execute(&file(vec![first, second])).map(|_| ()).unwrap_err()
}

fn fault(second: Bytes) -> TransactionFault {
    let hash = keccak256(&second);
    match refusal(second) {
        Error::InvalidTransaction { place, reason } => {
            assert_eq!((place.block, place.index, place.hash), (101, 1, hash));
            *reason
        }
        other => panic!("{other}"),
    }
}

#[test]
fn invalid_transactions_are_named() {
    let second = Draft {
        nonce: 1,
        ..draft()
    };
    let signed = |draft: Draft| draft.sign(&key()).unwrap();
    assert!(execute(&file(vec![signed(draft()), signed(second.clone())])).is_ok());

    let f = fault(signed(Draft {
        nonce: 0,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::NonceTooLow {
            found: 0,
            expected: 1
        }
    );
    let f = fault(signed(Draft {
        nonce: 2,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::NonceTooHigh {
            found: 2,
            expected: 1
        }
    );
    let f = fault(signed(Draft {
        nonce: u64::MAX,
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::NonceOverflow(_)));
    let f = fault(signed(Draft {
        chain_id: 5,
        ..second.clone()
    }));
    assert!(matches!(
        f,
        TransactionFault::ChainId {
            expected: SAMPLE_CHAIN_ID,
            ..
        }
    ));
    let legacy = TransactionKind::Legacy { protected: true };
    let f = fault(signed(Draft {
        chain_id: 5,
        kind: legacy,
        ..second.clone()
    }));
    assert!(matches!(
        f,
        TransactionFault::ChainId {
            expected: SAMPLE_CHAIN_ID,
            ..
        }
    ));
    let f = fault(signed(Draft {
        gas_limit: 20_999,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::IntrinsicGas {
            gas_limit: 20_999,
            intrinsic: 21_000
        }
    );
    let f = fault(signed(Draft {
        gas_limit: 29_979_001,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::BlockGas {
            gas_limit: 29_979_001,
            available: 29_979_000
        }
    );
    let low = U256::from(999_999_999u64);
    let f = fault(signed(Draft {
        max_fee: low,
        max_priority_fee: low,
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::FeeBelowBaseFee { .. }));
    let f = fault(signed(Draft {
        max_priority_fee: U256::from(2_000_000_001u64),
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::PriorityAboveCap { .. }));
    let f = fault(signed(Draft {
        value: U256::MAX >> 1,
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::Balance { .. }));
    let f = fault(signed(Draft {
        value: U256::MAX,
        ..second.clone()
    }));
    assert_eq!(f, TransactionFault::CostOverflow);
    let f = fault(signed(Draft {
        to: None,
        data: vec![0; 49_153].into(),
        gas_limit: 20_000_000,
        ..second.clone()
    }));
    assert_eq!(f, TransactionFault::InitCodeSize(49_153));

    // Signatures.
    let one = U256::from(1);
    assert_eq!(
        fault(second.with_signature(false, U256::ZERO, one)),
        TransactionFault::SignatureR
    );
    assert_eq!(
        fault(second.with_signature(false, CURVE_ORDER, one)),
        TransactionFault::SignatureR
    );
    assert_eq!(
        fault(second.with_signature(false, one, U256::ZERO)),
        TransactionFault::SignatureS
    );
    assert_eq!(
        fault(second.with_signature(false, one, CURVE_ORDER)),
        TransactionFault::SignatureS
    );
    let f = fault(second.with_signature(false, one, CURVE_ORDER - one));
    assert_eq!(f, TransactionFault::HighS);
    // x = 5 is on no point of the curve.
    assert_eq!(
        fault(second.with_signature(false, U256::from(5), one)),
        TransactionFault::Unrecoverable
    );
    // A wrong but well-formed signature recovers to someone without money.
    assert!(matches!(
        fault(second.with_signature(false, one, one)),
        TransactionFault::NonceTooHigh { .. }
    ));
    assert_eq!(
        fault(vec![4, 0xc0].into()),
        TransactionFault::UnknownType(4)
    );

    // EIP-3607.
    let mut with_code = file(vec![signed(draft())]);
    with_code.alloc.get_mut(&key().address()).unwrap().code = Bytes::from_static(&[0xef, 1, 0]);
    let error = execute(&with_code).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("EIP-3607"), "{error}");
    assert_eq!(error.kind(), ErrorKind::InvalidBlock);
}

#[test]
fn malformed_transactions_are_refused() {
    let mut taken = 0;
    for kind in [
        TransactionKind::Legacy { protected: false },
        TransactionKind::Legacy { protected: true },
        TransactionKind::AccessList,
        TransactionKind::DynamicFee,
    ] {
        let draft = Draft {
            kind,
            nonce: 1,
            data: vec![1, 2, 3].into(),
            ..draft()
        };
        let good = draft.sign(&key()).unwrap();
        for length in 0..good.len() {
            let error = refusal(good.slice(..length));
            assert_eq!(error.kind(), ErrorKind::Malformed, "{length}: {error}");
        }
        let longer: Bytes = [good.as_ref(), &[0]].concat().into();
        assert_eq!(refusal(longer).kind(), ErrorKind::Malformed);
        // Any bit flipped is refused: it is another transaction by someone else, or none.
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.to_vec();
                bytes[position] ^= 1 << bit;
                let bytes = Bytes::from(bytes);
                if let Ok(ours) = SignedTransaction::decode(bytes.clone(), SAMPLE_CHAIN_ID) {
                    let mut buffer = bytes.as_ref();
                    let theirs = TxEnvelope::decode_2718(&mut buffer).unwrap();
                    assert!(buffer.is_empty());
                    assert_eq!(theirs.recover_signer().unwrap(), ours.sender);
                    assert_eq!(theirs.encoded_2718(), bytes);
                    taken += 1;
                }
                refusal(bytes);
            }
        }
    }
    assert!(taken > 100);
    assert!(matches!(
        refusal(vec![3, 0xc0].into()),
        Error::NotProvable {
            reason: NotProvable::Blob,
            ..
        }
    ));
}

#[test]
fn what_cannot_be_proved_is_named() {
    let reason = |draft: Draft| {
        let transaction = Draft {
            nonce: 1,
            gas_limit: 100_000,
            ..draft
        }
        .sign(&key())
        .unwrap();
        match refusal(transaction) {
            Error::NotProvable { place, reason } => {
                assert_eq!((place.block, place.index), (101, 1));
                reason
            }
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        reason(Draft {
            to: None,
            ..draft()
        }),
        NotProvable::CreatesContract
    );
    for number in 1..=10 {
        let precompile = Address::with_last_byte(number);
        assert_eq!(
            reason(Draft {
                to: Some(precompile),
                ..draft()
            }),
            NotProvable::CallsPrecompile(precompile)
        );
    }
    let contract = *file(vec![])
        .alloc
        .iter()
        .find(|(_, a)| !a.code.is_empty())
        .unwrap()
        .0;
    assert_eq!(
        reason(Draft {
            to: Some(contract),
            ..draft()
        }),
        NotProvable::RunsCode(contract)
    );
    for number in [0, 11] {
        let to = Some(Address::with_last_byte(number));
        let transfer = Draft { to, ..draft() }.sign(&key()).unwrap();
        assert!(execute(&file(vec![transfer])).is_ok());
    }
    // Too large even alone.
    let executed = execute(&file(vec![draft().sign(&key()).unwrap()])).unwrap();
    let error = chunks(&executed, |r| r.rlp_bytes < 50).unwrap_err();
    assert!(matches!(
        error,
        Error::NotProvable {
            reason: NotProvable::DoesNotFit,
            ..
        }
    ));
}

#[test]
fn blocks_must_follow_their_parent() {
    let fault = |change: fn(&mut Block)| {
        let mut file = file(vec![]);
        change(&mut file.blocks[0]);
        match execute(&file).map(|_| ()).unwrap_err() {
            Error::InvalidBlock { reason, .. } => reason,
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        fault(|b| b.environment.number = 100),
        BlockFault::Number { expected: 101 }
    );
    assert_eq!(
        fault(|b| b.environment.gas_limit = 0),
        BlockFault::ZeroGasLimit
    );
    let parent = 1_700_000_000;
    assert_eq!(
        fault(|b| b.environment.timestamp = 1),
        BlockFault::Timestamp {
            timestamp: 1,
            parent
        }
    );
    let mut last = file(vec![]);
    last.parent.number = u64::MAX;
    assert!(execute(&last).is_err());
    // The same second is allowed.
    let mut same = file(vec![]);
    same.blocks[0].environment.timestamp = parent;
    assert!(execute(&same).is_ok());
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
    assert!(
        !executed
            .state
            .accounts()
            .any(|(address, _)| *address == empty)
    );
    assert!(
        executed
            .state
            .accounts()
            .any(|(address, _)| *address == untouched)
    );
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

fn malformed(change: impl Fn(&mut serde_json::Value)) -> String {
    let file = file(vec![draft().sign(&key()).unwrap()]);
    let mut json: serde_json::Value = serde_json::from_str(&file.to_json()).unwrap();
    change(&mut json);
    match BlockFile::from_json(json.to_string().as_bytes()).unwrap_err() {
        error @ Error::Malformed { .. } => error.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn malformed_files_are_refused() {
    use serde_json::json;
    let says = |change: fn(&mut serde_json::Value), parts: &[&str]| {
        let message = malformed(change);
        for part in parts {
            assert!(message.contains(part), "{message:?} does not say {part:?}");
        }
    };
    says(|j| j["extra"] = json!(1), &["unknown field `extra`"]);
    says(
        |j| j["blocks"][0]["extra"] = json!(1),
        &["unknown field `extra`"],
    );
    says(
        |j| {
            j.as_object_mut().unwrap().remove("chainId");
        },
        &["missing field `chainId`"],
    );
    says(|j| j["version"] = json!(2), &["version", "2 instead of 1"]);
    says(|j| j["blocks"] = json!([]), &["blocks", "at least one"]);
    says(
        |j| j["blocks"][0]["transactions"][0] = json!("0xzz"),
        &["blocks[0].transactions[0]", "wrong hex"],
    );
    says(
        |j| j["blocks"][0]["transactions"][0] = json!("0x123"),
        &["blocks[0].transactions[0]", "wrong hex"],
    );
    says(
        |j| j["blocks"][0]["transactions"][0] = json!("00"),
        &["must start with 0x"],
    );
    says(
        |j| j["blocks"][0]["gasLimit"] = json!("0x"),
        &["blocks[0].gasLimit", "not a number"],
    );
    says(
        |j| j["blocks"][0]["gasLimit"] = json!("0x10000000000000000"),
        &["2^64 or above"],
    );
    says(
        |j| j["blocks"][0]["gasLimit"] = json!(-1),
        &["whole number"],
    );
    says(
        |j| j["blocks"][0]["coinbase"] = json!("0x01"),
        &["blocks[0].coinbase", "1 bytes instead of 20"],
    );
    says(
        |j| j["parent"]["blockHash"] = json!("0x01"),
        &["parent.blockHash", "1 bytes instead of 32"],
    );
    says(
        |j| j["alloc"]["0x01"] = json!({"balance": "0x1"}),
        &["alloc", "1 bytes instead of 20"],
    );
    says(
        |j| {
            j["alloc"]["0x0000000000000000000000000000000000000001"] =
                json!({"balance": "0x0", "storage": {"0x0": "0x1"}})
        },
        &["empty by EIP-161"],
    );
    let long = format!("0x1{}", "0".repeat(64));
    assert!(
        malformed(
            |j| j["alloc"]["0x0000000000000000000000000000000000000001"] = json!({"balance": long})
        )
        .contains("2^256")
    );

    let json = file(vec![]).to_json();
    for length in 0..json.len() - 2 {
        assert!(BlockFile::from_json(&json.as_bytes()[..length]).is_err());
    }
    // The same account twice, in two spellings.
    let text = json.replace(
        "\"alloc\": {",
        "\"alloc\": {\"0xABcDABcDABcDABcDABcDABcDABcDABcDABcDABcD\": {\"balance\": 1}, \"0xabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd\": {\"balance\": \"2\"},",
    );
    assert!(
        BlockFile::from_json(text.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("given twice")
    );
}

/// Bytes of a file changed at random give an error or another valid file, never a panic.
#[test]
fn damaged_files_do_not_panic() {
    let json = sample(&SampleConfig::new(3, 4)).unwrap().to_json();
    let mut refused = 0;
    for step in 0..4_000u64 {
        let random = keccak256(step.to_be_bytes());
        let position = u64::from_be_bytes(random[..8].try_into().unwrap()) as usize % json.len();
        let mut bytes = json.clone().into_bytes();
        match random[8] % 3 {
            0 => bytes[position] = random[9],
            1 => {
                bytes.remove(position);
            }
            _ => bytes.insert(
                position,
                b"0123456789abcdefx\"{}[],:-.e"[usize::from(random[9]) % 27],
            ),
        }
        let executed = BlockFile::from_json(&bytes).and_then(|file| execute(&file));
        match executed.and_then(|executed| chunks_of(&executed, 2)) {
            Ok(_) => {}
            Err(Error::Internal(what)) => panic!("internal: {what}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 2_000);
}
