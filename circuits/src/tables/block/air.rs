//! Constraints of the block table.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Expression, Row, Table};

use super::columns::{BlockColumns, CanonicalSplit};
use crate::bus::{Message, string, tag};
use crate::event::opcode::{
    BASEFEE, BLOBBASEFEE, CHAINID, COINBASE, GASLIMIT, NUMBER, PREVRANDAO, TIMESTAMP,
};
use crate::hash_leaf::{claim_key, claim_value};
use crate::statement::CheckpointLimbs;
use crate::word::{Word, widen};

/// The words of a block header, in order: [`crate::tables::block`].
pub(super) const HEADER_WORDS: u64 = 12;

/// The clock at which the first transaction of a chunk begins: first versions have earlier times.
pub(crate) const FIRST_CLOCK: u64 = 1;

/// Opcodes that ask for a value of the block, ascending.
pub const BLOCK_VALUES: [u8; 8] = [
    COINBASE,
    TIMESTAMP,
    NUMBER,
    PREVRANDAO,
    GASLIMIT,
    CHAINID,
    BASEFEE,
    BLOBBASEFEE,
];

/// The column that counts lookups of the rules: the last one.
const COUNT: usize = BlockColumns::<u8>::WIDTH - 1;

/// The block table.
#[derive(Clone, Copy, Debug)]
pub struct BlockTable;

impl Table for BlockTable {
    fn name(&self) -> &'static str {
        "block"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<BlockColumns<()>>()
    }

    fn lookups(&self) -> Vec<Lookup> {
        vec![Lookup {
            tag: tag::Rules,
            multiplicity: COUNT,
            rows: OfferedBy::Search,
        }]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let row: &BlockColumns<B::X> = row.local();
        let flags = [
            ("block/used", row.used),
            ("block/is open", row.is_open),
            ("block/opens", row.opens),
            ("block/seals", row.seals),
        ];
        for (label, flag) in flags {
            builder.assert_bool(label, flag);
        }
        // A block is open during the chunk if it was or is opened, not both; only an open block can be sealed.
        let active = row.is_open + row.opens;
        builder.assert_zero("block/active once", active * row.used.not());
        builder.assert_bool("block/active once", active);
        builder.assert_zero("block/seals what is open", row.seals * active.not());

        eval_opening(row, active, builder);
        eval_parent(row, builder);
        eval_progress(row, active, builder);
        eval_logs(row, active, builder);
        eval_sealing(row, builder);
        eval_values(row, builder);
        eval_checkpoints(row, builder);
    }
}

fn eval_opening<B: ConstraintBuilder>(row: &BlockColumns<B::X>, active: B::X, builder: &mut B) {
    for value in row.start.open_block() {
        builder.assert_zero("block/closed is zero", row.is_open.not() * *value);
    }
    // Limbs below 2^32: the sum is zero only if both are.
    let gas_limit: B::X = row.block.gas_limit.into_iter().sum();
    builder.assert_eq(
        "block/open has gas",
        gas_limit * row.gas_limit_inverse,
        active,
    );
    builder.assert_zero(
        "block/gas inverse unused",
        active.not() * row.gas_limit_inverse,
    );

    let (start, block) = (&row.start, &row.block);
    let kept = [
        (&block.number[..], &start.number[..]),
        (&block.timestamp, &start.timestamp),
        (&block.coinbase, &start.coinbase),
        (&block.gas_limit, &start.gas_limit),
        (&block.base_fee, &start.base_fee),
        (&block.prev_randao, &start.prev_randao),
        (&block.blob_base_fee, &start.blob_base_fee),
    ];
    for (block, start) in kept {
        for (block, start) in block.iter().zip(start) {
            builder.assert_eq_when("block/environment kept", row.opens.not(), *block, *start);
        }
    }
    for limb in row.time_passed {
        builder.assert_zero("block/time unused", row.opens.not() * limb);
    }
    let mut add = |a: &[B::X], b: &[B::X], c: &[B::X]| {
        let (a, b, c) = (widen(a), widen(b), widen(c));
        builder.send(Message::Add { a, b, c }, row.opens);
    };
    add(&start.number, &[B::X::one()], &block.number);
    add(&start.timestamp, &row.time_passed, &block.timestamp);
    // Nothing is added: the claims only bound the limbs.
    add(&block.coinbase, &[], &block.coinbase);
    add(&block.gas_limit, &[], &block.gas_limit);
    add(&block.base_fee, &[], &block.base_fee);
    add(&block.prev_randao, &[], &block.prev_randao);
    add(&block.blob_base_fee, &[], &block.blob_base_fee);
}

