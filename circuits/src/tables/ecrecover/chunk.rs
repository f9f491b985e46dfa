//! What chunks need to know of `ecrecover`.

use braid_stark::Trace;

use super::{Ecrecover, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::{ECRECOVER, PerformedRecovery, precompile_calls};
use crate::secp256k1::recover::Recovery;

/// What a call claims of products and sums, beside what `ecdsa` does.
fn ask(asked: &mut Asked<'_>, recovery: &PerformedRecovery) {
    let (products, sums) = match recovery.found {
        Recovery::NoPoint => (4, 2),
        Recovery::LargeR | Recovery::LargeS => (0, 1),
        Recovery::Key(_) | Recovery::Infinite => (0, 1),
        Recovery::WrongV | Recovery::ZeroR | Recovery::ZeroS => (0, 0),
    };
    asked.claims(tag::MulMod, products);
    asked.claims(tag::Add, sums);
}

impl ChunkTable for Ecrecover {
    fn claim(&self) -> &'static str {
        "calls of the precompile at address 1 find the address that signed, or that there is none, or lack the gas for it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(1)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(precompile_calls(execution, ECRECOVER).count());
            for recovery in &execution.recoveries {
                ask(asked, recovery);
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
