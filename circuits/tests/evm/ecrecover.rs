//! Calls of ECRECOVER: real traces balance, and what a cheating prover would write is found.

use std::collections::BTreeSet;

use alloy_primitives::{B256, U256, keccak256};
use braid_circuits::event::opcode::*;
use braid_circuits::execution::ECRECOVER;
use braid_circuits::secp256k1::recover::Recovery;
use braid_circuits::secp256k1::{GENERATOR, N, P};
use braid_circuits::tables::ecrecover::{Ecrecover, EcrecoverColumns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt};
use k256::ecdsa::SigningKey;
use plonky2::field::types::Field;

use crate::copies::{dropped, free_columns};
use crate::identity::call;
use crate::memory::load;
use crate::support::{MAIN, Run, call_traces, traces_of};

type Row = EcrecoverColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// What the precompile is given.
#[derive(Clone, Copy)]
struct Input {
    hash: U256,
    v: U256,
    r: U256,
    s: U256,
}

/// A signature by some key, with `s` in the lower half.
fn signed(text: u8) -> Input {
    let key = SigningKey::from_slice(&[text + 1; 32]).expect("a key");
    let hash = keccak256([text]);
    let (signature, id) = key
        .sign_prehash_recoverable(hash.as_slice())
        .expect("a signature");
    let (r, s) = signature.split_bytes();
    let signed = Input {
        hash: hash.into(),
        v: U256::from(27 + u8::from(id.is_y_odd())),
        r: U256::from_be_slice(&r),
        s: U256::from_be_slice(&s),
    };
    match signed.s > N >> 1 {
        true => flipped(signed),
        false => signed,
    }
}

/// The same signature with `s` in the other half.
fn flipped(signed: Input) -> Input {
    Input {
        v: U256::from(27 + 28) - signed.v,
        s: N - signed.s,
        ..signed
    }
}

/// `s R = hash G`, where R is the generator.
fn infinite(s: U256) -> Input {
    Input {
        hash: s,
        v: U256::from(27 + u8::from(GENERATOR.y.bit(0))),
        r: GENERATOR.x,
        s,
    }
}

/// Writes the input to memory.
fn store(input: Input) -> Vec<u8> {
    let words = [input.hash, input.v, input.r, input.s].into_iter().zip(0..);
    let parts = words.map(|(word, place): (U256, u8)| {
        let bytes = word.to_be_bytes::<32>();
        [&[PUSH32][..], &bytes, &[PUSH1, 32 * place, MSTORE]].concat()
    });
    parts.flatten().collect()
}

/// A call with the whole input and just enough gas, whose output goes behind it.
fn recover(input: Input) -> Vec<u8> {
    let call = call(CALL, ECRECOVER, (0, 128), (128, 32), 3_000, false);
    [store(input), call, load(128), dropped(vec![RETURNDATASIZE])].concat()
}

/// Inputs and what they are.
fn inputs() -> Vec<(Input, Option<Recovery>)> {
    let (zero, most) = (U256::ZERO, U256::MAX);
    let good = signed(0);
    let fails = |input, why| (input, Some(why));
    let of_v = |v: u64| Input {
        v: U256::from(v),
        ..good
    };
    let high_v = |shift: usize| Input {
        v: good.v + (U256::ONE << shift),
        ..good
    };
    let of_r = |r| Input { r, ..good };
    let of_s = |s| Input { s, ..good };
    let found = |input| (input, None);
    vec![
        found(good),
        found(flipped(good)),
        fails(of_v(26), Recovery::WrongV),
        fails(high_v(255), Recovery::WrongV),
        fails(of_r(zero), Recovery::ZeroR),
        fails(of_s(zero), Recovery::ZeroS),
        fails(of_r(N), Recovery::LargeR),
        fails(of_s(N), Recovery::LargeS),
        fails(of_r(U256::from(5)), Recovery::NoPoint),
        fails(infinite(U256::from(77)), Recovery::Infinite),
        fails(infinite(N - U256::from(77)), Recovery::Infinite),
        fails(of_v(29), Recovery::WrongV),
        fails(of_v(0), Recovery::WrongV),
        fails(of_v(1), Recovery::WrongV),
        fails(high_v(32), Recovery::WrongV),
        fails(of_r(most), Recovery::LargeR),
        fails(of_r(P), Recovery::LargeR),
        fails(of_s(most), Recovery::LargeS),
        found(signed(1)),
        found(flipped(signed(2))),
        found(signed(3)),
        // Any hash will do, reduced or not.
        found(Input { hash: zero, ..good }),
        found(Input { hash: most, ..good }),
        found(of_s(U256::ONE)),
        found(of_s(N - U256::ONE)),
        found(of_s(N >> 1)),
        found(of_s((N >> 1) + U256::ONE)),
    ]
}

