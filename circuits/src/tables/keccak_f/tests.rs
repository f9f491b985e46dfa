use std::collections::BTreeSet;

use braid_stark::check::{check_table, interactions_of, row_of};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::table::Collected;
use braid_stark::{AnyTable, Columns, Felt, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::generation::halves;
use super::*;

fn random_states(count: usize) -> Vec<State> {
    let mut rng = StdRng::seed_from_u64(1);
    (0..count)
        .map(|_| core::array::from_fn(|_| rng.r#gen()))
        .collect()
}

fn padded(inputs: &[State], height: usize) -> Trace {
    let mut trace = generate(inputs);
    Table::pad(&KeccakF, &mut trace, height);
    trace
}

fn labels(trace: &Trace) -> BTreeSet<&'static str> {
    let violations = check_table(&KeccakF, trace);
    violations.into_iter().map(|v| v.label).collect()
}

/// Labels of the constraints that fail on `row` or on the row before it.
fn labels_around(trace: &Trace, fixed: &Trace, row: usize) -> BTreeSet<&'static str> {
    let mut out = Collected::default();
    let table: &dyn AnyTable = &KeccakF;
    let before = (row + trace.height() - 1) % trace.height();
    for index in [before, row] {
        table.eval_row(row_of(trace, fixed, index), &mut out);
    }
    let failing = out.constraints.iter().filter(|(_, v)| *v != Felt::ZERO);
    failing.map(|(label, _)| *label).collect()
}

fn columns(trace: &mut Trace, row: usize) -> &mut KeccakFColumns<Felt> {
    KeccakFColumns::from_slice_mut(trace.row_mut(row))
}

/// `(row, kind, id, lanes)` of all messages.
fn said(trace: &Trace) -> Vec<(usize, &'static str, u64, Vec<u64>)> {
    let spoken = interactions_of(&KeccakF, trace).into_iter();
    spoken
        .map(|(row, i)| {
            assert_eq!(i.multiplicity, Felt::NEG_ONE);
            let payload: Vec<u64> = i
                .message
                .payload
                .iter()
                .map(|x| x.to_canonical_u64())
                .collect();
            (row, i.message.tag.name, payload[0], payload[1..].to_vec())
        })
        .collect()
}

fn flat(state: &State) -> Vec<u64> {
    halves(state)
        .as_flattened()
        .iter()
        .map(|x| x.to_canonical_u64())
        .collect()
}

/// The permutation of zero, from the Keccak team's test vectors (KeccakF-1600-IntermediateValues).
#[test]
fn permutation_of_zero_is_known() {
    let out = permute(&[0; 25]);
    assert_eq!(out[0], 0xf125_8f79_40e1_dde7);
    assert_eq!(out[1], 0x84d5_ccf9_33c0_478a);
    assert_eq!(out[24], 0xeaf1_ff7b_5cec_a249);
}

#[test]
fn random_permutations_hold_and_speak() {
    let mut inputs = random_states(5);
    inputs.push([0; 25]);
    inputs.push([u64::MAX; 25]);
    let trace = padded(&inputs, 256);
    assert_eq!(labels(&trace), BTreeSet::new());
    let mut expected = Vec::new();
    for (id, input) in inputs.iter().enumerate() {
        expected.push((24 * id, "KeccakInput", id as u64, flat(input)));
        expected.push((
            24 * id + 23,
            "KeccakOutput",
            id as u64,
            flat(&permute(input)),
        ));
    }
    assert_eq!(said(&trace), expected);
}

#[test]
fn padding_is_silent() {
    let trace = padded(&[], 64);
    assert_eq!(labels(&trace), BTreeSet::new());
    assert!(said(&trace).is_empty());
}

#[test]
fn width_and_degrees() {
    let table: &dyn AnyTable = &KeccakF;
    assert_eq!(table.column_names().len(), 2348);
    assert_eq!(table.fixed_names().len(), 11);
    assert_eq!(SymbolicTable::of(table).excessive_degrees(), vec![]);
}

/// The label that owns a column: it fails when one cell is changed by one, wherever in a permutation.
fn owner(name: &str) -> &'static str {
    let field = name.split(['[', '.']).next().unwrap();
    match field {
        "used" => "keccak_f/used is boolean",
        "a" => "keccak_f/theta",
        "c" => "keccak_f/parity after theta",
        "c_prime" => "keccak_f/parity after theta",
        "a_prime" => "keccak_f/theta",
        "before_iota" => "keccak_f/chi of iota's bits",
        "out" => "keccak_f/chi",
        _ => panic!("no constraint is known for {name}"),
    }
}

/// Adding one, and flipping a bit, are both caught in every column on the first, a middle and the last row.
#[test]
fn every_column_is_bound() {
    let trace = padded(&random_states(1), 32);
    let fixed = Table::fixed(&KeccakF, 32);
    let names = Table::column_names(&KeccakF);
    for row in [0, 9, 23] {
        let mut forged = trace.clone();
        for (column, name) in names.iter().enumerate() {
            let old = forged.row(row)[column];
            for new in [old + Felt::ONE, Felt::ONE - old] {
                forged.row_mut(row)[column] = new;
                let labels = labels_around(&forged, &fixed, row);
                let expected = match (name.as_str(), new == Felt::ZERO) {
                    ("used", true) => "keccak_f/used is constant",
                    _ => owner(name),
                };
                assert!(labels.contains(expected), "row {row}, {name}: {labels:?}");
            }
            forged.row_mut(row)[column] = old;
        }
        assert_eq!(forged, trace);
    }
}

