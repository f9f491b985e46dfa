//! What `opcode` says on the bus. It has no constraints.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Felt, Row, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{Fixed, Needs, OpcodeColumns, Operation};
use super::{ENTRIES, HALTING};
use crate::bus::{Message, tag};
use crate::event::opcode::push_length;

/// The table `opcode`.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpcodeTable;

/// Position of a count among the columns, in the order of [`OpcodeColumns`].
const COUNT: usize = 0;
/// See [`COUNT`].
const PUSH_COUNT: usize = 1;

/// See [`COUNT`].
const NEEDS_COUNT: usize = 2;

/// The entry of a row: its index and what is done.
fn entry(row: usize) -> (usize, Operation<Felt>) {
    let opcode = u8::try_from(row).ok();
    if let Some(operation) = opcode.and_then(Operation::of) {
        return (row, operation);
    }
    // Rows without an opcode repeat the first halting entry.
    let index = if (HALTING..ENTRIES).contains(&row) {
        row
    } else {
        HALTING
    };
    (index, Operation::halting())
}

fn row_of_entry(payload: &[Felt]) -> Option<usize> {
    let (index, operation) = payload.split_first()?;
    let row = index.to_canonical_u64() as usize;
    let (offered, known) = entry(row);
    (row < ENTRIES && offered == row && known.as_slice() == operation).then_some(row)
}

fn row_of_length(payload: &[Felt]) -> Option<usize> {
    let &[byte, length] = payload else {
        return None;
    };
    let byte = u8::try_from(byte.to_canonical_u64()).ok()?;
    let offered = length == Felt::from_canonical_u8(push_length(byte));
    offered.then_some(usize::from(byte))
}

fn row_of_needs(payload: &[Felt]) -> Option<usize> {
    let (byte, needs) = payload.split_first()?;
    let byte = u8::try_from(byte.to_canonical_u64()).ok()?;
    (Needs::of(byte).as_slice() == needs).then_some(usize::from(byte))
}

impl Table for OpcodeTable {
    fn name(&self) -> &'static str {
        "opcode"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<OpcodeColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
        for row in 0..height {
            let (index, operation) = entry(row);
            // Bytes repeat every 256 rows.
            let byte = (row % HALTING) as u8;
            let fixed: &mut Fixed<Felt> = trace.push();
            *fixed = Fixed {
                index: Felt::from_canonical_usize(index),
                operation,
                byte: Felt::from_canonical_u8(byte),
                push_length: Felt::from_canonical_u8(push_length(byte)),
                needs: Needs::of(byte),
            };
        }
        trace
    }

    fn min_height(&self) -> usize {
        ENTRIES
    }

    fn lookups(&self) -> Vec<Lookup> {
        vec![
            Lookup {
                tag: tag::Opcode,
                multiplicity: COUNT,
                rows: OfferedBy::Computed(row_of_entry),
            },
            Lookup {
                tag: tag::PushLength,
                multiplicity: PUSH_COUNT,
                rows: OfferedBy::Computed(row_of_length),
            },
            Lookup {
                tag: tag::OpcodeNeeds,
                multiplicity: NEEDS_COUNT,
                rows: OfferedBy::Computed(row_of_needs),
            },
        ]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &OpcodeColumns<B::X> = row.local();
        let fixed: &Fixed<B::X> = row.fixed();
        let entry = Message::opcode(fixed.index, &fixed.operation);
        builder.receive(entry, local.count);
        let length = Message::PushLength {
            opcode: fixed.byte,
            length: fixed.push_length,
        };
        builder.receive(length, local.push_count);
        let needs = Message::opcode_needs(fixed.byte, &fixed.needs);
        builder.receive(needs, local.needs_count);
    }
}

impl<X: Copy> Message<X> {
    /// The lookup of an entry.
    pub fn opcode(index: X, operation: &Operation<X>) -> Self {
        let cells = operation.as_slice();
        Self::Opcode {
            index,
            operation: core::array::from_fn(|position| cells[position]),
        }
    }

    /// The lookup of what an opcode needs.
    pub fn opcode_needs(opcode: X, needs: &Needs<X>) -> Self {
        Self::OpcodeNeeds {
            opcode,
            defined: needs.defined,
            inputs: needs.inputs,
            outputs: needs.outputs,
            own: needs.own,
            cost: needs.cost,
        }
    }
}
