//! What the wrap circuit's parameters cost: `wrap_parameters` prints, for several widths of the circuit and several rates, the rows,
//! the proof's bytes and the gas that its calldata costs. Rows are counted by describing the circuit over the real one
//! below; bytes follow from the layout of `docs/on-chain.md`. Execution is not estimated here: up to 24 gas a byte it
//! costs nothing, since the calldata floor of EIP-7623 binds.

use std::error::Error;

use braid_aggregator::wrap::{Below, CompactCircuit, WrapCircuit, first_config, second_config};
use braid_prover::recursion::{Builder, Built, Common, Key};
use braid_verifier::VerifyingKey;
use braid_verifier::config::{C, F};
use braid_verifier::security::{batching_bits, queries as queries_of};
use braid_verifier::wrap::gates::statement::{LIMB, StatementGate};
use braid_verifier::wrap::hasher::EvmConfig;
use braid_verifier::wrap::wrap_config;
use plonky2::field::types::Field;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::iop::target::Target;
use plonky2::plonk::circuit_data::CircuitConfig;

/// A key of the right size with elements that all differ, as a real one's do: only the number of constants matters.
fn placeholder_key(common: &Common) -> Key {
    let hash = |position: usize| HashOut {
        elements: core::array::from_fn(|i| F::from_canonical_usize(1_000_000 + 4 * position + i)),
    };
    let digests = common.config.fri_config.num_cap_elements();
    Key {
        circuit_digest: hash(0),
        constants_sigmas_cap: MerkleCap((1..=digests).map(hash).collect()),
    }
}

fn compact(below: Below, inner: &Common, config: CircuitConfig) -> Common {
    let circuit = CompactCircuit {
        below,
        inner_key: placeholder_key(inner),
        inner_common: inner.clone(),
        config,
    };
    println!(
        "{below:?} below: {} gates, {} queries to verify",
        Built::gates_of(&circuit),
        inner.config.fri_config.num_query_rounds
    );
    Built::common_of(&circuit)
}

/// The wrap circuit with plonky2's own Poseidon gate, which takes 135 wires.
fn with_wide_poseidon(inner: &Common, config: &CircuitConfig) -> Builder {
    let mut builder = Builder::new(config.clone());
    let proof = builder.add_virtual_proof_with_pis(inner);
    builder.add_virtual_public_input_arr::<4>();
    let column = config.num_wires - 1;
    for limb in &proof.public_inputs {
        let row = builder.add_gate(StatementGate { column }, vec![]);
        builder.connect(Target::wire(row, LIMB), *limb);
    }
    let key = builder.constant_verifier_data::<C>(&placeholder_key(inner));
    builder.verify_proof::<C>(&proof, &key, inner);
    builder
}

/// FRI parameters of one row of the table.
struct Choice {
    rate_bits: usize,
    work: u32,
    queries: usize,
    cap_height: usize,
    arities: Vec<usize>,
}

/// Bytes of a proof of a circuit of `columns` columns and `2^degree_bits` rows.
fn proof_bytes(columns: usize, challenges: usize, degree_bits: usize, choice: &Choice) -> usize {
    let height = degree_bits + choice.rate_bits;
    let cap = 32 << choice.cap_height;
    let folded: usize = choice.arities.iter().sum();
    let mut query = 8 * columns + 4 * 32 * (height - choice.cap_height);
    let mut left = height;
    for arity in &choice.arities {
        left -= arity;
        query += (16 << arity) + 32 * (left - choice.cap_height);
    }
    let openings = 16 * (columns + challenges);
    let final_poly = 16 << (degree_bits - folded);
    (3 + choice.arities.len()) * cap + openings + final_poly + 8 + choice.queries * query
}

/// The choices for one rate that reach 100 bits, cheapest first.
fn choices(columns: usize, challenges: usize, degree_bits: usize, rate_bits: usize) -> Vec<Choice> {
    let mut found = Vec::new();
    for work in 16..=24 {
        let bits = |queries| {
            let mut config = wrap_config().fri_config;
            config.rate_bits = rate_bits;
            config.proof_of_work_bits = work;
            config.num_query_rounds = queries;
            config.reduction_strategy = FriReductionStrategy::Fixed(vec![]);
            queries_of(&config).random_words()
        };
        let Some(queries) = (1..100).find(|queries| bits(*queries) >= 100.0) else {
            continue;
        };
        for cap_height in 2..=6 {
            for arities in [
                vec![],
                vec![3],
                vec![4],
                vec![5],
                vec![3, 3],
                vec![4, 3],
                vec![4, 4],
            ] {
                found.push(Choice {
                    rate_bits,
                    work,
                    queries,
                    cap_height,
                    arities,
                });
            }
        }
    }
    found.sort_by_key(|choice| {
        let bytes = proof_bytes(columns, challenges, degree_bits, choice);
        (bytes, choice.work)
    });
    found
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = VerifyingKey::pinned()?.data().common.clone();
    let first = compact(Below::Root, &root, first_config());
    let second = compact(Below::Compact, &first, second_config());
    println!(
        "columns are wires + constants + routed wires + 3 (1 + partial products + quotient parts)\n"
    );
    println!(
        "| wires | routed | constants | gates | rows | columns | rate | queries | work | cap | arities | bytes | floor gas | batching bits |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (wires, routed, constants) in [
        (80, 40, 3),
        (80, 40, 2),
        (80, 48, 2),
        (80, 48, 3),
        (100, 60, 2),
        (136, 40, 3),
        (136, 80, 2),
    ] {
        let config = CircuitConfig {
            num_wires: wires,
            num_routed_wires: routed,
            num_constants: constants,
            ..wrap_config()
        };
        let builder = if wires < 136 {
            let circuit = WrapCircuit {
                inner_key: placeholder_key(&second),
                inner_common: second.clone(),
                config: config.clone(),
            };
            circuit.describe().0
        } else {
            with_wide_poseidon(&second, &config)
        };
        let gates = builder.num_gates();
        let common = builder.mock_build::<EvmConfig>().common;
        let challenges = config.num_challenges;
        let products = 1 + common.num_partial_products + common.quotient_degree_factor;
        let columns = wires + routed + common.num_constants + challenges * products;
        let degree_bits = common.degree_bits();
        for rate_bits in 6..=9 {
            let Some(best) = choices(columns, challenges, degree_bits, rate_bits)
                .into_iter()
                .next()
            else {
                continue;
            };
            let bytes = proof_bytes(columns, challenges, degree_bits, &best);
            let mut config = config.clone();
            config.fri_config.rate_bits = rate_bits;
            let batching = batching_bits(&config, columns + challenges, degree_bits);
            println!(
                "| {wires} | {routed} | {constants} | {gates} | 2^{degree_bits} | {columns} | 2^-{rate_bits} | {} | {} | {} | {:?} | {bytes} | {} | {batching:.1} |",
                best.queries,
                best.work,
                best.cap_height,
                best.arities,
                21_000 + 40 * bytes,
            );
        }
    }
    Ok(())
}
