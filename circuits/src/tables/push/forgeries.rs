//! What a cheating prover tries, and what catches it.

use alloy_primitives::U256;
use braid_stark::{Columns, Expression, Felt, Trace};
use plonky2::field::types::Field;

use super::PushColumns;
use crate::bus::tag;
use crate::tables::code::sample::{PUSH, Sample, compute, events, felt};

/// A row's cells.
fn row_of(trace: &mut Trace, row: usize) -> &mut PushColumns<Felt> {
    PushColumns::from_slice_mut(trace.row_mut(row))
}

/// The code `bytes`, of which nothing but its one PUSH is asked, and that it pushes `value` by `opcode`.
fn lie(bytes: &[u8], opcode: u8, value: u64) -> Sample {
    let mut sample = Sample::of(&events(vec![bytes.to_vec()]));
    sample.asked.retain(|message| message.tag != tag::Compute);
    sample.asked.push(compute(1, 0, opcode, U256::from(value)));
    sample
}

/// PUSH2 0x1122, then bytes that are not its data.
const PUSH2: [u8; 5] = [0x61, 0x11, 0x22, 0x33, 0x44];
/// PUSH6 0x112233445566, then bytes that are not its data.
const PUSH6: [u8; 9] = [0x65, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x17, 0x18];

#[test]
fn the_truth_passes() {
    lie(&PUSH2, 0x61, 0x1122).assert_caught(&[]);
    lie(&PUSH6, 0x65, 0x1122_3344_5566).assert_caught(&[]);
}

#[test]
fn a_byte_from_elsewhere() {
    let mut sample = lie(&PUSH2, 0x61, 0x1133);
    sample.push(1, 0, 2).bytes[0] = felt(0x33);
    sample.assert_caught(&["CodeByte"]);
    // From one byte further on.
    let mut sample = lie(&PUSH2, 0x61, 0x2233);
    let row = sample.push(1, 0, 2);
    (row.bytes[0], row.bytes[1]) = (felt(0x33), felt(0x22));
    row.taken += Felt::ONE;
    sample.assert_caught(&["push/taken", "Compute"]);
    // Of another position, which the claim is not about.
    let mut sample = lie(&PUSH2, 0x61, 0x2233);
    let row = sample.push(1, 0, 2);
    (row.bytes[0], row.bytes[1]) = (felt(0x33), felt(0x22));
    row.pc += Felt::ONE;
    sample.assert_caught(&["Compute"]);
    // Of another code: code 1 is told to push what code 2 does.
    let codes = vec![PUSH2.to_vec(), vec![0x61, 0x77, 0x88]];
    let mut sample = Sample::of(&events(codes));
    sample.asked.push(compute(1, 0, 0x61, U256::from(0x7788)));
    sample.assert_caught(&["Compute"]);
}

#[test]
fn data_cut_short() {
    // The last byte is left out: that is a PUSH1.
    let mut sample = lie(&PUSH2, 0x61, 0x11);
    let row = sample.push(1, 0, 2);
    row.takes[1] = Felt::ZERO;
    (row.bytes[0], row.bytes[1]) = (felt(0x11), Felt::ZERO);
    row.taken = Felt::ONE;
    sample.assert_caught(&["Compute"]);
    // Two bytes are said to be taken, of which one is; or the second instead of the first.
    let mut sample = lie(&PUSH2, 0x61, 0x22);
    let row = sample.push(1, 0, 2);
    row.takes[1] = Felt::ZERO;
    row.bytes[1] = Felt::ZERO;
    sample.assert_caught(&["push/taken"]);
    let mut sample = lie(&PUSH2, 0x61, 0x1100);
    let row = sample.push(1, 0, 2);
    row.takes = [Felt::ZERO, Felt::ONE, Felt::ZERO, Felt::ZERO];
    row.bytes[0] = Felt::ZERO;
    sample.assert_caught(&["push/takes_order", "push/taken"]);
    // Bytes that nobody looked up; takes that are no flags.
    let mut sample = lie(&PUSH2, 0x61, 0x99_1122);
    sample.push(1, 0, 2).bytes[2] = felt(0x99);
    sample.assert_caught(&["push/untaken"]);
    let mut sample = lie(&PUSH2, 0x61, 0x1122);
    let row = sample.push(1, 0, 2);
    (row.takes[0], row.takes[1]) = (felt(2), Felt::ZERO);
    let found = sample.report();
    assert!(found.mentions("push/takes"), "{found}");
}

