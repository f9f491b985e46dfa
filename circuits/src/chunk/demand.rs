//! What a chunk asks of the tables: upper bounds, added up part by part while a chunk is cut.

use std::collections::BTreeMap;

use braid_stark::{Shape, Tag};

use super::table::{ChunkTable, Part};
use crate::event::ChunkEvents;

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

/// How many messages of each kind are claimed at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimCounts(BTreeMap<Tag, usize>);

impl ClaimCounts {
    /// Claims of the kind `tag`.
    pub fn of(&self, tag: Tag) -> usize {
        self.0.get(&tag).copied().unwrap_or(0)
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
        let claims = self.claims.0.entry(tag).or_default();
        *claims = claims.saturating_add(count);
    }
}

/// What a chunk asks of tables. A shape has a height for each.
#[derive(Clone)]
pub struct Demand<'a> {
    tables: &'a [Box<dyn ChunkTable>],
    /// Rows by table, without those that follow from claims.
    rows: Vec<usize>,
    claims: ClaimCounts,
    /// Transactions, each with one signature.
    pub transactions: usize,
    /// Published bytes of all transactions.
    pub published_bytes: usize,
    /// Accounts that are touched.
    pub accounts: usize,
    /// Levels of the state tree on the way to these accounts.
    pub tree_levels: usize,
}

impl<'a> Demand<'a> {
    /// A chunk without transactions, proved with `tables`.
    pub fn new(tables: &'a [Box<dyn ChunkTable>]) -> Self {
        let mut demand = Self {
            tables,
            rows: vec![0; tables.len()],
            claims: ClaimCounts::default(),
            transactions: 0,
            published_bytes: 0,
            accounts: 0,
            tree_levels: 0,
        };
        demand.add(Part::Chunk);
        demand
    }

    /// What a chunk asks for; its levels are exact.
    pub fn of(tables: &'a [Box<dyn ChunkTable>], events: &ChunkEvents) -> Self {
        let mut demand = Self::new(tables);
        for event in &events.transactions {
            demand.add(Part::Transaction(event));
        }
        for account in &events.accounts {
            demand.add(Part::Account);
            demand.add(Part::Levels(account.path.siblings.len()));
        }
        demand
    }

    /// The chunk gets another part.
    pub fn add(&mut self, part: Part<'_>) {
        match part {
            Part::Chunk => {}
            Part::Transaction(event) => {
                self.transactions += 1;
                self.published_bytes += event.raw.len();
            }
            Part::Account => self.accounts += 1,
            Part::Levels(count) => self.tree_levels += count,
        }
        for (table, rows) in self.tables.iter().zip(&mut self.rows) {
            let claims = &mut self.claims;
            table.demand(part, &mut Asked { rows, claims });
        }
    }

    /// Messages by kind that tables prove.
    pub fn claims(&self) -> &ClaimCounts {
        &self.claims
    }

    /// Rows of each table at most, in the tables' order.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let tables = self.tables.iter().zip(&self.rows);
        tables.map(|(table, rows)| {
            let rows = rows.saturating_add(table.rows_for(&self.claims));
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
