//! Tests of `secp_base`. The points themselves are tested against k256 in [`crate::secp256k1`].

use braid_stark::check::interactions_of;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::table::AnyTable;
use braid_stark::table::OfferedBy;
use braid_stark::{Felt, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::{SecpBase, generate};

#[test]
fn every_digit_pair_is_offered_where_lookups_expect_it() {
    let table = SecpBase;
    let mut trace = generate();
    Table::pad(&table, &mut trace, 256);
    assert!(
        interactions_of(&table, &trace).is_empty(),
        "padding is silent"
    );
    trace.rows_mut().for_each(|row| row[0] = Felt::ONE);
    let offered = interactions_of(&table, &trace);
    assert_eq!(offered.len(), 256);
    let OfferedBy::Computed(row_of) = AnyTable::lookups(&table)[0].rows else {
        panic!("a fixed table is searched");
    };
    for (row, interaction) in offered {
        let payload = &interaction.message.payload;
        assert_eq!(row_of(payload), Some(row));
        assert_eq!(
            payload[0].to_canonical_u64() + 16 * payload[1].to_canonical_u64(),
            row as u64
        );
    }
    assert_eq!(row_of(&[Felt::from_canonical_u64(16), Felt::ZERO]), None);
}

#[test]
fn rows_above_the_last_point_offer_the_same_points() {
    let fixed: Trace = Table::fixed(&SecpBase, 512);
    assert_eq!(fixed.row(3), fixed.row(259));
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&SecpBase).excessive_degrees().is_empty());
}
