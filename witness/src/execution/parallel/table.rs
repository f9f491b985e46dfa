//! A multi-version map: for each key the values that transactions of the block wrote, by the writer's index.
//!
//! Most keys that a block reads are never written in it. So that such a read costs one access to a line that all cores share, buckets of keys have a
//! mark each: whether any of its keys was written, and otherwise the highest reader. A writer learns from it whether somebody above may
//! have read the value that was there before. Marks may say too much, never too little; nothing but speed hangs on them.

use core::hash::Hash;

use hashbrown::HashTable;

use super::sync::{AtomicU32, Mutex, MutexGuard, Ordering};

/// The mark of a bucket one of whose keys was written.
const WRITTEN: u32 = 1 << 31;
/// Marks for each expected key.
const MARKS_PER_KEY: usize = 8;
const MOST_MARKS: usize = 1 << 22;
const MOST_SHARDS: usize = 1 << 10;

/// What one transaction wrote.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<V> {
    /// The writer.
    pub(super) transaction: usize,
    /// Whether it is about to write again.
    pub(super) estimate: bool,
    /// The value.
    pub(super) value: V,
}

/// All that was written to one key, in order of the writers.
#[derive(Debug)]
pub(super) struct Cell<K, V> {
    hash: u64,
    /// The key.
    pub(super) key: K,
    /// The entries.
    pub(super) entries: smallvec::SmallVec<[Entry<V>; 1]>,
    highest_reader: u32,
}

impl<K, V> Cell<K, V> {
    /// The entries of transactions below this one, the latest first.
    pub(super) fn below(&self, transaction: usize) -> impl Iterator<Item = &Entry<V>> {
        // Nearly always the last entries are meant, so that a search from the end is the fastest.
        let entries = self.entries.iter().rev();
        entries.skip_while(move |entry| entry.transaction >= transaction)
    }
}

#[repr(align(128))]
#[derive(Debug)]
struct Shard<K, V> {
    cells: Mutex<HashTable<Cell<K, V>>>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    marks: Vec<AtomicU32>,
    shards: Vec<Shard<K, V>>,
}

