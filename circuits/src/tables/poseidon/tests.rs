use braid_stark::check::{check_table, interactions_of};
use braid_stark::columns::names_of;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::poseidon::Poseidon as _;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{Poseidon, PoseidonColumns, generate};
use crate::bus::tag;
use crate::state_hash::{Domain, HashInput};

fn random_requests(count: usize) -> Vec<HashInput> {
    let mut rng = StdRng::seed_from_u64(7);
    let domains = [Domain::Node, Domain::Leaf, Domain::AccountKey, Domain::Code];
    (0..count)
        .map(|i| HashInput {
            domain: domains[i % domains.len()],
            elements: core::array::from_fn(|_| rng.r#gen::<u64>() % 0xffff_ffff_0000_0001),
        })
        .collect()
}

fn padded(requests: &[HashInput], height: usize) -> Trace {
    let mut trace = generate(requests.iter().map(HashInput::state));
    Poseidon.pad(&mut trace, height);
    trace
}

#[test]
fn claims_are_those_of_plonky2() {
    let mut requests = random_requests(11);
    requests.push(HashInput {
        domain: Domain::Node,
        elements: [0; 8],
    });
    requests.push(HashInput {
        domain: Domain::Bytecode,
        elements: [0xffff_ffff_0000_0000; 8],
    });
    let trace = padded(&requests, 16);
    assert_eq!(check_table(&Poseidon, &trace), []);
    let claims = interactions_of(&Poseidon, &trace);
    assert_eq!(claims.len(), requests.len());
    for ((row, claim), request) in claims.iter().zip(&requests) {
        assert_eq!(claim.message.tag, tag::Poseidon);
        assert_eq!(claim.multiplicity, Felt::NEG_ONE);
        let expected = Felt::poseidon(request.state());
        assert_eq!(claim.message.payload[..12], request.state(), "row {row}");
        assert_eq!(claim.message.payload[12..], expected[..4], "row {row}");
        assert_eq!(
            request.digest(),
            core::array::from_fn(|i| expected[i].to_canonical_u64())
        );
    }
}

#[test]
fn every_column_is_bound() {
    let requests = random_requests(1);
    let trace = padded(&requests, 2);
    let names = names_of::<PoseidonColumns<()>>();
    for (column, name) in names.iter().enumerate() {
        let mut forged = trace.clone();
        forged.row_mut(0)[column] += Felt::from_canonical_u64(3);
        let found = check_table(&Poseidon, &forged);
        let expected = match name.split(['[', '.']).next().unwrap() {
            "used" => "poseidon/used",
            "output" => "poseidon/output",
            "sboxes" if name.ends_with("seventh") => "poseidon/seventh",
            _ => "poseidon/cube",
        };
        assert!(
            found.iter().any(|v| v.label == expected && v.row == 0),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn unused_rows_say_nothing() {
    let trace = padded(&[], 8);
    assert_eq!(check_table(&Poseidon, &trace), []);
    assert!(interactions_of(&Poseidon, &trace).is_empty());
}

#[test]
fn other_input_cannot_keep_the_output() {
    let mut trace = padded(&random_requests(2), 2);
    let stolen: Vec<_> = trace.row(1)[..9].to_vec();
    trace.row_mut(0)[..9].copy_from_slice(&stolen);
    let found = check_table(&Poseidon, &trace);
    assert!(found.iter().any(|v| v.label == "poseidon/cube"));
}

#[test]
fn degrees_and_width() {
    assert_eq!(SymbolicTable::of(&Poseidon).excessive_degrees(), []);
    assert_eq!(Poseidon.column_names().len(), 232);
}
