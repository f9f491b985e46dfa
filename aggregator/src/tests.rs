use std::sync::OnceLock;
use std::time::Instant;

use alloy_primitives::B256;
use braid_circuits::event::{BlockEnvironment, Checkpoint};
use braid_circuits::statement::STATEMENT_WIDTH;
use braid_prover::recursion::Builder;
use braid_verifier::config::{C, D, F, circuit_config};
use plonky2::gates::noop::NoopGate;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::CircuitData;

use super::*;

/// A stand-in for a chunk circuit: exposes 118 elements and claims nothing about them.
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

fn leaf(shape: usize, start: Checkpoint, end: Checkpoint, chain: u64) -> Folded {
    let setup = setup();
    let statement = ChunkStatement::new(&start, &end, chain);
    let chunk = chunk_proof(&setup.chunks[shape], &statement);
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

/// The final proofs of several runs, all under the same key.
#[test]
fn any_number_of_chunks_gives_one_key() {
    let fold = &setup().fold;
    for chunks in [1, 2, 3, 5] {
        let start = Instant::now();
        let root = fold_of(chunks);
        let folded = start.elapsed();
        let proof = fold.finish(&root).unwrap();
        let finished = start.elapsed();
        let public = braid_verifier::verify(fold.verifying_key(), &proof).unwrap();
        println!(
            "{chunks} chunks: folded in {folded:?}, finished in {finished:?}, verified in {:?}, {} bytes",
            start.elapsed() - finished,
            proof.proof.len(),
        );
        let end = sealed(if chunks == 1 { 8 } else { 9 });
        assert_eq!(public.version, 1);
        assert_eq!(public.chain_id, 1234);
        assert_eq!(
            (public.first_block, public.last_block),
            (8, end.block.number)
        );
        assert_eq!(public.prev_block_hash, sealed(7).block_hash);
        assert_eq!(public.block_hash, end.block_hash);
        let root_bytes =
            |root: [u64; 4]| -> Vec<u8> { root.iter().flat_map(|x| x.to_be_bytes()).collect() };
        assert_eq!(
            public.prev_state_root.to_vec(),
            root_bytes(sealed(7).state_root)
        );
        assert_eq!(public.state_root.to_vec(), root_bytes(end.state_root));
        assert!(public.message_root.is_zero() && public.deposit_chain.is_zero());
    }
}

#[test]
fn nothing_folds_to_nothing() {
    assert!(matches!(
        setup().fold.fold_all(Vec::new(), |_, _| {}),
        Err(Error::Empty)
    ));
    assert!(matches!(
        Fold::build(Vec::new(), &Cache::none()),
        Err(Error::Empty)
    ));
}

/// Both the friendly check and the circuit itself refuse.
fn refused(left: &Folded, right: &Folded) {
    let fold = &setup().fold;
    assert!(matches!(fold.join(left, right), Err(Error::NotAdjacent)));
    assert!(matches!(
        fold.node_over(left, Some(right)),
        Err(Error::Prover(braid_prover::Error::Unprovable { .. }))
    ));
}

#[test]
fn what_does_not_follow_is_not_joined() {
    let a = leaf(0, sealed(7), sealed(8), 1);
    let b = leaf(1, sealed(8), sealed(9), 1);
    let c = leaf(0, sealed(9), sealed(10), 1);
    // Wrong order, a gap, the same one twice.
    refused(&b, &a);
    refused(&a, &c);
    refused(&a, &a);
    // Another chain.
    refused(&a, &leaf(1, sealed(8), sealed(9), 2));
    // A start that differs in one element only, each kind of field once.
    let mut other = sealed(8);
    other.state_root[3] ^= 1;
    refused(&a, &leaf(1, other, sealed(9), 1));
    let mut other = sealed(8);
    other.log_chain = B256::with_last_byte(1);
    refused(&a, &leaf(1, other, sealed(9), 1));
}

fn unprovable<T>(result: Result<T, Error>) -> bool {
    matches!(
        result,
        Err(Error::Prover(braid_prover::Error::Unprovable { .. }))
    )
}

#[test]
fn strange_keys_are_refused() {
    let setup = setup();
    let fold = &setup.fold;
    let statement = ChunkStatement::new(&sealed(7), &sealed(8), 1);
    // A chunk proof of an unlisted circuit, and one under another shape's name.
    assert!(unprovable(
        fold.shrink(0, &chunk_proof(&setup.stranger, &statement))
    ));
    assert!(unprovable(
        fold.shrink(0, &chunk_proof(&setup.chunks[1], &statement))
    ));
    assert!(matches!(
        fold.shrink(2, &chunk_proof(&setup.chunks[0], &statement)),
        Err(Error::UnknownShape { index: 2, count: 2 })
    ));
    // A circuit of the fold's form that nobody listed: it proves what it likes, and no node takes it.
    let forger = Built::build(ShrinkCircuit {
        shape: "forged".to_owned(),
        chunk_key: setup.stranger.verifier_only.clone(),
        chunk_common: setup.stranger.common.clone(),
        fold_common: fold.node.common().clone(),
    })
    .unwrap();
    let forged = forger
        .shrink(&chunk_proof(&setup.stranger, &statement), fold.node_key())
        .unwrap();
    for source in [
        Source::Chunk { shape: 0 },
        Source::Chunk { shape: 1 },
        Source::Node,
    ] {
        let forged = Folded {
            proof: forged.clone(),
            source,
        };
        assert!(fold.verify(&forged).is_err());
        assert!(unprovable(fold.alone(&forged)));
    }
    // Carrying the forger's key as if it were the node's: a node over it must carry that key as well, under which it is
    // not itself proved.
    let forged = Folded {
        proof: forger
            .shrink(&chunk_proof(&setup.stranger, &statement), forger.key())
            .unwrap(),
        source: Source::Node,
    };
    assert!(unprovable(fold.alone(&forged)));
    // A node circuit whose own key is said to be the forger's accepts the forgery as a node below it; the root, which
    // knows the real key, does not.
    let proof = fold
        .node
        .prove(|inputs, witness| {
            for child in &inputs.children {
                witness.set_proof_with_pis_target(&child.proof, &forged.proof)?;
                for (position, flag) in child.source.iter().enumerate() {
                    witness.set_bool_target(*flag, position == 2)?;
                }
            }
            witness.set_bool_target(inputs.single, true)?;
            witness.set_target_arr(&inputs.own_key, &key_elements(forger.key()))
        })
        .unwrap();
    let root = Folded {
        proof,
        source: Source::Node,
    };
    assert!(fold.verify(&root).is_err());
    assert!(unprovable(fold.finish(&root)));
    // A shrunk chunk is no root.
    let honest = leaf(0, sealed(7), sealed(8), 1);
    assert!(unprovable(fold.finish(&honest)));
}

/// A prover that sets flags to other field elements than 0 and 1, or none, or several.
#[test]
fn flags_are_flags() {
    let fold = &setup().fold;
    let (left, right) = (
        leaf(0, sealed(7), sealed(8), 1),
        leaf(0, sealed(8), sealed(9), 1),
    );
    let attempt = |source: [F; 3], single: F| {
        fold.node.prove(|inputs, witness| {
            for (child, folded) in inputs.children.iter().zip([&left, &right]) {
                witness.set_proof_with_pis_target(&child.proof, &folded.proof)?;
                for (flag, value) in child.source.iter().zip(source) {
                    witness.set_target(flag.target, value)?;
                }
            }
            witness.set_target(inputs.single.target, single)?;
            witness.set_target_arr(&inputs.own_key, &key_elements(fold.node_key()))
        })
    };
    let (zero, one, two) = (F::ZERO, F::ONE, F::TWO);
    assert!(attempt([one, zero, zero], zero).is_ok());
    // The end would be twice the left one less the right one: a state that nobody reached.
    assert!(attempt([one, zero, zero], two).is_err());
    assert!(attempt([zero, zero, zero], zero).is_err());
    assert!(attempt([one, one, zero], zero).is_err());
    assert!(attempt([one, one, -one], zero).is_err());
    assert!(attempt([two, zero, -one], zero).is_err());
    let half = two.inverse();
    assert!(attempt([half, half, zero], zero).is_err());
}

#[test]
fn open_blocks_are_not_final() {
    let fold = &setup().fold;
    let refused = |start: Checkpoint, end: Checkpoint| {
        let root = fold.alone(&leaf(0, start, end, 1)).unwrap();
        assert!(matches!(fold.finish(&root), Err(Error::NotWholeBlocks)));
        assert!(unprovable(fold.finish_unchecked(&root)));
    };
    refused(sealed(7), open(8, 3));
    refused(open(8, 3), sealed(8));
    let mut end = sealed(8);
    end.log_chain = B256::with_last_byte(1);
    refused(sealed(7), end);
    // No block at all, and backwards.
    refused(sealed(8), sealed(8));
    refused(sealed(9), sealed(8));
    refused(sealed(1 << 32), sealed(u64::from(u32::MAX)));
    // There is no block after the last number.
    refused(sealed(u64::MAX), sealed(0));
}

#[test]
fn numbers_carry() {
    let fold = &setup().fold;
    let last_low = u64::from(u32::MAX);
    for (start, end) in [(last_low, last_low + 1), (last_low - 1, last_low + 5)] {
        let root = fold
            .alone(&leaf(0, sealed(start), sealed(end), u64::MAX))
            .unwrap();
        let proof = fold.finish(&root).unwrap();
        let public = braid_verifier::verify(fold.verifying_key(), &proof).unwrap();
        assert_eq!((public.first_block, public.last_block), (start + 1, end));
        assert_eq!(public.chain_id, u64::MAX);
    }
}

#[test]
fn tampered_proofs_are_refused() {
    let fold = &setup().fold;
    let good = leaf(0, sealed(7), sealed(8), 1);
    let bytes = fold.write(&good).unwrap();
    let again = fold.read(&bytes).unwrap();
    assert_eq!((again.source, &again.proof), (good.source, &good.proof));
    for damaged in [
        vec![],
        bytes[..3].to_vec(),
        bytes[..bytes.len() / 2].to_vec(),
        [&bytes[..], &[0]].concat(),
        // Said to be of the other shape, of none, a node.
        [&[1], &bytes[1..]].concat(),
        [&[9], &bytes[1..]].concat(),
        [&[0xff; 4], &bytes[4..]].concat(),
        [&bytes[..5000], &[bytes[5000] ^ 1], &bytes[5001..]].concat(),
    ] {
        assert!(fold.read(&damaged).is_err());
    }
    for element in [0, 58, 116, 118, 185] {
        let mut bad = good.clone();
        bad.proof.public_inputs[element] += F::ONE;
        assert!(fold.verify(&bad).is_err());
        assert!(unprovable(fold.alone(&bad)), "element {element}");
    }
    let mut bad = good.clone();
    bad.proof.proof.openings.wires[0] += F::ONE.into();
    assert!(unprovable(fold.alone(&bad)));
    let mut bad = good.clone();
    bad.proof.public_inputs.pop();
    assert!(fold.alone(&bad).is_err());
    assert!(bad.statement().is_err());
}

#[test]
fn proof_files_survive_and_damage_is_told_apart() {
    let fold = &setup().fold;
    let key = fold.verifying_key();
    let proof = fold.finish(&fold_of(2)).unwrap();
    let json = proof.to_json().unwrap();
    let bin = proof.to_bin().unwrap();
    println!(
        "proof.json {} bytes, proof.bin {} bytes",
        json.len(),
        bin.len()
    );
    use braid_verifier::{Proof, verify};
    assert_eq!(Proof::from_json(json.as_bytes()).unwrap(), proof);
    assert_eq!(Proof::from_bin(&bin).unwrap(), proof);

    // The key survives its file, and only under its own hash.
    let again = VerifyingKey::from_bytes(key.to_bytes(), key.hash()).unwrap();
    assert_eq!(&again, key);
    assert_eq!(verify(&again, &proof).unwrap(), proof.public_values);
    let mut bytes = key.to_bytes().to_vec();
    bytes[10] ^= 1;
    assert!(
        VerifyingKey::from_bytes(&bytes, key.hash())
            .unwrap_err()
            .is_wrong_key()
    );

    // Cut anywhere, or with bytes to spare: malformed.
    for length in [0, 1, 40, 100, bin.len() / 2, bin.len() - 1] {
        assert!(Proof::from_bin(&bin[..length]).unwrap_err().is_malformed());
        assert!(
            Proof::from_json(&json.as_bytes()[..length])
                .unwrap_err()
                .is_malformed()
        );
    }
    let longer = [&bin[..], &[0]].concat();
    assert!(Proof::from_bin(&longer).unwrap_err().is_malformed());
    assert!(
        Proof::from_bin(&vec![0xff; 5 << 20])
            .unwrap_err()
            .is_malformed()
    );

    // Every public value matters.
    let changes: [fn(&mut braid_verifier::PublicValues); 9] = [
        |p| p.chain_id += 1,
        |p| p.prev_block_hash.0[31] ^= 1,
        |p| p.block_hash.0[0] ^= 1,
        |p| p.prev_state_root.0[15] ^= 1,
        |p| p.state_root.0[16] ^= 1,
        |p| p.first_block -= 1,
        |p| p.last_block += 1,
        |p| p.message_root.0[31] = 1,
        |p| p.deposit_chain.0[0] = 1,
    ];
    for change in changes {
        let mut bad = proof.clone();
        change(&mut bad.public_values);
        assert!(verify(key, &bad).unwrap_err().is_invalid_proof());
    }
    let mut bad = proof.clone();
    bad.public_values.version += 1;
    assert!(verify(key, &bad).unwrap_err().is_malformed());
    bad = proof.clone();
    bad.verifying_key_hash.0[0] ^= 1;
    assert!(verify(key, &bad).unwrap_err().is_wrong_key());
    bad = proof.clone();
    bad.schema_version += 1;
    assert!(verify(key, &bad).unwrap_err().is_malformed());
    assert!(Proof::from_json(bad.to_json().unwrap().as_bytes()).is_err());

    // Bits flipped all over the proof: refused, without a panic reaching us.
    let length = proof.proof.len();
    for i in 0..40 {
        let mut bytes = proof.proof.to_vec();
        bytes[i * length / 40 + i] ^= 1 << (i % 8);
        let bad = Proof {
            proof: bytes.into(),
            ..proof.clone()
        };
        let error = verify(key, &bad).unwrap_err();
        assert!(error.is_invalid_proof() || error.is_malformed(), "{error}");
    }
    for bytes in [
        vec![],
        vec![0; length],
        vec![0xff; length],
        proof.proof[..length - 1].to_vec(),
    ] {
        let bad = Proof {
            proof: bytes.into(),
            ..proof.clone()
        };
        assert!(verify(key, &bad).is_err());
    }
}

#[test]
fn the_fold_comes_back_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    let setup = setup();
    let circuits = || -> Vec<ChunkKey> {
        let named = setup.chunks.iter().zip(["small", "large"]);
        named
            .map(|(data, shape)| ChunkKey {
                shape: shape.to_owned(),
                key: data.verifier_only.clone(),
                common: data.common.clone(),
            })
            .collect()
    };
    let first = Fold::build(circuits(), &cache).unwrap();
    assert_eq!(first.verifying_key(), setup.fold.verifying_key());
    let start = Instant::now();
    let second = Fold::build(circuits(), &cache).unwrap();
    println!("fold from the cache in {:?}", start.elapsed());
    assert_eq!(second.verifying_key(), setup.fold.verifying_key());
    let root = second.alone(&leaf(0, sealed(7), sealed(8), 1)).unwrap();
    let proof = second.finish(&root).unwrap();
    braid_verifier::verify(setup.fold.verifying_key(), &proof).unwrap();
}

#[test]
fn stored_proofs_come_back_or_are_refused() {
    let fold = &setup().fold;
    let chunk = leaf(1, sealed(7), sealed(8), 1);
    let node = fold.alone(&chunk).unwrap();
    for folded in [&chunk, &node] {
        let bytes = fold.write(folded).unwrap();
        let read = fold.read(&bytes).unwrap();
        assert_eq!(read.proof, folded.proof);
        assert_eq!(read.source, folded.source);
        for length in [0, 3, 4, 5, 1000, bytes.len() / 2, bytes.len() - 1] {
            assert!(fold.read(&bytes[..length]).is_err(), "{length} bytes");
        }
        for position in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
            let mut bent = bytes.clone();
            bent[position] ^= 1;
            assert!(fold.read(&bent).is_err(), "byte {position}");
        }
    }
}
