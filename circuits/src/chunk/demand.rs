//! What a chunk asks of the tables: upper bounds, added up part by part while a chunk is cut.

use std::collections::{BTreeMap, HashSet};

use braid_stark::{Shape, Tag};

use super::table::{ChunkTable, Part};
use crate::error::Error;
use crate::event::ChunkEvents;
use crate::execution::Execution;

/// A table that does not hold what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it needs {rows} rows of table {table}, which has {height}")]
pub struct Misfit {
    /// The table.
    pub table: &'static str,
    /// Rows that are needed, at most.
    pub rows: usize,
    /// Rows that there are.
    pub height: usize,
}

/// What names a claim among those of its kind, where it is proved once for all who make it.
pub type ClaimName = [u64; 5];

/// Distinct claims of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Distinct {
    known: HashSet<ClaimName>,
    rows: usize,
}

/// How many messages of each kind are claimed at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimCounts {
    counts: BTreeMap<Tag, usize>,
    distinct: BTreeMap<Tag, BTreeMap<usize, Distinct>>,
}

impl ClaimCounts {
    /// Claims of the kind `tag`.
    pub fn of(&self, tag: Tag) -> usize {
        self.counts.get(&tag).copied().unwrap_or(0)
    }

    /// Rows for the claims of the kind `tag` that are proved once each: see [`Asked::distinct`].
    pub fn rows_of_distinct(&self, tag: Tag) -> usize {
        let found = self.distinct.get(&tag).into_iter();
        let rows = found.flat_map(|found| found.values());
        rows.fold(0, |sum, found| sum.saturating_add(found.rows))
    }

    fn add(&mut self, tag: Tag, count: usize) {
        let claims = self.counts.entry(tag).or_default();
        *claims = claims.saturating_add(count);
    }

    fn add_distinct(&mut self, tag: Tag, name: ClaimName, rows: usize) {
        let of_tag = self.distinct.entry(tag).or_default();
        let found = of_tag.entry(rows).or_default();
        if found.known.insert(name) {
            found.rows = found.rows.saturating_add(rows);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (tag, count) in &other.counts {
            self.add(*tag, *count);
        }
        for (tag, found) in &other.distinct {
            for (rows, found) in found {
                for name in &found.known {
                    self.add_distinct(*tag, *name, *rows);
                }
            }
        }
    }
}

/// Takes down what one table says that a part of a chunk takes.
#[derive(Debug)]
pub struct Asked<'a> {
    rows: &'a mut usize,
    claims: &'a mut ClaimCounts,
}

impl Asked<'_> {
    /// `count` rows of the table itself.
    pub fn rows(&mut self, count: usize) {
        *self.rows = self.rows.saturating_add(count);
    }

    /// `count` messages of the kind `tag`, of which some table proves each.
    pub fn claims(&mut self, tag: Tag, count: usize) {
        self.claims.add(tag, count);
    }

    /// A message of the kind `tag` that takes `rows` rows where it is proved, once for all that have this name and take as many.
    pub fn distinct(&mut self, tag: Tag, name: ClaimName, rows: usize) {
        self.claims.add_distinct(tag, name, rows);
    }
}

/// What parts of a chunk ask of tables.
///
/// Distinct claims name bytecodes by their numbers: shares of runs can be put together if all of these runs were gone through with the same list of
/// bytecodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Rows by table, without those that follow from claims.
    rows: Vec<usize>,
    claims: ClaimCounts,
}

impl Share {
    /// Nothing, of so many tables.
    fn none(tables: usize) -> Self {
        Self {
            rows: vec![0; tables],
            claims: ClaimCounts::default(),
        }
    }

    /// What these parts ask of `tables`.
    pub fn of<'a>(
        tables: &[Box<dyn ChunkTable>],
        parts: impl IntoIterator<Item = Part<'a>>,
    ) -> Self {
        let mut share = Self::none(tables.len());
        parts.into_iter().for_each(|part| share.add(tables, part));
        share
    }

    fn add(&mut self, tables: &[Box<dyn ChunkTable>], part: Part<'_>) {
        for (table, rows) in tables.iter().zip(&mut self.rows) {
            let claims = &mut self.claims;
            table.demand(part, &mut Asked { rows, claims });
        }
    }

    fn merge(&mut self, other: &Self) {
        for (rows, more) in self.rows.iter_mut().zip(&other.rows) {
            *rows = rows.saturating_add(*more);
        }
        self.claims.merge(&other.claims);
    }
}