#[test]
fn limbs_lost_or_mixed_up() {
    // The high limb is told to be another, or none, or in another place.
    for (place, high) in [(0, 0x1123), (0, 0), (1, 0x1122)] {
        let mut sample = lie(&PUSH6, 0x65, 0x3344_5566);
        let row = sample.push(1, 0, 6);
        row.high[0] = Felt::ZERO;
        row.high[place] = felt(high);
        let found = sample.report();
        assert!(found.mentions("push/high"), "{found}");
        assert_eq!(found.violations.len(), 1 + place);
    }
    // The second row does not go on with the first: it says it is a PUSH4 of its own.
    let mut sample = lie(&PUSH6, 0x65, 0x3344_5566);
    sample.push(1, 0, 2).continues = Felt::ZERO;
    sample.push(1, 0, 6).high[0] = Felt::ZERO;
    sample.assert_caught(&["push/taken"]);
    // It takes bytes of another code or place.
    let code = [PUSH6.as_slice(), &[0x99; 8]].concat();
    let mut sample = lie(&code, 0x65, 0x1122_9999_9999);
    let row = sample.push(1, 0, 6);
    (row.pc, row.bytes) = (felt(6), [felt(0x99); 4]);
    sample.asked.pop();
    sample
        .asked
        .push(compute(1, 6, 0x65, U256::from(0x1122_9999_9999_u64)));
    sample.assert_caught(&["push/same_pc"]);
    // The same of code 2.
    let mut sample = Sample::of(&events(vec![PUSH6.to_vec(), vec![0x99; 10]]));
    sample.asked.retain(|message| message.tag != tag::Compute);
    let row = sample.push(1, 0, 6);
    (row.code, row.bytes) = (felt(2), [felt(0x99); 4]);
    sample
        .asked
        .push(compute(2, 0, 0x65, U256::from(0x1122_9999_9999_u64)));
    sample.assert_caught(&["push/same_code"]);
    // It takes three bytes: the limb above is in the place of a byte.
    let mut sample = lie(&PUSH6, 0x64, 0x1122_0033_4455);
    let row = sample.push(1, 0, 6);
    row.takes[3] = Felt::ZERO;
    row.bytes = [felt(0x55), felt(0x44), felt(0x33), Felt::ZERO];
    row.taken = felt(5);
    sample.assert_caught(&["push/whole_limb"]);
    // Half of what the first row made is handed on.
    let mut sample = lie(&PUSH6, 0x65, 0x0891_3344_5566);
    let half = felt(2).inverse();
    sample.push(1, 0, 2).continues = half;
    sample.push(1, 0, 6).high[0] = felt(0x1122) * half;
    let found = sample.report();
    assert!(found.mentions("push/continues"), "{found}");
}

#[test]
fn more_bytes_than_a_word_has() {
    // PUSH32 and the four bytes after its data: the first limb is lost. Opcode 0x83 is no PUSH.
    let code: Vec<u8> = core::iter::once(0x7f).chain(1..=40).collect();
    let mut sample = lie(&code, 0x7f, 0);
    sample.asked.pop();
    let limb = |from: usize| [3, 2, 1, 0].map(|offset| felt(from + offset));
    let mut row = *sample.push(1, 0, 32);
    let trace = &mut sample.traces[PUSH];
    row.high.rotate_right(1);
    row.high[0] = Felt::from_limbs(&row.bytes, 8);
    row.count = Felt::ONE;
    row.bytes = limb(33);
    row.taken = felt(36);
    row_of(trace, 7).continues = Felt::ONE;
    row_of(trace, 7).count = Felt::ZERO;
    *trace.push() = row;
    let value = U256::from_be_slice(&code[5..37]);
    sample.asked.push(compute(1, 0, 0x83, value));
    sample.assert_caught(&["PushLength"]);
}

#[test]
fn pc_is_the_position() {
    let mut sample = Sample::standard();
    // PC at byte 6 of code 1.
    sample.asked.push(compute(1, 6, 0x58, U256::from(7)));
    sample.assert_caught(&["Compute"]);
    let row = sample.traces[PUSH]
        .rows_mut()
        .map(PushColumns::from_slice_mut);
    let row: &mut PushColumns<Felt> = row
        .into_iter()
        .find(|row: &&mut PushColumns<Felt>| row.is_pc == Felt::ONE)
        .unwrap();
    let was = row.count;
    row.bytes[0] = felt(7);
    row.count = Felt::ONE;
    sample
        .asked
        .retain(|message| message.payload.first() != Some(&felt(0x58)));
    sample.asked.push(compute(1, 6, 0x58, U256::from(7)));
    assert!(was != Felt::ZERO);
    sample.assert_caught(&["push/untaken"]);

    // PC that takes seven bytes is a PUSH0 of these bytes.
    let mut sample = lie(&[0x5f, 0x99], 0x5f, 0x99);
    let row = sample.push(1, 0, 0);
    row.is_pc = Felt::ONE;
    row.takes[0] = Felt::ONE;
    row.bytes[0] = felt(0x99);
    row.taken = Felt::ONE;
    let found = sample.report();
    assert!(found.mentions("push/pc_takes"), "{found}");

    // PC before the data of a PUSH4: the position stands above its limb.
    let mut sample = lie(&[0x63, 1, 2, 3, 4], 0x63, 0x0102_0304);
    let data = *sample.push(1, 0, 4);
    let trace = &mut sample.traces[PUSH];
    let pc = row_of(trace, 0);
    *pc = PushColumns {
        count: Felt::ZERO,
        is_pc: Felt::ONE,
        continues: Felt::ONE,
        taken: Felt::ZERO,
        takes: [Felt::ZERO; 4],
        bytes: [Felt::ZERO; 4],
        ..data
    };
    *trace.push() = data;
    sample.assert_caught(&["push/pc_continues"]);
    // No flag at all: twice PC is an opcode below.
    let mut sample = lie(&[0x58], 0x58, 0);
    sample.push(1, 0, 0).is_pc = felt(2);
    let found = sample.report();
    assert!(found.mentions("push/is_pc"), "{found}");
}

#[test]
fn the_last_row_hands_on_nothing_to_the_first() {
    let mut sample = lie(&[0x63, 1, 2, 3, 4], 0x67, 0x99_0102_0304);
    // A full table: a last row of nothing that stands for a limb, and the first row goes on with it.
    let first = *sample.push(1, 0, 4);
    let (tables, mut traces) = sample.padded();
    let height = traces[PUSH].height();
    let last = row_of(&mut traces[PUSH], height - 1);
    (last.code, last.pc) = (first.code, first.pc);
    last.continues = Felt::ONE;
    let first = row_of(&mut traces[PUSH], 0);
    first.high[0] = Felt::ZERO;
    sample.asked.pop();
    sample
        .asked
        .push(compute(1, 0, 0x63, U256::from(0x0102_0304)));
    let report = crate::tables::code::sample::check_padded(tables, traces, &sample.asked);
    crate::tables::code::sample::assert_labels(&report, &["push/continues_last"]);
}
