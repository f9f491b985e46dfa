//! Constraints and messages of `call`.

mod account;
mod gas;
mod operands;
mod result;
mod start;

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::CallColumns;
use crate::event::opcode::{CALL, CALLCODE, DELEGATECALL, STATICCALL};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call;

impl Table for Call {
    fn name(&self) -> &'static str {
        "call"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CallColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &CallColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        operands::eval(local, builder);
        gas::eval(local, builder);
        account::eval(local, builder);
        start::eval(local, builder);
        result::eval(local, builder);
    }
}

/// The opcodes with their flags.
fn opcodes<X: Copy>(local: &CallColumns<X>) -> [(X, u8); 4] {
    [
        (local.calls, CALL),
        (local.calls_code, CALLCODE),
        (local.delegates, DELEGATECALL),
        (local.calls_static, STATICCALL),
    ]
}

/// Whether the row is a step.
fn used<X: Expression>(local: &CallColumns<X>) -> X {
    opcodes(local).into_iter().map(|(flag, _)| flag).sum()
}

/// Whether it pops a value.
fn takes_value<X: Expression>(local: &CallColumns<X>) -> X {
    local.calls + local.calls_code
}

/// Whether something is called.
fn reaches<X: Expression>(local: &CallColumns<X>) -> X {
    local.runs + local.is_empty + local.is_precompile
}

/// Whether the call is refused.
fn refused<X: Expression>(local: &CallColumns<X>) -> X {
    local.too_deep + local.lacks_funds
}

/// Whether a frame is opened.
fn opens<X: Expression>(local: &CallColumns<X>) -> X {
    reaches(local) + refused(local)
}

/// Words that are popped.
fn inputs<X: Expression>(local: &CallColumns<X>) -> X {
    used(local).scale(6) + takes_value(local)
}

fn flags<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    for (flag, _) in opcodes(local) {
        builder.assert_bool("call/opcode", flag);
    }
    builder.assert_bool("call/one opcode", used(local));
    let halts = [local.lacks, local.far, local.violates];
    let opens_as = [
        local.runs,
        local.is_empty,
        local.is_precompile,
        local.too_deep,
        local.lacks_funds,
    ];
    for flag in opens_as.into_iter().chain(halts) {
        builder.assert_bool("call/case", flag);
    }
    let cases = opens(local) + halts.into_iter().sum();
    builder.assert_eq("call/one case", cases, used(local));
}

/// The step is taken.
fn step<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let opcodes = opcodes(local).into_iter();
    let opcode: B::X = opcodes.map(|(flag, of)| flag.scale(u64::from(of))).sum();
    local.at.leaves(builder, opens(local), opcode);
    let halts = local.lacks + local.far + local.violates;
    // One region that no gas pays for is enough.
    let small = local.far - local.input.beyond - local.output.beyond;
    builder.assert_bool("call/beyond", small);
    let label = "call/small gas";
    local.at.halts_far(builder, halts, opcode, small, label);
}
