//! Chunks: what tables know of them ([`ChunkTable`]), what they ask of tables ([`Demand`]), and from their events to the
//! filled tables and the public values.

mod claims;
mod computation;
mod demand;
mod filling;
mod table;

use braid_stark::lookup::fill_multiplicities;
use braid_stark::{Felt, Shape, System, Trace};

pub use claims::Claims;
pub use computation::Computation;
pub use demand::{Asked, ClaimCounts, ClaimName, Demand, Misfit, Share};
pub use filling::{Filling, order};
pub use table::{ChunkTable, Part, ShapeSize};

use crate::error::Error;
use crate::event::ChunkEvents;
use crate::registry;
use crate::statement::{CheckpointLimbs, ChunkStatement};
use crate::word::u64_limbs;

/// The filled tables of one chunk, not padded yet, and its public values.
#[derive(Clone, Debug)]
pub struct FilledTables {
    /// Names and rows, in the order of the tables.
    tables: Vec<(&'static str, Trace)>,
    public: Vec<Felt>,
}

/// The public values of a chunk: `start ‖ end ‖ chain id` ([`ChunkStatement`]).
pub fn public_values(events: &ChunkEvents) -> Vec<Felt> {
    let statement = ChunkStatement {
        start: CheckpointLimbs::from(&events.start),
        end: CheckpointLimbs::from(&events.end),
        chain_id: u64_limbs(events.chain_id),
    };
    statement.as_slice().to_vec()
}

/// Fills all tables of the registry.
///
/// # Errors
/// [`Error::Events`] when the events contradict themselves or claim what no row can show.
pub fn generate(events: &ChunkEvents) -> Result<FilledTables, Error> {
    generate_with(&registry::tables(), events)
}

/// Fills `tables`.
///
/// # Errors
/// As [`generate`]; [`Error::Order`] when tables wait for each other.
pub fn generate_with(
    tables: &[Box<dyn ChunkTable>],
    events: &ChunkEvents,
) -> Result<FilledTables, Error> {
    let names = tables.iter().map(|table| table.name());
    Ok(FilledTables {
        tables: names.zip(filling::fill(tables, events)?).collect(),
        public: public_values(events),
    })
}

impl FilledTables {
    /// The public values.
    pub fn public(&self) -> &[Felt] {
        &self.public
    }

    /// Used rows by table.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.tables
            .iter()
            .map(|(name, rows)| (*name, rows.height()))
    }

    /// The least log2 heights that hold the rows, in the order of `system`'s tables.
    pub fn least_log_heights(&self, system: &System) -> Vec<usize> {
        let tables = system.tables.iter().zip(&self.tables);
        let heights = tables.map(|(table, (_, rows))| {
            let height = rows.height().max(table.min_height()).max(2);
            height.next_power_of_two().ilog2() as usize
        });
        heights.collect()
    }

    /// Leaves out the tables that `shape` does without, and pads and counts as [`Self::pad`].
    ///
    /// # Errors
    /// As [`Self::pad`]; when a table that the shape does without has rows.
    pub fn pad_to(mut self, system: &System, shape: &Shape) -> Result<Vec<Trace>, Error> {
        let lacks = |table: &str| shape.log_height_of(table).is_none();
        let needed = self
            .tables
            .iter()
            .find(|(name, rows)| lacks(name) && rows.height() > 0);
        if let Some((table, rows)) = needed {
            let (rows, height) = (rows.height(), 0);
            return Err(braid_stark::Error::TooManyRows {
                table,
                rows,
                height,
            }
            .into());
        }
        self.tables.retain(|(name, _)| !lacks(name));
        self.pad(system, &Vec::from_iter(shape.log_heights()))
    }

    /// Pads the tables to `2^log_heights` rows and counts the lookups. `system` has the tables that were filled.
    ///
    /// # Errors
    /// When the tables are others or do not fit, or something is looked up that does not exist.
    pub fn pad(self, system: &System, log_heights: &[usize]) -> Result<Vec<Trace>, Error> {
        let names = system.tables.iter().map(|table| table.name());
        if !names.eq(self.tables.iter().map(|(name, _)| *name)) {
            return Err(Error::Events("other tables were filled".to_owned()));
        }
        let mut padded = Vec::with_capacity(self.tables.len());
        let tables = system.tables.iter().zip(self.tables).zip(log_heights);
        for ((table, (name, mut trace)), log_height) in tables {
            let (rows, height) = (trace.height(), 1 << log_height);
            if rows > height {
                return Err(braid_stark::Error::TooManyRows {
                    table: name,
                    rows,
                    height,
                }
                .into());
            }
            table.pad(&mut trace, height);
            padded.push(trace);
        }
        fill_multiplicities(system, &mut padded)?;
        Ok(padded)
    }
}
