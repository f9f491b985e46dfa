//! Which gates the circuit has, how they are told apart, and their sizes.

use alloy_primitives::U256;
use braid_verifier::config::{D, F};
use braid_verifier::wrap::WrapKey;
use braid_verifier::wrap::gates::poseidon::{FRONT_PARTIAL_ROUNDS, PoseidonBack, PoseidonFront};
use braid_verifier::wrap::gates::statement::StatementGate;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::gates::arithmetic_base::ArithmeticGate;
use plonky2::gates::arithmetic_extension::ArithmeticExtensionGate;
use plonky2::gates::base_sum::BaseSumGate;
use plonky2::gates::constant::ConstantGate;
use plonky2::gates::coset_interpolation::CosetInterpolationGate;
use plonky2::gates::exponentiation::ExponentiationGate;
use plonky2::gates::gate::{Gate, GateRef};
use plonky2::gates::multiplication_extension::MulExtensionGate;
use plonky2::gates::noop::NoopGate;
use plonky2::gates::public_input::PublicInputGate;
use plonky2::gates::random_access::RandomAccessGate;
use plonky2::gates::reducing::ReducingGate;
use plonky2::gates::reducing_extension::ReducingExtensionGate;
use plonky2::plonk::circuit_data::CommonCircuitData;
use serde::Deserialize;

use super::source::Source;
use super::unsupported;
use crate::error::Error;

/// plonky2's selectors. Their fields are private there, but they can be written down.
#[derive(Deserialize)]
pub(super) struct Selectors {
    selector_indices: Vec<usize>,
    pub(super) groups: Vec<Group>,
}

/// Gates that share a selector.
#[derive(Deserialize)]
pub(super) struct Group {
    start: usize,
    end: usize,
}

pub(super) fn selectors(common: &CommonCircuitData<F, D>) -> Result<Selectors, Error> {
    let read = || serde_json::from_value(serde_json::to_value(&common.selectors_info)?);
    let selectors: Selectors =
        read().map_err(|error: serde_json::Error| unsupported(error.to_string()))?;
    // With a single selector filters have a factor less.
    if selectors.groups.len() > 1 && common.num_lookup_selectors == 0 {
        Ok(selectors)
    } else {
        Err(unsupported("the gates' selectors have another form"))
    }
}

/// The gates of a key. Each is taken once; what is left over is not known to the contract.
struct Gates<'a> {
    list: Vec<(usize, &'a GateRef<F, D>)>,
    selectors: Selectors,
}

impl<'a> Gates<'a> {
    /// Finds a gate by its type, writes how it is selected, and returns it.
    fn take<G: Gate<F, D>>(&mut self, name: &str, source: &mut Source) -> Result<&'a G, Error> {
        let missing = || unsupported(format!("the circuit has no {name}"));
        let as_this = |gate: &'a GateRef<F, D>| gate.0.as_any().downcast_ref::<G>();
        let is_this = |(_, gate): &(usize, &'a GateRef<F, D>)| as_this(gate).is_some();
        let position = self.list.iter().position(is_this).ok_or_else(missing)?;
        let (number, reference) = self.list.remove(position);
        let gate = as_this(reference).ok_or_else(missing)?;
        let selector = self.selectors.selector_indices.get(number).copied();
        let selector = selector.ok_or_else(missing)?;
        let group = self.selectors.groups.get(selector).ok_or_else(missing)?;
        let fields = [
            number,
            group.start,
            group.end,
            selector,
            gate.num_constraints(),
        ];
        let mut packed = U256::ZERO;
        for (field, shift) in fields.into_iter().zip((0..).step_by(8)) {
            let field =
                u8::try_from(field).map_err(|_| unsupported("a gate needs more than a byte"))?;
            packed |= U256::from(field) << shift;
        }
        source.bits(name, packed, "See `Row.close`.");
        Ok(gate)
    }
}

/// Writes them.
pub(super) fn constants(key: &WrapKey, source: &mut Source) -> Result<(), Error> {
    let common = &key.data().common;
    source.heading("The gates.");
    let mut gates = Gates {
        list: common.gates.iter().enumerate().collect(),
        selectors: selectors(common)?,
    };
    // It has no constraints.
    gates
        .list
        .retain(|(_, gate)| !gate.0.as_any().is::<NoopGate>());
    arithmetic(&mut gates, source)?;
    recursion(&mut gates, source)?;
    gates.take::<PoseidonFront>("POSEIDON_FRONT_GATE", source)?;
    gates.take::<PoseidonBack>("POSEIDON_BACK_GATE", source)?;
    source.number(
        "POSEIDON_FRONT_PARTIAL_ROUNDS",
        FRONT_PARTIAL_ROUNDS,
        "Partial rounds of the front.",
    );
    match gates.list.first() {
        None => Ok(()),
        Some((_, gate)) => Err(unsupported(format!("unknown gate {}", gate.0.id()))),
    }
}

