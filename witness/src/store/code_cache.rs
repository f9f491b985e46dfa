//! Bytecode in memory, for whoever reads it again.

use std::sync::RwLock;

use alloy_primitives::B256;
use alloy_primitives::map::B256Map;
use revm::state::Bytecode;

/// Bytecode that was read, ready to run. Bytecode never changes under its hash, so all views of a store share it.
#[derive(Debug, Default)]
pub(super) struct CodeCache {
    codes: RwLock<(B256Map<Bytecode>, usize)>,
}

/// Bytes of bytecode in the cache before it starts afresh.
const CODE_CACHE_BYTES: usize = 64 << 20;

impl CodeCache {
    pub(super) fn get(&self, hash: &B256) -> Option<Bytecode> {
        // A lock that a panic left behind protects nothing but whole entries.
        let codes = self.codes.read().unwrap_or_else(|lock| lock.into_inner());
        codes.0.get(hash).cloned()
    }

    pub(super) fn insert(&self, hash: B256, code: Bytecode) {
        let mut codes = self.codes.write().unwrap_or_else(|lock| lock.into_inner());
        if codes.1 > CODE_CACHE_BYTES {
            *codes = Default::default();
        }
        codes.1 += code.len();
        codes.0.insert(hash, code);
    }
}
