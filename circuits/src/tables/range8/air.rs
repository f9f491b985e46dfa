//! What `u8` says on the bus. It has no constraints.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{ConstraintBuilder, Felt, Row, Table, Trace};
use plonky2::field::types::PrimeField64;

use super::columns::{Fixed, Range8Columns};
use super::{ENTRIES, generation};
use crate::bus::{Message, tag};

/// The table `u8`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range8;

fn row_of(payload: &[Felt]) -> Option<usize> {
    let &[value] = payload else { return None };
    usize::try_from(value.to_canonical_u64())
        .ok()
        .filter(|row| *row < ENTRIES)
}

impl Table for Range8 {
    fn name(&self) -> &'static str {
        "u8"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<Range8Columns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        generation::fixed(height)
    }

    fn min_height(&self) -> usize {
        ENTRIES
    }

    fn lookups(&self) -> Vec<Lookup> {
        vec![Lookup {
            tag: tag::U8,
            multiplicity: 0,
            rows: OfferedBy::Computed(row_of),
        }]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &Range8Columns<B::X> = row.local();
        let fixed: &Fixed<B::X> = row.fixed();
        builder.receive(Message::U8 { value: fixed.value }, local.multiplicity);
    }
}
