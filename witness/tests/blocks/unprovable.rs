//! What is valid and cannot be proved: every transaction is named, with its reason and a remedy of its own.

use super::*;

fn refused(transactions: Vec<Bytes>) -> Vec<Unprovable> {
    match execute(&file(transactions)).map(|_| ()).unwrap_err() {
        Error::NotProvable(refused) => refused,
        other => panic!("{other}"),
    }
}

fn index(refused: &Unprovable) -> usize {
    refused.transaction.unwrap().index
}

/// Signed as the transaction with this nonce.
fn signed(nonce: u64, draft: Draft) -> Bytes {
    let draft = Draft {
        nonce,
        gas_limit: 100_000,
        ..draft
    };
    draft.sign(&key()).unwrap()
}

fn to(recipient: Option<Address>) -> Draft {
    Draft {
        to: recipient,
        ..draft()
    }
}

fn contract() -> Address {
    let alloc = file(vec![]).alloc;
    let mut with_code = alloc.iter().filter(|(_, account)| !account.code.is_empty());
    *with_code.next().unwrap().0
}

#[test]
fn what_cannot_be_proved_is_named() {
    let reason = |draft: Draft| {
        let second = signed(1, draft);
        let hash = keccak256(&second);
        let refused = refused(vec![signed(0, super::draft()), second]);
        let [
            Unprovable {
                transaction: Some(place),
                reason,
                ..
            },
        ] = refused.as_slice()
        else {
            panic!("{refused:?}");
        };
        assert_eq!((place.block, place.index, place.hash), (101, 1, hash));
        assert!(!reason.remedy().is_empty());
        reason.clone()
    };
    assert_eq!(reason(to(None)), NotProvable::CreatesContract);
    for number in 1..=10 {
        let precompile = Address::with_last_byte(number);
        assert_eq!(
            reason(to(Some(precompile))),
            NotProvable::CallsPrecompile(precompile)
        );
    }
    for number in [0, 11] {
        let to = Some(Address::with_last_byte(number));
        let transfer = Draft { to, ..draft() }.sign(&key()).unwrap();
        assert!(execute(&file(vec![transfer])).is_ok());
    }
}

#[test]
fn all_of_a_block_are_named_at_once() {
    let contract = contract();
    let refused = refused(vec![
        signed(0, draft()),
        signed(1, to(None)),
        signed(2, to(Some(contract))),
        signed(3, draft()),
        signed(4, to(Some(Address::with_last_byte(4)))),
    ]);
    let found: Vec<_> = refused
        .iter()
        .map(|refused| (index(refused), refused.reason.clone()))
        .collect();
    let identity = Address::with_last_byte(4);
    let expected = [
        (1, NotProvable::CreatesContract),
        (4, NotProvable::CallsPrecompile(identity)),
    ];
    assert_eq!(found, expected);
}

/// What comes after a blob transaction cannot be executed; what its bytes tell is said all the same, and of later blocks too.
#[test]
fn a_block_that_cannot_be_executed_is_looked_through() {
    let contract = contract();
    let mut file = file(vec![
        signed(0, draft()),
        vec![3, 0xc0].into(),
        signed(1, to(Some(contract))),
        signed(2, draft()),
    ]);
    let mut next = file.blocks[0].clone();
    next.environment.number += 1;
    next.transactions = vec![signed(3, to(None)), vec![3, 0xc0].into()];
    file.blocks.push(next);
    let Err(Error::NotProvable(refused)) = execute(&file) else {
        panic!("it is executed");
    };
    let found: Vec<_> = refused
        .iter()
        .map(|refused| (refused.block, index(refused), refused.reason.clone()))
        .collect();
    let expected = [
        (101, 1, NotProvable::Blob),
        (102, 0, NotProvable::CreatesContract),
        (102, 1, NotProvable::Blob),
    ];
    assert_eq!(found, expected);
}

/// A block that Ethereum would not accept is invalid first of all, as execution alone says too.
#[test]
fn an_invalid_block_is_invalid_whatever_comes_before() {
    let error = execute(&file(vec![
        signed(0, to(Some(contract()))),
        signed(7, draft()),
    ]));
    let error = error.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBlock, "{error}");
}

#[test]
fn what_is_too_large_alone_is_named_with_what_it_needs() {
    let small = |nonce| signed(nonce, draft());
    let large = |nonce| {
        let draft = Draft {
            data: vec![1; 600].into(),
            ..draft()
        };
        signed(nonce, draft)
    };
    let executed = execute(&file(vec![small(0), large(1), small(2), large(3)])).unwrap();
    let fits = |demand: &Demand<'_>| fitting(demand.published_bytes < 600);
    let Err(Error::NotProvable(refused)) = chunks(&executed, "narrow", fits) else {
        panic!("it fits");
    };
    let indices: Vec<_> = refused.iter().map(index).collect();
    assert_eq!(indices, [1, 3]);
    for refused in &refused {
        let NotProvable::DoesNotFit { shape, misfit } = &refused.reason else {
            panic!("{refused}");
        };
        assert_eq!((shape.as_str(), misfit.table), ("narrow", "test"));
        assert!(refused.reason.remedy().contains("a larger --shape"));
        // Where there is none, nobody is told to look for it.
        let largest = shapes::largest();
        for largest in [largest.transfers, largest.calls.last().unwrap()] {
            let reason = NotProvable::DoesNotFit {
                shape: largest.name.clone(),
                misfit: *misfit,
            };
            let remedy = reason.remedy();
            assert!(remedy.contains("there is no larger shape"), "{remedy}");
        }
        assert!(
            refused
                .to_string()
                .contains("needs 2 rows of table test, which has 1")
        );
    }
}
