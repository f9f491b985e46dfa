//! The real proof system behind the pipeline: tables, STARK, chunk circuit, fold.

use std::sync::{Arc, OnceLock};

use alloy_primitives::{B256, keccak256};
use braid_aggregator::{ChunkKey, Fold};
use braid_circuits::event::ChunkEvents;
use braid_circuits::statement::ChunkStatement;
use braid_prover::cache::{Cache, CacheKey};
use braid_prover::pipeline::ProofSystem;
use braid_prover::progress::{Event, Progress, Stage, Step, Work, stage, step};
use braid_prover::recursion::{Built, ChunkCircuit, Key, key_elements};
use braid_stark::{Felt, Protocol, ProvingKey, Shape, System};
use braid_verifier::{Proof, VerifyingKey};
use plonky2::field::types::PrimeField64;
use plonky2::plonk::circuit_data::VerifierCircuitData;
use plonky2::util::serialization::DefaultGateSerializer;
use serde::Serialize;

pub(crate) use braid_aggregator::Folded;

use crate::error::{Error, Result};
use crate::tables;

/// Bytes that proving takes for each row of a circuit: evaluations of wires, permutation and quotient columns on the
/// eightfold domain, and copies on the way (4.4 GB were seen for 2^17 rows).
const PROVING_BYTES: u64 = 36 << 10;

/// Bytes that a circuit ready to prove takes for each row: constants and permutation columns on the eightfold domain,
/// their Merkle tree, generators.
const RESIDENT_BYTES: u64 = 12 << 10;

/// A circuit and what identifies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyInfo {
    /// The circuit.
    pub name: String,
    /// Log2 of its rows.
    pub log_rows: usize,
    /// Keccak-256 of its key's elements.
    pub hash: B256,
}

fn key_hash(key: &Key) -> B256 {
    let elements = key_elements(key).into_iter();
    let bytes: Vec<u8> = elements
        .flat_map(|element| element.to_canonical_u64().to_be_bytes())
        .collect();
    keccak256(bytes)
}

/// What proves chunks of one shape. Large, so only the shapes in use are loaded.
struct ShapeCircuits {
    system: Arc<System>,
    stark: ProvingKey,
    circuit: Built<ChunkCircuit>,
}

/// All circuits: the fold, and the chunk circuits of the shapes in use.
pub(crate) struct Engine {
    shapes: Vec<Shape>,
    chunk_keys: Vec<ChunkKey>,
    circuits: Vec<OnceLock<ShapeCircuits>>,
    fold: Fold,
}

fn internal(what: &str) -> impl Fn(braid_stark::Error) -> Error + '_ {
    move |error| Error::Internal(format!("{what}: {error}"))
}

fn shape_circuits(shape: &Shape, cache: &Cache) -> Result<ShapeCircuits> {
    let system = Arc::new(tables::system());
    let (stark, key) = braid_stark::setup(&system, shape).map_err(internal("STARK set-up"))?;
    let circuit = ChunkCircuit::new(system.clone(), shape, key).map_err(prover_error)?;
    let circuit = Built::cached(circuit, cache).map_err(prover_error)?;
    Ok(ShapeCircuits {
        system,
        stark,
        circuit,
    })
}

pub(crate) fn prover_error(error: braid_prover::Error) -> Error {
    braid_aggregator::Error::from(error).into()
}

/// A chunk circuit's key and common data: from the cache without the circuit itself, which is large.
fn chunk_key(shape: &Shape, protocol: &Protocol, cache: &Cache) -> Result<ChunkKey> {
    let digest = protocol.digest.elements;
    let digest: Vec<u8> = digest
        .iter()
        .flat_map(|element| element.to_canonical_u64().to_le_bytes())
        .collect();
    // The digest covers everything but what the fixed columns hold.
    let fixed = tables::fixed_digest(shape);
    let name = format!("chunk-key-{}", shape.name);
    let key = CacheKey::new(&name, &[&digest, fixed.as_slice()]);
    let mut failure = None;
    let found = cache.get_or_build(
        &key,
        |bytes| VerifierCircuitData::from_bytes(bytes.to_vec(), &DefaultGateSerializer).ok(),
        || match shape_circuits(shape, cache) {
            Ok(circuits) => Ok(VerifierCircuitData {
                verifier_only: circuits.circuit.key().clone(),
                common: circuits.circuit.common().clone(),
            }),
            Err(error) => {
                let reason = error.to_string();
                failure = Some(error);
                let circuit = name.clone();
                Err(braid_prover::Error::Circuit { circuit, reason })
            }
        },
        |data| data.to_bytes(&DefaultGateSerializer).ok(),
    );
    match found {
        Ok(data) => Ok(ChunkKey {
            shape: shape.name.clone(),
            key: data.verifier_only,
            common: data.common,
        }),
        Err(error) => Err(failure.unwrap_or_else(|| prover_error(error))),
    }
}

