//! Poseidon as the wrap circuit computes it.

use plonky2::field::extension::Extendable;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::{PoseidonHash, PoseidonPermutation};
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::config::{AlgebraicHasher, GenericConfig, Hasher};

use super::poseidon::{INPUT, OUTPUT, PoseidonBack, PoseidonFront, SWAP};
use crate::config::{C, D, F};

/// [`PoseidonHash`] whose permutation takes two narrow rows in circuit; the same function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoRowPoseidon;

impl Hasher<F> for TwoRowPoseidon {
    const HASH_SIZE: usize = <PoseidonHash as Hasher<F>>::HASH_SIZE;
    type Hash = HashOut<F>;
    type Permutation = PoseidonPermutation<F>;

    fn hash_no_pad(input: &[F]) -> HashOut<F> {
        PoseidonHash::hash_no_pad(input)
    }

    fn two_to_one(left: HashOut<F>, right: HashOut<F>) -> HashOut<F> {
        PoseidonHash::two_to_one(left, right)
    }
}

impl AlgebraicHasher<F> for TwoRowPoseidon {
    type AlgebraicPermutation = PoseidonPermutation<Target>;

    fn permute_swapped<const D: usize>(
        inputs: Self::AlgebraicPermutation,
        swap: BoolTarget,
        builder: &mut CircuitBuilder<F, D>,
    ) -> Self::AlgebraicPermutation
    where
        F: Extendable<D>,
    {
        let front = builder.add_gate(PoseidonFront, vec![]);
        let back = builder.add_gate(PoseidonBack, vec![]);
        builder.connect(swap.target, Target::wire(front, SWAP));
        for (element, wire) in inputs.as_ref().iter().zip(INPUT) {
            builder.connect(*element, Target::wire(front, wire));
        }
        for (output, input) in OUTPUT.zip(INPUT) {
            builder.connect(Target::wire(front, output), Target::wire(back, input));
        }
        PoseidonPermutation::new(OUTPUT.map(|wire| Target::wire(back, wire)))
    }
}

/// The configuration of the proof below the wrap, as the wrap circuit verifies it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InWrap;

impl GenericConfig<D> for InWrap {
    type F = F;
    type FE = <C as GenericConfig<D>>::FE;
    type Hasher = TwoRowPoseidon;
    type InnerHasher = TwoRowPoseidon;
}
