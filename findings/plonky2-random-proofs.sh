#!/usr/bin/env bash
# Guess:     without zero knowledge (`zero_knowledge: false`, the default of `standard_recursion_config`) a prover takes no random numbers: the same
#            circuit and witness give the same proof.
# Instead:   each proof is another one, from its first commitment on. plonky2 fills the wires of the public inputs' row that nothing reads with random values,
#            against divisions by zero in the permutation argument. Both proofs verify.
# Versions:  plonky2 1.1.0 (cargo), seen with rustc 1.95.0
# Seen:      2026-12-01
# Hurts:     whoever compares proofs byte for byte: caches by hash, reproducible builds, tests of another prover against plonky2's. Such a test can give both
#            one witness (`generate_partial_witness`, `prove_with_partition_witness`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src .cargo
printf '[env]\nRUSTC_BOOTSTRAP = "plonky2_field"\n' >.cargo/config.toml
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
anyhow = "1"
plonky2 = "=1.1.0"
END
cat >src/main.rs <<'END'
use plonky2::field::types::Field;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::config::{GenericConfig, PoseidonGoldilocksConfig as C};
use plonky2::plonk::prover::prove_with_partition_witness;
use plonky2::util::timing::TimingTree;

type F = <C as GenericConfig<2>>::F;

fn main() -> anyhow::Result<()> {
    let config = CircuitConfig::standard_recursion_config();
    println!("zero knowledge: {}", config.zero_knowledge);
    let mut builder = CircuitBuilder::<F, 2>::new(config);
    let root = builder.add_virtual_target();
    let square = builder.square(root);
    builder.register_public_input(square);
    let data = builder.build::<C>();
    let inputs = || -> anyhow::Result<PartialWitness<F>> {
        let mut inputs = PartialWitness::new();
        inputs.set_target(root, F::from_canonical_u64(3))?;
        Ok(inputs)
    };

    let proofs = [data.prove(inputs()?)?, data.prove(inputs()?)?];
    for proof in &proofs {
        data.verify(proof.clone())?;
    }
    let [first, second] = proofs;
    println!("same public inputs: {}", first.public_inputs == second.public_inputs);
    println!("same commitment to the wires: {}", first.proof.wires_cap == second.proof.wires_cap);

    let witness = generate_partial_witness(inputs()?, &data.prover_only, &data.common)?;
    let prove = |witness| {
        let mut timing = TimingTree::default();
        prove_with_partition_witness(&data.prover_only, &data.common, witness, &mut timing)
    };
    let [first, second] = [prove(witness.clone())?, prove(witness)?];
    println!("of one full witness: {}", first.proof.wires_cap == second.proof.wires_cap);
    Ok(())
}
END
cat >expected <<'END'
zero knowledge: false
same public inputs: true
same commitment to the wires: false
of one full witness: true
END
cargo run --quiet --release >seen
rustc --version
cat seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
