//! The bytes in which blocks are published. The layout is described in `verifier-contract/src/BatchReader.sol` and `docs/settlement.md`.

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_verifier::STATEMENT_VERSION;

use crate::error::Error;

/// Most bytes of one transaction in a batch: its length has three bytes.
pub const MAX_TRANSACTION_BYTES: usize = (1 << 24) - 1;

/// Most bytes of a blob base fee in a batch.
const MAX_FEE_BYTES: usize = 32;

/// A sealed block as it is published: what its hash is made of, but for parent hash and number, which its place in the batch tells, and
/// `tx_chain`, which its transactions tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedBlock {
    /// Seconds since the epoch.
    pub timestamp: u64,
    /// Most gas that its transactions may use.
    pub gas_limit: u64,
    /// Gas that they used.
    pub gas_used: u64,
    /// Wei for each unit of gas that is burned.
    pub base_fee: u64,
    /// Who gets the tips.
    pub coinbase: Address,
    /// The randomness of the block.
    pub prev_randao: B256,
    /// Wei for each unit of blob gas, as code can ask for it.
    pub blob_base_fee: U256,
    /// Hash chain over its logs: four field elements, eight big-endian bytes each.
    pub log_chain: B256,
    /// State after it: four field elements, eight big-endian bytes each.
    pub state_root: B256,
    /// Signed transactions (EIP-2718).
    pub transactions: Vec<Bytes>,
}

/// Consecutive blocks that are settled together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The rollup's chain id.
    pub chain_id: u64,
    /// Number of the first block.
    pub first_block: u64,
    /// Hash of the block before it.
    pub previous_block_hash: B256,
    /// The blocks in order, at least one.
    pub blocks: Vec<PublishedBlock>,
}

impl Batch {
    /// The bytes to publish.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`], [`Error::TooManyTransactions`], [`Error::TransactionTooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        if self.blocks.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let mut bytes = Vec::new();
        bytes.extend(STATEMENT_VERSION.to_be_bytes());
        bytes.extend(self.chain_id.to_be_bytes());
        bytes.extend(self.first_block.to_be_bytes());
        bytes.extend(self.previous_block_hash);
        for (position, block) in self.blocks.iter().enumerate() {
            block.encode(position, &mut bytes)?;
        }
        Ok(bytes)
    }

    /// Reads published bytes. What comes out gives the same bytes again. Whether the transactions are any, and the state roots
    /// canonical, is not looked at.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::EmptyBatch`], [`Error::Version`], [`Error::NonCanonicalBlobBaseFee`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader { bytes, offset: 0 };
        let version = u32::from_be_bytes(reader.array()?);
        if version != STATEMENT_VERSION {
            return Err(Error::Version {
                found: version,
                expected: STATEMENT_VERSION,
            });
        }
        let mut batch = Self {
            chain_id: reader.number()?,
            first_block: reader.number()?,
            previous_block_hash: B256::new(reader.array()?),
            blocks: Vec::new(),
        };
        while reader.offset < bytes.len() {
            batch.blocks.push(PublishedBlock::decode(&mut reader)?);
        }
        if batch.blocks.is_empty() {
            return Err(Error::EmptyBatch);
        }
        Ok(batch)
    }
}

impl PublishedBlock {
    fn encode(&self, position: usize, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let too_many = |_| Error::TooManyTransactions {
            block: position,
            count: self.transactions.len(),
        };
        let count = u32::try_from(self.transactions.len()).map_err(too_many)?;
        for number in [self.timestamp, self.gas_limit, self.gas_used, self.base_fee] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.coinbase);
        for word in [self.prev_randao, self.log_chain, self.state_root] {
            bytes.extend(word);
        }
        bytes.extend(count.to_be_bytes());
        let fee = self.blob_base_fee.to_be_bytes_trimmed_vec();
        // At most 32.
        bytes.push(fee.len() as u8);
        bytes.extend(fee);
        for (index, transaction) in self.transactions.iter().enumerate() {
            let length = transaction.len();
            if length > MAX_TRANSACTION_BYTES {
                return Err(Error::TransactionTooLong {
                    block: position,
                    index,
                    bytes: length,
                    limit: MAX_TRANSACTION_BYTES,
                });
            }
            // The three low bytes: the others are zero.
            let [.., high, middle, low] = length.to_be_bytes();
            bytes.extend([high, middle, low]);
            bytes.extend(transaction);
        }
        Ok(())
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut block = Self {
            timestamp: reader.number()?,
            gas_limit: reader.number()?,
            gas_used: reader.number()?,
            base_fee: reader.number()?,
            coinbase: Address::new(reader.array()?),
            prev_randao: B256::new(reader.array()?),
            log_chain: B256::new(reader.array()?),
            state_root: B256::new(reader.array()?),
            blob_base_fee: U256::ZERO,
            transactions: Vec::new(),
        };
        let count = u32::from_be_bytes(reader.array()?);
        block.blob_base_fee = reader.fee()?;
        // The vector grows with what is there, not with what the count says.
        for _ in 0..count {
            let [high, middle, low] = reader.array()?;
            let length = u32::from_be_bytes([0, high, middle, low]);
            let transaction = reader.slice(length as usize)?;
            block.transactions.push(Bytes::copy_from_slice(transaction));
        }
        Ok(block)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn slice(&mut self, needed: usize) -> Result<&'a [u8], Error> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let taken = rest.get(..needed).ok_or(Error::Truncated {
            offset: self.offset,
            needed,
            length: self.bytes.len(),
        })?;
        self.offset += needed;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.slice(N)?);
        Ok(array)
    }

    fn number(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_be_bytes)
    }

    /// A number behind the byte that tells its length. Each has one form: without leading zero bytes, and zero without any bytes.
    fn fee(&mut self) -> Result<U256, Error> {
        let [length] = self.array()?;
        let length = usize::from(length);
        let not_canonical = Error::NonCanonicalBlobBaseFee {
            offset: self.offset,
            length,
        };
        if length > MAX_FEE_BYTES {
            return Err(not_canonical);
        }
        match self.slice(length)? {
            [0, ..] => Err(not_canonical),
            bytes => Ok(U256::from_be_slice(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
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
                blob_base_fee: U256::from_be_bytes(fee.0).checked_shr(256 - fee_bits).unwrap_or_default(),
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
}
