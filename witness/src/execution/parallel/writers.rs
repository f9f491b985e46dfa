//! Who wrote what: for each key of the state the transactions of the block that wrote it. What they wrote is in their outcomes, not here.
//!
//! Keys share buckets; a tag of some more bits of its hash tells a key from the others of its bucket. Should two keys have the same tag too, a bucket names a transaction that wrote
//! another key: whoever asks looks into the outcome. Most keys have no writer, or one, and most readers none below them: then a bucket is all that is looked at, four bytes without a
//! lock. A bucket may also have the highest transaction that read one of its keys, from which a writer learns whether somebody above may have read the value that was there before.
//! Buckets may say too much, never too little.

use alloy_primitives::map::HashMap;

use super::sync::{AtomicU32, Mutex, MutexGuard, Ordering};

/// Buckets for each expected key. More of them would be farther away.
const BUCKETS_PER_KEY: usize = 2;
const MOST_BUCKETS: usize = 1 << 24;
const MOST_SHARDS: usize = 1 << 8;

/// No transaction, where transactions are counted from 1.
const NONE: u32 = 0;
/// The tag of a bucket whose readers read several keys.
const ANY: u32 = 0;

/// A transaction, counted from 1, and the tag of the key that it read or wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    transaction: u32,
    tag: u32,
}

/// How marks are put into words, so that both parts change together: as many bits as it takes for a transaction, and the rest for the tag.
#[derive(Clone, Copy, Debug)]
struct Format {
    tag_bits: u32,
}

impl Format {
    /// For so many transactions.
    fn new(transactions: usize) -> Self {
        let highest = u32::try_from(transactions).unwrap_or(u32::MAX);
        let bits = 32 - highest.saturating_add(1).leading_zeros();
        Self {
            tag_bits: 32 - bits.clamp(1, 31),
        }
    }

    /// Several writers: they are in a list.
    fn several(self) -> u32 {
        u32::MAX >> self.tag_bits
    }

    /// What tells a key from others in its bucket. Two keys may still have the same tag.
    fn tag(self, hash: u64) -> u32 {
        match (hash >> (64 - self.tag_bits)) as u32 {
            ANY => 1,
            tag => tag,
        }
    }

    fn mark(self, hash: u64, transaction: usize) -> Mark {
        Mark {
            transaction: counted(transaction),
            tag: self.tag(hash),
        }
    }

    fn pack(self, mark: Mark) -> u32 {
        mark.transaction << self.tag_bits | mark.tag
    }

    fn unpack(self, word: u32) -> Mark {
        Mark {
            transaction: word >> self.tag_bits,
            tag: word & !(u32::MAX << self.tag_bits),
        }
    }
}

/// Writers of some buckets, ascending, each with the tags of what it wrote.
type Lists = HashMap<usize, Vec<Mark>>;

/// See the module.
#[derive(Debug)]
pub(super) struct Writers {
    format: Format,
    /// Of each bucket the only writer, or none, or several. Changes to and from several under the lock of the bucket's shard alone.
    buckets: Vec<AtomicU32>,
    /// Of each bucket the highest reader; none where readers are not noted.
    highest_readers: Vec<AtomicU32>,
    shards: Vec<Mutex<Lists>>,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// An execution, which wants to be told when the value changes. It began when all below `head` was committed.
    Execution {
        /// The first transaction that was not.
        head: usize,
    },
    /// A validation, or an execution whose reads are final: nothing that it reads can change any more.
    Final,
}

/// A transaction as buckets and lists have it.
fn counted(transaction: usize) -> u32 {
    transaction as u32 + 1
}

impl Writers {
    /// For about this many keys and no more than so many transactions; `notes_readers` if somebody will ask who reads.
    pub(super) fn new(keys: usize, transactions: usize, notes_readers: bool) -> Self {
        let buckets = keys
            .saturating_mul(BUCKETS_PER_KEY)
            .clamp(64, MOST_BUCKETS)
            .next_power_of_two();
        let shards = (keys / 16).clamp(1, MOST_SHARDS).next_power_of_two();
        let readers = if notes_readers { buckets } else { 0 };
        let none = |_| AtomicU32::new(NONE);
        Self {
            format: Format::new(transactions),
            buckets: (0..buckets).map(none).collect(),
            highest_readers: (0..readers).map(none).collect(),
            shards: (0..shards).map(|_| Mutex::new(Lists::default())).collect(),
        }
    }