/// Rows of the sample, which are those of [`inputs`] and then more.
const GOOD: usize = 0;
const HIGH: usize = 1;
const WRONG_V: usize = 2;
const HIGH_V: usize = 3;
const ZERO_R: usize = 4;
const ZERO_S: usize = 5;
const LARGE_R: usize = 6;
const LARGE_S: usize = 7;
const NO_POINT: usize = 8;
const INFINITE: usize = 9;

pub fn sample() -> Run {
    let mut parts: Vec<_> = inputs()
        .into_iter()
        .map(|(input, _)| recover(input))
        .collect();
    parts.push(store(signed(0)));
    let of = |opcode, input, gas, pays| call(opcode, ECRECOVER, input, (130, 7), gas, pays);
    parts.extend([
        of(CALL, (0, 128), 2_999, false),
        of(STATICCALL, (0, 0), 0, false),
        // Less input, which then ends in zeros; none; more; elsewhere.
        of(STATICCALL, (0, 127), 3_000, false),
        of(STATICCALL, (0, 65), 3_000, false),
        of(DELEGATECALL, (0, 0), 5_000, false),
        of(CALLCODE, (0, 200), 3_000, true),
        of(CALL, (33, 128), 3_000, true),
        load(128),
    ]);
    let run = Run::of(&traces_of(
        vec![(MAIN, parts.concat(), 1_000)],
        &[1_000_000],
    ));
    assert_eq!(run.findings(), BTreeSet::new());
    assert_eq!(run.execution.steps.last().map(|step| step.halt), Some(None));
    assert!(run.execution.written.is_empty());
    run
}

#[test]
fn signatures_are_recovered() {
    let run = sample();
    let expected = inputs();
    assert_eq!(run.execution.recoveries.len(), expected.len() + 5);
    for (recovery, (input, expected)) in run.execution.recoveries.iter().zip(expected) {
        assert_eq!(recovery.hash, B256::from(input.hash));
        let found = (recovery.v, recovery.r, recovery.s);
        assert_eq!(found, (input.v, input.r, input.s));
        match expected {
            Some(why) => assert_eq!(recovery.found, why),
            None => assert!(matches!(recovery.found, Recovery::Key(_))),
        }
    }
    let [low, high, ..] = run.execution.recoveries.as_slice() else {
        panic!("two calls");
    };
    assert_eq!(low.address(), high.address());
    // Without a whole s there is another one; without any input there is no v.
    let last = run.execution.recoveries.iter().rev();
    let last: Vec<_> = last.map(|recovery| recovery.found).take(5).collect();
    assert!(matches!(last[4], Recovery::Key(_)), "{last:?}");
    assert_eq!(last[3], recovery_of_one_byte());
    assert_eq!(last[2], Recovery::WrongV);
    assert!(matches!(last[1], Recovery::Key(_)));
    assert_eq!(last[0], Recovery::WrongV);
}

/// What there is if only the first byte of `r` is given, and nothing of `s`.
fn recovery_of_one_byte() -> Recovery {
    match signed(0).r >> 248 {
        U256::ZERO => Recovery::ZeroR,
        _ => Recovery::ZeroS,
    }
}

/// With the tables of signatures, and the hashes of keys.
#[test]
fn signatures_are_proved() {
    let rows = [GOOD, HIGH, NO_POINT, INFINITE, INFINITE + 1, 21, 24];
    let parts = inputs();
    let parts = rows.map(|row| recover(parts[row].0));
    let run = Run::recovering(&call_traces(parts.concat(), 1_000_000));
    assert_eq!(run.findings(), BTreeSet::new());
}

