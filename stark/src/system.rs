//! The ordered list of tables that prove a statement together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::expression::Expression;
use crate::field::{Challenge, Felt};
use crate::message::Interaction;
use crate::symbolic::Node;
use crate::table::AnyTable;
use crate::trace::Trace;

/// What the public values say on the bus, so that all tables and the public values together sum to zero.
pub trait PublicBus: Send + Sync + 'static {
    /// How many public values there are.
    fn count(&self) -> usize;

    /// The interactions of the public values.
    fn interactions<X: Expression>(&self, public: &[X]) -> Vec<Interaction<X>>;
}

/// A [`PublicBus`] behind a pointer.
pub trait AnyPublicBus: Send + Sync {
    /// [`PublicBus::count`].
    fn count(&self) -> usize;
    /// On field elements.
    fn interactions_felt(&self, public: &[Felt]) -> Vec<Interaction<Felt>>;
    /// On extension elements.
    fn interactions_challenge(&self, public: &[Challenge]) -> Vec<Interaction<Challenge>>;
    /// As a graph.
    fn interactions_symbolic(&self, public: &[Node]) -> Vec<Interaction<Node>>;
}

impl<P: PublicBus> AnyPublicBus for P {
    fn count(&self) -> usize {
        PublicBus::count(self)
    }
    fn interactions_felt(&self, public: &[Felt]) -> Vec<Interaction<Felt>> {
        self.interactions(public)
    }
    fn interactions_challenge(&self, public: &[Challenge]) -> Vec<Interaction<Challenge>> {
        self.interactions(public)
    }
    fn interactions_symbolic(&self, public: &[Node]) -> Vec<Interaction<Node>> {
        self.interactions(public)
    }
}

/// A statement without public values: the tables' messages balance among themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPublicValues;

impl PublicBus for NoPublicValues {
    fn count(&self) -> usize {
        0
    }
    fn interactions<X: Expression>(&self, _: &[X]) -> Vec<Interaction<X>> {
        Vec::new()
    }
}

/// Tables in a fixed order, and the public values' part of the bus.
pub struct System {
    /// The tables.
    pub tables: Vec<Box<dyn AnyTable>>,
    /// The public values' messages.
    pub public: Box<dyn AnyPublicBus>,
    /// Fixed columns that were asked for, by position and height.
    fixed: Mutex<HashMap<(usize, usize), Arc<Trace>>>,
}

/// Fixed columns of at most so many rows are kept: those of the tables that are small whatever the chunk.
const KEPT_ROWS: usize = 1 << 16;

impl System {
    /// A system of `tables` whose public values speak through `public`.
    pub fn new(tables: Vec<Box<dyn AnyTable>>, public: impl PublicBus) -> Self {
        Self {
            tables,
            public: Box::new(public),
            fixed: Mutex::default(),
        }
    }

    /// The fixed columns of the table at `position` for `height` rows; of small tables they are worked out once, for whoever looks at many chunks.
    ///
    /// # Panics
    /// If there is no such table.
    pub fn fixed(&self, position: usize, height: usize) -> Arc<Trace> {
        let known = || self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fixed) = known().get(&(position, height)) {
            return Arc::clone(fixed);
        }
        let fixed = Arc::new(self.tables[position].fixed(height));
        if height <= KEPT_ROWS {
            known().insert((position, height), Arc::clone(&fixed));
        }
        fixed
    }

    /// The position of the table called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name() == name)
    }
}
