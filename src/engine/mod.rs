//! The real proof system behind the pipeline: tables, STARK, chunk circuit, fold.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use alloy_primitives::{B256, keccak256};
use braid_aggregator::{ChunkKey, Fold};
use braid_circuits::shapes::log_circuit_rows;
use braid_prover::cache::{Cache, CacheKey};
use braid_prover::memory::estimates::CircuitSize;
use braid_prover::progress::{Outline, Progress, Stage, Step, Work, build_time, load_time, stage};
use braid_prover::recursion::{Built, ChunkCircuit, Common, Key, Verifier, key_elements};
use braid_stark::{Protocol, ProvingKey, Shape, System};
use braid_verifier::config::circuit_config;
use braid_verifier::{Proof, VerifyingKey};
use plonky2::field::types::PrimeField64;
use plonky2::util::serialization::DefaultGateSerializer;
use serde::Serialize;

pub(crate) use braid_aggregator::Folded;

use crate::error::{Error, Piece, Result};
use crate::tables;

mod job;

pub(crate) use job::JobEngine;
use job::LoadedShape;

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

impl ShapeCircuits {
    fn shape(&self) -> &Shape {
        &self.stark.protocol().shape
    }
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

/// Steps of [`shape_circuits`]: the STARK's fixed columns and the chunk circuit.
const SHAPE_STEPS: usize = 2;

/// log2 of the rows that chunk circuits have about: for estimates only.
const ABOUT_LOG_ROWS: usize = 17;

/// log2 of the rows that the fold's circuits have about: for estimates only.
const FOLD_LOG_ROWS: usize = 14;

/// About how long [`shape_circuits`] takes when the chunk circuit is or is not in the cache.
fn shape_time(cached: bool) -> Duration {
    let config = circuit_config();
    let circuit = match cached {
        true => load_time(&config, ABOUT_LOG_ROWS),
        false => build_time(&config, ABOUT_LOG_ROWS),
    };
    stark_time() + circuit
}

/// About how long the set-up of a STARK takes: it is about as much as a chunk circuit takes to load.
fn stark_time() -> Duration {
    load_time(&circuit_config(), ABOUT_LOG_ROWS)
}

fn shape_circuits(
    shape: &Shape,
    cache: &Cache,
    outline: &mut Outline<'_>,
) -> Result<ShapeCircuits> {
    let system = Arc::new(tables::system_of_shape(shape));
    let name = format!("stark-{}", shape.name);
    let step = (Work::Setup, Step::Build, name.as_str());
    let (stark, key) = outline.part(stark_time(), step, || {
        braid_stark::setup(&system, shape).map_err(internal("STARK set-up"))
    })?;
    let circuit = ChunkCircuit::new(system.clone(), shape, key).map_err(prover_error)?;
    let circuit = Built::set_up(circuit, ABOUT_LOG_ROWS, cache, outline).map_err(prover_error)?;
    Ok(ShapeCircuits {
        system,
        stark,
        circuit,
    })
}

pub(crate) fn prover_error(error: braid_prover::Error) -> Error {
    braid_aggregator::Error::from(error).into()
}

/// Refuses a set-up that takes more memory than there is. At least there are the fold's two circuits, and the largest chunk circuit of the shapes whose keys are
/// missing, with its STARK's key.
fn fits_set_up<'a>(missing: impl IntoIterator<Item = &'a Shape>, memory: u64) -> Result<()> {
    let config = circuit_config();
    let size = |log_rows| CircuitSize::new(&config, log_rows);
    let fold = size(FOLD_LOG_ROWS);
    let mut most = fold.proving();
    for shape in missing {
        let stark = tables::stark_key_memory(&tables::protocol(shape)?);
        most = most.max(stark + size(log_circuit_rows(shape)).resident());
    }
    let needed = 2 * fold.resident() + most;
    if needed <= memory {
        return Ok(());
    }
    Err(Error::WouldNotFit {
        label: "the set-up".to_owned(),
        piece: Piece::Other,
        needed,
        available: memory,
    })
}

/// Where the chunk circuits' keys of these shapes are kept, in their order.
fn chunk_cache_keys(shapes: &[Shape]) -> Result<Vec<CacheKey>> {
    let keys = shapes
        .iter()
        .map(|shape| Ok(chunk_cache_key(shape, &tables::protocol(shape)?)));
    keys.collect()
}