    fn index(&self, hash: u64) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }

    fn bucket(&self, hash: u64) -> Option<&AtomicU32> {
        self.buckets.get(self.index(hash))
    }

    fn highest_reader(&self, hash: u64) -> Option<&AtomicU32> {
        self.highest_readers.get(self.index(hash))
    }

    fn lists(&self, hash: u64) -> Option<MutexGuard<'_, Lists>> {
        let shard = self
            .shards
            .get(self.index(hash) & (self.shards.len() - 1))?;
        Some(shard.lock().unwrap_or_else(|poison| poison.into_inner()))
    }

    /// Says that a transaction reads a key: before it looks for writers.
    pub(super) fn note(&self, hash: u64, transaction: usize, reader: Reader) {
        let (Reader::Execution { head }, Some(mark)) = (reader, self.highest_reader(hash)) else {
            return;
        };
        let own = self.format.mark(hash, transaction);
        let mut seen = mark.load(Ordering::SeqCst);
        loop {
            let other = self.format.unpack(seen);
            // Only those below a reader must be told of it, and nobody below this one writes any more.
            let is_past = other.transaction as usize <= head;
            let next = if is_past || other.transaction == NONE {
                own
            } else {
                Mark {
                    transaction: other.transaction.max(own.transaction),
                    tag: if other.tag == own.tag { own.tag } else { ANY },
                }
            };
            // Most of the time somebody above was here already, or nobody.
            if next == other {
                return;
            }
            let (order, load) = (Ordering::SeqCst, Ordering::SeqCst);
            match mark.compare_exchange(seen, self.format.pack(next), order, load) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// The highest transaction below `below` that may have written a key.
    pub(super) fn below(&self, hash: u64, below: usize) -> Option<usize> {
        let bucket = self.bucket(hash)?;
        let writer = self.format.unpack(bucket.load(Ordering::SeqCst));
        let tag = self.format.tag(hash);
        let found = match writer.transaction {
            NONE => return None,
            several if several == self.format.several() => {
                let lists = self.lists(hash)?;
                let list = lists.get(&self.index(hash))?;
                // Nearly always the last one is meant.
                let mut candidates = list.iter().rev();
                let is_meant =
                    |writer: &&Mark| writer.transaction as usize <= below && writer.tag == tag;
                candidates.find(is_meant)?.transaction
            }
            only if writer.tag == tag => only,
            _ => return None,
        };
        let transaction = found as usize - 1;
        (transaction < below).then_some(transaction)
    }

    /// Whether no other transaction can have written a key.
    pub(super) fn is_only(&self, hash: u64, transaction: usize) -> bool {
        let own = self.format.pack(self.format.mark(hash, transaction));
        let bucket = self.bucket(hash);
        bucket.is_some_and(|bucket| bucket.load(Ordering::SeqCst) == own)
    }

    fn is_read_above(&self, hash: u64, transaction: usize) -> bool {
        let mark = self.highest_reader(hash);
        mark.is_some_and(|mark| {
            let reader = self.format.unpack(mark.load(Ordering::SeqCst));
            reader.transaction > counted(transaction)
                && (reader.tag == self.format.tag(hash) || reader.tag == ANY)
        })
    }

    /// Brings near what [`Self::add`] needs.
    pub(super) fn approach(&self, hash: u64) {
        let bucket = self.bucket(hash);
        core::hint::black_box(bucket.map(|bucket| bucket.load(Ordering::Relaxed)));
    }

    /// Says that a transaction wrote a key, or that what it wrote changed. Gives whether a later transaction may have read what was there before.
    pub(super) fn add(&self, hash: u64, transaction: usize) -> bool {
        let Some(bucket) = self.bucket(hash) else {
            return true;
        };
        let own = self.format.mark(hash, transaction);
        let word = self.format.pack(own);
        let (order, load) = (Ordering::SeqCst, Ordering::SeqCst);
        if bucket.compare_exchange(NONE, word, order, load).is_err()
            && bucket.load(Ordering::SeqCst) != word
            && let Some(mut lists) = self.lists(hash)
        {
            let list = lists.entry(self.index(hash)).or_default();
            let several = Mark {
                transaction: self.format.several(),
                tag: ANY,
            };
            let word = self.format.pack(several);
            let only = bucket.swap(word, Ordering::SeqCst);
            let only = self.format.unpack(only);
            if only != several && only.transaction != NONE {
                insert(list, only);
            }
            insert(list, own);
        }
        self.is_read_above(hash, transaction)
    }

    /// Says that a transaction does not write a key any more. Gives whether a later transaction may have read what it wrote.
    pub(super) fn remove(&self, hash: u64, transaction: usize) -> bool {
        let own = self.format.mark(hash, transaction);
        if let (Some(bucket), Some(mut lists)) = (self.bucket(hash), self.lists(hash)) {
            let (order, load) = (Ordering::SeqCst, Ordering::SeqCst);
            if bucket
                .compare_exchange(self.format.pack(own), NONE, order, load)
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
fn insert(list: &mut Vec<Mark>, writer: Mark) {
    let mut place = list.len();
    // Nearly always it is the highest.
    for (index, known) in list.iter().enumerate().rev() {
        if *known == writer {
            return;
        }
        if known.transaction < writer.transaction {
            break;
        }
        if known.transaction > writer.transaction {
            place = index;
        }
    }
    list.insert(place, writer);
}
