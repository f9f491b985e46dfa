//! What `block` says of logs: where their count and their chain begin and end.

use braid_circuits::bus::Message;
use braid_circuits::event::ChunkEvents;
use braid_circuits::execution::Execution;
use braid_circuits::state_hash::logs::{log_chain, log_data};
use braid_stark::Felt;
use plonky2::field::types::Field;

use super::{Balance, add};

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// What it says: the last chain is that over the logs of the receipts.
pub fn others_on_logs(execution: &Execution, events: &ChunkEvents, balance: &mut Balance) {
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    let counted = |count, timestamp| Message::LogCount {
        count: felt(count),
        timestamp: felt(timestamp),
    };
    let chained = |index, chain: [u64; 4]| Message::LogChain {
        index: felt(index),
        chain: chain.map(felt),
    };
    let receipts = events.executions.iter().map(|trace| &trace.receipt);
    let logs: Vec<_> = receipts.flat_map(|receipt| &receipt.logs).collect();
    let start = events.start.log_chain;
    let end = logs.iter().fold(start, |chain, log| {
        log_chain(chain, log.address, &log.topics, log_data(&log.data))
    });
    let count = logs.len() as u64;
    let last = execution.logs.iter().rfind(|log| log.survives.is_some());
    let logged = last.map_or(0, |log| 2 * log.clock + 1);
    add(balance, send, counted(0, 0).into());
    add(balance, receive, counted(count, logged).into());
    add(balance, send, chained(0, start).into());
    add(balance, receive, chained(count, end).into());
}
