//! Every column is bound, and by what.

use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::{AnyTable, Table, Trace};

use super::{Scene, example, felt, other};
use crate::bus::tag;
use crate::tables::ecdsa::Ecdsa;
use crate::tables::secp_ladder::{BLOCK, SecpLadder};

/// A row with a table point and an addition, and the last base addition.
const ROWS: [usize; 2] = [3, BLOCK - 2];

fn traces() -> (Trace, Trace) {
    let scene = Scene::honest(&[example(), other()]);
    let (mut ecdsa, mut ladder) = (scene.ecdsa, scene.ladder);
    Table::pad(&Ecdsa, &mut ecdsa, 4);
    Table::pad(&SecpLadder, &mut ladder, 512);
    (ecdsa, ladder)
}

#[test]
fn every_column_is_bound() {
    let (ecdsa, ladder) = traces();
    let ignored = [tag::U16];
    assert_eq!(unnoticed_columns(&Ecdsa, &ecdsa, &[0], &ignored), [""; 0]);
    assert_eq!(
        unnoticed_columns(&SecpLadder, &ladder, &ROWS, &ignored),
        [""; 0]
    );
}

/// Changes each cell of a row by 5, which no flag survives.
fn assert_owners(
    table: &dyn AnyTable,
    mut trace: Trace,
    row: usize,
    owner: fn(&str) -> &'static str,
) {
    let fixed = table.fixed(trace.height());
    for (column, name) in table.column_names().iter().enumerate() {
        let label = owner(name.split('[').next().unwrap());
        let ignored = [tag::U16];
        let noticed = change_cell(table, &mut trace, &fixed, (row, column), felt(5), &ignored);
        assert!(
            label.is_empty() || noticed.mentions(label),
            "{name}: {label}, {noticed:?}"
        );
    }
}

#[test]
fn ladder_columns_have_owners() {
    let (_, ladder) = traces();
    assert_owners(&SecpLadder, ladder.clone(), BLOCK - 2, |name| match name {
        "active" => "secp_ladder/active throughout",
        "y" | "run" | "operand_y" | "slope_carries" => "secp_ladder/slope",
        "x" | "slope" | "x_carries" => "secp_ladder/x",
        "y_carries" => "secp_ladder/y",
        "run_squared" | "run_inverse" => "secp_ladder/distinct",
        "digit_low" | "digit_high" | "low" | "high" => "secp_ladder/base digits",
        "z" | "v" => "secp_ladder/window digits",
        // Means nothing on this row.
        "uses" => "",
        _ => "no such column",
    });
    assert_owners(&SecpLadder, ladder, 3, |name| match name {
        "uses" => "LadderPoint",
        "digit_low" | "digit_high" => "secp_ladder/no digit",
        _ => "",
    });
}

#[test]
fn ecdsa_columns_have_owners() {
    let (ecdsa, _) = traces();
    assert_owners(&Ecdsa, ecdsa, 0, |name| match name {
        "active" | "odd_y" | "negative" | "w_reduced" => "ecdsa/flag",
        "infinite" => "ecdsa/infinite",
        "hash" => "Recover",
        "half_y" => "ecdsa/parity",
        "s" | "z" | "inverses" => "ecdsa/not zero",
        "nonce_point.x"
        | "nonce_point.x_squared"
        | "nonce_point.square_carries"
        | "key.x"
        | "key.x_squared"
        | "key.square_carries" => "ecdsa/x squared",
        "nonce_point.y" | "nonce_point.curve_carries" | "key.y" | "key.curve_carries" => {
            "ecdsa/curve"
        }
        "offset" => "ecdsa/offset",
        "v" => "LadderScalars",
        "digits" | "w" | "w_carries" => "ecdsa/w",
        "hash_product" => "MulMod",
        // Bound to each other or by a claim, depending on the sign.
        "r_product" | "v_product" => "",
        "r_room" | "s_room" | "nonce_y_room" | "key_x_room" | "key_y_room" => "Add",
        "digest" => "Digest",
        _ => "no such column",
    });
}

/// Both signs of v, so that both ways of binding its product are seen.
#[test]
fn products_of_v_are_bound_for_both_signs() {
    let mut signs = [false; 2];
    for key in 1..20u64 {
        let request = super::signed(
            alloy_primitives::U256::from(key),
            alloy_primitives::keccak256([key as u8]),
        );
        let mut scene = Scene::honest(&[request]);
        let negative = scene.row().negative == felt(1);
        signs[usize::from(negative)] = true;
        let mut trace = scene.ecdsa.clone();
        Table::pad(&Ecdsa, &mut trace, 2);
        let names = AnyTable::column_names(&Ecdsa);
        let column = names
            .iter()
            .position(|name| name == "v_product[0]")
            .unwrap();
        let fixed = AnyTable::fixed(&Ecdsa, 2);
        let noticed = change_cell(
            &Ecdsa,
            &mut trace,
            &fixed,
            (0, column),
            felt(5),
            &[tag::U16],
        );
        let label = if negative { "Add" } else { "ecdsa/v" };
        assert!(noticed.mentions(label), "{noticed:?}");
    }
    assert_eq!(signs, [true; 2]);
}
