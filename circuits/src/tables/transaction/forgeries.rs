//! What a cheating operator writes of gas and flags, each with the label that stops it.

use braid_stark::Felt;
use braid_stark::check::{check_table, interactions_of};
use plonky2::field::types::{Field, Field64, PrimeField64};

use super::columns::Gas;
use super::tests::{
    assert_constraint, assert_constraint_of, columns, events, events_by, filled, laden,
};
use super::{TransactionColumns, TransactionTable};
use crate::bus::tag;
use crate::event::{ChunkEvents, Rules};
use crate::execution::GAS_CAP;
use crate::gas::{TOP, gas_limbs, gas_of_limbs};

const OF_DYNAMIC_FEE: usize = 3;
const PROTECTED: usize = 1;
/// The first row of padding: there are five transactions.
const PADDING: usize = 5;

#[test]
fn flags_are_flags() {
    let half = Felt::TWO.inverse();
    assert_constraint(0, "transaction/used", |row| row.used = Felt::TWO);
    assert_constraint(0, "transaction/odd_y", |row| row.odd_y = Felt::TWO);
    assert_constraint(PADDING, "transaction/odd_y", |row| row.odd_y = Felt::ONE);
    assert_constraint(0, "transaction/runs code", |row| row.runs_code = Felt::TWO);
    assert_constraint(0, "transaction/runs code", |row| row.runs_code = half);
    // A frame that no transaction opens.
    assert_constraint(PADDING, "transaction/runs code", |row| {
        row.runs_code = Felt::ONE
    });
    assert_constraint(0, "transaction/floor binds", |row| {
        row.gas.floor_binds = Felt::TWO
    });
    // A tip between both bounds.
    assert_constraint(OF_DYNAMIC_FEE, "transaction/tip choice", |row| {
        row.fees.tip_is_headroom = half
    });
    assert_constraint(PADDING, "transaction/tip choice", |row| {
        row.fees.tip_is_headroom = Felt::ONE
    });
    for carry in 0..2 {
        for row in [0, OF_DYNAMIC_FEE] {
            assert_constraint(row, "transaction/v carry unused", |row| {
                row.v_carry[carry] = Felt::ONE
            });
        }
    }
    let label = "transaction/cap unused";
    for rules in [Rules::Cancun, Rules::Prague] {
        assert_constraint_of(&events_by(rules), 0, label, |row| {
            row.gas.below_cap[1] = Felt::ONE
        });
    }
}

#[test]
fn gas_is_neither_more_nor_less() {
    let (floor, spent) = (
        Felt::from_canonical_u64(61_000),
        Felt::from_canonical_u64(37_000),
    );
    // What is paid is one of two numbers, and both are as they are.
    assert_constraint_of(&laden(Rules::Prague), 0, "transaction/gas used", |row| {
        row.gas.used[0] = (floor + spent) * Felt::TWO.inverse();
        row.gas.apart = [Felt::ZERO; 4];
    });
    // A floor above what was used by far too much.
    let label = "transaction/floor apart";
    assert_constraint_of(&laden(Rules::Prague), 0, label, |row| {
        row.gas.apart[3] = Felt::ONE;
    });
    assert_constraint(0, "transaction/gas given", |row| {
        row.gas.given[0] += Felt::ONE
    });
    assert_constraint(0, "transaction/limit above floor", |row| {
        row.gas.above_floor[0] += Felt::ONE
    });
}

/// Forges a row so that all constraints hold; gives what is looked up as a limb and is none.
fn no_limbs(
    events: &ChunkEvents,
    row: usize,
    forge: impl Fn(&mut TransactionColumns<Felt>),
) -> Vec<Felt> {
    let mut trace = filled(events);
    forge(columns(&mut trace, row));
    assert_eq!(check_table(&TransactionTable, &trace), vec![]);
    let said = interactions_of(&TransactionTable, &trace).into_iter();
    let said = said.filter(|(_, said)| said.message.tag == tag::U16);
    let limbs = said.map(|(_, said)| said.message.payload[0]);
    limbs
        .filter(|limb| limb.to_canonical_u64() >= 1 << 16)
        .collect()
}

/// Forges a row so that all constraints hold; what is left is a limb that is none.
fn assert_no_limb(row: usize, forge: impl Fn(&mut TransactionColumns<Felt>)) {
    assert!(!no_limbs(&events(), row, forge).is_empty());
}

/// A number below zero as limbs: only the lookups refuse it.
fn below_zero() -> [Felt; 4] {
    [Felt::NEG_ONE, Felt::ZERO, Felt::ZERO, Felt::ZERO]
}

