//! One shape's circuits as the pipeline's proof system.

use braid_circuits::event::ChunkEvents;
use braid_circuits::statement::ChunkStatement;
use braid_prover::pipeline::ProofSystem;
use braid_prover::progress::{Event, Progress, Step, Work, step};
use braid_stark::{Felt, Shape};

use super::{Engine, Folded, ShapeCircuits, internal, prover_error};
use crate::error::{Error, Result};
use crate::tables;

/// The proof system of one shape.
pub(crate) struct ShapeEngine<'a> {
    pub(super) engine: &'a Engine,
    pub(super) index: usize,
    pub(super) circuits: &'a ShapeCircuits,
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
        self.engine.largest_work(self.index).unwrap_or(u64::MAX)
    }

    fn fold_memory(&self) -> u64 {
        self.engine.fold_memory()
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
        let expected = ChunkStatement::new(&chunk.start, &chunk.end, chunk.chain_id, chunk.rules);
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
