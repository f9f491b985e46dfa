//! The transactions of a block made ready to execute, on all threads, and a cache of who signed them.
//!
//! Recovery of a public key costs many times what the rest of decoding does, and a transaction is often decoded more than once: when it
//! arrives, when its block is executed, when the block is proved.

use alloy_primitives::map::FbBuildHasher;
use alloy_primitives::{B256, Bytes};
use braid_text::Rules;
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use rayon::prelude::*;

use crate::error::TransactionFault;
use crate::signature::{Signature, Signer};
use crate::transaction::{Refusal, SignedTransaction, TransactionKind};

/// Fewest transactions that are worth another thread.
const MIN_TRANSACTIONS_PER_TASK: usize = 8;

/// Who signed which transaction, by transaction hash; shared between threads.
///
/// The hash is Keccak-256 of all the bytes of a signed transaction, and so commits to `v` or the parity, `r`, `s`, the chain id and everything that
/// was signed. The signer is a function of these alone: an entry is right for ever, whatever the chain or the state. Only signers that
/// were recovered are kept, no refusals, and decoding checks the form, the chain and the range of the signature before it asks. So the cache
/// saves curve arithmetic and decides nothing: with it and without it the same transactions are refused, for the same reasons.
///
/// It holds a bounded number of entries, of about 240 bytes with what is remembered of those that went. Beyond that, those go first that were not
/// asked for again since they came (S3-FIFO, so that a flood of transactions that are seen once does not displace those that are asked for again).
/// The memory grows with the entries and is not reserved beforehand.
#[derive(Debug)]
pub struct SenderCache {
    signers: Cache<B256, Signer, UnitWeighter, FbBuildHasher<32>>,
}

impl Default for SenderCache {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl SenderCache {
    /// Entries of the default cache: a few of the largest blocks, in about 60 MB.
    pub const DEFAULT_CAPACITY: usize = 1 << 18;

    /// A cache of about `capacity` entries: they are divided among shards, of which one may be full before the others are. With a capacity of zero
    /// nothing is kept.
    pub fn new(capacity: usize) -> Self {
        Self {
            signers: Cache::with(
                capacity,
                capacity as u64,
                UnitWeighter,
                FbBuildHasher::default(),
                DefaultLifecycle::default(),
            ),
        }
    }

    /// Entries now.
    pub fn len(&self) -> usize {
        self.signers.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.signers.is_empty()
    }

    /// Most entries at any time: what was asked for, rounded up to the same number in each shard.
    pub fn capacity(&self) -> u64 {
        self.signers.capacity()
    }

    /// Signers that were found, since the cache was made.
    pub fn hits(&self) -> u64 {
        self.signers.hits()
    }

    /// Signers that were not found, since the cache was made.
    pub fn misses(&self) -> u64 {
        self.signers.misses()
    }

    /// [`SignedTransaction::decode`], without recovery if the signer is known.
    ///
    /// # Errors
    /// Those of [`SignedTransaction::decode`].
    pub fn decode(&self, raw: Bytes, chain: u64) -> Result<SignedTransaction, Refusal> {
        SignedTransaction::decode_with(raw, chain, |hash, signature| self.signer(hash, signature))
    }

    /// The signer of the transaction with this hash and this signature.
    fn signer(&self, hash: B256, signature: &Signature) -> Result<Signer, TransactionFault> {
        if let Some(signer) = self.signers.get(&hash) {
            return Ok(signer);
        }
        // Outside the cache's locks: should two threads recover the same signer at once, nothing waits and one result is dropped.
        let signer = signature.recover()?;
        self.signers.insert(hash, signer);
        Ok(signer)
    }
}

/// Decodes the transactions of a block, recovers their senders (from the cache where it knows them), hashes them and checks the rules that need neither
/// block nor state ([`SignedTransaction::check_static`]), on the threads of rayon's pool. The results are in order.
pub fn prepare(
    transactions: &[Bytes],
    chain: u64,
    rules: Rules,
    cache: Option<&SenderCache>,
) -> Vec<Result<SignedTransaction, Refusal>> {
    let one = |raw: &Bytes| {
        // What is no transaction yet is not looked into.
        let kind = TransactionKind::SetCode;
        if rules < kind.since() && raw.first() == kind.type_byte().first() {
            return Err(TransactionFault::LaterType {
                kind: kind.number(),
                since: kind.since(),
            }
            .into());
        }
        let transaction = match cache {
            Some(cache) => cache.decode(raw.clone(), chain),
            None => SignedTransaction::decode(raw.clone(), chain),
        }?;
        transaction.check_static(rules)?;
        Ok(transaction)
    };
    // To wake the pool takes about as long as a signature, so that a small block stays on this thread.
    if transactions.len() < 2 * MIN_TRANSACTIONS_PER_TASK {
        return transactions.iter().map(one).collect();
    }
    transactions
        .par_iter()
        .with_min_len(MIN_TRANSACTIONS_PER_TASK)
        .map(one)
        .collect()
}
