//! One Poseidon permutation in two rows.
//!
//! plonky2's own gate takes 135 wires, and every wire of the wrap circuit costs calldata: an opening, and a word in each
//! query. [`PoseidonFront`] and [`PoseidonBack`] share the permutation between two rows of 79 wires: the front
//! swaps two halves of the input if told to (for Merkle paths), and does the first four full rounds and 14 partial ones;
//! the back does the other 8 partial rounds and the last four full ones.
//!
//! | wires | front | back |
//! |---|---|---|
//! | 0..12 | input | input, the front's output |
//! | 12..24 | output | output |
//! | 24 | swap flag | input of an S-box ... |
//! | 25..29 | swap * (input\[4 + i\] - input\[i\]) | ... |
//! | from 29 (front), 24 (back) | inputs of S-boxes, in order | inputs of S-boxes, in order |
//!
//! What a row computes stands once, in `walk`: a walk names each computed value and the wire that holds it. The
//! constraint is that they are equal; the generator sets the wire.

use core::array;
use core::ops::Range;

use anyhow::Result;
use plonky2::field::extension::{Extendable, FieldExtension};
use plonky2::gates::gate::Gate;
use plonky2::gates::util::StridedConstraintConsumer;
use plonky2::hash::poseidon::{HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, Poseidon, SPONGE_WIDTH};
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::generator::{GeneratedValues, SimpleGenerator, WitnessGeneratorRef};
use plonky2::iop::target::Target;
use plonky2::iop::wire::Wire;
use plonky2::iop::witness::{PartitionWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::vars::{EvaluationTargets, EvaluationVars, EvaluationVarsBase};
use plonky2::util::serialization::{Buffer, IoResult, Read, Write};

use crate::config::F;

/// Partial rounds of the front; chosen so that both rows have as many wires.
pub const FRONT_PARTIAL_ROUNDS: usize = 14;

/// Wires of either gate.
pub const POSEIDON_WIRES: usize = 79;

/// Wires of the input.
pub const INPUT: Range<usize> = 0..SPONGE_WIDTH;
/// Wires of the output.
pub const OUTPUT: Range<usize> = SPONGE_WIDTH..2 * SPONGE_WIDTH;
/// The front's wire that says whether elements 0..4 and 4..8 of the input change places.
pub const SWAP: usize = 2 * SPONGE_WIDTH;

/// Degree of both gates: that of an S-box.
const DEGREE: usize = 7;

/// Hands out wires from `next` on and passes values through `visit`, which gets a wire and the value computed for it and returns
/// the value to go on with.
struct Walk<E, V, const N: usize> {
    next: usize,
    visit: V,
    state: [E; SPONGE_WIDTH],
}

impl<E: FieldExtension<N, BaseField = F>, V: FnMut(usize, E) -> E, const N: usize> Walk<E, V, N> {
    fn store(&mut self, position: usize) {
        self.state[position] = (self.visit)(self.next, self.state[position]);
        self.next += 1;
    }

    fn full_round(&mut self, round: usize, stored: bool) {
        <F as Poseidon>::constant_layer_field(&mut self.state, round);
        if stored {
            for position in 0..SPONGE_WIDTH {
                self.store(position);
            }
        }
        <F as Poseidon>::sbox_layer_field(&mut self.state);
        self.state = <F as Poseidon>::mds_layer_field(&self.state);
    }

    fn partial_round(&mut self, round: usize, stored: bool) {
        if stored {
            self.store(0);
        }
        self.state[0] = <F as Poseidon>::sbox_monomial(self.state[0]);
        // What would be the last round's constant is part of the full round that follows.
        if round + 1 < N_PARTIAL_ROUNDS {
            let constant = <F as Poseidon>::FAST_PARTIAL_ROUND_CONSTANTS[round];
            self.state[0] += E::from_canonical_u64(constant);
        }
        self.state = <F as Poseidon>::mds_partial_layer_fast_field(&self.state, round);
    }

    fn output(mut self) {
        for (wire, element) in OUTPUT.zip(self.state) {
            (self.visit)(wire, element);
        }
    }
}

fn walk_front<E: FieldExtension<N, BaseField = F>, const N: usize>(
    input: [E; SPONGE_WIDTH],
    swap: E,
    mut visit: impl FnMut(usize, E) -> E,
) {
    let mut state = input;
    for i in 0..4 {
        let delta = visit(SWAP + 1 + i, swap * (input[4 + i] - input[i]));
        state[i] += delta;
        state[4 + i] -= delta;
    }
    let next = SWAP + 5;
    let mut walk = Walk::<E, _, N> { next, visit, state };
    for round in 0..HALF_N_FULL_ROUNDS {
        walk.full_round(round, round > 0);
    }
    <F as Poseidon>::partial_first_constant_layer(&mut walk.state);
    walk.state = <F as Poseidon>::mds_partial_layer_init(&walk.state);
    for round in 0..FRONT_PARTIAL_ROUNDS {
        walk.partial_round(round, true);
    }
    walk.output();
}

fn walk_back<E: FieldExtension<N, BaseField = F>, const N: usize>(
    input: [E; SPONGE_WIDTH],
    visit: impl FnMut(usize, E) -> E,
) {
    let (next, state) = (OUTPUT.end, input);
    let mut walk = Walk::<E, _, N> { next, visit, state };
    for round in FRONT_PARTIAL_ROUNDS..N_PARTIAL_ROUNDS {
        // The first S-box's input is a wire already.
        walk.partial_round(round, round > FRONT_PARTIAL_ROUNDS);
    }
    for round in 0..HALF_N_FULL_ROUNDS {
        walk.full_round(HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS + round, true);
    }
    walk.output();
}

/// The first half of a permutation: see the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoseidonFront;

/// The second half of a permutation: see the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoseidonBack;

/// What the two gates do not share.
trait Half: core::fmt::Debug + Copy + Default + Send + Sync + 'static {
    /// Wires that the generator waits for.
    fn known() -> Vec<usize>;

    fn constraints() -> usize;

    /// Visits every computed wire. `wire` gives known ones.
    fn walk<E: FieldExtension<N, BaseField = F>, const N: usize>(
        wire: impl Fn(usize) -> E,
        visit: impl FnMut(usize, E) -> E,
    );

    /// What else must be zero.
    fn others<E: FieldExtension<N, BaseField = F>, const N: usize>(
        wire: impl Fn(usize) -> E,
    ) -> Option<E>;
}

