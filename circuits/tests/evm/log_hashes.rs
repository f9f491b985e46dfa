//! The hashes of logs, and what a cheating prover would put into them.

use braid_circuits::event::opcode::*;
use braid_circuits::tables::log_chain::{LogChain, LogChainColumns};
use braid_circuits::tables::log_data::{LogData, LogDataColumns};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt};
use plonky2::field::types::Field;

use crate::logs::{log, run_of, sample};
use crate::memory::store;
use crate::support::{Run, push, zero};

type Data = LogDataColumns<Felt>;
type Chain = LogChainColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn is(flag: Felt) -> bool {
    flag == Felt::ONE
}

/// A word of ones.
const ONES: [u8; 2] = [PUSH0, NOT];

/// Data of which bytes are left in memory after its end, numbers of 64 bits with full halves and without, and logs of all numbers of topics.
fn hashed() -> Run {
    let ones_at = |offset| [&ONES[..], &push(offset), &[MSTORE]].concat();
    let code = [
        ones_at(0),
        store(MSTORE, 9, 32),
        ones_at(64),
        // Three words, of which the last has 6 bytes: 2 limbs, cut in the second.
        log(1, 10, 0, 70),
        // A limb and a half of ones.
        log(0, 0, 64, 6),
        [&ONES[..], &ONES, &push(32), &push(32), &[LOG2]].concat(),
        log(3, 30, 1, 95),
        log(4, 40, 0, 0),
        log(2, 50, 64, 32),
    ];
    run_of(code.concat(), 1, 1_000_000)
}

/// Used rows of a table.
fn rows_of<C: Columns<Felt>>(run: &mut Run, table: &str, used: impl Fn(&C) -> Felt) -> Vec<usize> {
    let height = run.trace(table).height();
    let rows = (0..height).filter(|row| is(used(run.row::<C>(table, *row))));
    rows.collect()
}

fn data_rows(run: &mut Run) -> Vec<usize> {
    rows_of::<Data>(run, "log_data", |row| row.used)
}

fn chain_rows(run: &mut Run) -> Vec<usize> {
    rows_of::<Chain>(run, "log_chain", |row| row.used)
}

/// The row of this number in `log_data`: words of the logs come in order.
fn data(run: &mut Run, row: usize) -> &mut Data {
    run.row("log_data", row)
}

fn chain(run: &mut Run, row: usize) -> &mut Chain {
    run.row("log_chain", row)
}

