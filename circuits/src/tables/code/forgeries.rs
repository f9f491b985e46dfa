//! What a cheating prover tries, and what catches it.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::CodeColumns;
use super::sample::{
    CODE, CODE_HASH, PUSH, Sample, bytecodes, code_byte, compute, data, events, felt, instruction,
};
use crate::bus::tag;
use crate::tables::code_hash;

fn row_of(trace: &mut Trace, row: usize) -> &mut CodeColumns<Felt> {
    CodeColumns::from_slice_mut(trace.row_mut(row))
}

impl Sample {
    /// Puts the words together again.
    fn refill_words(&mut self) {
        let trace = &mut self.traces[CODE];
        let mut word = Felt::ZERO;
        for row in 0..trace.height() {
            let cells = row_of(trace, row);
            word = word * felt(256) + cells.byte;
            cells.word = word;
            if row % 7 == 0 {
                word = Felt::ZERO;
            }
        }
    }

    /// Forgets all lookups but those of digests, so that reports are short.
    fn only_digests(&mut self) {
        self.asked.retain(|message| message.tag == tag::Code);
        self.traces[PUSH].resize(0);
    }

    /// Forgets the lookups of instructions.
    fn forget_instructions(&mut self) {
        self.asked.retain(|message| message.tag != tag::Instruction);
    }

    /// Lets `code` say that its codes are `bytecodes`, while all others go by what they were.
    fn recoded(mut self, bytecodes: Vec<Vec<u8>>) -> Self {
        self.traces[CODE] = super::generate(&events(bytecodes)).unwrap();
        self
    }
}

/// The other way round: a JUMPDEST called data, so that a jump to it would be called invalid.
#[test]
fn an_instruction_called_push_data() {
    let mut asked = Sample::standard();
    asked.asked.push(data(1, 3, 0x5b));
    asked.assert_caught(&["Instruction"]);
    asked.byte(1, 3).starts = Felt::ZERO;
    // It is asked for as an instruction, too.
    asked.assert_caught(&["Instruction", "code/remaining"]);
    let after = bytecodes().len() + 1;
    let mut sample = Sample::standard();
    sample.asked.push(data(after, 0, 0x00));
    sample.assert_caught(&["code/instructions"]);
}

/// Byte 5 of code 1 is data of the PUSH1 at byte 4, and looks like a JUMPDEST.
#[test]
fn an_instruction_within_push_data() {
    let mut asked = Sample::standard();
    asked.asked.push(instruction(1, 5, 0x5b));
    asked.assert_caught(&["Instruction"]);

    let mut sample = asked.clone();
    sample.byte(1, 5).starts = Felt::ONE;
    sample.assert_caught(&["code/starts_data", "code/remaining"]);

    // Nothing remains after the PUSH1.
    let mut sample = asked.clone();
    let data = sample.byte(1, 5);
    (data.starts, data.remaining) = (Felt::ONE, Felt::ZERO);
    sample.assert_caught(&["code/remaining"]);
    // A PUSH1 without data.
    sample.byte(1, 4).push_length = Felt::ZERO;
    sample.assert_caught(&["PushLength"]);

    // The PUSH1 starts nowhere: the JUMPDEST before it is passed over and -1 bytes of data remain, then -2, and so on.
    let mut sample = asked.clone();
    let first = sample.byte_row(1, 3);
    for (count, position) in (3..112).enumerate() {
        let row = row_of(&mut sample.traces[CODE], first + count);
        row.starts = Felt::ZERO;
        row.remaining = -felt(count);
        assert_eq!(row.position, felt(position));
    }
    sample.forget_instructions();
    sample.assert_caught(&["code/starts_last"]);

    // The code begins with data of an instruction that is not there.
    let mut sample = Sample::standard();
    let row = sample.byte(4, 0);
    (row.starts, row.remaining) = (Felt::ZERO, Felt::ONE);
    sample.forget_instructions();
    sample.assert_caught(&["code/starts_first"]);

    // A half start, after which what remains suits the prover.
    let mut sample = Sample::standard();
    let half = felt(2).inverse();
    sample.byte(1, 3).starts = half;
    let next = sample.byte(1, 4);
    next.remaining = half - Felt::ONE;
    next.starts = Felt::ZERO;
    let found = sample.report();
    assert!(found.mentions("code/starts"), "{found}");
}

