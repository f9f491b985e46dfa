//! The other side of the bus, for tests.

use std::collections::{BTreeMap, BTreeSet};

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use braid_stark::check::{check_table, interactions_of};
use braid_stark::{
    AnyTable, ConstraintBuilder, Felt, Interaction, Message as BusMessage, Row, Table, Tag, Trace,
};
use plonky2::field::types::{Field, PrimeField64};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::bus::{Message, tag};
use crate::chunk::{self, Computation};
use crate::event::{ListedAccess, TransactionEvent, TransactionKind};
use crate::limbs::signed_felt;
use crate::tables::rlp::Rlp;
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

/// Rows that `clock` has in [`findings_among`].
pub const CLOCK: u64 = 1 << 16;

/// The rows with some padding after them.
pub fn padded(table: &dyn AnyTable, rows: &Trace) -> Trace {
    let mut trace = rows.clone();
    let height = (rows.height() + 1).next_power_of_two();
    table.pad(&mut trace, height.max(table.min_height()));
    trace
}

/// What is wrong with a padded trace of a table: labels of constraints that fail, kinds of message that do not balance with what others say, and kinds of range lookup that are out of range. What others say comes with
/// how often they send it.
pub fn findings_among(
    table: &dyn AnyTable,
    trace: &Trace,
    others: impl IntoIterator<Item = (Felt, Message<Felt>)>,
) -> BTreeSet<&'static str> {
    findings_of_all(&[(table, trace)], others)
}

/// As [`findings_among`], of several tables that speak with each other and with others.
pub fn findings_of_all<M: Into<BusMessage<Felt>>>(
    tables: &[(&dyn AnyTable, &Trace)],
    others: impl IntoIterator<Item = (Felt, M)>,
) -> BTreeSet<&'static str> {
    let violations = tables
        .iter()
        .flat_map(|(table, trace)| check_table(*table, trace));
    let mut found: BTreeSet<_> = violations.map(|violation| violation.label).collect();
    let others = others
        .into_iter()
        .map(|(multiplicity, message)| Interaction {
            message: message.into(),
            multiplicity,
        });
    let said = tables
        .iter()
        .flat_map(|(table, trace)| interactions_of(*table, trace));
    let mut balance: BTreeMap<(&str, Vec<u64>), Felt> = BTreeMap::new();
    for said in said.map(|(_, said)| said).chain(others) {
        let kind = said.message.tag;
        let payload = said.message.payload.iter().map(|x| x.to_canonical_u64());
        let payload: Vec<_> = payload.collect();
        let limits = [(tag::U16, 1 << 16), (tag::U8, 1 << 8), (tag::Clock, CLOCK)];
        match limits.iter().find(|(range, _)| *range == kind) {
            Some((_, limit)) if payload[0] >= *limit => {
                found.insert(kind.name);
            }
            Some(_) => {}
            None => *balance.entry((kind.name, payload)).or_default() += said.multiplicity,
        }
    }
    balance.retain(|_, count| *count != Felt::ZERO);
    found.extend(balance.into_keys().map(|(kind, _)| kind));
    found
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

/// What is wrong when the rows of `table`, padded, meet what others send and receive: as [`findings_among`].
pub fn findings<T: Table + Copy>(
    table: T,
    rows: &Trace,
    sent: &[Message<Felt>],
    received: &[Message<Felt>],
) -> BTreeSet<&'static str> {
    let sent = sent.iter().map(|message| (Felt::ONE, message.clone()));
    let received = received
        .iter()
        .map(|message| (Felt::NEG_ONE, message.clone()));
    findings_among(&table, &padded(&table, rows), sent.chain(received))
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

/// A signed transaction of EIP-1559 that runs code: only its published bytes, calldata and access list are anything.
pub fn running(data: &[u8], access_list: &[ListedAccess]) -> TransactionEvent {
    let items = access_list.iter().map(|entry| AccessListItem {
        address: entry.address,
        storage_keys: entry.slots.iter().map(|slot| (*slot).into()).collect(),
    });
    let transaction = TxEip1559 {
        chain_id: 1,
        to: TxKind::Call(Address::repeat_byte(0xaa)),
        access_list: AccessList(items.collect()),
        input: Bytes::copy_from_slice(data),
        ..TxEip1559::default()
    };
    let signature = Signature::new(U256::from(1), U256::from(2), false);
    let signed = TxEnvelope::Eip1559(transaction.into_signed(signature));
    TransactionEvent {
        raw: signed.encoded_2718().into(),
        kind: TransactionKind::DynamicFee,
        nonce: 0,
        max_fee: U256::ZERO,
        max_priority_fee: U256::ZERO,
        gas_limit: 0,
        to: Address::repeat_byte(0xaa),
        value: U256::ZERO,
        data: Bytes::copy_from_slice(data),
        access_list: access_list.to_vec(),
        runs_code: true,
        odd_y: false,
        r: U256::from(1),
        s: U256::from(2),
        signing_payload: Bytes::new(),
        signing_hash: B256::ZERO,
        hash: B256::ZERO,
        public_key_x: U256::ZERO,
        public_key_y: U256::ZERO,
        sender: Address::ZERO,
    }
}

/// What takes from `rlp`, with these rows, all that it says but fields of the kinds `left`.
pub fn takers_of_rlp(rlp: &Trace, left: &[u64]) -> Vec<(Felt, BusMessage<Felt>)> {
    let is_left = |message: &BusMessage<Felt>| {
        message.tag == tag::TransactionField
            && left.contains(&message.payload[1].to_canonical_u64())
    };
    let said = interactions_of(&Rlp, rlp).into_iter();
    let said = said.filter(|(_, said)| said.message.tag != tag::U8 && !is_left(&said.message));
    said.map(|(_, said)| (-said.multiplicity, said.message))
        .collect()
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
