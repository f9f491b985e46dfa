//! Tests of `rlp`: real encodings by alloy hold and say what they should; changed cells and forged layouts do not hold.

mod encodings;
mod forged;
mod given;
mod lies;
mod perturbation;
mod support;

use alloy_primitives::{Bytes, U256};
use braid_stark::check::check;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{AnyTable, Columns, Felt, System, Table, Trace};
use plonky2::field::types::Field;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::columns::RlpColumns;
use super::decode::decode;
use super::{Rlp, generate, rows};
use crate::tables::range8::{self, Range8};
use crate::tables::test_support::Claims;
use support::*;

#[test]
fn width_and_degrees() {
    let symbolic = SymbolicTable::of(&Rlp);
    assert_eq!(symbolic.excessive_degrees(), []);
    assert_eq!(AnyTable::column_names(&Rlp).len(), RlpColumns::<u8>::WIDTH);
    assert_eq!(RlpColumns::<u8>::WIDTH, 87);
    assert_eq!(symbolic.collected.interactions.len(), 6);
}

#[test]
fn random_transactions_hold_and_say_their_fields() {
    let mut rng = StdRng::seed_from_u64(1);
    for kind in [
        Kind::Unprotected,
        Kind::Protected,
        Kind::AccessList,
        Kind::DynamicFee,
    ] {
        for _ in 0..40 {
            let transactions: Vec<_> = (0..rng.gen_range(1..5))
                .map(|_| Sample::random(&mut rng, kind))
                .collect();
            check_samples(&transactions);
        }
    }
}

/// With the real table of bytes and a receiver of exactly what alloy says, the bus balances; and not for other claims.
#[test]
fn the_bus_balances() {
    let mut rng = StdRng::seed_from_u64(9);
    let samples: Vec<_> = (0..4).map(|_| Sample::any(&mut rng)).collect();
    let events: Vec<_> = samples.iter().map(Sample::event).collect();
    let mut rlp = generate(START, &events).unwrap();
    let height = rlp.height().next_power_of_two();
    AnyTable::pad(&Rlp, &mut rlp, height);
    let expected = expected_of(&samples);
    let received = expected.iter().map(|said| (-Felt::ONE, message(said)));
    let claims = Claims::signed_trace(received);
    let tables: Vec<Box<dyn AnyTable>> = vec![Box::new(Rlp), Box::new(Range8), Box::new(Claims)];
    let system = System::new(tables, NoPublicValues);
    let mut bytes = range8::generate();
    AnyTable::pad(&Range8, &mut bytes, 256);
    let mut traces = [rlp, bytes, claims];
    fill_multiplicities(&system, &mut traces).unwrap();
    let report = check(&system, &traces, &[]).unwrap();
    assert!(report.is_ok(), "{report}");
    for (position, (kind, _)) in expected.iter().enumerate() {
        if position % 50 != 0 && *kind == "HashByte" {
            continue;
        }
        let mut changed = traces.clone();
        changed[2].row_mut(position)[position % 3] += Felt::ONE;
        let report = check(&system, &changed, &[]).unwrap();
        assert!(report.mentions(kind), "{kind} {position}: {report}");
    }
}

#[test]
fn kinds_mix_and_fill_a_trace_to_the_last_row() {
    let mut rng = StdRng::seed_from_u64(2);
    let samples: Vec<_> = (0..12).map(|_| Sample::any(&mut rng)).collect();
    check_samples(&samples);
    // Without a single padding row (the checker takes any height).
    let events: Vec<_> = samples.iter().map(Sample::event).collect();
    let trace = generate(START, &events).unwrap();
    let total: usize = samples.iter().map(|s| rows(&s.raw).unwrap()).sum();
    assert_eq!(trace.height(), total);
    assert_eq!(findings(&trace), Vec::<&str>::new());
}

#[test]
fn lengths_of_calldata_and_lists_at_their_borders() {
    let mut rng = StdRng::seed_from_u64(3);
    for length in [
        0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 65_535, 65_536, 70_000,
    ] {
        for kind in [Kind::Unprotected, Kind::DynamicFee] {
            let mut sample = Fields::random(&mut rng, kind);
            sample.data = (0..length).map(|i| (i % 3) as u8).collect();
            check_samples(&[sample.sample()]);
        }
    }
    for byte in [0, 1, 0x7f, 0x80, 0xff] {
        let mut sample = Fields::random(&mut rng, Kind::Protected);
        sample.data = vec![byte];
        check_samples(&[sample.sample()]);
    }
    for (addresses, keys) in [(0, 0), (1, 0), (1, 1), (2, 1), (3, 0), (1, 8), (5, 9)] {
        let mut sample = Fields::random(&mut rng, Kind::AccessList);
        sample.access = vec![keys; addresses];
        check_samples(&[sample.sample()]);
    }
}

