//! What chunks need to know of `code_hash`.

use braid_stark::Trace;

use super::{CodeHash, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::state_hash::BYTECODE_CHUNK;
use crate::tables::code::padded_size;

/// Hashes of a code beside those of its bytes: of hash and size, and of that with the hash of the bytes.
const IDENTITY_HASHES: usize = 2;

impl ChunkTable for CodeHash {
    fn claim(&self) -> &'static str {
        "bytecodes have these sizes and these digests of an account's code part"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Code(code) = part {
            let size = code.bytes.len();
            // An unused row before all codes and one after are counted for each.
            asked.rows(padded_size(size) / BYTECODE_CHUNK + 2);
            let hashes = size.div_ceil(BYTECODE_CHUNK) + IDENTITY_HASHES;
            asked.claims(tag::Poseidon, hashes);
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&filling.events.codes)
    }
}