#[test]
fn limits_below_what_is_paid_have_no_limbs() {
    // The gas limit is one less than the intrinsic gas.
    assert_no_limb(0, |row| {
        let given = gas_of_limbs(row.gas.given, TOP);
        let less = given + Felt::ONE;
        row.signed.gas_limit[0] -= less;
        row.gas.given = below_zero();
        row.gas.above_floor[0] -= less;
    });
    // It is well above 2^63.
    assert_no_limb(0, |row| {
        let more = (1 << 16) + 2;
        row.signed.gas_limit[1] += Felt::from_canonical_u64(more * (TOP >> 32));
        row.gas.given[3] += Felt::from_canonical_u64(more);
        row.gas.above_floor[3] += Felt::from_canonical_u64(more);
    });
    // It is larger by the field's order: what is given is the same element.
    assert_no_limb(0, |row| {
        assert_eq!(row.signed.gas_limit[1], Felt::ZERO);
        row.signed.gas_limit[0] += Felt::ONE;
        row.signed.gas_limit[1] = Felt::from_canonical_u32(u32::MAX);
    });
    // What is given is: its top limb is none.
    assert_no_limb(0, |row| {
        let given = gas_of_limbs(row.gas.given, TOP).to_canonical_u64();
        let round = u128::from(given) + u128::from(Felt::ORDER);
        let top = u128::from(TOP);
        row.gas.given = gas_limbs((round % top) as u64, TOP);
        row.gas.given[3] = Felt::from_canonical_u64((round / top) as u64);
    });
    // Both are, so that they agree: one limb takes what the others cannot, and nothing else is wrong.
    for limb in 2..4 {
        let found = no_limbs(&events(), 0, |row| {
            let given = gas_of_limbs(row.gas.given, TOP).to_canonical_u64();
            let round = u128::from(given) + u128::from(Felt::ORDER);
            let (high, top) = ((round >> 32) as u64, TOP >> 32);
            row.signed.gas_limit[0] += Felt::ONE;
            row.signed.gas_limit[1] = Felt::from_canonical_u32(u32::MAX);
            row.gas.given = gas_limbs(round as u64 & u64::from(u32::MAX), TOP);
            let upper = match limb {
                2 => [high, 0],
                _ => [high % top, high / top],
            };
            let upper = upper.map(Felt::from_canonical_u64);
            row.gas.given[2..].copy_from_slice(&upper);
        });
        assert_eq!(found.len(), 1, "{limb}");
    }
    // The `v` of another chain, by a carry that is none.
    assert_no_limb(PROTECTED, |row| {
        let more = Felt::from_canonical_u64(1 << 16);
        row.v_carry[0] += more;
        row.signed.v[0] -= more * Felt::from_canonical_u64(1 << 32);
        row.signed.v[1] += more;
    });
}

/// What is paid, what must be there, and what is allowed, each by one too little or too much: the limbs that would show it are none.
#[test]
fn floors_and_caps_are_exact() {
    let no_limb = |events: &ChunkEvents, cell, forge: fn(&mut Gas<Felt>, &mut Felt)| {
        let found = no_limbs(events, 0, |row| {
            forge(&mut row.gas, &mut row.signed.gas_limit[0])
        });
        assert_eq!(found, [cell]);
    };
    let minus = |number| -Felt::from_canonical_u64(number);
    // The floor is 24,000 more than what was used: the lesser of both is paid, and the difference put anywhere.
    no_limb(&laden(Rules::Prague), minus(24_000), |gas, _| {
        gas.floor_binds = Felt::ZERO;
        gas.used[0] = Felt::from_canonical_u64(37_000);
        gas.apart = [Felt::ZERO; 4];
        gas.apart[0] = gas.spent - gas.floor;
    });
    // Without a floor nothing is the greater of both.
    no_limb(&laden(Rules::Cancun), minus(37_000), |gas, _| {
        gas.floor_binds = Felt::ONE;
        gas.used[0] = Felt::ZERO;
        gas.used_inverse = Felt::from_canonical_u32(u32::MAX).inverse();
        gas.apart = [Felt::ZERO; 4];
        gas.apart[0] = -gas.spent;
    });
    // A limit that covers the intrinsic gas and not the floor.
    no_limb(&laden(Rules::Prague), Felt::NEG_ONE, |gas, limit| {
        let fewer = gas_of_limbs(gas.above_floor, TOP) + Felt::ONE;
        *limit -= fewer;
        gas.above_floor = below_zero();
        let given = gas_of_limbs(gas.given, TOP) - fewer;
        gas.given = gas_limbs(given.to_canonical_u64(), TOP);
    });
    // No floor, with all else as that would be: one constraint says what it is.
    let mut trace = filled(&laden(Rules::Prague));
    let row = columns(&mut trace, 0);
    let (gas, limit) = (&mut row.gas, row.signed.gas_limit[0]);
    (gas.floor, gas.floor_binds) = (Felt::ZERO, Felt::ZERO);
    gas.used[0] = gas.spent;
    gas.apart = gas_limbs(gas.spent.to_canonical_u64(), TOP);
    gas.above_floor = gas_limbs(limit.to_canonical_u64(), TOP);
    let found = check_table(&TransactionTable, &trace);
    let found = Vec::from_iter(found.iter().map(|found| found.label));
    assert_eq!(found, ["transaction/floor"]);
    // A limit above the cap.
    let mut capped = events_by(Rules::Osaka);
    capped.transactions[0].gas_limit = GAS_CAP;
    no_limb(&capped, Felt::NEG_ONE, |gas, limit| {
        *limit += Felt::ONE;
        gas.below_cap = [Felt::NEG_ONE, Felt::ZERO];
        gas.given[0] += Felt::ONE;
        gas.above_floor[0] += Felt::ONE;
    });
}
