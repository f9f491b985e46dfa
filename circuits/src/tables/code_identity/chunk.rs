//! What chunks need to know of `code_identity`.

use alloy_primitives::{Address, U256};
use braid_stark::{Tag, Trace};

use super::{CodeIdentityTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

/// Hashes of a row.
const HASHES: usize = 2;

/// Takes down that the code part of this account is asked about.
pub(crate) fn ask(asked: &mut Asked<'_>, address: Address) {
    let limbs = U256::from_be_bytes(address.into_word().0).into_limbs();
    let [first, second, third, _] = limbs;
    asked.distinct(tag::CodeIdentity, [first, second, third, 0, 0], 1);
    asked.claims(tag::Poseidon, HASHES);
}

impl ChunkTable for CodeIdentityTable {
    fn claim(&self) -> &'static str {
        "bytecodes of accounts have these hashes and sizes"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.rows_of_distinct(tag::CodeIdentity)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::CodeIdentity]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::CodeIdentity]), filling.events)
    }
}
