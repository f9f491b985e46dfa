//! Constraints and messages.

use braid_stark::columns::names_of;
use braid_stark::{Columns, ConstraintBuilder, Expression, Felt, Row, Table, Trace};
use plonky2::field::types::Field;

use super::columns::{PoseidonColumns, SBOXES};
use super::generation::fill;
use super::rounds::permute;
use crate::bus::Message;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Poseidon;

impl Table for Poseidon {
    fn name(&self) -> &'static str {
        "poseidon"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<PoseidonColumns<()>>()
    }

    fn pad(&self, trace: &mut Trace, height: usize) {
        let used = trace.height();
        trace.resize(height);
        let mut padding = vec![Felt::ZERO; trace.width()];
        fill(PoseidonColumns::from_slice_mut(&mut padding));
        for row in trace.rows_mut().skip(used) {
            row.copy_from_slice(&padding);
        }
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &PoseidonColumns<B::X> = row.local();
        builder.assert_bool("poseidon/used", local.used);
        let mut position = 0;
        let output = permute(local.input, local.domain, |x| {
            let kept = local.sboxes.get(position);
            let cube = match kept {
                Some(columns) => columns.cube,
                None => local.last_cubes[position - SBOXES],
            };
            position += 1;
            builder.assert_eq("poseidon/cube", cube, x * x * x);
            let seventh = cube * cube * x;
            let Some(columns) = kept else {
                return seventh;
            };
            builder.assert_eq("poseidon/seventh", columns.seventh, seventh);
            columns.seventh
        });
        for (column, value) in local.output.into_iter().zip(output) {
            builder.assert_eq("poseidon/output", column, value);
        }
        let [a, b, c, d, e, f, g, h] = local.input;
        let zero = B::X::zero();
        let claim = Message::Poseidon {
            input: [a, b, c, d, e, f, g, h, local.domain, zero, zero, zero],
            output: local.output,
        };
        builder.receive(claim, local.used);
    }
}
