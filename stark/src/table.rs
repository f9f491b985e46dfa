//! What a table is.

use crate::builder::{ConstraintBuilder, Row};
use crate::expression::Expression;
use crate::field::{Challenge, Felt};
use crate::message::{Interaction, Message, Tag};
use crate::packed::Packed;
use crate::symbolic::Node;
use crate::trace::Trace;

/// One table (AIR): its columns, constraints and messages.
pub trait Table: Send + Sync + 'static {
    /// A short unique name such as `"keccak_f"`.
    fn name(&self) -> &'static str;

    /// Names of the main columns in order; their number is the width.
    fn column_names(&self) -> Vec<String>;

    /// Names of the fixed columns in order.
    fn fixed_names(&self) -> Vec<String> {
        Vec::new()
    }

    /// The fixed columns for a table of `height` rows: part of the verifying key. Must have `fixed_names().len()` columns.
    fn fixed(&self, height: usize) -> Trace {
        Trace::zero(self.fixed_names().len(), height)
    }

    /// The least height at which the table's claim makes sense (a power of two).
    fn min_height(&self) -> usize {
        1
    }

    /// The lookups that this table answers with multiplicity columns; see [`crate::lookup::fill_multiplicities`].
    fn lookups(&self) -> Vec<Lookup> {
        Vec::new()
    }

    /// Appends padding rows until the trace has `height` rows. By default they are zero.
    fn pad(&self, trace: &mut Trace, height: usize) {
        trace.resize(height);
    }

    /// States the constraints and messages of one row. Called for every row of the trace with its successor.
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B);
}

/// A kind of message that a table receives as often as it is asked for.
#[derive(Clone, Copy)]
pub struct Lookup {
    /// The kind.
    pub tag: Tag,
    /// The main column that counts how often a row is asked for.
    pub multiplicity: usize,
    /// How the row that offers a payload is found.
    pub rows: OfferedBy,
}

/// How the row is found that offers what is looked up.
#[derive(Clone, Copy)]
pub enum OfferedBy {
    /// The payload tells: for fixed tables. `None` if no row offers it.
    Computed(fn(&[Felt]) -> Option<usize>),
    /// By search: the first row that receives a message with this payload, whatever its count.
    Search,
}

/// Everything that one evaluation of a table said.
#[derive(Clone, Debug)]
pub struct Collected<X> {
    /// Labels and values of the constraints, in order.
    pub constraints: Vec<(&'static str, X)>,
    /// What was put on the bus, in order.
    pub interactions: Vec<Interaction<X>>,
}

impl<X> Default for Collected<X> {
    fn default() -> Self {
        Self {
            constraints: Vec::new(),
            interactions: Vec::new(),
        }
    }
}

impl<X> Collected<X> {
    /// Forgets everything, keeping the allocations.
    pub fn clear(&mut self) {
        self.constraints.clear();
        self.interactions.clear();
    }
}

impl<X: Expression> ConstraintBuilder for Collected<X> {
    type X = X;

    fn assert_zero(&mut self, label: &'static str, value: X) {
        self.constraints.push((label, value));
    }

    fn interact(&mut self, interaction: Interaction<X>) {
        self.interactions.push(interaction);
    }
}

/// Collects interactions only; constraints cost nothing.
#[derive(Clone, Debug)]
pub struct InteractionsOnly<X>(pub Vec<Interaction<X>>);

impl<X: Expression> ConstraintBuilder for InteractionsOnly<X> {
    type X = X;

    fn assert_zero(&mut self, _: &'static str, _: X) {}

    fn interact(&mut self, interaction: Interaction<X>) {
        self.0.push(interaction);
    }
}

/// A [`Table`] behind a pointer: one method per kind of expression.
pub trait AnyTable: Send + Sync {
    /// [`Table::name`].
    fn name(&self) -> &'static str;
    /// [`Table::column_names`].
    fn column_names(&self) -> Vec<String>;
    /// [`Table::fixed_names`].
    fn fixed_names(&self) -> Vec<String>;
    /// [`Table::fixed`].
    fn fixed(&self, height: usize) -> Trace;
    /// [`Table::min_height`].
    fn min_height(&self) -> usize;
    /// [`Table::lookups`].
    fn lookups(&self) -> Vec<Lookup>;
    /// [`Table::pad`].
    fn pad(&self, trace: &mut Trace, height: usize);
    /// Evaluates one row (checker).
    fn eval_row(&self, row: Row<'_, Felt>, out: &mut Collected<Felt>);
    /// Collects the interactions of one row (lookup counts).
    fn interactions_of_row(&self, row: Row<'_, Felt>, out: &mut InteractionsOnly<Felt>);
    /// Collects the interactions of a packed run of rows (LogUp columns).
    fn interactions_of_packed(&self, row: Row<'_, Packed>, out: &mut InteractionsOnly<Packed>);
    /// Evaluates a packed run of rows (prover).
    fn eval_packed(&self, row: Row<'_, Packed>, out: &mut Collected<Packed>);
    /// Evaluates at a point of the extension (verifier).
    fn eval_challenge(&self, row: Row<'_, Challenge>, out: &mut Collected<Challenge>);
    /// Evaluates as a graph (degrees, circuit, digest).
    fn eval_symbolic(&self, row: Row<'_, Node>, out: &mut Collected<Node>);
}

impl<T: Table> AnyTable for T {
    fn name(&self) -> &'static str {
        Table::name(self)
    }
    fn column_names(&self) -> Vec<String> {
        Table::column_names(self)
    }
    fn fixed_names(&self) -> Vec<String> {
        Table::fixed_names(self)
    }
    fn fixed(&self, height: usize) -> Trace {
        Table::fixed(self, height)
    }
    fn min_height(&self) -> usize {
        Table::min_height(self)
    }
    fn lookups(&self) -> Vec<Lookup> {
        Table::lookups(self)
    }
    fn pad(&self, trace: &mut Trace, height: usize) {
        Table::pad(self, trace, height);
    }
    fn eval_row(&self, row: Row<'_, Felt>, out: &mut Collected<Felt>) {
        self.eval(row, out);
    }
    fn interactions_of_row(&self, row: Row<'_, Felt>, out: &mut InteractionsOnly<Felt>) {
        self.eval(row, out);
    }
    fn interactions_of_packed(&self, row: Row<'_, Packed>, out: &mut InteractionsOnly<Packed>) {
        self.eval(row, out);
    }
    fn eval_packed(&self, row: Row<'_, Packed>, out: &mut Collected<Packed>) {
        self.eval(row, out);
    }
    fn eval_challenge(&self, row: Row<'_, Challenge>, out: &mut Collected<Challenge>) {
        self.eval(row, out);
    }
    fn eval_symbolic(&self, row: Row<'_, Node>, out: &mut Collected<Node>) {
        self.eval(row, out);
    }
}

/// A message kind's fingerprint input: tag first, then payload.
pub fn elements<X: Expression>(message: &Message<X>) -> impl Iterator<Item = X> + '_ {
    core::iter::once(X::from_u64(u64::from(message.tag.id))).chain(message.payload.iter().copied())
}
