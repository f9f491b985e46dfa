//! Hashes of the state tree: Poseidon over Goldilocks with domains in the capacity (design: section 6).

/// Four field elements in canonical form.
pub type Digest = [u64; 4];