#[test]
fn integers_at_their_borders() {
    let mut rng = StdRng::seed_from_u64(4);
    for kind in [
        Kind::Unprotected,
        Kind::Protected,
        Kind::AccessList,
        Kind::DynamicFee,
    ] {
        for small in [0, 1, 0x7f, 0x80, 0xff, 0x100, u64::MAX] {
            let mut sample = Fields::random(&mut rng, kind);
            sample.nonce = small;
            sample.gas_limit = small;
            sample.chain_id = small;
            check_samples(&[sample.sample()]);
        }
        for large in [0u64, 1, 0x7f, 0x80]
            .map(U256::from)
            .into_iter()
            .chain([U256::MAX])
        {
            let mut sample = Fields::random(&mut rng, kind);
            sample.value = large;
            sample.r = large;
            sample.s = large;
            check_samples(&[sample.sample()]);
        }
    }
}

#[test]
fn a_small_list_has_a_short_header() {
    let mut rng = StdRng::seed_from_u64(5);
    let mut sample = Fields::random(&mut rng, Kind::Unprotected);
    (sample.nonce, sample.gas_limit, sample.max_fee) = (0, 1, 2);
    (sample.value, sample.r, sample.s) = (U256::ZERO, U256::from(3), U256::from(4));
    sample.data.clear();
    let sample = sample.sample();
    assert!(sample.raw[0] < 0xf8);
    check_samples(&[sample]);
}

#[test]
fn a_transfer_takes_about_its_length() {
    let mut rng = StdRng::seed_from_u64(6);
    let mut fields = Fields::random(&mut rng, Kind::DynamicFee);
    fields.data.clear();
    fields.access.clear();
    let sample = fields.sample();
    assert_eq!(rows(&sample.raw).unwrap(), sample.raw.len() + 2);
}

#[test]
fn no_transactions_hold() {
    let mut trace = generate(START, &[]).unwrap();
    assert_eq!(trace.height(), 0);
    Table::pad(&Rlp, &mut trace, 8);
    assert_eq!(findings(&trace), Vec::<&str>::new());
    assert_eq!(said(&trace), []);
}

#[test]
fn malformed_bytes_are_refused() {
    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..200 {
        let raw = Sample::any(&mut rng).raw.to_vec();
        for cut in [0, 1, raw.len() / 2, raw.len() - 1] {
            assert!(decode(&raw[..cut]).is_err());
        }
        let mut longer = raw.clone();
        longer.push(0);
        assert!(decode(&longer).is_err());
        // Any change either fails or is another canonical encoding, for which the table holds.
        let mut changed = raw.clone();
        let position = rng.gen_range(0..raw.len());
        changed[position] = rng.r#gen();
        if decode(&changed).is_ok() {
            let mut event = Sample::any(&mut rng).event();
            event.raw = Bytes::from(changed);
            let trace = generate(START, &[event]).unwrap();
            assert_eq!(findings(&trace), Vec::<&str>::new());
        }
    }
    for first in (0..=0xbf).filter(|first| *first != 1 && *first != 2) {
        assert!(decode(&[first, 0xc0]).is_err());
    }
    let noise: Vec<Vec<u8>> = (0..2000)
        .map(|_| (0..rng.gen_range(0..40)).map(|_| rng.r#gen()).collect())
        .collect();
    for bytes in noise {
        assert!(decode(&bytes).is_err());
    }
}

#[test]
fn decoding_agrees_with_alloy_on_changed_bytes() {
    use alloy_consensus::{Transaction, TxEnvelope, Typed2718};
    use alloy_eips::eip2718::{Decodable2718, Encodable2718};
    let mut rng = StdRng::seed_from_u64(8);
    let mut accepted = 0;
    for _ in 0..2000 {
        let mut raw = Sample::any(&mut rng).raw.to_vec();
        let position = rng.gen_range(0..raw.len());
        raw[position] = rng.r#gen();
        if decode(&raw).is_ok() {
            // Only `v` is stricter there: a y parity above 1 is for the transaction table to refuse.
            if let Ok(envelope) = TxEnvelope::decode_2718_exact(&raw) {
                assert_eq!(envelope.encoded_2718(), raw);
                accepted += 1;
            }
        } else if let Ok(envelope) = TxEnvelope::decode_2718_exact(&raw) {
            // alloy also reads some encodings that are not canonical, such as a y parity of one zero byte.
            let refused = envelope.is_create() || envelope.ty() > 2;
            assert!(refused || envelope.encoded_2718() != raw, "{envelope:?}");
        }
    }
    assert!(accepted > 500);
}

/// Padded to a power of two, the samples' trace holds and says exactly what alloy says.
fn check_samples(samples: &[Sample]) {
    let events: Vec<_> = samples.iter().map(Sample::event).collect();
    let mut trace: Trace = generate(START, &events).unwrap();
    let height = trace.height().next_power_of_two();
    AnyTable::pad(&Rlp, &mut trace, height);
    assert_eq!(findings(&trace), Vec::<&str>::new());
    let mut expected = expected_of(samples);
    expected.sort();
    assert_eq!(said(&trace), expected);
}
