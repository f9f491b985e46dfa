//! Proofs of a small system: they verify, and nothing else does.

mod common;

use braid_stark::check::check;
use braid_stark::{
    Challenge, Error, Felt, Proof, ProvingKey, Shape, Stage, System, Trace, VerifyError, prove,
    setup, verify,
};
use common::{set_heights, shape, system, traces, uncounted};
use plonky2::field::types::{Field, PrimeField64};

fn proof_of(shape: &Shape, traces: Vec<Trace>, public: &[Felt]) -> (System, ProvingKey, Proof) {
    let system = system();
    let (key, _) = setup(&system, shape).unwrap();
    let proof = prove(&system, &key, traces, public, &()).unwrap();
    (system, key, proof)
}

fn outcome(traces: Vec<Trace>, public: &[Felt]) -> Result<(), Error> {
    let shape = shape(1);
    let (system, key, proof) = proof_of(&shape, traces, public);
    verify(&system, key.verifying_key(), &shape, &proof, public)
}

#[test]
fn proofs_verify_at_every_rate() {
    for rate_bits in 1..=3 {
        let (traces, public) = traces();
        let shape = shape(rate_bits);
        assert!(check(&system(), &traces, &public).unwrap().is_ok());
        let (system, key, proof) = proof_of(&shape, traces, &public);
        verify(&system, key.verifying_key(), &shape, &proof, &public).unwrap();
    }
}

#[test]
fn proofs_verify_with_equal_heights_and_long_traces() {
    let system = system();
    let (mut traces, public) = traces();
    for (trace, log_height) in traces.iter_mut().zip([5, 8, 8, 7, 5]) {
        trace.resize(1 << log_height);
    }
    let mut shape = shape(1);
    set_heights(&mut shape, &[5, 8, 8, 7, 5]);
    shape.fri.cap_height = 4;
    let (key, verifying_key) = setup(&system, &shape).unwrap();
    let proof = prove(&system, &key, traces, &public, &()).unwrap();
    verify(&system, &verifying_key, &shape, &proof, &public).unwrap();
}

#[test]
fn stages_are_told_in_order() {
    let told = std::sync::Mutex::new(Vec::new());
    let (traces, public) = traces();
    let system = system();
    let (key, _) = setup(&system, &shape(1)).unwrap();
    let listen = |stage: Stage| told.lock().unwrap().push(stage);
    prove(&system, &key, traces, &public, &listen).unwrap();
    assert_eq!(told.into_inner().unwrap(), Stage::ALL);
}

#[test]
fn broken_constraints_are_rejected() {
    // (table, row, column) whose change breaks constraints of its table (and of no message).
    for (table, row, column, name) in [
        (0, 25, 7, "fibonacci"),
        (0, 25, 0, "fibonacci"),
        (3, 60, 1, "cubes"),
        (4, 1, 0, "tiny"),
    ] {
        let (mut traces, public) = traces();
        traces[table].row_mut(row)[column] += Felt::ONE;
        assert!(
            !check(&system(), &traces, &public)
                .unwrap()
                .violations
                .is_empty()
        );
        let error = outcome(traces, &public).unwrap_err();
        let expected = VerifyError::Constraints { table: name };
        assert!(matches!(error, Error::Verify(e) if e == expected), "{name}");
    }
}

#[test]
fn unbalanced_messages_are_rejected() {
    // A lookup count, the last version of a cell, and its time.
    for (table, row, column) in [(1, 77, 0), (2, 0, 2), (2, 0, 3)] {
        let (mut traces, public) = traces();
        traces[table].row_mut(row)[column] += Felt::ONE;
        let report = check(&system(), &traces, &public).unwrap();
        assert!(report.violations.is_empty() && !report.unmatched.is_empty());
        let error = outcome(traces, &public).unwrap_err();
        assert!(matches!(error, Error::Verify(VerifyError::Bus)));
    }
}

