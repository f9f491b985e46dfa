//! Keys of the state, hashed by whole words: the derived hash of an address goes through its bytes and takes several times as long.

use core::hash::{BuildHasher, Hash, Hasher};

use alloy_primitives::{Address, U256};

/// A storage slot's key.
pub(super) type SlotKey = (Address, U256);

/// What can be a key: an account's address, or a slot's key.
pub(super) trait Key: Copy + Eq {
    /// Feeds all that tells it from others.
    fn feed(&self, hasher: &mut impl Hasher);
}

impl Key for Address {
    fn feed(&self, hasher: &mut impl Hasher) {
        if let Some((head, tail)) = self.as_slice().split_first_chunk::<16>() {
            hasher.write_u128(u128::from_ne_bytes(*head));
            if let Some(tail) = tail.first_chunk::<4>() {
                hasher.write_u32(u32::from_ne_bytes(*tail));
            }
        }
    }
}

impl Key for SlotKey {
    fn feed(&self, hasher: &mut impl Hasher) {
        self.0.feed(hasher);
        for limb in self.1.as_limbs() {
            hasher.write_u64(*limb);
        }
    }
}

/// A key in a hash map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyed<K>(pub(super) K);

impl<K: Key> Hash for Keyed<K> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.feed(hasher);
    }
}

/// Hashes with a secret of its own, so that nobody can choose keys that collide.
pub(super) type KeyHasher = foldhash::fast::RandomState;

/// The hash of a key.
pub(super) fn hash(state: &KeyHasher, key: &impl Key) -> u64 {
    let mut hasher = state.build_hasher();
    key.feed(&mut hasher);
    hasher.finish()
}
