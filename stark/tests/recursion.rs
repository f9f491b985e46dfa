//! The verifier as a circuit: it takes what the native verifier takes, and nothing else.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use braid_stark::recursion::{Builder, ProofTarget, verify_in_circuit};
use braid_stark::{
    Challenge, Felt, Proof, ProvingKey, Shape, System, VerifyError, prove, setup, verify,
};
use common::{set_heights, shape, system, traces};
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use plonky2::plonk::config::PoseidonGoldilocksConfig;

type Config = PoseidonGoldilocksConfig;

struct Case {
    system: System,
    shape: Shape,
    key: ProvingKey,
    proof: Proof,
    public: Vec<Felt>,
}

fn case(shape: Shape) -> Case {
    let system = system();
    let (mut traces, public) = traces();
    for (trace, log_height) in traces.iter_mut().zip(shape.log_heights()) {
        trace.resize(1 << log_height);
    }
    let (key, _) = setup(&system, &shape).unwrap();
    let proof = prove(&system, &key, traces, &public, &()).unwrap();
    verify(&system, key.verifying_key(), &shape, &proof, &public).unwrap();
    Case {
        system,
        shape,
        key,
        proof,
        public,
    }
}

struct Circuit {
    data: CircuitData<Felt, Config, 2>,
    proof: ProofTarget,
    public: Vec<Target>,
}

fn circuit(case: &Case) -> Circuit {
    let protocol = case.key.protocol();
    let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
    let proof = ProofTarget::new(&mut builder, protocol);
    let public = builder.add_virtual_targets(case.public.len());
    assert_eq!(builder.num_gates(), 0);
    let key = case.key.verifying_key();
    verify_in_circuit(&mut builder, &case.system, protocol, key, &proof, &public).unwrap();
    builder.register_public_inputs(&public);
    println!("{} gates", builder.num_gates());
    let start = Instant::now();
    let data = builder.build::<Config>();
    println!(
        "2^{} rows, built in {:?}",
        data.common.degree_bits(),
        start.elapsed()
    );
    Circuit {
        data,
        proof,
        public,
    }
}

impl Circuit {
    fn accepts(&self, proof: &Proof, public: &[Felt]) -> bool {
        let attempt = || -> anyhow::Result<()> {
            let mut witness = PartialWitness::new();
            self.proof.set(&mut witness, proof)?;
            witness.set_target_arr(&self.public, public)?;
            let outer = self.data.prove(witness)?;
            assert_eq!(outer.public_inputs, public);
            self.data.verify(outer)
        };
        matches!(catch_unwind(AssertUnwindSafe(attempt)), Ok(Ok(())))
    }
}

#[test]
fn proofs_verify_in_circuit_at_every_rate() {
    for rate_bits in 1..=3 {
        let case = case(shape(rate_bits));
        let start = Instant::now();
        assert!(circuit(&case).accepts(&case.proof, &case.public));
        println!("rate 2^-{rate_bits}: {:?}", start.elapsed());
    }
}

#[test]
fn proofs_verify_in_circuit_with_equal_heights_and_full_queries() {
    let mut shape = shape(3);
    set_heights(&mut shape, &[5, 8, 8, 7, 5]);
    shape.fri = braid_stark::FriParameters::SMALL;
    let case = case(shape);
    assert!(circuit(&case).accepts(&case.proof, &case.public));
}

