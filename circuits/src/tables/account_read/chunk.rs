//! What chunks need to know of `account_read`.

use braid_stark::Trace;

use super::{AccountRead, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for AccountRead {
    fn claim(&self) -> &'static str {
        "BALANCE, EXTCODESIZE, EXTCODEHASH and SELFBALANCE push what accounts are, or lack the gas for it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
