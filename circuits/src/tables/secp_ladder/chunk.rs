//! What chunks need to know of `secp_ladder`.

use braid_stark::{Tag, Trace};

use super::{BLOCK, SecpLadder};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::ecdsa;

/// The rows, which `ecdsa` finds together with its own and leaves here: only the ladder tells which multiple of the scalars
/// and which offset will do.
pub struct LadderRows(pub Trace);

impl ChunkTable for SecpLadder {
    fn claim(&self) -> &'static str {
        "a linear combination of points of secp256k1 vanishes"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_transfer(BLOCK)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        asked.rows(ecdsa::signatures(part).saturating_mul(BLOCK));
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::LadderScalars]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let rows = filling.take::<LadderRows>();
        let missing = || Error::Events("nobody asked for ladders".to_owned());
        rows.map(|rows| rows.0).ok_or_else(missing)
    }
}
