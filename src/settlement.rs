//! From executed blocks to what is published and settled on chain; [`crate::contract`] says how it is sent.

use alloy_primitives::{B256, Bytes};
use braid_contract::{Batch, PublishedBlock, call};
use braid_verifier::wrap::WrappedProof;
use braid_verifier::{PublicValues, STATEMENT_VERSION};
use braid_witness::execution::blocks::advance;

use crate::error::{Error, Result};
use crate::execution::{ExecutedBlock, Execution};
use crate::{Checkpoint, digest_bytes, state_root_bytes};

/// A position between two blocks, as the settlement contract holds it.
pub fn checkpoint(position: &Checkpoint) -> braid_contract::Checkpoint {
    braid_contract::Checkpoint {
        block_hash: position.block_hash,
        state_root: state_root_bytes(position),
        number: position.block.number,
        timestamp: position.block.timestamp,
    }
}

/// The batch that publishes executed blocks.
///
/// # Errors
/// [`crate::Error::Contract`] if a block has a base fee of 2^64 or above, which no block file has.
pub fn batch(execution: &Execution) -> Result<Batch> {
    let mut batch = Batch {
        chain_id: execution.chain_id,
        first_block: execution.start.block.number.saturating_add(1),
        previous_block_hash: execution.start.block_hash,
        blocks: Vec::with_capacity(execution.blocks.len()),
    };
    let mut parent = execution.start;
    for block in &execution.blocks {
        batch.blocks.push(published(&parent, block)?);
        parent = block.end;
    }
    Ok(batch)
}

/// What is sent to the contracts for proved blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// To the verifier: asks whether the proof holds.
    pub verify: Bytes,
    /// To the rollup: publishes the blocks and settles them.
    pub settle: Bytes,
}

/// Calldata for executed blocks and their proof.
///
/// # Errors
/// As [`batch`]; [`crate::Error::OtherBlocks`] if the proof is of other blocks.
pub fn calls(execution: &Execution, proof: &WrappedProof) -> Result<Calls> {
    let values = public_values(execution);
    if proof.public_values != values {
        return Err(Error::OtherBlocks);
    }
    Ok(Calls {
        verify: call::verify(&values, &proof.proof),
        settle: call::settle(&batch(execution)?.encode()?, &proof.proof),
    })
}

/// What the final proof of executed blocks has to say.
pub fn public_values(execution: &Execution) -> PublicValues {
    let (start, end) = (execution.start, execution.end());
    PublicValues {
        version: STATEMENT_VERSION,
        chain_id: execution.chain_id,
        rules: execution.rules,
        prev_block_hash: start.block_hash,
        block_hash: end.block_hash,
        prev_state_root: state_root_bytes(&start),
        state_root: state_root_bytes(&end),
        first_block: start.block.number.saturating_add(1),
        last_block: end.block.number,
        message_root: B256::ZERO,
        deposit_chain: B256::ZERO,
    }
}

/// The position before a block is sealed: after all of its transactions, with the state before them.
pub fn before_sealing(parent: &Checkpoint, block: &ExecutedBlock) -> Checkpoint {
    let mut open = Checkpoint {
        block: block.environment,
        open: true,
        ..*parent
    };
    for (transaction, outcome) in block.transactions.iter().zip(&block.execution.transactions) {
        let receipt = &outcome.receipt;
        advance(&mut open, &transaction.raw, receipt.gas_used, &receipt.logs);
    }
    open
}

fn published(parent: &Checkpoint, block: &ExecutedBlock) -> Result<PublishedBlock> {
    let environment = &block.environment;
    let open = before_sealing(parent, block);
    let too_large = |_| braid_contract::Error::BaseFeeTooLarge {
        number: environment.number,
        base_fee: environment.base_fee,
    };
    Ok(PublishedBlock {
        timestamp: environment.timestamp,
        gas_limit: environment.gas_limit,
        gas_used: open.gas_used,
        base_fee: environment.base_fee.try_into().map_err(too_large)?,
        coinbase: environment.coinbase,
        prev_randao: environment.prev_randao,
        blob_base_fee: environment.blob_base_fee,
        log_chain: digest_bytes(&open.log_chain),
        state_root: state_root_bytes(&block.end),
        transactions: block
            .transactions
            .iter()
            .map(|each| each.raw.clone())
            .collect(),
    })
}
