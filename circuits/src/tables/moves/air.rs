//! Constraints and messages of `moves`.

use alloy_primitives::KECCAK256_EMPTY;
use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{Cases, MovesColumns, Opcodes};
use crate::access::{MemoryAccess, access_memory, pop, push, reads_at};
use crate::bus::{Message, register, space, string};
use crate::delegated::After;
use crate::event::opcode::*;
use crate::execution::WORD_BYTES;
use crate::limbs::range_check_when;
use crate::region::Distance;
use crate::word::{hash_word, widen};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moves;

impl Table for Moves {
    fn name(&self) -> &'static str {
        "moves"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<MovesColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &MovesColumns<B::X> = row.local();
        flags(local, builder);
        steps(local, builder);
        operands(local, builder);
        lengths(local, builder);
        growth(local, builder);
        gas(local, builder);
        inputs(local, builder);
        return_data(local, builder);
        copies(local, builder);
        results(local, builder);
    }
}

/// Gas for each word that is copied, and for each that is hashed.
pub(super) const COPY_WORD: u64 = 3;
pub(super) const HASH_WORD: u64 = 6;

impl<X: Expression> Opcodes<X> {
    /// In one order.
    fn all(&self) -> [(X, u8); 7] {
        [
            (self.input_copy, CALLDATACOPY),
            (self.code_copy, CODECOPY),
            (self.return_copy, RETURNDATACOPY),
            (self.memory_copy, MCOPY),
            (self.hash, KECCAK256),
            (self.load, CALLDATALOAD),
            (self.size, RETURNDATASIZE),
        ]
    }

    /// Whether it is any.
    fn used(&self) -> X {
        self.all().into_iter().map(|(flag, _)| flag).sum()
    }

    /// What this number of each opcode adds up to.
    fn sum(&self, number: impl Fn(u8) -> u64) -> X {
        let all = self.all().into_iter();
        all.map(|(flag, opcode)| flag.scale(number(opcode))).sum()
    }

    /// Whether it copies to memory.
    fn copies(&self) -> X {
        self.input_copy + self.code_copy + self.return_copy + self.memory_copy
    }

    /// Whether it reads the frame's memory.
    fn own_memory(&self) -> X {
        self.memory_copy + self.hash
    }

    /// Whether it reads what the frame is called with.
    fn input(&self) -> X {
        self.input_copy + self.load
    }

    /// Whether it reads what has an end, and zeros after it.
    fn ends(&self) -> X {
        self.input() + self.code_copy
    }
}

impl<X: Expression> Cases<X> {
    fn all(&self) -> [X; 8] {
        [
            self.plain,
            self.fits,
            self.grows,
            self.lacks_plain,
            self.lacks,
            self.far,
            self.over,
            self.far_over,
        ]
    }

    /// Whether it is done and moves bytes from or to memory that it names.
    fn moves(&self) -> X {
        self.fits + self.grows
    }

    /// Whether it is done.
    fn done(&self) -> X {
        self.plain + self.moves()
    }

    /// Whether it halts.
    fn halts(&self) -> X {
        self.lacks_plain + self.lacks + self.far + self.over + self.far_over
    }

    /// Whether its length is not zero and what it names is below 2^32.
    fn near(&self) -> X {
        self.moves() + self.lacks
    }
}

/// The constant gas of an opcode.
pub(super) fn constant_gas(opcode: u8) -> u64 {
    operation(opcode).map_or(0, |known| known.gas.into())
}

/// The sum of all limbs but the lowest.
fn high<X: Expression>(word: &[X; 8]) -> X {
    word.iter().copied().skip(1).sum()
}

