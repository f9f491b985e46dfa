//! Flags of chunks, and cells that mean nothing in some of them.

use braid_stark::Felt;
use plonky2::field::types::Field;

use super::tests::{assert_forgery, chunks};

#[test]
fn flags_are_flags() {
    let [idle, opening, whole, _, sealing] = chunks();
    // A block of which more than one is open, and of which a part is.
    assert_forgery(&idle, "block/is open", |row| row.is_open = Felt::TWO);
    assert_forgery(&idle, "block/is open", |row| {
        row.is_open = Felt::TWO.inverse();
        row.opens = row.is_open;
    });
    assert_forgery(&opening, "block/opens", |row| {
        row.opens = Felt::TWO;
        row.gas_limit_inverse = row.gas_limit_inverse.double();
    });
    // Half of a block is opened, half was open.
    assert_forgery(&opening, "block/opens", |row| {
        let half = Felt::TWO.inverse();
        (row.opens, row.is_open) = (half, half);
    });
    for chunk in [&whole, &sealing] {
        assert_forgery(chunk, "block/seals", |row| row.seals = Felt::TWO);
    }
    assert_forgery(&idle, "block/used", |row| row.used = Felt::TWO.inverse());
}

#[test]
fn cells_that_mean_nothing_are_zero() {
    let [idle, _, _, running, sealing] = chunks();
    assert_forgery(&idle, "block/gas inverse unused", |row| {
        row.gas_limit_inverse = Felt::ONE
    });
    for chunk in [&idle, &running, &sealing] {
        assert_forgery(chunk, "block/time unused", |row| {
            row.time_passed[7] = Felt::ONE
        });
    }
}
