//! The bytes in which blocks are published. The layout is described in `verifier-contract/src/BatchReader.sol` and `docs/settlement.md`.

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_verifier::STATEMENT_VERSION;

use crate::error::Error;

/// Most bytes of one transaction in a batch: its length has three bytes.
pub const MAX_TRANSACTION_BYTES: usize = (1 << 24) - 1;

/// Most bytes of a blob base fee in a batch.
const MAX_FEE_BYTES: usize = 32;

/// A sealed block as it is published: what its hash is made of, but for parent hash and number, which its place in the batch tells, and
/// the hash of the published bytes, which its transactions tell.
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
mod tests;
