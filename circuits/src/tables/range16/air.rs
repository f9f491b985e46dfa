//! What `u16` says on the bus. It has no constraints.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table, Trace};
use plonky2::field::types::PrimeField64;

use super::columns::{Fixed, Range16Columns};
use super::{ENTRIES, generation};
use crate::bus::{Message, tag};

/// The table `u16`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range16;

/// Position of a multiplicity among the columns, in the order of [`Range16Columns`].
const NUMBERS: usize = 0;
/// See [`NUMBERS`].
const XORS: usize = 1;

fn row_of_number(payload: &[Felt]) -> Option<usize> {
    let &[value] = payload else { return None };
    usize::try_from(value.to_canonical_u64())
        .ok()
        .filter(|row| *row < ENTRIES)
}

fn row_of_xor(payload: &[Felt]) -> Option<usize> {
    let &[a, b, c] = payload else { return None };
    let [a, b, c] = [a, b, c].map(|x| x.to_canonical_u64());
    let offered = a < 256 && b < 256 && a ^ b == c;
    offered.then_some((a + 256 * b) as usize)
}

impl Table for Range16 {
    fn name(&self) -> &'static str {
        "u16"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<Range16Columns<()>>()
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
        vec![
            Lookup {
                tag: tag::U16,
                multiplicity: NUMBERS,
                rows: OfferedBy::Computed(row_of_number),
            },
            Lookup {
                tag: tag::Xor,
                multiplicity: XORS,
                rows: OfferedBy::Computed(row_of_xor),
            },
        ]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &Range16Columns<B::X> = row.local();
        let fixed: &Fixed<B::X> = row.fixed();
        let value = B::X::from_limbs(&[fixed.low, fixed.high], 8);
        builder.receive(Message::U16 { value }, local.numbers);
        builder.receive(
            Message::Xor {
                a: fixed.low,
                b: fixed.high,
                c: fixed.xor,
            },
            local.xors,
        );
    }
}
