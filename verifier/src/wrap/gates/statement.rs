//! Where the statement stands in a wrapped proof.
//!
//! The last column of the wrap circuit holds the statement's limbs in its first rows and zero in all others, and nothing else
//! uses it. Each of those rows has a [`StatementGate`], which ties the column to a routed wire. The verifier
//! computes what the column's polynomial is at `zeta` from the statement that it is given, and compares that with the
//! opening: see [`crate::wrap::verify_wrapped`].

use anyhow::Result;
use plonky2::field::extension::Extendable;
use plonky2::gates::gate::Gate;
use plonky2::gates::util::StridedConstraintConsumer;
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

/// The routed wire that a limb of the statement is connected to.
pub const LIMB: usize = 0;

/// Requires that a row's wire 0 is its wire `column`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementGate {
    /// The statement's column.
    pub column: usize,
}

impl<const D: usize> Gate<F, D> for StatementGate
where
    F: Extendable<D>,
{
    fn id(&self) -> String {
        format!("{self:?}")
    }

    fn serialize(&self, to: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        to.write_usize(self.column)
    }

    fn deserialize(from: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self {
            column: from.read_usize()?,
        })
    }

    fn eval_unfiltered(&self, vars: EvaluationVars<F, D>) -> Vec<<F as Extendable<D>>::Extension> {
        vec![vars.local_wires[LIMB] - vars.local_wires[self.column]]
    }

    fn eval_unfiltered_base_one(
        &self,
        vars: EvaluationVarsBase<F>,
        mut yield_constr: StridedConstraintConsumer<F>,
    ) {
        yield_constr.one(vars.local_wires[LIMB] - vars.local_wires[self.column]);
    }

    fn eval_unfiltered_circuit(
        &self,
        builder: &mut CircuitBuilder<F, D>,
        vars: EvaluationTargets<D>,
    ) -> Vec<ExtensionTarget<D>> {
        let (limb, copy) = (vars.local_wires[LIMB], vars.local_wires[self.column]);
        vec![builder.sub_extension(limb, copy)]
    }

    fn generators(&self, row: usize, _constants: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
        let generator = StatementGenerator {
            row,
            column: self.column,
        };
        vec![WitnessGeneratorRef::new(SimpleGenerator::<F, D>::adapter(
            generator,
        ))]
    }

    fn num_wires(&self) -> usize {
        self.column + 1
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        1
    }

    fn num_constraints(&self) -> usize {
        1
    }
}

/// Copies a limb to the statement's column.
#[derive(Clone, Copy, Debug, Default)]
pub struct StatementGenerator {
    row: usize,
    column: usize,
}

impl<const D: usize> SimpleGenerator<F, D> for StatementGenerator
where
    F: Extendable<D>,
{
    fn id(&self) -> String {
        "StatementGenerator".to_owned()
    }

    fn dependencies(&self) -> Vec<Target> {
        vec![Target::wire(self.row, LIMB)]
    }

    fn run_once(&self, witness: &PartitionWitness<F>, out: &mut GeneratedValues<F>) -> Result<()> {
        let wire = |column| Wire {
            row: self.row,
            column,
        };
        out.set_wire(wire(self.column), witness.get_wire(wire(LIMB)))
    }

    fn serialize(&self, to: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        to.write_usize(self.row)?;
        to.write_usize(self.column)
    }

    fn deserialize(from: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self {
            row: from.read_usize()?,
            column: from.read_usize()?,
        })
    }
}
