//! What is to be proved, and what comes out.

use braid_circuits::event::ChunkEvents;
use braid_verifier::Proof;

use crate::tables::{self, TableRows};

/// Executed blocks, cut into chunks.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The shape of all chunks.
    pub shape: tables::Shape,
    /// The chunks in order.
    pub chunks: Vec<ChunkEvents>,
    /// What it is about.
    pub summary: Summary,
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
    /// Their shape's name.
    pub shape: String,
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