#[test]
fn instructions_and_bytes_on_rows_of_no_code() {
    let after = bytecodes().len() + 1;
    let mut sample = Sample::standard();
    sample.asked.push(instruction(after, 0, 0x00));
    sample.assert_caught(&["Instruction"]);
    let last = sample.traces[CODE].height() - 1;
    row_of(&mut sample.traces[CODE], last).starts = Felt::ONE;
    let found = sample.report();
    assert!(found.mentions("code/starts_unused"), "{found}");
    let mut sample = Sample::standard();
    sample.asked.push(code_byte(after, 0, 0x00));
    sample.assert_caught(&["code/bytes"]);
    // The row before the first code as one byte of code 0.
    let mut sample = Sample::standard();
    sample.asked.push(code_byte(0, 0, 0x00));
    sample.assert_caught(&["code/bytes"]);
    let row = row_of(&mut sample.traces[CODE], 0);
    (row.used, row.starts, row.ended) = (Felt::ONE, Felt::ONE, Felt::ONE);
    sample.assert_caught(&["code/edge", "CodeWord", "CodeSize"]);
}

#[test]
fn other_bytes() {
    // Another byte, of the same kind: the words of the hash are others.
    let mut sample = Sample::standard();
    sample.byte(1, 3).byte = felt(0x5a);
    sample.refill_words();
    sample.asked.push(code_byte(1, 3, 0x5a));
    sample.asked.push(instruction(1, 3, 0x5a));
    sample.assert_caught(&["CodeByte", "Instruction", "CodeWord"]);
    // The old word is told.
    let honest = Sample::standard();
    sample = honest.clone();
    sample.byte(1, 3).byte = felt(0x5a);
    sample.asked = vec![code_byte(1, 3, 0x5a)];
    let found = sample.report();
    assert!(found.mentions("code/word"), "{found}");
    // Two bytes that make the same word.
    let mut sample = honest;
    sample.byte(1, 10).byte -= Felt::ONE;
    sample.byte(1, 11).byte += felt(256);
    sample.byte(1, 10).word -= Felt::ONE;
    sample.only_digests();
    let found = sample.report();
    assert!(found.violations.is_empty(), "{found}");
    assert!(found.mentions("PushLength"), "{found}");
}

#[test]
fn codes_that_change_names() {
    // Codes 2 and 4 exchanged.
    let mut exchanged = bytecodes();
    exchanged.swap(1, 3);
    let mut sample = Sample::standard().recoded(exchanged);
    sample.only_digests();
    let found = sample.report();
    assert!(
        found.mentions("CodeWord") && found.mentions("CodeSize"),
        "{found}"
    );
    // The bytes of code 2 under the name of code 1: from 0, or further on.
    for further in [false, true] {
        let mut sample = Sample::standard();
        for position in 0..56 {
            let row = sample.byte(2, position);
            row.code = Felt::ONE;
            if further {
                row.position += felt(112);
            }
        }
        let found = sample.report();
        let expected = if further {
            "code/ended_run"
        } else {
            "code/position"
        };
        assert!(found.mentions(expected), "{found}");
    }
    // Code 3 comes again after code 4, under its old name or under that of the first.
    for name in [2, 3] {
        let mut sample = Sample::standard();
        for position in 0..84 {
            sample.byte(4, position).code = felt(name);
        }
        let found = sample.report();
        let expected = if name == 2 {
            "code/id"
        } else {
            "code/position"
        };
        assert!(found.mentions(expected), "{found}");
    }
    // All names are one more.
    let mut sample = Sample::standard();
    sample.traces[CODE].rows_mut().for_each(|row| {
        let row: &mut CodeColumns<Felt> = CodeColumns::from_slice_mut(row);
        row.code += Felt::ONE;
    });
    let found = sample.report();
    assert!(found.mentions("code/id_first"), "{found}");
    // A code that starts with its second group.
    let mut sample = Sample::standard();
    for position in (0..56).rev() {
        sample.byte(3, position).position += felt(28);
    }
    let found = sample.report();
    assert!(found.mentions("code/position_first"), "{found}");
}

