//! Filling tables one after the other, in an order that follows from what they are filled from.

use std::any::{Any, TypeId};
use std::collections::{BTreeSet, HashMap};

use braid_stark::table::InteractionsOnly;
use braid_stark::{AnyTable, Felt, Row, Tag, Trace};
use plonky2::field::types::Field;

use super::claims::Claims;
use super::table::ChunkTable;
use crate::error::Error;
use crate::event::ChunkEvents;
use crate::execution::Execution;

/// What tables are filled from: the events, and what the tables before them say and leave.
pub struct Filling<'a> {
    /// The chunk.
    pub events: &'a ChunkEvents,
    /// What the tables filled so far send, of the kinds that some table is filled from.
    pub claims: Claims,
    execution: Option<Execution>,
    left: HashMap<TypeId, Box<dyn Any>>,
}

impl<'a> Filling<'a> {
    /// Nothing is filled yet.
    pub fn new(events: &'a ChunkEvents, claims: Claims) -> Self {
        Self {
            events,
            claims,
            execution: None,
            left: HashMap::new(),
        }
    }

    /// The chunk's contract execution, worked out once.
    ///
    /// # Errors
    /// As [`Execution::of`].
    pub fn execution(&mut self) -> Result<&Execution, Error> {
        let execution = match self.execution.take() {
            Some(known) => known,
            None => Execution::of(self.events)?,
        };
        Ok(self.execution.insert(execution))
    }

    /// Leaves something for a table that is filled later and would otherwise compute it again.
    pub fn leave<T: Any>(&mut self, value: T) {
        self.left.insert(TypeId::of::<T>(), Box::new(value));
    }

    /// What was left of type `T`.
    pub fn take<T: Any>(&mut self) -> Option<T> {
        let value = self.left.remove(&TypeId::of::<T>())?;
        value.downcast().ok().map(|value| *value)
    }
}

/// The kinds of message that `table` sends or receives.
fn kinds_of(table: &dyn AnyTable) -> BTreeSet<Tag> {
    // Which messages a row states does not depend on its cells, only how often they are meant.
    let [main, fixed] =
        [table.column_names(), table.fixed_names()].map(|names| vec![Felt::ZERO; names.len()]);
    let row = Row {
        local: &main,
        next: &main,
        fixed: &fixed,
        first: Felt::ZERO,
        last: Felt::ZERO,
        transition: Felt::ZERO,
    };
    let mut said = InteractionsOnly(Vec::new());
    table.interactions_of_row(row, &mut said);
    said.0.iter().map(|said| said.message.tag).collect()
}

/// The positions of `tables` in the order in which they are filled: see [`ChunkTable`]. Of those that could be next, the
/// first in the list is.
///
/// # Errors
/// [`Error::Order`] when tables wait for each other.
pub fn order(tables: &[Box<dyn ChunkTable>]) -> Result<Vec<usize>, Error> {
    let kinds: Vec<_> = tables
        .iter()
        .map(|table| kinds_of(table.as_ref()))
        .collect();
    let waits_for = |later: usize, earlier: usize| {
        let passes_on = |table: usize, kind: &Tag| tables[table].passes_on().contains(kind);
        let before = |kind: &Tag| {
            !tables[earlier].filled_from().contains(kind)
                || passes_on(earlier, kind) && !passes_on(later, kind)
        };
        let mut from = tables[later].filled_from().iter();
        later != earlier && from.any(|kind| kinds[earlier].contains(kind) && before(kind))
    };
    let mut waiting: Vec<usize> = (0..tables.len()).collect();
    let mut order = Vec::with_capacity(tables.len());
    while !waiting.is_empty() {
        let ready = waiting
            .iter()
            .position(|&table| waiting.iter().all(|&other| !waits_for(table, other)));
        let Some(ready) = ready else {
            let names = waiting.iter().map(|&table| tables[table].name());
            return Err(Error::Order(names.collect()));
        };
        order.push(waiting.remove(ready));
    }
    Ok(order)
}

/// Fills all of `tables`; the rows come in their order.
///
/// # Errors
/// [`Error::Order`]; what [`ChunkTable::fill`] says.
pub fn fill(tables: &[Box<dyn ChunkTable>], events: &ChunkEvents) -> Result<Vec<Trace>, Error> {
    let wanted = tables.iter().flat_map(|table| table.filled_from());
    let mut filling = Filling::new(events, Claims::new(wanted.copied()));
    let mut filled: Vec<(usize, Trace)> = Vec::with_capacity(tables.len());
    for position in order(tables)? {
        let table = &tables[position];
        let rows = table.fill(&mut filling)?;
        filling.claims.read(table.as_ref(), &rows);
        filled.push((position, rows));
    }
    filled.sort_by_key(|(position, _)| *position);
    Ok(filled.into_iter().map(|(_, rows)| rows).collect())
}