impl Engine {
    /// Builds everything or takes it from the cache.
    pub fn build(cache: &Cache, progress: &dyn Progress) -> Result<Self> {
        let shapes = tables::shapes();
        // The fold counts as one.
        stage(progress, Stage::Setup, shapes.len() + 1, || {
            let advance = || {
                let stage = Stage::Setup;
                progress.report(Event::StageAdvanced { stage, by: 1 });
            };
            let mut chunk_keys = Vec::new();
            for shape in &shapes {
                let protocol = tables::protocol(shape)?;
                chunk_keys.push(chunk_key(shape, &protocol, cache)?);
                advance();
            }
            let fold = Fold::build(chunk_keys.clone(), cache)?;
            advance();
            Ok(Self {
                circuits: shapes.iter().map(|_| OnceLock::new()).collect(),
                shapes,
                chunk_keys,
                fold,
            })
        })
    }

    /// The key that final proofs are verified with.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.fold.verifying_key()
    }

    /// All circuits with their keys.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let chunks = self.chunk_keys.iter().map(|chunk| KeyInfo {
            name: format!("chunk-{}", chunk.shape),
            log_rows: chunk.common.degree_bits(),
            hash: key_hash(&chunk.key),
        });
        let fold = self.fold.circuits().into_iter();
        let fold = fold.map(|(name, info, key)| KeyInfo {
            name,
            log_rows: info.degree_bits,
            hash: key_hash(key),
        });
        chunks.chain(fold).collect()
    }

    /// The proof system of one shape.
    pub fn of_shape(&self, shape: &Shape, cache: &Cache) -> Result<ShapeEngine<'_>> {
        let mut names = self.shapes.iter();
        let index = names
            .position(|known| known == shape)
            .ok_or_else(|| Error::Usage(format!("this build has no shape {}", shape.name)))?;
        let unknown = || Error::Internal("a shape without a place".to_owned());
        let place = self.circuits.get(index).ok_or_else(unknown)?;
        if place.get().is_none() {
            let circuits = shape_circuits(shape, cache)?;
            if self.chunk_keys.get(index).map(|chunk| &chunk.key) != Some(circuits.circuit.key()) {
                return Err(Error::Internal(format!(
                    "the circuit of shape {} does not have the key that is known of it: empty the cache folder; after a change of circuits, write keys/circuits.bin anew (braid setup --circuit-keys-out)",
                    shape.name
                )));
            }
            // Now, since on the workers it could be parallel work under a lock.
            self.fold.load(index)?;
            let _ = place.set(circuits);
        }
        Ok(ShapeEngine {
            engine: self,
            index,
            circuits: place.get().ok_or_else(unknown)?,
        })
    }

    /// Bytes that the loaded circuits take.
    pub fn resident_memory(&self) -> u64 {
        let chunks = self.circuits.iter().zip(&self.chunk_keys);
        let chunks = chunks.filter(|(place, _)| place.get().is_some());
        // Each with its shrink circuit, which has the form of the fold.
        let common = self.fold.common().degree_bits();
        let chunks = chunks.flat_map(|(_, chunk)| [chunk.common.degree_bits(), common]);
        // The node circuit, and the root, which is no larger.
        let fold = [common, common];
        chunks.chain(fold).map(|bits| RESIDENT_BYTES << bits).sum()
    }

    /// The final proof over the proof of everything.
    pub fn finish(&self, root: &Folded) -> Result<Proof> {
        let alone;
        let root = match root.source {
            braid_aggregator::Source::Node => root,
            braid_aggregator::Source::Chunk { .. } => {
                alone = self.fold.alone(root)?;
                &alone
            }
        };
        Ok(self.fold.finish(root)?)
    }
}

