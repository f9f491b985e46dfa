//! Who wrote what: for each key of the state the transactions of the block that wrote it. What they wrote is in their outcomes, not here.
//!
//! Keys share buckets, so that a bucket may name a transaction that wrote another key: whoever asks looks into the outcome. Most keys have no writer, or one, and most
//! readers none below them: then a bucket is all that is looked at, eight bytes without a lock. A bucket also has the highest transaction that read any of its
//! keys, from which a writer learns whether somebody above may have read the value that was there before. Buckets may say too much, never too little.

use alloy_primitives::map::HashMap;

use super::sync::{AtomicU32, Mutex, MutexGuard, Ordering};

/// Buckets for each expected key.
const BUCKETS_PER_KEY: usize = 4;
const MOST_BUCKETS: usize = 1 << 24;
const MOST_SHARDS: usize = 1 << 8;

/// No transaction, where transactions are counted from 1.
const NONE: u32 = 0;
/// Several writers: they are in a list.
const SEVERAL: u32 = u32::MAX;

#[derive(Debug)]
struct Bucket {
    /// The only writer, counted from 1, or [`NONE`] or [`SEVERAL`]. Changes only under the lock of the bucket's shard.
    writer: AtomicU32,
    /// The highest reader, counted from 1.
    highest_reader: AtomicU32,
}

/// Writers of some buckets, ascending.
type Lists = HashMap<usize, Vec<u32>>;

/// See the module.
#[derive(Debug)]
pub(super) struct Writers {
    buckets: Vec<Bucket>,
    shards: Vec<Mutex<Lists>>,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// An execution, which wants to be told when the value changes.
    Execution,
    /// A validation, or an execution whose reads are final: nothing that it reads can change any more.
    Final,
}

/// A transaction as buckets and lists have it.
fn counted(transaction: usize) -> u32 {
    transaction as u32 + 1
}

impl Writers {
    /// For about this many keys.
    pub(super) fn new(keys: usize) -> Self {
        let buckets = (keys * BUCKETS_PER_KEY)
            .next_power_of_two()
            .clamp(64, MOST_BUCKETS);
        let shards = (keys / 16).next_power_of_two().clamp(1, MOST_SHARDS);
        let bucket = || Bucket {
            writer: AtomicU32::new(NONE),
            highest_reader: AtomicU32::new(NONE),
        };
        Self {
            buckets: (0..buckets).map(|_| bucket()).collect(),
            shards: (0..shards).map(|_| Mutex::new(Lists::default())).collect(),
        }
    }

    fn index(&self, hash: u64) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }

    fn bucket(&self, hash: u64) -> Option<&Bucket> {
        self.buckets.get(self.index(hash))
    }

    fn lists(&self, hash: u64) -> Option<MutexGuard<'_, Lists>> {
        let shard = self
            .shards
            .get(self.index(hash) & (self.shards.len() - 1))?;
        Some(shard.lock().unwrap_or_else(|poison| poison.into_inner()))
    }

    /// Says that a transaction reads a key: before it looks for writers.
    pub(super) fn note(&self, hash: u64, transaction: usize, reader: Reader) {
        if reader == Reader::Final {
            return;
        }
        if let Some(bucket) = self.bucket(hash) {
            let own = counted(transaction);
            // Most of the time somebody above was here already.
            if bucket.highest_reader.load(Ordering::SeqCst) < own {
                bucket.highest_reader.fetch_max(own, Ordering::SeqCst);
            }
        }
    }

    /// The highest transaction below `below` that may have written a key.
    pub(super) fn below(&self, hash: u64, below: usize) -> Option<usize> {
        let writer = self.bucket(hash)?.writer.load(Ordering::SeqCst);
        let found = match writer {
            NONE => return None,
            SEVERAL => {
                let lists = self.lists(hash)?;
                let list = lists.get(&self.index(hash))?;
                // Nearly always the last one is meant.
                let mut candidates = list.iter().rev();
                *candidates.find(|writer| **writer as usize <= below)?
            }
            only => only,
        };
        let transaction = found as usize - 1;
        (transaction < below).then_some(transaction)
    }

    /// Whether no other transaction can have written a key.
    pub(super) fn is_only(&self, hash: u64, transaction: usize) -> bool {
        let bucket = self.bucket(hash);
        bucket.is_some_and(|bucket| bucket.writer.load(Ordering::SeqCst) == counted(transaction))
    }

    fn is_read_above(&self, hash: u64, transaction: usize) -> bool {
        self.bucket(hash).is_none_or(|bucket| {
            bucket.highest_reader.load(Ordering::SeqCst) > counted(transaction)
        })
    }

    /// Says that a transaction wrote a key, or that what it wrote changed. Gives whether a later transaction may have read what was there before.
    pub(super) fn add(&self, hash: u64, transaction: usize) -> bool {
        let Some(bucket) = self.bucket(hash) else {
            return true;
        };
        let own = counted(transaction);
        let (order, load) = (Ordering::SeqCst, Ordering::SeqCst);
        if bucket
            .writer
            .compare_exchange(NONE, own, order, load)
            .is_err()
            && bucket.writer.load(Ordering::SeqCst) != own
            && let Some(mut lists) = self.lists(hash)
        {
            let list = lists.entry(self.index(hash)).or_default();
            let only = bucket.writer.swap(SEVERAL, Ordering::SeqCst);
            if only != SEVERAL && only != NONE {
                insert(list, only);
            }
            insert(list, own);
        }
        self.is_read_above(hash, transaction)
    }

    /// Says that a transaction does not write a key any more. Gives whether a later transaction may have read what it wrote.
    pub(super) fn remove(&self, hash: u64, transaction: usize) -> bool {
        let own = counted(transaction);
        if let (Some(bucket), Some(mut lists)) = (self.bucket(hash), self.lists(hash)) {
            let (order, load) = (Ordering::SeqCst, Ordering::SeqCst);
            if bucket
                .writer
                .compare_exchange(own, NONE, order, load)
                .is_err()
                && let Some(list) = lists.get_mut(&self.index(hash))
            {
                list.retain(|writer| *writer != own);
            }
        }
        self.is_read_above(hash, transaction)
    }
}

/// Puts a writer into an ascending list, once.
fn insert(list: &mut Vec<u32>, writer: u32) {
    // Nearly always it is the highest.
    let place = list.iter().rposition(|known| *known <= writer);
    match place {
        Some(place) if list.get(place) == Some(&writer) => {}
        Some(place) => list.insert(place + 1, writer),
        None => list.insert(0, writer),
    }
}
