//! What a cheating prover would write about copies and strings.

use braid_circuits::event::opcode::*;
use braid_circuits::tables::copy::CopyColumns;
use braid_circuits::tables::string::StringColumns;
use braid_stark::Felt;
use plonky2::field::types::Field;

use crate::copies::everything;
use crate::support::{Run, zero};

type Row = CopyColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// The rows of the copy that the so-manyth step of this opcode makes.
fn rows_of(run: &Run, opcode: u8, place: usize) -> Vec<usize> {
    let steps = run.execution.steps.iter();
    let mut steps = steps.filter(|step| step.opcode == opcode);
    let clock = steps.nth(place).expect("a step").clock;
    // One unused row comes first.
    let mut rows = (1..).zip(run.execution.copies.iter().flat_map(|copy| {
        let clock = copy.order.clock;
        copy.rows.iter().map(move |_| clock)
    }));
    let rows = rows.by_ref().filter(|(_, found)| *found == clock);
    rows.map(|(row, _)| row).collect()
}

/// Demands that a forged run is found out, by this.
fn caught(label: &str, opcode: u8, place: usize, forge: impl FnOnce(&mut Run, &[usize])) {
    let mut run = everything();
    let rows = rows_of(&run, opcode, place);
    forge(&mut run, &rows);
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

/// The same, of one row of the copy.
fn caught_in(label: &str, (opcode, place, row): (u8, usize, usize), forge: impl FnOnce(&mut Row)) {
    caught(label, opcode, place, |run, rows| {
        forge(run.row("copy", rows[row]));
    });
}

/// MCOPY with a row that leads, three target words, and both edges merged.
const LED: (u8, usize) = (MCOPY, 0);
/// MCOPY of whole limbs, three target words, onto itself.
const OVERLAPPING: (u8, usize) = (MCOPY, 1);

#[test]
fn samples_are_what_they_are_said_to_be() {
    let mut run = everything();
    let rows = rows_of(&run, LED.0, LED.1);
    assert_eq!(rows.len(), 4);
    let lead: &mut Row = run.row("copy", rows[0]);
    assert_eq!(lead.leads, Felt::ONE);
    let rows = rows_of(&run, OVERLAPPING.0, OVERLAPPING.1);
    assert_eq!(rows.len(), 3);
    let rows = rows_of(&run, CODECOPY, 1);
    let read = |run: &mut Run, row: usize| {
        let row: &mut Row = run.row("copy", row);
        (row.looks_up, row.cuts)
    };
    let kinds: Vec<_> = rows.iter().map(|row| read(&mut run, *row)).collect();
    let (one, zero) = (Felt::ONE, Felt::ZERO);
    assert!(kinds.contains(&(one, one)) && kinds.contains(&(one, zero)));
    assert!(kinds.contains(&(zero, zero)));
}

/// Source bytes shifted by another amount.
#[test]
fn bytes_shifted_by_another_amount() {
    let (opcode, place) = OVERLAPPING;
    let other = |row: &mut Row| {
        (row.limbs[0], row.limbs[1]) = (Felt::ZERO, Felt::ONE);
    };
    caught_in("Copy", (opcode, place, 0), other);
    caught_in("copy/window", (opcode, place, 0), other);
    caught_in("copy/same shift", (opcode, place, 1), other);
    caught_in("copy/one number of limbs", (opcode, place, 1), |row| {
        row.limbs[3] = Felt::ONE;
    });
    caught_in("copy/limbs", (opcode, place, 1), |row| {
        (row.limbs[0], row.limbs[2]) = (felt(2), Felt::NEG_ONE);
    });
    // The same place by an index that is a fraction.
    caught("MemoryWord", opcode, place, |run, rows| {
        for row in rows {
            let row: &mut Row = run.row("copy", *row);
            other(row);
            row.index += felt(8).inverse();
        }
    });
    let (opcode, place) = LED;
    caught_in("ByteShift", (opcode, place, 1), |row| {
        row.bytes -= Felt::ONE
    });
    caught_in("copy/bytes", (opcode, place, 1), |row| {
        row.splits = Felt::ZERO
    });
    caught_in("copy/splits", (opcode, place, 1), |row| {
        row.splits = felt(2)
    });
    caught_in("ByteShift", (opcode, place, 1), |row| {
        row.window[3] += Felt::ONE;
    });
    // Bytes of a head that are none of the word's.
    caught_in("U8", (opcode, place, 1), |row| {
        row.head += felt(32);
        row.target_index -= Felt::ONE;
    });
    // The row that leads, made up or left out.
    caught_in("copy/next source word", (opcode, place, 0), |row| {
        row.index -= Felt::ONE;
    });
    caught_in("copy/same source", (opcode, place, 0), |row| {
        row.clock -= Felt::ONE
    });
    caught_in("U8", (opcode, place, 0), |row| *row = zero());
    caught_in("copy/leads", (opcode, place, 2), |row| {
        row.leads = Felt::ONE
    });
}

/// A byte outside of what is copied to, or one within.
#[test]
fn other_bytes_are_written() {
    let (opcode, place) = LED;
    for limb in 0..8 {
        // The first byte of the first word stays, and the last 25 of the last.
        caught_in("Merge", (opcode, place, 1), |row| {
            row.after[limb] += Felt::ONE;
            row.headed[limb] += Felt::ONE;
        });
        caught_in("Merge", (opcode, place, 3), |row| {
            row.after[limb] += Felt::ONE
        });
        caught_in("copy/after", (opcode, place, 1), |row| {
            row.after[limb] += Felt::ONE
        });
        caught_in("copy/headed", (opcode, place, 2), |row| {
            row.headed[limb] += Felt::ONE;
            row.after[limb] += Felt::ONE;
        });
        caught_in("copy/window", (OVERLAPPING.0, OVERLAPPING.1, 1), |row| {
            row.window[limb] += Felt::ONE;
            row.headed[limb] += Felt::ONE;
            row.after[limb] += Felt::ONE;
        });
    }
    caught_in("copy/head", (opcode, place, 1), |row| {
        row.keeps_head = Felt::ZERO;
        (row.headed, row.after) = (row.window, row.window);
    });
    caught_in("copy/tail", (opcode, place, 3), |row| {
        row.keeps_tail = Felt::ZERO;
        row.after = row.headed;
    });
    caught_in("copy/keeps at the edge", (opcode, place, 2), |row| {
        row.keeps_tail = Felt::ONE;
    });
    caught_in("copy/keeps at the edge", (opcode, place, 2), |row| {
        row.keeps_head = Felt::ONE;
    });
    caught_in("copy/keeps", (opcode, place, 1), |row| {
        row.keeps_head = felt(2)
    });
    caught("copy/keeps memory", KECCAK256, 1, |run, rows| {
        let row: &mut Row = run.row("copy", rows[0]);
        row.keeps_head = Felt::ONE;
    });
    // What was there before.
    caught_in("MemoryWord", (opcode, place, 3), |row| {
        row.before[0] += Felt::ONE
    });
    caught_in("MemoryWord", (opcode, place, 2), |row| {
        row.read[0] += Felt::ONE
    });
    caught_in("copy/whole word", (opcode, place, 2), |row| {
        row.current[0] += Felt::ONE;
    });
}

/// A row left out or done twice.
#[test]
fn every_word_comes_once() {
    let (opcode, place) = OVERLAPPING;
    // The middle one is left out, or comes in place of the last, and the others close ranks.
    caught("copy/next target word", opcode, place, |run, rows| {
        let last: Row = *run.row("copy", rows[2]);
        *run.row("copy", rows[1]) = last;
        *run.row("copy", rows[2]) = zero::<Row>();
    });
    caught("copy/next source word", opcode, place, |run, rows| {
        let middle: Row = *run.row("copy", rows[1]);
        *run.row("copy", rows[2]) = middle;
    });
    caught("copy/left", opcode, place, |run, rows| {
        let row: &mut Row = run.row("copy", rows[2]);
        row.left = felt(32);
    });
    // It ends early, or goes on.
    caught("U8", opcode, place, |run, rows| {
        let row: &mut Row = run.row("copy", rows[1]);
        row.last = Felt::ONE;
        *run.row("copy", rows[2]) = zero::<Row>();
    });
    caught("copy/goes on", opcode, place, |run, rows| {
        let row: &mut Row = run.row("copy", rows[2]);
        row.last = Felt::ZERO;
    });
    // It begins in the midst of another.
    caught("Copy", opcode, place, |run, rows| {
        let row: &mut Row = run.row("copy", rows[1]);
        row.opens = Felt::ONE;
    });
    caught("copy/goes on", opcode, place, |run, rows| {
        let row: &mut Row = run.row("copy", rows[0]);
        row.opens = Felt::ZERO;
    });
    caught("Copy", opcode, place, |run, rows| {
        let row: &mut Row = run.row("copy", rows[2]);
        row.left += Felt::ONE;
        let row: &mut Row = run.row("copy", rows[1]);
        row.left += Felt::ONE;
        let row: &mut Row = run.row("copy", rows[0]);
        row.left += Felt::ONE;
    });
    for (label, forge) in [
        ("copy/kind", (|row| row.to_memory = felt(2)) as fn(&mut Row)),
        ("copy/kind", |row| row.to_string = Felt::ONE),
        ("copy/opens", |row| row.opens = felt(2)),
        ("copy/last", |row| row.last = felt(2)),
        ("copy/read", |row| row.reads = felt(2)),
        ("copy/cuts", |row| row.cuts = felt(2)),
        ("copy/same target", |row| row.target_id += Felt::ONE),
    ] {
        caught_in(label, (opcode, place, 1), forge);
    }
}

/// A copy at another time, which sees what it writes; another source or target.
#[test]
fn another_time_or_place() {
    let (opcode, place) = OVERLAPPING;
    caught("Clock", opcode, place, |run, rows| {
        // The second word, after the first row has been written, is read as the copy leaves it.
        let (after, clock) = {
            let row: &mut Row = run.row("copy", rows[1]);
            (row.after, row.clock)
        };
        let row: &mut Row = run.row("copy", rows[0]);
        (row.read, row.current) = (after, after);
        row.read_accessed = clock + clock + Felt::ONE;
    });
    for change in [Felt::ONE, Felt::NEG_ONE] {
        caught("Copy", opcode, place, |run, rows| {
            for row in rows {
                let row: &mut Row = run.row("copy", *row);
                row.clock += change;
            }
        });
        caught("Copy", opcode, place, |run, rows| {
            for row in rows {
                let row: &mut Row = run.row("copy", *row);
                row.source_id += change;
            }
        });
        caught("Copy", opcode, place, |run, rows| {
            for row in rows {
                let row: &mut Row = run.row("copy", *row);
                row.target_id += change;
            }
        });
    }
    caught_in("copy/same source", (opcode, place, 1), |row| {
        row.clock += Felt::ONE
    });
    caught_in("copy/same source", (opcode, place, 1), |row| {
        row.source_id += Felt::ONE
    });
    // Memory as code and code as memory.
    caught_in("copy/source", (CODECOPY, 0, 0), |row| {
        (row.reads, row.looks_up) = (Felt::ONE, Felt::ZERO);
    });
    caught_in("SourceWord", (opcode, place, 0), |row| {
        (row.reads, row.looks_up) = (Felt::ZERO, Felt::ONE);
    });
    caught_in("SourceWord", (CODECOPY, 0, 0), |row| {
        row.read[2] += Felt::ONE
    });
}

/// Bytes from the source's end on that are not zero, and zeros before it.
#[test]
fn ends_of_sources() {
    let mut run = everything();
    let rows = rows_of(&run, CODECOPY, 1);
    let cut = rows.iter().position(|row| {
        let row: &mut Row = run.row("copy", *row);
        row.cuts == Felt::ONE
    });
    let cut = cut.expect("a row in which the code ends");
    let at = |row| (CODECOPY, 1, row);
    for distance in [[Felt::ZERO; 2], [felt(0xffff); 2]] {
        caught_in("copy/before the end", at(cut), |row| {
            (row.cuts, row.current, row.distance) = (Felt::ZERO, row.read, distance);
        });
    }
    caught_in("U16", at(cut), |row| {
        (row.cuts, row.current) = (Felt::ZERO, row.read);
        let start = row.index * felt(32);
        row.distance[0] = row.source_end - start - felt(32);
    });
    caught_in("Merge", at(cut), |row| row.current[1] += Felt::ONE);
    // Read beyond the end, and not read before it.
    caught_in("copy/stays beyond", at(cut + 2), |row| {
        row.looks_up = Felt::ONE
    });
    caught_in("copy/beyond the end", at(cut + 1), |row| {
        row.current[0] = Felt::ONE
    });
    caught_in("U16", at(1), |row| {
        (row.looks_up, row.current) = (Felt::ZERO, [Felt::ZERO; 8]);
        row.distance[0] = row.index * felt(32) - row.source_end;
        row.distance[1] = Felt::ZERO;
    });
    caught_in("copy/past the end", at(1), |row| row.looks_up = Felt::ZERO);
    caught_in("copy/cuts used", at(cut + 1), |row| row.cuts = Felt::ONE);
    // Another end: where calldata of a call ends in its caller's memory.
    caught("Copy", CALLDATALOAD, 1, |run, rows| {
        for row in rows {
            let row: &mut Row = run.row("copy", *row);
            row.source_end += felt(32);
        }
    });
    caught("copy/same source", CODECOPY, 1, |run, rows| {
        let row: &mut Row = run.row("copy", rows[1]);
        row.source_end += felt(32);
    });
}

/// Rows that are no part of a copy.
#[test]
fn padding_says_nothing() {
    for (label, forge) in [
        (
            "copy/opens used",
            (|row| row.opens = Felt::ONE) as fn(&mut Row),
        ),
        ("copy/last used", |row| row.last = Felt::ONE),
        ("copy/read", |row| row.reads = Felt::ONE),
        ("copy/read", |row| row.looks_up = Felt::ONE),
        ("copy/cuts used", |row| row.cuts = Felt::ONE),
        ("copy/keeps memory", |row| row.keeps_head = Felt::ONE),
        ("copy/keeps memory", |row| row.keeps_tail = Felt::ONE),
        ("copy/splits used", |row| row.splits = Felt::ONE),
        ("copy/one number of limbs", |row| row.limbs[0] = Felt::ONE),
        ("copy/leads", |row| row.leads = Felt::ONE),
        ("copy/goes on", |row| row.to_memory = Felt::ONE),
    ] {
        let mut run = everything();
        let last = run.trace("copy").height() - 1;
        let row: &mut Row = run.row("copy", last);
        assert_eq!(row.clock, Felt::ZERO);
        forge(row);
        let found = run.findings();
        assert!(found.contains(label), "expected {label}, found {found:?}");
    }
}

/// A string of other bytes, of fewer, or of some twice.
#[test]
fn strings_are_given_whole() {
    type Piece = StringColumns<Felt>;
    // KECCAK256 of 64 bytes takes 16 rows by limbs, of 37 bytes 10 by bytes.
    let (limbs, bytes) = (0, 16);
    let caught = |label: &str, row: usize, forge: fn(&mut Piece)| {
        let mut run = everything();
        forge(run.row("string", row));
        let found = run.findings();
        assert!(found.contains(label), "expected {label}, found {found:?}");
    };
    caught("StringWord", limbs, |row| row.value[7] += Felt::ONE);
    caught("string/moved up", limbs + 1, |row| {
        row.value[7] += Felt::ONE
    });
    caught("HashLimb", limbs + 1, |row| row.value[7] += Felt::ONE);
    caught("string/bytes", bytes, |row| row.bytes[0] += Felt::ONE);
    caught("HashByte", bytes + 1, |row| {
        row.bytes[0] -= Felt::ONE;
        row.bytes[1] += felt(256);
    });
    // The last limb has one byte of the string.
    caught("U8", bytes + 9, |row| {
        row.bytes[0] -= Felt::ONE;
        row.bytes[1] += felt(256);
    });
    caught("string/all of a word", bytes + 9, |row| {
        row.has[0] = Felt::ZERO
    });
    caught("string/all of a word", bytes + 9, |row| {
        row.has[1] = Felt::ONE
    });
    caught("string/gap", bytes + 9, |row| row.has[2] = Felt::ONE);
    caught("string/has", bytes + 9, |row| row.has[0] = felt(2));
    caught("string/all of a limb", bytes, |row| row.has[3] = Felt::ZERO);
    caught("string/left", limbs + 1, |row| row.left += Felt::ONE);
    caught("string/position", limbs + 1, |row| row.position += felt(4));
    caught("string/same string", limbs + 1, |row| {
        row.string += Felt::ONE
    });
    caught("string/same string", limbs + 1, |row| {
        row.by_limbs = Felt::ZERO
    });
    caught("string/by limbs", limbs, |row| row.by_limbs = felt(2));
    caught("string/whole limb", bytes + 9, |row| {
        row.by_limbs = Felt::ONE
    });
    caught("string/continues", limbs + 1, |row| row.continues = felt(2));
    caught("string/starts", limbs, |row| row.continues = Felt::ONE);
    caught("StringWord", limbs + 1, |row| row.continues = Felt::ZERO);
    caught("string/continues used", bytes + 10, |row| {
        row.continues = Felt::ONE
    });
    caught("StringWord", limbs, |row| row.string += Felt::ONE);
    caught("StringWord", limbs, |row| row.position += felt(32));
}
