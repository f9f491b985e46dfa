//! The circuits of a job's shapes as the pipeline's proof system.

use braid_circuits::statement::ChunkStatement;
use braid_prover::pipeline::ProofSystem;
use braid_prover::progress::{Event, Progress, Step, Work, step};
use braid_stark::Felt;

use super::{Engine, Folded, ShapeCircuits, internal, prover_error};
use crate::cutting::PlannedChunk;
use crate::error::{Error, Result};
use crate::tables;

/// A shape that a job uses.
pub(super) struct LoadedShape<'a> {
    /// Its place among all shapes.
    pub(super) index: usize,
    pub(super) circuits: &'a ShapeCircuits,
}

/// The proof system of a job's shapes.
pub(crate) struct JobEngine<'a> {
    pub(super) engine: &'a Engine,
    /// In the order of the plan.
    pub(super) shapes: Vec<LoadedShape<'a>>,
}

impl JobEngine<'_> {
    fn shape_of(&self, chunk: &PlannedChunk) -> Result<&LoadedShape<'_>> {
        let unknown = || Error::Internal("a chunk of a shape that is not loaded".to_owned());
        self.shapes.get(chunk.shape).ok_or_else(unknown)
    }
}

impl ProofSystem for JobEngine<'_> {
    type Chunk = PlannedChunk;
    type Proof = Folded;
    type Error = Error;

    fn identity(&self) -> Vec<u8> {
        // The final key depends on every circuit below it.
        self.engine.verifying_key().hash().to_vec()
    }

    fn chunk_bytes(&self, chunk: &PlannedChunk) -> Result<Vec<u8>> {
        let shape = &self.shape_of(chunk)?.circuits.shape().name;
        bincode::serde::encode_to_vec((shape, &chunk.events), bincode::config::standard())
            .map_err(|error| Error::Internal(format!("encoding a chunk: {error}")))
    }

    fn chunk_memory(&self, chunk: &PlannedChunk) -> u64 {
        let work = self.shape_of(chunk).ok();
        let work = work.and_then(|shape| self.engine.largest_work(shape.index));
        work.unwrap_or(u64::MAX)
    }

    fn fold_memory(&self) -> u64 {
        self.engine.fold_memory()
    }

    fn prove_chunk(
        &self,
        index: usize,
        chunk: &PlannedChunk,
        progress: &dyn Progress,
    ) -> Result<Folded> {
        let shape = self.shape_of(chunk)?;
        let ShapeCircuits {
            system,
            stark,
            circuit,
        } = shape.circuits;
        let work = Work::Chunk(index);
        let public = tables::public_values(&chunk.events);
        let filled = step(progress, work, Step::Tables, || {
            tables::fill(index, &chunk.events, system, shape.circuits.shape())
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
            Ok(self.engine.fold.shrink(shape.index, &proof)?)
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

    fn decode_chunk(&self, chunk: &PlannedChunk, bytes: &[u8]) -> Result<Folded, String> {
        let events = &chunk.events;
        let expected =
            ChunkStatement::new(&events.start, &events.end, events.chain_id, events.rules);
        self.decode(bytes, &expected)
    }

    fn decode_fold(&self, left: &Folded, right: &Folded, bytes: &[u8]) -> Result<Folded, String> {
        let left = left.statement().map_err(|error| error.to_string())?;
        let right = right.statement().map_err(|error| error.to_string())?;
        let expected = ChunkStatement {
            start: left.start,
            end: right.end,
            chain_id: left.chain_id,
            rules: left.rules,
        };
        self.decode(bytes, &expected)
    }
}

impl JobEngine<'_> {
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
