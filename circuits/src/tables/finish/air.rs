//! Constraints and messages of `finish`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::FinishColumns;
use crate::bus::{Message, outcome};
use crate::event::opcode::{RETURN, REVERT, STOP};
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::range_check_when;
use crate::region::RegionLabels;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finish;

const REGION: RegionLabels = RegionLabels {
    kind: "finish/region",
    length: "finish/length",
    distance: "finish/distance",
    start: "finish/start",
};

impl Table for Finish {
    fn name(&self) -> &'static str {
        "finish"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<FinishColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &FinishColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        memory(local, builder);
        end(local, builder);
    }
}

/// Whether the step names a region.
fn hands_back<X: Expression>(local: &FinishColumns<X>) -> X {
    local.returns + local.reverts
}

fn flags<B: ConstraintBuilder>(local: &FinishColumns<B::X>, builder: &mut B) {
    for flag in [local.stops, local.returns, local.reverts] {
        builder.assert_bool("finish/opcode", flag);
    }
    let used = local.stops + hands_back(local);
    builder.assert_bool("finish/one opcode", used);
    for flag in [local.done, local.lacks] {
        builder.assert_bool("finish/case", flag);
    }
    let cases = local.done + local.lacks + local.region.far;
    builder.assert_eq("finish/one case", cases, used);
    // Only memory that is paid for can cost too much.
    let without = local.region.near.not();
    builder.assert_zero("finish/lacks near", local.lacks * without);
}

/// The step is taken.
fn step<B: ConstraintBuilder>(local: &FinishColumns<B::X>, builder: &mut B) {
    let opcodes = [
        (local.stops, STOP),
        (local.returns, RETURN),
        (local.reverts, REVERT),
    ];
    let opcodes = opcodes.into_iter();
    let opcode: B::X = opcodes.map(|(flag, of)| flag.scale(u64::from(of))).sum();
    local.at.leaves(builder, local.done, opcode);
    let halts = local.lacks + local.region.far;
    let (small, label) = (local.region.small(), "finish/small gas");
    local.at.halts_far(builder, halts, opcode, small, label);
}

/// The region, and what memory costs.
fn memory<B: ConstraintBuilder>(local: &FinishColumns<B::X>, builder: &mut B) {
    let (at, region) = (&local.at, &local.region);
    let (used, top) = (hands_back(local), at.sp - B::X::one());
    region.take(builder, used, at.frame, top, at.clock, &REGION);
    let claim = Message::MemoryGrowth {
        words: at.words,
        offset: region.start,
        length: region.bytes(),
        next_words: local.next_words,
        unpaid: local.lacks,
        gas: local.growth,
    };
    builder.send(claim, region.near);
    let free = region.near.not();
    builder.assert_zero("finish/growth", free * local.growth);
    let rest = gas_of_limbs(local.rest, TOP);
    let left = at.gas() - local.growth;
    builder.assert_eq_when("finish/gas", local.done, left, rest);
    let missing = local.growth - at.gas() - B::X::one();
    builder.assert_eq_when("finish/lacks", local.lacks, missing, rest);
    let [.., most] = local.rest;
    builder.assert_zero("finish/lacks little", local.lacks * most);
    range_check_when(builder, &local.rest, local.done + local.lacks);
}

/// The frame ends as the opcode says.
fn end<B: ConstraintBuilder>(local: &FinishColumns<B::X>, builder: &mut B) {
    let succeeds = local.stops + local.returns;
    let reverts = local.reverts.scale(outcome::REVERT);
    let end = Message::FrameEnd {
        clock: local.at.clock,
        frame: local.at.frame,
        outcome: succeeds.scale(outcome::SUCCESS) + reverts,
        gas: gas_of_limbs(local.rest, TOP),
        writes: local.at.writes,
        offset: local.region.start,
        length: local.region.bytes(),
    };
    // STOP names no region; its cells are zero.
    for cell in [local.region.start, local.region.bytes()] {
        builder.assert_zero("finish/nothing", local.stops * cell);
    }
    builder.send(end, local.done);
}
