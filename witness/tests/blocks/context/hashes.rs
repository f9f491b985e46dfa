//! Hashes of earlier blocks, which BLOCKHASH gives.

use super::*;

/// The only refusal of a block whose first transaction asks for a hash.
fn refusal(file: &BlockFile) -> Unprovable {
    let error = execute_file(file, Settings::default()).map(|_| ());
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotProvable);
    match error {
        Error::NotProvable(mut refused) if refused.len() == 1 => {
            let refused = refused.remove(0);
            assert_eq!(refused.transaction.map(|place| place.index), Some(0));
            refused
        }
        other => panic!("{other}"),
    }
}

/// What to do about a hash that nobody gave.
fn advice(number: u64) -> String {
    format!(
        "give the hash of block {number} in the file that the chain begins with: as `parent.blockHash` if it is the parent's, in `blockHashes` otherwise"
    )
}

#[test]
fn blockhash_gives_the_hashes_that_are_given() {
    let given = B256::repeat_byte(0xab);
    // Of the parent, which the chain knows, of a given block, of the oldest that can be asked for, and of blocks that cannot be.
    let mut file = call(PROBE, U256::from(60));
    file.parent.block_hash = B256::repeat_byte(0xcd);
    file.blocks[0].older_hashes = [(60, given)].into();
    assert_eq!(
        slot(&everywhere(&file), CONTRACT, 1),
        U256::from_be_bytes(given.0)
    );
    // The parent's may be repeated.
    file.blocks[0]
        .older_hashes
        .insert(100, file.parent.block_hash);
    assert_eq!(
        slot(&everywhere(&file), CONTRACT, 1),
        U256::from_be_bytes(given.0)
    );
    for (asked, right) in [(100, U256::from_be_bytes([0xcd; 32])), (101, U256::ZERO)] {
        let mut file = call(PROBE, U256::from(asked));
        file.parent.block_hash = B256::repeat_byte(0xcd);
        assert_eq!(slot(&everywhere(&file), CONTRACT, 1), right);
    }
    // A later block needs not give them again.
    let mut later = call(PROBE, U256::from(60));
    let mut first = later.blocks[0].clone();
    first.transactions.clear();
    first.older_hashes = [(60, given)].into();
    later.blocks[0].environment.number += 1;
    later.blocks.insert(0, first);
    assert_eq!(
        slot(&everywhere(&later), CONTRACT, 1),
        U256::from_be_bytes(given.0)
    );
}

#[test]
fn a_hash_that_nobody_gave_is_a_refusal_that_says_what_to_do() {
    let mut file = call(PROBE, U256::from(60));
    file.blocks[0].older_hashes = [(61, B256::ZERO)].into();
    let refused = refusal(&file);
    let reason = NotProvable::UnknownBlockHash {
        number: 60,
        block: 101,
    };
    assert_eq!(refused.reason, reason);
    let text = reason.to_string();
    assert!(text.contains("the hash of block 60"), "{text}");
    assert_eq!(reason.remedy(), advice(60));
    // The advice is right.
    file.blocks[0].older_hashes.insert(60, B256::ZERO);
    everywhere(&file);
}

/// A parent of which only the number is known, as an imported block has it: its hash is not answered with zero.
#[test]
fn the_hash_of_a_parent_that_nobody_gave_is_a_refusal_too() {
    let mut file = call(PROBE, U256::from(100));
    file.parent.block_hash = B256::ZERO;
    let mut later = file.clone();
    let mut first = later.blocks[0].clone();
    first.transactions.clear();
    later.blocks[0].environment.number += 1;
    later.blocks.insert(0, first);
    let given = B256::repeat_byte(0xcd);
    for mut file in [file, later] {
        let refused = refusal(&file);
        assert_eq!(refused.reason.remedy(), advice(100));
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::init(folder.path(), &Genesis::from(&file)).unwrap();
        let in_store = file
            .blocks
            .iter()
            .map(|block| execute_next(&mut store, block, Settings::default()))
            .find_map(Result::err);
        assert_eq!(in_store, Some(Error::NotProvable(vec![refused.clone()])));
        // The advice is right.
        let mut in_parent = file.clone();
        in_parent.parent.block_hash = given;
        let right = U256::from_be_bytes(given.0);
        assert_eq!(slot(&everywhere(&in_parent), CONTRACT, 1), right);
        // The state has zero for it, and gets no other hash afterwards.
        let asking = file.blocks.last_mut().unwrap();
        asking.older_hashes = [(100, given)].into();
        let reason = BlockFault::OlderHashNameless { number: 100, given };
        // No advice to leave it out alone: it would be asked for again.
        let remedy = reason.remedy();
        assert!(remedy.contains("`parent.blockHash`"), "{remedy}");
        let block = asking.environment.number;
        let fault = execute_file(&file, Settings::default()).map(|_| ());
        let Err(error) = fault else {
            panic!("another hash is taken");
        };
        assert!(
            matches!(&error, Error::InvalidBlock { block: found, reason: why } if (*found, why) == (block, &reason)),
            "{error}"
        );
    }
}

#[test]
fn hashes_must_be_of_the_257_blocks_before_and_of_no_other_chain() {
    let fault = |number: u64, parent: u64, older: &[(u64, u8)]| {
        let mut file = file(vec![]);
        file.parent.number = parent;
        file.parent.block_hash = B256::repeat_byte(7);
        file.blocks[0].environment.number = number;
        let hashes = older.iter();
        let hashes = hashes.map(|(number, byte)| (*number, B256::repeat_byte(*byte)));
        file.blocks[0].older_hashes = hashes.collect();
        match execute_file(&file, Settings::default()) {
            Ok(_) => None,
            Err(Error::InvalidBlock { block, reason }) => {
                assert_eq!(block, number);
                Some(reason)
            }
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(fault(301, 300, &[(44, 1), (299, 2), (300, 7)]), None);
    for number in [43, 0, 301, 302, u64::MAX] {
        let expected = BlockFault::OlderHashNumber { number };
        assert_eq!(fault(301, 300, &[(number, 1)]), Some(expected), "{number}");
    }
    let expected = BlockFault::OlderHash {
        number: 300,
        given: B256::repeat_byte(8),
        known: B256::repeat_byte(7),
    };
    assert_eq!(fault(301, 300, &[(300, 8)]), Some(expected));
    // Near the first block there are fewer.
    assert_eq!(fault(1, 0, &[(0, 7)]), None);
    assert!(fault(1, 0, &[(u64::MAX, 7)]).is_some());

    // Nor may a block contradict what one before it gave, or the hash that one before it got.
    let mut file = sample(&SampleConfig {
        blocks: 3,
        ..SampleConfig::new(5, 3)
    })
    .unwrap();
    file.blocks[0].older_hashes = [(50, B256::repeat_byte(1))].into();
    file.blocks[2].older_hashes = [(50, B256::repeat_byte(1))].into();
    everywhere(&file);
    for number in [50, 101, 102] {
        file.blocks[2].older_hashes = [(number, B256::repeat_byte(2))].into();
        let refused = execute_file(&file, Settings::default());
        assert!(
            matches!(refused.map(|_| ()).unwrap_err(), Error::InvalidBlock { block: 103, reason: BlockFault::OlderHash { number: found, .. } } if found == number)
        );
    }
}
