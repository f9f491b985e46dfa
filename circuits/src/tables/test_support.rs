//! The other side of the bus, for tests.

use braid_stark::{
    AnyTable, ConstraintBuilder, Felt, Interaction, Message as BusMessage, Row, Table, Tag, Trace,
};
use plonky2::field::types::{Field, PrimeField64};

use crate::bus::{Message, tag};
use crate::chunk;

/// Longest payload that [`Claims`] can speak.
const WIDEST: usize = 64;

/// Says anything, any number of times: a row holds a one-hot choice of tag, a multiplicity and a payload.
pub struct Claims;

impl Claims {
    /// A trace that sends each of `messages` once.
    pub fn trace(messages: impl IntoIterator<Item = Message<Felt>>) -> Trace {
        Self::signed_trace(messages.into_iter().map(|m| (Felt::ONE, m)))
    }

    /// A trace that sends each message as often as its number says; a negative number receives.
    pub fn signed_trace<M: Into<BusMessage<Felt>>>(
        messages: impl IntoIterator<Item = (Felt, M)>,
    ) -> Trace {
        let mut cells = Vec::new();
        for (count, message) in messages {
            let message: BusMessage<Felt> = message.into();
            let mut row = vec![Felt::ZERO; WIDEST + tag::ALL.len()];
            row[..message.payload.len()].copy_from_slice(&message.payload);
            let position = tag::ALL.iter().position(|t| *t == message.tag).unwrap();
            row[WIDEST + position] = count;
            cells.push(row);
        }
        let height = cells.len().next_power_of_two();
        let mut trace = Trace::zero(WIDEST + tag::ALL.len(), height);
        for (row, values) in trace.rows_mut().zip(cells) {
            row.copy_from_slice(&values);
        }
        trace
    }
}

impl Table for Claims {
    fn name(&self) -> &'static str {
        "claims"
    }
    fn column_names(&self) -> Vec<String> {
        (0..WIDEST + tag::ALL.len())
            .map(|i| format!("cell {i}"))
            .collect()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        for (position, kind) in tag::ALL.iter().enumerate() {
            let kind: Tag = *kind;
            builder.interact(Interaction {
                message: BusMessage::new(kind, row.local[..kind.length].to_vec()),
                multiplicity: row.local[WIDEST + position],
            });
        }
    }
}

/// Whether every lookup of ranges and of bytes' exclusive ors among `interactions` is true.
pub fn ranges_hold(interactions: &[(usize, Interaction<Felt>)]) -> bool {
    interactions.iter().all(|(_, interaction)| {
        let payload = &interaction.message.payload;
        let limit = match interaction.message.tag {
            t if t == tag::U16 => 1 << 16,
            t if t == tag::U8 => 1 << 8,
            t if t == tag::Xor => {
                let [a, b, c] = [0, 1, 2].map(|i| payload[i].to_canonical_u64());
                return a < 256 && b < 256 && a ^ b == c;
            }
            _ => return true,
        };
        payload[0].to_canonical_u64() < limit
    })
}

/// What the rows of `table` send, for tables that are filled from it.
pub fn claims_of(table: &dyn AnyTable, trace: &Trace) -> chunk::Claims {
    let mut claims = chunk::Claims::new(tag::ALL.iter().copied());
    claims.read(table, trace);
    claims
}
