//! What a cheating prover tries, and what catches it.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::tests::{OPEN, hash_of, others, place_of, rows};
use super::{BlockHashColumns, BlockHashTable};
use crate::event::NumberedHash;
use crate::hash_leaf::{LeafKey, LeafValue};
use crate::tables::test_support::findings_among;
use crate::word::{hash_word, u64_limbs};

type Row = BlockHashColumns<Felt>;

/// Of the row for the block `asked`.
fn caught(label: &str, asked: u64, forge: impl FnOnce(&mut Row)) {
    let place = place_of(asked);
    caught_in(label, |trace| {
        forge(BlockHashColumns::from_slice_mut(trace.row_mut(place)));
    });
}

fn caught_in(label: &str, forge: impl FnOnce(&mut Trace)) {
    let mut trace = rows();
    forge(&mut trace);
    let found = findings_among(&BlockHashTable, &trace, others());
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

/// Gives the hash that the leaf has, whatever its number.
fn pretend_same(row: &mut Row) {
    row.same = Felt::ONE;
    row.differs = Default::default();
    row.inverse = Felt::ZERO;
}

/// The leaf tells this block.
fn pretend_leaf(row: &mut Row, number: u64) {
    let hash = hash_of(number);
    row.number = u64_limbs(number);
    row.hash = hash_word(hash);
    row.value = LeafValue::of(&NumberedHash { number, hash });
    row.present = Felt::ONE;
    pretend_same(row);
}

#[test]
fn hashes_of_other_blocks() {
    // Of the open block and of the one before the oldest: their leaf tells another block, and another one is not in the tree.
    for asked in [OPEN, OPEN - 257, OPEN - 2 - (1 << 32)] {
        caught("block_hash/same number", asked, pretend_same);
        caught("TreeUpdate", asked, |row| pretend_leaf(row, asked));
        caught("Poseidon", asked, |row| {
            row.number = u64_limbs(asked);
            pretend_same(row);
        });
    }
    // Of a block that has no leaf.
    let absent = OPEN - 100;
    caught("TreeUpdate", absent, |row| pretend_leaf(row, absent));
    caught("block_hash/same", absent, |row| row.same = Felt::ONE);
    caught("block_hash/absent", absent, |row| {
        row.value.value[1] = Felt::ONE
    });
    // Another hash.
    caught("Poseidon", OPEN - 1, |row| row.hash[3] += Felt::ONE);
    caught("Compute", OPEN - 1, |row| row.hash[3] += Felt::ONE);
    // Of the leaf of another index.
    caught("block_hash/index", OPEN - 1, |row| {
        row.leaf = LeafKey::of(OPEN - 2);
        pretend_leaf(row, OPEN - 2);
    });
    caught("Poseidon", OPEN - 1, |row| {
        row.leaf.key = LeafKey::of(OPEN - 2).key
    });
    caught("U8", OPEN - 1, |row| {
        row.leaf.index += Felt::from_canonical_u64(256);
        row.leaf.rest[0] -= Felt::ONE;
    });
    caught("U8", OPEN - 1, |row| {
        row.leaf.rest[0] += Felt::from_canonical_u64(1 << 16);
        row.leaf.rest[1] -= Felt::ONE;
    });
    caught("U16", OPEN - 1, |row| {
        row.leaf.rest[0] += Felt::from_canonical_u64(1 << 16);
        row.leaf.rest[1] -= Felt::ONE;
    });
}

#[test]
fn zero_for_a_hash_that_is_there() {
    for asked in [OPEN - 1, OPEN - 256] {
        caught("block_hash/differs", asked, |row| row.same = Felt::ZERO);
        for place in 0..3 {
            caught("block_hash/other number", asked, |row| {
                row.same = Felt::ZERO;
                row.differs[place] = Felt::ONE;
                row.inverse = Felt::ONE;
            });
        }
        // As if there were no leaf, or another one.
        caught("TreeUpdate", asked, |row| {
            (row.present, row.same) = (Felt::ZERO, Felt::ZERO);
            row.value.value = Default::default();
        });
        caught("Poseidon", asked, |row| {
            row.number[0] += Felt::from_canonical_u64(256);
            row.same = Felt::ZERO;
            row.differs[0] = Felt::ONE;
            row.inverse = Felt::from_canonical_u64(256).inverse();
        });
        // Half of it.
        caught("block_hash/same", asked, |row| {
            row.same = Felt::TWO.inverse()
        });
    }
}

#[test]
fn flags_and_padding() {
    caught("block_hash/used", OPEN, |row| row.used = Felt::TWO);
    caught("block_hash/count", OPEN, |row| row.used = Felt::ZERO);
    caught("block_hash/present", OPEN, |row| row.used = Felt::ZERO);
    caught("block_hash/present", OPEN, |row| row.present = Felt::TWO);
    caught("block_hash/differs", OPEN, |row| row.differs[1] = Felt::TWO);
    caught("Compute", OPEN, |row| row.count += Felt::ONE);
    caught("TreeUpdate", OPEN, |row| row.step = Felt::ZERO);
    caught_in("block_hash/count", |trace| {
        let last = trace.height() - 1;
        let row: &mut Row = BlockHashColumns::from_slice_mut(trace.row_mut(last));
        row.count = Felt::ONE;
    });
}
