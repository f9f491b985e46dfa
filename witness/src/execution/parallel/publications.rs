//! Which batches said what they wrote, in the order of saying so.
//!
//! Nobody marks what a batch reads. Whoever begins a batch learns what was written so far ([`Filter`]), so that it need not ask about anything else; and whoever wants to know whether a
//! batch still holds looks whether something that was written since is among what it asked for. Both go through lists of hashes, in order, which costs a fraction of a
//! look at a table that other cores write.

use std::sync::Arc;

use super::sync::Mutex;

/// Tells code hashes from accounts, whose keys have the same hash: a credit reads the one and not the other.
pub(super) const CODE_HASH: u64 = 0x5851_f42d_4c95_7f2d;

/// That a batch wrote something, or writes something no more that it wrote before.
#[derive(Clone, Debug)]
struct Publication {
    /// Its first transaction.
    place: usize,
    hashes: Arc<[u64]>,
}

/// What became of what a batch asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// Nothing of it was written as long as there were so many of them; `beside` if something else was.
    Nothing { now: usize, beside: bool },
    /// The batch at a place wrote the key with this hash.
    Written { place: usize, hash: u64 },
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Publications(Mutex<Vec<Publication>>);

impl Publications {
    /// Adds that a batch wrote these keys: after they can be found.
    pub(super) fn push(&self, place: usize, hashes: &[u64]) {
        let publication = Publication {
            place,
            hashes: hashes.into(),
        };
        let mut all = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        all.push(publication);
    }

    /// All after the first `seen`, and how many there are now.
    fn since(&self, seen: usize) -> (Vec<Publication>, usize) {
        let all = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        let new = all.get(seen..).unwrap_or_default().to_vec();
        (new, all.len())
    }

    /// Whether the batch at this place, which looked when there were `seen` of them and asked for these keys, may not have seen what somebody below it wrote.
    pub(super) fn meet(&self, seen: usize, place: usize, asked: &[u64]) -> Met {
        let (new, now) = self.since(seen);
        let mut below = new.iter().filter(|new| new.place < place).peekable();
        if below.peek().is_none() {
            let beside = false;
            return Met::Nothing { now, beside };
        }
        let mut filter = Filter::new(asked.len());
        asked.iter().for_each(|hash| filter.add(*hash));
        for new in below {
            let mut hashes = new.hashes.iter();
            // A scan for each is long, and the filter lets few pass that are not there.
            if let Some(hash) = hashes.find(|hash| filter.has(**hash) && asked.contains(hash)) {
                return Met::Written {
                    place: new.place,
                    hash: *hash,
                };
            }
        }
        let beside = true;
        Met::Nothing { now, beside }
    }

    /// Keys that more than one of them is about, and others with the same bits.
    pub(super) fn rewritten(&self, keys: usize) -> Filter {
        let (new, _) = self.since(0);
        let (mut once, mut again) = (Filter::new(keys), Filter::new(keys));
        for hash in new.iter().flat_map(|new| new.hashes.iter()) {
            if once.has(*hash) {
                again.add(*hash);
            }
            once.add(*hash);
        }
        again
    }

    /// Keys that all of them are about.
    pub(super) fn keys(&self) -> usize {
        let (new, _) = self.since(0);
        new.iter().map(|new| new.hashes.len()).sum()
    }
}

/// Keys that were written, or others with the same bits. A few bits for each key, so that they stay near.
#[derive(Clone, Debug)]
pub(super) struct Filter(Vec<u64>);

/// Keys for each word of 64 bits, or half as many: of those that are not in a filter, one of seventy seems to be, or fewer. Fewer keys would be right more often, and farther away.
const KEYS_PER_WORD: usize = 4;

impl Filter {
    /// For about so many keys.
    pub(super) fn new(keys: usize) -> Self {
        let words = (keys / KEYS_PER_WORD)
            .next_power_of_two()
            .clamp(64, 1 << 20);
        Self(vec![0; words])
    }

    fn bits(hash: u64) -> u64 {
        1 << (hash >> 52 & 63) | 1 << (hash >> 58)
    }

    fn index(&self, hash: u64) -> usize {
        hash as usize & (self.0.len() - 1)
    }

    fn add(&mut self, hash: u64) {
        let index = self.index(hash);
        if let Some(word) = self.0.get_mut(index) {
            *word |= Self::bits(hash);
        }
    }

    /// Whether a key may be among them.
    pub(super) fn has(&self, hash: u64) -> bool {
        let bits = Self::bits(hash);
        self.0
            .get(self.index(hash))
            .is_none_or(|word| word & bits == bits)
    }

    /// Adds what was written since the first `seen`; gives how many there are now.
    pub(super) fn follow(&mut self, publications: &Publications, seen: usize) -> usize {
        let (new, now) = publications.since(seen);
        for hash in new.iter().flat_map(|new| new.hashes.iter()) {
            self.add(*hash);
        }
        now
    }
}