#[test]
fn uncounted_lookups_are_rejected() {
    let (traces, public) = uncounted();
    let error = outcome(traces, &public).unwrap_err();
    assert!(matches!(error, Error::Verify(VerifyError::Bus)));
}

#[test]
fn wrong_public_values_are_rejected() {
    for position in 0..3 {
        let (traces, mut public) = traces();
        public[position] += Felt::ONE;
        let error = outcome(traces, &public).unwrap_err();
        assert!(matches!(error, Error::Verify(VerifyError::Bus)));
    }
}

#[test]
fn proofs_are_bound_to_public_values_shape_and_key() {
    let (traces, public) = traces();
    let shape = shape(1);
    let (system, key, proof) = proof_of(&shape, traces, &public);
    for position in 0..3 {
        let mut other = public.clone();
        other[position] += Felt::ONE;
        assert!(verify(&system, key.verifying_key(), &shape, &proof, &other).is_err());
    }
    assert!(verify(&system, key.verifying_key(), &shape, &proof, &public[..2]).is_err());

    let mut shapes = vec![shape.clone(); 7];
    shapes[0].fri.queries += 1;
    shapes[1].fri.queries -= 1;
    shapes[2].fri.proof_of_work_bits -= 1;
    shapes[3].fri.rate_bits += 1;
    shapes[4].fri.cap_height -= 1;
    shapes[5].tables[0].log_height += 1;
    shapes[6].tables[2].log_height += 1;
    for other in shapes {
        let error = verify(&system, key.verifying_key(), &other, &proof, &public).unwrap_err();
        assert!(matches!(error, Error::Verify(VerifyError::Key)));
        // With the other shape's own key, or with its digest over the same fixed columns.
        let (_, mut other_key) = setup(&system, &other).unwrap();
        assert!(verify(&system, &other_key, &other, &proof, &public).is_err());
        other_key.fixed_cap = key.verifying_key().fixed_cap.clone();
        assert!(verify(&system, &other_key, &other, &proof, &public).is_err());
    }
    let mut other_key = key.verifying_key().clone();
    other_key.fixed_cap.0[0].elements[0] += Felt::ONE;
    assert!(verify(&system, &other_key, &shape, &proof, &public).is_err());
    other_key.fixed_cap.0.clear();
    assert!(verify(&system, &other_key, &shape, &proof, &public).is_err());
}

#[test]
fn the_name_of_a_shape_means_nothing() {
    let (traces, public) = traces();
    let mut shape = shape(1);
    let (system, key, proof) = proof_of(&shape, traces, &public);
    shape.name = "another".into();
    verify(&system, key.verifying_key(), &shape, &proof, &public).unwrap();
}

#[test]
fn wrong_sizes_are_refused_by_the_prover() {
    let system = system();
    let (key, _) = setup(&system, &shape(1)).unwrap();
    let attempt = |change: &dyn Fn(&mut Vec<Trace>, &mut Vec<Felt>)| {
        let (mut traces, mut public) = traces();
        change(&mut traces, &mut public);
        prove(&system, &key, traces, &public, &()).is_err()
    };
    assert!(attempt(&|traces, _| traces.truncate(4)));
    assert!(attempt(&|_, public| public.truncate(2)));
    assert!(attempt(&|traces, _| traces[0].resize(16)));
    assert!(attempt(&|traces, _| traces[0].resize(64)));
    assert!(attempt(&|traces, _| traces.swap(0, 1)));
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let refused = |change: &dyn Fn(&mut Shape)| {
        let mut shape = shape(1);
        change(&mut shape);
        matches!(setup(&system(), &shape), Err(Error::Shape(_)))
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|shape| shape.tables.truncate(4)));
    assert!(refused(&|shape| shape.tables.push(shape.tables[3].clone())));
    assert!(refused(&|shape| shape.tables.swap(1, 3)));
    assert!(refused(&|shape| shape.tables[2].table.clear()));
    assert!(refused(&|shape| shape.tables[1].log_height = 7));
    assert!(refused(&|shape| shape.tables[4].log_height = 0));
    assert!(refused(&|shape| shape.tables[0].log_height = 32));
    assert!(refused(&|shape| shape.tables[0].log_height = usize::MAX));
    assert!(refused(&|shape| shape.fri.rate_bits = 0));
    assert!(refused(&|shape| shape.fri.queries = 0));
    assert!(refused(&|shape| shape.fri.cap_height = 3));
    assert!(refused(&|shape| shape.fri.proof_of_work_bits = 64));
}