/// Opening writes the hash of the block before into the state tree, as the first update of the chunk.
fn eval_parent<B: ConstraintBuilder>(row: &BlockColumns<B::X>, builder: &mut B) {
    let (start, opens) = (&row.start, row.opens);
    let (key, after) = (&row.parent_key, &row.parent_after);
    builder.assert_bool("block/parent present", row.parent_present);
    for element in row.parent_before {
        let absent = row.parent_present.not();
        builder.assert_zero("block/parent absent", absent * element);
    }
    let unused = [&key.key, &row.parent_before, &after.digest, &after.value];
    let unused = unused.into_iter().flatten().chain(&key.rest);
    for cell in unused.chain([&key.index, &row.parent_present]) {
        builder.assert_zero("block/parent unused", opens.not() * *cell);
    }
    claim_key(builder, "block/parent index", key, start.number[0], opens);
    claim_value(builder, after, start.number, start.block_hash, opens);
    let update = Message::TreeUpdate {
        step: B::X::zero(),
        key: key.key,
        present_before: row.parent_present,
        before: row.parent_before,
        present_after: B::X::one(),
        after: after.value,
    };
    builder.send(update, opens);
}

fn eval_progress<B: ConstraintBuilder>(row: &BlockColumns<B::X>, active: B::X, builder: &mut B) {
    let start = &row.start;
    let first = Message::BlockProgress {
        ordinal: B::X::zero(),
        gas_used: start.gas_used,
        tx_chain: start.tx_chain,
        clock: B::X::from_u64(FIRST_CLOCK),
    };
    builder.send(first, active);
    let last = Message::BlockProgress {
        ordinal: row.transactions,
        gas_used: row.gas_used,
        tx_chain: row.tx_chain,
        clock: row.clock,
    };
    builder.receive(last, active);
    builder.assert_zero("block/closed runs nothing", active.not() * row.transactions);
    for value in row
        .gas_used
        .into_iter()
        .chain(row.tx_chain)
        .chain([row.clock])
    {
        builder.assert_zero("block/closed runs nothing", active.not() * value);
    }
    builder.receive(
        Message::Environment {
            chain_id: row.chain_id,
            coinbase: row.block.coinbase,
            gas_limit: row.block.gas_limit,
            base_fee: row.block.base_fee,
            rules: row.rules,
        },
        row.transactions,
    );
    let (step, root) = (B::X::zero(), start.state_root);
    builder.send(Message::StateRoot { step, root }, row.used);
    let (step, root) = (row.updates, row.state_root);
    builder.receive(Message::StateRoot { step, root }, row.used);
}

/// What code asks for: answered from the row that is used.
fn eval_values<B: ConstraintBuilder>(row: &BlockColumns<B::X>, builder: &mut B) {
    let block = &row.block;
    let values: [Word<B::X>; BLOCK_VALUES.len()] = [
        widen(&block.coinbase),
        widen(&block.timestamp),
        widen(&block.number),
        block.prev_randao,
        widen(&block.gas_limit),
        widen(&row.chain_id),
        block.base_fee,
        block.blob_base_fee,
    ];
    for ((opcode, value), count) in BLOCK_VALUES.into_iter().zip(values).zip(row.values_asked) {
        builder.assert_zero("block/asked", row.used.not() * count);
        let opcode = B::X::from_u64(opcode.into());
        builder.receive(Message::BlockValue { opcode, value }, count);
    }
    builder.assert_zero("block/asked", row.used.not() * row.rules_asked);
    builder.receive(Message::Rules { rules: row.rules }, row.rules_asked);
}

/// The chain over logs, and how many there are: as `log` and `log_chain` say.
fn eval_logs<B: ConstraintBuilder>(row: &BlockColumns<B::X>, active: B::X, builder: &mut B) {
    let zero = B::X::zero();
    let counted = |count, timestamp| Message::LogCount { count, timestamp };
    builder.send(counted(zero, zero), active);
    builder.receive(counted(row.logs, row.logged), active);
    let chained = |index, chain| Message::LogChain { index, chain };
    builder.send(chained(zero, row.start.log_chain), active);
    builder.receive(chained(row.logs, row.log_chain), active);
    for value in [row.logs, row.logged].into_iter().chain(row.log_chain) {
        builder.assert_zero("block/closed logs nothing", active.not() * value);
    }
}

