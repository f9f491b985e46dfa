//! Constraints and messages of `external_code`.

use core::array::from_fn;

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table};
use plonky2::field::types::Field;

use super::WORD_GAS;
use super::columns::ExternalCodeColumns;
use crate::access::pop;
use crate::bus::{Message, space};
use crate::delegated::After;
use crate::event::opcode::{EXTCODECOPY, gas_of};
use crate::execution::WORD_BYTES;
use crate::limbs::range_check_when;
use crate::region::RegionLabels;
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::tables::account_read::COLD_GAS;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExternalCode;

const REGION: RegionLabels = RegionLabels {
    kind: "external_code/region",
    length: "external_code/length",
    distance: "external_code/distance",
    start: "external_code/start",
};

/// Words that are popped.
const INPUTS: u64 = 4;

impl Table for ExternalCode {
    fn name(&self) -> &'static str {
        "external_code"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ExternalCodeColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ExternalCodeColumns<B::X> = row.local();
        flags(local, builder);
        operands(local, builder);
        step(local, builder);
        memory(local, builder);
        account(local, builder);
        source(local, builder);
        copy(local, builder);
    }
}

/// Whether it copies any bytes.
fn copies<X: Expression>(local: &ExternalCodeColumns<X>) -> X {
    local.reads + local.no_code + local.distant
}

/// The sum of all limbs of the source but the lowest.
fn high<X: Expression>(local: &ExternalCodeColumns<X>) -> X {
    local.source.into_iter().skip(1).sum()
}

fn flags<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    for flag in [local.used, local.done, local.lacks] {
        builder.assert_bool("external_code/case", flag);
    }
    let cases = local.done + local.lacks + local.region.far;
    builder.assert_eq("external_code/one case", cases, local.used);
    for flag in [local.reads, local.no_code, local.distant] {
        builder.assert_bool("external_code/source", flag);
    }
    let any = local.done * local.region.near;
    builder.assert_eq("external_code/one source", copies(local), any);
}

/// What is popped.
fn operands<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    let (used, at) = (local.used, &local.at);
    let (frame, clock) = (at.frame, at.clock);
    let below = |count: u64| at.sp - B::X::from_u64(count);
    let (target, pushed) = (local.target, local.target_pushed);
    pop(builder, used, frame, below(1), target, pushed, clock);
    let (source, pushed) = (local.source, local.source_pushed);
    pop(builder, used, frame, below(3), source, pushed, clock);
    let places = [below(2), below(4)];
    local
        .region
        .take_at(builder, used, frame, places, clock, &REGION);
}

/// The step is done and the frame goes on, or it halts.
fn step<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    let (used, at, near) = (local.used, &local.at, local.region.near);
    let last = B::X::from_limbs(&local.last, 16);
    let one = B::X::one();
    let divided = last.scale(WORD_BYTES) + local.rest;
    let bytes = local.region.bytes();
    builder.assert_eq_when("external_code/words", near, bytes - one, divided);
    range_check_when(builder, &local.last, near);
    let value = local.rest.scale(8);
    builder.send(Message::U8 { value }, near);
    let cold = used * local.account.was_warm.not();
    let words = near * (last + one);
    let access = used.scale(gas_of(EXTCODECOPY)) + cold.scale(COLD_GAS);
    let cost = access + words.scale(WORD_GAS) + local.growth;
    let after = After {
        sp: at.sp - B::X::from_u64(INPUTS),
        words: local.next_words,
        writes: at.writes + one,
        ..at.paid(cost)
    };
    let opcode = B::X::from_u64(EXTCODECOPY.into());
    at.goes_on(builder, local.done, opcode, after);
    let (halts, small) = (used - local.done, local.region.small());
    at.halts_far(builder, halts, opcode, small, "external_code/small gas");
    let missing = B::X::from_limbs(&local.missing, 16);
    let lacks = cost - at.gas() - one;
    builder.assert_eq_when("external_code/lacks", local.lacks, lacks, missing);
    range_check_when(builder, &local.missing, local.lacks);
}

/// The memory that is needed.
fn memory<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    let (at, region) = (&local.at, &local.region);
    let growth = Message::MemoryGrowth {
        words: at.words,
        offset: region.start,
        length: region.bytes(),
        next_words: local.next_words,
        unpaid: local.lacks,
        gas: local.growth,
    };
    builder.send(growth, region.near);
    let stays = region.near.not();
    let (words, next) = (at.words, local.next_words);
    builder.assert_eq_when("external_code/no growth", stays, next, words);
    builder.assert_zero("external_code/no growth", stays * local.growth);
}

/// The account is accessed, or would have been.
fn account<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    let (at, account) = (&local.at, &local.account);
    let address = from_fn(|limb| local.target[limb]);
    let accessed = Message::AccountAccess {
        clock: at.clock,
        frame: at.frame,
        number: at.writes + B::X::one(),
        address,
        was_warm: account.was_warm,
        exists: account.exists,
        is_precompile: account.is_precompile,
        balance: account.balance,
        code: account.digest,
    };
    builder.send(accessed, local.done);
    let viewed = Message::AccountView {
        clock: at.clock,
        frame: at.frame,
        address,
        was_warm: account.was_warm,
        exists: account.exists,
    };
    builder.send(viewed, local.used - local.done);
}

/// What the bytes are of.
fn source<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    let account = &local.account;
    let code = Message::Code {
        code: account.code,
        digest: account.digest,
        keccak: account.keccak,
        size: account.size,
    };
    builder.send(code, local.reads);
    builder.assert_zero("external_code/near source", local.reads * high(local));
    for (limb, empty) in account.digest.into_iter().zip(EMPTY_CODE_DIGEST) {
        let empty = B::X::constant(Felt::from_canonical_u64(empty));
        builder.assert_eq_when("external_code/no code", local.no_code, limb, empty);
    }
    let shown = high(local) * local.high_inverse;
    let distant = local.distant;
    builder.assert_eq_when("external_code/distant", distant, shown, B::X::one());
}

/// The bytes that are copied. Without code, or beyond it, there is nothing before the end: zeros.
fn copy<B: ConstraintBuilder>(local: &ExternalCodeColumns<B::X>, builder: &mut B) {
    let (at, region, reads) = (&local.at, &local.region, local.reads);
    let copy = Message::Copy {
        clock: at.clock,
        source: B::X::from_u64(space::CODE),
        source_id: reads * local.account.code,
        source_offset: reads * local.source[0],
        source_end: reads * local.account.size,
        target: B::X::from_u64(space::MEMORY),
        target_id: at.frame,
        target_offset: region.start,
        length: region.bytes(),
    };
    builder.send(copy, copies(local));
}
