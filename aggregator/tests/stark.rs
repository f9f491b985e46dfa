//! From STARKs of two shapes to one final proof, with a system that is as small as a statement allows.

use std::sync::Arc;
use std::time::Instant;

use braid_aggregator::{ChunkKey, Fold};
use braid_circuits::bus::Message;
use braid_circuits::event::{BlockEnvironment, Checkpoint, Rules};
use braid_circuits::statement::{ChunkPublicBus, ChunkStatement};
use braid_prover::Error;
use braid_prover::cache::Cache;
use braid_prover::recursion::{Built, ChunkCircuit};
use braid_stark::columns::names_of;
use braid_stark::{
    ConstraintBuilder, Felt, FriParameters, ProvingKey, Row, Shape, System, Table, Trace, columns,
    prove, setup,
};
use plonky2::field::types::Field;

columns! {
    /// A statement, said in the first row.
    struct PassageRow<X> { statement: ChunkStatement<X>, square: X }
}

/// Receives the start and sends the end: a rollup that allows everything.
struct Passage;

impl Table for Passage {
    fn name(&self) -> &'static str {
        "passage"
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<PassageRow<()>>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local = row.local::<PassageRow<B::X>>();
        let statement = &local.statement;
        builder.receive(
            Message::ChunkStart {
                checkpoint: statement.start.to_array(),
                chain_id: statement.chain_id,
                rules: statement.rules,
            },
            row.first,
        );
        builder.send(
            Message::ChunkEnd {
                checkpoint: statement.end.to_array(),
            },
            row.first,
        );
        let number = statement.end.number[0];
        builder.assert_eq("passage/square", local.square, number * number);
    }
}

fn sealed(number: u64) -> Checkpoint {
    Checkpoint {
        state_root: [number, 2, 3, 4],
        block: BlockEnvironment {
            number,
            ..Default::default()
        },
        ..Default::default()
    }
}

struct Prover {
    system: Arc<System>,
    key: ProvingKey,
    circuit: Built<ChunkCircuit>,
}

fn prover(name: &str, log_height: usize, fri: FriParameters) -> Prover {
    let system = Arc::new(System::new(vec![Box::new(Passage)], ChunkPublicBus));
    let shape = Shape::of(&system, name, &[log_height], fri);
    let (key, verifying_key) = setup(&system, &shape).unwrap();
    let circuit = ChunkCircuit::new(system.clone(), &shape, verifying_key).unwrap();
    let gates = Built::gates_of(&circuit);
    let start = Instant::now();
    let circuit = Built::cached(circuit, &Cache::none()).unwrap();
    println!(
        "{name}: {gates} gates, {:?}, {:?}",
        circuit.info(),
        start.elapsed()
    );
    Prover {
        system,
        key,
        circuit,
    }
}

impl Prover {
    fn stark(&self, start: Checkpoint, end: Checkpoint) -> (braid_stark::Proof, Vec<Felt>) {
        let statement = ChunkStatement::new(&start, &end, 5, Rules::Osaka);
        let height = self.circuit.circuit.protocol().shape.height(0);
        let mut trace = Trace::zero(names_of::<PassageRow<()>>().len(), height);
        let number = statement.end.number[0];
        let row: &mut PassageRow<Felt> = braid_stark::Columns::from_slice_mut(trace.row_mut(0));
        *row = PassageRow {
            statement,
            square: number * number,
        };
        let public = statement.to_vec();
        let proof = prove(&self.system, &self.key, vec![trace], &public, &()).unwrap();
        (proof, public)
    }
}

#[test]
fn starks_of_two_shapes_end_in_one_proof() {
    let provers = [
        prover("small", 5, FriParameters::SMALL),
        prover("fast", 7, FriParameters::FAST),
    ];
    let chunks = provers.iter().zip(["small", "fast"]);
    let chunks = chunks
        .map(|(p, shape)| ChunkKey::of(shape, &p.circuit))
        .collect();
    let fold = Fold::build(chunks, &Cache::none()).unwrap();
    let leaves: Vec<_> = provers
        .iter()
        .enumerate()
        .map(|(shape, prover)| {
            let number = shape as u64;
            let (proof, public) = prover.stark(sealed(number), sealed(number + 1));
            let start = Instant::now();
            let chunk = prover.circuit.chunk(&proof, &public).unwrap();
            println!("chunk circuit proved in {:?}", start.elapsed());
            fold.shrink(shape, &chunk).unwrap()
        })
        .collect();
    let root = fold.fold_all(leaves, |_, _| {}).unwrap();
    let proof = fold.finish(&root).unwrap();
    let public = braid_verifier::verify(fold.verifying_key(), &proof).unwrap();
    assert_eq!((public.first_block, public.last_block), (1, 2));
    assert_eq!(public.chain_id, 5);
    assert_eq!(public.rules, Rules::Osaka);

    // A STARK with other public values fails natively, and in circuit when nobody looks first.
    let (proof, mut public) = provers[0].stark(sealed(0), sealed(1));
    public[60] += Felt::ONE;
    let circuit = &provers[0].circuit;
    assert!(matches!(
        circuit.chunk(&proof, &public),
        Err(Error::Stark(_))
    ));
    assert!(matches!(
        circuit.chunk_unchecked(&proof, &public),
        Err(Error::Unprovable { .. })
    ));
    // As does one of another shape.
    let (proof, public) = provers[1].stark(sealed(0), sealed(1));
    assert!(circuit.chunk(&proof, &public).is_err());
    assert!(circuit.chunk_unchecked(&proof, &public).is_err());
}

#[test]
fn keys_of_other_shapes_are_refused() {
    let system = Arc::new(System::new(vec![Box::new(Passage)], ChunkPublicBus));
    let shape = |log_height| Shape::of(&system, "x", &[log_height], FriParameters::SMALL);
    let (_, key) = setup(&system, &shape(5)).unwrap();
    assert!(ChunkCircuit::new(system.clone(), &shape(6), key).is_err());
}
