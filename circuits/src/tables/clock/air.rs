//! What `clock` says on the bus. It has no constraints.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Felt, Row, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use crate::bus::{Message, tag};

/// The table `clock`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

braid_stark::columns! {
    /// A row.
    pub struct ClockColumns<T> {
        /// How often `value` is looked up.
        pub count: T,
    }
}

braid_stark::columns! {
    /// What a row offers.
    pub struct Fixed<T> {
        /// The number.
        pub value: T,
    }
}

/// The row of a number; whether the table is that high is for the caller to see.
fn row_of(payload: &[Felt]) -> Option<usize> {
    let &[value] = payload else { return None };
    usize::try_from(value.to_canonical_u64()).ok()
}

impl Table for Clock {
    fn name(&self) -> &'static str {
        "clock"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ClockColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
        for row in 0..height {
            let entry: &mut Fixed<Felt> = trace.push();
            entry.value = Felt::from_canonical_usize(row);
        }
        trace
    }

    fn lookups(&self) -> Vec<Lookup> {
        vec![Lookup {
            tag: tag::Clock,
            multiplicity: 0,
            rows: OfferedBy::Computed(row_of),
        }]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ClockColumns<B::X> = row.local();
        let fixed: &Fixed<B::X> = row.fixed();
        builder.receive(Message::Clock { value: fixed.value }, local.count);
    }
}