/// Where a chunk circuit's key and common data are kept.
fn chunk_cache_key(shape: &Shape, protocol: &Protocol) -> CacheKey {
    let digest = protocol.digest.elements;
    let digest: Vec<u8> = digest
        .iter()
        .flat_map(|element| element.to_canonical_u64().to_le_bytes())
        .collect();
    // The digest covers everything but what the fixed columns hold.
    let fixed = tables::fixed_digest(shape);
    let name = format!("chunk-key-{}", shape.name);
    CacheKey::new(&name, &[&digest, fixed.as_slice()])
}

/// A chunk circuit's key and common data, if they are in the cache.
pub(crate) fn known_chunk_key(
    shape: &Shape,
    protocol: &Protocol,
    cache: &Cache,
) -> Result<Verifier> {
    let key = chunk_cache_key(shape, protocol);
    let unknown = || braid_prover::Error::Circuit {
        circuit: key.file_name(),
        reason: "its key is not in this build".to_owned(),
    };
    cached_chunk_key(&key, cache, || Err(unknown())).map_err(prover_error)
}

fn cached_chunk_key(
    key: &CacheKey,
    cache: &Cache,
    build: impl FnOnce() -> Result<Verifier, braid_prover::Error>,
) -> Result<Verifier, braid_prover::Error> {
    cache.get_or_build(
        key,
        |bytes| Verifier::from_bytes(bytes.to_vec(), &DefaultGateSerializer).ok(),
        build,
        |data| data.to_bytes(&DefaultGateSerializer).ok(),
    )
}

