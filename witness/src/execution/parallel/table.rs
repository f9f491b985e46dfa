//! A multi-version map: for each key the values that transactions of the block wrote, by the writer's index.
//!
//! Most keys that a block reads are never written in it before the reader. So that such a read takes no lock, each key has a mark, which it may share with other
//! keys: the lowest and highest transaction that wrote any of them, and the highest that read any. A writer learns from it whether somebody above may
//! have read the value that was there before. Marks may say too much, never too little.

use core::hash::Hash;

use hashbrown::HashTable;

use super::sync::{AtomicU32, Mutex, MutexGuard, Ordering};

/// Marks for each expected key.
const MARKS_PER_KEY: usize = 4;
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
}

impl<K, V> Cell<K, V> {
    /// The entries of transactions below this one, the latest first.
    pub(super) fn below(&self, transaction: usize) -> impl Iterator<Item = &Entry<V>> {
        // Nearly always the last entries are meant, so that a search from the end is the fastest.
        let entries = self.entries.iter().rev();
        entries.skip_while(move |entry| entry.transaction >= transaction)
    }
}

/// Transactions are counted from 1; 0 is none.
#[derive(Debug)]
struct Mark {
    /// `u32::MAX` less the lowest writer, so that 0 is none.
    lowest_writer: AtomicU32,
    highest_writer: AtomicU32,
    highest_reader: AtomicU32,
}

/// Raises a number; most of the time it is high enough already.
fn raise(number: &AtomicU32, to: u32) {
    if number.load(Ordering::SeqCst) < to {
        number.fetch_max(to, Ordering::SeqCst);
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
    marks: Vec<Mark>,
    shards: Vec<Shard<K, V>>,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// An execution, which wants to be told when the value changes.
    Execution,
    /// A validation, or an execution whose reads are final: nothing that it reads can change any more.
    Final,
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    /// For about this many keys.
    pub(super) fn new(keys: usize) -> Self {
        let marks = (keys * MARKS_PER_KEY)
            .next_power_of_two()
            .clamp(64, MOST_MARKS);
        let shards = (keys / 16).next_power_of_two().clamp(1, MOST_SHARDS);
        let room = keys / shards;
        let mark = || Mark {
            lowest_writer: AtomicU32::new(0),
            highest_writer: AtomicU32::new(0),
            highest_reader: AtomicU32::new(0),
        };
        let shard = || Shard {
            cells: Mutex::new(HashTable::with_capacity(room)),
        };
        Self {
            marks: (0..marks).map(|_| mark()).collect(),
            shards: (0..shards).map(|_| shard()).collect(),
        }
    }

    fn mark(&self, hash: u64) -> Option<&Mark> {
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

    /// Whether no transaction below this one ever wrote a key that shares this one's mark.
    pub(super) fn is_unwritten(&self, hash: u64, below: usize) -> bool {
        self.mark(hash).is_none_or(|mark| {
            let lowest = u32::MAX - mark.lowest_writer.load(Ordering::SeqCst);
            lowest as usize > below
        })
    }

    /// Whether no other transaction than this one ever wrote a key that shares this one's mark.
    pub(super) fn is_written_once(&self, hash: u64, transaction: usize) -> bool {
        self.is_unwritten(hash, transaction)
            && self.mark(hash).is_none_or(|mark| {
                mark.highest_writer.load(Ordering::SeqCst) as usize <= transaction + 1
            })
    }

    /// Looks at what was written to a key, if a transaction below may have written it.
    pub(super) fn read<T>(
        &self,
        hash: u64,
        key: &K,
        below: usize,
        reader: Reader,
        look: impl FnOnce(&Cell<K, V>) -> T,
    ) -> Option<T> {
        if reader == Reader::Execution {
            // Before the look at the writers: whoever writes later sees the mark.
            raise(&self.mark(hash)?.highest_reader, below as u32 + 1);
        }
        if self.is_unwritten(hash, below) {
            return None;
        }
        let cells = self.shard(hash)?;
        let cell = cells.find(hash, |cell| cell.key == *key)?;
        (!cell.entries.is_empty()).then(|| look(cell))
    }

    /// Looks at a key that was written.
    pub(super) fn look<T>(
        &self,
        hash: u64,
        key: &K,
        look: impl FnOnce(&Cell<K, V>) -> T,
    ) -> Option<T> {
        let cells = self.shard(hash)?;
        cells.find(hash, |cell| cell.key == *key).map(look)
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
        drop(cells);
        self.mark(hash).is_none_or(|mark| {
            raise(&mark.lowest_writer, u32::MAX - (transaction as u32 + 1));
            raise(&mark.highest_writer, transaction as u32 + 1);
            self.is_read_above(hash, transaction)
        })
    }

    /// Whether a transaction above may have read a key.
    fn is_read_above(&self, hash: u64, transaction: usize) -> bool {
        self.mark(hash)
            .is_none_or(|mark| mark.highest_reader.load(Ordering::SeqCst) > transaction as u32 + 1)
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
        });
        removed.is_some() && self.is_read_above(hash, transaction)
    }

    /// Changes what a transaction wrote, from what was written before it.
    pub(super) fn resolve<T>(
        &self,
        hash: u64,
        key: &K,
        transaction: usize,
        change: impl FnOnce(&mut V, &[Entry<V>]) -> T,
    ) -> Option<T> {
        self.entry(hash, key, transaction, |cell, place| {
            let (before, from) = cell.entries.split_at_mut_checked(place)?;
            let entry = from.first_mut()?;
            Some(change(&mut entry.value, before))
        })?
    }
}