/// The proof system of one shape.
pub(crate) struct ShapeEngine<'a> {
    engine: &'a Engine,
    index: usize,
    circuits: &'a ShapeCircuits,
}

impl ShapeEngine<'_> {
    fn shape(&self) -> &Shape {
        &self.circuits.stark.protocol().shape
    }
}

impl ProofSystem for ShapeEngine<'_> {
    type Chunk = ChunkEvents;
    type Proof = Folded;
    type Error = Error;

    fn identity(&self) -> Vec<u8> {
        // The final key depends on every circuit below it.
        let mut identity = self.engine.verifying_key().hash().to_vec();
        identity.extend(self.shape().name.as_bytes());
        identity
    }

    fn chunk_bytes(&self, chunk: &ChunkEvents) -> Result<Vec<u8>> {
        bincode::serde::encode_to_vec(chunk, bincode::config::standard())
            .map_err(|error| Error::Internal(format!("encoding a chunk: {error}")))
    }

    fn chunk_memory(&self, _: &ChunkEvents) -> u64 {
        // The STARK is over before its recursion begins.
        let stark = tables::stark_memory(self.circuits.stark.protocol());
        let rows = self.circuits.circuit.common().degree_bits();
        stark.max(PROVING_BYTES << rows)
    }

    fn fold_memory(&self) -> u64 {
        PROVING_BYTES << self.engine.fold.common().degree_bits()
    }

    fn prove_chunk(
        &self,
        index: usize,
        chunk: &ChunkEvents,
        progress: &dyn Progress,
    ) -> Result<Folded> {
        let ShapeCircuits {
            system,
            stark,
            circuit,
        } = self.circuits;
        let work = Work::Chunk(index);
        let public = tables::public_values(chunk);
        let filled = step(progress, work, Step::Tables, || {
            tables::fill(index, chunk, system, self.shape())
        })?;
        let proof = step(progress, work, Step::Stark, || {
            let listen = |stage: braid_stark::Stage| {
                progress.report(Event::StepDetail {
                    work,
                    step: Step::Stark,
                    detail: stage.name(),
                });
            };
            braid_stark::prove(system, stark, filled.tables, &public, &listen)
                .map_err(internal("STARK"))
        })?;
        let proof = step(progress, work, Step::Recursion, || {
            circuit.chunk(&proof, &public).map_err(prover_error)
        })?;
        step(progress, work, Step::Shrink, || {
            Ok(self.engine.fold.shrink(self.index, &proof)?)
        })
    }

    fn fold(
        &self,
        index: usize,
        left: &Folded,
        right: &Folded,
        progress: &dyn Progress,
    ) -> Result<Folded> {
        step(progress, Work::Fold(index), Step::Fold, || {
            Ok(self.engine.fold.join(left, right)?)
        })
    }

    fn encode(&self, proof: &Folded) -> Result<Vec<u8>> {
        Ok(self.engine.fold.write(proof)?)
    }

    fn decode_chunk(&self, chunk: &ChunkEvents, bytes: &[u8]) -> Result<Folded, String> {
        let expected = ChunkStatement::new(&chunk.start, &chunk.end, chunk.chain_id);
        self.decode(bytes, &expected)
    }

    fn decode_fold(&self, left: &Folded, right: &Folded, bytes: &[u8]) -> Result<Folded, String> {
        let left = left.statement().map_err(|error| error.to_string())?;
        let right = right.statement().map_err(|error| error.to_string())?;
        let expected = ChunkStatement {
            start: left.start,
            end: right.end,
            chain_id: left.chain_id,
        };
        self.decode(bytes, &expected)
    }
}

impl ShapeEngine<'_> {
    fn decode(&self, bytes: &[u8], expected: &ChunkStatement<Felt>) -> Result<Folded, String> {
        let folded = self
            .engine
            .fold
            .read(bytes)
            .map_err(|error| error.to_string())?;
        let found = folded.statement().map_err(|error| error.to_string())?;
        if found.as_slice() == expected.as_slice() {
            Ok(folded)
        } else {
            Err("it proves something else".to_owned())
        }
    }
}