fn flags<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case) = (&local.opcode, &local.case);
    for (flag, _) in opcode.all() {
        builder.assert_bool("moves/opcode", flag);
    }
    let used = opcode.used();
    builder.assert_bool("moves/one opcode", used);
    for flag in case.all() {
        builder.assert_bool("moves/case", flag);
    }
    builder.assert_eq("moves/one case", case.all().into_iter().sum(), used);
    // Those name no memory, and can only lack gas.
    let few = opcode.load + opcode.size;
    let plain = case.plain + case.lacks_plain;
    builder.assert_zero("moves/plain", few * (used - plain));
    let over = case.over + case.far_over;
    builder.assert_zero("moves/over", over * opcode.return_copy.not());
    builder.assert_bool("moves/distant", local.distant);
    builder.assert_zero("moves/distant source", local.distant * opcode.ends().not());
    builder.assert_bool("moves/outer", local.outer);
    builder.assert_zero("moves/outer input", local.outer * opcode.input().not());
    builder.assert_bool("moves/farther", local.farther);
    let farther = local.farther * opcode.memory_copy.not();
    builder.assert_zero("moves/farther source", farther);
}

/// The step goes on or halts.
fn steps<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let number = opcode.sum(u64::from);
    let outputs = opcode.hash + opcode.load + opcode.size;
    let inputs = opcode.sum(|opcode| operation(opcode).map_or(0, |known| known.inputs.into()));
    let after = After {
        sp: step.sp - inputs + outputs,
        words: local.next_words,
        ..step.paid(local.cost)
    };
    step.goes_on(builder, case.done(), number, after);
    let (halts, small) = (case.halts(), case.far - local.beyond);
    step.halts_far(builder, halts, number, small, "moves/small gas");
}

fn operands<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, step) = (&local.opcode, &local.step);
    let (frame, clock, one) = (step.frame, step.clock, B::X::one());
    let copies = opcode.copies();
    let (target, source, length) = (&local.target, &local.source, &local.length);
    let top = step.sp - one;
    let (value, pushed) = (target.value, target.pushed);
    pop(builder, copies, frame, top, value, pushed, clock);
    let takes = copies + opcode.hash + opcode.load;
    let (value, pushed) = (source.value, source.pushed);
    pop(builder, takes, frame, top - copies, value, pushed, clock);
    let takes = copies + opcode.hash;
    let below = top - copies - one;
    let (value, pushed) = (length.value, length.pushed);
    pop(builder, takes, frame, below, value, pushed, clock);
    let pushes = opcode.hash + opcode.load + opcode.size;
    let index = top + opcode.size - opcode.hash;
    let pushes = pushes * local.case.done();
    push(builder, pushes, frame, index, local.result, clock);
}

/// What has a length, and what is below 2^32.
fn lengths<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, one) = (&local.opcode, &local.case, B::X::one());
    let (target, source) = (&local.target.value, &local.source.value);
    let length = &local.length.value;
    let all: B::X = length.iter().copied().sum();
    let plain = case.plain + case.lacks_plain;
    // Limb by limb: CALLDATALOAD and RETURNDATASIZE pop no length, so that nobody bounds these.
    for limb in *length {
        builder.assert_zero("moves/no length", plain * limb);
    }
    let some = case.near() + case.far;
    let shown = all * local.length_inverse;
    builder.assert_eq_when("moves/length", some, shown, one);
    let near = case.near();
    builder.assert_zero("moves/near length", near * high(length));
    let copies = near * opcode.copies();
    builder.assert_zero("moves/near target", copies * high(target));
    let reads = near * opcode.own_memory();
    builder.assert_zero("moves/near source", reads * high(source));
    let returned = case.done() * opcode.return_copy;
    builder.assert_zero("moves/near return data", returned * high(source));
    let within = (case.done() - local.distant) * opcode.ends();
    builder.assert_zero("moves/near constant", within * high(source));
    let halts = case.halts() * local.distant;
    builder.assert_zero("moves/distant done", halts);
    // What is shown to be 2^32 or more.
    let inverse = local.high_inverse;
    let shown = high(source) * inverse;
    builder.assert_eq_when("moves/far constant", local.distant, shown, one);
    let [far_target, far_source, far_length] = [target, source, length].map(Distance::of);
    let named = |target, source| opcode.copies() * target + opcode.own_memory() * source;
    let high_named = far_length.high + named(far_target.high, far_source.high);
    builder.assert_eq("moves/high", local.high, high_named);
    let higher_named = far_length.higher + named(far_target.higher, far_source.higher);
    builder.assert_eq("moves/higher", local.higher, higher_named);
    let distance = Distance {
        high: local.high,
        higher: local.higher,
    };
    distance.constrain(builder, case.far, local.beyond, inverse, "moves/far");
    let shown = (high(length) + high(source)) * inverse;
    builder.assert_eq_when("moves/far over", case.far_over, shown, one);
}

