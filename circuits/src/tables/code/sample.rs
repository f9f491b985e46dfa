//! Codes in `code`, `code_hash` and `push` with all that is asked of these tables, for their tests.
//!
//! The other tables are played by a stand-in that confirms whatever is true and nothing else, and lookups are counted anew for every
//! check: so a forgery is met by what it says, not by what it left as it was.

use std::collections::{BTreeSet, HashMap};

use alloy_primitives::{Bytes, U256};
use braid_stark::check::{Report, check, interactions_where, row_of};
use braid_stark::message::signed;
use braid_stark::system::NoPublicValues;
use braid_stark::table::InteractionsOnly;
use braid_stark::{AnyTable, Columns, Felt, Message as BusMessage, System, Trace};
use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::poseidon::Poseidon;

use crate::bus::{DATA, Message, tag};
use crate::event::code::CodeEvent;
use crate::event::opcode::{PC, PUSH0, push_length};
use crate::event::{self};
use crate::state_hash::code_digest;
use crate::tables::code::{self, Code, CodeColumns, padded_size};
use crate::tables::code_hash::{self, CodeHash, CodeHashColumns};
use crate::tables::push::{self, Push, PushColumns};
use crate::tables::test_support::{Claims, claims_of};
use crate::word::{hash_word, widen, word};

/// The place of `code` among the tables; then `code_hash` and `push`.
pub const CODE: usize = 0;
pub const CODE_HASH: usize = 1;
pub const PUSH: usize = 2;

/// The three tables, not padded, and what others ask of them.
#[derive(Clone)]
pub struct Sample {
    pub traces: [Trace; 3],
    pub asked: Vec<BusMessage<Felt>>,
}

/// A number as a field element.
pub fn felt(number: usize) -> Felt {
    Felt::from_canonical_usize(number)
}

/// The codes of most tests: one of several groups that ends in a zero byte, one that ends within push data, an empty one, and one
/// of a whole group.
pub fn bytecodes() -> Vec<Vec<u8>> {
    let mut several = vec![
        0x61, 0x12, 0x00, 0x5b, 0x60, 0x5b, 0x58, 0x64, 1, 2, 3, 4, 5, 0x5f, 0x7f,
    ];
    several.extend(10..42);
    several.extend([0x01; 13]);
    several.push(0x00);
    let mut whole = vec![0x5b; 27];
    whole.push(0x00);
    vec![several, vec![0x63, 0xaa], vec![], whole]
}

pub fn events(bytecodes: Vec<Vec<u8>>) -> Vec<CodeEvent> {
    let events = bytecodes.into_iter().map(Bytes::from);
    events.map(CodeEvent::new).collect()
}

/// Where instructions start, beyond the end of the code too, and their opcodes.
pub fn instructions(bytes: &[u8]) -> Vec<(usize, u8)> {
    let mut instructions = Vec::new();
    let mut pc = 0;
    while pc < padded_size(bytes.len()) {
        let opcode = bytes.get(pc).copied().unwrap_or(0);
        instructions.push((pc, opcode));
        let data = if (0x60..0x80).contains(&opcode) {
            opcode - 0x5f
        } else {
            0
        };
        pc += 1 + usize::from(data);
    }
    instructions
}

/// What the instruction at `pc` pushes: EVM semantics.
pub fn pushed(bytes: &[u8], pc: usize, opcode: u8) -> Option<U256> {
    match opcode {
        PC => Some(U256::from(pc)),
        0x5f..=0x7f => {
            let data = (pc + 1..=pc + usize::from(opcode - PUSH0)).map(|place| bytes.get(place));
            let number = data.fold(U256::ZERO, |number, byte| {
                number << 8 | U256::from(byte.copied().unwrap_or(0))
            });
            Some(number)
        }
        _ => None,
    }
}

/// The claim that this is pushed.
pub fn compute(code: usize, pc: usize, opcode: u8, value: U256) -> BusMessage<Felt> {
    let claim = Message::Compute {
        opcode: Felt::from_canonical_u8(opcode),
        a: widen(&[felt(pc), felt(code)]),
        b: widen(&[]),
        c: word(value),
    };
    claim.into()
}

pub fn instruction(code: usize, pc: usize, opcode: u8) -> BusMessage<Felt> {
    let (code, pc, opcode) = (felt(code), felt(pc), Felt::from_canonical_u8(opcode));
    Message::Instruction { code, pc, opcode }.into()
}