#[test]
fn sizes_that_are_one_off() {
    // The last byte of code 4 is a zero, so that a shorter code has the same words.
    let mut shorter = bytecodes();
    shorter[3].pop();
    let mut longer = bytecodes();
    longer[3].push(0);
    for other in [shorter, longer] {
        let mut sample = Sample::standard().recoded(other.clone());
        sample.assert_caught(&["CodeSize"]);
        // With the hash of the other code, which is another.
        sample.traces[CODE_HASH] = code_hash::generate(&events(other)).unwrap();
        sample.assert_caught(&["Code", "CodeLength"]);
    }
    // The last byte of code 2 is none.
    let mut sample = Sample::standard();
    sample.byte(2, 1).ended = Felt::ONE;
    sample.assert_caught(&["code/ended_byte", "CodeSize"]);
    // A code that ends twice, and one that never does.
    let mut sample = Sample::standard();
    sample.byte(4, 27).ended = Felt::ONE;
    sample.byte(4, 28).ended = Felt::ZERO;
    sample.assert_caught(&["code/ended_run", "CodeSize"]);
    let mut sample = Sample::standard();
    for position in 0..56 {
        sample.byte(3, position).ended = Felt::ZERO;
    }
    sample.assert_caught(&["code/ended_last", "CodeSize"]);
    // Half an end after another half.
    let mut sample = Sample::standard();
    sample.byte(4, 27).ended = felt(2).inverse();
    let found = sample.report();
    assert!(found.mentions("code/ended"), "{found}");
    // An end beyond all codes.
    let mut sample = Sample::standard();
    let last = sample.traces[CODE].height() - 1;
    row_of(&mut sample.traces[CODE], last).ended = Felt::ONE;
    let found = sample.report();
    assert!(found.mentions("code/ended_unused"), "{found}");
}

#[test]
fn rows_left_out_or_moved() {
    // The rows of a code are used in part: the second group of code 2, of zeros, is not told.
    let mut sample = Sample::standard();
    for position in 28..56 {
        let row = sample.byte(2, position);
        (row.used, row.starts, row.ended) = (Felt::ZERO, Felt::ZERO, Felt::ZERO);
    }
    let found = sample.report();
    assert!(found.mentions("code/used_run"), "{found}");
    // Half used.
    let mut sample = Sample::standard();
    sample.byte(2, 3).used = felt(2).inverse();
    let found = sample.report();
    assert!(found.mentions("code/used"), "{found}");
    // Code 1 has a row less, so that the words of code 2 lie elsewhere.
    let mut sample = Sample::standard();
    let (width, left_out) = (sample.traces[CODE].width(), sample.byte_row(1, 111));
    let mut shorter = Trace::new(width);
    for row in (0..sample.traces[CODE].height()).filter(|row| *row != left_out) {
        let cells: &mut CodeColumns<Felt> = shorter.push();
        *cells = *CodeColumns::from_slice(sample.traces[CODE].row(row));
    }
    sample.traces[CODE] = shorter;
    sample.refill_words();
    let found = sample.report();
    assert!(found.mentions("code/group"), "{found}");
    // A byte told twice.
    let mut sample = Sample::standard();
    sample.byte(2, 1).position = Felt::ZERO;
    let found = sample.report();
    assert!(found.mentions("code/position"), "{found}");
}

/// What nobody has to try: the code of another contract with this one's digest.
#[test]
fn an_immediate_of_another_code() {
    let mut sample = Sample::standard();
    // 0xaa is the data of code 2's PUSH4; code 4 has a JUMPDEST there.
    sample.asked.push(compute(4, 0, 0x60, U256::from(0xaa)));
    sample.assert_caught(&["Compute"]);
}
