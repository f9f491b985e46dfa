use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, Field64, PrimeField64};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Growth, GrowthColumns, PAID_WORDS, generate};
use crate::bus::{Message, tag};
use crate::error::Error;
use crate::tables::test_support::{findings_among, padded};

type Row = GrowthColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// Words, offset, length.
type Question = (u64, u64, u64);

const MOST: u64 = u32::MAX as u64;

fn questions() -> Vec<Question> {
    let mut all = vec![
        (0, 0, 1),
        (0, 0, 32),
        (0, 1, 32),
        (0, 64, 32),
        (3, 64, 32),
        (3, 65, 32),
        (3, 0, 32),
        (3, 95, 1),
        (3, 96, 1),
        (22, 22 * 32, 32),
        (23, 0, 1),
        (511, 511 * 32, 1),
        (512, 512 * 32, 33),
        (1 << 16, 0, MOST),
        (0, MOST, 1),
        (0, MOST, MOST),
        (1 << 28, MOST, MOST),
        (1 << 27, 5, 5),
    ];
    let mut rng = StdRng::seed_from_u64(9);
    for bits in 1..28 {
        let words = rng.gen_range(0..1 << bits);
        all.push((words, rng.gen_range(0..32 << bits) & MOST, 32));
        all.push((words, 32 * words, rng.gen_range(1..1 << bits)));
    }
    all
}

/// What the Yellow Paper says.
fn answer((words, offset, length): Question) -> (u64, u64) {
    let cost = |words: u64| 3 * u128::from(words) + u128::from(words).pow(2) / 512;
    let next = words.max((offset + length).div_ceil(32));
    (next, u64::try_from(cost(next) - cost(words)).unwrap())
}

fn claim((words, offset, length): Question, (next_words, gas): (u64, u64)) -> Message<Felt> {
    Message::MemoryGrowth {
        words: felt(words),
        offset: felt(offset),
        length: felt(length),
        unpaid: Felt::from_bool(next_words > PAID_WORDS),
        next_words: felt(next_words),
        gas: felt(gas),
    }
}

fn rows(questions: &[Question]) -> Trace {
    let claims = questions.iter().map(|asked| claim(*asked, answer(*asked)));
    let claims: Vec<_> = claims.map(Into::into).collect();
    padded(&Growth, &generate(claims.iter()).unwrap())
}

fn asked(questions: &[Question]) -> Vec<(Felt, Message<Felt>)> {
    let claims = questions.iter().map(|asked| claim(*asked, answer(*asked)));
    claims.map(|claim| (Felt::ONE, claim)).collect()
}

#[test]
fn growth_is_that_of_the_yellow_paper() {
    let questions = questions();
    let found = findings_among(&Growth, &rows(&questions), asked(&questions));
    assert!(found.is_empty(), "{found:?}");
    // The same question often takes one row.
    let same = [questions[3]; 5];
    let rows = rows(&same);
    assert!(findings_among(&Growth, &rows, asked(&same)).is_empty());
    assert_eq!(rows.height(), 2);
    assert!(SymbolicTable::of(&Growth).excessive_degrees().is_empty());
}

#[test]
fn what_no_memory_does_is_refused() {
    for question in [(0, 1 << 32, 1), (0, 0, 1 << 32), (0, 5, 0), (1 << 29, 0, 1)] {
        let claim = claim(question, (0, 0)).into();
        let filled = generate([&claim].into_iter());
        assert!(matches!(filled, Err(Error::Events(_))), "{question:?}");
    }
}

/// Memory that is paid for has at most [`PAID_WORDS`] words.
#[test]
fn more_words_are_not_paid_for() {
    let question = |words: u64| (0, 32 * words - 1, 1);
    let paid = |words: u64| {
        let mut claim = claim(question(words), answer(question(words)));
        if let Message::MemoryGrowth { unpaid, .. } = &mut claim {
            *unpaid = Felt::ZERO;
        }
        claim
    };
    assert!(generate([&paid(PAID_WORDS).into()].into_iter()).is_ok());
    let more = PAID_WORDS + 1;
    let filled = generate([&paid(more).into()].into_iter());
    assert!(matches!(filled, Err(Error::Events(_))));
    // The row of one that is not paid for called one that is.
    let mut trace = rows(&[question(more)]);
    GrowthColumns::from_slice_mut(trace.row_mut(0)).unpaid = Felt::ZERO;
    let found = findings_among(&Growth, &trace, [(Felt::ONE, paid(more))]);
    assert_eq!(Vec::from_iter(found), ["U16"]);
    // Nor does it hold where memory has more words already.
    caught("U16", (1 << 27, 32 * more, 1), |row| {
        row.unpaid = Felt::ZERO
    });
    caught("growth/unpaid", question(1), |row| row.unpaid = felt(2));
    caught("growth/unpaid used", question(1), |row| {
        *row = Row {
            unpaid: Felt::ONE,
            ..*Row::from_slice(&[Felt::ZERO; Row::WIDTH])
        };
    });
}

