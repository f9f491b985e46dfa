//! Where a table's constraints and messages go.

use crate::columns::Columns;
use crate::expression::Expression;
use crate::message::{Interaction, Message};

/// What a table sees of its trace when one row is evaluated.
///
/// The row after the last one is the first one: rows are cyclic, and [`Row::transition`] vanishes on the last.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a, X> {
    /// The row's main columns.
    pub local: &'a [X],
    /// The following row's main columns.
    pub next: &'a [X],
    /// The row's fixed columns.
    pub fixed: &'a [X],
    /// 1 on the first row, 0 on the others; degree 1.
    pub first: X,
    /// 1 on the last row, 0 on the others; degree 1.
    pub last: X,
    /// 0 on the last row, 1 on the others; degree 1.
    pub transition: X,
}

impl<'a, X: Copy> Row<'a, X> {
    /// The row as named columns.
    pub fn local<C: Columns<X>>(&self) -> &'a C {
        C::from_slice(self.local)
    }

    /// The following row as named columns.
    pub fn next<C: Columns<X>>(&self) -> &'a C {
        C::from_slice(self.next)
    }

    /// The row's fixed columns by name.
    pub fn fixed<C: Columns<X>>(&self) -> &'a C {
        C::from_slice(self.fixed)
    }
}

/// Collects what a table demands of one row. Each constraint has degree at most 3 (counting [`Row::transition`] and its
/// like as 1) and a label such as `"keccak/chi"`, unique per meaning.
pub trait ConstraintBuilder {
    /// What constraints are written over.
    type X: Expression;

    /// Demands that `value` is zero on every row.
    fn assert_zero(&mut self, label: &'static str, value: Self::X);

    /// Puts an interaction on the bus on every row. Payload elements have degree at most 2 (prefer 1: two interactions
    /// of degree-1 payloads share a helper column), the multiplicity at most 2.
    fn interact(&mut self, interaction: Interaction<Self::X>);

    /// Demands `left == right`.
    fn assert_eq(&mut self, label: &'static str, left: Self::X, right: Self::X) {
        self.assert_zero(label, left - right);
    }

    /// Demands that `value` is 0 or 1.
    fn assert_bool(&mut self, label: &'static str, value: Self::X) {
        self.assert_zero(label, value * value.not());
    }

    /// Demands `left == right` wherever `condition` is non-zero.
    fn assert_eq_when(
        &mut self,
        label: &'static str,
        condition: Self::X,
        left: Self::X,
        right: Self::X,
    ) {
        self.assert_zero(label, condition * (left - right));
    }

    /// Sends `message`, `multiplicity` times.
    fn send(&mut self, message: impl Into<Message<Self::X>>, multiplicity: Self::X) {
        self.interact(Interaction {
            message: message.into(),
            multiplicity,
        });
    }

    /// Receives `message`, `multiplicity` times.
    fn receive(&mut self, message: impl Into<Message<Self::X>>, multiplicity: Self::X) {
        self.interact(Interaction {
            message: message.into(),
            multiplicity: -multiplicity,
        });
    }
}
