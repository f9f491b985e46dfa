//! What is popped, and the room in memory that it asks for.

use braid_stark::{ConstraintBuilder, Expression};

use super::{CallColumns, opens, takes_value, used};
use crate::access::pop;
use crate::bus::Message;
use crate::region::RegionLabels;

const INPUT: RegionLabels = RegionLabels {
    kind: "call/input",
    length: "call/input length",
    distance: "call/input distance",
    start: "call/input start",
};

const OUTPUT: RegionLabels = RegionLabels {
    kind: "call/output",
    length: "call/output length",
    distance: "call/output distance",
    start: "call/output start",
};

pub(super) fn eval<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (used, takes_value) = (used(local), takes_value(local));
    let (frame, clock) = (local.at.frame, local.at.clock);
    let below = |count: u64| local.at.sp - B::X::from_u64(count);
    let (asked, pushed) = (local.asked, local.asked_pushed);
    pop(builder, used, frame, below(1), asked, pushed, clock);
    let (target, pushed) = (local.target, local.target_pushed);
    pop(builder, used, frame, below(2), target, pushed, clock);
    let (value, pushed) = (local.value, local.value_pushed);
    pop(builder, takes_value, frame, below(3), value, pushed, clock);
    let input = below(3) - takes_value;
    local.input.take(builder, used, frame, input, clock, &INPUT);
    let output = below(5) - takes_value;
    local
        .output
        .take(builder, used, frame, output, clock, &OUTPUT);
    value_is_there(local, builder);
    memory(local, builder);
}

/// Whether there is a value, and whether it is sent.
fn value_is_there<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (pays, takes_value) = (local.pays, takes_value(local));
    let sum: B::X = local.value.into_iter().sum();
    builder.assert_bool("call/pays", pays);
    builder.assert_zero("call/pays", pays * takes_value.not());
    let shown = sum * local.value_inverse;
    builder.assert_eq_when("call/value", pays, shown, B::X::one());
    builder.assert_zero("call/value", (takes_value - pays) * sum);
    builder.assert_eq("call/sends", local.sends, local.calls * pays);
}

/// Memory grows for the input, then for the output, unless one of them is far.
fn memory<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let near = opens(local) + local.lacks;
    let (input, output) = (&local.input, &local.output);
    builder.assert_zero("call/near", near * (input.far + output.far));
    let none = input.far.not() * output.far.not();
    builder.assert_zero("call/far", local.far * none);
    let regions = [
        (input, local.at.words, local.input_words, local.input_growth),
        (
            output,
            local.input_words,
            local.next_words,
            local.output_growth,
        ),
    ];
    for (region, words, next_words, gas) in regions {
        let claim = Message::MemoryGrowth {
            words,
            offset: region.start,
            length: region.bytes(),
            unpaid: local.lacks,
            next_words,
            gas,
        };
        builder.send(claim, near * region.near);
        let empty = region.near.not();
        builder.assert_zero("call/no growth", empty * gas);
        builder.assert_zero("call/no growth", empty * (next_words - words));
    }
}