/// A proof's serialised tree: every number in it, changed, makes verification fail; so does every list, cut or lengthened.
#[test]
fn every_part_of_a_proof_matters() {
    use serde_json::Value;

    fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, bool)>) {
        match value {
            Value::Array(items) => {
                found.push((path.clone(), true));
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    leaves(item, path, found);
                    path.pop();
                }
            }
            Value::Object(items) => {
                for (key, item) in items {
                    path.push(key.clone());
                    leaves(item, path, found);
                    path.pop();
                }
            }
            _ => found.push((path.clone(), false)),
        }
    }

    let (traces, public) = traces();
    let shape = shape(1);
    let (system, key, proof) = proof_of(&shape, traces, &public);
    let protocol = key.protocol();
    let accepted = |proof: &Proof| {
        braid_stark::verify::verify_prepared(&system, protocol, key.verifying_key(), proof, &public)
            .is_ok()
    };
    let json = serde_json::to_value(&proof).unwrap();
    let again: Proof = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(again, proof);
    assert!(accepted(&again));

    let mut found = Vec::new();
    leaves(&json, &mut Vec::new(), &mut found);
    let (mut numbers, mut lists) = (0, 0);
    for (path, is_list) in found {
        let pointer: String = path.iter().map(|part| format!("/{part}")).collect();
        let mut variants = Vec::new();
        let original = json.pointer(&pointer).unwrap();
        if is_list {
            let items = original.as_array().unwrap();
            for length in [0, items.len().saturating_sub(1), items.len() + 1] {
                let mut items = items.clone();
                items.truncate(length);
                if let (true, Some(item)) = (items.len() < length, items.last().cloned()) {
                    items.push(item);
                }
                variants.push(Value::Array(items));
            }
            lists += 1;
        } else {
            let value = original.as_u64().unwrap();
            variants.push(Value::from(if value == 0 { 1 } else { value - 1 }));
            numbers += 1;
        }
        for variant in variants {
            if variant == *original {
                continue;
            }
            let mut changed = json.clone();
            *changed.pointer_mut(&pointer).unwrap() = variant;
            // Lists of fixed length do not even parse.
            if let Ok(changed) = serde_json::from_value::<Proof>(changed) {
                assert!(!accepted(&changed), "{pointer}");
            }
        }
    }
    assert!(numbers > 1000 && lists > 100, "{numbers} {lists}");
}

/// A prover that moves a bus sum from one table to another keeps the total but breaks both tables' equations.
#[test]
fn bus_sums_cannot_be_moved() {
    let (traces, public) = traces();
    let shape = shape(1);
    let (system, key, mut proof) = proof_of(&shape, traces, &public);
    proof.bus_sums[0] += Challenge::ONE;
    proof.bus_sums[1] -= Challenge::ONE;
    assert!(verify(&system, key.verifying_key(), &shape, &proof, &public).is_err());
}

/// Changing what proofs mean must be deliberate: it changes every verifying key.
#[test]
fn the_digest_is_pinned() {
    let digest = braid_stark::digest(&system(), &shape(1)).unwrap();
    let got = digest.elements.map(|element| element.to_canonical_u64());
    assert_eq!(
        got,
        [
            12302305991703843483,
            10715712870965369012,
            11157124476057636001,
            7128849070555361286,
        ]
    );
}
