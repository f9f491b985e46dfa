//! What chunks need to know of `state`.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use braid_stark::{Tag, Trace};

use super::{LastAccess, State, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::word::{ADDRESS_LIMBS, address_of, u64_of};

/// A swap touches four accounts in 1,800 steps.
const ROWS_PER_STEPS: usize = 2;
/// Hashes that a row claims at most: the key, and on each side the numbers and the value.
const HASHES: usize = 5;

impl ChunkTable for State {
    fn claim(&self) -> &'static str {
        "each account has one first and one last version, tied to its value hashes before and after"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.few().max(size.per_steps(ROWS_PER_STEPS))
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Account = part {
            asked.rows(1);
            asked.claims(tag::Poseidon, HASHES);
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::StampedAccount]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        let last = last_accesses(&filling.claims);
        generate(&events.accounts, &last, events.first_account_update())
    }
}

/// The stamp and the timestamp of each account's last access: every access sends a version with its own.
fn last_accesses(claims: &Claims) -> BTreeMap<Address, LastAccess> {
    let mut last: BTreeMap<Address, LastAccess> = BTreeMap::new();
    for message in claims.of(&[tag::StampedAccount]) {
        let (address, rest) = message.payload.split_at(ADDRESS_LIMBS);
        let (_, stamps) = rest.split_at(rest.len() - 2);
        let found = LastAccess {
            timestamp: u64_of(&stamps[1..]),
            transaction: u64_of(&stamps[..1]),
        };
        let known = last.entry(address_of(address)).or_insert(found);
        *known = found.max(*known);
    }
    last
}