impl Half for PoseidonFront {
    fn known() -> Vec<usize> {
        INPUT.chain([SWAP]).collect()
    }

    fn constraints() -> usize {
        // All wires but the known ones are computed; the flag is boolean.
        POSEIDON_WIRES - SPONGE_WIDTH
    }

    fn walk<E: FieldExtension<N, BaseField = F>, const N: usize>(
        wire: impl Fn(usize) -> E,
        visit: impl FnMut(usize, E) -> E,
    ) {
        walk_front(array::from_fn(&wire), wire(SWAP), visit);
    }

    fn others<E: FieldExtension<N, BaseField = F>, const N: usize>(
        wire: impl Fn(usize) -> E,
    ) -> Option<E> {
        let swap = wire(SWAP);
        Some(swap * (swap - E::ONE))
    }
}

impl Half for PoseidonBack {
    fn known() -> Vec<usize> {
        INPUT.collect()
    }

    fn constraints() -> usize {
        POSEIDON_WIRES - SPONGE_WIDTH
    }

    fn walk<E: FieldExtension<N, BaseField = F>, const N: usize>(
        wire: impl Fn(usize) -> E,
        visit: impl FnMut(usize, E) -> E,
    ) {
        walk_back(array::from_fn(&wire), visit);
    }

    fn others<E: FieldExtension<N, BaseField = F>, const N: usize>(
        _wire: impl Fn(usize) -> E,
    ) -> Option<E> {
        None
    }
}

