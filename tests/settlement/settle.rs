//! Blocks are settled as Rust executed them.

use alloy_primitives::{LogData, U256, keccak256};
use braid::contract::local::SENDER;
use braid::contract::{Batch, call};
use braid::execution::Execution;
use braid::sample::SampleConfig;
use braid::workload::{Preset, generate};
use braid::{BlockFile, settlement};

use crate::support::{Settlement, execute, sample};

fn settles(execution: &Execution) {
    let mut settlement = Settlement::new(execution, b"some proof");
    let (rollup, end) = (settlement.rollup, settlement::checkpoint(&execution.end()));
    let batch = settlement.batch.clone();
    assert_eq!(
        settlement.chain.public_values(rollup, &batch),
        Ok(settlement.values)
    );
    let genesis = settlement::checkpoint(&execution.start);
    assert_eq!(settlement.chain.checkpoint(rollup), Ok(genesis));

    let calldata = settlement.calldata();
    let receipt = settlement.chain.transact(rollup, calldata.clone()).unwrap();
    assert_eq!(settlement.chain.checkpoint(rollup), Ok(end));

    // The event: two numbers and who settled as topics, two hashes as data.
    let number = |number: u64| U256::from(number).into();
    let topics = vec![
        keccak256("Settled(uint64,uint64,address,bytes32,bytes32)"),
        number(settlement.values.first_block),
        number(settlement.values.last_block),
        SENDER.into_word(),
    ];
    let data = [end.block_hash, end.state_root].concat().into();
    assert_eq!(receipt.logs.len(), 1);
    assert_eq!(receipt.logs[0].data, LogData::new_unchecked(topics, data));

    // Whoever reads the calldata has the blocks: their transactions, byte for byte, and what else their hashes are made of.
    let (batch, proof) = call::read_settle(&calldata).unwrap();
    assert_eq!(proof.as_ref(), b"some proof");
    let published = Batch::decode(&batch).unwrap();
    assert_eq!(published, settlement::batch(execution).unwrap());
    for (published, block) in published.blocks.iter().zip(&execution.blocks) {
        let raw = block
            .transactions
            .iter()
            .map(|transaction| &transaction.raw);
        assert!(published.transactions.iter().eq(raw));
    }
}

#[test]
fn sample_blocks() {
    settles(&sample("three_blocks.json"));
    settles(&sample("transfers.json"));
}

#[test]
fn blocks_with_logs() {
    let file = generate(&Preset::Mixed.config(60, 3)).unwrap().file;
    let execution = execute(&file);
    let batch = settlement::batch(&execution).unwrap();
    assert!(batch.blocks.iter().any(|block| !block.log_chain.is_zero()));
    settles(&execution);
}

#[test]
fn many_blocks() {
    let config = SampleConfig {
        blocks: 20,
        ..SampleConfig::new(11, 50)
    };
    settles(&execute(&braid::sample::sample(&config).unwrap()));
}

/// Blocks may be cut into batches anywhere; each proof then leads from one batch's end to the next one's.
#[test]
fn batch_after_batch() {
    let file = BlockFile::read(&crate::support::repository(
        "examples/blocks/three_blocks.json",
    ))
    .unwrap();
    let whole = execute(&file);
    let part = |from: usize, to: usize| Execution {
        chain_id: whole.chain_id,
        rules: whole.rules,
        start: match from {
            0 => whole.start,
            _ => whole.blocks[from - 1].end,
        },
        blocks: whole.blocks[from..to].to_vec(),
    };
    for cut in 1..whole.blocks.len() {
        // The verifier knows one proof only: settle the first part on one rollup, and the second on one that begins there.
        for part in [part(0, cut), part(cut, whole.blocks.len())] {
            settles(&part);
        }
    }
}
