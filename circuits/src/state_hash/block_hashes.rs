//! Leaves of the hashes of earlier blocks: one for each number modulo 256.

use alloy_primitives::{B256, U256};

use super::{Digest, Domain, HashInput, RATE, pieces};
use crate::event::NumberedHash;

/// Blocks before it whose hashes a block can ask for (BLOCKHASH), and leaves of block hashes in the state tree.
pub const BLOCK_HASHES: u64 = 256;

/// Which leaf has the hash of block `number`.
pub fn block_hash_index(number: u64) -> u64 {
    number % BLOCK_HASHES
}

/// Key of the hash of a block.
pub fn block_hash_key(number: u64) -> Digest {
    HashInput::block_hash_key(number).digest()
}

/// Value hash of the hash of a block. A hash that is zero has a leaf like any other.
pub fn block_hash_value(block: &NumberedHash) -> Digest {
    let hash = HashInput::block_hash(block.hash).digest();
    HashInput::numbered_hash(hash, block.number).digest()
}

impl HashInput {
    /// The key of the hash of block `number`: see [`block_hash_index`].
    pub fn block_hash_key(number: u64) -> Self {
        let mut elements = [0; RATE];
        elements[0] = block_hash_index(number);
        Self {
            domain: Domain::BlockHashKey,
            elements,
        }
    }

    /// The hash of a block.
    pub fn block_hash(hash: B256) -> Self {
        Self {
            domain: Domain::BlockHash,
            elements: pieces(U256::from_be_bytes(hash.0), 32),
        }
    }

    /// The value of a block hash from the digest of the hash.
    pub fn numbered_hash(hash: Digest, number: u64) -> Self {
        let number = [number & 0xffff_ffff, number >> 32, 0, 0];
        Self::pair(Domain::NumberedHash, hash, number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::state_hash::EMPTY;

    /// One leaf for blocks 256 apart; number and hash are both told by the value.
    #[test]
    fn block_hashes_have_256_leaves() {
        let keys: HashSet<_> = (700..700 + BLOCK_HASHES).map(block_hash_key).collect();
        assert_eq!(keys.len(), 256);
        assert_eq!(block_hash_key(5), block_hash_key(u64::MAX - 250));
        let value = |number, byte| {
            let hash = B256::repeat_byte(byte);
            block_hash_value(&NumberedHash { number, hash })
        };
        let pairs = [(5, 1), (5, 2), (5 + (1 << 32), 1), (0, 0)];
        let values: HashSet<_> = pairs.map(|(number, byte)| value(number, byte)).into();
        assert_eq!(values.len(), 4);
        assert!(!values.contains(&EMPTY));
    }
}
