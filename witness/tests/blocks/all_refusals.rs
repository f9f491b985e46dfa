//! All refusals of a file at once: those that hold whatever becomes of the others, and no others.

use super::*;

/// What is refused, in order: block, transaction, and why.
fn all(error: &Error) -> Vec<(u64, Option<usize>, String)> {
    match error {
        Error::Refused(errors) => {
            assert!(errors.len() > 1);
            errors.iter().flat_map(all).collect()
        }
        Error::NotProvable(refused) => refused
            .iter()
            .map(|one| {
                let index = one.transaction.map(|place| place.index);
                (one.block, index, one.reason.to_string())
            })
            .collect(),
        Error::MalformedTransaction { place, what } => {
            vec![(place.block, Some(place.index), what.to_string())]
        }
        Error::InvalidTransaction { place, reason } => {
            vec![(place.block, Some(place.index), reason.to_string())]
        }
        Error::InvalidBlock { block, reason } => vec![(*block, None, reason.to_string())],
        Error::TransactionText {
            block, index, what, ..
        } => vec![(*block, Some(*index), what.clone())],
        other => panic!("{other}"),
    }
}

type Expected<'a> = (u64, Option<usize>, &'a str);

fn check(error: &Error, kind: ErrorKind, expected: &[Expected<'_>]) {
    let found = all(error);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((block, index, says), known) in found.iter().zip(expected) {
        assert_eq!((*block, *index), (known.0, known.1), "{found:#?}");
        assert!(says.contains(known.2), "{:?} is not in {found:#?}", known.2);
    }
    assert_eq!(error.kind(), kind, "{error}");
    if found.len() > 1 {
        let count = format!("{} refusals, first block", found.len());
        assert!(error.to_string().starts_with(&count), "{error}");
    }
}

fn proving(file: &BlockFile) -> Error {
    execute(file).map(|_| ()).unwrap_err()
}

fn executing(file: &BlockFile) -> Error {
    let executed = execute_file(file, Settings::default());
    executed.map(|_| ()).unwrap_err()
}

/// A transfer of the account `index`.
fn by(index: u64, nonce: u64, change: impl FnOnce(&mut Draft)) -> Bytes {
    let mut draft = Draft {
        nonce,
        gas_limit: 100_000,
        ..draft()
    };
    change(&mut draft);
    draft.sign(&SampleKey::new(9, index).unwrap()).unwrap()
}

const CONTRACT: Address = Address::repeat_byte(0xc0);

/// Blocks of these transactions, and accounts with money for four senders.
fn blocks(transactions: &[&[Bytes]]) -> BlockFile {
    let mut file = file(Vec::new());
    for index in 0..4 {
        let rich = AllocAccount {
            balance: U256::from(10).pow(U256::from(18)),
            ..AllocAccount::default()
        };
        let address = SampleKey::new(9, index).unwrap().address();
        file.alloc.insert(address, rich);
    }
    let contract = AllocAccount {
        nonce: 1,
        code: Bytes::from_static(&[0]),
        ..AllocAccount::default()
    };
    file.alloc.insert(CONTRACT, contract);
    let first = file.blocks.remove(0);
    for (offset, transactions) in (0u64..).zip(transactions) {
        let mut block = first.clone();
        block.environment.number += offset;
        block.environment.timestamp += offset;
        block.transactions = transactions.to_vec();
        file.blocks.push(block);
    }
    file
}

#[test]
fn what_is_invalid_does_not_hide_what_cannot_be_proved() {
    let call = |draft: &mut Draft| draft.to = Some(Address::with_last_byte(4));
    let file = blocks(&[&[
        by(0, 0, call),
        by(0, 1, |draft| draft.to = None),
        by(1, 5, |_| ()),
        by(0, 2, call),
    ]]);
    let expected = [
        (101, Some(0), "calls the precompile"),
        (101, Some(1), "creates a contract"),
        (101, Some(2), "nonce 5 is too high, the sender is at 0"),
        (101, Some(3), "calls the precompile"),
    ];
    check(&proving(&file), ErrorKind::InvalidBlock, &expected);
    // Who executes has nothing against calls.
    check(&executing(&file), ErrorKind::InvalidBlock, &expected[2..3]);
    // With another one that is no transaction, this comes first.
    let mut worse = file;
    worse.blocks[0].transactions.push(Bytes::new());
    let expected = [expected.as_slice(), &[(101, Some(4), "no bytes")]].concat();
    check(&proving(&worse), ErrorKind::Malformed, &expected);
}

#[test]
fn all_that_are_no_transactions_are_named() {
    let good = by(0, 0, |_| ());
    let bad: Vec<Bytes> = vec![
        Bytes::new(),
        good.slice(..good.len() - 1),
        vec![0x05].into(),
        [good.as_ref(), &[0]].concat().into(),
    ];
    let file = blocks(&[&bad, &[good, Bytes::new()]]);
    let expected = [
        (101, Some(0), "no bytes"),
        (101, Some(1), "field `transaction`"),
        (101, Some(2), "type 5"),
        (101, Some(3), "behind the transaction"),
        (102, Some(1), "no bytes"),
    ];
    check(&proving(&file), ErrorKind::Malformed, &expected);
    check(&executing(&file), ErrorKind::Malformed, &expected);

    // Texts that are no bytes are refused before there are any.
    let json = blocks(&[&[by(0, 0, |_| ())], &[by(0, 1, |_| ())]]).to_json();
    let json = json.replace("\"0x02f8", "\"0xg2f8");
    let error = BlockFile::from_json(json.as_bytes()).unwrap_err();
    let expected = [(101, Some(0), "hex"), (102, Some(0), "hex")];
    check(&error, ErrorKind::Malformed, &expected);
    assert!(error.to_string().contains("blocks[0].transactions[0]: "));
}

#[test]
fn blobs_are_all_named() {
    let blob = || Bytes::from_static(&[3, 0xc0]);
    let file = blocks(&[&[blob(), by(0, 0, |_| ()), blob(), blob()]]);
    let expected = [0, 2, 3].map(|index| (101, Some(index), "blob transactions"));
    check(&proving(&file), ErrorKind::NotProvable, &expected);
    check(&executing(&file), ErrorKind::NotProvable, &expected);
    assert!(matches!(executing(&file), Error::NotProvable(_)));
}

#[test]
fn faults_of_several_blocks_are_named() {
    let mut file = blocks(&[
        &[by(0, 0, |_| ())],
        &[by(0, 0, |_| ()), by(1, 1, |_| ()), by(2, 0, |_| ())],
        &[by(2, 0, |_| ()), by(3, 0, |draft| draft.chain_id = 5)],
        &[],
    ]);
    file.blocks[3].environment.number = 9;
    file.blocks[3].environment.gas_limit = 0;
    file.blocks[3].excess_blob_gas = u64::MAX;
    file.blocks[3].older_hashes = [(8, B256::ZERO), (9, B256::ZERO), (10, B256::ZERO)].into();
    let expected = [
        (102, Some(0), "nonce 0 is too low, the sender is at 1"),
        (102, Some(1), "nonce 1 is too high, the sender is at 0"),
        (103, Some(0), "nonce 0 is too low, the sender is at 1"),
        (103, Some(1), "chain id 5"),
        (9, None, "its number must be 104"),
        (9, None, "gas limit is zero"),
        (9, None, "excessBlobGas"),
        (9, None, "hash of block 9, which is none"),
        (9, None, "hash of block 10, which is none"),
    ];
    check(&executing(&file), ErrorKind::InvalidBlock, &expected);
    check(&proving(&file), ErrorKind::InvalidBlock, &expected);
}

/// What the next attempt would show differently is not said.
#[test]
fn what_follows_from_a_refusal_is_none() {
    // The sender of the first is not known: it may be any other's.
    let unknown = Bytes::new();
    let file = blocks(&[&[unknown, by(0, 1, |_| ()), by(0, 0, |_| ())]]);
    let expected = [
        (101, Some(0), "no bytes"),
        // Whatever the first is: nonces do not fall.
        (101, Some(2), "nonce 0 is too low, the sender is at 2"),
    ];
    check(&executing(&file), ErrorKind::Malformed, &expected);
    // The second may be mended so that the third is right.
    let file = blocks(&[&[by(0, 0, |_| ()), by(0, 2, |_| ()), by(0, 3, |_| ())]]);
    let expected = [(101, Some(1), "too high")];
    check(&executing(&file), ErrorKind::InvalidBlock, &expected);
}

#[test]
fn want_of_money_is_named_where_nobody_could_have_paid() {
    let poor: Vec<_> = (20..24)
        .map(|index| SampleKey::new(9, index).unwrap().address())
        .collect();
    let first = || by(0, 1, |_| ());
    let file = blocks(&[&[
        // Refused, so that nothing is executed.
        first(),
        by(20, 0, |_| ()),
        by(1, 0, |draft| draft.to = Some(poor[1])),
        // The one before may have given it something.
        by(21, 0, |_| ()),
        by(22, 0, |_| ()),
        by(1, 1, |draft| draft.to = Some(CONTRACT)),
        // Code may pay anyone.
        by(23, 0, |_| ()),
    ]]);
    let expected = [
        (101, Some(0), "too high"),
        (101, Some(1), "has 0 wei and needs"),
        (101, Some(4), "has 0 wei and needs"),
    ];
    check(&executing(&file), ErrorKind::InvalidBlock, &expected);
    // The coinbase is paid by all.
    let mut file = blocks(&[&[first(), by(20, 0, |_| ())]]);
    file.blocks[0].environment.coinbase = poor[0];
    check(&executing(&file), ErrorKind::InvalidBlock, &expected[..1]);
    // What needs no state at all is said in any case.
    let mut file = blocks(&[&[
        first(),
        by(1, 0, |draft| {
            draft.max_fee = U256::from(1);
            draft.max_priority_fee = U256::ZERO;
        }),
        by(2, 0, |draft| draft.gas_limit = 200_000),
        by(3, 0, |_| ()),
    ]]);
    file.blocks[0].environment.gas_limit = 150_000;
    let with_code = SampleKey::new(9, 3).unwrap().address();
    file.alloc.get_mut(&with_code).unwrap().code = Bytes::from_static(&[0]);
    let expected = [
        (101, Some(0), "too high"),
        (101, Some(1), "below the base fee"),
        (101, Some(2), "150000 that the block has left"),
        (101, Some(3), "EIP-3607"),
    ];
    check(&executing(&file), ErrorKind::InvalidBlock, &expected);
}

/// A later block is looked at in the state before the first that is not executed, and each transaction is named once.
#[test]
fn a_transaction_has_one_reason() {
    // NUMBER - 1 is the parent, whose hash nobody gives: BLOCKHASH of it stops execution.
    let code = Bytes::from_static(&[0x60, 1, 0x43, 0x03, 0x40, 0x50, 0x00]);
    let call = |draft: &mut Draft| draft.to = Some(CONTRACT);
    let mut file = blocks(&[&[by(0, 0, call)], &[by(0, 1, call)]]);
    file.parent.block_hash = B256::ZERO;
    file.alloc.get_mut(&CONTRACT).unwrap().code = code;
    let expected = [(101, Some(0), "hash of block 100, which nobody gave")];
    check(&proving(&file), ErrorKind::NotProvable, &expected);
    check(&executing(&file), ErrorKind::NotProvable, &expected);
}

/// What is executed before the first refusal of a block says by its traces what cannot be proved, in a state that the transactions before it left.
#[test]
fn what_code_does_before_a_refusal_is_judged() {
    let to = |address| move |draft: &mut Draft| draft.to = Some(address);
    let creator = Address::repeat_byte(0xc1);
    let caller = Address::repeat_byte(0xc2);
    let mut file = blocks(&[
        &[by(0, 0, to(creator)), by(1, 0, to(caller))],
        &[
            by(0, 1, to(caller)),
            by(1, 1, to(CONTRACT)),
            by(0, 2, to(creator)),
            by(2, 5, to(creator)),
            by(0, 3, to(Address::with_last_byte(4))),
            by(0, 4, to(creator)),
        ],
    ]);
    let account = |code: &[u8]| AllocAccount {
        nonce: 1,
        code: Bytes::copy_from_slice(code),
        ..AllocAccount::default()
    };
    // CREATE of nothing, whatever is in the state.
    let create = [0x5f, 0x5f, 0x5f, 0xf0, 0x00];
    // It counts its calls in slot 0, and from the third on it creates.
    let counts = [
        0x5f, 0x54, 0x60, 1, 0x01, 0x80, 0x5f, 0x55, // SLOAD, ADD, SSTORE
        0x60, 2, 0x10, 0x60, 15, 0x57, 0x00, 0x5b, // LT, JUMPI, STOP, JUMPDEST
        0x5f, 0x5f, 0x5f, 0xf0, 0x00,
    ];
    file.alloc.insert(creator, account(&create));
    file.alloc.insert(caller, account(&counts));
    file.blocks[1].transactions.insert(1, by(3, 0, to(caller)));
    let expected = [
        (101, Some(0), "CREATE"),
        // The third call of all.
        (102, Some(1), "CREATE"),
        (102, Some(3), "CREATE"),
        (102, Some(4), "nonce 5 is too high"),
        // Not executed: that it calls a precompile is known without, what code does is not.
        (102, Some(5), "calls the precompile"),
    ];
    check(&proving(&file), ErrorKind::InvalidBlock, &expected);
    check(&executing(&file), ErrorKind::InvalidBlock, &expected[3..4]);
}