#[test]
fn every_column_is_bound() {
    assert!(SymbolicTable::of(&Ecrecover).excessive_degrees().is_empty());
    assert_eq!(free_columns(&Ecrecover, [&sample()]), BTreeSet::new());
    assert_eq!(sample().trace("ecrecover").width(), Row::WIDTH);
}

/// A change of a row.
type Change = fn(&mut Row);

/// Demands of each change of a row of the same honest run that it is found out by this.
fn caught(cases: &[(&str, usize, Change)]) {
    let mut run = sample();
    for (label, row, forge) in cases {
        let honest = *run.row::<Row>("ecrecover", *row);
        forge(run.row("ecrecover", *row));
        let found = run.findings();
        assert!(found.contains(*label), "expected {label}, found {found:?}");
        *run.row::<Row>("ecrecover", *row) = honest;
    }
}

/// A signature that is one, as if it were none: for every reason.
#[test]
fn good_signatures_do_not_fail() {
    let mut cases: Vec<(&str, usize, Change)> = Vec::new();
    for row in [GOOD, HIGH] {
        cases.extend([
            (
                "ecrecover/wrong v",
                row,
                (|row| fail(row).wrong_v = Felt::ONE) as Change,
            ),
            ("ecrecover/wrong v", row, |row| {
                fail(row).wrong_v = Felt::ONE;
                row.low_inverse = Felt::ONE;
            }),
            ("ecrecover/high v", row, |row| {
                fail(row).high_v = Felt::ONE;
                row.high_inverse = Felt::ONE;
            }),
            ("ecrecover/zero", row, |row| fail(row).zero_r = Felt::ONE),
            ("ecrecover/zero", row, |row| fail(row).zero_s = Felt::ONE),
            ("Add", row, |row| fail(row).large_r = Felt::ONE),
            ("Add", row, |row| fail(row).large_s = Felt::ONE),
            ("MulMod", row, |row| fail(row).no_point = Felt::ONE),
            ("RecoverNothing", row, |row| fail(row).infinite = Felt::ONE),
            // Its gas.
            ("ecrecover/lacks", row, |row| {
                (row.recovers, row.lacks) = (Felt::ZERO, Felt::ONE)
            }),
            ("ecrecover/case", row, |row| row.fails.wrong_v = Felt::ONE),
            ("ecrecover/failure", row, |row| row.fails.zero_r = felt(2)),
            // It is another's, or nobody takes the call.
            ("Recover", row, |row| row.address[0] += Felt::ONE),
            ("Precompile", row, |row| row.recovers = Felt::ZERO),
        ]);
    }
    caught(&cases);
}

/// The row does not recover any more.
fn fail(row: &mut Row) -> &mut braid_circuits::tables::ecrecover::Failures<Felt> {
    (row.recovers, row.flips) = (Felt::ZERO, Felt::ZERO);
    &mut row.fails
}

/// The row recovers, with no reason to fail.
fn recovers(row: &mut Row) {
    row.fails = crate::support::zero();
    row.recovers = Felt::ONE;
    (row.low_inverse, row.high_inverse) = (Felt::ZERO, Felt::ZERO);
    (row.odd_y, row.low_s) = (row.v[0] - felt(27), row.s);
}

/// What is no signature, as if it were one, and for another reason than its own.
#[test]
fn bad_signatures_do_not_recover() {
    let reasons = [
        ("ecrecover/odd y", WRONG_V),
        ("ecrecover/v", HIGH_V),
        ("Recover", ZERO_R),
        ("Recover", ZERO_S),
        ("Recover", LARGE_R),
        ("Recover", LARGE_S),
        ("Recover", NO_POINT),
        ("Recover", INFINITE),
    ];
    let mut cases: Vec<(&str, usize, Change)> = Vec::new();
    for (label, row) in reasons {
        cases.push((label, row, recovers));
        cases.push(("FrameEnd", row, recovers));
    }
    cases.extend([
        (
            "Recover",
            WRONG_V,
            (|row| {
                recovers(row);
                row.odd_y = Felt::ZERO;
            }) as Change,
        ),
        ("RecoverNothing", NO_POINT, |row| {
            (row.fails.no_point, row.fails.infinite) = (Felt::ZERO, Felt::ONE);
            (row.odd_y, row.low_s) = (row.v[0] - felt(27), row.s);
        }),
        ("MulMod", INFINITE, |row| {
            (row.fails.infinite, row.fails.no_point) = (Felt::ZERO, Felt::ONE);
        }),
    ]);
    caught(&cases);
}

