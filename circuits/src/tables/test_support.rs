//! The other side of the bus, for tests.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::check::{check, interactions_of};
use braid_stark::system::NoPublicValues;
use braid_stark::{
    AnyTable, ConstraintBuilder, Felt, Interaction, Message as BusMessage, Row, System, Table, Tag,
    Trace,
};
use plonky2::field::types::{Field, PrimeField64};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::bus::{Message, tag};
use crate::chunk::{self, Computation};
use crate::limbs::signed_felt;
use crate::word::word;

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

/// The claim that `opcode` makes `c` of `a` and `b`.
pub fn compute(opcode: u8, a: U256, b: U256, c: U256) -> Message<Felt> {
    Message::Compute {
        opcode: Felt::from_canonical_u8(opcode),
        a: word(a),
        b: word(b),
        c: word(c),
    }
}

/// What `messages` ask for, as a table is filled from it.
pub fn computations(messages: &[Message<Felt>], opcodes: &[u8]) -> Vec<Computation> {
    let said = Claims::trace(messages.iter().cloned());
    claims_of(&Claims, &said).computations(opcodes).collect()
}

/// What the checker finds when the rows of `table`, padded, meet what others send and receive: labels of constraints, kinds of messages without a counterpart, and
/// `U16` where a number that is looked up is out of range.
pub fn findings<T: Table + Copy>(
    table: T,
    rows: &Trace,
    sent: &[Message<Felt>],
    received: &[Message<Felt>],
) -> BTreeSet<&'static str> {
    let system = System::new(vec![Box::new(table), Box::new(Claims)], NoPublicValues);
    let sent = sent.iter().map(|message| (Felt::ONE, message.clone()));
    let received = received
        .iter()
        .map(|message| (Felt::NEG_ONE, message.clone()));
    let others = Claims::signed_trace(sent.chain(received));
    let mut padded = rows.clone();
    // At least one row of padding.
    Table::pad(&table, &mut padded, (rows.height() + 1).next_power_of_two());
    let ranges = ranges_hold(&interactions_of(&table, &padded));
    let report = check(&system, &[padded, others], &[]).expect("a report");
    let kinds = report.unmatched.iter().map(|unmatched| unmatched.tag);
    let kinds = kinds.filter(|kind| *kind != tag::U16.name);
    let labels = report.violations.iter().map(|violation| violation.label);
    let ranges = (!ranges).then_some(tag::U16.name);
    labels.chain(kinds).chain(ranges).collect()
}

/// Demands that a change of any column is found on some row, with the finding that `expected` has for the column's field.
pub fn assert_columns_are_bound<T: Table + Copy>(
    table: T,
    rows: &Trace,
    sent: &[Message<Felt>],
    received: &[Message<Felt>],
    expected: impl Fn(&str) -> &'static str,
) {
    let found = findings(table, rows, sent, received);
    assert!(found.is_empty(), "{found:?}");
    for (column, name) in table.column_names().iter().enumerate() {
        let label = expected(name.split('[').next().expect("a field"));
        for change in [1, -1, 1 << 16].map(signed_felt) {
            let noticed = |row: usize| {
                let mut forged = rows.clone();
                forged.row_mut(row)[column] += change;
                findings(table, &forged, sent, received).contains(label)
            };
            assert!((0..rows.height()).any(noticed), "{name} is free: {label}");
        }
    }
}

/// Demands that each cell of the columns `fields` is looked up as a number of 16 bits, signed or not.
pub fn assert_looked_up<T: Table + Copy>(table: T, rows: &Trace, fields: &[&str]) {
    let names = table.column_names();
    let is_asked = |name: &str| fields.contains(&name.split('[').next().expect("a field"));
    let columns = (0..names.len()).filter(|column| is_asked(&names[*column]));
    for column in columns {
        for outside in [1 << 16, -(1 << 16)].map(signed_felt) {
            let mut forged = rows.clone();
            forged.row_mut(0)[column] = outside;
            let found = findings(table, &forged, &[], &[]);
            assert!(found.contains(tag::U16.name), "{}", names[column]);
        }
    }
}

/// Words that are special, and some that are not.
pub fn words(seed: u64, random: usize) -> Vec<U256> {
    let mut rng = StdRng::seed_from_u64(seed);
    let power = |bits: usize| U256::ONE << bits;
    let mut words: Vec<_> = [0, 16, 31, 32, 64, 128, 224, 255].map(power).to_vec();
    words.extend([16, 32, 128, 255].map(|bits| power(bits) - U256::ONE));
    words.extend([U256::ZERO, U256::from(3), U256::MAX, U256::MAX - U256::ONE]);
    words.extend((0..random).map(|_| U256::from_limbs(rng.r#gen()) >> rng.gen_range(0..256)));
    words
}