/// What a chunk asks of tables. A shape has a height for each.
#[derive(Clone)]
pub struct Demand<'a> {
    tables: &'a [Box<dyn ChunkTable>],
    share: Share,
    /// Transactions, each with one signature.
    pub transactions: usize,
    /// Published bytes of all transactions.
    pub published_bytes: usize,
    /// Accounts that are touched.
    pub accounts: usize,
    /// Slots that are accessed.
    pub slots: usize,
    /// Numbers that block hashes are asked of.
    pub block_hashes: usize,
    /// Levels of the state tree on the way to these accounts, slots and block hashes, and to that of the parent of a block that is opened.
    pub tree_levels: usize,
}

impl<'a> Demand<'a> {
    /// A chunk without transactions, proved with `tables`.
    pub fn new(tables: &'a [Box<dyn ChunkTable>]) -> Self {
        let mut demand = Self {
            tables,
            share: Share::none(tables.len()),
            transactions: 0,
            published_bytes: 0,
            accounts: 0,
            slots: 0,
            block_hashes: 0,
            tree_levels: 0,
        };
        demand.add(Part::Chunk);
        demand
    }

    /// What a chunk asks for; its levels are exact.
    ///
    /// # Errors
    /// As [`Execution::of`].
    pub fn of(tables: &'a [Box<dyn ChunkTable>], events: &ChunkEvents) -> Result<Self, Error> {
        let mut demand = Self::new(tables);
        for event in &events.transactions {
            demand.add(Part::Transaction(event));
        }
        for code in &events.codes {
            demand.add(Part::Code(code));
        }
        if !events.executions.is_empty() {
            demand.add(Part::Run(&Execution::of(events)?));
        }
        for account in &events.accounts {
            demand.add(Part::Account);
            demand.add(Part::Levels(account.path.siblings.len()));
        }
        for slot in &events.slots {
            demand.add(Part::Slot);
            demand.add(Part::Levels(slot.path.siblings.len()));
        }
        for asked in &events.block_hashes {
            demand.add(Part::BlockHash);
            demand.add(Part::Levels(asked.path.siblings.len()));
        }
        if let Some(parent) = &events.parent_hash {
            demand.add(Part::Levels(parent.path.siblings.len()));
        }
        Ok(demand)
    }

    /// The chunk gets another part.
    pub fn add(&mut self, part: Part<'_>) {
        match part {
            Part::Chunk | Part::Run(_) | Part::Code(_) => {}
            Part::Transaction(event) => {
                self.transactions += 1;
                self.published_bytes += event.raw.len();
            }
            Part::Account => self.accounts += 1,
            Part::Slot => self.slots += 1,
            Part::BlockHash => self.block_hashes += 1,
            Part::Levels(count) => self.tree_levels += count,
        }
        self.share.add(self.tables, part);
    }

    /// The chunk gets parts whose share, of the same tables, is known; of runs and bytecodes only.
    pub fn add_share(&mut self, share: &Share) {
        self.share.merge(share);
    }

    /// Messages by kind that tables prove.
    pub fn claims(&self) -> &ClaimCounts {
        &self.share.claims
    }

    /// Rows of each table at most, in the tables' order.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let tables = self.tables.iter().zip(&self.share.rows);
        tables.map(|(table, rows)| {
            let rows = rows.saturating_add(table.rows_for(&self.share.claims));
            (table.name(), rows)
        })
    }

    /// Whether the heights of `shape` suffice; a table that the shape does not have has no rows.
    ///
    /// # Errors
    /// The first table that is too small.
    pub fn fits(&self, shape: &Shape) -> Result<(), Misfit> {
        for (table, rows) in self.rows() {
            let height = shape.log_height_of(table);
            let height = height.map_or(0, |log_height| 1 << log_height);
            if rows > height {
                return Err(Misfit {
                    table,
                    rows,
                    height,
                });
            }
        }
        Ok(())
    }
}