/// `limbs` are the canonical limbs of `element` where `condition` is one, and everything is zero where it is zero.
///
/// The modulus is 2^64 - 2^32 + 1: limbs of 32 bits are canonical unless the high one is full and the low one is not zero.
/// `keccak_sponge` bounds the limbs, which it takes in.
fn eval_split<B: ConstraintBuilder>(
    split: &CanonicalSplit<B::X>,
    element: B::X,
    condition: B::X,
    [label, unused_label]: [&'static str; 2],
    builder: &mut B,
) {
    let [low, high] = split.limbs;
    builder.assert_eq(label, low + high.scale(1 << 32), condition * element);
    let short_of_full = high - condition.scale(u64::from(u32::MAX));
    builder.assert_eq(
        label,
        short_of_full * split.inverse,
        condition - split.high_is_full,
    );
    builder.assert_zero(label, short_of_full * split.high_is_full);
    builder.assert_zero(label, split.high_is_full * split.inverse);
    builder.assert_zero(label, split.high_is_full * low);
    for unused in [low, high, split.high_is_full, split.inverse] {
        builder.assert_zero(unused_label, (B::X::one() - condition) * unused);
    }
}

/// The word of the header that is made of four field elements, of which `splits` are the canonical limbs where the block is sealed.
fn eval_digest<B: ConstraintBuilder>(
    elements: &[B::X; 4],
    splits: &[CanonicalSplit<B::X>; 4],
    seals: B::X,
    labels: [&'static str; 2],
    builder: &mut B,
) -> Word<B::X> {
    let mut word = [B::X::zero(); 8];
    // Element 0 comes first in the big-endian word: it holds the two highest limbs.
    let places = word.chunks_exact_mut(2).rev();
    for ((split, element), place) in splits.iter().zip(elements).zip(places) {
        eval_split(split, *element, seals, labels, builder);
        place.copy_from_slice(&split.limbs);
    }
    word
}

fn eval_sealing<B: ConstraintBuilder>(row: &BlockColumns<B::X>, builder: &mut B) {
    let labels = ["block/state root limbs", "block/state root limbs unused"];
    let (elements, splits) = (&row.state_root, &row.state_root_limbs);
    let state_root = eval_digest(elements, splits, row.seals, labels, builder);
    let labels = ["block/log chain limbs", "block/log chain limbs unused"];
    let (elements, splits) = (&row.log_chain, &row.log_chain_limbs);
    let log_chain = eval_digest(elements, splits, row.seals, labels, builder);
    let (start, block) = (&row.start, &row.block);
    let header: [Word<B::X>; HEADER_WORDS as usize] = [
        start.block_hash,
        widen(&block.number),
        widen(&block.timestamp),
        widen(&block.coinbase),
        widen(&block.gas_limit),
        block.base_fee,
        block.prev_randao,
        block.blob_base_fee,
        row.tx_chain,
        log_chain,
        widen(&row.gas_used),
        state_root,
    ];
    let kind = B::X::from_u64(string::BLOCK_HEADER);
    let limbs = header.iter().flat_map(|word| word.iter().rev());
    for (position, limb) in (0u64..).step_by(4).zip(limbs) {
        let position = B::X::from_u64(position);
        let message = Message::HashLimb {
            kind,
            index: B::X::zero(),
            position,
            limb: *limb,
        };
        builder.send(message, row.seals);
    }
    builder.send(
        Message::Digest {
            kind,
            index: B::X::zero(),
            length: B::X::from_u64(32 * HEADER_WORDS),
            digest: row.block_hash,
        },
        row.seals,
    );
    for (end, start) in row.block_hash.into_iter().zip(row.start.block_hash) {
        builder.assert_eq_when("block/hash kept", row.seals.not(), end, start);
    }
}

fn eval_checkpoints<B: ConstraintBuilder>(row: &BlockColumns<B::X>, builder: &mut B) {
    let (start, block) = (&row.start, &row.block);
    builder.receive(
        Message::ChunkStart {
            checkpoint: start.to_array(),
            chain_id: row.chain_id,
            rules: row.rules,
        },
        row.used,
    );
    for limb in start.suspended {
        builder.assert_zero("block/nothing suspended", limb);
    }
    let open = row.seals.not();
    let end = CheckpointLimbs {
        state_root: row.state_root,
        block_hash: row.block_hash,
        number: block.number,
        timestamp: block.timestamp,
        coinbase: block.coinbase.map(|limb| open * limb),
        gas_limit: block.gas_limit.map(|limb| open * limb),
        base_fee: block.base_fee.map(|limb| open * limb),
        prev_randao: block.prev_randao.map(|limb| open * limb),
        blob_base_fee: block.blob_base_fee.map(|limb| open * limb),
        tx_count: open * (start.tx_count + row.transactions),
        gas_used: row.gas_used.map(|limb| open * limb),
        tx_chain: row.tx_chain.map(|limb| open * limb),
        log_chain: row.log_chain.map(|element| open * element),
        suspended: [B::X::zero(); 4],
    };
    builder.send(
        Message::ChunkEnd {
            checkpoint: end.to_array(),
        },
        row.used,
    );
}