fn arithmetic(gates: &mut Gates<'_>, source: &mut Source) -> Result<(), Error> {
    let gate: &ConstantGate = gates.take("CONSTANT_GATE", source)?;
    let constants = Gate::<F, D>::num_constants(gate);
    source.number("CONSTANT_GATE_CONSTANTS", constants, "Constants of a row.");
    gates.take::<PublicInputGate>("PUBLIC_INPUT_GATE", source)?;
    let gate: &StatementGate = gates.take("STATEMENT_GATE", source)?;
    source.number(
        "STATEMENT_COLUMN",
        gate.column,
        "The column that holds the statement.",
    );
    let gate: &BaseSumGate<2> = gates.take("BASE_SUM_GATE", source)?;
    if gate.num_limbs >= 60 {
        return Err(unsupported("too many bits in a sum"));
    }
    source.number("BASE_SUM_LIMBS", gate.num_limbs, "Bits of a sum.");
    let operations = "Operations in a row.";
    let gate: &ArithmeticGate = gates.take("ARITHMETIC_GATE", source)?;
    source.number("ARITHMETIC_OPERATIONS", gate.num_ops, operations);
    let gate: &ArithmeticExtensionGate<D> = gates.take("ARITHMETIC_EXTENSION_GATE", source)?;
    source.number("ARITHMETIC_EXTENSION_OPERATIONS", gate.num_ops, operations);
    let gate: &MulExtensionGate<D> = gates.take("MUL_EXTENSION_GATE", source)?;
    source.number("MUL_EXTENSION_OPERATIONS", gate.num_ops, operations);
    Ok(())
}

fn recursion(gates: &mut Gates<'_>, source: &mut Source) -> Result<(), Error> {
    let gate: &ReducingGate<D> = gates.take("REDUCING_GATE", source)?;
    let coefficients = "Coefficients in a row.";
    source.number("REDUCING_COEFFICIENTS", gate.num_coeffs, coefficients);
    let gate: &ReducingExtensionGate<D> = gates.take("REDUCING_EXTENSION_GATE", source)?;
    source.number(
        "REDUCING_EXTENSION_COEFFICIENTS",
        gate.num_coeffs,
        coefficients,
    );
    let gate: &ExponentiationGate<F, D> = gates.take("EXPONENTIATION_GATE", source)?;
    source.number(
        "EXPONENTIATION_BITS",
        gate.num_power_bits,
        "Bits of an exponent.",
    );
    let gate: &RandomAccessGate<F, D> = gates.take("RANDOM_ACCESS_GATE", source)?;
    if gate.bits > 4 {
        return Err(unsupported("a list is longer than 16 elements"));
    }
    source.number("RANDOM_ACCESS_BITS", gate.bits, "log2 of a list's length.");
    source.number("RANDOM_ACCESS_LENGTH", 1 << gate.bits, "A list's length.");
    source.number("RANDOM_ACCESS_COPIES", gate.num_copies, "Lists in a row.");
    source.number(
        "RANDOM_ACCESS_CONSTANTS",
        gate.num_extra_constants,
        "Constants in a row.",
    );
    let gate: &CosetInterpolationGate<F, D> = gates.take("COSET_INTERPOLATION_GATE", source)?;
    coset_interpolation(gate, source)
}

fn coset_interpolation(
    gate: &CosetInterpolationGate<F, D>,
    source: &mut Source,
) -> Result<(), Error> {
    let points = 1usize << gate.subgroup_bits;
    let root = F::primitive_root_of_unity(gate.subgroup_bits);
    let inverse = F::from_canonical_usize(points).inverse();
    let weights = root.powers().map(|power| power * inverse).take(points);
    if gate.degree < 2 || points < 2 {
        return Err(unsupported("an interpolation of degree one"));
    }
    if !weights.eq(gate.barycentric_weights.iter().copied()) {
        return Err(unsupported(
            "weights are not roots of unity over their number",
        ));
    }
    let element = |value: F| U256::from(value.to_canonical_u64());
    source.number("COSET_POINTS", points, "Points of an interpolation.");
    source.number(
        "COSET_INTERMEDIATES",
        (points - 2) / (gate.degree - 1),
        "Intermediate values of each kind.",
    );
    source.bits(
        "COSET_POINTS_INVERSE",
        element(inverse),
        "The inverse of their number.",
    );
    source.bits("COSET_ROOT", element(root), "From one point to the next.");
    source.number(
        "COSET_INTERPOLATION_DEGREE",
        gate.degree,
        "Points before intermediate values are wires; one less between them.",
    );
    Ok(())
}
