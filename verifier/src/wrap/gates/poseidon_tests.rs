use plonky2::field::types::{Field, Sample};
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::witness::PartialWitness;
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use plonky2::plonk::config::Hasher;
use plonky2::plonk::vars::EvaluationVars;

use super::super::two_rows::{InWrap, TwoRowPoseidon};
use super::*;
use crate::config::D;

type Extension = <F as Extendable<D>>::Extension;

/// Wires of both rows for an input, from the generators' walk.
fn rows(input: [F; SPONGE_WIDTH], swap: bool) -> [Vec<F>; 2] {
    let mut front = vec![F::ZERO; POSEIDON_WIRES];
    front[INPUT].copy_from_slice(&input);
    front[SWAP] = F::from_bool(swap);
    let known = front.clone();
    PoseidonFront::walk::<F, 1>(
        |wire| known[wire],
        |wire, value| {
            front[wire] = value;
            value
        },
    );
    let mut back = vec![F::ZERO; POSEIDON_WIRES];
    back[INPUT].copy_from_slice(&front[OUTPUT]);
    let known = back.clone();
    PoseidonBack::walk::<F, 1>(
        |wire| known[wire],
        |wire, value| {
            back[wire] = value;
            value
        },
    );
    [front, back]
}

fn evaluate<G: Gate<F, D>>(gate: G, wires: &[F]) -> Vec<Extension> {
    let wires: Vec<Extension> = wires.iter().map(|wire| (*wire).into()).collect();
    gate.eval_unfiltered(EvaluationVars {
        local_constants: &[],
        local_wires: &wires,
        public_inputs_hash: &HashOut::ZERO,
    })
}

fn holds(constraints: &[Extension]) -> bool {
    constraints
        .iter()
        .all(|constraint| *constraint == Extension::ZERO)
}

#[test]
fn two_rows_are_one_permutation() {
    for swap in [false, true] {
        let input: [F; SPONGE_WIDTH] = array::from_fn(|_| F::rand());
        let mut swapped = input;
        if swap {
            let (left, right) = swapped.split_at_mut(4);
            left.swap_with_slice(&mut right[..4]);
        }
        let [front, back] = rows(input, swap);
        assert_eq!(back[OUTPUT], F::poseidon(swapped));
        assert!(holds(&evaluate(PoseidonFront, &front)));
        assert!(holds(&evaluate(PoseidonBack, &back)));
        // Every wire counts, and there are as many constraints as said.
        for wire in 0..POSEIDON_WIRES {
            let mut forged = front.clone();
            forged[wire] += F::ONE;
            assert!(!holds(&evaluate(PoseidonFront, &forged)), "front {wire}");
            let mut forged = back.clone();
            forged[wire] += F::ONE;
            assert!(!holds(&evaluate(PoseidonBack, &forged)), "back {wire}");
        }
    }
    let [front, back] = rows([F::ONE; SPONGE_WIDTH], false);
    let counted = Gate::<F, D>::num_constraints(&PoseidonFront);
    assert_eq!(evaluate(PoseidonFront, &front).len(), counted);
    let counted = Gate::<F, D>::num_constraints(&PoseidonBack);
    assert_eq!(evaluate(PoseidonBack, &back).len(), counted);
}

/// A flag that is neither 0 nor 1 mixes the halves as the prover likes.
#[test]
fn the_swap_is_a_flag() {
    let input: [F; SPONGE_WIDTH] = array::from_fn(|_| F::rand());
    let mut front = vec![F::ZERO; POSEIDON_WIRES];
    front[INPUT].copy_from_slice(&input);
    front[SWAP] = F::TWO;
    let known = front.clone();
    PoseidonFront::walk::<F, 1>(
        |wire| known[wire],
        |wire, value| {
            front[wire] = value;
            value
        },
    );
    let constraints = evaluate(PoseidonFront, &front);
    assert_eq!(
        constraints
            .iter()
            .filter(|value| **value != Extension::ZERO)
            .count(),
        1
    );
    assert_ne!(constraints[0], Extension::ZERO);
}

/// Along a line of wires each constraint is a polynomial of at most the degree that the gate claims.
#[test]
fn degrees_are_as_claimed() {
    fn check<G: Gate<F, D> + Copy>(gate: G) {
        let degree = gate.degree();
        let (start, slope): (Vec<F>, Vec<F>) =
            (F::rand_vec(POSEIDON_WIRES), F::rand_vec(POSEIDON_WIRES));
        let at = |point: usize| {
            let point = F::from_canonical_usize(point);
            let wires = start
                .iter()
                .zip(&slope)
                .map(|(start, slope)| *start + point * *slope);
            evaluate(gate, &wires.collect::<Vec<_>>())
        };
        // The difference of order degree + 1 vanishes, that of order degree does not everywhere.
        let differences = |order: usize| {
            let mut values: Vec<_> = (0..=order).map(at).collect();
            while values.len() > 1 {
                values = values
                    .windows(2)
                    .map(|pair| pair[1].iter().zip(&pair[0]).map(|(b, a)| *b - *a).collect())
                    .collect();
            }
            values.remove(0)
        };
        assert!(holds(&differences(degree + 1)));
        assert!(!holds(&differences(degree)));
    }
    check(PoseidonFront);
    check(PoseidonBack);
}

/// In a circuit, proved and verified: this runs the evaluation in the base field as well.
#[test]
fn a_circuit_of_both_rows_proves_the_hash() {
    let config = CircuitConfig {
        num_wires: POSEIDON_WIRES,
        num_routed_wires: 28,
        ..crate::config::circuit_config()
    };
    let mut builder = CircuitBuilder::<F, D>::new(config);
    let inputs = builder.add_virtual_targets(20);
    let hash = builder.hash_n_to_hash_no_pad::<TwoRowPoseidon>(inputs.clone());
    builder.register_public_inputs(&hash.elements);
    let data: CircuitData<F, InWrap, D> = builder.build();
    let values = F::rand_vec(20);
    let mut witness = PartialWitness::new();
    witness.set_target_arr(&inputs, &values).unwrap();
    let proof = data.prove(witness).unwrap();
    assert_eq!(
        proof.public_inputs,
        PoseidonHash::hash_no_pad(&values).elements
    );
    data.verify(proof.clone()).unwrap();
    let mut forged = proof;
    forged.public_inputs[0] += F::ONE;
    assert!(data.verify(forged).is_err());
}
