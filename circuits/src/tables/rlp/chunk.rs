//! What chunks need to know of `rlp`.

use braid_stark::Trace;

use super::{Rlp, generate, rows};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::keccak_sponge;

/// A plain transfer takes about 120; as many again are for calldata and access lists.
const ROWS_PER_TRANSFER: usize = 240;

impl ChunkTable for Rlp {
    fn claim(&self) -> &'static str {
        "the published bytes parse, strictly, to these fields and this signing payload"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_transfer(ROWS_PER_TRANSFER)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Transaction(event) = part {
            // What the table cannot read fits nowhere.
            asked.rows(rows(&event.raw).unwrap_or(usize::MAX));
            keccak_sponge::ask_published(asked, event.raw.len());
            keccak_sponge::ask(asked, event.signing_payload.len());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        generate(events.start.published.position(), &events.transactions)
    }
}
