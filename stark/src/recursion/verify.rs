//! The verifier's steps in a circuit: [`crate::verify()`] line by line.

use plonky2::field::types::Field;
use plonky2::fri::structure::{
    FriBatchInfoTarget, FriInstanceInfoTarget, FriOpeningBatchTarget, FriOpeningsTarget,
};
use plonky2::hash::hash_types::MerkleCapTarget;
use plonky2::iop::challenger::RecursiveChallenger;
use plonky2::iop::target::Target;

use super::graph::evaluate;
use super::transcript::CircuitTranscript;
use super::{Builder, ChallengeTarget, ProofTarget};
use crate::bus::BusChallenges;
use crate::evaluate::{OutsideInput, Selectors, selector_constants};
use crate::field::Felt;
use crate::proof::{Config, VerifyingKey};
use crate::protocol::{Protocol, basis};
use crate::symbolic::{Graph, Node, Variable};
use crate::system::System;
use crate::transcript::{Challenges, Transcript};
use crate::verify::VerifyError;

/// Adds the verifier of one proof to a circuit: satisfied if and only if `proof` is a proof for `system` at `protocol`'s shape
/// with the public values `public` (up to the challenges that the native verifier refuses as well).
///
/// # Errors
/// When the key is of another shape, or the number of public values is wrong. No error depends on a proof.
pub fn verify_in_circuit(
    builder: &mut Builder,
    system: &System,
    protocol: &Protocol,
    key: &VerifyingKey,
    proof: &ProofTarget,
    public: &[Target],
) -> Result<(), VerifyError> {
    if key.digest != protocol.digest {
        return Err(VerifyError::Key);
    }
    if public.len() != protocol.public_count {
        return Err(VerifyError::Length {
            what: "public values",
            expected: protocol.public_count,
            got: public.len(),
        });
    }
    let fixed_cap = builder.constant_merkle_cap(&key.fixed_cap);
    let statement = builder.constants(&protocol.statement());

    let challenger = RecursiveChallenger::new(builder);
    let mut transcript = CircuitTranscript {
        builder,
        challenger,
    };
    transcript.start(&statement, &fixed_cap, public);
    let (beta, gamma) = transcript.main(&proof.main_cap);
    let alpha = transcript.auxiliary(&proof.auxiliary_cap, &proof.bus_sums);
    let zeta = transcript.quotient(&proof.quotient_cap);
    transcript.openings(&protocol.layout, &proof.openings);
    let mut challenger = transcript.challenger;
    let challenges = Challenges {
        beta,
        gamma,
        alpha,
        zeta,
    };

    // The point is outside of the base field: its coefficient of X has an inverse.
    builder.inverse(zeta.0[1]);
    let beta_powers = beta_powers(builder, beta, protocol.longest_payload);
    check_bus(
        builder,
        system,
        protocol,
        proof,
        public,
        gamma,
        &beta_powers,
    );
    check_constraints(builder, system, protocol, proof, &challenges, &beta_powers);

    let fri_challenges = challenger.fri_challenges(
        builder,
        &proof.fri.commit_phase_merkle_caps,
        &proof.fri.final_poly,
        proof.fri.pow_witness,
        &protocol.fri_params.config,
    );
    let caps: [MerkleCapTarget; 4] = [
        fixed_cap,
        proof.main_cap.clone(),
        proof.auxiliary_cap.clone(),
        proof.quotient_cap.clone(),
    ];
    let instances = instances(builder, protocol, zeta);
    let openings: Vec<_> = (0..protocol.layout.classes.len())
        .map(|class| FriOpeningsTarget {
            batches: protocol
                .layout
                .batch_values(class, &proof.openings)
                .into_iter()
                .map(|values| FriOpeningBatchTarget { values })
                .collect(),
        })
        .collect();
    builder.verify_batch_fri_proof::<Config>(
        &protocol.layout.degree_bits(),
        &instances,
        &openings,
        &fri_challenges,
        &caps,
        &proof.fri,
        &protocol.fri_params,
    );
    Ok(())
}

/// `1, beta, beta^2, ...`, as [`BusChallenges::beta_powers`].
fn beta_powers(
    builder: &mut Builder,
    beta: ChallengeTarget,
    longest_payload: usize,
) -> Vec<ChallengeTarget> {
    let mut powers = vec![builder.one_extension(), beta];
    while powers.len() <= longest_payload {
        let next = builder.mul_extension(powers[powers.len() - 1], beta);
        powers.push(next);
    }
    powers
}

/// What FRI is asked about each class, as [`Protocol::instances`].
fn instances(
    builder: &mut Builder,
    protocol: &Protocol,
    zeta: ChallengeTarget,
) -> Vec<FriInstanceInfoTarget<2>> {
    (0..protocol.layout.classes.len())
        .map(|class| {
            let next = builder.mul_const_extension(protocol.generator(class), zeta);
            let batches = protocol.layout.batches(class).into_iter();
            FriInstanceInfoTarget {
                oracles: protocol.layout.oracles(class),
                batches: batches
                    .map(|batch| FriBatchInfoTarget {
                        point: if batch.next { next } else { zeta },
                        polynomials: batch.polynomials,
                    })
                    .collect(),
            }
        })
        .collect()
}

