//! What is to be proved, and what comes out.

use std::collections::BTreeMap;

use braid_prover::progress::counted;
use braid_verifier::Proof;

use crate::cutting::PlannedChunk;
use crate::error::{Error, Result};
use crate::tables::{Shape, TableRows};

/// Executed blocks, cut into chunks.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The shapes in use.
    pub shapes: Vec<Shape>,
    /// The chunks in order, each with its shape.
    pub chunks: Vec<PlannedChunk>,
    /// What it is about.
    pub summary: Summary,
}

impl Plan {
    /// The shape of one of its chunks.
    pub(super) fn shape_of(&self, chunk: &PlannedChunk) -> Result<&Shape> {
        let unknown = || Error::Internal("a chunk of a shape that is not in the plan".to_owned());
        self.shapes.get(chunk.shape).ok_or_else(unknown)
    }
}

/// How many chunks have each shape.
pub(super) fn chunks_by_shape(
    shapes: &[Shape],
    chunks: &[PlannedChunk],
) -> BTreeMap<String, usize> {
    let of_shape = |place| chunks.iter().filter(|chunk| chunk.shape == place).count();
    let shapes = shapes.iter().enumerate();
    shapes
        .map(|(place, shape)| (shape.name.clone(), of_shape(place)))
        .collect()
}

/// A block file in numbers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Blocks.
    pub blocks: usize,
    /// Transactions in all blocks.
    pub transactions: usize,
    /// Gas that they used.
    #[serde(serialize_with = "braid_text::quantity::serialize")]
    pub gas_used: u64,
    /// Chunks.
    pub chunks: usize,
    /// How many of them have which shape, by its name.
    pub shapes: BTreeMap<String, usize>,
}

impl Summary {
    /// For people: how many chunks of which shapes.
    pub fn chunks_of_shapes(&self) -> String {
        let shapes = self.shapes.iter();
        match self.shapes.len() {
            1 => {
                let names: String = self.shapes.keys().cloned().collect();
                format!("{} of shape {names}", counted(self.chunks, "chunk"))
            }
            _ => {
                let each: Vec<_> = shapes
                    .map(|(name, count)| format!("{count} {name}"))
                    .collect();
                format!("{} ({})", counted(self.chunks, "chunk"), each.join(", "))
            }
        }
    }
}

/// A proof of a whole block file.
#[derive(Clone, Debug)]
pub struct Proved {
    /// The proof; verified already.
    pub proof: Proof,
    /// What it is about.
    pub summary: Summary,
}

/// What the checker found out about one chunk.
#[derive(Clone, Debug)]
pub struct CheckedChunk {
    /// Rows that each table used and has.
    pub tables: Vec<TableRows>,
}
