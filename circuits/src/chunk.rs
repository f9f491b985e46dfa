//! From the events of a chunk to the filled tables and the public values.

use braid_stark::lookup::fill_multiplicities;
use braid_stark::{AnyTable, Felt, System, Trace};

use crate::claims::Claims;
use crate::error::Error;
use crate::event::{ChunkEvents, TransferEvent};
use crate::state_hash::HashInput;
use crate::statement::{CheckpointLimbs, ChunkStatement};
use crate::tables::arith::{self, Arith};
use crate::tables::block::{self, BlockTable, working_block};
use crate::tables::ecdsa::{self, Ecdsa, EcdsaRequest};
use crate::tables::keccak_f::KeccakF;
use crate::tables::keccak_sponge::{self, KeccakSponge};
use crate::tables::poseidon::{self, Poseidon};
use crate::tables::range8::{self, Range8};
use crate::tables::range16::{self, Range16};
use crate::tables::rlp::{self, Rlp};
use crate::tables::secp_base::{self, SecpBase};
use crate::tables::secp_ladder::SecpLadder;
use crate::tables::state::{self, State};
use crate::tables::transaction::{self, TransactionTable};
use crate::tables::tree::Tree;
use crate::word::u64_limbs;

/// The filled tables of one chunk, not padded yet, and its public values.
#[derive(Clone, Debug)]
pub struct ChunkTraces {
    traces: Vec<(&'static str, Trace)>,
    public: Vec<Felt>,
}

/// The public values of a chunk: `start ‖ end ‖ chain id` ([`ChunkStatement`]).
pub fn public_values(events: &ChunkEvents) -> Vec<Felt> {
    let statement = ChunkStatement {
        start: CheckpointLimbs::from(&events.start),
        end: CheckpointLimbs::from(&events.end),
        chain_id: u64_limbs(events.chain_id),
    };
    statement.as_slice().to_vec()
}

fn signature_of(event: &TransferEvent) -> EcdsaRequest {
    EcdsaRequest {
        hash: event.signing_hash,
        odd_y: event.odd_y,
        r: event.r,
        s: event.s,
        public_key_x: event.public_key_x,
        public_key_y: event.public_key_y,
        address: event.sender,
    }
}

/// Fills all tables.
///
/// # Errors
/// [`Error::Events`] when the events contradict themselves or claim what no row can show.
pub fn generate(events: &ChunkEvents) -> Result<ChunkTraces, Error> {
    let start = &events.start;
    let block = working_block(events);
    let transactions = transaction::generate(events, &block, start.gas_used, start.tx_chain)?;
    let block = block::generate(events, transactions.gas_used, transactions.tx_chain);
    let rlp = rlp::generate(&events.transactions)?;
    let signatures: Vec<_> = events.transactions.iter().map(signature_of).collect();
    let signatures = ecdsa::generate(&signatures)?;

    let mut claims = Claims::default();
    claims.read(&TransactionTable, &transactions.trace);
    claims.read(&BlockTable, &block);
    claims.read(&Rlp, &rlp);
    claims.read(&Ecdsa, &signatures.ecdsa);
    let hashes = keccak_sponge::generate(&claims.hashes()?)?;
    let arith = arith::generate(claims.operations())?;

    let state = state::generate(
        &events.accounts,
        &transactions.last_timestamps,
        start.state_root,
    )?;
    let permutations: &[HashInput] = &state.hashes;
    let poseidon = poseidon::generate(permutations);

    Ok(ChunkTraces {
        traces: vec![
            (Range16.name(), range16::generate()),
            (Range8.name(), range8::generate()),
            (BlockTable.name(), block),
            (TransactionTable.name(), transactions.trace),
            (Rlp.name(), rlp),
            (KeccakSponge.name(), hashes.sponge),
            (KeccakF.name(), hashes.keccak_f),
            (Ecdsa.name(), signatures.ecdsa),
            (SecpBase.name(), secp_base::generate()),
            (SecpLadder.name(), signatures.ladder),
            (Arith.name(), arith),
            (State.name(), state.state),
            (Tree.name(), state.tree),
            (Poseidon.name(), poseidon),
        ],
        public: public_values(events),
    })
}

impl ChunkTraces {
    /// The public values.
    pub fn public(&self) -> &[Felt] {
        &self.public
    }

    /// Used rows by table.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.traces
            .iter()
            .map(|(name, trace)| (*name, trace.height()))
    }

    /// The least log2 heights that hold the traces, in the order of `system`'s tables.
    pub fn least_log_heights(&self, system: &System) -> Vec<usize> {
        let heights = system.tables.iter().map(|table| {
            let rows = self
                .traces
                .iter()
                .find(|t| t.0 == table.name())
                .map_or(0, |t| t.1.height());
            let height = rows.max(table.min_height()).max(2).next_power_of_two();
            height.ilog2() as usize
        });
        heights.collect()
    }

    /// Pads the traces to `2^log_heights` rows, in the order of `system`'s tables, and counts the lookups.
    ///
    /// # Errors
    /// When a trace is missing or does not fit, or something is looked up that does not exist.
    pub fn pad(mut self, system: &System, log_heights: &[usize]) -> Result<Vec<Trace>, Error> {
        let mut padded = Vec::with_capacity(system.tables.len());
        for (table, log_height) in system.tables.iter().zip(log_heights) {
            let found = self
                .traces
                .iter_mut()
                .find(|(name, _)| *name == table.name());
            let Some((_, trace)) = found else {
                return Err(Error::Events(format!(
                    "table {} has no trace",
                    table.name()
                )));
            };
            let mut trace = core::mem::replace(trace, Trace::new(0));
            let (rows, height) = (trace.height(), 1 << log_height);
            if rows > height {
                let table = table.name();
                return Err(braid_stark::Error::TooManyRows {
                    table,
                    rows,
                    height,
                }
                .into());
            }
            table.pad(&mut trace, height);
            padded.push(trace);
        }
        fill_multiplicities(system, &mut padded)?;
        Ok(padded)
    }
}
