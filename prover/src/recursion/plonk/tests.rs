use braid_verifier::config::circuit_config;
use plonky2::field::types::Sample;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::witness::WitnessWrite;
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::prover::prove_with_partition_witness;
use plonky2::util::timing::TimingTree;

use super::*;

/// A circuit with gates of many kinds, whose input must be below 2^20, and that input.
fn circuit() -> (CircuitData<F, C, D>, Target) {
    let mut builder = CircuitBuilder::<F, D>::new(circuit_config());
    let input = builder.add_virtual_target();
    builder.range_check(input, 20);
    let mut chain = vec![input];
    for _ in 0..150 {
        let hash = builder.hash_n_to_hash_no_pad::<PoseidonHash>(chain);
        chain = hash.elements.to_vec();
        let index = builder.low_bits(chain[0], 2, 64);
        let index = builder.le_sum(index.iter());
        let picked = builder.random_access(index, chain.clone());
        let wide = ExtensionTarget([chain[0], chain[1]]);
        let square = builder.square_extension(wide);
        chain.push(picked);
        chain.extend(square.0);
    }
    builder.register_public_input(input);
    builder.register_public_inputs(&chain);
    (builder.build::<C>(), input)
}

fn inputs(target: Target, value: F) -> PartialWitness<F> {
    let mut inputs = PartialWitness::new();
    inputs.set_target(target, value).unwrap();
    inputs
}

/// The circuit's witness for this input. Wires that nothing reads are random in it.
fn witness(data: &CircuitData<F, C, D>, target: Target, value: F) -> PartitionWitness<'_, F> {
    let inputs = inputs(target, value);
    generate_partial_witness(inputs, &data.prover_only, &data.common).unwrap()
}

#[test]
fn proofs_are_those_of_plonky2() {
    let (data, target) = circuit();
    for value in [F::ZERO, F::from_canonical_u64((1 << 20) - 1)] {
        let witness = witness(&data, target, value);
        let (keys, common) = (&data.prover_only, &data.common);
        let mut timing = TimingTree::default();
        let expected =
            prove_with_partition_witness(keys, common, witness.clone(), &mut timing).unwrap();
        let proof = prove_witness(&data, witness).unwrap();
        data.verify(proof.clone()).unwrap();
        assert_eq!(proof.public_inputs, expected.public_inputs);
        let (found, expected) = (proof.proof, expected.proof);
        assert_eq!(found.wires_cap, expected.wires_cap);
        let caps = [&found, &expected].map(|it| &it.plonk_zs_partial_products_cap);
        assert_eq!(caps[0], caps[1]);
        assert_eq!(found.quotient_polys_cap, expected.quotient_polys_cap);
        assert_eq!(found.openings, expected.openings);
        // The witness of the proof of work is any that will do, so that queries may differ.
        let (found, expected) = (found.opening_proof, expected.opening_proof);
        assert_eq!(
            found.commit_phase_merkle_caps,
            expected.commit_phase_merkle_caps
        );
        assert_eq!(found.final_poly, expected.final_poly);
    }
}

#[test]
fn a_wrong_wire_is_noticed() {
    let (data, target) = circuit();
    let honest = witness(&data, target, F::TWO);
    let column = data.common.config.num_wires - 1;
    let wires = (0..data.common.degree()).map(|row| Target::Wire(Wire { row, column }));
    let set = wires.filter(|&wire| honest.try_get_target(wire).is_some());
    let (mut refused, mut proved) = (0, 0);
    for wire in set.take(12) {
        let mut wrong = honest.clone();
        let index = wire.index(wrong.num_wires, wrong.degree);
        let class = wrong.representative_map[index];
        wrong.values[class] = Some(F::rand());
        let proof = prove_witness(&data, wrong);
        match proof.and_then(|proof| data.verify(proof)) {
            Ok(()) => proved += 1,
            Err(_) => refused += 1,
        }
    }
    // The row of the public inputs has wires that nothing reads.
    assert!(refused >= 10 && proved <= 1, "{refused}, {proved}");
}

#[test]
fn contradicting_inputs_have_no_proof() {
    let mut builder = CircuitBuilder::<F, D>::new(circuit_config());
    let input = builder.add_virtual_target();
    let square = builder.square(input);
    let nine = builder.constant(F::from_canonical_u64(9));
    builder.connect(square, nine);
    let data = builder.build::<C>();
    let three = F::from_canonical_u64(3);
    let proof = prove(&data, inputs(input, three)).unwrap();
    data.verify(proof).unwrap();
    assert!(prove(&data, inputs(input, F::TWO)).is_err());
}