/// Who reads: marks are left for a transaction, not for a validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// An execution of this transaction.
    Execution(usize),
    /// A validation.
    Validation,
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    /// For about this many keys.
    pub(super) fn new(keys: usize) -> Self {
        let marks = (keys * MARKS_PER_KEY)
            .next_power_of_two()
            .clamp(64, MOST_MARKS);
        let shards = (keys / 16).next_power_of_two().clamp(1, MOST_SHARDS);
        let room = keys / shards;
        let shard = || Shard {
            cells: Mutex::new(HashTable::with_capacity(room)),
        };
        Self {
            marks: (0..marks).map(|_| AtomicU32::new(0)).collect(),
            shards: (0..shards).map(|_| shard()).collect(),
        }
    }

    fn mark(&self, hash: u64) -> Option<&AtomicU32> {
        self.marks.get(hash as usize & (self.marks.len() - 1))
    }

    fn shard(&self, hash: u64) -> Option<MutexGuard<'_, HashTable<Cell<K, V>>>> {
        // Other bits than the marks' and the hash table's own, which takes the highest and the lowest.
        let shard = self
            .shards
            .get((hash >> 32) as usize & (self.shards.len() - 1))?;
        let cells = shard.cells.lock();
        Some(cells.unwrap_or_else(|poison| poison.into_inner()))
    }

    /// Whether no key that shares this one's mark was ever written.
    pub(super) fn is_unwritten(&self, hash: u64) -> bool {
        let mark = self.mark(hash);
        mark.is_none_or(|mark| mark.load(Ordering::SeqCst) & WRITTEN == 0)
    }

    /// Looks at what was written to a key, if anything was.
    pub(super) fn read<T>(
        &self,
        hash: u64,
        key: &K,
        reader: Reader,
        look: impl FnOnce(&Cell<K, V>) -> T,
    ) -> Option<T> {
        let mark = self.mark(hash)?;
        let mut seen = mark.load(Ordering::SeqCst);
        let mut own = 0;
        if let Reader::Execution(transaction) = reader {
            own = transaction as u32 + 1;
            if seen < own {
                seen = mark.fetch_max(own, Ordering::SeqCst);
            }
        }
        if seen & WRITTEN == 0 {
            return None;
        }
        let mut cells = self.shard(hash)?;
        let cell = cells.find_mut(hash, |cell| cell.key == *key)?;
        cell.highest_reader = cell.highest_reader.max(own);
        (!cell.entries.is_empty()).then(|| look(cell))
    }

    /// Writes for a transaction, or replaces what it wrote. Gives whether a later transaction may have read what was there before.
    pub(super) fn write(&self, hash: u64, key: K, transaction: usize, value: V) -> bool {
        let Some(mut cells) = self.shard(hash) else {
            return true;
        };
        let cell = cells
            .entry(hash, |cell| cell.key == key, |cell| cell.hash)
            .or_insert_with(|| Cell {
                hash,
                key,
                entries: Default::default(),
                highest_reader: 0,
            })
            .into_mut();
        let entry = Entry {
            transaction,
            estimate: false,
            value,
        };
        let entries = &mut cell.entries;
        // As above: the place is nearly always the last.
        let place = entries
            .iter()
            .rposition(|known| known.transaction <= transaction);
        match place.and_then(|place| entries.get_mut(place).map(|known| (place, known))) {
            Some((_, known)) if known.transaction == transaction => *known = entry,
            Some((place, _)) => entries.insert(place + 1, entry),
            None => entries.insert(0, entry),
        }
        let reader = cell.highest_reader;
        drop(cells);
        let before = self
            .mark(hash)
            .map_or(0, |mark| mark.fetch_or(WRITTEN, Ordering::SeqCst));
        reader.max(before & !WRITTEN) > transaction as u32 + 1
    }

    fn entry<T>(
        &self,
        hash: u64,
        key: &K,
        transaction: usize,
        change: impl FnOnce(&mut Cell<K, V>, usize) -> T,
    ) -> Option<T> {
        let mut cells = self.shard(hash)?;
        let cell = cells.find_mut(hash, |cell| cell.key == *key)?;
        let mut places = cell.entries.iter();
        let place = places.rposition(|entry| entry.transaction == transaction)?;
        Some(change(cell, place))
    }

    /// Marks what a transaction wrote as about to be written again.
    pub(super) fn estimate(&self, hash: u64, key: &K, transaction: usize) {
        self.entry(hash, key, transaction, |cell, place| {
            if let Some(entry) = cell.entries.get_mut(place) {
                entry.estimate = true;
            }
        });
    }

    /// Takes away what a transaction wrote. Gives whether a later transaction may have read it.
    pub(super) fn remove(&self, hash: u64, key: &K, transaction: usize) -> bool {
        let removed = self.entry(hash, key, transaction, |cell, place| {
            cell.entries.remove(place);
            cell.highest_reader > transaction as u32 + 1
        });
        removed.unwrap_or(false)
    }

    /// Changes what a transaction wrote, from what was written before it.
    pub(super) fn resolve<T>(
        &self,
        hash: u64,
        key: &K,
        transaction: usize,
        change: impl FnOnce(&mut V, Option<&V>) -> T,
    ) -> Option<T> {
        self.entry(hash, key, transaction, |cell, place| {
            let (before, from) = cell.entries.split_at_mut_checked(place)?;
            let entry = from.first_mut()?;
            Some(change(
                &mut entry.value,
                before.last().map(|entry| &entry.value),
            ))
        })?
    }

    /// Number of shards, for [`Self::visit`].
    pub(super) fn shard_count(&self) -> usize {
        self.shards.len()
    }

    /// Looks at all cells of a shard, in no order.
    pub(super) fn visit(&self, shard: usize, mut look: impl FnMut(&Cell<K, V>)) {
        if let Some(shard) = self.shards.get(shard) {
            let cells = shard.cells.lock();
            let cells = cells.unwrap_or_else(|poison| poison.into_inner());
            cells
                .iter()
                .filter(|cell| !cell.entries.is_empty())
                .for_each(&mut look);
        }
    }
}
