//! Constraints and messages of `ecrecover`.

use alloy_primitives::U256;
use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{EcrecoverColumns, Failures};
use super::{CALL_GAS, EVEN_V, INPUT_BYTES};
use crate::access::{MemoryAccess, access_memory, writes_at};
use crate::bus::{Message, outcome, space};
use crate::execution::{ECRECOVER, WORD_BYTES};
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::{constant_word, range_check_when};
use crate::secp256k1::{N, P};
use crate::word::{Word, widen};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ecrecover;

impl Table for Ecrecover {
    fn name(&self) -> &'static str {
        "ecrecover"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<EcrecoverColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &EcrecoverColumns<B::X> = row.local();
        call(local, builder);
        input(local, builder);
        signature(local, builder);
        wrong_v(local, builder);
        out_of_range(local, builder);
        no_point(local, builder);
        output(local, builder);
    }
}

impl<X: Expression> Failures<X> {
    fn all(&self) -> [X; 8] {
        [
            self.wrong_v,
            self.high_v,
            self.zero_r,
            self.zero_s,
            self.large_r,
            self.large_s,
            self.no_point,
            self.infinite,
        ]
    }
}

/// Whether the call has the gas that it needs.
fn done<X: Expression>(local: &EcrecoverColumns<X>) -> X {
    local.recovers + local.fails.all().into_iter().sum()
}

/// Whether R, s and hash are looked at together.
fn recovery<X: Expression>(local: &EcrecoverColumns<X>) -> X {
    local.recovers + local.fails.infinite
}

fn call<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    for flag in local.fails.all() {
        builder.assert_bool("ecrecover/failure", flag);
    }
    let (done, used) = (done(local), done(local) + local.lacks);
    for flag in [local.lacks, local.recovers, used] {
        builder.assert_bool("ecrecover/case", flag);
    }
    let call = Message::Precompile {
        frame: local.frame,
        clock: local.clock,
        number: B::X::from_u64(ECRECOVER),
        gas: local.gas,
        writes: local.writes,
    };
    builder.receive(call, used);
    let cost = B::X::from_u64(CALL_GAS);
    let difference = gas_of_limbs(local.difference, TOP);
    builder.assert_eq_when("ecrecover/gas", done, local.gas - cost, difference);
    let missing = cost - local.gas - B::X::one();
    builder.assert_eq_when("ecrecover/lacks", local.lacks, missing, difference);
    let [.., most] = local.difference;
    builder.assert_zero("ecrecover/lacks little", local.lacks * most);
    range_check_when(builder, &local.difference, used);
}

/// What it is called with.
fn input<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    let done = done(local);
    let input = Message::FrameInput {
        frame: local.frame,
        input_frame: local.input_frame,
        offset: local.offset,
        length: local.length,
        transaction: local.transaction,
    };
    builder.send(input, done);
    let shown = local.input_frame * local.frame_inverse;
    builder.assert_eq_when("ecrecover/caller", done, shown, B::X::one());
    let copy = Message::Copy {
        clock: local.clock,
        source: B::X::from_u64(space::MEMORY),
        source_id: local.input_frame,
        source_offset: local.offset,
        source_end: local.offset + local.length,
        target: B::X::from_u64(space::STRING),
        target_id: local.clock,
        target_offset: B::X::zero(),
        length: B::X::from_u64(INPUT_BYTES),
    };
    builder.send(copy, done);
    let words = [local.hash, local.v, local.r, local.s];
    for (index, value) in (0..).zip(words) {
        let word = Message::StringWord {
            string: local.clock,
            position: B::X::from_u64(WORD_BYTES * index),
            value,
            bytes: B::X::from_u64(WORD_BYTES),
        };
        builder.receive(word, done);
    }
}

/// What `ecdsa` proves.
fn signature<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    let recovery = recovery(local);
    let (odd_y, flips, one) = (local.odd_y, local.flips, B::X::one());
    builder.assert_bool("ecrecover/odd y", odd_y);
    builder.assert_bool("ecrecover/flips", flips);
    builder.assert_zero("ecrecover/flips used", flips * recovery.not());
    let [low, high @ ..] = local.v;
    let expected = odd_y + B::X::from_u64(EVEN_V);
    builder.assert_eq_when("ecrecover/v", recovery, low, expected);
    for limb in high {
        builder.assert_zero("ecrecover/v", recovery * limb);
    }
    let total = Message::Add {
        a: local.s,
        b: local.low_s,
        c: constant_word(N),
    };
    builder.send(total, flips);
    for (low_s, s) in local.low_s.into_iter().zip(local.s) {
        builder.assert_eq_when("ecrecover/s", recovery - flips, low_s, s);
    }
    let (hash, r, s) = (local.hash, local.r, local.low_s);
    // Where `s` is another, so is the parity.
    let odd_y = odd_y + flips * (one - odd_y.scale(2));
    let recovered = Message::Recover {
        hash,
        odd_y,
        r,
        s,
        address: local.address,
    };
    builder.send(recovered, local.recovers);
    let nothing = Message::RecoverNothing { hash, odd_y, r, s };
    builder.send(nothing, local.fails.infinite);
}

fn wrong_v<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    let [low, high @ ..] = local.v;
    let even = low - B::X::from_u64(EVEN_V);
    let product = even * (even - B::X::one());
    let wrong = local.fails.wrong_v;
    builder.assert_eq("ecrecover/wrong v", product * local.low_inverse, wrong);
    let high: B::X = high.into_iter().sum();
    let wrong = local.fails.high_v;
    builder.assert_eq("ecrecover/high v", high * local.high_inverse, wrong);
}

fn out_of_range<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    let fails = &local.fails;
    for (zero, large, scalar) in [
        (fails.zero_r, fails.large_r, local.r),
        (fails.zero_s, fails.large_s, local.s),
    ] {
        for limb in scalar {
            builder.assert_zero("ecrecover/zero", zero * limb);
        }
        let larger = Message::Add {
            a: constant_word(N),
            b: local.excess,
            c: scalar,
        };
        builder.send(larger, large);
    }
}

fn no_point<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    let (flag, point, r) = (local.fails.no_point, &local.point, local.r);
    let order: Word<B::X> = constant_word(P);
    let products = [
        (r, r, point.square),
        (point.square, r, point.cube),
        (point.root, point.root, point.root_squared),
        (constant_word(U256::ONE), point.sum, point.reduced),
    ];
    for (a, b, c) in products {
        builder.send(Message::MulMod { a, b, m: order, c }, flag);
    }
    let sums = [
        (point.root_squared, constant_word(U256::from(7)), point.sum),
        (point.reduced, point.cube, order),
    ];
    for (a, b, c) in sums {
        builder.send(Message::Add { a, b, c }, flag);
    }
}

/// What it hands back.
fn output<B: ConstraintBuilder>(local: &EcrecoverColumns<B::X>, builder: &mut B) {
    let (done, zero) = (done(local), B::X::zero());
    let access = MemoryAccess {
        frame: local.frame,
        index: zero,
        before: widen(&[]),
        accessed: zero,
        after: widen(&local.address),
        timestamp: writes_at(local.clock),
    };
    access_memory(builder, local.recovers, access);
    let end = Message::FrameEnd {
        clock: local.clock,
        frame: local.frame,
        outcome: done.scale(outcome::SUCCESS) + local.lacks.scale(outcome::HALT),
        gas: done * gas_of_limbs(local.difference, TOP),
        writes: local.writes,
        offset: zero,
        length: local.recovers.scale(WORD_BYTES),
    };
    builder.send(end, done + local.lacks);
}