#[test]
fn forged_scalars() {
    caught(&[
        // A high s asked for as it is, and a low one flipped.
        ("ecrecover/s", HIGH, |row| row.flips = Felt::ZERO),
        ("Recover", HIGH, |row| {
            (row.flips, row.low_s) = (Felt::ZERO, row.s)
        }),
        ("Add", GOOD, |row| row.flips = Felt::ONE),
        ("Recover", GOOD, |row| row.flips = Felt::ONE),
        // The parity of the other s.
        ("ecrecover/v", HIGH, |row| row.odd_y = Felt::ONE - row.odd_y),
        ("Recover", HIGH, |row| row.odd_y = Felt::ONE - row.odd_y),
        ("ecrecover/flips used", NO_POINT, |row| {
            row.flips = Felt::ONE
        }),
        ("ecrecover/flips", GOOD, |row| row.flips = felt(2)),
        ("Add", LARGE_R, |row| row.excess[0] += Felt::ONE),
        ("Add", LARGE_S, |row| row.excess[0] += Felt::ONE),
        // A root of another number, or of the number itself, and sums that are none.
        ("MulMod", NO_POINT, |row| row.point.root[0] += Felt::ONE),
        ("MulMod", NO_POINT, |row| row.point.cube[0] += Felt::ONE),
        ("MulMod", NO_POINT, |row| row.point.square[0] += Felt::ONE),
        ("Add", NO_POINT, |row| row.point.sum[0] += Felt::ONE),
        ("Add", NO_POINT, |row| row.point.reduced[0] += Felt::ONE),
        ("Add", NO_POINT, |row| {
            row.point.root_squared[0] += Felt::ONE
        }),
    ]);
}

#[test]
fn forged_inputs() {
    caught(&[
        ("StringWord", GOOD, |row| row.hash[0] += Felt::ONE),
        ("StringWord", WRONG_V, |row| row.v[0] += Felt::ONE),
        ("StringWord", NO_POINT, |row| row.r[0] += Felt::ONE),
        ("StringWord", GOOD, |row| row.s[0] += Felt::ONE),
        ("FrameInput", GOOD, |row| row.input_frame += Felt::ONE),
        ("FrameInput", GOOD, |row| row.offset += felt(32)),
        ("FrameInput", GOOD, |row| row.length -= felt(32)),
        ("FrameInput", GOOD, |row| row.transaction += Felt::ONE),
        ("Copy", GOOD, |row| row.length -= felt(32)),
        ("ecrecover/caller", GOOD, |row| {
            row.frame_inverse = Felt::ZERO
        }),
        ("Precompile", GOOD, |row| row.frame += Felt::ONE),
        ("Precompile", GOOD, |row| row.clock += Felt::ONE),
        ("Precompile", GOOD, |row| row.writes += Felt::ONE),
        ("Precompile", GOOD, |row| row.gas += Felt::ONE),
        ("ecrecover/gas", GOOD, |row| row.difference[0] += Felt::ONE),
        ("U16", GOOD, |row| {
            (row.recovers, row.lacks) = (Felt::ZERO, Felt::ONE);
            row.difference[0] = felt(2_999) - row.gas;
        }),
        // The same number with a limb beyond 16 bits.
        ("U16", GOOD, |row| {
            row.difference[0] += felt(1 << 16);
            row.difference[1] -= Felt::ONE;
        }),
        // The address is the first thing in the frame's memory.
        ("MemoryWord", GOOD, |row| row.address[4] += Felt::ONE),
    ]);
    let lacking = inputs().len();
    caught(&[
        ("ecrecover/gas", lacking, |row| {
            (row.lacks, row.fails.wrong_v) = (Felt::ZERO, Felt::ONE)
        }),
        ("U16", lacking, |row| {
            (row.lacks, row.fails.wrong_v) = (Felt::ZERO, Felt::ONE);
            row.difference[0] = Felt::NEG_ONE;
        }),
        ("ecrecover/lacks", lacking, |row| {
            row.difference[0] += Felt::ONE
        }),
        ("ecrecover/lacks little", lacking, |row| {
            row.difference[3] = Felt::ONE
        }),
    ]);
}
