use alloy_primitives::{Bytes, U256};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::{CodeWords, CodeWordsColumns, generate};
use crate::bus::{Message, space, tag};
use crate::event::code::CodeEvent;
use crate::tables::test_support::{Claims, claims_of, findings_among, padded};
use crate::word::word;

type Row = CodeWordsColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn codes() -> Vec<CodeEvent> {
    let code = |factor: u8| {
        (0..77)
            .map(|byte: u8| byte.wrapping_mul(factor).wrapping_add(1))
            .collect::<Vec<_>>()
    };
    [3, 5]
        .map(|factor| CodeEvent::new(Bytes::from(code(factor))))
        .to_vec()
}

fn byte(code: usize, position: usize) -> u8 {
    codes()[code - 1].bytes.get(position).copied().unwrap_or(0)
}

/// Words that are asked for, one of them twice; the last of a code goes beyond its end.
const ASKED: [(usize, usize); 4] = [(1, 0), (1, 2), (2, 1), (2, 1)];

fn asked() -> Vec<Message<Felt>> {
    let message = |(code, index): (usize, usize)| Message::SourceWord {
        source: felt(space::CODE),
        source_id: felt(code as u64),
        index: felt(index as u64),
        value: word(U256::from_be_bytes::<32>(core::array::from_fn(|place| {
            byte(code, 32 * index + place)
        }))),
    };
    ASKED.map(message).to_vec()
}

/// What everybody else says: who asks, and the bytes of the words.
fn others() -> Vec<(Felt, Message<Felt>)> {
    let mut said: Vec<_> = asked().into_iter().map(|word| (Felt::ONE, word)).collect();
    for (code, index) in &ASKED[..3] {
        for position in 32 * index..32 * (index + 1) {
            let message = Message::CodeByte {
                code: felt(*code as u64),
                position: felt(position as u64),
                byte: felt(byte(*code, position).into()),
            };
            said.push((Felt::NEG_ONE, message));
        }
    }
    said
}

fn rows() -> Trace {
    let said = claims_of(&Claims, &Claims::trace(asked()));
    padded(
        &CodeWords,
        &generate(said.of(&[tag::SourceWord]), &codes()).unwrap(),
    )
}

#[test]
fn words_balance() {
    let found = findings_among(&CodeWords, &rows(), others());
    assert!(found.is_empty(), "{found:?}");
    assert!(SymbolicTable::of(&CodeWords).excessive_degrees().is_empty());
    let said = claims_of(&Claims, &Claims::trace(asked()));
    assert!(generate(said.of(&[tag::SourceWord]), &codes()[..1]).is_err());
}

#[test]
fn every_column_is_bound() {
    let used: Vec<_> = (0..24).collect();
    assert_eq!(
        unnoticed_columns(&CodeWords, &rows(), &used, &[]),
        Vec::<String>::new()
    );
}

fn caught(label: &str, forge: impl FnOnce(&mut Trace)) {
    let mut trace = rows();
    forge(&mut trace);
    let found = findings_among(&CodeWords, &trace, others());
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

fn row(trace: &mut Trace, index: usize) -> &mut Row {
    Row::from_slice_mut(trace.row_mut(index))
}

#[test]
fn other_words() {
    caught("SourceWord", |trace| row(trace, 7).value[3] += Felt::ONE);
    caught("code_words/moved up", |trace| {
        row(trace, 7).value[3] += Felt::ONE
    });
    caught("code_words/limb", |trace| {
        row(trace, 3).value[0] += Felt::ONE
    });
    caught("CodeByte", |trace| {
        row(trace, 7).bytes[3] += Felt::ONE;
        row(trace, 7).value[0] += Felt::ONE;
    });
    // Of another code or another place.
    caught("code_words/code", |trace| row(trace, 7).code += Felt::ONE);
    caught("code_words/position", |trace| {
        row(trace, 7).position += felt(4)
    });
    caught("code_words/place", |trace| row(trace, 7).place -= Felt::ONE);
    caught("code_words/run", |trace| row(trace, 3).used = Felt::ZERO);
    caught("code_words/starts", |trace| row(trace, 0).place = Felt::ONE);
    // A word that is not whole.
    caught("code_words/count", |trace| row(trace, 6).count = Felt::ONE);
    caught("code_words/starts", |trace| {
        row(trace, 7).continues = Felt::ZERO
    });
    caught("code_words/used", |trace| row(trace, 7).used = felt(2));
    caught("code_words/continues", |trace| {
        row(trace, 7).continues = felt(2)
    });
    // In padding.
    caught("code_words/count", |trace| row(trace, 25).count = Felt::ONE);
    caught("code_words/count used", |trace| {
        row(trace, 25).count = Felt::ONE;
        row(trace, 25).place = felt(7);
    });
}
