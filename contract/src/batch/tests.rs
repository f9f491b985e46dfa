//! What is written is read, and what is read has one form.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn word() -> impl Strategy<Value = B256> {
    any::<[u8; 32]>().prop_map(B256::new)
}

prop_compose! {
    fn block()(
        numbers in any::<[u64; 4]>(),
        coinbase in any::<[u8; 20]>(),
        words in [word(), word(), word()],
        fee in word(),
        fee_bits in 0..=256_usize,
        transactions in vec(vec(any::<u8>(), 0..200), 0..5),
    ) -> PublishedBlock {
        let [timestamp, gas_limit, gas_used, base_fee] = numbers;
        let [prev_randao, log_chain, state_root] = words;
        PublishedBlock {
            timestamp, gas_limit, gas_used, base_fee, prev_randao, log_chain, state_root,
            blob_base_fee: U256::from_be_bytes(fee.0) >> (256 - fee_bits),
            coinbase: Address::new(coinbase),
            transactions: transactions.into_iter().map(Bytes::from).collect(),
        }
    }
}

prop_compose! {
    fn batch()(
        chain_id in any::<u64>(),
        first_block in any::<u64>(),
        previous_block_hash in word(),
        blocks in vec(block(), 1..4),
    ) -> Batch {
        Batch { chain_id, first_block, previous_block_hash, blocks }
    }
}

proptest! {
    #[test]
    fn survives_the_round_trip(batch in batch()) {
        prop_assert_eq!(Batch::decode(&batch.encode().unwrap()).unwrap(), batch);
    }

    #[test]
    fn whatever_is_read_gives_the_same_bytes_again(bytes in vec(any::<u8>(), 0..600), batch in batch(), cut in any::<prop::sample::Index>()) {
        let mut published = batch.encode().unwrap();
        published.truncate(cut.index(published.len() + 1));
        published.extend(bytes);
        if let Ok(batch) = Batch::decode(&published) {
            prop_assert_eq!(batch.encode().unwrap(), published);
        }
    }
}

#[test]
fn layout_is_pinned() {
    let block = PublishedBlock {
        timestamp: 0x0101_0101_0101_0101,
        gas_limit: 0x0202_0202_0202_0202,
        gas_used: 0x0303_0303_0303_0303,
        base_fee: 0x0404_0404_0404_0404,
        coinbase: Address::repeat_byte(5),
        prev_randao: B256::repeat_byte(6),
        blob_base_fee: U256::from(0x0909),
        log_chain: B256::repeat_byte(7),
        state_root: B256::repeat_byte(8),
        transactions: vec![Bytes::from_static(b"ab"), Bytes::new()],
    };
    let batch = Batch {
        chain_id: 0x0a0a_0a0a_0a0a_0a0a,
        first_block: 0x0b0b_0b0b_0b0b_0b0b,
        previous_block_hash: B256::repeat_byte(12),
        blocks: vec![block],
    };
    let fields: [&[u8]; 16] = [
        &[0, 0, 0, 2],
        &[10; 8],
        &[11; 8],
        &[12; 32],
        &[1; 8],
        &[2; 8],
        &[3; 8],
        &[4; 8],
        &[5; 20],
        &[6; 32],
        &[7; 32],
        &[8; 32],
        &[0, 0, 0, 2],
        &[2, 9, 9],
        &[0, 0, 2, b'a', b'b'],
        &[0, 0, 0],
    ];
    assert_eq!(batch.encode().unwrap(), fields.concat());
}

#[test]
fn what_cannot_be_written_is_refused() {
    assert_eq!(Batch::default().encode(), Err(Error::EmptyBatch));
    let mut batch = Batch {
        blocks: vec![PublishedBlock::default()],
        ..Batch::default()
    };
    batch.blocks[0].transactions = vec![vec![0; MAX_TRANSACTION_BYTES].into()];
    assert!(batch.encode().is_ok());
    batch.blocks[0].transactions[0] = vec![0; MAX_TRANSACTION_BYTES + 1].into();
    let too_long = Error::TransactionTooLong {
        block: 0,
        index: 0,
        bytes: MAX_TRANSACTION_BYTES + 1,
        limit: MAX_TRANSACTION_BYTES,
    };
    assert_eq!(batch.encode(), Err(too_long));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let batch = Batch {
        blocks: vec![PublishedBlock::default()],
        ..Batch::default()
    };
    let bytes = batch.encode().unwrap();
    assert_eq!(Batch::decode(&bytes[..52]), Err(Error::EmptyBatch));
    for length in (0..bytes.len()).filter(|length| *length != 52) {
        let error = Batch::decode(&bytes[..length]).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{error}");
    }
    let mut other = bytes.clone();
    other[3] = 1;
    let version = Error::Version {
        found: 1,
        expected: 2,
    };
    assert_eq!(Batch::decode(&other), Err(version));
    // Four billion transactions, of which none is there.
    let mut huge = bytes;
    let length = huge.len();
    // Before the length of the blob base fee, which is zero.
    huge[length - 5..length - 1].fill(0xff);
    let truncated = Error::Truncated {
        offset: length,
        needed: 3,
        length,
    };
    assert_eq!(Batch::decode(&huge), Err(truncated));
}

#[test]
fn a_blob_base_fee_has_one_form() {
    let with_fee = |blob_base_fee: U256| Batch {
        blocks: vec![PublishedBlock {
            blob_base_fee,
            ..PublishedBlock::default()
        }],
        ..Batch::default()
    };
    let free = with_fee(U256::ZERO).encode().unwrap();
    // Its last byte is the fee's length.
    assert_eq!(free.len(), 52 + 153);
    let offset = free.len();
    let instead = |end: &[u8]| [&free[..offset - 1], end].concat();
    for (fee, end) in [
        (U256::ZERO, vec![0]),
        (U256::from(1), vec![1, 1]),
        (U256::from(0x1_00ff), vec![3, 1, 0, 0xff]),
        (U256::MAX, [vec![32], vec![0xff; 32]].concat()),
    ] {
        let bytes = instead(&end);
        assert_eq!(with_fee(fee).encode().unwrap(), bytes);
        assert_eq!(Batch::decode(&bytes), Ok(with_fee(fee)));
    }
    for end in [
        vec![1, 0],
        vec![2, 0, 1],
        [vec![32, 0], vec![0xff; 31]].concat(),
        [vec![33], vec![0xff; 33]].concat(),
        vec![33],
        vec![255],
    ] {
        let error = Error::NonCanonicalBlobBaseFee {
            offset,
            length: end[0].into(),
        };
        assert_eq!(Batch::decode(&instead(&end)), Err(error), "{end:?}");
    }
    let truncated = Error::Truncated {
        offset,
        needed: 2,
        length: offset + 1,
    };
    assert_eq!(Batch::decode(&instead(&[2, 0])), Err(truncated));
}