/// A column that is not boolean is caught as such, even where sums would agree.
#[test]
fn bits_are_boolean() {
    let mut trace = padded(&random_states(1), 32);
    columns(&mut trace, 3).a_prime[7][12] = Felt::TWO;
    assert!(labels(&trace).contains("keccak_f/state is boolean"));
    let mut trace = padded(&random_states(1), 32);
    columns(&mut trace, 3).c[2][12] = Felt::TWO;
    assert!(labels(&trace).contains("keccak_f/parity is boolean"));
}

/// A round whose theta takes wrong parities `C`, with everything after it consistent.
#[test]
fn forged_parity_is_caught() {
    let mut trace = padded(&random_states(1), 32);
    let row = columns(&mut trace, 0);
    let flip = |bit: &mut Felt| *bit = Felt::ONE - *bit;
    // C[1, 5] flips C' and theta's effect in sheets 1 (itself), 2 and 0.
    flip(&mut row.c[1][5]);
    for (x, z) in [(1, 5), (2, 5), (0, 6)] {
        flip(&mut row.c_prime[x][z]);
    }
    for (x, z) in [(2, 5), (0, 6)] {
        for y in 0..5 {
            flip(&mut row.a_prime[x + 5 * y][z]);
        }
    }
    let labels = labels_around(&trace, &Table::fixed(&KeccakF, 32), 0);
    assert!(!labels.contains("keccak_f/theta"));
    assert!(!labels.contains("keccak_f/parity after theta"));
    assert!(labels.contains("keccak_f/parity"), "{labels:?}");
}

#[test]
fn rounds_of_two_states_are_not_mixed() {
    let inputs = random_states(2);
    let mut trace = padded(&inputs, 64);
    for row in 12..24 {
        let other = trace.row(24 + row).to_vec();
        trace.row_mut(row).copy_from_slice(&other);
    }
    assert_eq!(labels(&trace), BTreeSet::from(["keccak_f/next round"]));
}

/// Leaving out round constants needs an unused row among the 24.
#[test]
fn round_constants_cannot_be_skipped() {
    let mut trace = padded(&random_states(1), 32);
    let mut state = random_states(1)[0];
    for row in 0..24 {
        let constant = if row == 23 { ROUND_CONSTANTS[23] } else { 0 };
        let (cells, out) = round_adding(&state, constant);
        trace.row_mut(row).copy_from_slice(cells.row(0));
        columns(&mut trace, row).used = Felt::from_bool(row == 0 || row == 23);
        state = out;
    }
    // Row 0 is used, so that its constant is missing; rows 1..23 are unused.
    assert_eq!(
        labels(&trace),
        BTreeSet::from(["keccak_f/chi", "keccak_f/used is constant"])
    );
}

/// One round that adds `constant`, as a row, and its result.
fn round_adding(state: &State, constant: u64) -> (Trace, State) {
    let mut first = generate(&[*state]);
    first.resize(1);
    let row = columns(&mut first, 0);
    let difference = ROUND_CONSTANTS[0] ^ constant;
    let mut out: State = core::array::from_fn(|lane| {
        let [low, high] = row.out[lane].map(|half| half.to_canonical_u64());
        low | high << 32
    });
    out[0] ^= difference;
    row.out = halves(&out);
    (first, out)
}

/// The rows after the last complete permutation, and the step from the last row to the first, give nothing.
#[test]
fn the_tail_cannot_speak() {
    let inputs = random_states(2);
    // Rows 24..32 are valid rounds (without constants: there are none in the tail), marked as used.
    let mut trace = padded(&inputs[..1], 32);
    let mut state = inputs[1];
    for row in 24..32 {
        let (cells, out) = round_adding(&state, 0);
        trace.row_mut(row).copy_from_slice(cells.row(0));
        state = out;
    }
    assert_eq!(labels(&trace), BTreeSet::new());
    let messages = said(&trace);
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(|(row, _, id, _)| *row < 24 && *id == 0));
    // A permutation that wraps around: its first eight rounds at the end, the other sixteen at the start.
    let whole = generate(&inputs[..1]);
    for round in 0..24 {
        trace
            .row_mut((24 + round) % 32)
            .copy_from_slice(whole.row(round));
    }
    assert!(labels(&trace).contains("keccak_f/chi"));
    assert!(said(&trace).iter().all(|(row, ..)| *row < 24));
}

#[test]
fn halves_are_below_32_bits() {
    let mut trace = padded(&random_states(1), 32);
    let row = columns(&mut trace, 0);
    row.a[3][0] += Felt::from_canonical_u64(1 << 32);
    row.a[3][1] -= Felt::ONE;
    assert_eq!(labels(&trace), BTreeSet::from(["keccak_f/theta"]));
    let mut trace = padded(&random_states(1), 32);
    let row = columns(&mut trace, 23);
    row.out[0][0] += Felt::from_canonical_u64(1 << 32);
    row.out[0][1] -= Felt::ONE;
    assert_eq!(labels(&trace), BTreeSet::from(["keccak_f/chi"]));
}
