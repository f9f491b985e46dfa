//! Constraints and messages of `log`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::TOPICS;
use super::columns::LogColumns;
use crate::access::{is_earlier, pop, writes_at};
use crate::bus::{Message, space};
use crate::delegated::After;
use crate::event::opcode::LOG0;
use crate::execution::{LOG_BYTE_GAS, LOG_GAS};
use crate::limbs::range_check_when;
use crate::region::RegionLabels;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log;

const REGION: RegionLabels = RegionLabels {
    kind: "log/region",
    length: "log/length",
    distance: "log/distance",
    start: "log/start",
};

impl Table for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<LogColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &LogColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        frame(local, builder);
        operands(local, builder);
        gas(local, builder);
        data(local, builder);
        record(local, builder);
    }
}

/// Whether the row is a step.
fn used<X: Expression>(local: &LogColumns<X>) -> X {
    local.opcodes.into_iter().sum()
}

/// How many topics it has.
fn topics<X: Expression>(local: &LogColumns<X>) -> X {
    let opcodes = (0..).zip(local.opcodes);
    opcodes.map(|(topics, flag)| flag.scale(topics)).sum()
}

/// Whether it looks at its operands.
fn takes<X: Expression>(local: &LogColumns<X>) -> X {
    used(local) - local.violates
}

/// Whether it is done.
fn done<X: Expression>(local: &LogColumns<X>) -> X {
    takes(local) - local.lacks - local.region.far
}

fn flags<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    for flag in local.opcodes {
        builder.assert_bool("log/opcode", flag);
    }
    builder.assert_bool("log/one opcode", used(local));
    for flag in [local.lacks, local.violates] {
        builder.assert_bool("log/case", flag);
    }
    builder.assert_bool("log/one case", takes(local));
    builder.assert_bool("log/one case", done(local));
    let unused = (local.lacks + local.violates) * used(local).not();
    builder.assert_zero("log/one case", unused);
}

/// The step is done and the frame goes on, or it halts.
fn step<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    let at = &local.at;
    let opcode = used(local).scale(u64::from(LOG0)) + topics(local);
    let after = After {
        sp: at.sp - used(local).scale(2) - topics(local),
        words: local.next_words,
        ..at.paid(local.cost)
    };
    at.goes_on(builder, done(local), opcode, after);
    let halts = local.lacks + local.violates + local.region.far;
    let (small, label) = (local.region.small(), "log/small gas");
    at.halts_far(builder, halts, opcode, small, label);
}

/// What the frame is, whether it may write, and whether it is undone.
fn frame<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    let context = Message::FrameContext {
        frame: local.at.frame,
        transaction: local.transaction,
        depth: local.depth,
        is_static: local.is_static,
        address: local.address,
        undone_at: local.undone_at,
    };
    builder.send(context, used(local));
    let done = done(local);
    builder.assert_zero("log/static", done * local.is_static);
    let allowed = local.violates * local.is_static.not();
    builder.assert_zero("log/not static", allowed);
    builder.assert_bool("log/survives", local.survives);
    builder.assert_zero("log/survives", local.survives * done.not());
    let undone = local.survives * local.undone_at;
    builder.assert_zero("log/undone", undone);
    let shown = local.undone_at * local.undone_inverse + local.survives;
    builder.assert_eq_when("log/left out", done, shown, B::X::one());
}

/// What is popped.
fn operands<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    let (at, takes) = (&local.at, takes(local));
    let (frame, clock) = (at.frame, at.clock);
    let top = at.sp - B::X::one();
    local
        .region
        .take(builder, takes, frame, top, clock, &REGION);
    for (place, topic) in (0..).zip(&local.topics) {
        let has: B::X = local.opcodes.into_iter().skip(place + 1).sum();
        let index = top - B::X::from_u64(2 + place as u64);
        let (value, pushed) = (topic.value, topic.pushed);
        pop(builder, takes * has, frame, index, value, pushed, clock);
        for limb in topic.value {
            builder.assert_zero("log/no topic", has.not() * limb);
        }
    }
}

/// What the step costs.
fn gas<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    let (at, region) = (&local.at, &local.region);
    let near = region.near;
    let growth = Message::MemoryGrowth {
        words: at.words,
        offset: region.start,
        length: region.bytes(),
        next_words: local.next_words,
        unpaid: local.lacks,
        gas: local.growth,
    };
    builder.send(growth, near);
    let stays = near.not();
    builder.assert_eq_when("log/words", stays, local.next_words, at.words);
    builder.assert_zero("log/growth", stays * local.growth);
    let constant = (used(local) + topics(local)).scale(LOG_GAS);
    let bytes = near * region.bytes().scale(LOG_BYTE_GAS);
    let cost = constant + bytes + local.growth;
    builder.assert_eq("log/cost", local.cost, cost);
    let excess = B::X::from_limbs(&local.excess, 16);
    let missing = local.cost - at.gas() - B::X::one();
    builder.assert_eq_when("log/gas", local.lacks, missing, excess);
    range_check_when(builder, &local.excess, local.lacks);
}

/// The digest of the data.
fn data<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    let (at, region, done) = (&local.at, &local.region, done(local));
    let has_data = done * region.near;
    let length = region.bytes();
    let copy = Message::Copy {
        clock: at.clock,
        source: B::X::from_u64(space::MEMORY),
        source_id: at.frame,
        source_offset: region.start,
        source_end: B::X::from_u64(space::NO_END),
        target: B::X::from_u64(space::STRING),
        target_id: at.clock,
        target_offset: B::X::zero(),
        length,
    };
    builder.send(copy, has_data);
    let data = Message::LogData {
        string: at.clock,
        length,
        digest: local.digest,
    };
    builder.send(data, has_data);
    let empty = done * region.near.not();
    for element in local.digest {
        builder.assert_zero("log/no data", empty * element);
    }
}

/// The log in its place.
fn record<B: ConstraintBuilder>(local: &LogColumns<B::X>, builder: &mut B) {
    let survives = local.survives;
    let mut words = [[B::X::zero(); 8]; TOPICS];
    for (word, topic) in words.iter_mut().zip(&local.topics) {
        *word = topic.value;
    }
    let [first, second, third, fourth] = words;
    let record = Message::LogRecord {
        number: local.number,
        address: local.address,
        topics: topics(local),
        first,
        second,
        third,
        fourth,
        digest: local.digest,
    };
    builder.send(record, survives);
    let now = writes_at(local.at.clock);
    is_earlier(builder, survives, local.accessed, now);
    let version = |count, timestamp| Message::LogCount { count, timestamp };
    builder.receive(version(local.number, local.accessed), survives);
    builder.send(version(local.number + B::X::one(), now), survives);
}