/// The memory that is needed.
fn growth<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let ([target, ..], [source, ..]) = (local.target.value, local.source.value);
    let [length, ..] = local.length.value;
    let (farther, reach) = (local.farther, local.reach);
    let to_target = (opcode.copies() - farther) * target;
    let to_source = (opcode.hash + farther) * source;
    builder.assert_eq("moves/reach", reach, to_target + to_source);
    let both = case.near() * opcode.memory_copy;
    let distance = reach + reach - target - source;
    let margin = B::X::from_limbs(&local.margin, 16);
    builder.assert_eq_when("moves/farthest", both, distance, margin);
    let excess = B::X::from_limbs(&local.excess, 16);
    let beyond = step.words.scale(WORD_BYTES) - reach - length;
    builder.assert_eq_when("moves/fits", case.fits, beyond, excess);
    let stays = case.plain + case.fits;
    builder.assert_eq_when("moves/words", stays, local.next_words, step.words);
    let free = stays + case.lacks_plain;
    builder.assert_zero("moves/growth", free * local.growth);
    let claim = Message::MemoryGrowth {
        words: step.words,
        offset: reach,
        length,
        next_words: local.next_words,
        unpaid: case.lacks,
        gas: local.growth,
    };
    builder.send(claim, case.grows + case.lacks);
}

/// What it costs, and whether that is there.
fn gas<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let ([length, ..], one) = (local.length.value, B::X::one());
    let near = case.near();
    let last = B::X::from_limbs(&local.last, 16);
    let divided = last.scale(WORD_BYTES) + local.rest;
    builder.assert_eq_when("moves/last", near, length - one, divided);
    range_check_when(builder, &local.last, near);
    let value = local.rest.scale(8);
    builder.send(Message::U8 { value }, near);
    let price = opcode.copies().scale(COPY_WORD) + opcode.hash.scale(HASH_WORD);
    let words = price * near * (last + one);
    let cost = opcode.sum(constant_gas) + local.growth + words;
    builder.assert_eq("moves/cost", local.cost, cost);
    let lacks = case.lacks + case.lacks_plain;
    let excess = B::X::from_limbs(&local.excess, 16);
    let missing = local.cost - step.gas() - one;
    builder.assert_eq_when("moves/lacks", lacks, missing, excess);
    range_check_when(builder, &local.excess, case.fits + lacks + case.over);
}

/// Where bytes come from but return data.
fn inputs<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let (origin, base, outer) = (local.origin, local.base, local.outer);
    let input = Message::FrameInput {
        frame: step.frame,
        input_frame: local.input_frame,
        offset: base,
        length: local.bytes,
        transaction: local.transaction,
    };
    let asks = opcode.input_copy * case.moves() + opcode.load * case.plain;
    builder.send(input, asks);
    builder.assert_zero("moves/no caller", outer * local.input_frame);
    let inner = opcode.input() - outer;
    let shown = local.input_frame * local.frame_inverse;
    builder.assert_eq_when("moves/caller", inner, shown, B::X::one());
    builder.assert_eq_when("moves/transaction", outer, origin, local.transaction);
    builder.assert_eq_when("moves/input frame", inner, origin, local.input_frame);
    let asks = opcode.code_copy * case.moves();
    let (frame, size) = (step.frame, local.bytes);
    builder.send(
        Message::FrameCode {
            frame,
            code: origin,
        },
        asks,
    );
    builder.send(Message::CodeLength { code: origin, size }, asks);
    let starts = opcode.code_copy + opcode.own_memory();
    builder.assert_zero("moves/base", starts * base);
    let own = opcode.own_memory();
    builder.assert_eq_when("moves/own memory", own, origin, step.frame);
}

