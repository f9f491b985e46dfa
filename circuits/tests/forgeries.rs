//! A cheating operator's scenarios, each with the label that stops it.

mod common;

use alloy_primitives::B256;
use braid_circuits::event::ChunkEvents;
use braid_circuits::statement::CHECKPOINT_WIDTH;
use braid_circuits::tables::block::BlockColumns;
use braid_circuits::tables::rlp::RlpColumns;
use braid_circuits::tables::state::StateColumns;
use braid_circuits::tables::transaction::TransactionColumns;
use braid_stark::Felt;
use braid_stark::check::{Report, interactions_of};
use common::{Filled, one_chunk};
use plonky2::field::types::Field;

/// Lets `forge` change the filled tables; `label` must be among what the checker finds.
fn assert_forged(label: &str, forge: impl FnOnce(&mut Filled)) {
    let mut filled = Filled::of(&one_chunk());
    forge(&mut filled);
    assert_found(&filled.report(), label);
}

/// Lets `forge` change the events, so that the tables are filled coherently from the lie.
fn assert_events_forged(label: &str, forge: impl FnOnce(&mut ChunkEvents)) {
    let mut events = one_chunk();
    forge(&mut events);
    assert_found(&Filled::of(&events).report(), label);
}

fn assert_found(report: &Report, label: &str) {
    assert!(report.mentions(label), "expected {label}, found:\n{report}");
}

fn transaction(filled: &mut Filled, row: usize) -> &mut TransactionColumns<Felt> {
    filled.row("transaction", row)
}

#[test]
fn balance_out_of_nowhere() {
    // A richer account before the chunk is not the one that the start's root commits to.
    assert_forged("Poseidon", |filled| {
        let row: &mut StateColumns<Felt> = filled.row("state", 0);
        row.before.balance[0] += Felt::ONE;
    });
    // A richer account after an access: the claim to `arith` is false.
    assert_forged("Add", |filled| {
        transaction(filled, 0).recipient.balance_after[0] += Felt::ONE;
    });
    // A richer account after the chunk than its last access left.
    assert_forged("StampedAccount", |filled| {
        let row: &mut StateColumns<Felt> = filled.row("state", 0);
        row.after.balance[0] += Felt::ONE;
    });
}

#[test]
fn replayed_nonce() {
    // The same transaction twice: its nonce is not the account's any more.
    assert_events_forged("transaction/nonce", |events| {
        let again = events.transactions[0].clone();
        events.transactions.insert(1, again);
    });
    assert_forged("StampedAccount", |filled| {
        let row = transaction(filled, 1);
        row.sender.before.account.nonce[0] -= Felt::ONE;
    });
}

#[test]
fn wrong_sender() {
    assert_forged("Recover", |filled| {
        transaction(filled, 0).sender_address[0] += Felt::ONE;
    });
    assert_forged("Recover", |filled| {
        transaction(filled, 0).signing_hash[3] += Felt::ONE;
    });
}

#[test]
fn other_bytes_than_published() {
    // Bytes of another place, and other bytes: what is published is one string without gaps.
    assert_forged("TransactionShape", |filled| {
        transaction(filled, 1).published += Felt::ONE;
    });
    assert_forged("BlockProgress", |filled| {
        transaction(filled, 1).published += Felt::ONE;
    });
    assert_forged("HashByte", |filled| {
        filled.row::<RlpColumns<Felt>>("rlp", 3).byte += Felt::ONE;
    });
    assert_forged("Digest", |filled| {
        filled
            .row::<BlockColumns<Felt>>("block", 0)
            .transactions_hash[0] += Felt::ONE;
    });
    assert_forged("TransactionField", |filled| {
        transaction(filled, 0).signed.value[0] += Felt::ONE;
    });
    assert_forged("TransactionField", |filled| {
        transaction(filled, 0).signed.to[1] += Felt::ONE;
    });
    assert_forged("TransactionShape", |filled| {
        transaction(filled, 0).signed.nonzero_bytes -= Felt::ONE;
    });
}

#[test]
fn skipped_write() {
    // The state keeps an account as it was although a transaction changed it.
    assert_forged("StampedAccount", |filled| {
        let row: &mut StateColumns<Felt> = filled.row("state", 0);
        row.after = row.before;
    });
}

#[test]
fn stale_read() {
    // An access that reads the version before the last one.
    assert_forged("StampedAccount", |filled| {
        let row = transaction(filled, 3);
        row.coinbase.accessed -= Felt::from_canonical_u64(4);
    });
}

#[test]
fn swapped_order() {
    // Rows in another order are the same chain; ordinals in another order are not.
    assert_forged("BlockProgress", |filled| {
        let first = transaction(filled, 0).ordinal;
        let second = transaction(filled, 1).ordinal;
        transaction(filled, 0).ordinal = second;
        transaction(filled, 1).ordinal = first;
    });
}

#[test]
fn left_out_transaction() {
    assert_forged("BlockProgress", |filled| filled.clear("transaction", 0));
}

#[test]
fn wrong_fee() {
    assert_forged("Mul", |filled| {
        transaction(filled, 0).fees.gas_cost[0] -= Felt::ONE
    });
    assert_forged("Environment", |filled| {
        transaction(filled, 0).environment.base_fee[0] -= Felt::ONE;
    });
    assert_forged("transaction/intrinsic gas", |filled| {
        transaction(filled, 0).gas.spent -= Felt::ONE;
    });
    assert_forged("Mul", |filled| {
        transaction(filled, 0).fees.reward[0] += Felt::ONE
    });
}

#[test]
fn forged_root() {
    assert_events_forged("StateRoot", |events| events.end.state_root[0] ^= 1);
    assert_events_forged("Digest", |events| {
        events.end.block_hash = B256::repeat_byte(7)
    });
    assert_forged("StateRoot", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.start.state_root[0] += Felt::ONE;
    });
}

#[test]
fn forged_environment() {
    assert_forged("block/environment kept", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.opens = Felt::ZERO;
        row.is_open = Felt::ONE;
    });
    assert_forged("Add", |filled| {
        let row: &mut BlockColumns<Felt> = filled.row("block", 0);
        row.block.number[0] += Felt::ONE;
    });
}

#[test]
fn every_public_value_counts() {
    let mut filled = Filled::of(&one_chunk());
    let block = filled.system.position("block").expect("the block table");
    let taken: Vec<_> =
        interactions_of(filled.system.tables[block].as_ref(), &filled.traces[block])
            .into_iter()
            .map(|(_, interaction)| (interaction.message.payload, interaction.multiplicity))
            .collect();
    // Whatever the public values say, the one row of `block` takes, and nothing else.
    let said = |public: &[Felt]| -> Vec<_> {
        let interactions = filled.system.public.interactions_felt(public).into_iter();
        interactions
            .map(|i| (i.message.payload, -i.multiplicity))
            .collect()
    };
    let matches = |public: &[Felt]| said(public).iter().all(|message| taken.contains(message));
    assert!(matches(&filled.public));
    for index in 0..filled.public.len() {
        let mut public = filled.public.clone();
        public[index] += Felt::ONE;
        assert!(!matches(&public), "public value {index}");
    }
    filled.public[0] += Felt::ONE;
    assert_found(&filled.report(), "ChunkStart");
    filled.public[0] -= Felt::ONE;
    filled.public[CHECKPOINT_WIDTH] += Felt::ONE;
    assert_found(&filled.report(), "ChunkEnd");
}