/// A byte at which no instruction starts.
pub fn data(code: usize, pc: usize, byte: u8) -> BusMessage<Felt> {
    let (code, pc) = (felt(code), felt(pc));
    let opcode = Felt::from_canonical_u64(DATA + u64::from(byte));
    Message::Instruction { code, pc, opcode }.into()
}

pub fn code_byte(code: usize, position: usize, byte: u8) -> BusMessage<Felt> {
    let (code, position, byte) = (felt(code), felt(position), Felt::from_canonical_u8(byte));
    let message = Message::CodeByte {
        code,
        position,
        byte,
    };
    message.into()
}

/// Everything that can be asked of these codes; some of it more than once.
fn asked(codes: &[CodeEvent]) -> Vec<BusMessage<Felt>> {
    let mut asked = Vec::new();
    for (id, event) in (1..).zip(codes) {
        let bytes = &event.bytes;
        for (pc, opcode) in instructions(bytes) {
            asked.extend([instruction(id, pc, opcode), instruction(id, pc, opcode)]);
            if let Some(value) = pushed(bytes, pc, opcode) {
                asked.extend(vec![compute(id, pc, opcode, value); 1 + pc % 3]);
            }
        }
        for position in 0..padded_size(bytes.len()) {
            let byte = bytes.get(position).copied().unwrap_or(0);
            asked.push(code_byte(id, position, byte));
        }
        let code = event::Code::of(bytes).expect("a short code");
        let message = Message::Code {
            code: felt(id),
            digest: code_digest(&code).map(Felt::from_canonical_u64),
            keccak: hash_word(code.keccak),
            size: Felt::from_canonical_u32(code.size),
        };
        asked.extend([message.clone().into(), message.into()]);
        let length = Message::CodeLength {
            code: felt(id),
            size: Felt::from_canonical_u32(code.size),
        };
        asked.push(length.into());
    }
    asked
}

/// Whether a table that is not here would confirm the message.
fn is_true(message: &BusMessage<Felt>) -> bool {
    let payload = &message.payload;
    let number = |index: usize| payload[index].to_canonical_u64();
    match message.tag {
        tag::U16 => number(0) < 1 << 16,
        tag::U8 => number(0) < 1 << 8,
        tag::PushLength => {
            let opcode = u8::try_from(number(0));
            opcode.is_ok_and(|opcode| u64::from(push_length(opcode)) == number(1))
        }
        tag::Poseidon => {
            let (input, output) = payload.split_first_chunk().expect("twelve elements");
            Felt::poseidon(*input)[..4] == *output
        }
        _ => false,
    }
}

/// Counts how often each row is asked for what it offers; the first row that offers it is asked.
fn count(table: &dyn AnyTable, trace: &mut Trace, said: &[(Felt, BusMessage<Felt>)]) {
    let fixed = table.fixed(trace.height());
    for lookup in table.lookups() {
        let mut offered = HashMap::new();
        let mut out = InteractionsOnly(Vec::new());
        for row in 0..trace.height() {
            table.interactions_of_row(row_of(trace, &fixed, row), &mut out);
            for offer in out
                .0
                .drain(..)
                .filter(|offer| offer.message.tag == lookup.tag)
            {
                offered.entry(offer.message.payload).or_insert(row);
            }
        }
        trace
            .rows_mut()
            .for_each(|row| row[lookup.multiplicity] = Felt::ZERO);
        for (times, message) in said.iter().filter(|said| said.1.tag == lookup.tag) {
            if let Some(row) = offered.get(&message.payload) {
                trace.row_mut(*row)[lookup.multiplicity] += *times;
            }
        }
    }
}

impl Sample {
    /// These codes as they are, with all that can be asked of them.
    pub fn of(codes: &[CodeEvent]) -> Self {
        let asked = asked(codes);
        let once = asked.iter().map(|message| (Felt::ONE, message.clone()));
        let claims = claims_of(&Claims, &Claims::signed_trace(once));
        let traces = [
            code::generate(codes).expect("codes"),
            code_hash::generate(codes).expect("codes"),
            push::generate(codes, &push::immediates(&claims)).expect("codes"),
        ];
        Self { traces, asked }
    }

    /// The sample of most tests.
    pub fn standard() -> Self {
        Self::of(&events(bytecodes()))
    }