/// One change to each part of a proof: refused by the native verifier, and by the circuit.
#[test]
fn mutated_proofs_do_not_verify_in_circuit() {
    type Mutation = (&'static str, fn(&mut Proof));
    let case = case(shape(3));
    let circuit = circuit(&case);
    assert!(circuit.accepts(&case.proof, &case.public));
    let one = Challenge::ONE;
    let mutations: Vec<Mutation> = vec![
        ("main cap", |p| p.main_cap.0[0].elements[0] += Felt::ONE),
        ("auxiliary cap", |p| {
            p.auxiliary_cap.0[0].elements[1] += Felt::ONE
        }),
        ("quotient cap", |p| {
            p.quotient_cap.0[0].elements[2] += Felt::ONE
        }),
        ("bus sum", |p| p.bus_sums[0] += Challenge::ONE),
        ("two bus sums", |p| {
            p.bus_sums[0] += Challenge::ONE;
            p.bus_sums[1] -= Challenge::ONE;
        }),
        ("main opening", |p| p.openings[0].main[0] += Challenge::ONE),
        ("next opening", |p| {
            p.openings[0].main_next[0] += Challenge::ONE
        }),
        ("auxiliary opening", |p| {
            p.openings[0].auxiliary[0] += Challenge::ONE
        }),
        ("quotient opening", |p| {
            p.openings[0].quotient[1] += Challenge::ONE
        }),
        ("running sum", |p| {
            p.openings[0].phi_next[0] += Challenge::ONE
        }),
        ("fixed opening", |p| {
            let opening = p.openings.iter_mut().find_map(|o| o.fixed.first_mut());
            *opening.unwrap() += Challenge::ONE;
        }),
        ("last table", |p| {
            p.openings.last_mut().unwrap().main[0] += Challenge::ONE;
        }),
        ("final polynomial", |p| {
            p.fri.final_poly.coeffs[0] += Challenge::ONE
        }),
        ("proof of work", |p| p.fri.pow_witness += Felt::ONE),
        ("leaf", |p| {
            p.fri.query_round_proofs[0].initial_trees_proof.evals_proofs[1].0[0] += Felt::ONE;
        }),
        ("path", |p| {
            let tree = &mut p.fri.query_round_proofs[0].initial_trees_proof.evals_proofs[1];
            tree.1.siblings[0].elements[0] += Felt::ONE;
        }),
        ("folding step", |p| {
            p.fri.query_round_proofs[0].steps[0].evals[0] += Challenge::ONE;
        }),
    ];
    for (what, mutate) in mutations {
        let mut proof = case.proof.clone();
        mutate(&mut proof);
        let key = case.key.verifying_key();
        assert!(
            verify(&case.system, key, &case.shape, &proof, &case.public).is_err(),
            "native: {what}"
        );
        assert!(!circuit.accepts(&proof, &case.public), "circuit: {what}");
    }
    for index in 0..case.public.len() {
        let mut public = case.public.clone();
        public[index] += Felt::ONE;
        assert!(
            !circuit.accepts(&case.proof, &public),
            "public value {index}"
        );
    }
    // Nothing of the wrong length is set.
    let mut proof = case.proof.clone();
    proof.openings.pop();
    assert!(!circuit.accepts(&proof, &case.public));
    let mut proof = case.proof.clone();
    proof.bus_sums.push(one);
    assert!(!circuit.accepts(&proof, &case.public));
}

#[test]
fn a_circuit_belongs_to_one_key() {
    let case = case(shape(2));
    let other = case_key(shape(3));
    let protocol = case.key.protocol();
    let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
    let proof = ProofTarget::new(&mut builder, protocol);
    let public = builder.add_virtual_targets(case.public.len());
    let key = other.verifying_key();
    assert_eq!(
        verify_in_circuit(&mut builder, &case.system, protocol, key, &proof, &public),
        Err(VerifyError::Key)
    );
    let key = case.key.verifying_key();
    assert!(
        verify_in_circuit(
            &mut builder,
            &case.system,
            protocol,
            key,
            &proof,
            &public[1..]
        )
        .is_err()
    );
    // A proof of the same shape for other fixed columns fails: their cap is a constant.
    let mut forged = key.clone();
    forged.fixed_cap.0[0].elements[0] += Felt::ONE;
    let proof = ProofTarget::new(&mut builder, protocol);
    let public = builder.add_virtual_targets(case.public.len());
    verify_in_circuit(
        &mut builder,
        &case.system,
        protocol,
        &forged,
        &proof,
        &public,
    )
    .unwrap();
    builder.register_public_inputs(&public);
    let circuit = Circuit {
        data: builder.build::<Config>(),
        proof,
        public,
    };
    assert!(!circuit.accepts(&case.proof, &case.public));
}

fn case_key(shape: Shape) -> ProvingKey {
    setup(&system(), &shape).unwrap().0
}
