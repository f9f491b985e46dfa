//! What chunks need to know of `ecdsa`.

use braid_stark::Trace;

use super::{Ecdsa, EcdsaRequest, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::TransactionEvent;
use crate::execution::{LowSignature, PerformedRecovery};
use crate::tables::keccak_sponge;
use crate::tables::secp_ladder::LadderRows;

/// Sums that a row claims at most.
const SUMS: usize = 6;
/// Products modulo the group's order that a row claims.
const MODULAR_PRODUCTS: usize = 4;
/// Bytes of a public key that are hashed.
const PUBLIC_KEY_BYTES: usize = 64;

impl ChunkTable for Ecdsa {
    fn claim(&self) -> &'static str {
        "signatures recover to these addresses, or to infinity, with r and s in range and s low"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.few()
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        for _ in 0..signatures(part) {
            asked.rows(1);
            asked.claims(tag::Add, SUMS);
            asked.claims(tag::MulMod, MODULAR_PRODUCTS);
            keccak_sponge::ask(asked, PUBLIC_KEY_BYTES);
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let mut requests: Vec<_> = filling.events.transactions.iter().map(request).collect();
        if !filling.events.executions.is_empty() {
            let recoveries = &filling.execution()?.recoveries;
            requests.extend(recoveries.iter().filter_map(recovery));
        }
        let generated = generate(&requests)?;
        filling.leave(LadderRows(generated.ladder));
        Ok(generated.ecdsa)
    }
}

/// Signatures of a part of a chunk: of transactions, and those that code looks at.
pub(crate) fn signatures(part: Part<'_>) -> usize {
    match part {
        Part::Transaction(_) => 1,
        Part::Run(execution) => {
            let recoveries = execution.recoveries.iter();
            recoveries.filter_map(recovery).count()
        }
        _ => 0,
    }
}

/// A signature that code looks at, if it is one, or one of infinity.
fn recovery(performed: &PerformedRecovery) -> Option<EcdsaRequest> {
    let LowSignature {
        odd_y,
        s,
        key,
        infinite,
    } = performed.signature()?;
    Some(EcdsaRequest {
        hash: performed.hash,
        odd_y,
        r: performed.r,
        s,
        public_key_x: key.x,
        public_key_y: key.y,
        address: key.address(),
        infinite,
    })
}

fn request(event: &TransactionEvent) -> EcdsaRequest {
    EcdsaRequest {
        hash: event.signing_hash,
        odd_y: event.odd_y,
        r: event.r,
        s: event.s,
        public_key_x: event.public_key_x,
        public_key_y: event.public_key_y,
        address: event.sender,
        infinite: false,
    }
}
