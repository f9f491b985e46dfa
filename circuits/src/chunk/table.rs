//! What a table knows of chunks beside its constraints: everything that shapes, chunker and filling ask is asked here, so
//! that no list anywhere else names the tables one by one.

use braid_stark::{AnyTable, Tag, Trace};

use super::demand::{Asked, ClaimCounts};
use super::filling::Filling;
use crate::error::Error;
use crate::event::TransactionEvent;
use crate::event::code::CodeEvent;
use crate::execution::Execution;

/// A part of a chunk that takes rows. A chunk is [`Part::Chunk`] once, and each of its transactions, runs, bytecodes, accounts, slots, block hashes and levels.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// What every chunk has, whether it opens and seals a block or not.
    Chunk,
    /// A transaction with its signature.
    Transaction(&'a TransactionEvent),
    /// What transactions do that run code, beside what every transaction takes: one of them, or several.
    Run(&'a Execution),
    /// A bytecode that they run or read.
    Code(&'a CodeEvent),
    /// An account that is touched.
    Account,
    /// A slot that is accessed.
    Slot,
    /// A number that a block hash is asked of.
    BlockHash,
    /// Levels of the state tree on the way to a leaf.
    Levels(usize),
}

/// How large a shape is: heights grow with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeSize {
    /// Log2 of the plain transfers that a chunk holds, or 15 of 16 of them, if it touches few accounts for each. What code takes beside them grows with the steps.
    pub log_transfers: usize,
    /// Log2 of the steps of contract code that a chunk holds at most; `None` where it runs no code.
    pub log_steps: Option<usize>,
}

/// The least log2 height of tables with a row or two a transfer: a class of its own below that would not pay.
const LEAST_LOG_HEIGHT: usize = 4;

impl ShapeSize {
    /// Log2 height for a row or two a transfer.
    pub fn few(self) -> Option<usize> {
        Some((self.log_transfers + 1).max(LEAST_LOG_HEIGHT))
    }

    /// Log2 height for up to `rows` rows for 1,024 steps of code; `None` where no code runs. What workloads take stands in `docs/benchmarks.md`.
    pub fn per_steps(self, rows: usize) -> Option<usize> {
        let log_rows = self.log_steps? + rows.next_power_of_two().ilog2() as usize;
        Some(log_rows.saturating_sub(10).max(LEAST_LOG_HEIGHT))
    }

    /// Log2 height for up to `rows` rows a transfer. Every distinct height costs a layer of leaves in recursion, so
    /// tables had better share heights.
    pub fn per_transfer(self, rows: usize) -> Option<usize> {
        Some(self.log_transfers + rows.next_power_of_two().ilog2() as usize)
    }

    /// Log2 height for up to `rows` rows a transfer, and `more` for each chunk.
    pub fn per_transfer_and(self, rows: usize, more: usize) -> Option<usize> {
        let rows = (rows << self.log_transfers) + more;
        Some(rows.next_power_of_two().ilog2() as usize)
    }
}

/// A table that chunks are proved with.
///
/// # Filling
/// [`ChunkTable::fill`] makes the rows. A table is filled from the events of the chunk, or from what other tables say on the
/// bus, or both. It names the kinds of message that it is filled from in [`ChunkTable::filled_from`], and then is filled after
/// every table that speaks of one of these kinds, unless that table is filled from the same kind. Of tables that are filled from the same
/// kind, those that name it in [`ChunkTable::passes_on`] come first. So the order follows from the tables themselves.
///
/// # Demand
/// [`ChunkTable::demand`] bounds what parts of a chunk take: rows of the table, and the claims that these make. What
/// claims take where they are proved is said by the table that proves them, in [`ChunkTable::rows_for`].
pub trait ChunkTable: AnyTable {
    /// What the table claims, in a sentence, for documentation. The table's module says it in full.
    fn claim(&self) -> &'static str;

    /// Log2 of the height in a shape of this size; a shape makes it at least [`AnyTable::min_height`]. `None` where the shape does without the table: its
    /// chunks must not need a row of it.
    fn log_height(&self, size: ShapeSize) -> Option<usize>;

    /// Adds what `part` takes at most: the table's own rows, and the claims that they make of tables whose rows follow from
    /// claims.
    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>);

    /// Rows for what all tables claim.
    fn rows_for(&self, _claims: &ClaimCounts) -> usize {
        0
    }

    /// The kinds of message that the table is filled from.
    fn filled_from(&self) -> &'static [Tag] {
        &[]
    }

    /// The kinds of [`ChunkTable::filled_from`] of which the table makes messages itself, for the other tables that are filled from them: claims
    /// that it proves by further claims.
    fn passes_on(&self) -> &'static [Tag] {
        &[]
    }

    /// The rows, not padded. Counts of lookups are filled later.
    ///
    /// # Errors
    /// [`Error::Events`] when the events contradict themselves or claim what no row can show.
    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error>;
}
