//! The hashes of an open block, and sealing it, as `docs/statement.md` defines them.

use alloy_primitives::{B256, Log, U256, keccak256};
use braid_circuits::event::{BlockEnvironment, Checkpoint, PublishedSponge};
use braid_circuits::state_hash::logs::{log_chain, log_data};
use braid_circuits::state_hash::{Digest, EMPTY};

/// The chain over logs after one more: [`log_chain`].
pub fn extend_log_chain(chain: Digest, log: &Log) -> Digest {
    let data = log_data(&log.data.data);
    log_chain(chain, log.address, log.data.topics(), data)
}

/// A hash by Poseidon as 32 bytes: its four field elements as big-endian 64-bit numbers.
pub fn digest_bytes(digest: &Digest) -> B256 {
    let mut bytes = [0u8; 32];
    for (part, element) in bytes.chunks_exact_mut(8).zip(digest) {
        part.copy_from_slice(&element.to_be_bytes());
    }
    B256::new(bytes)
}

/// Hash of a sealed block: Keccak-256 over twelve words of 32 bytes.
pub fn block_hash(open: &Checkpoint) -> B256 {
    let environment = &open.block;
    let word = |number: u64| B256::from(U256::from(number));
    let words = [
        open.block_hash,
        word(environment.number),
        word(environment.timestamp),
        environment.coinbase.into_word(),
        word(environment.gas_limit),
        B256::from(environment.base_fee),
        environment.prev_randao,
        B256::from(environment.blob_base_fee),
        open.published.digest(),
        digest_bytes(&open.log_chain),
        word(open.gas_used),
        digest_bytes(&open.state_root),
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
        published: PublishedSponge::default(),
        log_chain: EMPTY,
    }
}