/// What the last call returned, and whether it is enough.
fn return_data<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let ([source, ..], [length, ..]) = (local.source.value, local.length.value);
    let value = widen(&[local.origin, local.base, local.bytes]);
    let access = MemoryAccess {
        frame: step.frame,
        index: B::X::from_u64(register::RETURN_DATA),
        before: value,
        accessed: local.accessed,
        after: value,
        timestamp: reads_at(step.clock),
    };
    let knows = case.done() + case.over + case.far_over;
    let asks = opcode.return_copy * knows + opcode.size * case.plain;
    access_memory(builder, asks, access);
    let within = case.done() * opcode.return_copy;
    let margin = B::X::from_limbs(&local.margin, 16);
    let after = local.bytes - source - length;
    builder.assert_eq_when("moves/bounds", within, after, margin);
    let excess = B::X::from_limbs(&local.excess, 16);
    let over = source + length - local.bytes - B::X::one();
    builder.assert_eq_when("moves/over by", case.over, over, excess);
    let both = case.near() * opcode.memory_copy;
    range_check_when(builder, &local.margin, within + both);
}

/// The bytes that move.
fn copies<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let ([target, ..], [source, ..]) = (local.target.value, local.source.value);
    let [length, ..] = local.length.value;
    let (copies, strings) = (opcode.copies(), opcode.hash + opcode.load);
    let memory = opcode.return_copy + opcode.own_memory();
    let inner = opcode.input() - local.outer;
    let of_space = |flag: B::X, space: u64| flag.scale(space);
    let end = (opcode.ends() - local.distant) * (local.base + local.bytes);
    let copy = Message::Copy {
        clock: step.clock,
        source: of_space(memory + inner, space::MEMORY)
            + of_space(local.outer, space::CALLDATA)
            + of_space(opcode.code_copy, space::CODE),
        source_id: local.origin,
        source_offset: local.distant.not() * (local.base + source),
        source_end: end + of_space(memory, space::NO_END),
        target: of_space(copies, space::MEMORY) + of_space(strings, space::STRING),
        target_id: copies * step.frame + strings * step.clock,
        target_offset: copies * target,
        length: length + opcode.load.scale(WORD_BYTES),
    };
    builder.send(copy, case.moves() + opcode.load * case.plain);
}

/// What is pushed.
fn results<B: ConstraintBuilder>(local: &MovesColumns<B::X>, builder: &mut B) {
    let (opcode, case, step) = (&local.opcode, &local.case, &local.step);
    let [length, ..] = local.length.value;
    let digest = Message::Digest {
        kind: B::X::from_u64(string::HASHED_MEMORY),
        index: step.clock,
        length,
        digest: local.result,
    };
    builder.send(digest, opcode.hash * case.moves());
    let empty = opcode.hash * case.plain;
    for (limb, known) in local.result.into_iter().zip(hash_word(KECCAK256_EMPTY)) {
        let known = B::X::constant(known);
        builder.assert_eq_when("moves/empty hash", empty, limb, known);
    }
    let word = Message::StringWord {
        string: step.clock,
        position: B::X::zero(),
        value: local.result,
        bytes: B::X::from_u64(WORD_BYTES),
    };
    builder.receive(word, opcode.load * case.plain);
    let size = widen(&[local.bytes]);
    for (limb, known) in local.result.into_iter().zip(size) {
        builder.assert_eq_when("moves/size", opcode.size, limb, known);
    }
}