fn caught(label: &str, forge: impl FnOnce(&mut Run)) {
    let mut run = hashed();
    forge(&mut run);
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn words_and_logs_have_a_row_each() {
    let mut run = hashed();
    assert_eq!(data_rows(&mut run), Vec::from_iter(0..9));
    assert_eq!(chain_rows(&mut run), Vec::from_iter(0..6));
    // What the forgeries below take for granted.
    let [first, second, third, limb] = [0, 1, 2, 3].map(|row| *data(&mut run, row));
    assert!(!is(first.continues) && is(second.continues) && is(third.continues));
    assert!(is(third.cuts) && third.left == felt(6) && !is(limb.continues));
    assert_ne!(third.word, third.value);
    assert!(first.halves.iter().all(|half| is(half.is_full)));
    assert!(third.halves.iter().any(|half| is(half.is_full)));
    let counts = [1, 0, 2, 3, 4, 2];
    for (row, count) in counts.into_iter().enumerate() {
        let topics = chain(&mut run, row).topics;
        let has = topics.iter().filter(|topic| is(topic.has));
        assert_eq!(has.count(), count, "log {row}");
    }
    // Data of logs that are undone is hashed, too; they are not chained.
    let mut run = sample();
    assert_eq!(chain_rows(&mut run).len(), 18);
    assert!(!data_rows(&mut run).is_empty());
}

#[test]
fn every_column_is_bound() {
    let mut run = hashed();
    let rows = [data_rows(&mut run), chain_rows(&mut run)];
    let tables: [(&dyn AnyTable, &str); 2] = [(&LogData, "log_data"), (&LogChain, "log_chain")];
    for ((table, name), rows) in tables.into_iter().zip(rows) {
        let unnoticed = unnoticed_columns(table, run.trace(name), &rows, &[]);
        assert_eq!(unnoticed, Vec::<String>::new(), "{name}");
    }
    for degrees in [SymbolicTable::of(&LogData), SymbolicTable::of(&LogChain)] {
        assert_eq!(degrees.excessive_degrees(), []);
    }
}

#[test]
fn data_that_is_cut_or_padded() {
    // The last word left out, or one in between, or all of them.
    caught("StringWord", |run| *data(run, 2) = zero());
    caught("LogData", |run| *data(run, 2) = zero());
    caught("log_data/after a word", |run| *data(run, 1) = zero());
    caught("LogData", |run| *data(run, 3) = zero());
    // More bytes, or fewer.
    for more in [Felt::ONE, Felt::NEG_ONE] {
        let forge = |run: &mut Run| {
            for row in 0..3 {
                data(run, row).left += more;
            }
            data(run, 0).before[0] += more;
        };
        caught("StringWord", forge);
        caught("Merge", forge);
        caught("LogData", forge);
    }
    // What lies after the data in memory.
    caught("log_data/whole word", |run| {
        let row = data(run, 2);
        (row.cuts, row.word) = (Felt::ZERO, row.value);
    });
    caught("Merge", |run| data(run, 2).word = data(run, 2).value);
    caught("Merge", |run| {
        let row = data(run, 2);
        row.value[0] += Felt::ONE;
    });
    caught("log_data/word", |run| data(run, 1).word[0] += Felt::ONE);
    caught("StringWord", |run| {
        let row = data(run, 1);
        row.word[0] += Felt::ONE;
        row.value[0] += Felt::ONE;
    });
    caught("log_data/cuts the last", |run| {
        data(run, 1).cuts = Felt::ONE
    });
    // A word that is whole, cut elsewhere.
    caught("Merge", |run| {
        let row = data(run, 4);
        assert!(!is(row.cuts));
        (row.cuts, row.word[3]) = (Felt::ONE, row.word[3] + Felt::ONE);
    });
}

#[test]
fn data_in_another_order() {
    caught("log_data/first position", |run| {
        data(run, 1).continues = Felt::ZERO
    });
    caught("LogData", |run| data(run, 1).continues = Felt::ZERO);
    caught("log_data/same string", |run| {
        data(run, 1).string += Felt::ONE
    });
    caught("log_data/position", |run| data(run, 1).position += felt(32));
    caught("log_data/position", |run| {
        (data(run, 1).position, data(run, 2).position) = (felt(64), felt(32));
    });
    caught("log_data/left", |run| data(run, 1).left += Felt::ONE);
    caught("log_data/first position", |run| {
        data(run, 0).position = felt(32)
    });
    // Words that change places.
    caught("StringWord", |run| {
        let [first, second] = [0, 1].map(|row| *data(run, row));
        (data(run, 0).value, data(run, 0).word) = (second.value, second.word);
        (data(run, 1).value, data(run, 1).word) = (first.value, first.word);
    });
    // One log goes on with the data of another.
    caught("log_data/same string", |run| {
        data(run, 3).continues = Felt::ONE
    });
    caught("StringWord", |run| data(run, 3).string += Felt::ONE);
    caught("LogData", |run| data(run, 3).string += Felt::ONE);
    // It begins before the table.
    caught("log_data/begins", |run| data(run, 0).continues = Felt::ONE);
}

#[test]
fn another_digest_of_data() {
    caught("log_data/start", |run| data(run, 0).before[0] += Felt::ONE);
    caught("log_data/start", |run| data(run, 3).before[2] += Felt::ONE);
    caught("log_data/chain", |run| data(run, 1).before[1] += Felt::ONE);
    caught("log_data/chain", |run| data(run, 0).after[1] += Felt::ONE);
    caught("Poseidon", |run| data(run, 2).after[3] += Felt::ONE);
    caught("LogData", |run| data(run, 2).after[3] += Felt::ONE);
    // Halves that are full or not.
    for place in 0..4 {
        caught("log_data/halves", |run| {
            data(run, 0).halves[place].is_full = Felt::ZERO;
        });
        caught("log_data/halves", |run| {
            let half = &mut data(run, 1).halves[place];
            (half.is_full, half.inverse) = (Felt::ONE, Felt::ZERO);
        });
        caught("log_data/halves", |run| {
            data(run, 1).halves[place].inverse = Felt::ZERO;
        });
    }
    // Another number with the same remainder: 2^64 - 1 is 2^32 - 2.
    let other = |run: &mut Run| {
        let word = &mut data(run, 0).word;
        (word[0], word[1]) = (felt(0xffff_fffe), Felt::ZERO);
    };
    caught("log_data/word", other);
    caught("log_data/halves", other);
}

#[test]
fn flags_and_padding_of_data() {
    caught("log_data/used", |run| data(run, 1).used = felt(2));
    caught("log_data/continues", |run| data(run, 1).continues = felt(2));
    caught("log_data/cuts", |run| data(run, 2).cuts = felt(2));
    let unused = 9;
    caught("log_data/continues used", |run| {
        data(run, unused).continues = Felt::ONE
    });
    caught("log_data/cuts the last", |run| {
        data(run, unused).cuts = Felt::ONE
    });
    caught("log_data/halves", |run| {
        data(run, unused).halves[0].is_full = Felt::ONE
    });
    // Data given twice.
    caught("StringWord", |run| *data(run, unused) = *data(run, 3));
}

#[test]
fn logs_that_are_left_out_or_come_twice() {
    // One in between, the last, all of them.
    for row in [0, 2, 5] {
        for label in ["LogRecord", "LogChain"] {
            caught(label, |run| *chain(run, row) = zero());
        }
    }
    let none = |run: &mut Run| {
        for row in 0..6 {
            *chain(run, row) = zero();
        }
    };
    caught("LogRecord", none);
    caught("LogChain", none);
    // Left out, and the next one takes its place.
    caught("LogRecord", |run| {
        let left_out = *chain(run, 1);
        *chain(run, 1) = zero();
        for row in 2..6 {
            chain(run, row).number -= Felt::ONE;
        }
        chain(run, 2).chain = left_out.chain;
    });
    let twice = |number: Felt| {
        move |run: &mut Run| {
            let mut row = *chain(run, 5);
            row.number += number;
            *chain(run, 6) = row;
        }
    };
    caught("LogRecord", twice(Felt::ZERO));
    caught("LogRecord", twice(Felt::ONE));
    caught("log_chain/used", |run| chain(run, 5).used = felt(2));
}

#[test]
fn logs_in_another_order() {
    caught("LogRecord", |run| {
        let [first, second] = [0, 1].map(|row| chain(run, row).number);
        (chain(run, 0).number, chain(run, 1).number) = (second, first);
    });
    // With what they say, but not with their numbers.
    caught("LogRecord", |run| {
        let [first, second] = [2, 5].map(|row| *chain(run, row));
        let at = |row: Chain, place: Chain| Chain {
            number: place.number,
            ..row
        };
        (*chain(run, 2), *chain(run, 5)) = (at(second, first), at(first, second));
    });
    caught("LogChain", |run| chain(run, 3).number += Felt::ONE);
    caught("LogChain", |run| chain(run, 3).chain[2] += Felt::ONE);
    caught("Poseidon", |run| chain(run, 3).chain[2] += Felt::ONE);
}

#[test]
fn another_log_is_chained() {
    caught("LogRecord", |run| chain(run, 2).address[4] += Felt::ONE);
    caught("Poseidon", |run| chain(run, 2).address[4] += Felt::ONE);
    caught("LogRecord", |run| chain(run, 2).data[1] += Felt::ONE);
    caught("Poseidon", |run| chain(run, 2).data[1] += Felt::ONE);
    caught("Poseidon", |run| chain(run, 2).started[0] += Felt::ONE);
    caught("Poseidon", |run| chain(run, 2).named[0] += Felt::ONE);
    // A topic less, by the flag alone, and with the chain after it.
    caught("log_chain/no topic", |run| {
        chain(run, 2).topics[1].has = Felt::ZERO
    });
    let less = |run: &mut Run| {
        let topics = &mut chain(run, 2).topics;
        topics[1] = zero();
        for place in 1..4 {
            topics[place].after = topics[0].after;
        }
    };
    for label in ["LogRecord", "Poseidon", "LogChain"] {
        caught(label, less);
    }
    // A topic more.
    let more = |run: &mut Run| {
        let topic = &mut chain(run, 2).topics[2];
        (topic.has, topic.value[7]) = (Felt::ONE, Felt::ONE);
    };
    for label in ["LogRecord", "Poseidon"] {
        caught(label, more);
    }
    caught("log_chain/no topic", |run| {
        chain(run, 2).topics[2].after[0] += Felt::ONE
    });
    caught("log_chain/no topic", |run| {
        chain(run, 1).topics[0].after[3] += Felt::ONE
    });
    // Topics that change places, or move to the next.
    caught("LogRecord", |run| {
        let topics = &mut chain(run, 3).topics;
        let [first, second, ..] = topics.map(|topic| topic.value);
        (topics[0].value, topics[1].value) = (second, first);
    });
    caught("LogRecord", |run| chain(run, 0).topics.swap(0, 1));
    caught("log_chain/gap", |run| chain(run, 0).topics.swap(0, 1));
    caught("log_chain/has", |run| chain(run, 0).topics[0].has = felt(2));
    caught("log_chain/gap", |run| {
        let unused = 6;
        chain(run, unused).topics[0].has = Felt::ONE;
    });
    caught("LogRecord", |run| {
        chain(run, 4).topics[3].value[0] += Felt::ONE
    });
    caught("Poseidon", |run| {
        chain(run, 4).topics[3].after[0] += Felt::ONE
    });
}

#[test]
fn full_halves_of_logs() {
    for place in 0..4 {
        // Log 2 has topics of ones.
        caught("log_chain/topic halves", |run| {
            chain(run, 2).topics[1].halves[place].is_full = Felt::ZERO;
        });
        caught("log_chain/topic halves", |run| {
            let half = &mut chain(run, 4).topics[2].halves[place];
            (half.is_full, half.inverse) = (Felt::ONE, Felt::ZERO);
        });
        caught("log_chain/topic halves", |run| {
            chain(run, 2).topics[2].halves[place].is_full = Felt::ONE;
        });
    }
    for place in 0..2 {
        caught("log_chain/address halves", |run| {
            let half = &mut chain(run, 2).halves[place];
            (half.is_full, half.inverse) = (Felt::ONE, Felt::ZERO);
        });
        caught("log_chain/address halves", |run| {
            chain(run, 2).halves[place].inverse = Felt::ZERO;
        });
    }
}

#[test]
fn nothing_is_logged() {
    let mut run = run_of(vec![STOP], 1, 100_000);
    assert!(data_rows(&mut run).is_empty() && chain_rows(&mut run).is_empty());
}