#[test]
fn every_column_is_bound() {
    let questions = questions();
    let used: Vec<_> = (0..questions.len()).collect();
    let loose = unnoticed_columns(&Growth, &rows(&questions), &used, &[tag::U16, tag::U8]);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn other_answers_are_refused() {
    for question in questions() {
        let (words, gas) = answer(question);
        let others = [
            (words + 1, gas),
            (words.wrapping_sub(1), gas),
            (words, gas + 1),
            (words, gas.wrapping_sub(1)),
            (words, 0),
            (question.0, 0),
        ];
        for other in others.into_iter().filter(|other| *other != (words, gas)) {
            let claim = (Felt::ONE, claim(question, other));
            assert!(findings_among(&Growth, &rows(&[question]), [claim]).contains("MemoryGrowth"));
        }
    }
}

/// Forges the row of a question; `label` must object.
fn caught(label: &str, question: Question, forge: impl FnOnce(&mut Row)) {
    let mut trace = rows(&[question]);
    forge(GrowthColumns::from_slice_mut(trace.row_mut(0)));
    let found = findings_among(&Growth, &trace, []);
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

/// A row with these next words, squares and difference to match.
fn grown(row: &mut Row, words: u64) {
    row.next_words = felt(words);
    let square = words * words;
    let limb = |index: u64| felt((square / 512) >> (16 * index) & 0xffff);
    row.next_square.quotient = [0, 1, 2].map(limb);
    row.next_square.remainder = felt(square % 512);
}

#[test]
fn growth_called_less() {
    let question = (100, 32 * 5_000, 32);
    // A word less: the last byte is beyond it.
    caught("U8", question, |row| {
        row.last[0] -= Felt::ONE;
        row.rest += felt(32);
        row.difference[0] -= Felt::ONE;
        grown(row, 5_000);
    });
    caught("growth/last", question, |row| {
        row.last[0] -= Felt::ONE;
        row.difference[0] -= Felt::ONE;
        grown(row, 5_000);
    });
    // None at all.
    caught("growth/there", question, |row| {
        row.grows = Felt::ZERO;
        grown(row, 100);
    });
    caught("U16", question, |row| {
        row.grows = Felt::ZERO;
        row.difference = [felt(100) - felt(5_001), Felt::ZERO];
        grown(row, 100);
    });
    // Fewer words than needed, by another rule.
    caught("growth/words", question, |row| grown(row, 4_000));
    // Memory that shrinks.
    caught("U16", (100, 0, 1), |row| {
        row.grows = Felt::ONE;
        row.difference = [Felt::ZERO - felt(100), Felt::ZERO];
        grown(row, 1);
    });
    caught("growth/missing", (100, 0, 1), |row| {
        row.grows = Felt::ONE;
        grown(row, 1);
    });
}

#[test]
fn squares_rounded_otherwise() {
    let question = (100, 32 * 5_000, 32);
    caught("U16", question, |row| {
        row.next_square.quotient[0] -= Felt::ONE;
        row.next_square.remainder += felt(512);
    });
    caught("growth/square", question, |row| {
        row.next_square.quotient[0] -= Felt::ONE;
    });
    // What is paid already called more.
    caught("U16", question, |row| {
        row.square.quotient[0] += Felt::ONE;
        row.square.remainder -= felt(512);
    });
    // A fraction for a quotient.
    caught("U16", question, |row| {
        row.next_square.remainder -= Felt::ONE;
        row.next_square.quotient[0] += felt(512).inverse();
    });
}

/// A remainder of which 128 times is small, since that goes once round the field.
#[test]
fn remainders_are_small_integers() {
    let words = 3;
    let (offset, length) = (32 * words - 1, 1);
    let wraps = (0..512).map(|step| 128 * step + 1);
    // The remainder is -below, and the quotient is an integer.
    let below = wraps.map(|small| (Felt::ORDER - small) / 128);
    let below = below
        .into_iter()
        .find(|below| (words * words + below) % 512 == 0);
    let below = below.expect("such a remainder");
    let quotient = (words * words + below) / 512;
    assert!(quotient < 1 << 48);
    caught("U16", (0, offset, length), |row| {
        row.next_square.remainder = Felt::ZERO - felt(below);
        row.next_square.quotient = [0, 1, 2].map(|index| felt(quotient >> (16 * index) & 0xffff));
        let last = row.next_square.remainder * felt(128);
        assert!(last.to_canonical_u64() < 1 << 16);
    });
}

/// Each limb below and above its range.
#[test]
fn limbs_are_limbs() {
    let question = (100, 32 * 5_000, 32);
    for value in [Felt::NEG_ONE, felt(1 << 16)] {
        for index in 0..3 {
            caught("U16", question, |row| row.square.quotient[index] = value);
            caught("U16", question, |row| {
                row.next_square.quotient[index] = value
            });
        }
        for index in 0..2 {
            caught("U16", question, |row| row.last[index] = value);
            caught("U16", question, |row| row.difference[index] = value);
        }
    }
    for value in [Felt::NEG_ONE, felt(512)] {
        caught("U16", question, |row| row.square.remainder = value);
        caught("U16", question, |row| row.next_square.remainder = value);
    }
    for value in [Felt::NEG_ONE, felt(32)] {
        caught("U8", question, |row| row.rest = value);
    }
}

#[test]
fn flags_are_flags() {
    let question = (100, 32 * 5_000, 32);
    caught("growth/used", question, |row| row.used = felt(2));
    caught("growth/count", question, |row| row.used = Felt::ZERO);
    caught("growth/grows", question, |row| row.grows = felt(2));
    caught("growth/grows used", question, |row| row.used = Felt::ZERO);
}