/// Hands each constraint to `emit`: the flag's first, then computed wires in the order of the walk.
fn constraints_of<H: Half, E: FieldExtension<N, BaseField = F>, const N: usize>(
    wire: impl Fn(usize) -> E,
    mut emit: impl FnMut(E),
) {
    if let Some(other) = H::others(&wire) {
        emit(other);
    }
    H::walk(&wire, |index, computed| {
        let held = wire(index);
        emit(computed - held);
        held
    });
}

macro_rules! half_gate {
    ($gate:ident, $generator:ident) => {
        impl<const D: usize> Gate<F, D> for $gate
        where
            F: Extendable<D>,
        {
            fn id(&self) -> String {
                stringify!($gate).to_owned()
            }

            fn serialize(
                &self,
                _to: &mut Vec<u8>,
                _common: &CommonCircuitData<F, D>,
            ) -> IoResult<()> {
                Ok(())
            }

            fn deserialize(
                _from: &mut Buffer,
                _common: &CommonCircuitData<F, D>,
            ) -> IoResult<Self> {
                Ok(Self)
            }

            fn eval_unfiltered(
                &self,
                vars: EvaluationVars<F, D>,
            ) -> Vec<<F as Extendable<D>>::Extension> {
                let mut constraints = Vec::with_capacity(Gate::<F, D>::num_constraints(self));
                constraints_of::<Self, _, D>(
                    |wire| vars.local_wires[wire],
                    |constraint| constraints.push(constraint),
                );
                constraints
            }

            fn eval_unfiltered_base_one(
                &self,
                vars: EvaluationVarsBase<F>,
                mut yield_constr: StridedConstraintConsumer<F>,
            ) {
                constraints_of::<Self, F, 1>(
                    |wire| vars.local_wires[wire],
                    |constraint| yield_constr.one(constraint),
                );
            }

            fn eval_unfiltered_circuit(
                &self,
                _builder: &mut CircuitBuilder<F, D>,
                _vars: EvaluationTargets<D>,
            ) -> Vec<ExtensionTarget<D>> {
                unreachable!("the wrap is the last proof: no circuit verifies one")
            }

            fn generators(&self, row: usize, _constants: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
                vec![WitnessGeneratorRef::new(SimpleGenerator::<F, D>::adapter(
                    $generator { row },
                ))]
            }

            fn num_wires(&self) -> usize {
                POSEIDON_WIRES
            }

            fn num_constants(&self) -> usize {
                0
            }

            fn degree(&self) -> usize {
                DEGREE
            }

            fn num_constraints(&self) -> usize {
                Self::constraints()
            }
        }

        /// Computes the wires of a row from its input.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $generator {
            row: usize,
        }

        impl<const D: usize> SimpleGenerator<F, D> for $generator
        where
            F: Extendable<D>,
        {
            fn id(&self) -> String {
                stringify!($generator).to_owned()
            }

            fn dependencies(&self) -> Vec<Target> {
                let known = $gate::known().into_iter();
                known.map(|column| Target::wire(self.row, column)).collect()
            }

            fn run_once(
                &self,
                witness: &PartitionWitness<F>,
                out: &mut GeneratedValues<F>,
            ) -> Result<()> {
                let row = self.row;
                let mut result = Ok(());
                $gate::walk::<F, 1>(
                    |column| witness.get_wire(Wire { row, column }),
                    |column, computed| {
                        if let Err(error) = out.set_wire(Wire { row, column }, computed) {
                            result = Err(error);
                        }
                        computed
                    },
                );
                result
            }

            fn serialize(
                &self,
                to: &mut Vec<u8>,
                _common: &CommonCircuitData<F, D>,
            ) -> IoResult<()> {
                to.write_usize(self.row)
            }

            fn deserialize(from: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
                Ok(Self {
                    row: from.read_usize()?,
                })
            }
        }
    };
}

half_gate!(PoseidonFront, PoseidonFrontGenerator);
half_gate!(PoseidonBack, PoseidonBackGenerator);

#[cfg(test)]
#[path = "poseidon_tests.rs"]
mod tests;
