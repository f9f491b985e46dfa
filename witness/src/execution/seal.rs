//! The hash chains of an open block, and sealing it, as `docs/statement.md` defines them.

use alloy_primitives::{B256, Log, U256, keccak256};
use braid_circuits::event::{BlockEnvironment, Checkpoint};

/// `tx_chain' = keccak256(tx_chain || hash)`.
pub fn extend_chain(chain: B256, hash: B256) -> B256 {
    keccak256([chain.0, hash.0].concat())
}

/// `log_chain' = keccak256(log_chain || keccak256(address || topic count || topics || data))`, the count as one byte.
pub fn extend_log_chain(chain: B256, log: &Log) -> B256 {
    let topics = log.data.topics();
    let mut bytes = Vec::with_capacity(21 + 32 * topics.len() + log.data.data.len());
    bytes.extend_from_slice(log.address.as_slice());
    // LOG4 is the largest.
    bytes.push(topics.len() as u8);
    for topic in topics {
        bytes.extend_from_slice(topic.as_slice());
    }
    bytes.extend_from_slice(&log.data.data);
    extend_chain(chain, keccak256(bytes))
}

/// Hash of a sealed block: Keccak-256 over twelve words of 32 bytes.
pub fn block_hash(open: &Checkpoint) -> B256 {
    let environment = &open.block;
    let word = |number: u64| B256::from(U256::from(number));
    let mut root = B256::ZERO;
    for (bytes, element) in root.0.chunks_exact_mut(8).zip(open.state_root) {
        bytes.copy_from_slice(&element.to_be_bytes());
    }
    let words = [
        open.block_hash,
        word(environment.number),
        word(environment.timestamp),
        environment.coinbase.into_word(),
        word(environment.gas_limit),
        B256::from(environment.base_fee),
        environment.prev_randao,
        B256::from(environment.blob_base_fee),
        open.tx_chain,
        open.log_chain,
        word(open.gas_used),
        root,
    ];
    keccak256(words.concat())
}

/// The checkpoint after sealing the open block.
pub fn sealed(open: &Checkpoint) -> Checkpoint {
    Checkpoint {
        state_root: open.state_root,
        block_hash: block_hash(open),
        block: BlockEnvironment {
            number: open.block.number,
            timestamp: open.block.timestamp,
            ..BlockEnvironment::default()
        },
        open: false,
        tx_count: 0,
        gas_used: 0,
        tx_chain: B256::ZERO,
        log_chain: B256::ZERO,
    }
}
