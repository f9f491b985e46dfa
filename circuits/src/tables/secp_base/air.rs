//! What `secp_base` says on the bus. It has no constraints.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Felt, Row, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{Fixed, SecpBaseColumns};
use crate::bus::{Message, tag};
use crate::limbs::{felts, limbs16};
use crate::secp256k1::offset::{BASE_POINTS, DIGITS};
use crate::word::word;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecpBase;

fn row_of(payload: &[Felt]) -> Option<usize> {
    let low = payload.first()?.to_canonical_u64() as usize;
    let high = payload.get(1)?.to_canonical_u64() as usize;
    (low < DIGITS && high < DIGITS).then_some(DIGITS * high + low)
}

impl Table for SecpBase {
    fn name(&self) -> &'static str {
        "secp_base"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<SecpBaseColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
        let points = BASE_POINTS.iter().enumerate().flat_map(|(high, points)| {
            let points = points.iter().enumerate();
            points.map(move |(low, point)| (low, high, point))
        });
        for (low, high, point) in points.cycle().take(height) {
            let row: &mut Fixed<Felt> = trace.push();
            row.low = Felt::from_canonical_usize(low);
            row.high = Felt::from_canonical_usize(high);
            row.x = felts(limbs16(point.x));
            row.y = word(point.y);
        }
        trace
    }

    fn min_height(&self) -> usize {
        DIGITS * DIGITS
    }

    fn lookups(&self) -> Vec<Lookup> {
        vec![Lookup {
            tag: tag::BasePoint,
            multiplicity: 0,
            rows: OfferedBy::Computed(row_of),
        }]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &SecpBaseColumns<B::X> = row.local();
        let fixed: &Fixed<B::X> = row.fixed();
        builder.receive(
            Message::BasePoint {
                low: fixed.low,
                high: fixed.high,
                x: fixed.x,
                y: fixed.y,
            },
            local.count,
        );
    }
}