/// A chunk circuit's key and common data: from the cache without the circuit itself, which is large.
fn chunk_key(
    shape: &Shape,
    key: &CacheKey,
    cache: &Cache,
    outline: &mut Outline<'_>,
) -> Result<ChunkKey> {
    let mut failure = None;
    let found = cached_chunk_key(key, cache, || match shape_circuits(shape, cache, outline) {
        Ok(circuits) => Ok(circuits.circuit.data.verifier_data()),
        Err(error) => {
            let reason = error.to_string();
            failure = Some(error);
            let circuit = key.file_name();
            Err(braid_prover::Error::Circuit { circuit, reason })
        }
    });
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
    /// Builds everything or takes it from the cache, if this much memory allows it.
    pub fn build(cache: &Cache, memory: u64, progress: &dyn Progress) -> Result<Self> {
        // Before the keys are worked out, which takes seconds.
        fits_set_up([], memory)?;
        let shapes = tables::shapes();
        let keys = chunk_cache_keys(&shapes)?;
        let missing = shapes.iter().zip(&keys).filter(|(_, key)| !cache.has(key));
        fits_set_up(missing.map(|(shape, _)| shape), memory)?;
        let missing = keys.iter().filter(|key| !cache.has(key)).count();
        let names = shapes.iter().map(|shape| shape.name.as_str());
        let steps = missing * SHAPE_STEPS + Fold::set_up_steps(names, cache);
        let time = shape_time(false) * u32::try_from(missing).unwrap_or(u32::MAX)
            + Fold::set_up_time(shapes.len(), cache);
        stage(progress, Stage::Setup, steps, || {
            let mut outline = Outline::new(progress, Stage::Setup, time);
            let mut chunk_keys = Vec::new();
            for (shape, key) in shapes.iter().zip(&keys) {
                chunk_keys.push(chunk_key(shape, key, cache, &mut outline)?);
            }
            let fold = Fold::set_up(chunk_keys.clone(), cache, &mut outline)?;
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

    /// The proof system of these shapes.
    pub fn of_shapes(
        &self,
        shapes: &[Shape],
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<JobEngine<'_>> {
        let loaded = shapes.iter().map(|shape| {
            let index = self.place_of(shape)?;
            let unknown = || Error::Internal("a shape without a place".to_owned());
            let place = self.circuits.get(index).ok_or_else(unknown)?;
            if place.get().is_none() {
                let circuits = self.load_shape(index, shape, cache, progress)?;
                let _ = place.set(circuits);
            }
            let circuits = place.get().ok_or_else(unknown)?;
            Ok(LoadedShape { index, circuits })
        });
        let shapes = loaded.collect::<Result<_>>()?;
        Ok(JobEngine {
            engine: self,
            shapes,
        })
    }

    fn place_of(&self, shape: &Shape) -> Result<usize> {
        let place = self.shapes.iter().position(|known| known == shape);
        place.ok_or_else(|| Error::Usage(format!("this build has no shape {}", shape.name)))
    }

    /// The circuits of the shape at position `index`, with its shrink circuit.
    fn load_shape(
        &self,
        index: usize,
        shape: &Shape,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<ShapeCircuits> {
        // The circuits of a shape are written one after the other: if the last is there, so are the others.
        let (shrink_cached, shrink_time) = self.fold.load_time(index)?;
        let time = shape_time(shrink_cached) + shrink_time;
        stage(progress, Stage::Setup, SHAPE_STEPS + 1, || {
            let mut outline = Outline::new(progress, Stage::Setup, time);
            let circuits = shape_circuits(shape, cache, &mut outline)?;
            if self.chunk_keys.get(index).map(|chunk| &chunk.key) != Some(circuits.circuit.key()) {
                return Err(Error::Internal(format!(
                    "the cache has another key for shape {}: empty the cache folder",
                    shape.name
                )));
            }
            // Now, since on the workers it could be parallel work under a lock.
            self.fold.load(index, &mut outline)?;
            Ok(circuits)
        })
    }

    /// Bytes that the loaded circuits and proving keys take.
    pub fn resident_memory(&self) -> u64 {
        let places = self.circuits.iter().enumerate();
        let loaded = places.filter(|(_, place)| place.get().is_some());
        let shapes = loaded.map(|(index, _)| self.shape_memory(index).unwrap_or(0));
        let fold = [self.fold.common(), self.root_common()];
        let fold = fold.map(|common| CircuitSize::of(common).resident());
        shapes.chain(fold).sum()
    }

    /// Bytes that the circuits and the proving key of the shape at this position take.
    fn shape_memory(&self, index: usize) -> Option<u64> {
        let chunk = CircuitSize::of(&self.chunk_keys.get(index)?.common);
        // The shrink circuit has the form of the fold.
        let shrink = CircuitSize::of(self.fold.common());
        let stark = self.shapes.get(index)?;
        let stark =
            tables::protocol(stark).map_or(0, |protocol| tables::stark_key_memory(&protocol));
        Some(chunk.resident() + shrink.resident() + stark)
    }

    fn root_common(&self) -> &Common {
        &self.fold.verifying_key().data().common
    }

    /// Most bytes that one piece of work on chunks of the shape at this position takes, beside what is loaded.
    fn largest_work(&self, index: usize) -> Option<u64> {
        let chunk = CircuitSize::of(&self.chunk_keys.get(index)?.common);
        let protocol = tables::protocol(self.shapes.get(index)?).ok()?;
        // One after the other: the STARK is over before its recursion begins.
        let stark = tables::stark_memory(&protocol);
        Some(stark.max(chunk.proving()).max(self.fold_memory()))
    }

    /// Most bytes that one step above the chunks takes: a shrink, a fold, the final proof.
    fn fold_memory(&self) -> u64 {
        let common = [self.fold.common(), self.root_common()];
        let steps = common.map(|common| CircuitSize::of(common).proving());
        steps.into_iter().max().unwrap_or(0)
    }

    /// Bytes that proving chunks of these shapes takes at least: all circuits that are loaded then, and the largest piece of work.
    pub fn needed_memory(&self, shapes: &[Shape]) -> u64 {
        let places = shapes.iter().filter_map(|shape| self.place_of(shape).ok());
        let places: Vec<_> = places.collect();
        let is_loaded = |place: &usize| {
            let circuits = self.circuits.get(*place);
            circuits.is_some_and(|circuits| circuits.get().is_some())
        };
        let missing = places.iter().filter(|place| !is_loaded(place));
        let own: u64 = missing.filter_map(|place| self.shape_memory(*place)).sum();
        let work = places.iter().filter_map(|place| self.largest_work(*place));
        self.resident_memory() + own + work.max().unwrap_or(0)
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