    /// The row of `code` for a byte.
    pub fn byte_row(&self, code: usize, position: usize) -> usize {
        let is_it = |row: &usize| {
            let row: &CodeColumns<Felt> = CodeColumns::from_slice(self.traces[CODE].row(*row));
            (row.used, row.code, row.position) == (Felt::ONE, felt(code), felt(position))
        };
        (0..self.traces[CODE].height()).find(is_it).expect("a byte")
    }

    /// The byte's row, to change.
    pub fn byte(&mut self, code: usize, position: usize) -> &mut CodeColumns<Felt> {
        let row = self.byte_row(code, position);
        CodeColumns::from_slice_mut(self.traces[CODE].row_mut(row))
    }

    /// The row of `code_hash` for a group.
    pub fn group_row(&self, code: usize, group: usize) -> usize {
        let is_it = |row: &usize| {
            let trace = &self.traces[CODE_HASH];
            let row: &CodeHashColumns<Felt> = CodeHashColumns::from_slice(trace.row(*row));
            (row.used, row.code, row.group) == (Felt::ONE, felt(code), felt(group))
        };
        let height = self.traces[CODE_HASH].height();
        (0..height).find(is_it).expect("a group")
    }

    /// The group's row, to change.
    pub fn group(&mut self, code: usize, group: usize) -> &mut CodeHashColumns<Felt> {
        let row = self.group_row(code, group);
        CodeHashColumns::from_slice_mut(self.traces[CODE_HASH].row_mut(row))
    }

    /// The row of `push` that has taken `taken` bytes for the instruction, to change.
    pub fn push(&mut self, code: usize, pc: usize, taken: usize) -> &mut PushColumns<Felt> {
        let found = self.traces[PUSH].rows_mut().find(|row| {
            let row: &PushColumns<Felt> = PushColumns::from_slice(row);
            (row.code, row.pc, row.taken) == (felt(code), felt(pc), felt(taken))
        });
        PushColumns::from_slice_mut(found.expect("an instruction"))
    }

    /// The tables, padded.
    pub fn padded(&self) -> (Vec<Box<dyn AnyTable>>, Vec<Trace>) {
        let tables: Vec<Box<dyn AnyTable>> =
            vec![Box::new(Code), Box::new(CodeHash), Box::new(Push)];
        let mut traces = self.traces.to_vec();
        for (table, trace) in tables.iter().zip(&mut traces) {
            // One row of padding at least, so that nothing relies on a full trace.
            table.pad(trace, (trace.height() + 1).next_power_of_two());
        }
        (tables, traces)
    }

    /// What the checker finds.
    pub fn report(&self) -> Report {
        let (tables, traces) = self.padded();
        check_padded(tables, traces, &self.asked)
    }

    /// Demands that exactly these constraints and kinds of message are what is wrong.
    #[track_caller]
    pub fn assert_caught(&self, expected: &[&str]) {
        assert_labels(&self.report(), expected);
    }
}

/// What the checker finds in padded traces of the three tables.
pub fn check_padded(
    mut tables: Vec<Box<dyn AnyTable>>,
    mut traces: Vec<Trace>,
    asked: &[BusMessage<Felt>],
) -> Report {
    let asked = asked.iter().map(|message| (Felt::ONE, message.clone()));
    let mut said: Vec<_> = asked.collect();
    let mut claims = said.clone();
    for (table, trace) in tables.iter().zip(&traces) {
        let sent = interactions_where(table.as_ref(), trace, |said| signed(said.multiplicity) > 0);
        said.extend(
            sent.into_iter()
                .map(|(_, said)| (said.multiplicity, said.message)),
        );
    }
    for (table, trace) in tables.iter().zip(&mut traces) {
        count(table.as_ref(), trace, &said);
    }
    let confirmed = said.into_iter().filter(|(_, message)| is_true(message));
    claims.extend(confirmed.map(|(times, message)| (-times, message)));
    traces.push(Claims::signed_trace(claims));
    tables.push(Box::new(Claims));
    check(&System::new(tables, NoPublicValues), &traces, &[]).expect("tables and traces")
}

#[track_caller]
pub fn assert_labels(report: &Report, expected: &[&str]) {
    let constraints = report.violations.iter().map(|violation| violation.label);
    let messages = report.unmatched.iter().map(|unmatched| unmatched.tag);
    let found: BTreeSet<_> = constraints.chain(messages).collect();
    let expected = expected.iter().copied().collect();
    assert_eq!(found, expected, "{report}");
}
