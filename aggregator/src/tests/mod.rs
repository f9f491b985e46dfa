//! The fold over stand-in chunk circuits.

mod final_proofs;
mod folding;
mod stored;

use std::sync::OnceLock;
use std::time::Instant;

use alloy_primitives::{B256, U256};
use braid_circuits::event::{BlockEnvironment, Checkpoint, Rules};
use braid_circuits::statement::STATEMENT_WIDTH;
use braid_prover::recursion::Builder;
use braid_verifier::config::{C, D, F, circuit_config};
use plonky2::gates::noop::NoopGate;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::CircuitData;

use super::*;

/// A stand-in for a chunk circuit: exposes a statement's elements and claims nothing about them.
fn dummy_chunk(rows: usize) -> CircuitData<F, C, D> {
    let mut builder = Builder::new(circuit_config());
    for _ in 0..STATEMENT_WIDTH {
        builder.add_virtual_public_input();
    }
    while builder.num_gates() < rows {
        builder.add_gate(NoopGate, vec![]);
    }
    builder.build::<C>()
}

struct Setup {
    chunks: Vec<CircuitData<F, C, D>>,
    /// A third circuit whose key the fold does not list.
    stranger: CircuitData<F, C, D>,
    fold: Fold,
}

fn setup() -> &'static Setup {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    SETUP.get_or_init(|| {
        let chunks = vec![dummy_chunk(100), dummy_chunk(1000)];
        let circuits = chunks
            .iter()
            .zip(["small", "large"])
            .map(|(data, shape)| ChunkKey {
                shape: shape.to_owned(),
                key: data.verifier_only.clone(),
                common: data.common.clone(),
            });
        let start = Instant::now();
        let fold = Fold::build(circuits.collect(), &Cache::none()).unwrap();
        println!("fold built in {:?}: {:?}", start.elapsed(), fold.infos());
        println!(
            "gates: shrink {} and {}, node {}, root {}",
            Built::gates_of(&fold.shrinks[0].circuit),
            Built::gates_of(&fold.shrinks[1].circuit),
            Built::gates_of(&fold.node.circuit),
            Built::gates_of(&fold.root.circuit),
        );
        Setup {
            chunks,
            stranger: dummy_chunk(300),
            fold,
        }
    })
}

/// The rollup after block `number`.
fn sealed(number: u64) -> Checkpoint {
    Checkpoint {
        // The second element's high half is all ones: the case in which a split must be canonical.
        state_root: [number, 0xffff_ffff_0000_0000, 3, u64::MAX >> 8],
        block_hash: B256::repeat_byte(number as u8),
        block: BlockEnvironment {
            number,
            timestamp: 12 * number,
            ..Default::default()
        },
        ..Default::default()
    }
}

/// In the middle of block `number`.
fn open(number: u64, transactions: u32) -> Checkpoint {
    let mut checkpoint = sealed(number);
    checkpoint.block_hash = sealed(number - 1).block_hash;
    checkpoint.block.gas_limit = 30_000_000;
    checkpoint.open = true;
    checkpoint.tx_count = transactions;
    checkpoint
}

fn chunk_proof(data: &CircuitData<F, C, D>, statement: &ChunkStatement<F>) -> Proof {
    let mut witness = PartialWitness::new();
    let targets = &data.prover_only.public_inputs;
    witness
        .set_target_arr(targets, statement.as_slice())
        .unwrap();
    data.prove(witness).unwrap()
}

/// The rules of all leaves where nothing else is said: not the default, so that they are seen to be passed on.
const RULES: Rules = Rules::Prague;

fn leaf(shape: usize, start: Checkpoint, end: Checkpoint, chain: u64) -> Folded {
    leaf_of(shape, &ChunkStatement::new(&start, &end, chain, RULES))
}

fn leaf_of(shape: usize, statement: &ChunkStatement<F>) -> Folded {
    let setup = setup();
    let chunk = chunk_proof(&setup.chunks[shape], statement);
    setup.fold.shrink(shape, &chunk).unwrap()
}

/// Checkpoints of a run: block 8 whole, block 9 in pieces, block 10 whole.
fn route(chunks: usize) -> Vec<Checkpoint> {
    let mut route = vec![sealed(7), sealed(8)];
    route.extend((2..chunks).map(|i| open(9, i as u32)));
    if chunks > 1 {
        route.push(sealed(9));
    }
    route
}

fn leaves(chunks: usize) -> Vec<Folded> {
    let route = route(chunks);
    let pairs = route.windows(2).enumerate();
    pairs
        .map(|(i, pair)| leaf(i % 2, pair[0], pair[1], 1234))
        .collect()
}

fn fold_of(chunks: usize) -> Folded {
    let root = setup().fold.fold_all(leaves(chunks), |_, _| {}).unwrap();
    setup().fold.verify(&root).unwrap();
    root
}

fn unprovable<T>(result: Result<T, Error>) -> bool {
    matches!(
        result,
        Err(Error::Prover(braid_prover::Error::Unprovable { .. }))
    )
}