/// All bus sums and the public values' messages together are zero.
fn check_bus(
    builder: &mut Builder,
    system: &System,
    protocol: &Protocol,
    proof: &ProofTarget,
    public: &[Target],
    gamma: ChallengeTarget,
    beta_powers: &[ChallengeTarget],
) {
    // Inputs: the public values, then gamma, then the powers of beta from the first on.
    let count = public.len();
    let (fractions, graph) = Graph::build(|| {
        let outside = |index: usize| Node::variable(Variable::Outside(index));
        let values: Vec<Node> = (0..count).map(outside).collect();
        let mut powers = vec![<Node as crate::expression::Expression>::one()];
        powers.extend((1..=protocol.longest_payload).map(|power| outside(count + power)));
        let challenges = BusChallenges {
            beta_powers: powers,
            gamma: outside(count),
        };
        let interactions = system.public.interactions_symbolic(&values);
        (0..interactions.len())
            .flat_map(|position| {
                let (above, below) = challenges.fraction(&interactions, (position, None));
                [above, below]
            })
            .collect::<Vec<Node>>()
    });
    let parts = evaluate(
        builder,
        &graph,
        &fractions,
        |builder, variable| match variable {
            Variable::Outside(index) if index < count => builder.convert_to_ext(public[index]),
            Variable::Outside(index) if index == count => gamma,
            Variable::Outside(index) => beta_powers[index - count],
            _ => unreachable!("public values have no rows"),
        },
    );
    let mut sum = builder.add_many_extension(&proof.bus_sums);
    let (fractions, _) = parts.as_chunks::<2>();
    for &[numerator, denominator] in fractions {
        // The inverse exists, or the circuit is not satisfied: a fraction 0/0 cannot be chosen freely.
        let inverse = builder.inverse_extension(denominator);
        sum = builder.mul_add_extension(numerator, inverse, sum);
    }
    let zero = builder.zero_extension();
    builder.connect_extension(sum, zero);
}

/// The selectors at `zeta`, as [`crate::evaluate::selectors_at`].
fn selectors_at(
    builder: &mut Builder,
    log_height: usize,
    zeta: ChallengeTarget,
    zeta_power: ChallengeTarget,
) -> Selectors<ChallengeTarget> {
    let one = builder.one_extension();
    let vanishing = builder.sub_extension(zeta_power, one);
    let [first, last] = selector_constants(log_height).map(|(point, scale)| {
        // zeta is no row's point, since those are in the base field; so the inverse exists.
        let difference = builder.add_const_extension(zeta, -point);
        let inverse = builder.inverse_extension(difference);
        builder.mul_extension_with_const(scale, vanishing, inverse)
    });
    Selectors {
        first,
        last,
        transition: builder.sub_extension(one, last),
    }
}

/// Each table's equation holds at `zeta`.
fn check_constraints(
    builder: &mut Builder,
    system: &System,
    protocol: &Protocol,
    proof: &ProofTarget,
    challenges: &Challenges<ChallengeTarget>,
    beta_powers: &[ChallengeTarget],
) {
    let layout = &protocol.layout;
    // zeta^(2^i) at position i.
    let highest = layout.classes.first().map_or(0, |class| class.log_height);
    let mut powers = vec![challenges.zeta];
    for exponent in 0..highest {
        powers.push(builder.square_extension(powers[exponent]));
    }
    let selectors: Vec<Selectors<ChallengeTarget>> = layout
        .classes
        .iter()
        .map(|class| {
            let log_height = class.log_height;
            selectors_at(builder, log_height, challenges.zeta, powers[log_height])
        })
        .collect();
    let basis = builder.constant_extension(basis());
    let zero = builder.zero_extension();
    for (index, table) in layout.tables.iter().enumerate() {
        let log_height = layout.classes[table.class].log_height;
        let openings = &proof.openings[index];
        let selectors = &selectors[table.class];
        let share = match table.bus_sum {
            Some(sum) => {
                let height = Felt::from_canonical_u64(1 << log_height);
                builder.mul_const_extension(height.inverse(), proof.bus_sums[sum])
            }
            None => zero,
        };
        let described = protocol.graph(system, index);
        let outside = |input: OutsideInput| match input {
            OutsideInput::Auxiliary(i) => openings.auxiliary[i],
            OutsideInput::Quotient(i) => openings.quotient[i],
            OutsideInput::PhiNext(i) => openings.phi_next[i],
            OutsideInput::Basis => basis,
            OutsideInput::Alpha => challenges.alpha,
            OutsideInput::Gamma => challenges.gamma,
            OutsideInput::BetaPower(i) => beta_powers[i],
            OutsideInput::Share => share,
            OutsideInput::ZetaPower => powers[log_height],
        };
        let defect = evaluate(
            builder,
            &described.graph,
            &[described.root],
            |_, variable| match variable {
                Variable::Local(column) => openings.main[column],
                Variable::Next(column) => match table.next_columns.binary_search(&column) {
                    Ok(position) => openings.main_next[position],
                    Err(_) => unreachable!("a column used on the next row is opened there"),
                },
                Variable::Fixed(column) => openings.fixed[column],
                Variable::First => selectors.first,
                Variable::Last => selectors.last,
                Variable::Transition => selectors.transition,
                Variable::Outside(position) => outside(described.outside[position]),
            },
        );
        for value in defect {
            builder.connect_extension(value, zero);
        }
    }
}
